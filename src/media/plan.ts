import type { Section } from '../timeline/sections.js';
import type { TimeBase } from './file/source.js';

// The planner decides which frames stay, where they go, and which packets can be copied. Pure: no I/O, no clock.

/** What the planner needs of a clip's frames; the decode order is the order of the arrays. */
export interface FrameTimes {
  readonly timeBase: TimeBase;
  readonly pts: readonly number[];
  readonly sync: ArrayLike<number>;
  readonly hidden: ArrayLike<number>;
  readonly lastDuration: number;
}

/** A kept range on the picture's own clock. All times are ticks of the track's time base. */
export interface FrameRange {
  /** Source time at which the range begins and ends; the sound follows these. */
  readonly start: number;
  readonly end: number;
  /** Where `start` lies in the result. */
  readonly outStart: number;
  /** The frames, as positions in display order: [first, last). */
  readonly first: number;
  readonly last: number;
}

export interface Layout {
  /** Shown frames as positions in decode order, sorted by presentation time. */
  readonly display: readonly number[];
  readonly ranges: readonly FrameRange[];
  /** Frames in the result. */
  readonly frames: number;
  /** Length of the result in ticks. */
  readonly length: number;
}

/** The clip's clock: what players show as 0:00 and where it ends, in ticks of the picture track. */
export interface ClipBounds {
  readonly origin: number;
  readonly end: number;
}

// A frame that stands longer than this is a pause in the picture, not a frame rate; ranges do not reach over it.
const LONGEST_STEP_SECONDS = 0.2;

/**
 * Lays the kept sections on the frames: a frame stays when its presentation time, in whole microseconds from the clip's
 * origin, lies in a kept section. Ranges then move to the frames' own edges, so that the steps at a join are those of
 * the source and the sound, which follows the ranges, stays in step with the picture.
 */
export function layOut(frames: FrameTimes, kept: readonly Section[], bounds: ClipBounds): Layout {
  const { num, den } = frames.timeBase;
  const display = [...frames.pts.keys()].filter((i) => !frames.hidden[i]);
  display.sort((a, b) => at(frames.pts, a) - at(frames.pts, b));
  const pts = display.map((i) => at(frames.pts, i));
  const toTime = (tick: number): number => Math.round(((tick - bounds.origin) * num * 1e6) / den);
  const toTick = (time: number): number => bounds.origin + Math.round((time * den) / (num * 1e6));
  const times = pts.map(toTime);
  const longest = (LONGEST_STEP_SECONDS * den) / num;
  const videoEnd = (pts.at(-1) ?? bounds.origin) + lastStep(frames, pts);

  // The edge of the frame at or after `time`, unless the frame before it stands for so long that it is a pause.
  const edge = (time: number, index: number): number => {
    const tick = toTick(time);
    const next = index < pts.length ? at(pts, index) : videoEnd;
    const before = index > 0 ? at(pts, index - 1) : bounds.origin;
    if (index === pts.length && tick > next) return Math.min(tick, Math.max(next, bounds.end));
    return next - before <= longest ? next : tick;
  };

  const found: { start: number; end: number; first: number; last: number }[] = [];
  for (const section of kept) {
    const first = lowerBound(times, section.in);
    const last = lowerBound(times, section.out);
    const leads = first === 0 && section.in <= 0;
    const start = leads && at(pts, 0) - bounds.origin > longest ? bounds.origin : edge(section.in, first);
    // Nothing was shown before the first frame of the result, so it starts with one.
    const opens = found.length === 0 && !leads && first < last ? at(pts, first) : start;
    const end = Math.max(edge(section.out, last), opens);
    const before = found.at(-1);
    if (before && before.end === opens && before.last === first) {
      before.end = end;
      before.last = last;
    } else if (end > opens) {
      found.push({ start: opens, end, first, last });
    }
  }

  let outStart = 0;
  const ranges = found.map((range): FrameRange => {
    const placed = { ...range, outStart };
    outStart += range.end - range.start;
    return placed;
  });
  return { display, ranges, frames: ranges.reduce((n, range) => n + range.last - range.first, 0), length: outStart };
}

/** A run of packets that go into the result as they are; positions in decode order. */
export interface CopySpan {
  readonly kind: 'copy';
  readonly first: number;
  readonly count: number;
  /** Added to a source time to get the result's. */
  readonly shift: number;
}

/** Frames that are decoded, beginning at the sync packet `from`, and encoded anew. */
export interface EncodeSpan {
  readonly kind: 'encode';
  readonly from: number;
  /** Positions in decode order, sorted by presentation time. */
  readonly frames: readonly number[];
  readonly shift: number;
}

export type Span = CopySpan | EncodeSpan;

/**
 * Why packets of this track cannot be copied around a cut at all: each group of pictures (from one sync packet to the
 * next) has to stand by itself, in decoding and in presentation.
 *
 * @returns the reason in words, or undefined when they can
 */
