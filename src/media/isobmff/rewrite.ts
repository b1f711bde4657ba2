import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { box, header, length, words } from './boxes.js';
import { createPace } from '../pace.js';
import { copyBytes } from './copy-bytes.js';
import type { HeadStart } from './head-start.js';
import { interleave, type Interleaving } from './interleave.js';
import type { Movie } from './movie.js';
import { movieHeader } from './movie-header.js';
import { planRanged, type KeptRange } from './ranged-track.js';
import type { Segment } from './stripes.js';
import { TimecodeTrack } from './timecode.js';
import { planTrack, type TrackEdit, type TrackPlan } from './track-plan.js';
import type { Track } from './track.js';

/** What {@link FileBytes} of new samples call the file in which they wait; the source is file 0. */
export const SCRATCH = 1;

export interface Rewrite {
  readonly movie: Movie;
  /** Absolute path of an empty file that exists; it is written, but neither created nor removed. */
  readonly output: string;
  /**
   * Every picture and sound track that stays; the others of these kinds are left out. Tracks of other kinds, and those
   * of single pictures, are cut to the ranges unless an edit is given.
   */
  readonly tracks: readonly TrackEdit[];
  /** The kept ranges in their order; tracks of other kinds and chapters follow them. */
  readonly ranges: readonly KeptRange[];
  /** Where bytes of new samples wait that are not in memory; they call it {@link SCRATCH}. */
  readonly scratch?: FileHandle | undefined;
  /** What of the result is being written already. */
  readonly begun?: HeadStart | undefined;
  readonly meanwhile?: Meanwhile;
  readonly signal?: AbortSignal;
  /** Told fractions from 0 to 1, rising, by the bytes written. */
  readonly onProgress?: (fraction: number) => void;
  /** Told how many bytes the new file takes, and how many of them are written, before any others are. */
  readonly onSize?: (bytes: number, written: number) => Promise<void>;
  /** Modification time for the header; default now. */
  readonly now?: Date;
}

/** What is done with the result while its end is still to be written; not done where one thread writes it. */
export interface Meanwhile {
  /** Position in {@link Movie.tracks}. */
  readonly track: number;
  /** How many samples of the track are written then, with the header and everything else up to there. */
  readonly samples: number;
  /** @param total bytes that the file is going to have */
  readonly work: (total: number) => Promise<void>;
}

/**
 * Why a movie cannot be written to a file with this ending, as half a sentence; undefined when it can. An mp4 stays one,
 * and a mov does: their sample descriptions differ.
 */
export function rewriteObstacle(movie: Movie, output: string): string | undefined {
  const family = (file: string): string => {
    const ending = path.extname(file).toLowerCase();
    return ending === '.mov' || ending === '.qt' ? 'mov' : /^\.(mp4|m4v|m4a|3gp|3g2)$/.test(ending) ? 'mp4' : '';
  };
  const source = family(movie.file) || movie.kind;
  return source === family(output) ? undefined : 'the new file is of another kind';
}

/**
 * Writes the cut movie: a header of our own in front, then the source's bytes moved in their order, with new samples in
 * between where their time comes. What is neither picture nor sound is cut to the ranges here.
 *
 * @throws the file system's errors, the signal's reason, RangeError for edits that do not fit
 */
