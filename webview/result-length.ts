import type { PanelState } from '../src/messages.js';
import { joinedDuration } from '../src/timeline/join.js';
import { keptRanges, type Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/**
 * How long an export is going to be that leaves out what is marked, too. Where the joins are dissolved, each new one
 * makes the result shorter.
 *
 * @param duration of the clip
 * @returns undefined where nothing tells
 */
export function resultLength(
  { removed, join, resultDuration }: Pick<PanelState, 'removed' | 'join' | 'resultDuration'>,
  marked: readonly Section[],
  duration: Microseconds | undefined,
): Microseconds | undefined {
  if (duration === undefined) return resultDuration;
  const without = (sections: readonly Section[]): Microseconds =>
    joinedDuration(keptRanges(sections, { in: 0, out: duration }), { kind: 'dissolve', duration: join ?? 0 });
  const now = without(removed);
  return Math.max(0, (resultDuration ?? now) - (now - without([...removed, ...marked])));
}
