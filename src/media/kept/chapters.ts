import { placeMoment, placeSpan, type KeptRange } from '../../timeline/placement.js';

/** A chapter's name in one language. */
export interface ChapterTitle {
  readonly text: string;
  /** ISO 639-2; undefined where the container has no language for it. */
  readonly language?: string;
  /** BCP 47, as newer Matroska files add it. */
  readonly languageTag?: string;
}

export interface Chapter {
  /** Seconds. */
  readonly start: number;
  /** Seconds; undefined when it lasts until the next one. */
  readonly end?: number;
  readonly titles: readonly ChapterTitle[];
  /** Numbers that tags of the file may refer to. */
  readonly id?: bigint;
  readonly hidden?: boolean;
  readonly disabled?: boolean;
  readonly children: readonly Chapter[];
}

/** One way to divide a clip into chapters; a Matroska file may have several. */
export interface ChapterList {
  readonly chapters: readonly Chapter[];
  readonly id?: bigint;
  readonly hidden?: boolean;
  /** It plays parts of the clip in an order of its own, which a cut breaks. */
  readonly ordered?: boolean;
  /** The one that players take by themselves. */
  readonly preferred?: boolean;
}

/**
 * The chapters of the result: one that was removed whole goes, one that begins in a removed part begins at the join.
 *
 * @param end of the source in seconds, where a last chapter without an end of its own ends
 */
export function shiftChapters(chapters: readonly Chapter[], ranges: readonly KeptRange[], end: number): Chapter[] {
  const sorted = [...chapters].sort((a, b) => a.start - b.start);
  return sorted.flatMap((chapter, n): Chapter[] => {
    const until = chapter.end ?? sorted[n + 1]?.start ?? end;
    // A chapter without length marks a moment; it stays with the moment.
    const moment = until <= chapter.start;
    if (placeSpan(ranges, chapter.start, moment ? chapter.start + 0.01 : until).length === 0) return [];
    const start = placeMoment(ranges, chapter.start);
    const placed = { ...chapter, start, children: shiftChapters(chapter.children, ranges, until) };
    if (chapter.end === undefined) return [placed];
    return [{ ...placed, end: moment ? start : endOf(ranges, chapter.end) }];
  });
}

/** Where the end of a span lies in the result; one in a removed part moves back to the join, never past it. */
function endOf(ranges: readonly KeptRange[], time: number): number {
  let end = 0;
  for (const range of ranges) {
    if (time <= range.start) break;
    end = Math.min(time - range.start + range.outStart, range.outEnd);
  }
  return end;
}

/** Chapters in order without nesting, for containers that have none; hidden ones are left out. */
export function flatten(lists: readonly ChapterList[]): Chapter[] {
  const list = lists.find(({ preferred }) => preferred) ?? lists.find(({ hidden }) => !hidden) ?? lists[0];
  const all = (chapters: readonly Chapter[]): Chapter[] =>
    chapters.flatMap((chapter) => (chapter.hidden ? [] : [chapter, ...all(chapter.children)]));
  return all(list?.chapters ?? []).sort((a, b) => a.start - b.start);
}
