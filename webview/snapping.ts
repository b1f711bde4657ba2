import * as l10n from '@vscode/l10n';
import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/** What a drag on the timeline holds on to. */
export interface SnapPoint {
  readonly time: Microseconds;
  /** In words, for the person. */
  readonly name: string;
}

export interface SnapScene {
  readonly duration: Microseconds;
  readonly pauses: readonly Section[];
  readonly removed: readonly Section[];
  /** Marked sections other than the one that is dragged. */
  readonly marked: readonly Section[];
  /** Undefined while it is the playhead itself that is dragged. */
  readonly playhead: Microseconds | undefined;
}

/** All points but the keyframes; where two are at one time, the first counts. */
export function snapPoints({ duration, pauses, removed, marked, playhead }: SnapScene): SnapPoint[] {
  const edges = (sections: readonly Section[], start: string, end = start): SnapPoint[] =>
    sections.flatMap((section) => [
      { time: section.in, name: start },
      { time: section.out, name: end },
    ]);
  return [
    { time: 0, name: l10n.t('start of the clip') },
    { time: duration, name: l10n.t('end of the clip') },
    ...(playhead === undefined ? [] : [{ time: playhead, name: l10n.t('playhead') }]),
    ...edges(marked, l10n.t('section')),
    ...edges(removed, l10n.t('cut')),
    ...edges(pauses, l10n.t('start of a pause'), l10n.t('end of a pause')),
  ];
}

/**
 * The point nearest to a time within a tolerance. A keyframe counts where nothing else is near and where its neighbours
 * are so far away that there is a choice.
 */
export function nearestPoint(
  time: Microseconds,
  points: readonly SnapPoint[],
  keyframes: readonly Microseconds[],
  tolerance: Microseconds,
): SnapPoint | undefined {
  let best: SnapPoint | undefined;
  let distance = tolerance;
  for (const point of points) {
    const away = Math.abs(point.time - time);
    if (away < distance || (away === distance && !best)) {
      best = point;
      distance = away;
    }
  }
  return best ?? nearestKeyframe(time, keyframes, tolerance);
}

/** Tolerances that lie between two keyframes at least: closer ones are a carpet. */
const APART = 3;

function nearestKeyframe(
  time: Microseconds,
  keyframes: readonly Microseconds[],
  tolerance: Microseconds,
): SnapPoint | undefined {
  const after = firstAtOrAfter(keyframes, time);
  const [before, next] = [keyframes[after - 1], keyframes[after]];
  if (before !== undefined && next !== undefined && next - before < APART * tolerance) return undefined;
  const near = [before, next].filter((key) => key !== undefined && Math.abs(key - time) <= tolerance);
  const found = near.length === 2 && time - (near[0] ?? 0) > (near[1] ?? 0) - time ? near[1] : near[0];
  return found === undefined ? undefined : { time: found, name: l10n.t('keyframe') };
}

/** Place of the first of sorted times that is not before `time`; their number when all are. */
export function firstAtOrAfter(times: readonly Microseconds[], time: Microseconds): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
