import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Frame, Stream } from 'node-av/lib';

import { joinedDuration, joinOverlaps, type Join } from '../timeline/join.js';
import { timedRanges, type TimedRange } from '../timeline/placement.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { clampSections } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import type { ClipClock } from './file/clip-clock.js';
import { dissolveNotes } from './dissolve.js';
import type { Speeds } from './estimate.js';
import type { OutputContainer } from './file/containers.js';
import type { Source } from './file/source.js';
import { MediaError, type CutRequest } from './media.js';
import type { MovedAhead } from './moved-ahead.js';
import type { Pace } from './pace.js';
import { FrameDecoder } from './picture/frame-decoder.js';
import { decodeStart, indexFrames, type FrameIndex } from './picture/frame-index.js';
import { readMovie, type Movie } from './isobmff/movie.js';
import { rewriteObstacle } from './isobmff/rewrite.js';
import { indexMovie } from './picture/movie-index.js';
import { PacketCursor } from './picture/packet-cursor.js';
import type { JoinCodec } from './picture/join-codec.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { canMix } from './picture/mixed-frames.js';
import { declaredTraits, frameTraits, type FrameTraits, type PictureSize } from './picture/picture-encoder.js';
import { keptSizeNote, scaledSize } from './picture/picture-size.js';
import { layOut, type Layout } from './plan.js';

// What a cut has to know of its clip, whichever way it is written.

export interface CutHooks {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Told fractions from 0 to 1, rising. */
  readonly onProgress: (fraction: number) => void;
  /** Told before the first frame is encoded; again when it turns out that the picture has to be encoded whole. */
  readonly onPlan: (plan: PlannedCut) => void;
  /** Told as soon as the output file exists and is ours to remove. */
  readonly onCreated: () => void;
  /** What earlier cuts on this machine took. */
  readonly speeds?: Speeds;
  /** Told how long a kind of work took, compared with what was estimated. */
  readonly onMeasured?: (kind: string, ratio: number) => void;
  /** Takes a line for the log; not for the person. */
  readonly log: (line: string) => void;
}

/** The clip as it was opened for a cut. */
export interface OpenedClip {
  readonly request: CutRequest;
  readonly source: Source;
  readonly clock: ClipClock;
  readonly container: OutputContainer;
  /** Bytes of the source. */
  readonly fileSize: number;
  /** What is written already; other ways of writing have to let it go first. */
  readonly ahead?: MovedAhead | undefined;
}

/** What all ways of writing share. */
export interface Job extends OpenedClip, Disposable {
  readonly picture: PictureJob | undefined;
  /** The kept ranges in seconds of the container's clock, with their place in the result in seconds. */
  readonly ranges: readonly TimedRange[];
  readonly seconds: number;
  readonly notes: string[];
  readonly hooks: CutHooks;
}

export interface PictureJob {
  readonly stream: Stream;
  readonly index: FrameIndex;
  /** Reads the track's packets; each user moves it to where it needs it. */
  readonly cursor: PacketCursor;
  /** The file's own tables, where its bytes can be moved into the output. */
  readonly movie: Movie | undefined;
  readonly layout: Layout;
  readonly codec: JoinCodec | undefined;
  readonly traits: FrameTraits;
  /** What the picture is scaled to; undefined: it keeps its size. */
  readonly size: PictureSize | undefined;
}

// A few damaged frames are a note; more than this is not the clip that the person knows.
export const MOST_MISSING = 0.02;

/**
 * Reads the index and lays the kept ranges on the frames.
 *
 * @param reading of {@link movableMovie}, begun as early as possible: FFmpeg reads the header in a thread meanwhile
 * @throws MediaError
 */
export async function prepare(
  clip: OpenedClip,
  reading: Promise<Movie | undefined>,
  notes: string[],
  hooks: CutHooks,
): Promise<Job> {
  const { request, source, clock, container } = clip;
  const bounds = { in: 0, out: clock.duration };
  const kept = request.kept.flatMap((section) => clampSections([section], bounds));
  const stream = container.pictures === undefined ? undefined : source.video;
  if (!stream) {
    if (kept.length === 0 || source.audio.length === 0) throw nothingLeft();
    const overlaps = joinOverlaps(kept, request.join).map((overlap) => overlap / 1e6);
    notes.push(...dissolveNotes(overlaps.slice(1), request.join));
    const sides = kept.map((section) => ({
      start: section.in / 1e6 + clock.origin,
      end: section.out / 1e6 + clock.origin,
    }));
    const seconds = joinedDuration(kept, request.join) / 1e6;
    const ranges = timedRanges(sides, overlaps);
    return { ...clip, notes, hooks, picture: undefined, ranges, seconds, [Symbol.dispose]: () => undefined };
  }
  const track = await readTrack(clip, stream, reading, hooks.pace);
  const { index, cursor } = track;
  try {
    // An mp4 whose header came first and whose end never did promises more than it holds.
    const promised = Number(stream.nbFrames);
    if (index.pts.length < promised * (1 - MOST_MISSING)) throw damaged(request.input, promised - index.pts.length);
    const { num, den } = index.timeBase;
    const origin = Math.round((clock.origin * den) / num);
    const end = Math.round((clock.end * den) / num);
    let layout = layOut(index, kept, { origin, end }, dissolveLength(request.join));
    if (layout.display.length === 0) throw undecodable(request.input);
    if (layout.frames === 0) throw nothingLeft();
    const traits =
      knownTraits(track, stream) ?? (await firstFrame(request.input, track, stream, layout, hooks.pace, frameTraits));
    const seconds = (ticks: number): number => (ticks * num) / den;
    if (request.join?.kind === 'dissolve' && !canMix(traits.pixelFormat)) {
      layout = layOut(index, kept, { origin, end });
      notes.push(l10n.t('The joins are plain cuts: pictures of this kind cannot be dissolved.'));
    } else {
      const overlaps = layout.ranges.slice(1).map(({ overlap }) => seconds(overlap));
      notes.push(...dissolveNotes(overlaps, request.join));
    }
    const sides = layout.ranges.map((range) => ({ start: seconds(range.start), end: seconds(range.end) }));
    const ranges = timedRanges(
      sides,
      layout.ranges.map(({ overlap }) => seconds(overlap)),
    );
    const keptSize = keptSizeNote(stream, traits, request.height);
    if (keptSize !== undefined) notes.push(keptSize);
    return {
      ...clip,
      notes,
      hooks,
      picture: { ...track, stream, layout, traits, size: scaledSize(stream, traits, request.height) },
      ranges,
      seconds: seconds(layout.length),
      [Symbol.dispose]: () => cursor[Symbol.dispose](),
    };
  } catch (error) {
    cursor[Symbol.dispose]();
    throw error;
  }
}

