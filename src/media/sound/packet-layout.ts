// Where the packets of a joined sound track come from. Pure: no I/O.

import type { SoundRange } from './joined-sound.js';

/** Packets of equal length that follow each other without a gap. Positions count samples on the clip's clock. */
export interface PacketGrid {
  /** Where the first packet's samples begin; negative before the clip's 0:00. */
  readonly start: number;
  readonly packets: number;
  /** Samples of one packet. */
  readonly size: number;
}

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
   * The kept ranges, moved onto the grid: one after the other they make up exactly all packets of the result. No edge
   * is moved by more than half a packet, but for the start and the end, which are filled up to whole packets.
   */
  readonly ranges: readonly SoundRange[];
  /** In order, at least one packet of the result apart at each join. */
  readonly stretches: readonly Stretch[];
}

// Moving a splice to a better place takes some packets on both sides, and fewer than these are not worth two splices.
const LEAST_COPIED = 40;
/** Ranges shorter than this many packets are encoded whole and stay where they are exactly. */
const SHORT_PACKETS = 8;

/**
 * Places packets against the exact position of each kept range: what follows a join is off by at most half a packet,
 * and nothing adds up over joins.
 *
 * @param fade samples on either side of a join that are mixed
 * @returns undefined when nothing of the sound is in the ranges
 */
export function layOutPackets(grid: PacketGrid, ranges: readonly SoundRange[], fade: number): PacketLayout | undefined {
  const { size } = grid;
  const gridEnd = grid.start + grid.packets * size;
  // What lies behind the end of the sound needs no packets.
  const heard = ranges.filter((range) => range.end > range.start);
  while ((heard.at(-1)?.start ?? 0) >= gridEnd) heard.pop();
  const opening = heard[0];
  if (!opening || !heard.some((range) => range.end > grid.start)) return undefined;

  const begin = beginning(grid, opening);
  const layout = layOutFrom(grid, heard, begin, fade);
  // A first packet that is encoded anew needs one before it, as only two packets together make samples.
  const needsRunIn = layout.stretches[0]?.at !== 0 && layout.start > -size;
  return needsRunIn ? layOutFrom(grid, heard, begin - size, fade) : layout;
}

function layOutFrom(grid: PacketGrid, heard: readonly SoundRange[], begin: number, fade: number): PacketLayout {
  const { size } = grid;
  const gridEnd = grid.start + grid.packets * size;
  const start = begin - (heard[0]?.start ?? 0);
  const offsets = offsetsOf(grid, heard, start);
  const joins = joinsOf(heard, offsets, size);
  const played = heard.reduce((sum, range) => sum + range.end - range.start, 0);

  const last = heard.length - 1;
  const placed = (n: number): number => (n === 0 ? 0 : (joins[n - 1]?.result ?? 0) - start);
  const starts = heard.map((range, n) => (n === 0 ? begin : range.start + (joins[n - 1]?.next ?? 0)));
  const soundEnd = placed(last) + gridEnd - (starts[last] ?? 0);
  const packets = Math.max(0, Math.ceil(Math.min(played - start, soundEnd) / size));
  const moved = heard.map((_, n) => {
    const from = starts[n] ?? 0;
    return { start: from, end: from + (n === last ? packets * size : placed(n + 1)) - placed(n) };
  });

  const stretches = moved.flatMap((range, n): Stretch[] => {
    const at = placed(n);
    // The packets that cover the same samples lie this far apart in source and result.
    const shift = (range.start - at - grid.start) / size;
    if (!Number.isInteger(shift)) return [];
    let from = n === 0 ? 0 : Math.ceil((at + fade) / size);
    // A packet reaches into the next one's samples, so two packets' samples must be free of mixing.
    let to = n === last ? packets : Math.floor((at + range.end - range.start - fade) / size) - 1;
    from = Math.max(from, from === 0 ? -shift : 1 - shift);
    to = Math.min(to, to === packets ? grid.packets - shift : grid.packets - 1 - shift);
    return to - from >= LEAST_COPIED ? [{ at: from, first: from + shift, count: to - from }] : [];
  });
  return { start, packets, length: Math.min(played, packets * size + start), ranges: moved, stretches };
}

// The decoder needs the packet before the first one that is heard.
function beginning(grid: PacketGrid, opening: SoundRange): number {
  if (grid.start >= opening.end) return opening.start;
  if (grid.start >= opening.start) return grid.start;
  const place = Math.floor((opening.start - grid.start) / grid.size);
  return grid.start + Math.max(0, place - 1) * grid.size;
}

// How far each range is moved in the result so that its packets fall on the result's grid.
function offsetsOf(grid: PacketGrid, ranges: readonly SoundRange[], start: number): number[] {
  const { size } = grid;
  let position = 0;
  return ranges.map((range, n) => {
    const phase = grid.start - range.start + position - start;
    position += range.end - range.start;
    if (n === 0 || isShort(range, size)) return 0;
    return Math.round(phase / size) * size - phase;
  });
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
