import type { Microseconds } from '../src/timeline/timecode.js';
import type { Route } from './preview-skip.js';

/** A stretch of the clip that is heard from `at` on, in seconds of the sound device's clock. */
export interface Span {
  readonly at: number;
  readonly from: Microseconds;
  /** Where playback jumps away; undefined when it does not. */
  readonly to: Microseconds | undefined;
}

/** Part of a piece: `offset` and `length` are seconds of its own sound, `at` is on the device's clock. */
export interface Chunk {
  readonly piece: number;
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

/** Seconds of the device's clock in which a span is over. */
function spanEnd({ at, from, to }: Span, speed: number): number {
  return to === undefined ? Infinity : at + (to - from) / 1e6 / speed;
}

/** The spans with all that begin before `until`. There is at least one. */
export function extended(spans: readonly Span[], route: Route, until: number, speed: number): readonly Span[] {
  const longer = [...spans];
  for (let last = longer.at(-1); last?.to !== undefined; last = longer.at(-1)) {
    const at = spanEnd(last, speed);
    // A jump that leads nowhere, or to its own beginning, is the end.
    const next = at < until ? route(last.to)?.to : undefined;
    if (next === undefined) break;
    const jump = route(next);
    if (jump && jump.at <= next) break;
    longer.push({ at, from: next, to: jump?.at });
  }
  return longer;
}

/** The first span of a sound that starts with `from` at a moment. */
export function firstSpan(from: Microseconds, at: number, route: Route): Span {
  const jump = route(from);
  return { at, from, to: jump && Math.max(from, jump.at) };
}

/** Time of the clip that is heard at a moment of the device's clock; undefined when nothing is. */
export function heardAt(spans: readonly Span[], moment: number, speed: number): Microseconds | undefined {
  const span = spans.find((candidate) => moment >= candidate.at && moment < spanEnd(candidate, speed));
  return span && span.from + (moment - span.at) * 1e6 * speed;
}

/**
 * What of which pieces is to be played for a span. All are whole samples, so that one follows the other exactly.
 *
 * @param length of the pieces. @param until chunks that begin later are left for later.
 */
export function chunks(
  span: Span,
  { length, sampleRate, speed, until }: { length: Microseconds; sampleRate: number; speed: number; until: number },
): Chunk[] {
  const samples = (time: Microseconds): number => Math.round((time * sampleRate) / 1e6);
  const first = samples(span.from);
  const end = span.to === undefined ? Infinity : samples(span.to);
  const found: Chunk[] = [];
  for (let piece = Math.floor(span.from / length); samples(piece * length) < end; piece += 1) {
    const start = samples(piece * length);
    const begin = Math.max(start, first);
    const at = span.at + (begin - first) / sampleRate / speed;
    if (at >= until) break;
    const stop = Math.min(samples((piece + 1) * length), end);
    found.push({ piece, at, offset: (begin - start) / sampleRate, length: (stop - begin) / sampleRate });
  }
  return found;
}
