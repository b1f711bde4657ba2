import { keptRanges, type Section } from '../sections.js';
import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timecode.js';
import { readClockTime } from './clock-time.js';
import {
  checkCount,
  checkLength,
  Counts,
  CutListError,
  madeList,
  type CutList,
  type ListedClip,
  type ListedPart,
  type WrittenList,
} from './cut-list.js';
import { countingRate } from './frame-rate.js';

// Chapters as they stand in the description of a video on YouTube: a time and a name in each line, the first at 0:00.
// A chapter goes on until the next one begins.

const LINE = /^[\s([*•–—-]*((?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,6})?)[\])]?(?=$|[\s:–—|-])[\s:–—|-]*(.*)$/u;

/** Whether a text has lines of chapters: two, or one at its beginning. */
export function hasChapters(text: string): boolean {
  let found = 0;
  for (const line of text.slice(0, 100_000).split(/\r\n?|\n/u)) if (LINE.test(line.slice(0, 500))) found += 1;
  return found >= 2;
}

/**
 * Reads chapters: the parts lie side by side up to the clip's end. Which of them go only the person knows; see
 * {@link isNamedAsCut}.
 *
 * @throws CutListError
 */
export function readChapters(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const { rate } = countingRate(undefined);
  const notes = new Counts();
  const starts: { at: Microseconds; name: string }[] = [];
  for (const line of text.replace(/^\ufeff/u, '').split(/\r\n?|\n/u)) {
    const [, time = '', name = ''] = LINE.exec(line.slice(0, 1000)) ?? [];
    const at = time === '' ? undefined : readClockTime(time, rate);
    if (at !== undefined) starts.push({ at, name: name.trim() });
    checkCount(starts);
  }
  if (starts.length === 0) throw new CutListError('not-this');
  const ordered = [...starts].sort((a, b) => a.at - b.at);
  if (ordered.some((start, index) => start !== starts[index])) notes.add('reordered');
  const parts = ordered.flatMap(({ at, name }, index): ListedPart[] => {
    const end = ordered[index + 1]?.at ?? (clip.duration > at ? clip.duration : at + MICROSECONDS_PER_SECOND);
    return end > at ? [{ in: at, out: end, ...(name === '' ? {} : { name }) }] : [];
  });
  notes.add('unreadable', ordered.length - parts.length);
  return madeList({ format: 'chapters', lists: 'unsaid', parts, notes });
}

/** Whether a chapter is called as {@link writeChapters} calls what is cut: "Cut", "Cut 2", "[cut] Ads", 剪掉. */
export function isNamedAsCut(name: string | undefined): boolean {
  return /^[[(]?(?:cut|removed?(?: part)?|剪掉|删除)(?:[\])\s:.-]|\d|$)/iu.test(name?.trim() ?? '');
}

/** What the parts are called, in the person's language; the numbers follow. */
export interface ChapterWords {
  readonly part: string;
  /** Read back by {@link isNamedAsCut}. */
  readonly cut: string;
}

/**
 * Writes all of the clip as chapters, what is cut among them. Exact to half a second: YouTube knows whole ones.
 *
 * @param kept in order, within the clip
 */
export function writeChapters(
  kept: readonly Section[],
  clip: ListedClip,
  words: ChapterWords = { part: 'Part', cut: 'Cut' },
): WrittenList {
  const whole = { in: 0, out: clip.duration };
  const removed = keptRanges(kept, whole);
  const all = [
    ...kept.map((section, index) => ({ ...section, name: `${words.part} ${index + 1}` })),
    ...removed.map((section, index) => ({ ...section, name: `${words.cut} ${index + 1}` })),
  ].sort((a, b) => a.in - b.in);
  const rounded = all.map((part) => ({ ...part, at: Math.round(part.in / MICROSECONDS_PER_SECOND) }));
  const begun = rounded.filter(({ at }) => at * MICROSECONDS_PER_SECOND < clip.duration);
  // Of two in one second the later one goes on, and the first has vanished.
  const shown = begun.filter((part, index) => begun[index + 1]?.at !== part.at);
  const lines = shown.map(({ at, name }) => `${chapterTime(at)} ${name}`);
  return { text: `${lines.join('\n')}\n`, grain: MICROSECONDS_PER_SECOND / 2, lost: rounded.length - shown.length };
}

/** Chapters of the result: one for each part that is kept, where it begins there. */
export function writeResultChapters(
  kept: readonly Section[],
  words: Pick<ChapterWords, 'part'> = { part: 'Part' },
): WrittenList {
  let position = 0;
  const starts = kept.map((section) => {
    const at = Math.round(position / MICROSECONDS_PER_SECOND);
    position += section.out - section.in;
    return at;
  });
  const shown = starts.map((at, index) => ({ at, index })).filter(({ at, index }) => starts[index + 1] !== at);
  const lines = shown.map(({ at, index }) => `${chapterTime(at)} ${words.part} ${index + 1}`);
  return { text: `${lines.join('\n')}\n`, grain: MICROSECONDS_PER_SECOND / 2, lost: starts.length - shown.length };
}

/** YouTube's own rules, as its help states them: the first at 0:00, three at least, each of ten seconds or more. */
export function isShownByYouTube(text: string, duration: Microseconds): boolean {
  const { parts } = readChapters(text, { name: '', duration });
  const isLong = (part: Section): boolean => part.out - part.in >= 10 * MICROSECONDS_PER_SECOND;
  return parts.length >= 3 && parts[0]?.in === 0 && parts.every(isLong);
}

function chapterTime(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
