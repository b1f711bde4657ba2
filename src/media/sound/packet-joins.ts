import type { Stream } from 'node-av/lib';

import { native } from '../native.js';
import type { Pace } from '../pace.js';
import { firstWindow, LONG_START, LONG_STOP, ONLY_LONG, parseAacConfig, sharesWindow, withShape } from './aac.js';
import type { AacConfig } from './aac.js';
import { HALF_FADE_SECONDS, joinSound, type SoundRange } from './joined-sound.js';
import { packetClock } from './packet-clock.js';
import { layOutPackets, type PacketLayout, type Stretch } from './packet-layout.js';
import { PacketDecoder, PacketSound, PacketsRefused } from './packet-sound.js';
import type { SoundPackets } from './sound-packets.js';
import type { Samples } from './sound-reader.js';
import { checkSplice } from './splice-check.js';
import { AAC_SAMPLES, encodeAac } from './window-encoder.js';
import { reshape } from './window-shape.js';

/** Consecutive packets of the result. */
export type SoundPiece =
  | { readonly kind: 'copy'; readonly first: number; readonly count: number }
  | { readonly kind: 'new'; readonly packets: readonly Uint8Array[] };

/** A joined sound track in packets, of which most are the source's own. */
export interface JoinedPackets {
  readonly pieces: readonly SoundPiece[];
  /** What describes the packets to a decoder, as `esds` and `CodecPrivate` carry it: an AudioSpecificConfig. */
  readonly configuration: Uint8Array;
  readonly sampleRate: number;
  /** Samples of each packet. */
  readonly packetSamples: number;
  /** Packets in all pieces together. */
  readonly packets: number;
  /**
   * Where the first packet begins on the result's clock, in samples: below zero so many samples are decoded but not
   * heard (an edit list, priming), above zero the sound begins so late.
   */
  readonly start: number;
  /** Where the sound ends on the result's clock, in samples; the last packet may reach beyond. */
  readonly length: number;
}

export interface PacketJoinRequest {
  /** The track as FFmpeg's demuxer describes it; only its parameters are used. */
  readonly stream: Stream;
  readonly packets: SoundPackets;
  /** The clip's 0:00 in seconds of the container's clock. */
  readonly origin: number;
  /** In samples of the clip's clock, as for {@link joinSound}. */
  readonly ranges: readonly SoundRange[];
  readonly pace: Pace;
  /** Told why a track is not joined by packets, or a splice was tried again. */
  readonly log: (line: string) => void;
}

// The encoder has found its way into the sound after so many packets, and looks so far ahead.
const RUN_IN = 4;
// A splice is moved at most so far from the join for long windows on both its sides.
const SEARCH = 8;
const ATTEMPTS = 3;
const NEXT_ATTEMPT = 3;
// The sound of a window and its packets are held in memory.
const LONGEST_WINDOW_SECONDS = 60;

/**
 * Joins kept ranges of an AAC-LC track by copying its packets: only a window around each join is decoded, cross-faded
 * and encoded anew. Every window is decoded again together with its neighbours and compared before it counts.
 *
 * @returns undefined when that cannot be done for this track; it is encoded whole then
 */
export async function joinPackets(request: PacketJoinRequest): Promise<JoinedPackets | undefined> {
  try {
    return await join(request);
  } catch (error) {
    if (!(error instanceof PacketsRefused)) throw error;
    request.log(`sound is encoded whole: ${error.message}`);
    return undefined;
  }
}

