import type { CodecContext, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import {
  AAC_SAMPLES,
  firstWindow,
  LONG_START,
  LONG_STOP,
  ONLY_LONG,
  parseAacConfig,
  sharesWindow,
  withShape,
  type AacConfig,
} from './aac.js';
import type { Stretch } from './packet-layout.js';
import type { PacketMaker, Window } from './packet-maker.js';
import { PacketsRefused } from './packet-sound.js';
import type { SoundPackets } from './sound-packets.js';
import { usualLayout, type Samples } from './sound-reader.js';
import { encodeFrames } from './window-encoder.js';
import { reshape } from './window-shape.js';

// A splice is moved at most so far from the join for long windows on both its sides.
const SEARCH = 8;
// A window is a few packets long: bits are cheap and its noise stands beside sound that was encoded only once.
const LEAST_BITS_PER_CHANNEL = 250_000;
// The decoder has room for 6144 bits a channel and packet (14496-3 4.5.3.3); stay well below.
const MOST_BITS_PER_PACKET = 5_500;
const MOST_BANDWIDTH = 20_000;

const NOTHING = new Uint8Array();

/** Where new and copied packets overlap. */
interface Edge {
  /** The frame that both make. */
  readonly place: number;
  readonly edge: 'rising' | 'falling';
  /** The packet whose shape the encoder used there. */
  readonly encoder: number;
  /** The shape that the source's packet wants there. */
  readonly wanted: number;
}

/** Packets of AAC-LC between others of the same configuration. */
export class AacPackets implements PacketMaker {
  readonly packetSamples = AAC_SAMPLES;
  readonly sampleRate: number;
  readonly configuration: Uint8Array;
  readonly #config: AacConfig;
  readonly #stream: Stream;
  readonly #packets: SoundPackets;

  /** @throws PacketsRefused for AAC of an extended kind */
  constructor(stream: Stream, packets: SoundPackets) {
    const { c } = native();
    const { codecpar } = stream;
    this.configuration = Uint8Array.from(packets.configuration ?? codecpar.extradata ?? []);
    const config = parseAacConfig(this.configuration);
    // With spectral band replication FFmpeg tells twice the rate that the configuration does.
    const plain =
      config?.plain && config.sampleRate === codecpar.sampleRate && codecpar.profile === c.AV_PROFILE_AAC_LOW;
    if (!plain) throw new PacketsRefused('its AAC is of an extended kind');
    this.#config = config;
    this.sampleRate = config.sampleRate;
    this.#stream = stream;
    this.#packets = packets;
  }

  /** So that long windows meet there if such are near. */
  async leave(stretch: Stretch, back: number): Promise<number> {
    const end = stretch.first + stretch.count - back;
    const { times } = this.#packets;
    const data = await this.#packets.read(end - SEARCH - 1, Math.min(SEARCH + 2, times.length - end + SEARCH + 1));
    const windows = data.map(firstWindow);
    for (let place = SEARCH; place > 0; place--) {
      if (windows[place]?.sequence !== ONLY_LONG) continue;
      const next = windows[place + 1]?.sequence;
      if (next === ONLY_LONG || next === LONG_START) return end - SEARCH + place - stretch.first + stretch.at;
    }
    return end - stretch.first + stretch.at;
  }

  async enter(stretch: Stretch, on: number): Promise<number> {
    const begin = stretch.first + on;
    const from = Math.max(0, begin - 1);
    const windows = (await this.#packets.read(from, begin - from + SEARCH)).map(firstWindow);
    for (let place = begin; place < begin + SEARCH; place++) {
      if (windows[place - from]?.sequence !== ONLY_LONG) continue;
      const last = windows[place - 1 - from]?.sequence;
      if (last === ONLY_LONG || last === LONG_STOP) return place - stretch.first + stretch.at;
    }
    return begin - stretch.first + stretch.at;
  }

  async make({ first, end, before, after, frames, from }: Window): Promise<readonly Uint8Array[] | string> {
    const channels = frames[0]?.length ?? 0;
    let encoded = this.#encode(frames);
    // The decoder windows both sides of an overlap with the shape that the earlier packet names.
    const edges: Edge[] = [];
    const leading = before && (await this.#shapeAt(before, first - 1));
    if (leading !== undefined) edges.push({ place: first, edge: 'rising', encoder: first - 1, wanted: leading });
    const trailing = after && (await this.#shapeAt(after, end - 1));
    if (trailing !== undefined) edges.push({ place: end, edge: 'falling', encoder: end - 1, wanted: trailing });
    const shapeOf = (place: number): number => firstWindow(encoded[place - from] ?? NOTHING)?.shape ?? 0;
    // Naming another shape in the last new packet works where one window is for all channels.
    const lone = sharesWindow(encoded[end - 1 - from] ?? NOTHING) && channels <= 2;
    const foreign = edges.filter(
      ({ edge, encoder, wanted }) => shapeOf(encoder) !== wanted && (lone || edge === 'rising'),
    );
    if (foreign.length > 0) {
      const adapted = [...frames];
      for (const { place, edge, encoder, wanted } of foreign) {
        const shape = shapeOf(encoder);
        adapted[place - from] = (frames[place - from] ?? []).map((samples) => reshape(samples, edge, shape, wanted));
      }
      encoded = this.#encode(adapted);
      if (lone && trailing !== undefined)
        encoded[end - 1 - from] = withShape(encoded[end - 1 - from] ?? NOTHING, trailing);
    }
    const packets = encoded.slice(first - from, end - from).filter((packet) => packet !== undefined);
    const opening = firstWindow(packets[0] ?? NOTHING)?.sequence;
    const closing = firstWindow(packets.at(-1) ?? NOTHING)?.sequence;
    if (before && opening !== ONLY_LONG && opening !== LONG_START) return 'it begins with short windows';
    if (after && closing !== ONLY_LONG && closing !== LONG_STOP) return 'it ends with short windows';
    return packets;
  }

  #encode(frames: readonly Samples[]): (Uint8Array | undefined)[] {
    const context = this.#openEncoder();
    try {
      return encodeFrames(context, frames);
    } finally {
      context.freeContext();
    }
  }

  /** The window shape of the source's packet that belongs at a place of the result. */
  async #shapeAt(stretch: Stretch, place: number): Promise<number | undefined> {
    const source = place + stretch.first - stretch.at;
    if (source < 0) return undefined;
    const [data] = await this.#packets.read(source, 1);
    return firstWindow(data ?? NOTHING)?.shape;
  }

  #openEncoder(): CodecContext {
    const { av, c } = native();
    const { sampleRate, channels } = this.#config;
    const { codecpar } = this.#stream;
    const codec = av.Codec.findEncoderByName('aac' as Parameters<typeof av.Codec.findEncoderByName>[0]);
    if (!codec) throw new PacketsRefused('there is no encoder for it');
    const context = new av.CodecContext();
    context.allocContext3(codec);
    context.sampleFormat = c.AV_SAMPLE_FMT_FLTP;
    context.sampleRate = sampleRate;
    context.channelLayout = usualLayout(codecpar.channelLayout);
    context.timeBase = new av.Rational(1, sampleRate);
    const wanted = Math.max(Number(codecpar.bitRate), LEAST_BITS_PER_CHANNEL * codecpar.channelLayout.nbChannels);
    const most = (MOST_BITS_PER_PACKET * codecpar.channelLayout.nbChannels * sampleRate) / AAC_SAMPLES;
    context.bitRate = BigInt(Math.round(Math.min(wanted, most)));
    context.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER);
    // Noise and shared stereo in place of the real spectrum would not cancel against the packets beside the window.
    for (const tool of ['aac_pns', 'aac_is']) context.setOption(tool, 0);
    // With so many bits the plain search comes closer to the sound than the default one, in half the time.
    context.setOption('aac_coder', 'fast');
    context.setOption('cutoff', Math.min(MOST_BANDWIDTH, sampleRate / 2));
    try {
      check(context.open2Sync(codec, null), 'open aac encoder');
      const made = parseAacConfig(context.extraData ?? new Uint8Array());
      if (!made?.plain || made.sampleRate !== sampleRate || made.channels !== channels) {
        throw new PacketsRefused('packets of its kind cannot be made here');
      }
    } catch (error) {
      context.freeContext();
      throw error;
    }
    return context;
  }
}