/** The picture's index, from the file's own tables where they are known, which leaves the opened source at its start. */
async function readTrack(
  { request, source, container }: OpenedClip,
  stream: Stream,
  reading: Promise<Movie | undefined>,
  pace: Pace,
): Promise<Pick<PictureJob, 'index' | 'cursor' | 'movie' | 'codec'>> {
  const codec = joinCodecFor(stream, container);
  const movie = codec && (await reading);
  const track = movie?.tracks.find(({ id }) => id === stream.id);
  if (codec && track?.kind === 'video' && track.timescale === stream.timeBase.den) {
    const index = await indexMovie(request.input, track, codec, pace);
    return { codec, movie, index, cursor: PacketCursor.over(source, stream, index, pace) };
  }
  const index = await indexFrames(source, codec, pace);
  return { codec, movie, index, cursor: await PacketCursor.open(request.input, index, pace) };
}

/** @returns the clip as a movie whose bytes can be moved into the output; undefined when they cannot */
export async function movableMovie(input: string, output: string): Promise<Movie | undefined> {
  if (!/\.(mp4|m4v|mov|qt|3gp|3g2)$/i.test(output)) return undefined;
  // What keeps a file from being read here keeps FFmpeg from it too, which says so better.
  const movie = await readMovie(input).catch(() => undefined);
  if (!movie || 'reason' in movie || rewriteObstacle(movie, output) !== undefined) return undefined;
  return movie;
}

function nothingLeft(): MediaError {
  return new MediaError('nothing-left', l10n.t('Nothing would be left of the clip. Keep at least a part of it.'));
}

/** The source lacks pictures that it promises. */
export function damaged(file: string, missing: number): MediaError {
  const name = shownName(path.basename(file));
  const message = l10n.t(
    '{0} is damaged or was cut off: {1} of its pictures cannot be read. Nothing was written; get a whole copy of it.',
    name,
    missing,
  );
  return new MediaError('unreadable', message);
}

function dissolveLength(join: Join | undefined): number {
  return join?.kind === 'dissolve' ? join.duration : 0;
}

/** What headers tell for certain; undefined where only a decoded frame does. */
function knownTraits({ codec, index }: Pick<PictureJob, 'codec' | 'index'>, stream: Stream): FrameTraits | undefined {
  const traits = declaredTraits(stream);
  // Of codecs that may hold fields, the pictures tell.
  const known = codec && !codec.allEntries && index.obstacle === undefined && traits.pixelFormat >= 0;
  return known ? traits : undefined;
}

/** What the first frame that decodes shows. @param look at it while it lasts */
export async function firstFrame<T>(
  file: string,
  { index, cursor }: Pick<PictureJob, 'index' | 'cursor'>,
  stream: Stream,
  layout: Layout,
  pace: Pace,
  look: (frame: Frame) => T,
): Promise<T> {
  using decoder = new FrameDecoder(cursor, index, pace, { parameters: stream.codecpar, single: true });
  // The first frames may be damaged; any that decodes shows the format.
  for (const range of layout.ranges) {
    const places = layout.display.slice(range.first, Math.min(range.last, range.first + 50));
    const first = places[0];
    if (first === undefined) continue;
    for await (const { frame } of decoder.decode(decodeStart(index, first), places)) return look(frame);
  }
  throw undecodable(file);
}

function undecodable(file: string): MediaError {
  const message = l10n.t(
    'The picture of {0} cannot be decoded. The file may be damaged.',
    shownName(path.basename(file)),
  );
  return new MediaError('not-media', message);
}

/** Lengths of the result and of the source in microseconds. */
export function lengths(job: Job): { duration: number; sourceDuration: number } {
  return { duration: Math.round(job.seconds * 1e6), sourceDuration: job.clock.duration };
}
