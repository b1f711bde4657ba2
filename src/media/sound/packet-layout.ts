// Where the packets of a joined sound track come from. Pure: no I/O.

import type { SoundRange } from './joined-sound.js';
import { countedRanges, type PacketClock } from './packet-clock.js';

/** Packets of the result that may be packets of the source. */
export interface Stretch {
  /** Place of the first one in the result. */
  readonly at: number;
  /** Place of the same one in the source. */
  readonly first: number;
  readonly count: number;
}

export interface PacketLayout {
  /**
   * Where the first packet begins on the result's clock, in samples: below zero it is run-in that is not to be heard,
   * above zero the sound begins late.
   */
  readonly start: number;
  /** Packets of the result. */
  readonly packets: number;
  /** Samples of the result that are to be heard, counted from its 0:00; a late start counts as heard. */
  readonly length: number;
  /**
   * The kept ranges in counted positions of the source, moved onto the result's packets: one after the other they make
   * up exactly all of them. No join is moved by more than half a packet on either side.
   */
  readonly ranges: readonly SoundRange[];
  /** In order, at least one packet of the result apart at each join. */
  readonly stretches: readonly Stretch[];
}

// Moving a splice to a better place takes some packets on both sides, and fewer than these are not worth two splices.
const LEAST_COPIED = 40;
/** Drift of a track's stamps, in packets, that is let go on top of half a packet, so that jitter does not flip. */
const DRIFT_PACKETS = 1 / 8;
/** Ranges shorter than this many packets are encoded whole and stay where they are exactly. */
const SHORT_PACKETS = 8;

/**
 * Places packets against the exact position of each kept range: what follows a join is off by at most half a packet,
 * and nothing adds up over joins.
 *
 * @param ranges in samples of the clip's clock
 * @param fade samples on either side of a plain join that are mixed
 * @returns undefined when nothing of the sound is in the ranges
 */
export function layOutPackets(
  clock: PacketClock,
  ranges: readonly SoundRange[],
  fade: number,
): PacketLayout | undefined {
  const { size } = clock;
  const counted = countRanges(
    clock,
    ranges.map((range) => withinItself(range, size, fade)),
  );
  const soundEnd = clock.packets * size;
  // What lies behind the end of the sound needs no packets. A range may be moved by half of one, so what begins in the
  // last half could come to begin behind it.
  while ((counted.at(-1)?.start ?? 0) >= soundEnd - size / 2) counted.pop();
  const opening = counted[0];
  if (!opening || !counted.some((range) => range.end > 0)) return undefined;

  const begin = beginning(size, opening);
  const layout = layOutFrom(clock, counted, begin, fade);
  // A first packet that is encoded anew needs one before it, as only two packets together make samples.
  const needsRunIn = layout.stretches[0]?.at !== 0 && layout.start > -size;
  return needsRunIn ? layOutFrom(clock, counted, begin - size, fade) : layout;
}

// Packets move a join by up to half of one and what drift adds to it: a dissolve is that much shorter, so that nothing
// beyond its ranges is heard.
function withinItself(range: SoundRange, size: number, shortest: number): SoundRange {
  if (range.fade === undefined) return range;
  return { ...range, fade: Math.max(Math.min(shortest, range.fade), range.fade - size) };
}

function countRanges(clock: PacketClock, ranges: readonly SoundRange[]): SoundRange[] {
  const { size } = clock;
  let opening: SoundRange | undefined;
  let played = 0;
  return ranges.flatMap((range) => {
    const length = range.end - range.start;
    if (length <= 0) return [];
    const position = played;
    played += length;
    return countedRanges(clock, range, size / 2 + size * DRIFT_PACKETS, (counted, done) => {
      opening ??= { start: counted, end: counted + length };
      return offsetOf(size, counted, position + done - (beginning(size, opening) - opening.start));
    });
  });
}

function layOutFrom(clock: PacketClock, counted: readonly SoundRange[], begin: number, fade: number): PacketLayout {
  const { size } = clock;
  const start = begin - (counted[0]?.start ?? 0);
  const joins = joinsOf(counted, offsetsOf(counted, size, start), size);
  const played = counted.reduce((sum, range) => sum + range.end - range.start, 0);

  const last = counted.length - 1;
  const placed = (n: number): number => (n === 0 ? 0 : (joins[n - 1]?.result ?? 0) - start);
  const starts = counted.map((range, n) => (n === 0 ? begin : range.start + (joins[n - 1]?.next ?? 0)));
  const soundEnd = placed(last) + clock.packets * size - (starts[last] ?? 0);
  const packets = Math.max(0, Math.ceil(Math.min(played - start, soundEnd) / size));
  const ranges = starts.map((from, n): SoundRange => {
    const { fade: own } = counted[n] ?? {};
    const end = from + (n === last ? packets * size : placed(n + 1)) - placed(n);
    return { start: from, end, ...(own === undefined ? {} : { fade: own }) };
  });

  const stretches = ranges.flatMap((range, n): Stretch[] => {
    const at = placed(n);
    // The packets that hold the same samples lie this far apart in source and result.
    const shift = (range.start - at) / size;
    if (!Number.isInteger(shift)) return [];
    let from = n === 0 ? 0 : Math.ceil((at + (range.fade ?? fade)) / size);
    // A packet reaches into the next one's samples, so two packets' samples must be free of mixing.
    let to =
      n === last ? packets : Math.floor((at + range.end - range.start - (ranges[n + 1]?.fade ?? fade)) / size) - 1;
    from = Math.max(from, from === 0 ? -shift : 1 - shift);
    to = Math.min(to, to === packets ? clock.packets - shift : clock.packets - 1 - shift);
    return to - from >= LEAST_COPIED ? [{ at: from, first: from + shift, count: to - from }] : [];
  });
  return { start, packets, length: Math.min(played, packets * size + start), ranges, stretches };
}

// The decoder needs the packet before the first one that is heard.
function beginning(size: number, opening: SoundRange): number {
  if (opening.end <= 0) return opening.start;
  return Math.max(0, Math.floor(opening.start / size) - 1) * size;
}

// How far each range is moved in the result so that its packets fall on the result's grid.
function offsetsOf(counted: readonly SoundRange[], size: number, start: number): number[] {
  let position = 0;
  return counted.map((range, n) => {
    const offset = offsetOf(size, range.start, position - start);
    position += range.end - range.start;
    return n === 0 || isShort(range, size) ? 0 : offset;
  });
}

function offsetOf(size: number, counted: number, result: number): number {
  const phase = result - counted;
  return Math.round(phase / size) * size - phase;
}

interface Join {
  /** Its place on the result's clock. */
  readonly result: number;
  /** How far the next range begins from its exact start. */
  readonly next: number;
}

// Two ranges that are moved differently meet half way, unless one is too short to give anything away.
function joinsOf(ranges: readonly SoundRange[], offsets: readonly number[], size: number): Join[] {
  const joins: Join[] = [];
  let position = 0;
  for (const [n, range] of ranges.entries()) {
    position += range.end - range.start;
    const next = ranges[n + 1];
    if (!next) break;
    const a = offsets[n] ?? 0;
    const b = offsets[n + 1] ?? 0;
    const exact = isShort(range, size) || isShort(next, size);
    const between = exact ? (isShort(range, size) ? a : b) : Math.round((a + b) / 2);
    joins.push({ result: position + between, next: between - b });
  }
  return joins;
}

function isShort(range: SoundRange, size: number): boolean {
  return range.end - range.start < SHORT_PACKETS * size;
}
