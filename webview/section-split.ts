import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { SHORTEST_SECTION } from './section-drag.js';
import { fieldText } from './sections-form.js';

/** Two rows in the place of the one whose section a time lies in; the points that were typed stay as they are. */
export function splitSection(
  rows: readonly TypedSection[],
  sections: readonly (Section | undefined)[],
  time: Microseconds,
): { readonly rows: readonly TypedSection[]; readonly index: number } | undefined {
  const index = sections.findIndex(
    (section) => section && time - section.in >= SHORTEST_SECTION && section.out - time >= SHORTEST_SECTION,
  );
  const row = rows[index];
  if (!row) return undefined;
  const at = fieldText(time);
  return { rows: rows.toSpliced(index, 1, { in: row.in, out: at }, { in: at, out: row.out }), index: index + 1 };
}
