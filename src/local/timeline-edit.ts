import { isInnerPause, withMargins } from '../media/looking/pause-margins.js';
import type { PauseSettings } from '../media/media.js';
import { clampSections, keptRanges, mergeSections, totalDuration, type Section } from '../timeline/sections.js';
import { unsaidSections } from '../timeline/subtitles/unsaid.js';
import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timeline/timecode.js';
import type { Cut } from './grammar.js';
import type { Part } from './grammar-parts.js';

/** Players show the length rounded, so a time read off one may lie a little past the end. */
const END_TOLERANCE: Microseconds = 500_000;
/** What counts as a long pause where no number is given, unless the settings ask for more of any pause. */
const LONG_PAUSE: Microseconds = 2 * MICROSECONDS_PER_SECOND;
/** "The pause" is one that a person hears as one; the settings say what is worth finding unasked. */
const NAMED_PAUSE: Microseconds = MICROSECONDS_PER_SECOND / 2;
/** Shorter than a frame at 25 per second: no video is left then. */
const SHORTEST_RESULT: Microseconds = 40_000;

export type EditProblem =
  | { readonly kind: 'past-end'; readonly time: Microseconds; readonly end: Microseconds }
  | { readonly kind: 'reversed'; readonly section: Section }
  | { readonly kind: 'empty'; readonly time: Microseconds }
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'nothing-to-remove' }
  | { readonly kind: 'no-pause'; readonly minimum?: Microseconds }
  /** Somebody speaks all the time, but for shorter gaps. */
  | { readonly kind: 'no-gap'; readonly minimum: Microseconds };

/** When somebody speaks in the clip, by its subtitles. */
export interface Spoken {
  /** In source time. */
  readonly said: readonly Section[];
  /** Of the source. */
  readonly duration: Microseconds;
}

export interface PlannedEdit {
  /** Source ranges of the new timeline. */
  readonly kept: readonly Section[];
  /** What goes, in times of the timeline before the edit. */
  readonly removed: readonly Section[];
}

/**
 * What the edit of a message means for the timeline `kept`; nothing is changed here.
 *
 * @param pauses in source time, at least as short as {@link pausesNeeded} says
 * @param spoken there where a cut is about what is said: {@link needsSubtitles}
 */
export function planEdit(
  cuts: readonly Cut[],
  kept: readonly Section[],
  pauses: readonly Section[],
  settings: PauseSettings,
  spoken?: Spoken,
): PlannedEdit | EditProblem {
  const whole = { in: 0, out: totalDuration(kept) };
  const quiet = toTimeline(pauses, kept);
  const gaps = (minimum: Microseconds): Section[] =>
    spoken ? toTimeline(unsaidSections(spoken.said, spoken.duration, { ...settings, minimum }), kept) : [];
  const removed: Section[] = [];
  const stay: Section[] = [];
  for (const { action, part } of cuts) {
    const sections = resolvePart(part, whole.out, { pauses: quiet, gaps, settings });
    if ('kind' in sections) return sections;
    (action === 'remove' ? removed : stay).push(...sections);
  }
  if (cuts.some((cut) => cut.action === 'keep')) removed.push(...keptRanges(stay, whole));
  const merged = mergeSections(removed);
  if (merged.length === 0) return { kind: 'nothing-to-remove' };
  const left = fromTimeline(keptRanges(merged, whole), kept);
  if (totalDuration(left) < SHORTEST_RESULT) return { kind: 'nothing-left' };
  return { kept: left, removed: merged };
}

/** The shortest pause that the cuts need to know of; undefined when they need none. */
export function pausesNeeded(cuts: readonly Cut[], settings: PauseSettings): Microseconds | undefined {
  const lengths = cuts.flatMap(({ part }) => {
    if (part.kind === 'pauses') return [shortest(part.minimum, settings)];
    if (part.kind === 'longest-pause' || part.kind.startsWith('pause-')) {
      return [Math.min(NAMED_PAUSE, settings.minimum)];
    }
    return [];
  });
  // What is no longer than its margins is left alone, however short a pause was asked for.
  return lengths.length === 0 ? undefined : Math.max(2 * settings.margin, Math.min(...lengths));
}

function shortest(minimum: Microseconds | 'any' | 'long', settings: PauseSettings): Microseconds {
  if (minimum === 'any') return settings.minimum;
  return minimum === 'long' ? Math.max(LONG_PAUSE, settings.minimum) : minimum;
}

/** Whether the cuts can only be made by subtitles. */
export function needsSubtitles(cuts: readonly Cut[]): boolean {
  return cuts.some(({ part }) => part.kind === 'said' || part.kind === 'unsaid');
}

