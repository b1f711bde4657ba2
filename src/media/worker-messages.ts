import * as z from 'zod/mini';

import { LONGEST_DISSOLVE } from '../timeline/join.js';

// What the engine and its worker process say to each other, over Node's IPC with structured clones.

const section = z.object({ in: z.number(), out: z.number() });
const join = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cut') }),
  z.object({ kind: z.literal('dissolve'), duration: z.number().check(z.positive(), z.maximum(LONGEST_DISSOLVE)) }),
]);
/** What looking at clips gave is kept here; undefined: nowhere. */
const cacheFolder = z.optional(z.string());
/** Pieces are made in memory. */
const LONGEST_PIECE = 60_000_000;
const request = <K extends string, S extends z.core.$ZodShape>(kind: K, args: S) =>
  z.object({ id: z.int(), kind: z.literal(kind), args: z.object(args) });

const cutArgs = {
  input: z.string(),
  output: z.string(),
  kept: z.array(section),
  height: z.exactOptional(z.int().check(z.positive())),
  join: z.exactOptional(join),
  /** What earlier cuts on this machine took. */
  speeds: z.record(z.string(), z.number()),
};

export const workerRequestSchema = z.discriminatedUnion('kind', [
  request('probe', { path: z.string() }),
  request('cut', cutArgs),
  request('plan', { ...cutArgs, timeLimit: z.number(), sampled: z.boolean() }),
  request('pauses', {
    path: z.string(),
    threshold: z.union([z.number(), z.literal('auto')]),
    minimum: z.number(),
    cacheFolder,
  }),
  request('sound', { path: z.string(), cacheFolder }),
  request('thumbnails', {
    path: z.string(),
    count: z.int().check(z.positive(), z.maximum(100_000)),
    height: z.int().check(z.positive()),
    within: z.optional(section),
    cacheFolder,
  }),
  request('playable', {
    path: z.string(),
    track: z.enum(['sound', 'picture']),
    start: z.int().check(z.nonnegative()),
    length: z.int().check(z.positive(), z.maximum(LONGEST_PIECE)),
  }),
  request('keyframes', { path: z.string(), most: z.int().check(z.positive()) }),
  request('extras', { path: z.string() }),
  z.object({ id: z.int(), kind: z.literal('cancel') }),
]);
export type WorkerRequest = z.infer<typeof workerRequestSchema>;
/** A request that does work, all but the cancelling of another. */
export type WorkRequest = Exclude<WorkerRequest, { kind: 'cancel' }>;

const errorCode = z.enum([
  'not-found',
  'not-media',
  'unreadable',
  'unsupported',
  'nothing-left',
  'no-space',
  'not-writable',
  'exists',
  'source-changed',
  'no-native',
  'worker-crashed',
  'over-limit',
  'failed',
]);

const cutPlan = z.object({
  method: z.enum(['smart', 'reencode']),
  reason: z.exactOptional(z.string()),
  frames: z.exactOptional(z.number()),
  reencodedFrames: z.exactOptional(z.number()),
  seconds: z.number(),
  bytes: z.exactOptional(z.number()),
});

export const workerReplySchema = z.discriminatedUnion('kind', [
  z.object({
    id: z.int(),
    kind: z.literal('progress'),
    fraction: z.number(),
    secondsLeft: z.exactOptional(z.number()),
  }),
  /** The work goes on, whichever it is; told every few seconds. */
  z.object({ id: z.int(), kind: z.literal('alive') }),
  /** What a cut is about to do. */
  z.object({ id: z.int(), kind: z.literal('planned'), plan: cutPlan }),
  /** How long a whole cut took, compared with what was estimated. */
  z.object({ id: z.int(), kind: z.literal('measured'), cuts: z.string(), ratio: z.number() }),
  /** The output file exists now and is the job's to remove. */
  z.object({ id: z.int(), kind: z.literal('created') }),
  /** A part of the result, as soon as it is known. */
  z.object({ id: z.int(), kind: z.literal('part'), part: z.unknown() }),
  z.object({ id: z.int(), kind: z.literal('done'), result: z.unknown() }),
  z.object({
    id: z.int(),
    kind: z.literal('failed'),
    code: errorCode,
    message: z.string(),
    detail: z.string(),
  }),
  z.object({ id: z.int(), kind: z.literal('cancelled') }),
]);
export type WorkerReply = z.infer<typeof workerReplySchema>;

const videoSchema = z.object({
  codec: z.string(),
  width: z.number(),
  height: z.number(),
  rotation: z.number(),
  frameRate: z.number(),
  frames: z.exactOptional(z.number()),
});
const audioSchema = z.object({
  codec: z.string(),
  sampleRate: z.number(),
  channels: z.number(),
  language: z.exactOptional(z.string()),
});

/** Results by kind of request. */
export const resultSchemas = {
  probe: z.object({
    path: z.string(),
    size: z.number(),
    container: z.string(),
    duration: z.number(),
    timecode: z.exactOptional(z.string()),
    video: z.exactOptional(videoSchema),
    audio: z.array(audioSchema),
  }),
  cut: z.object({
    method: z.enum(['smart', 'reencode']),
    duration: z.number(),
    sourceDuration: z.number(),
    frames: z.number(),
    reencodedFrames: z.number(),
    notes: z.array(z.string()),
  }),
  plan: cutPlan,
  pauses: z.array(section),
  sound: z.undefined(),
  thumbnails: z.undefined(),
  playable: z.object({
    start: z.int(),
    duration: z.int().check(z.positive()),
    mime: z.string(),
    data: z.instanceof(Uint8Array),
  }),
  keyframes: z.array(z.number()),
  extras: z.object({
    tracks: z.array(
      z.object({
        kind: z.enum(['subtitle', 'cover', 'picture', 'attachment', 'timecode', 'data']),
        codec: z.string(),
        language: z.exactOptional(z.string()),
      }),
    ),
    chapters: z.array(z.object({ start: z.number(), title: z.string() })),
  }),
} as const;

/** What comes in parts, by kind of request. */
export const partSchemas = {
  sound: z.object({
    step: z.int().check(z.positive()),
    count: z.int().check(z.nonnegative()),
    offset: z.int().check(z.nonnegative()),
    peaks: z.instanceof(Uint8Array),
  }),
  thumbnails: z.object({ time: z.number(), width: z.number(), height: z.number(), jpeg: z.instanceof(Uint8Array) }),
} as const;
