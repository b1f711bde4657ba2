import * as z from 'zod/mini';
import type { Join } from './join.js';
import type { Section } from './sections.js';
import { fromSeconds, type Microseconds } from './timecode.js';

/**
 * NemoVideo's draft, read as tracks and segments.
 *
 * The field letters come from the product text: `t` tracks, `tt` track type, `sg` segments, `d` duration in ms,
 * `m` metadata. No complete draft is public, so reading asks for nothing: what is absent or of another shape is left
 * out of the view, and `raw` keeps the whole for sending back verbatim.
 */
export interface Draft {
  readonly tracks: readonly Track[];
  /** Length of the longest track, or the draft's own `d` when no track says. */
  readonly duration: Microseconds;
  /** How its joins are made, where it says so; only the local engine does. */
  readonly join?: Join;
  /** The draft as it came, unknown fields included; null when there is none yet. */
  readonly raw: unknown;
}

export type TrackKind = 'video' | 'audio' | 'text' | 'other';

export interface Track {
  readonly kind: TrackKind;
  /** `m.title` of the track or of its first segment; empty when neither says. */
  readonly title: string;
  /** End of the last segment. */
  readonly duration: Microseconds;
  /** 0 to 1 (or above), where the track or its first segment says. */
  readonly volume?: number;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly start: Microseconds;
  readonly duration: Microseconds;
  readonly title: string;
  /** Range of the clip that the segment shows; the local engine always gives it, the cloud may not. */
  readonly source?: Section;
}

const milliseconds = z.catch(z.optional(z.number()), undefined);
const metadata = z.catch(
  z.optional(
    z.looseObject({
      title: z.catch(z.optional(z.string()), undefined),
      volume: z.catch(z.optional(z.number()), undefined),
      in_us: z.catch(z.optional(z.number()), undefined),
      out_us: z.catch(z.optional(z.number()), undefined),
    }),
  ),
  undefined,
);
const segmentShape = z.catch(z.looseObject({ st: milliseconds, d: milliseconds, m: metadata }), {
  st: undefined,
  d: undefined,
  m: undefined,
});
const trackShape = z.catch(
  z.looseObject({
    tt: z.catch(z.optional(z.coerce.number()), undefined),
    d: milliseconds,
    m: metadata,
    sg: z.catch(z.array(segmentShape), []),
  }),
  { tt: undefined, d: undefined, m: undefined, sg: [] },
);
const joinShape = z.object({ kind: z.literal('dissolve'), duration_us: z.int() });
const draftShape = z.looseObject({
  t: z.catch(z.array(trackShape), []),
  d: milliseconds,
  m: z.catch(z.optional(z.looseObject({ join: z.catch(z.optional(joinShape), undefined) })), undefined),
});

const KINDS = new Map<number | undefined, TrackKind>([
  [0, 'video'],
  [1, 'audio'],
  [7, 'text'],
]);

/** Reads a draft. An empty one may be null, `{}`, absent or a JSON string; nothing here throws. */
export function readDraft(raw: unknown): Draft {
  const value = typeof raw === 'string' ? parseJson(raw) : raw;
  const parsed = draftShape.safeParse(value);
  if (!parsed.success) return { tracks: [], duration: 0, raw: value ?? null };
  const tracks = parsed.data.t.map(readTrack);
  const longest = Math.max(0, ...tracks.map((track) => track.duration));
  const { join } = parsed.data.m ?? {};
  return {
    tracks,
    duration: longest > 0 ? longest : fromSeconds((parsed.data.d ?? 0) / 1000),
    ...(join ? { join: { kind: join.kind, duration: join.duration_us } } : {}),
    raw: value,
  };
}

/** Where one segment ends and the next begins. */
export function countJoins(draft: Draft): number {
  return Math.max(0, (mainTrack(draft)?.segments.length ?? 0) - 1);
}

/** By how much dissolves make the timeline shorter than its segments together. */
export function dissolvedLength(draft: Draft): Microseconds {
  const track = draft.join?.kind === 'dissolve' ? mainTrack(draft) : undefined;
  if (!track) return 0;
  return Math.max(0, track.segments.reduce((sum, { duration }) => sum + duration, 0) - track.duration);
}

function mainTrack(draft: Draft): Track | undefined {
  return draft.tracks.find((track) => track.kind === 'video') ?? draft.tracks[0];
}

function readTrack(track: z.infer<typeof trackShape>): Track {
  let position = 0;
  const segments = track.sg.map((segment): Segment => {
    const title = shownTitle(segment.m?.title) ?? '';
    const source =
      segment.m?.in_us !== undefined && segment.m.out_us !== undefined
        ? { in: segment.m.in_us, out: segment.m.out_us }
        : undefined;
    const start = segment.st === undefined ? position : fromSeconds(segment.st / 1000);
    // The clip's own range is exact; `d` is rounded to milliseconds.
    const duration = source ? source.out - source.in : fromSeconds((segment.d ?? 0) / 1000);
    position = start + duration;
    return { start, duration, title, ...(source ? { source } : {}) };
  });
  const first = track.sg[0];
  const volume = track.m?.volume ?? first?.m?.volume;
  return {
    kind: KINDS.get(track.tt) ?? 'other',
    title: shownTitle(track.m?.title ?? first?.m?.title) ?? '',
    duration: segments.length > 0 ? position : fromSeconds((track.d ?? 0) / 1000),
    segments,
    ...(volume === undefined ? {} : { volume }),
  };
}

// Control characters, and those that turn the direction of text.
// eslint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
const LONGEST_TITLE = 300;

/** A name as it can be shown anywhere, whatever a server put into it: one line that reads as it is written. */
function shownTitle(title: string | undefined): string | undefined {
  return title?.slice(0, LONGEST_TITLE).replace(INVISIBLE, ' ').trim();
}

/** A draft can be rendered when a track has a segment. */
export function isExportable(draft: Draft): boolean {
  return draft.tracks.some((track) => track.segments.length > 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