/** What a look into the clip has found, in the time of the timeline. */
interface Sought {
  readonly pauses: readonly Section[];
  /** Where nothing is said for so long, without their margins. */
  readonly gaps: (minimum: Microseconds) => readonly Section[];
  readonly settings: PauseSettings;
}

function resolvePart(part: Part, end: Microseconds, { pauses, gaps, settings }: Sought): Section[] | EditProblem {
  const { margin } = settings;
  switch (part.kind) {
    case 'between':
      return checked(part, end);
    case 'first':
      return checked({ in: 0, out: part.length }, end);
    case 'last':
      if (part.length > end + END_TOLERANCE) return { kind: 'past-end', time: part.length, end };
      return checked({ in: Math.max(0, end - part.length), out: end }, end);
    case 'first-share':
      return [{ in: 0, out: Math.round(end * part.share) }];
    case 'last-share':
      return [{ in: Math.round(end * (1 - part.share)), out: end }];
    case 'after':
      return part.time >= end ? { kind: 'past-end', time: part.time, end } : [{ in: part.time, out: end }];
    case 'before':
      return checked({ in: 0, out: part.time }, end);
    case 'longest-pause': {
      const inner = pauses.filter((pause) => isInnerPause(pause, end));
      const longest = inside(inner, part.within).reduce<Section | undefined>(
        (a, b) => (a && length(a) >= length(b) ? a : b),
        undefined,
      );
      return longest ? withMargins([longest], margin, end) : { kind: 'no-pause' };
    }
    case 'pause-at':
    case 'pause-after':
    case 'pause-before': {
      const named = namedPause(part.kind, part.time, pauses);
      return named ? withMargins([named], margin, end) : { kind: 'no-pause' };
    }
    case 'pauses': {
      const minimum = shortest(part.minimum, settings);
      const wanted = inside(pauses, part.within).filter((pause) => length(pause) >= minimum);
      const long = withMargins(wanted, margin, end);
      return long.length > 0 ? long : { kind: 'no-pause', minimum };
    }
    case 'said':
    case 'unsaid': {
      const { within = { in: 0, out: end }, minimum = settings.minimum } = part;
      const unsaid = clampSections(gaps(minimum), within);
      if (unsaid.length === 0) return { kind: 'no-gap', minimum };
      return part.kind === 'unsaid' ? unsaid : keptRanges(unsaid, within);
    }
  }
}

/** Times of pauses are said by ear. */
const BY_EAR: Microseconds = 2 * MICROSECONDS_PER_SECOND;

function namedPause(
  kind: 'pause-at' | 'pause-after' | 'pause-before',
  time: Microseconds,
  pauses: readonly Section[],
): Section | undefined {
  if (kind === 'pause-after') return pauses.find((pause) => pause.out > time);
  if (kind === 'pause-before') return pauses.filter((pause) => pause.in < time).at(-1);
  const distance = (pause: Section): number => Math.max(0, pause.in - time, time - pause.out);
  const nearest = [...pauses].sort((a, b) => distance(a) - distance(b))[0];
  return nearest && distance(nearest) <= BY_EAR ? nearest : undefined;
}

function inside(sections: readonly Section[], bounds: Section | undefined): readonly Section[] {
  return bounds ? clampSections(sections, bounds) : sections;
}

function checked(section: Section, end: Microseconds): Section[] | EditProblem {
  if (section.out < section.in) return { kind: 'reversed', section: { in: section.in, out: section.out } };
  if (section.out === section.in) return { kind: 'empty', time: section.in };
  if (section.in >= end) return { kind: 'past-end', time: section.in, end };
  if (section.out > end + END_TOLERANCE) return { kind: 'past-end', time: section.out, end };
  return [{ in: section.in, out: Math.min(section.out, end) }];
}

function length(section: Section): Microseconds {
  return section.out - section.in;
}

/** Where source sections lie on the timeline `kept`; what is no longer on it vanishes. */
export function toTimeline(sections: readonly Section[], kept: readonly Section[]): Section[] {
  const found: Section[] = [];
  let position = 0;
  for (const range of kept) {
    for (const section of sections) {
      const from = Math.max(section.in, range.in);
      const to = Math.min(section.out, range.out);
      if (to > from) found.push({ in: position + from - range.in, out: position + to - range.in });
    }
    position += range.out - range.in;
  }
  return mergeSections(found);
}

/** The source ranges that sections of the timeline `kept` show: one for each join that a section runs over, and one. */
export function fromTimeline(sections: readonly Section[], kept: readonly Section[]): Section[] {
  const found: Section[] = [];
  for (const section of sections) {
    let position = 0;
    for (const range of kept) {
      const from = Math.max(section.in, position);
      const to = Math.min(section.out, position + (range.out - range.in));
      if (to > from) found.push({ in: range.in + from - position, out: range.in + to - position });
      position += range.out - range.in;
    }
  }
  return found;
}
