import * as l10n from '@vscode/l10n';
import { MOST_MARKS } from '../src/messages.js';
import { mergeSections, totalDuration, type Section, type TypedSection } from '../src/timeline/sections.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { addSection, isBlank } from './sections-form.js';

/** Pauses that nothing marked or removed touches: they can be accepted as they are. In order. */
export function openPauses(pauses: readonly Section[], taken: readonly Section[]): Section[] {
  const merged = mergeSections(taken);
  let next = 0;
  return mergeSections(pauses).filter((pause) => {
    while ((merged[next]?.out ?? Number.POSITIVE_INFINITY) <= pause.in) next += 1;
    const other = merged[next];
    return other === undefined || other.in >= pause.out;
  });
}

/** The pauses that there is room to mark, the longest first when it is not enough for all. In order. */
export function acceptable(open: readonly Section[], rows: readonly TypedSection[]): readonly Section[] {
  const room = Math.max(0, MOST_MARKS - rows.filter((row) => !isBlank(row)).length);
  if (open.length <= room) return open;
  const byLength = [...open].sort((a, b) => b.out - b.in - (a.out - a.in));
  return byLength.slice(0, room).sort((a, b) => a.in - b.in);
}

/** The rows with pauses added as ordinary sections, and the row of the last. */
export function acceptPauses(
  rows: readonly TypedSection[],
  pauses: readonly Section[],
): { readonly rows: readonly TypedSection[]; readonly chosen: number | undefined } {
  let accepted = rows;
  let chosen: number | undefined;
  for (const pause of pauses) ({ rows: accepted, index: chosen } = addSection(accepted, pause));
  return { rows: accepted, chosen };
}

/** "Mark all 7 pauses (1:23)". */
export function acceptAllWords(open: readonly Section[], accepted: readonly Section[]): string {
  const length = formatTimecode(totalDuration(accepted), { digits: 0 });
  if (open.length === 1) return l10n.t('Mark the pause ({0})', length);
  if (accepted.length === open.length) return l10n.t('Mark all {0} pauses ({1})', open.length, length);
  if (accepted.length === 1) return l10n.t('Mark the longest pause ({0})', length);
  return l10n.t('Mark the {0} longest pauses ({1})', accepted.length, length);
}
