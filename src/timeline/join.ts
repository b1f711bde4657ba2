import type { Section } from './sections.js';
import type { Microseconds } from './timecode.js';

/** How the two sides of a removed section meet. */
export type Join = { readonly kind: 'cut' } | { readonly kind: 'dissolve'; readonly duration: Microseconds };

/** What "with a dissolve" stands for where no length is said. */
export const USUAL_DISSOLVE: Microseconds = 500_000;
/** Between these a dissolve is seen as one and stays a join. */
export const SHORTEST_DISSOLVE: Microseconds = 250_000;
export const LONGEST_DISSOLVE: Microseconds = 1_000_000;
/** Where the ranges leave less room than this, the join is a plain cut. */
export const LEAST_OVERLAP: Microseconds = 100_000;

/**
 * How much of a range may be mixed at one of its joins, so that at least half of it is shown by itself: inner ranges
 * have two joins.
 */
export function dissolveRoom(length: number, index: number, ranges: number): number {
  return length / (index === 0 || index === ranges - 1 ? 2 : 4);
}

/**
 * How far each kept range overlaps the one before it; 0 for the first one and for plain cuts. The picture rounds this
 * to whole frames.
 */
export function joinOverlaps(kept: readonly Section[], join: Join | undefined): Microseconds[] {
  const room = kept.map((range, n) => dissolveRoom(range.out - range.in, n, kept.length));
  return kept.map((_, n) => {
    if (n === 0 || join?.kind !== 'dissolve') return 0;
    const overlap = Math.floor(Math.min(join.duration, room[n - 1] ?? 0, room[n] ?? 0));
    return overlap < LEAST_OVERLAP ? 0 : overlap;
  });
}

/** Length of the result: dissolves make it shorter than its ranges together. */
export function joinedDuration(kept: readonly Section[], join: Join | undefined): Microseconds {
  const overlaps = joinOverlaps(kept, join);
  return kept.reduce((sum, range, n) => sum + range.out - range.in - (overlaps[n] ?? 0), 0);
}
