import JSON5 from 'json5';
import * as z from 'zod/mini';
import type { Section } from '../sections.js';
import { fromSeconds, toSeconds } from '../timecode.js';
import {
  checkLength,
  Counts,
  CutListError,
  isInOrder,
  LATEST_TIME,
  madeList,
  sameClipName,
  type CutList,
  type ListedClip,
  type ListedPart,
  type WrittenList,
} from './cut-list.js';

// LosslessCut's project: JSON5 with the segments that it exports, times in seconds. In version 1 a segment without a
// begin or an end reaches to that of the clip; in version 2 one without an end is a marker, and one can be deselected.

const seconds = z.optional(z.nullable(z.number()));
const segment = z.object({
  start: seconds,
  end: seconds,
  name: z.catch(z.optional(z.string()), undefined),
  selected: z.catch(z.optional(z.boolean()), undefined),
});
const project = z.object({
  version: z.catch(z.number(), 1),
  mediaFileName: z.catch(z.optional(z.string()), undefined),
  cutSegments: z.array(z.unknown()),
});

/** The clip that a project names; undefined where it names none or is none. */
export function clipOfLlc(text: string): string | undefined {
  try {
    return parseProject(text).mediaFileName;
  } catch {
    return undefined;
  }
}

/** The parser of JSON5 takes its time; a project of a thousand segments has a twentieth of this. Characters. */
const LONGEST_PROJECT = 1_000_000;

function parseProject(text: string): z.infer<typeof project> {
  checkLength(text, LONGEST_PROJECT);
  try {
    return project.parse(JSON5.parse(text.replace(/^\ufeff/u, '')));
  } catch {
    throw new CutListError('not-this');
  }
}

/** Reads a project: its segments are what is kept. @throws CutListError */
export function readLlc(text: string, clip: ListedClip): CutList {
  const { version, mediaFileName, cutSegments } = parseProject(text);
  const notes = new Counts();
  if (mediaFileName !== undefined && !sameClipName(mediaFileName, clip.name)) notes.add('other-name');
  const parts = cutSegments.flatMap((value): ListedPart[] => {
    const { data } = segment.safeParse(value);
    const from = data?.start ?? 0;
    const to = data?.end ?? (version >= 2 ? undefined : toSeconds(Math.max(clip.duration, 0)));
    const isTime = (time: number): boolean => Number.isFinite(time) && Math.abs(time) * 1e6 <= LATEST_TIME;
    if (!data || !isTime(from)) notes.add('unreadable');
    else if (data.selected === false) notes.add('switched-off');
    else if (to === undefined) notes.add('markers');
    else if (!isTime(to) || to <= from) notes.add('unreadable');
    else {
      const part = { in: Math.max(0, fromSeconds(from)), out: fromSeconds(to) };
      if (part.out > part.in) return [{ ...part, ...(data.name ? { name: data.name } : {}) }];
      notes.add('unreadable');
    }
    return [];
  });
  if (!isInOrder(parts)) notes.add('reordered');
  return madeList({ format: 'llc', lists: 'kept', parts, notes });
}

/** Writes a project of version 1, which every LosslessCut opens. Exact to the microsecond. */
export function writeLlc(kept: readonly Section[], clip: ListedClip, names: readonly string[] = []): WrittenList {
  const cutSegments = kept.map((section, index) => ({
    start: toSeconds(section.in),
    end: toSeconds(section.out),
    name: names[index] ?? '',
  }));
  return {
    text: `${JSON5.stringify({ version: 1, mediaFileName: clip.name, cutSegments }, null, 2)}\n`,
    grain: 0,
    lost: 0,
  };
}
