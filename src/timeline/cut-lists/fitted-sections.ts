import { clampSections, keptRanges, mergeSections, type Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';

/** What of a clip is to be marked by a list. */
export interface FittedSections {
  /** To remove: in order, apart from each other, within the clip, and neither marked nor removed yet. */
  readonly sections: readonly Section[];
  /** Parts of the list that reach over the clip's end and count up to it. */
  readonly clipped: number;
  /** Parts that lie outside the clip. */
  readonly outside: number;
  /** Parts that lie over another one, and count as one with it. */
  readonly overlapping: number;
  /** Sections that were marked or removed already, in whole. */
  readonly known: number;
}

/** What rounding to the clip's end may leave is no section; shorter than any frame. */
const SHORTEST: Microseconds = 2_000;
/** Lists round, and so do players. */
const ROUNDED: Microseconds = 50_000;

/**
 * Fits the parts of a list to the clip.
 *
 * @param lists whether they stay or go
 * @param taken what is marked or removed already
 */
export function fitSections(
  parts: readonly Section[],
  lists: 'kept' | 'removed',
  duration: Microseconds,
  taken: readonly Section[],
): FittedSections {
  const whole = { in: 0, out: duration };
  const inside = parts.filter((part) => part.in < duration && part.out > 0 && part.out > part.in);
  const merged = mergeSections(inside);
  const ordered = [...inside].sort((a, b) => a.in - b.in || a.out - b.out);
  let end = 0;
  let overlapping = 0;
  for (const part of ordered) {
    if (part.in < end) overlapping += 1;
    end = Math.max(end, part.out);
  }
  const removed = lists === 'kept' ? keptRanges(merged, whole) : clampSections(merged, whole);
  const wanted = removed
    // A list whose last frame is a little before the sound's end means the clip's end.
    .filter((section) => lists === 'removed' || section.out < duration || section.out - section.in > ROUNDED)
    .filter((section) => section.out - section.in > SHORTEST);
  const free = keptRanges(taken, whole);
  const left = wanted.map((section) => clampSections(free, section).filter((piece) => piece.out - piece.in > SHORTEST));
  return {
    sections: left.flat(),
    clipped: inside.filter((part) => part.in < 0 || part.out > duration + ROUNDED).length,
    outside: parts.length - inside.length,
    overlapping,
    known: left.filter((pieces) => pieces.length === 0).length,
  };
}