export function copyObstacle(frames: FrameTimes): string | undefined {
  if (frames.pts.length === 0) return 'it has no pictures';
  if (!frames.sync[0]) return 'it does not begin with a full picture';
  let highest = Number.NEGATIVE_INFINITY;
  let groupHighest = highest;
  const seen = new Set<number>();
  for (const [i, pts] of frames.pts.entries()) {
    if (frames.sync[i]) highest = groupHighest;
    if (frames.hidden[i]) continue;
    if (seen.has(pts)) return 'two of its pictures have the same time';
    seen.add(pts);
    if (pts <= highest) return 'its groups of pictures overlap';
    groupHighest = Math.max(groupHighest, pts);
  }
  return undefined;
}

/**
 * Plans a smart cut: whole groups of pictures are copied, and at the joins as few frames as possible are encoded anew.
 * At the end of a range the longest decode-order prefix of a group is copied whose frames are the group's first in
 * presentation too (the rest would lean on, or be shown among, removed frames); at its beginning everything up to the
 * next sync packet is encoded. Call only where {@link copyObstacle} finds none.
 */
export function planSpans(frames: FrameTimes, layout: Layout): Span[] {
  const rank = new Int32Array(frames.pts.length).fill(-1);
  layout.display.forEach((decode, position) => (rank[decode] = position));
  const groups = findGroups(frames, rank);
  const spans: Span[] = [];
  for (const range of layout.ranges) {
    const shift = range.outStart - range.start;
    const encode = (from: number, first: number, last: number): void => {
      if (first < last) spans.push({ kind: 'encode', from, frames: layout.display.slice(first, last), shift });
    };
    const copy = (first: number, count: number): void => {
      if (count === 0) return;
      const before = spans.at(-1);
      if (before?.kind === 'copy' && before.shift === shift && before.first + before.count === first) {
        spans[spans.length - 1] = { ...before, count: before.count + count };
      } else spans.push({ kind: 'copy', first, count, shift });
    };
    for (const group of groups) {
      const first = Math.max(range.first, group.shownFirst);
      const last = Math.min(range.last, group.shownLast);
      if (first >= last) continue;
      if (group.hides || first > group.shownFirst) encode(group.first, first, last);
      else if (last === group.shownLast) copy(group.first, group.count);
      else {
        const count = contiguousPrefix(rank, group, last - first);
        copy(group.first, count);
        encode(group.first, first + count, last);
      }
    }
  }
  return spans;
}

/** Presentation times of the result in order, in ticks from 0. */
export function resultTimes(frames: FrameTimes, layout: Layout): number[] {
  return layout.ranges.flatMap((range) =>
    layout.display
      .slice(range.first, range.last)
      .map((decode) => at(frames.pts, decode) - range.start + range.outStart),
  );
}

/** How many places a packet of a copied span is decoded earlier than it is shown; the result's decode times allow it. */
export function reorderDepth(layout: Layout, spans: readonly Span[]): number {
  const rank = new Map(layout.display.map((decode, position) => [decode, position]));
  let depth = 0;
  for (const span of spans) {
    if (span.kind !== 'copy') continue;
    let base = Number.POSITIVE_INFINITY;
    for (let i = 0; i < span.count; i++) base = Math.min(base, rank.get(span.first + i) ?? base);
    for (let i = 0; i < span.count; i++) depth = Math.max(depth, i - ((rank.get(span.first + i) ?? base) - base));
  }
  return depth;
}

interface Group {
  readonly first: number;
  readonly count: number;
  readonly shownFirst: number;
  readonly shownLast: number;
  /** Some of its pictures are not shown: copied, they would be. */
  readonly hides: boolean;
}

function findGroups(frames: FrameTimes, rank: Int32Array): Group[] {
  const starts = [...frames.pts.keys()].filter((i) => frames.sync[i]);
  const groups: Group[] = [];
  let shown = 0;
  for (const [n, first] of starts.entries()) {
    const end = starts[n + 1] ?? frames.pts.length;
    let visible = 0;
    for (let i = first; i < end; i++) if ((rank[i] ?? -1) >= 0) visible++;
    const count = end - first;
    groups.push({ first, count, shownFirst: shown, shownLast: shown + visible, hides: visible < count });
    shown += visible;
  }
  return groups;
}

function contiguousPrefix(rank: Int32Array, group: Group, wanted: number): number {
  let longest = 0;
  let highest = -1;
  for (let i = 0; i < wanted; i++) {
    highest = Math.max(highest, (rank[group.first + i] ?? 0) - group.shownFirst);
    if (highest >= wanted) break;
    if (highest === i) longest = i + 1;
  }
  return longest;
}

function lastStep(frames: FrameTimes, pts: readonly number[]): number {
  if (frames.lastDuration > 0) return frames.lastDuration;
  return pts.length > 1 ? at(pts, pts.length - 1) - at(pts, pts.length - 2) : 0;
}

/** First position whose value is at least `value`. */
function lowerBound(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(values, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value at ${index}`);
  return value;
}
