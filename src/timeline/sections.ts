import * as l10n from '@vscode/l10n';
import { formatTimecode, parseTimecode, type Microseconds } from './timecode.js';

/**
 * A half-open range of source time, [in, out): a frame belongs to it when `in ≤ presentation time < out`.
 * Used both for what is removed and, as a kept range, for what stays.
 */
export interface Section {
  readonly in: Microseconds;
  readonly out: Microseconds;
}

/** Sections in order of time; those that overlap or touch become one, empty ones vanish. */
export function mergeSections(sections: readonly Section[]): Section[] {
  const merged: { in: Microseconds; out: Microseconds }[] = [];
  for (const section of [...sections].sort((a, b) => a.in - b.in || a.out - b.out)) {
    if (section.out <= section.in) continue;
    const last = merged.at(-1);
    if (last && section.in <= last.out) last.out = Math.max(last.out, section.out);
    else merged.push({ in: section.in, out: section.out });
  }
  return merged;
}

/** The part of `sections` that lies within `bounds`. */
export function clampSections(sections: readonly Section[], bounds: Section): Section[] {
  return mergeSections(
    sections.map((section) => ({ in: Math.max(section.in, bounds.in), out: Math.min(section.out, bounds.out) })),
  );
}

/** The ranges of `bounds` that stay when `removed` is taken out: the complement. Empty when nothing stays. */
export function keptRanges(removed: readonly Section[], bounds: Section): Section[] {
  const kept: Section[] = [];
  let position = bounds.in;
  for (const section of clampSections(removed, bounds)) {
    if (section.in > position) kept.push({ in: position, out: section.in });
    position = section.out;
  }
  if (position < bounds.out) kept.push({ in: position, out: bounds.out });
  return kept;
}

/** Sections that overlap count twice; {@link mergeSections} comes first where they may. */
export function totalDuration(sections: readonly Section[]): Microseconds {
  return sections.reduce((sum, section) => sum + (section.out - section.in), 0);
}

/**
 * Where a time of the joined result lies in the source: the inverse of a ripple delete.
 * Sections that later edits name in result time become source sections with this.
 *
 * @returns the source time, or undefined beyond the end of the result. The start of a joined range belongs to that
 *   range, not to the end of the one before.
 */
export function resultToSource(time: Microseconds, kept: readonly Section[]): Microseconds | undefined {
  let position = 0;
  for (const range of kept) {
    const length = range.out - range.in;
    if (time < position + length) return range.in + (time - position);
    position += length;
  }
  return time === position ? kept.at(-1)?.out : undefined;
}

/**
 * Where a time of the source lies in the joined result. A time inside a removed section lies at the join.
 * The inverse of {@link resultToSource} for every time that is kept.
 */
export function sourceToResult(time: Microseconds, kept: readonly Section[]): Microseconds {
  return kept.reduce((sum, range) => sum + Math.max(0, Math.min(time, range.out) - range.in), 0);
}

/** Why a marked section cannot be removed; the field tells which input is to be corrected. */
export interface SectionProblem {
  /** Position of the section in the list that was checked. */
  readonly index: number;
  readonly field: 'in' | 'out';
  readonly code: 'not-a-time' | 'out-before-in' | 'empty' | 'past-end' | 'overlap' | 'nothing-left';
  /** One sentence in words, for the person. */
  readonly message: string;
}

/** In and out points as typed. */
export interface TypedSection {
  readonly in: string;
  readonly out: string;
}

export interface CheckedSections {
  /** The sections in the order given; undefined where a field is not a timecode. */
  readonly sections: readonly (Section | undefined)[];
  readonly problems: readonly SectionProblem[];
}

/**
 * Reads and checks sections as typed. Each problem is one sentence that says what to correct.
 *
 * @param duration length of the clip; undefined when it is not known yet, which skips the checks against the end.
 */
export function checkSections(typed: readonly TypedSection[], duration: Microseconds | undefined): CheckedSections {
  const problems: SectionProblem[] = [];
  const sections = typed.map((fields, index): Section | undefined => {
    const times = { in: parseTimecode(fields.in), out: parseTimecode(fields.out) };
    for (const field of ['in', 'out'] as const) {
      if (times[field] !== undefined) continue;
      const message = l10n.t('Type a time such as 0:45, 45.5 or 1:02:03.250.');
      problems.push({ index, field, code: 'not-a-time', message });
    }
    if (times.in === undefined || times.out === undefined) return undefined;
    const section = { in: times.in, out: times.out };
    problems.push(...sectionProblems(section, index, duration));
    return section;
  });
  problems.push(...overlapProblems(sections));
  if (problems.length === 0 && duration !== undefined && sections.length > 0) {
    const marked = sections.filter((section) => section !== undefined);
    if (keptRanges(marked, { in: 0, out: duration }).length === 0) {
      const message = l10n.t('Nothing would be left of the clip. Keep at least a part of it.');
      problems.push({ index: sections.length - 1, field: 'out', code: 'nothing-left', message });
    }
  }
  return { sections, problems };
}

function sectionProblems(section: Section, index: number, duration: Microseconds | undefined): SectionProblem[] {
  const end = duration === undefined ? Number.POSITIVE_INFINITY : duration;
  if (section.in >= end) {
    const message = l10n.t('The clip ends at {0}. Choose an in point before that.', formatTimecode(end));
    return [{ index, field: 'in', code: 'past-end', message }];
  }
  if (section.out < section.in) {
    const message = l10n.t('The out point is before the in point ({0}).', formatTimecode(section.in));
    return [{ index, field: 'out', code: 'out-before-in', message }];
  }
  if (section.out === section.in) {
    const message = l10n.t('In and out are the same: the section is empty.');
    return [{ index, field: 'out', code: 'empty', message }];
  }
  // Players show the duration rounded, so an out point typed from what they show may lie a little past the end.
  if (section.out > end + 500_000) {
    const message = l10n.t('The clip ends at {0}. Choose an out point up to that.', formatTimecode(end));
    return [{ index, field: 'out', code: 'past-end', message }];
  }
  return [];
}

function overlapProblems(sections: readonly (Section | undefined)[]): SectionProblem[] {
  const ordered = sections
    .map((section, index) => ({ section, index }))
    .filter((item): item is { section: Section; index: number } => item.section !== undefined)
    .filter(({ section }) => section.out > section.in)
    .sort((a, b) => a.section.in - b.section.in);
  const problems: SectionProblem[] = [];
  let before = ordered[0];
  for (const item of ordered.slice(1)) {
    if (before && item.section.in < before.section.out) {
      const { section } = before;
      const range = `${formatTimecode(section.in)}–${formatTimecode(section.out)}`;
      const message = l10n.t('Overlaps the section {0}.', range);
      problems.push({ index: item.index, field: 'in', code: 'overlap', message });
    }
    if (!before || item.section.out > before.section.out) before = item;
  }
  return problems;
}
