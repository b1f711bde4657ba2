import { checkSections, type Section, type TypedSection } from '../src/timeline/sections.js';
import { formatTimecode, parseTimecode, type Microseconds } from '../src/timeline/timecode.js';

export interface FormProblem {
  readonly row: number;
  readonly field: 'in' | 'out';
  readonly message: string;
}

/** The rows of the section fields, read and judged. */
export interface CheckedForm {
  /** In the order of the rows; undefined where a row is blank, incomplete or wrong. */
  readonly sections: readonly (Section | undefined)[];
  readonly problems: readonly FormProblem[];
  /** Rows that have something in them: what is sent. */
  readonly typed: readonly TypedSection[];
  /** True when every row with something in it is a complete, correct section, and there is one. */
  readonly ready: boolean;
}

export const BLANK_ROW: TypedSection = { in: '', out: '' };

/** Nothing is typed in either field; spaces are nothing. */
export function isBlank(row: TypedSection): boolean {
  return row.in.trim() === '' && row.out.trim() === '';
}

/** Checks rows as typed. A field that is still empty is not wrong: the section is only not ready yet. */
export function checkRows(rows: readonly TypedSection[], duration: Microseconds | undefined): CheckedForm {
  const filled = rows.map((row, index) => ({ row, index })).filter(({ row }) => !isBlank(row));
  const typed = filled.map(({ row }) => row);
  const checked = checkSections(typed, duration);
  const sections: (Section | undefined)[] = rows.map(() => undefined);
  const wrong = new Set(checked.problems.map((problem) => problem.index));
  for (const [position, { index }] of filled.entries()) {
    const section = checked.sections[position];
    // The last moment may be typed a little past the true end: it means the end.
    if (section && !wrong.has(position))
      sections[index] = { ...section, out: Math.min(section.out, duration ?? section.out) };
  }
  const problems = checked.problems.flatMap((problem): FormProblem[] => {
    const place = filled[problem.index];
    if (!place || place.row[problem.field].trim() === '') return [];
    return [{ row: place.index, field: problem.field, message: problem.message }];
  });
  return { sections, problems, typed, ready: typed.length > 0 && checked.problems.length === 0 };
}

/** A text that may still become a time, such as `0:` or `45.`: not to be called wrong while it is being typed. */
export function isUnfinishedTime(text: string): boolean {
  return /^[\d:]+[:.,]$/.test(text.normalize('NFKC').trim());
}

/**
 * A time for a field, in whole milliseconds, rounded down: the frame that begins at `time` then still has its start
 * at or after the point, so it is the first one removed (or, for an out point, the first one kept).
 */
export function fieldText(time: Microseconds): string {
  return formatTimecode(Math.floor(time / 1000) * 1000);
}

/** The rows with a section added: in the first blank row, or below the others. */
export function addSection(
  rows: readonly TypedSection[],
  section: Section,
): { readonly rows: readonly TypedSection[]; readonly index: number } {
  const text = { in: fieldText(section.in), out: fieldText(section.out) };
  const blank = rows.findIndex(isBlank);
  if (blank >= 0) return { rows: rows.with(blank, text), index: blank };
  return { rows: [...rows, text], index: rows.length };
}

/**
 * Sets a point at the playhead: of the chosen row when that leaves it a section, else of the row that still waits for
 * this point, else of a new row.
 */
export function setPoint(
  rows: readonly TypedSection[],
  field: 'in' | 'out',
  time: Microseconds,
  chosen: number | undefined,
): { readonly rows: readonly TypedSection[]; readonly index: number } {
  const text = fieldText(time);
  const fits = (row: TypedSection): boolean => {
    const other = parseTimecode(field === 'in' ? row.out : row.in);
    return other === undefined || (field === 'in' ? time < other : time > other);
  };
  const own = chosen === undefined ? undefined : rows[chosen];
  const waiting = rows.findIndex((row) => row[field].trim() === '' && fits(row));
  const index = chosen !== undefined && own && fits(own) ? chosen : waiting >= 0 ? waiting : rows.length;
  const row = rows[index] ?? BLANK_ROW;
  return { rows: rows.toSpliced(index, 1, { ...row, [field]: text }), index };
}