async function join(request: PacketJoinRequest): Promise<JoinedPackets> {
  const { stream, packets, ranges, pace } = request;
  const { configuration, config } = copyableConfig(request);
  const { times, timeBase } = packets;
  const position = (place: number): number =>
    (((times[place] ?? 0) * timeBase.num) / timeBase.den - request.origin) * config.sampleRate;
  const clock = packetClock(times.length, AAC_SAMPLES, config.sampleRate, position);
  const fade = Math.round(HALF_FADE_SECONDS * config.sampleRate);
  const layout = layOutPackets(clock, ranges, fade);
  if (!layout) throw new PacketsRefused('none of it is kept');
  using decoder = new PacketDecoder(stream, configuration, AAC_SAMPLES);
  const sound = new PacketSound(packets, AAC_SAMPLES, decoder);
  const job: Job = { ...request, config, layout, sound, decoder };

  const pieces: SoundPiece[] = [];
  const copy = (from: number, to: number, shift: number): void => {
    if (to > from) pieces.push({ kind: 'copy', first: from + shift, count: to - from });
  };
  let before: Stretch | undefined;
  let done = 0;
  for (const after of [...layout.stretches, undefined]) {
    const beforeEnd = before ? before.at + before.count : 0;
    const windowEnd = after ? after.at : layout.packets;
    let [first, end] = [beforeEnd, windowEnd];
    if (windowEnd > beforeEnd) {
      await pace();
      const window = await makeWindow(job, before, after);
      first = window.first;
      end = first + window.packets.length;
      if (before) copy(done, first, before.first - before.at);
      pieces.push({ kind: 'new', packets: window.packets });
    } else if (before) copy(done, first, before.first - before.at);
    done = end;
    before = after;
  }
  return {
    pieces,
    configuration,
    sampleRate: config.sampleRate,
    packetSamples: AAC_SAMPLES,
    packets: layout.packets,
    start: layout.start,
    length: layout.length,
  };
}

interface Job extends PacketJoinRequest {
  readonly config: AacConfig;
  readonly layout: PacketLayout;
  readonly sound: PacketSound;
  readonly decoder: PacketDecoder;
}

function copyableConfig(request: PacketJoinRequest): { configuration: Uint8Array; config: AacConfig } {
  const { c } = native();
  const { codecpar } = request.stream;
  if (codecpar.codecId !== c.AV_CODEC_ID_AAC) throw new PacketsRefused('only packets of AAC are copied');
  const configuration = Uint8Array.from(request.packets.configuration ?? codecpar.extradata ?? []);
  const config = parseAacConfig(configuration);
  // With spectral band replication FFmpeg tells twice the rate that the configuration does.
  const plain = config?.plain && config.sampleRate === codecpar.sampleRate && codecpar.profile === c.AV_PROFILE_AAC_LOW;
  if (!plain) throw new PacketsRefused('its AAC is of an extended kind');
  return { configuration, config };
}

interface Window {
  readonly first: number;
  readonly packets: readonly Uint8Array[];
}

async function makeWindow(job: Job, before: Stretch | undefined, after: Stretch | undefined): Promise<Window> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = before ? await spliceAfter(job, before, attempt * NEXT_ATTEMPT) : 0;
    const end = after ? await spliceBefore(job, after, attempt * NEXT_ATTEMPT) : job.layout.packets;
    const made = await encodeWindow(job, first, end, before, after);
    if (typeof made !== 'string') return { first, packets: made };
    job.log(`sound join at packet ${first}: ${made}`);
  }
  throw new PacketsRefused('a join did not come out right');
}

/** The first packet that is not copied any more, so that long windows meet there if such are near. */
async function spliceAfter(job: Job, stretch: Stretch, back: number): Promise<number> {
  const end = stretch.first + stretch.count - back;
  const data = await job.packets.read(
    end - SEARCH - 1,
    Math.min(SEARCH + 2, job.packets.times.length - end + SEARCH + 1),
  );
  const windows = data.map(firstWindow);
  for (let place = SEARCH; place > 0; place--) {
    if (windows[place]?.sequence !== ONLY_LONG) continue;
    const next = windows[place + 1]?.sequence;
    if (next === ONLY_LONG || next === LONG_START) return end - SEARCH + place - stretch.first + stretch.at;
  }
  return end - stretch.first + stretch.at;
}

/** The first packet that is copied again. */
async function spliceBefore(job: Job, stretch: Stretch, on: number): Promise<number> {
  const begin = stretch.first + on;
  const from = Math.max(0, begin - 1);
  const windows = (await job.packets.read(from, begin - from + SEARCH)).map(firstWindow);
  for (let place = begin; place < begin + SEARCH; place++) {
    if (windows[place - from]?.sequence !== ONLY_LONG) continue;
    const last = windows[place - 1 - from]?.sequence;
    if (last === ONLY_LONG || last === LONG_STOP) return place - stretch.first + stretch.at;
  }
  return begin - stretch.first + stretch.at;
}

