import type { CodecContext, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import { AC3_OVERLAP, AC3_SAMPLES, parseAc3, type Ac3Header } from './ac3.js';
import type { Stretch } from './packet-layout.js';
import type { PacketMaker, Window } from './packet-maker.js';
import { PacketsRefused } from './packet-sound.js';
import type { SoundPackets } from './sound-packets.js';
import { usualLayout } from './sound-reader.js';
import { encodeFrames } from './window-encoder.js';

/**
 * Packets of AC-3 and E-AC-3 between others of the same channels and bit rate. They lean on each other by the overlap
 * of their transform alone, whose window has one shape, so that any place is good for a splice.
 *
 * What the source says about turning down loud parts is in the sound when it is decoded; new packets say nothing of it.
 */
export class Ac3Packets implements PacketMaker {
  readonly packetSamples = AC3_SAMPLES;
  readonly configuration = undefined;
  readonly sampleRate: number;
  readonly #stream: Stream;
  readonly #packets: SoundPackets;

  private constructor(stream: Stream, packets: SoundPackets, sampleRate: number) {
    this.#stream = stream;
    this.#packets = packets;
    this.sampleRate = sampleRate;
  }

  /** @throws PacketsRefused where its packets hold more than can be made here */
  static async open(stream: Stream, packets: SoundPackets): Promise<Ac3Packets> {
    const [first] = await packets.read(0, 1);
    return new Ac3Packets(stream, packets, headerOf(first).sampleRate);
  }

  async leave(stretch: Stretch, back: number): Promise<number> {
    return Promise.resolve(stretch.at + stretch.count - back);
  }

  async enter(stretch: Stretch, on: number): Promise<number> {
    return Promise.resolve(stretch.at + on);
  }

  async make({ first, end, before, after, frames, from }: Window): Promise<readonly Uint8Array[]> {
    // Beside the window, as a programme may change between two others.
    const place = before ? before.first + before.count - 1 : (after?.first ?? 0);
    const [beside] = await this.#packets.read(place, 1);
    const wanted = headerOf(beside);
    const context = this.#openEncoder(wanted);
    try {
      const encoded = encodeFrames(context, frames, AC3_OVERLAP);
      const packets = encoded.slice(first - from, end - from).filter((packet) => packet !== undefined);
      if (!packets.every((packet) => isLike(headerOf(packet), wanted))) {
        throw new PacketsRefused('packets of its kind cannot be made here');
      }
      return packets;
    } finally {
      context.freeContext();
    }
  }

  #openEncoder({ bitRate, speechLevel, mixing }: Ac3Header): CodecContext {
    const { av, c } = native();
    const { codecpar } = this.#stream;
    const codec = av.Codec.findEncoder(codecpar.codecId);
    if (!codec) throw new PacketsRefused('there is no encoder for it');
    const context = new av.CodecContext();
    context.allocContext3(codec);
    context.sampleFormat = c.AV_SAMPLE_FMT_FLTP;
    context.sampleRate = this.sampleRate;
    context.channelLayout = usualLayout(codecpar.channelLayout);
    context.timeBase = new av.Rational(1, this.sampleRate);
    context.bitRate = BigInt(bitRate);
    const options = { ...mixing, dialnorm: -speechLevel };
    for (const [name, value] of Object.entries(options)) context.setOption(name, value);
    if (context.open2Sync(codec, null) < 0) {
      context.freeContext();
      throw new PacketsRefused('packets of its kind cannot be made here');
    }
    check(context.frameSize === AC3_SAMPLES ? 0 : -1, 'open sound encoder');
    return context;
  }
}

function headerOf(packet: Uint8Array | undefined): Ac3Header {
  const header = packet && parseAc3(packet);
  if (!header) throw new PacketsRefused('its packets hold more than one frame');
  if (header.mode !== 0) throw new PacketsRefused('it is not the main sound of a programme');
  if (header.objects) throw new PacketsRefused('it has objects of Dolby Atmos');
  return header;
}

function isLike(made: Ac3Header, wanted: Ac3Header): boolean {
  return (
    made.sampleRate === wanted.sampleRate &&
    made.bitRate === wanted.bitRate &&
    made.channels === wanted.channels &&
    made.bass === wanted.bass &&
    made.speechLevel === wanted.speechLevel
  );
}
