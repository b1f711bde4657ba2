import { PlanBuilder, type TrackPlan } from './track-plan.js';
import type { Track } from './track.js';

/** A kept range in seconds of the source's clock, with its place in the result in seconds. */
export interface KeptRange {
  readonly start: number;
  readonly outStart: number;
  readonly outEnd: number;
}

interface Slice {
  readonly place: number;
  readonly pts: number;
  duration: number;
  /** Ticks of the sample that lie before this slice. */
  readonly skipped: number;
}

/**
 * A track whose samples stand by themselves (text, timecode, telemetry) cut to the kept ranges: a sample that reaches
 * over a cut is shortened, and one that reaches over a whole removed section runs on.
 *
 * @param timecode gives, for timecode tracks, the bytes of the sample at a place, `skipped` ticks into it
 */
export function planRanged(
  track: Track,
  ranges: readonly KeptRange[],
  timecode?: (place: number, skipped: number) => Uint8Array | undefined,
): TrackPlan {
  const slices = cutToRanges(track, ranges, timecode !== undefined);
  const builder = new PlanBuilder(track, slices.length);
  for (const { place, pts, duration, skipped } of slices) {
    builder.addCopy(place, pts, pts, timecode?.(place, skipped), duration);
  }
  return builder.result(undefined, undefined);
}

function cutToRanges({ samples, timescale }: Track, ranges: readonly KeptRange[], apart: boolean): Slice[] {
  const slices: Slice[] = [];
  const ticks = (seconds: number): number => Math.round(seconds * timescale);
  for (const range of ranges) {
    const start = ticks(range.start);
    const outStart = ticks(range.outStart);
    const end = start + ticks(range.outEnd) - outStart;
    for (let place = firstReaching(samples.pts, samples.duration, start); place < samples.count; place++) {
      const from = samples.pts[place] ?? 0;
      if (from >= end) break;
      if (samples.hidden[place]) continue;
      const to = from + (samples.duration[place] ?? 0);
      const cutFrom = Math.max(from, start);
      const duration = Math.min(to, end) - cutFrom;
      if (duration <= 0 && to > from) continue;
      const pts = cutFrom - start + outStart;
      const before = slices.at(-1);
      const joins = before?.place === place && before.pts + before.duration === pts;
      if (joins && (!apart || before.skipped + before.duration === cutFrom - from)) before.duration += duration;
      else slices.push({ place, pts, duration, skipped: cutFrom - from });
    }
  }
  // The distance to the next one counts in the file.
  for (const [i, slice] of slices.entries()) {
    const next = slices[i + 1];
    if (next) slice.duration = Math.max(0, next.pts - slice.pts);
  }
  return slices;
}

/** The first sample that ends after `time`, or lies there without a length. */
function firstReaching(pts: Float64Array, duration: Float64Array, time: number): number {
  let low = 0;
  let high = pts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const from = pts[middle] ?? 0;
    if (from < time && from + (duration[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
