import type { Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';

/** Kinds of file that name parts of a clip. */
export type CutListFormat = 'edl' | 'csv' | 'chapters' | 'llc' | 'fcpxml';

/** What reading and writing a list needs to know of the clip; each format takes of it what it counts in. */
export interface ListedClip {
  /** File name with its ending. */
  readonly name: string;
  readonly duration: Microseconds;
  /** Frames per second; undefined for a clip without picture. */
  readonly frameRate?: number | undefined;
  /** Timecode of the first frame, `10:35:42;12`, where the file has one. */
  readonly timecode?: string | undefined;
  readonly hasPicture?: boolean | undefined;
  readonly hasSound?: boolean | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** `file:` address, for lists that link to the clip. */
  readonly url?: string | undefined;
}

/** A part that a list names, in source time, as it stands there: it may lie outside the clip. */
export interface ListedPart extends Section {
  readonly name?: string;
}

/** What of a list could not be taken over, or only in part. */
export interface ListNote {
  readonly what:
    /** Points without a length. */
    | 'markers'
    /** Parts that the list itself leaves out: not selected, not enabled. */
    | 'switched-off'
    /** Parts of other clips, and what shows no clip: titles, gaps, compound clips. */
    | 'other-clips'
    /** Dissolves, wipes. */
    | 'transitions'
    /** Parts played faster or slower: where they lie is taken over, their speed is not. */
    | 'speed'
    /** Lines or elements that cannot be read. */
    | 'unreadable'
    /** The parts stand in another order than in the clip. */
    | 'reordered'
    /** Times that count from the clip's own timecode, or from a whole hour. */
    | 'timecode'
    /** The list counts frames at another rate than the clip's. */
    | 'other-rate'
    /** Numbers taken for frames, because as seconds they would lie past the end. */
    | 'frames'
    /** The clip that the list names is called differently. */
    | 'other-name';
  readonly count: number;
}

/** What a list says of a clip. */
export interface CutList {
  readonly format: CutListFormat;
  /** Whether the parts are what stays or what goes; `unsaid` where only the person knows. */
  readonly lists: 'kept' | 'removed' | 'unsaid';
  /** In the order of the list; each ends after it begins. */
  readonly parts: readonly ListedPart[];
  readonly notes: readonly ListNote[];
}

/** A written list, and what of the sections it could not say. */
export interface WrittenList {
  readonly text: string;
  /** By how much a time may be off: half a frame, half a second. 0: exact to the microsecond. */
  readonly grain: Microseconds;
  /** Sections that are shorter than the format can say, and so are left out. */
  readonly lost: number;
}

export type CutListProblem =
  /** Not a file of this kind. */
  | 'not-this'
  /** Of this kind, and nothing of the clip is in it. */
  | 'nothing-in-it'
  /** Parts of other clips only. */
  | 'other-clips'
  /** More than can be read. */
  | 'too-large'
  /** Its times lie outside the clip, and nothing says from where they count. */
  | 'unknown-start';

/** A list cannot be read; the message is for the log, the words for the person follow from `problem`. */
export class CutListError extends Error {
  override readonly name = 'CutListError';

  constructor(
    readonly problem: CutListProblem,
    /** Names of the clips that the list is about, for `other-clips`. */
    readonly clips: readonly string[] = [],
  ) {
    super(`the cut list cannot be read: ${problem}`);
  }
}

/** Longer texts are no cut lists: a film of three hours with a cut each second has a tenth of it. Characters. */
export const LONGEST_LIST = 16_000_000;
/** Parts beyond this are not a person's work. */
export const MOST_PARTS = 20_000;
/** Times beyond this are no places in a clip. */
export const LATEST_TIME: Microseconds = 1e12;

/** @throws CutListError */
export function checkLength(text: string, longest = LONGEST_LIST): void {
  if (text.length > longest) throw new CutListError('too-large');
}

/** @throws CutListError */
export function checkCount(parts: readonly unknown[]): void {
  if (parts.length > MOST_PARTS) throw new CutListError('too-large');
}

/** A list of parts, checked: some, and not too many. @throws CutListError */
export function madeList(list: Omit<CutList, 'notes'> & { readonly notes: Counts }): CutList {
  if (list.parts.length === 0) throw new CutListError('nothing-in-it');
  checkCount(list.parts);
  return { ...list, notes: list.notes.all() };
}

/** Counts what is not taken over. */
export class Counts {
  readonly #counts = new Map<ListNote['what'], number>();

  add(what: ListNote['what'], count = 1): void {
    if (count > 0) this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  all(): ListNote[] {
    return [...this.#counts].map(([what, count]) => ({ what, count }));
  }
}

/** Whether two file names mean the same clip: endings, case and what a list cannot write do not count. */
export function sameClipName(a: string, b: string): boolean {
  return plainName(a) === plainName(b);
}

function plainName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return last
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/\.[a-z0-9]{2,5}$/u, '');
}

/** Parts as they stand in a list, before it is known from where their times count. */
export interface UnplacedPart extends ListedPart {
  /** What the list calls the clip and its file, the likeliest name first; empty where it does not say. */
  readonly clips: readonly string[];
}

/**
 * The parts that show a clip: those that name it, or all of them where the list is about one clip only.
 *
 * @throws CutListError `other-clips` where there are several and none of them is the clip
 */
export function partsOfClip<Part extends UnplacedPart>(parts: readonly Part[], clip: string, notes: Counts): Part[] {
  const named = parts.filter((part) => isOfClip(part, clip));
  if (named.length > 0) {
    notes.add('other-clips', parts.length - named.length);
    return named;
  }
  const first = parts.flatMap(({ clips }) => clips.slice(0, 1));
  const names = [...new Map(first.map((name) => [name.toLowerCase(), name])).values()];
  if (names.length > 1) throw new CutListError('other-clips', names);
  notes.add('other-name', names.length);
  return [...parts];
}

/** Whether a part is known to be of a clip. */
export function isOfClip({ clips }: UnplacedPart, clip: string): boolean {
  return clips.some((name) => sameClipName(name, clip));
}

/** A time read off a player may lie a little past the end, and lists round. */
const PAST_END: Microseconds = 1_000_000;

/**
 * Takes away the time from which a list counts: lists of editing programs count from the clip's timecode.
 *
 * @param origins that may be meant, the likeliest first; 0 is one of them anyhow
 * @throws CutListError `unknown-start` where the parts lie outside the clip, counted from any of them
 */
export function placeParts(
  parts: readonly ListedPart[],
  origins: readonly Microseconds[],
  duration: Microseconds,
  notes: Counts,
): ListedPart[] {
  if (parts.length === 0) return [];
  const first = Math.min(...parts.map((part) => part.in));
  const HOUR = 3_600_000_000;
  const hour = Math.floor(first / HOUR) * HOUR;
  const candidates = [...new Set([...origins, 0, hour])];
  const inside = (origin: Microseconds): number =>
    parts.filter(
      (part) => part.in >= origin - 1 && part.in < origin + duration && part.out <= origin + duration + PAST_END,
    ).length;
  const counts = candidates.map(inside);
  const best = Math.max(...counts);
  // A list for a longer version of the clip, perhaps: what lies past the end is told when it is fitted to it.
  if (best === 0 && first >= duration) throw new CutListError('unknown-start');
  const origin = best === 0 ? 0 : (candidates[counts.indexOf(best)] ?? 0);
  if (origin > 0) notes.add('timecode');
  const placed = parts.map((part) => ({ ...part, in: Math.max(0, part.in - origin), out: part.out - origin }));
  const shown = placed.filter((part) => part.out > part.in);
  notes.add('unreadable', placed.length - shown.length);
  return shown;
}

/**
 * A list of what stays of a clip, from its parts as an editing program counts them.
 *
 * @param origins as for {@link placeParts}
 * @throws CutListError
 */
export function keptList(
  format: CutListFormat,
  parts: readonly Section[],
  origins: readonly Microseconds[],
  duration: Microseconds,
  notes: Counts,
): CutList {
  const unplaced = parts.map((part) => ({ in: Math.round(part.in), out: Math.round(part.out) }));
  const placed = placeParts(unplaced, origins, duration, notes);
  if (!isInOrder(placed)) notes.add('reordered');
  return madeList({ format, lists: 'kept', parts: placed, notes });
}

/** Whether the parts follow the clip's own order. */
export function isInOrder(parts: readonly Section[]): boolean {
  return parts.every((part, index) => index === 0 || part.in >= (parts[index - 1]?.in ?? 0));
}