export async function writeMovie(rewrite: Rewrite): Promise<void> {
  const { movie, begun, signal, onProgress, onSize, scratch } = rewrite;
  const input = await open(movie.file, 'r');
  try {
    const { head, start, media, total, after } = await layOut(rewrite, input);
    await onSize?.(total, begun?.written ?? 0);
    const output = await open(rewrite.output, 'r+');
    try {
      let written = 0;
      const onBytes = (count: number): void => {
        written += count;
        onProgress?.(written / total);
      };
      const pace = createPace(signal ?? new AbortController().signal);
      const inputs = scratch ? [input, scratch] : [input];
      const { work } = rewrite.meanwhile ?? {};
      const meanwhile = work && { after, work: () => work(total) };
      await copyBytes(inputs, output, 0, head.splice(0), { pace, onBytes });
      await copyBytes(inputs, output, start, media, { pace, onBytes, begun, meanwhile });
      // More than it has was begun where the result turned out another one than was foretold.
      if (begun) await output.truncate(total);
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
}

/** What the new file consists of. Nothing of the tables it was made from: they take tens of megabytes. */
interface FileLayout {
  /** Megabytes: whoever writes them takes them out. */
  readonly head: Segment[];
  /** Where the media begins, behind the head. */
  readonly start: number;
  readonly media: readonly Segment[];
  readonly total: number;
  /** Up to where the file has to be written for {@link Meanwhile}. */
  readonly after: number;
}

async function layOut(rewrite: Rewrite, input: FileHandle): Promise<FileLayout> {
  const plans = await planTracks(rewrite, input);
  if (plans.length === 0) throw new RangeError('no track is left');
  const interleaving = interleave(plans);
  const head = fileHead(rewrite, plans, interleaving);
  const start = length(head);
  return {
    head: head.map((data) => ({ data })),
    start,
    media: [...segments(plans, interleaving)],
    total: start + interleaving.bytes,
    after: start + mediaBefore(rewrite, plans, interleaving),
  };
}

async function planTracks({ movie, tracks, ranges }: Rewrite, input: FileHandle): Promise<TrackPlan[]> {
  const plans: TrackPlan[] = [];
  for (const [n, track] of movie.tracks.entries()) {
    const edit = tracks.find((wanted) => wanted.track === n);
    if (edit) plans.push(planTrack(track, edit));
    else if (track.kind === 'timecode') {
      const timecode = await TimecodeTrack.read(track, input);
      plans.push(planRanged(track, ranges, timecode && ((place, skipped) => timecode.sample(place, skipped))));
    } else if (standsAlone(track)) plans.push(planRanged(track, ranges));
  }
  return plans.filter(({ count }) => count > 0);
}

/** Whether a track's samples may be cut anywhere: text and telemetry, but also pictures for chapters. */
export function standsAlone({ kind, handler, samples, frameBytes }: Track): boolean {
  if (kind === 'sound' || frameBytes > 0 || handler === 'hint') return false;
  return (
    samples.count > 0 &&
    samples.sync.every((sync) => sync === 1) &&
    samples.pts.every((pts, i) => pts === samples.dts[i])
  );
}

/** Everything before the media: the file's type, its header, metadata beside it, and the beginning of the media box. */
function fileHead({ movie, ranges, now, begun }: Rewrite, plans: readonly TrackPlan[], media: Interleaving): Buffer[] {
  const before = fileType(movie);
  const beside = movie.boxes.top.map(({ bytes }) => bytes);
  const mediaHeader = header('mdat', media.bytes);
  const plan = { movie, plans, chunks: media.chunks, ranges, now: now ?? new Date() };
  const place = (long: boolean): Buffer[] | undefined => {
    const moov = movieHeader({ ...plan, long });
    const filled = [...before, ...moov.parts, ...beside];
    const head = [...filled, ...freeSpace((begun?.position ?? 0) - length(filled) - mediaHeader.length), mediaHeader];
    const start = length(head);
    if (!long && start + media.bytes > 0xffff_ffff) return undefined;
    moov.fill(start);
    return head;
  };
  const head = (media.bytes > 0xffff_ffff ? undefined : place(false)) ?? place(true);
  if (!head) throw new Error('the file is too long');
  return head;
}

/** A box without meaning (ISO/IEC 14496-12, 8.1.2) of so many bytes; none where they are too few for one. */
function freeSpace(bytes: number): Buffer[] {
  return bytes < 8 ? [] : box('free', Buffer.alloc(bytes - 8));
}

// Brands of files in fragments, which the result is not.
const FRAGMENTED_BRANDS = /^(iso5|iso6|iso7|iso8|iso9|dash|msdh|msix|cmf.|cmff|dsms|dby1|lmsg|hlsf|piff|isml)$/;

function fileType({ boxes, fragmented, kind }: Movie): readonly Buffer[] {
  const { ftyp } = boxes;
  if (!ftyp || !fragmented || kind === 'mov') return ftyp ? [ftyp] : [];
  const brands: string[] = [];
  for (let at = 16; at + 4 <= ftyp.length; at += 4) brands.push(ftyp.toString('latin1', at, at + 4));
  const kept = new Set(['isom', 'iso2', ...brands.filter((brand) => !FRAGMENTED_BRANDS.test(brand)), 'mp41']);
  return box('ftyp', Buffer.from('isom'), words(512), Buffer.from([...kept].join(''), 'latin1'));
}

// Demuxers read on a little.
const READ_AHEAD = 2 ** 20;

/** How many bytes of the media are written when the work meanwhile may begin. */
function mediaBefore({ movie, meanwhile }: Rewrite, plans: readonly TrackPlan[], media: Interleaving): number {
  const chunks = media.chunks[plans.findIndex((plan) => plan.track === movie.tracks[meanwhile?.track ?? -1])];
  const chunk = chunks?.first.findLastIndex((first) => first < (meanwhile?.samples ?? 0)) ?? -1;
  if (!chunks || chunk < 0) return media.bytes;
  return (chunks.offset[chunk] ?? 0) + (chunks.bytes[chunk] ?? 0) + READ_AHEAD;
}

/** What the media consists of; chunks that lie one behind the other in the source, mostly all between two joins, as one. */
function* segments(plans: readonly TrackPlan[], media: Interleaving): Generator<Segment> {
  let [offset, end] = [-1, -1];
  for (const [n, track] of media.trackOrder.entries()) {
    const chunk = media.chunkOrder[n] ?? 0;
    const chunks = media.chunks[track];
    const plan = plans[track];
    if (!chunks || !plan) continue;
    const source = chunks.source[chunk] ?? -1;
    const bytes = chunks.bytes[chunk] ?? 0;
    if (source >= 0 && source === end) {
      end += bytes;
      continue;
    }
    if (end > offset) yield { offset, length: end - offset };
    [offset, end] = source >= 0 ? [source, source + bytes] : [-1, -1];
    if (source >= 0) continue;
    const last = chunks.first[chunk + 1] ?? plan.count;
    for (let i = chunks.first[chunk] ?? 0; i < last; i++) {
      const data = plan.data.get(i) ?? new Uint8Array();
      yield data instanceof Uint8Array ? { data } : data;
    }
  }
  if (end > offset) yield { offset, length: end - offset };
}
