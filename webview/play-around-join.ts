import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { clipTime, resultPosition, skipping, type Route } from './preview-skip.js';

/** So much of the result is played before a join and after it. */
const REACH = 1_000_000;

/** Sections with something before and behind them: the others leave no join. */
export function joins(skipped: readonly Section[], duration: Microseconds): readonly Section[] {
  return skipped.filter((section) => section.in > 0 && section.out < duration);
}

/** The section whose cut is nearest to a time. */
export function nearestJoin(
  time: Microseconds,
  skipped: readonly Section[],
  duration: Microseconds,
): Section | undefined {
  const distance = ({ in: start, out }: Section): number => Math.max(0, start - time, time - out);
  return joins(skipped, duration).reduce<Section | undefined>(
    (nearest, section) => (nearest && distance(nearest) <= distance(section) ? nearest : section),
    undefined,
  );
}

export interface Loop {
  /** Where each round begins. */
  readonly from: Microseconds;
  readonly route: Route;
}

/** Rounds over a join, from 1 s of the result before it to 1 s after it, as far as the result reaches. */
export function loopAround(join: Section, skipped: readonly Section[], duration: Microseconds): Loop {
  const middle = resultPosition(join.in, skipped);
  const from = clipTime(Math.max(0, middle - REACH), skipped);
  const end = Math.min(clipTime(middle + REACH, skipped), duration);
  const onward = skipping(skipped, duration);
  return {
    from,
    route: (time) => {
      const jump = onward(time);
      if (jump?.to !== undefined && jump.at < end) return jump;
      return { at: Math.min(end, jump?.at ?? end), to: from };
    },
  };
}