/** @returns the packets, or what is wrong with them */
async function encodeWindow(
  job: Job,
  first: number,
  end: number,
  before: Stretch | undefined,
  after: Stretch | undefined,
): Promise<readonly Uint8Array[] | string> {
  const { decoder } = job;
  const seconds = ((end - first) * AAC_SAMPLES) / decoder.format.sampleRate;
  if (seconds > LONGEST_WINDOW_SECONDS) throw new PacketsRefused('too much of it would be encoded anew');
  const from = first - RUN_IN;
  const frames = await renderFrames(job, from, end + RUN_IN);
  const encode = (sound: readonly Samples[]): (Uint8Array | undefined)[] =>
    encodeAac(sound, job.stream, job.config, decoder.format);
  let encoded = encode(frames);
  // The decoder windows both sides of an overlap with the shape that the earlier packet names.
  const edges: Edge[] = [];
  const leading = before && (await shapeAt(job, before, first - 1));
  if (leading !== undefined) edges.push({ place: first, edge: 'rising', encoder: first - 1, wanted: leading });
  const trailing = after && (await shapeAt(job, after, end - 1));
  if (trailing !== undefined) edges.push({ place: end, edge: 'falling', encoder: end - 1, wanted: trailing });
  const shapeOf = (place: number): number => firstWindow(encoded[place - from] ?? NOTHING)?.shape ?? 0;
  // Naming another shape in the last new packet works where one window is for all channels.
  const lone = sharesWindow(encoded[end - 1 - from] ?? NOTHING) && decoder.format.channels <= 2;
  const foreign = edges.filter(
    ({ edge, encoder, wanted }) => shapeOf(encoder) !== wanted && (lone || edge === 'rising'),
  );
  if (foreign.length > 0) {
    const adapted = [...frames];
    for (const { place, edge, encoder, wanted } of foreign) {
      const shape = shapeOf(encoder);
      adapted[place - from] = (frames[place - from] ?? []).map((samples) => reshape(samples, edge, shape, wanted));
    }
    encoded = encode(adapted);
    if (lone && trailing !== undefined)
      encoded[end - 1 - from] = withShape(encoded[end - 1 - from] ?? NOTHING, trailing);
  }
  const packets = encoded.slice(first - from, end - from).filter((packet) => packet !== undefined);
  if (packets.length !== end - first) throw new PacketsRefused('the encoder gave too few packets');
  const opening = firstWindow(packets[0] ?? NOTHING)?.sequence;
  const closing = firstWindow(packets.at(-1) ?? NOTHING)?.sequence;
  if (before && opening !== ONLY_LONG && opening !== LONG_START) return 'it begins with short windows';
  if (after && closing !== ONLY_LONG && closing !== LONG_STOP) return 'it ends with short windows';
  const problem = await checkSplice(job.packets, decoder, { first, from, frames, packets, before, after });
  return problem ?? packets;
}

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

const NOTHING = new Uint8Array();

/** The window shape of the source's packet that belongs at a place of the result. */
async function shapeAt(job: Job, stretch: Stretch, place: number): Promise<number | undefined> {
  const source = place + stretch.first - stretch.at;
  if (source < 0) return undefined;
  const [data] = await job.packets.read(source, 1);
  return firstWindow(data ?? NOTHING)?.shape;
}

/** The joined sound from one packet's place to another's, a frame for each. */
async function renderFrames(job: Job, from: number, to: number): Promise<Float32Array[][]> {
  const size = AAC_SAMPLES;
  const channels = job.decoder.format.channels;
  const all = Array.from({ length: channels }, () => new Float32Array((to - from) * size));
  const ranges = sliceRanges(job.layout.ranges, from * size, to * size);
  let position = 0;
  for await (const samples of joinSound(job.sound, ranges, false, job.pace)) {
    for (const [channel, part] of samples.entries()) all[channel]?.set(part, position);
    position += samples[0]?.length ?? 0;
  }
  return Array.from({ length: to - from }, (_, n) => all.map((channel) => channel.slice(n * size, (n + 1) * size)));
}

/** The part of ranges laid end to end from `from` to `to`; the first and the last are made longer where that is needed. */
function sliceRanges(ranges: readonly SoundRange[], from: number, to: number): SoundRange[] {
  let position = 0;
  return ranges.flatMap((range, n) => {
    const begin = position;
    position += range.end - range.start;
    const lower = n === 0 ? from : Math.max(from, begin);
    const upper = n === ranges.length - 1 ? to : Math.min(to, position);
    if (upper <= lower) return [];
    const joins = lower === begin && range.fade !== undefined ? { fade: range.fade } : {};
    return [{ start: range.start + lower - begin, end: range.start + upper - begin, ...joins }];
  });
}
