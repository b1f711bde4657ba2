import type { Section } from '../../timeline/sections.js';
import type { Microseconds } from '../../timeline/timecode.js';
import { pauseThreshold } from './noise-floor.js';
import { levelByte, levelStep, type SoundLevels } from './sound-levels.js';

/** Sound shorter than this in the middle of quiet is a click of a mouse or a switch, which does not end a pause. */
const CLICK: Microseconds = 20_000;
const QUIET_AROUND_CLICK: Microseconds = 100_000;

/**
 * Pauses in order: stretches whose level stays under the threshold for at least `minimum`.
 *
 * @param threshold dB of full scale, below 0; `auto` takes it from the sound's own noise floor
 */
export function pausesOf(sound: SoundLevels, threshold: number | 'auto', minimum: Microseconds): Section[] {
  const step = levelStep(sound);
  const limit = threshold === 'auto' ? pauseThreshold(sound.levels, step) : threshold;
  // Nothing but silence is no pause between anything.
  if (limit === undefined) return [];
  const quiet = withoutClicks(quietRuns(sound.levels, levelByte(limit)), step);
  return quiet
    .map(([from, to]) => ({ in: from * step, out: Math.min(sound.duration, to * step) }))
    .filter((pause) => pause.out - pause.in >= minimum);
}

type Run = readonly [from: number, to: number];

function quietRuns(levels: Uint8Array, limit: number): Run[] {
  const runs: Run[] = [];
  let since = -1;
  for (let n = 0; n < levels.length; n++) {
    // A greater byte is a lower level.
    const quiet = (levels[n] as number) > limit;
    if (quiet && since < 0) since = n;
    else if (!quiet && since >= 0) {
      runs.push([since, n]);
      since = -1;
    }
  }
  if (since >= 0) runs.push([since, levels.length]);
  return runs;
}

function withoutClicks(runs: readonly Run[], step: Microseconds): Run[] {
  const long = runs.filter(([from, to]) => (to - from) * step >= QUIET_AROUND_CLICK);
  const joined: Run[] = [];
  for (const run of long) {
    const last = joined.at(-1);
    if (last && (run[0] - last[1]) * step <= CLICK) joined[joined.length - 1] = [last[0], run[1]];
    else joined.push(run);
  }
  return joined;
}
