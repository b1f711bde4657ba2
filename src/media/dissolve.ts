import * as l10n from '@vscode/l10n';
import { dissolveRoom, LEAST_OVERLAP, type Join } from '../timeline/join.js';

// Where two kept ranges dissolve into each other. Pure: no I/O, no clock.

/** A frame of the end of one range and the frame of the next one that is mixed into it; places in decode order. */
export interface Mix {
  readonly frame: number;
  readonly with: number;
}

/** How a kept range meets the one before it. */
export interface Meeting {
  /** Ticks that both ranges share in the result; 0 at a plain cut. */
  readonly overlap: number;
  /** Frames at its beginning that are not shown by themselves. */
  readonly mixed: number;
  /** The last frames of the range before, which are shown mixed, in order. */
  readonly mixes: readonly Mix[];
}

export const PLAIN_CUT: Meeting = { overlap: 0, mixed: 0, mixes: [] };

/** A kept range as frames in display order, [first, last), and its edges in ticks. */
interface Side {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

export interface ShownFrames {
  /** Presentation times in order, in ticks. */
  readonly pts: readonly number[];
  /** Their places in decode order. */
  readonly display: readonly number[];
  readonly ticksPerSecond: number;
}

// A frame that stands this much longer than the dissolve would leave a ghost of the other side behind.
const LONGEST_GAP_SECONDS = 0.05;
// Picture that ends or begins so far from its range's edge does not meet the other side.
const LONGEST_STEP_SECONDS = 0.2;

/**
 * Lets the end of one range and the beginning of the next overlap by the whole frames nearest to `wanted` ticks, as far
 * as both keep at least half of their frames for themselves.
 *
 * @param index of the range `after` among `ranges`
 */
export function meet(shown: ShownFrames, ranges: readonly Side[], index: number, wanted: number): Meeting {
  const [before, after] = [ranges[index - 1], ranges[index]];
  if (!before || !after || wanted <= 0) return PLAIN_CUT;
  const { pts, display, ticksPerSecond } = shown;
  const time = (n: number): number => pts[n] ?? Number.POSITIVE_INFINITY;
  const room = (side: Side, n: number): number => Math.floor(dissolveRoom(side.last - side.first, n, ranges.length));
  const mostAfter = room(after, index);
  const step = before.end - time(before.last - 1);
  if (before.last <= before.first || step > LONGEST_STEP_SECONDS * ticksPerSecond) return PLAIN_CUT;
  if (after.last <= after.first || time(after.first) - after.start > step / 2) return PLAIN_CUT;

  let from = Math.max(
    before.last - room(before, index - 1),
    firstAt(pts, before.end - wanted - step / 2, before.first, before.last),
  );
  let overlap = 0;
  let mixed = 0;
  for (; from < before.last; from++) {
    overlap = before.end - time(from);
    mixed = firstAt(pts, after.start + overlap - step / 2, after.first, after.last) - after.first;
    if (mixed <= mostAfter) break;
  }
  const gap = time(after.first + mixed) - after.start - overlap;
  if (before.last - from < 2 || mixed < 1 || overlap < (LEAST_OVERLAP / 1e6) * ticksPerSecond) return PLAIN_CUT;
  if (gap > Math.max(step / 2, LONGEST_GAP_SECONDS * ticksPerSecond)) return PLAIN_CUT;
  const mixes: Mix[] = [];
  for (let n = from, m = after.first; n < before.last; n++) {
    // The frame of the other side that is nearest in time: where both run evenly, one after the other.
    const offset = after.start + time(n) - time(from);
    while (m + 1 < after.first + mixed && Math.abs(time(m + 1) - offset) <= Math.abs(time(m) - offset)) m++;
    mixes.push({ frame: display[n] ?? 0, with: display[m] ?? 0 });
  }
  return { overlap, mixed, mixes };
}

/** What to tell of joins that did not become the dissolve that was asked for. @param overlaps in seconds, one a join */
export function dissolveNotes(overlaps: readonly number[], join: Join | undefined): string[] {
  if (join?.kind !== 'dissolve') return [];
  const wanted = join.duration / 1e6;
  const plain = overlaps.filter((overlap) => overlap === 0).length;
  const shorter = overlaps.filter((overlap) => overlap > 0 && overlap < wanted - LONGEST_GAP_SECONDS).length;
  const notes: string[] = [];
  if (plain > 0) {
    notes.push(
      plain === 1
        ? l10n.t('One join is a plain cut: there is too little beside it for a dissolve.')
        : l10n.t('{0} joins are plain cuts: there is too little beside them for a dissolve.', plain),
    );
  }
  if (shorter > 0) {
    notes.push(
      shorter === 1
        ? l10n.t('One join has a shorter dissolve: the parts beside it are short.')
        : l10n.t('{0} joins have shorter dissolves: the parts beside them are short.', shorter),
    );
  }
  return notes;
}

/** First position of [low, high) whose time is at least `time`, else `high`. */
function firstAt(pts: readonly number[], time: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pts[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
