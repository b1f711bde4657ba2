import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { joinedDuration, joinOverlaps, type Join } from '../timeline/join.js';
import { mergeSections, type Section } from '../timeline/sections.js';
import { Refusal } from './http.js';
import { activeClip, joinShape, type Clip, type SessionRecord } from './session-record.js';

/**
 * Our drafts use NemoVideo's letters; `m.asset`, `m.in_us` and `m.out_us` of a segment are our own, and so is `m.join` of
 * the draft. At a dissolve a segment begins (`st`) before the one before it ends.
 */
const VIDEO_TRACK = 0;
const AUDIO_TRACK = 1;

/** The draft of the active clip; null when nothing was uploaded yet. Times as in the API: milliseconds. */
export function writeDraft(record: SessionRecord): unknown {
  const clip = activeClip(record);
  if (!clip) return null;
  const tracks: unknown[] = [];
  if (clip.fileType === 'video') tracks.push(writeTrack(clip, VIDEO_TRACK, 'v'));
  if (clip.hasSound) tracks.push(writeTrack(clip, AUDIO_TRACK, 'a'));
  const size = clip.width === undefined ? {} : { width: clip.width, height: clip.height };
  const join = clip.join?.kind === 'dissolve' ? { join: { kind: 'dissolve', duration_us: clip.join.duration } } : {};
  const duration = joinedDuration(clip.kept, clip.join);
  return { t: tracks, d: milliseconds(duration), m: { title: clip.filename, ...size, ...join } };
}

function writeTrack(clip: Clip, type: number, letter: string): unknown {
  let position = 0;
  const overlaps = joinOverlaps(clip.kept, clip.join);
  const segments = clip.kept.map((range, index) => {
    position -= overlaps[index] ?? 0;
    const duration = range.out - range.in;
    const segment = {
      id: `${letter}${index + 1}`,
      st: milliseconds(position),
      d: milliseconds(duration),
      m: { title: clip.filename, asset: clip.asset, in_us: range.in, out_us: range.out },
    };
    position += duration;
    return segment;
  });
  return { tt: type, m: { title: clip.filename }, d: milliseconds(position), sg: segments };
}

function milliseconds(microseconds: number): number {
  return Math.round(microseconds / 1000);
}

const time = z.int().check(z.minimum(0));
const segmentShape = z.looseObject({ m: z.looseObject({ asset: z.string(), in_us: time, out_us: time }) });
const draftShape = z.looseObject({
  t: z.array(z.looseObject({ tt: z.number(), sg: z.array(z.unknown()) })),
  m: z.catch(z.looseObject({ join: z.unknown() }), { join: undefined }),
});
const draftJoin = z.object({ kind: z.literal('dissolve'), duration_us: z.number() });

export interface RenderPlan {
  readonly clip: Clip;
  readonly kept: readonly Section[];
  readonly join?: Join;
}

function notOurs(): Refusal {
  const message = l10n.t(
    'This timeline was not made on this machine, so it cannot be exported here. Make the cut again here.',
  );
  return new Refusal(422, 4220, message);
}

/**
 * Reads what is to be rendered out of the draft of a render request.
 *
 * @throws Refusal when the draft is empty, names a clip that the session does not have, or holds what only the cloud
 *   can render
 */
export function readRenderPlan(draft: unknown, record: SessionRecord): RenderPlan {
  const parsed = draftShape.safeParse(typeof draft === 'string' ? parseJson(draft) : draft);
  const tracks = parsed.success ? parsed.data.t.filter((track) => track.sg.length > 0) : [];
  if (tracks.length === 0) {
    throw new Refusal(422, 4220, l10n.t('There is nothing to export yet. Add a video first.'));
  }
  if (tracks.some((track) => track.tt !== VIDEO_TRACK && track.tt !== AUDIO_TRACK)) {
    throw new Refusal(422, 4220, l10n.t('Titles and effects can only be exported in the cloud.'));
  }
  const plans = tracks.map((track) => readTrack(track.sg, record));
  const first = plans[0];
  if (!first) throw notOurs();
  const same = plans.every(
    (plan) => plan.clip === first.clip && JSON.stringify(plan.kept) === JSON.stringify(first.kept),
  );
  if (!same)
    throw new Refusal(
      422,
      4220,
      l10n.t('Picture and sound are cut differently; that can only be exported in the cloud.'),
    );
  const join = readJoin(parsed.success ? parsed.data.m.join : undefined);
  return join ? { ...first, join } : first;
}

function readJoin(value: unknown): Join | undefined {
  if (value === undefined || value === null) return undefined;
  const { data } = draftJoin.safeParse(value);
  const join = data && joinShape.safeParse({ kind: data.kind, duration: data.duration_us }).data;
  if (!join) throw new Refusal(422, 4220, l10n.t('The joins of this timeline can only be exported in the cloud.'));
  return join;
}

function readTrack(segments: readonly unknown[], record: SessionRecord): RenderPlan {
  const parsed = z.array(segmentShape).safeParse(segments);
  if (!parsed.success) throw notOurs();
  const asset = parsed.data[0]?.m.asset;
  const clip = record.clips.find((candidate) => candidate.asset === asset);
  if (!clip || parsed.data.some((segment) => segment.m.asset !== asset)) throw notOurs();
  const ranges = parsed.data.map(({ m }) => ({ in: m.in_us, out: m.out_us }));
  let position = 0;
  for (const range of ranges) {
    if (range.in < position || range.out <= range.in || range.out > clip.duration) throw notOurs();
    position = range.out;
  }
  return { clip, kept: mergeSections(ranges) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
