import * as z from 'zod/mini';
import { LONGEST_DISSOLVE, SHORTEST_DISSOLVE, type Join } from '../timeline/join.js';
import type { Section } from '../timeline/sections.js';

/** Steps of undo that are kept for each clip. */
const HISTORY_LIMIT = 100;

const time = z.int().check(z.minimum(0));
const kept = z.array(z.object({ in: time, out: time })).check(z.minLength(1));
/** How the joins of a clip are made; absent: plain cuts. */
export const joinShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cut') }),
  z.object({
    kind: z.literal('dissolve'),
    duration: z.int().check(z.minimum(SHORTEST_DISSOLVE), z.maximum(LONGEST_DISSOLVE)),
  }),
]);
/** A timeline of the past; where its joins were plain cuts, its ranges alone. */
const timeline = z.union([kept, z.object({ kept, join: joinShape })]);

const planShape = z.object({
  method: z.enum(['smart', 'reencode']),
  reason: z.exactOptional(z.string()),
  frames: z.exactOptional(z.number()),
  reencodedFrames: z.exactOptional(z.number()),
  seconds: z.number(),
  bytes: z.exactOptional(z.number()),
});

const clipShape = z.object({
  /** Unique in the session; the segments of the draft name it. */
  asset: z.string(),
  /** What the file was when it was taken in; a file that differs is never cut. */
  identity: z.object({ path: z.string(), size: z.number(), mtimeMs: z.number(), inode: z.string() }),
  filename: z.string(),
  fileType: z.enum(['video', 'audio']),
  container: z.string(),
  duration: time,
  width: z.optional(z.number()),
  height: z.optional(z.number()),
  fps: z.optional(z.number()),
  hash: z.string(),
  hasSound: z.boolean(),
  /** Source ranges on the timeline now, in order. */
  kept,
  join: z.exactOptional(joinShape),
  /** Earlier timelines, oldest first, and those that undo took back, oldest first. */
  past: z.array(timeline),
  future: z.array(timeline),
  /** What an export of the timeline would do; absent where it was not foreseen. */
  plan: z.optional(planShape),
});

/** The format that this release writes: raise it when an older one would read the new one wrongly, and read both. */
const RECORD_FORMAT = 1;

const recordShape = z.object({
  version: z.literal(RECORD_FORMAT),
  sessionId: z.string(),
  taskId: z.string(),
  taskName: z.string(),
  language: z.string(),
  clips: z.array(clipShape),
  /** Asset of the clip on the timeline. */
  active: z.optional(z.string()),
  /** The one question that the last answer asked; the next message may be its answer. */
  question: z.optional(
    z.discriminatedUnion('about', [
      z.object({
        about: z.literal('section'),
        action: z.enum(['remove', 'keep']),
        /** The joins that the unanswered message wants. */
        join: z.exactOptional(joinShape),
      }),
      z.object({ about: z.literal('action'), text: z.string() }),
    ]),
  ),
  /** Container that the person asked for in words. */
  format: z.optional(z.literal('mp4')),
  /** Size that the person asked for in words: `1080p`, `1280x720`. */
  size: z.optional(z.string()),
});

export type ClipIdentity = z.infer<typeof clipShape>['identity'];
export type Clip = z.infer<typeof clipShape>;
export type SessionRecord = z.infer<typeof recordShape>;
export type Question = NonNullable<SessionRecord['question']>;

/** @throws when the value is not a session record */
export function parseSessionRecord(value: unknown): SessionRecord {
  return recordShape.parse(value);
}

const format = z.object({ version: z.int() });

/** Whether a later release has written it: it knows what it means. */
export function isOfLaterFormat(value: unknown): boolean {
  return (format.safeParse(value).data?.version ?? 0) > RECORD_FORMAT;
}

/** The clip on the timeline; undefined where there is none yet. */
export function activeClip(record: SessionRecord): Clip | undefined {
  return record.clips.find((clip) => clip.asset === record.active);
}

/**
 * Takes a file in and puts it on the timeline. The same unchanged file again keeps its edits; a file that was changed
 * since starts anew, because its edits named times of another clip.
 */
export function addClip(record: SessionRecord, clip: Clip): SessionRecord {
  const known = record.clips.find((other) => sameFile(other.identity, clip.identity));
  if (known) return { ...withoutQuestion(record), active: known.asset };
  const others = record.clips.filter((other) => other.identity.path !== clip.identity.path);
  return { ...withoutQuestion(record), clips: [...others, clip], active: clip.asset };
}

/**
 * Finds a clip again whose file was renamed: it keeps its edits.
 *
 * @param clip as it was taken in under its new name
 * @param isGone whether a clip's file is not where it was any more
 */
export function followRenamed(record: SessionRecord, clip: Clip, isGone: (clip: Clip) => boolean): SessionRecord {
  const renamed = record.clips.find((other) => isSameContent(other, clip) && isGone(other));
  const { identity, filename } = clip;
  return renamed ? replaceClip(record, { ...renamed, identity, filename }) : record;
}

/** As far as its length, its ends and its duration tell. */
function isSameContent(a: Clip, b: Clip): boolean {
  return a.identity.size === b.identity.size && a.hash === b.hash && a.duration === b.duration;
}

/** Path, size, time of change and inode agree: as much as can be told without reading the file. */
export function sameFile(a: ClipIdentity, b: ClipIdentity): boolean {
  return a.path === b.path && a.size === b.size && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}

/** The record with this clip instead of the one of the same asset; as it was where there is none. */
export function replaceClip(record: SessionRecord, clip: Clip): SessionRecord {
  return { ...record, clips: record.clips.map((other) => (other.asset === clip.asset ? clip : other)) };
}

/** What the last answer asked is over: a question waits for the next message only. */
export function withoutQuestion(record: SessionRecord): SessionRecord {
  const { question: _, ...rest } = record;
  return rest;
}

/** A new edit: what was on the timeline can be had back with {@link undo}. The joins stay as they are unless given. */
export function applyEdit(clip: Clip, ranges: readonly Section[], join: Join | undefined = clip.join): Clip {
  const after = withTimeline(clip, join ? { kept: [...ranges], join } : [...ranges]);
  return { ...after, past: [...clip.past, timelineOf(clip)].slice(-HISTORY_LIMIT), future: [] };
}

/** @returns undefined when there is nothing to undo */
export function undo(clip: Clip): Clip | undefined {
  const before = clip.past.at(-1);
  return (
    before && {
      ...withTimeline(clip, before),
      past: clip.past.slice(0, -1),
      future: [...clip.future, timelineOf(clip)],
    }
  );
}

/** @returns undefined when nothing was undone, or an edit was made since */
export function redo(clip: Clip): Clip | undefined {
  const after = clip.future.at(-1);
  return (
    after && {
      ...withTimeline(clip, after),
      past: [...clip.past, timelineOf(clip)],
      future: clip.future.slice(0, -1),
    }
  );
}

type Timeline = z.infer<typeof timeline>;

function timelineOf({ kept, join }: Clip): Timeline {
  return join ? { kept, join } : kept;
}

function withTimeline(clip: Clip, state: Timeline): Clip {
  const { join: _, ...rest } = clip;
  return Array.isArray(state) ? { ...rest, kept: state } : { ...rest, kept: state.kept, join: state.join };
}
