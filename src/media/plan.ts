import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import { areDistinct, displayOrder } from './display-order.js';
import { meet, type Meeting } from './dissolve.js';
import type { TimeBase } from './file/source.js';
import type { Obstacle } from './obstacles.js';

// The planner decides which frames stay, where they go, and which packets can be copied. Pure: no I/O, no clock.

/** How decoding may begin at a packet; see `Entry` of the codecs. */
export const NO_ENTRY = 0;
export const CLOSED_ENTRY = 1;
export const OPEN_ENTRY = 2;

/** What the planner needs of a clip's frames; the decode order is the order of the arrays. */
export interface FrameTimes {
  readonly timeBase: TimeBase;
  readonly pts: ArrayLike<number>;
  /** {@link NO_ENTRY}, {@link CLOSED_ENTRY} or {@link OPEN_ENTRY} of each packet. */
  readonly entries: ArrayLike<number>;
  /** 1 for pictures that an edit list hides: copied into another file, they would show. */
  readonly hidden: ArrayLike<number>;
  /** 1 for packets that show nothing by themselves, in any file. */
  readonly invisible?: ArrayLike<number>;
  readonly lastDuration: number;
}

/** A kept range on the picture's own clock. All times are ticks of the track's time base. */
export interface FrameRange extends Meeting {
  /** Source time at which the range begins and ends; the sound follows these. */
  readonly start: number;
  readonly end: number;
  /** Where `start` lies in the result; a dissolve lets it overlap the range before. */
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
 *
 * @param dissolve length of the dissolves at the joins; 0 for plain cuts
 */
export function layOut(
  frames: FrameTimes,
  kept: readonly Section[],
  bounds: ClipBounds,
  dissolve: Microseconds = 0,
): Layout {
  const { num, den } = frames.timeBase;
  const display = Array.from(displayOrder(frames));
  if (display.length === 0) return { display, ranges: [], frames: 0, length: 0 };
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

  const position = (time: number): number => lowerBound(times.length, (index) => at(times, index), time);
  const found: { start: number; end: number; first: number; last: number }[] = [];
  for (const section of kept) {
    const first = position(section.in);
    const last = position(section.out);
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

  let length = 0;
  const wanted = (dissolve * den) / (num * 1e6);
  const ranges = found.map((range, n): FrameRange => {
    const meeting = meet({ pts, display, ticksPerSecond: den / num }, found, n, wanted);
    const outStart = length - meeting.overlap;
    length = outStart + range.end - range.start;
    return { ...range, ...meeting, outStart };
  });
  const shown = ranges.reduce((sum, { first, last, mixed }) => sum + last - first - mixed, 0);
  return { display, ranges, frames: shown, length };
}

/** Source frames behind those of the result, in order, by place: of mixed ones that of the range before the join. */
export function shownPlaces({ display, ranges, frames }: Layout): Uint32Array {
  const places = new Uint32Array(frames);
  let written = 0;
  for (const { first, last, mixed } of ranges) {
    for (let n = first + mixed; n < last; n++) places[written++] = at(display, n);
  }
  return places;
}

/** A run of packets that go into the result as they are; positions in decode order. */
export interface CopySpan {
  readonly kind: 'copy';
  readonly first: number;
  /** Packets that are copied: the first one, and those after the ones that `leading` leaves out. */
  readonly count: number;
  /**
   * Packets right behind the first that are left out: they are shown before it and lean on what lies before the join, so
   * they are encoded anew.
   */
  readonly leading: number;
  /** Set where the run does not continue the packets that come before it in the source. */
  readonly join?: 'open' | 'closed';
  /** Added to a source time to get the result's. */
  readonly shift: number;
}

/** Frames that are decoded and encoded anew. */
export interface EncodeSpan {
  readonly kind: 'encode';
  /** Positions in decode order, sorted by presentation time. */
  readonly frames: readonly number[];
  /** At a dissolve: the frame that is mixed into each of them. */
  readonly mixedWith?: readonly number[];
  readonly shift: number;
}

export type Span = CopySpan | EncodeSpan;

/**
 * Why packets of this track cannot be copied around a cut at all: each group of pictures (from one entry to the next)
 * has to stand by itself in presentation.
 *
 * @returns the reason in words, or undefined when they can
 */
export function copyObstacle(frames: FrameTimes): Obstacle | undefined {
  const { pts, entries } = frames;
  if (pts.length === 0) return 'it has no pictures';
  if (!entries[0]) return 'it does not begin with a full picture';
  let highest = Number.NEGATIVE_INFINITY;
  let groupHighest = highest;
  let entry = 0;
  const times = new Float64Array(pts.length);
  let shown = 0;
  for (let i = 0; i < pts.length; i++) {
    if (entries[i]) {
      highest = groupHighest;
      entry = i;
    }
    if (frames.hidden[i] || frames.invisible?.[i]) continue;
    const time = at(pts, i);
    times[shown++] = time;
    if (time <= highest) return 'its groups of pictures overlap';
    if (entry === 0 && entries[0] === OPEN_ENTRY && time < at(pts, 0)) return 'its first pictures cannot be decoded';
    groupHighest = Math.max(groupHighest, time);
  }
  return areDistinct(times.subarray(0, shown)) ? undefined : 'two of its pictures have the same time';
}

/**
 * Plans a smart cut: whole groups of pictures are copied, and at the joins as few frames as possible are encoded anew.
 * At the end of a range the longest decode-order prefix of a group is copied whose frames are the group's first in
 * presentation too (the rest would lean on, or be shown among, removed frames); at its beginning everything up to the
 * picture of the next entry is encoded. Call only where {@link copyObstacle} finds none.
 */
export function planSpans(frames: FrameTimes, layout: Layout): Span[] {
  const rank = ranks(frames, layout);
  const groups = findGroups(frames, rank);
  const spans: Span[] = [];
  for (const [n, range] of layout.ranges.entries()) {
    const shift = range.outStart - range.start;
    const mixes = layout.ranges[n + 1]?.mixes ?? [];
    // What is shown by itself.
    const own = { first: range.first + range.mixed, last: range.last - mixes.length };
    const encode = (first: number, last: number): void => {
      if (first >= last) return;
      const before = spans.at(-1);
      const chosen = layout.display.slice(first, last);
      if (
        before?.kind === 'encode' &&
        !before.mixedWith &&
        before.shift === shift &&
        rank[before.frames.at(-1) ?? -1] === first - 1
      ) {
        spans[spans.length - 1] = { ...before, frames: [...before.frames, ...chosen] };
      } else spans.push({ kind: 'encode', frames: chosen, shift });
    };
    const continues = (group: Group): boolean => {
      const before = spans.at(-1);
      if (group.first === 0) return true;
      return before?.kind === 'copy' && before.shift === shift && endOf(before) === group.first;
    };
    const copy = (group: Group, leading: number, count: number, join: boolean): void => {
      if (count === 0) return;
      const before = spans.at(-1);
      if (!join && before?.kind === 'copy' && before.shift === shift && endOf(before) === group.first) {
        spans[spans.length - 1] = { ...before, count: before.count + count };
      } else {
        const kind = join ? { join: group.entry } : {};
        spans.push({ kind: 'copy', first: group.first, count, leading, shift, ...kind });
      }
    };
    for (const group of groups) {
      const first = Math.max(own.first, group.shownFirst);
      const last = Math.min(own.last, group.shownLast);
      if (first >= last) continue;
      const entry = group.shownFirst + group.leading;
      const join = !continues(group);
      const whole = first === group.shownFirst && !(join && group.entry === 'open' && group.leading > 0);
      if (group.hides || (!whole && (first > entry || !group.leadingFirst))) {
        encode(first, last);
        continue;
      }
      // Behind a join the leading pictures lean on removed ones, or some of them are removed themselves.
      const leading = whole ? 0 : group.leading;
      if (!whole) encode(first, Math.min(last, entry));
      const from = whole ? first : entry;
      if (from >= last) continue;
      const left = { rank, group, leading, from };
      const { packets, shown } =
        last === group.shownLast ? { packets: group.count - leading, shown: last - from } : prefix(left, last - from);
      copy(group, leading, packets, join || !whole);
      encode(from + shown, last);
    }
    if (mixes.length > 0) {
      const frames = mixes.map(({ frame }) => frame);
      spans.push({ kind: 'encode', frames, mixedWith: mixes.map((mix) => mix.with), shift });
    }
  }
  return spans;
}

function endOf(span: CopySpan): number {
  return span.first + span.leading + span.count;
}

/** Position of a copied packet in the source, by its number in the span. */
export function copiedPlace(span: CopySpan, n: number): number {
  return n === 0 ? span.first : span.first + span.leading + n;
}

/** Packets of the result that a span makes. */
export function packetsOf(span: Span): number {
  return span.kind === 'copy' ? span.count : span.frames.length;
}

/** Presentation times of the result in order, in ticks from 0. */
export function resultTimes(frames: FrameTimes, layout: Layout): Float64Array {
  const times = new Float64Array(layout.frames);
  let written = 0;
  for (const { first, mixed, last, start, outStart } of layout.ranges) {
    for (let n = first + mixed; n < last; n++) {
      times[written++] = at(frames.pts, at(layout.display, n)) - start + outStart;
    }
  }
  return times;
}

/** How many places a packet of a copied span is decoded earlier than it is shown; the result's decode times allow it. */
export function reorderDepth(frames: FrameTimes, layout: Layout, spans: readonly Span[]): number {
  const rank = ranks(frames, layout);
  let depth = 0;
  for (const span of spans) {
    if (span.kind !== 'copy') continue;
    let base = Number.POSITIVE_INFINITY;
    const ranked = function* (): Generator<number> {
      for (let n = 0; n < span.count; n++) {
        const place = rank[copiedPlace(span, n)] ?? -1;
        if (place >= 0) yield place;
      }
    };
    for (const place of ranked()) base = Math.min(base, place);
    let n = 0;
    for (const place of ranked()) depth = Math.max(depth, n++ - (place - base));
  }
  return depth;
}

function ranks(frames: FrameTimes, layout: Layout): Int32Array {
  const rank = new Int32Array(frames.pts.length).fill(-1);
  layout.display.forEach((decode, position) => (rank[decode] = position));
  return rank;
}

interface Group {
  readonly first: number;
  readonly count: number;
  readonly shownFirst: number;
  readonly shownLast: number;
  readonly entry: 'open' | 'closed';
  /** Pictures that are shown before the one of the entry. */
  readonly leading: number;
  /** The leading pictures come right behind the entry in decode order. */
  readonly leadingFirst: boolean;
  /** Some of its pictures are not shown: copied, they would be. */
  readonly hides: boolean;
}

function findGroups(frames: FrameTimes, rank: Int32Array): Group[] {
  const starts: number[] = [];
  for (let i = 0; i < frames.pts.length; i++) if (frames.entries[i]) starts.push(i);
  const groups: Group[] = [];
  let shown = 0;
  for (const [n, first] of starts.entries()) {
    const end = starts[n + 1] ?? frames.pts.length;
    const own = rank[first] ?? -1;
    let visible = 0;
    let invisible = 0;
    let leading = 0;
    let leadingEnd = first;
    for (let i = first; i < end; i++) {
      if (frames.invisible?.[i]) invisible++;
      if ((rank[i] ?? -1) < 0) continue;
      visible++;
      if ((rank[i] ?? -1) >= own) continue;
      leading++;
      leadingEnd = i;
    }
    groups.push({
      first,
      count: end - first,
      shownFirst: shown,
      shownLast: shown + visible,
      entry: frames.entries[first] === OPEN_ENTRY ? 'open' : 'closed',
      leading,
      leadingFirst: leadingEnd - first === leading,
      hides: visible + invisible < end - first,
    });
    shown += visible;
  }
  return groups;
}

/** The longest run of packets whose pictures are the first `wanted` that the group shows from `from` on, as far as it goes. */
function prefix(
  left: { rank: Int32Array; group: Group; leading: number; from: number },
  wanted: number,
): { packets: number; shown: number } {
  const { rank, group, leading, from } = left;
  const longest = { packets: 0, shown: 0 };
  let highest = -1;
  let shown = 0;
  for (let n = 0; n < group.count - leading; n++) {
    const place = (rank[n === 0 ? group.first : group.first + leading + n] ?? -1) - from;
    if (place >= 0) {
      highest = Math.max(highest, place);
      shown++;
    }
    if (highest >= wanted) break;
    if (place >= 0 && highest === shown - 1) {
      longest.packets = n + 1;
      longest.shown = shown;
    }
  }
  return longest;
}

function lastStep(frames: FrameTimes, pts: ArrayLike<number>): number {
  if (frames.lastDuration > 0) return frames.lastDuration;
  return pts.length > 1 ? at(pts, pts.length - 1) - at(pts, pts.length - 2) : 0;
}

/** First of `count` positions whose value is at least `value`; the values rise. */
export function lowerBound(count: number, valueAt: (position: number) => number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value at ${index}`);
  return value;
}
