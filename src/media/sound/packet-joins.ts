import type { Stream } from 'node-av/lib';

import { native } from '../native.js';
import type { Pace } from '../pace.js';
import { AacPackets } from './aac-packets.js';
import { Ac3Packets } from './ac3-packets.js';
import { HALF_FADE_SECONDS, joinSound, type SoundRange } from './joined-sound.js';
import { packetClock } from './packet-clock.js';
import { layOutPackets, type PacketLayout, type Stretch } from './packet-layout.js';
import type { PacketMaker } from './packet-maker.js';
import { PacketDecoder, PacketSound, PacketsRefused } from './packet-sound.js';
import type { SoundPackets } from './sound-packets.js';
import { checkSplice } from './splice-check.js';

/** Consecutive packets of the result. */
export type SoundPiece =
  | { readonly kind: 'copy'; readonly first: number; readonly count: number }
  | { readonly kind: 'new'; readonly packets: readonly Uint8Array[] };

/** A joined sound track in packets, of which most are the source's own. */
export interface JoinedPackets {
  readonly pieces: readonly SoundPiece[];
  /** What describes the packets to a decoder, as `esds` and `CodecPrivate` carry it; undefined: as the source's. */
  readonly configuration: Uint8Array | undefined;
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
const ATTEMPTS = 3;
const NEXT_ATTEMPT = 3;
// The sound of a window and its packets are held in memory.
const LONGEST_WINDOW_SECONDS = 60;

// A join may be off by half a packet. People see on lips when sound is some 45 ms early (ITU-R BT.1359).
const LONGEST_PACKET_SECONDS = 0.048;

/** Whether packets of a track are copied, where nothing in them speaks against it. */
export function copiesPackets({ codecpar }: Stream): boolean {
  const { c } = native();
  const { codecId, frameSize, sampleRate } = codecpar;
  if (frameSize > LONGEST_PACKET_SECONDS * sampleRate) return false;
  return codecId === c.AV_CODEC_ID_AAC || codecId === c.AV_CODEC_ID_AC3 || codecId === c.AV_CODEC_ID_EAC3;
}

/**
 * Joins kept ranges of a track of AAC-LC, AC-3 or E-AC-3 by copying its packets: only a window around each join is
 * decoded, cross-faded and encoded anew. Every window is decoded again together with its neighbours and compared before
 * it counts.
 *
 * @returns undefined when that cannot be done for this track; it is encoded whole then
 */
export async function joinPackets(request: PacketJoinRequest): Promise<JoinedPackets | undefined> {
  try {
    return await join(request, await packetMaker(request));
  } catch (error) {
    if (!(error instanceof PacketsRefused)) throw error;
    request.log(`sound is encoded whole: ${error.message}`);
    return undefined;
  }
}

async function packetMaker({ stream, packets }: PacketJoinRequest): Promise<PacketMaker> {
  const { c } = native();
  if (!copiesPackets(stream)) throw new PacketsRefused('packets of its kind are not copied');
  if (stream.codecpar.codecId === c.AV_CODEC_ID_AAC) return new AacPackets(stream, packets);
  return Ac3Packets.open(stream, packets);
}

async function join(request: PacketJoinRequest, maker: PacketMaker): Promise<JoinedPackets> {
  const { stream, packets, ranges, pace } = request;
  const { sampleRate, packetSamples, configuration } = maker;
  const { times, timeBase } = packets;
  const position = (place: number): number =>
    (((times[place] ?? 0) * timeBase.num) / timeBase.den - request.origin) * sampleRate;
  const clock = packetClock(times.length, packetSamples, sampleRate, position);
  const fade = Math.round(HALF_FADE_SECONDS * sampleRate);
  const layout = layOutPackets(clock, ranges, fade);
  if (!layout) throw new PacketsRefused('none of it is kept');
  using decoder = new PacketDecoder(stream, configuration, packetSamples);
  const sound = new PacketSound(packets, packetSamples, decoder);
  const job: Job = { ...request, maker, layout, sound, decoder };

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
  const { start, length } = layout;
  return { pieces, configuration, sampleRate, packetSamples, packets: layout.packets, start, length };
}

interface Job extends PacketJoinRequest {
  readonly maker: PacketMaker;
  readonly layout: PacketLayout;
  readonly sound: PacketSound;
  readonly decoder: PacketDecoder;
}

interface NewPackets {
  readonly first: number;
  readonly packets: readonly Uint8Array[];
}

async function makeWindow(job: Job, before: Stretch | undefined, after: Stretch | undefined): Promise<NewPackets> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = before ? await job.maker.leave(before, attempt * NEXT_ATTEMPT) : 0;
    const end = after ? await job.maker.enter(after, attempt * NEXT_ATTEMPT) : job.layout.packets;
    const made = await encodeWindow(job, first, end, before, after);
    if (typeof made !== 'string') return { first, packets: made };
    job.log(`sound join at packet ${first}: ${made}`);
  }
  throw new PacketsRefused('a join did not come out right');
}

/** @returns the packets, or what is wrong with them */
async function encodeWindow(
  job: Job,
  first: number,
  end: number,
  before: Stretch | undefined,
  after: Stretch | undefined,
): Promise<readonly Uint8Array[] | string> {
  const { decoder, maker } = job;
  const seconds = ((end - first) * maker.packetSamples) / maker.sampleRate;
  if (seconds > LONGEST_WINDOW_SECONDS) throw new PacketsRefused('too much of it would be encoded anew');
  const from = first - RUN_IN;
  const frames = await renderFrames(job, from, end + RUN_IN);
  const packets = await maker.make({ first, end, before, after, frames, from });
  if (typeof packets === 'string') return packets;
  if (packets.length !== end - first) throw new PacketsRefused('the encoder gave too few packets');
  const problem = await checkSplice(job.packets, decoder, { first, from, frames, packets, before, after });
  return problem ?? packets;
}

/** The joined sound from one packet's place to another's, a frame for each. */
async function renderFrames(job: Job, from: number, to: number): Promise<Float32Array[][]> {
  const size = job.maker.packetSamples;
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
