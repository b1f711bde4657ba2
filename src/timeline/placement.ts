/** A range of the source that stays, in seconds of the container's clock, and its place in the result in seconds. */
export interface KeptRange {
  readonly start: number;
  readonly outStart: number;
  readonly outEnd: number;
}

/**
 * A kept range in seconds. At a dissolve, where two ranges overlap, they meet in its middle here: what is heard fades
 * around it, and what cannot be mixed, as subtitles, changes there.
 */
export interface TimedRange extends KeptRange {
  /** Half the length of the dissolve with the range before; absent at a plain cut. */
  readonly fade?: number;
}

/** A span of time in the result, in seconds. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

// What is left of a cue or a chapter has to be longer than rounding to the containers' milliseconds makes.
const SHORTEST_SECONDS = 0.002;

/**
 * What is left of the source's [start, end) in the result: one piece where the span reaches over a cut (the two sides
 * touch at the join), none where all of it was removed.
 */
export function placeSpan(ranges: readonly KeptRange[], start: number, end: number): Piece[] {
  const pieces: { start: number; end: number }[] = [];
  for (const range of ranges) {
    const shift = range.outStart - range.start;
    const from = Math.max(start + shift, range.outStart);
    const to = Math.min(end + shift, range.outEnd);
    if (to <= from) continue;
    const before = pieces.at(-1);
    if (before && from - before.end < SHORTEST_SECONDS) before.end = to;
    else pieces.push({ start: from, end: to });
  }
  return pieces.filter((piece) => piece.end - piece.start >= SHORTEST_SECONDS);
}

/** Where a moment of the source lies in the result; one from a removed part moves to the join, or to the end. */
export function placeMoment(ranges: readonly KeptRange[], time: number): number {
  for (const range of ranges) {
    const placed = Math.max(time - range.start, 0) + range.outStart;
    if (placed < range.outEnd) return placed;
  }
  return ranges.at(-1)?.outEnd ?? 0;
}

/** The place of a packet that lies at one moment, or undefined when that moment was removed. */
export function keptMoment(ranges: readonly KeptRange[], time: number): number | undefined {
  for (const range of ranges) {
    const placed = time - range.start + range.outStart;
    if (placed >= range.outStart && placed < range.outEnd) return placed;
  }
  return undefined;
}

/**
 * Lays ranges of the source one after the other.
 *
 * @param sides begin and end of each, in seconds
 * @param overlaps of each range with the one before, in seconds
 */
export function timedRanges(
  sides: readonly { readonly start: number; readonly end: number }[],
  overlaps: readonly number[],
): TimedRange[] {
  let position = 0;
  return sides.map(({ start, end }, n) => {
    const fade = (overlaps[n] ?? 0) / 2;
    const outStart = position;
    position += end - start - fade - (overlaps[n + 1] ?? 0) / 2;
    return { start: start + fade, outStart, outEnd: position, ...(fade > 0 ? { fade } : {}) };
  });
}
