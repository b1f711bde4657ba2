import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { box, header, length, words } from './boxes.js';
import { createPace } from '../pace.js';
import { copyBytes, type Segment } from './copy-bytes.js';
import { interleave, type Interleaving } from './interleave.js';
import type { Movie } from './movie.js';
import { movieHeader } from './movie-header.js';
import { planRanged, type KeptRange } from './ranged-track.js';
import { TimecodeTrack } from './timecode.js';
import { planTrack, type TrackEdit, type TrackPlan } from './track-plan.js';
import type { Track } from './track.js';

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
  /** Where bytes of new samples wait that are not in memory; they call it file 1. */
  readonly scratch?: FileHandle | undefined;
  readonly signal?: AbortSignal;
  /** Told fractions from 0 to 1, rising, by the bytes written. */
  readonly onProgress?: (fraction: number) => void;
  /** Told how many bytes the new file takes, before the first of them is written. */
  readonly onSize?: (bytes: number) => Promise<void>;
  /** Modification time for the header; default now. */
  readonly now?: Date;
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
  const { movie, signal, onProgress, onSize } = rewrite;
  const input = await open(movie.file, 'r');
  try {
    const plans = await planTracks(rewrite, input);
    if (plans.length === 0) throw new RangeError('no track is left');
    const interleaving = interleave(plans);
    const head = fileHead(rewrite, plans, interleaving);
    const start = length(head);
    const total = start + interleaving.bytes;
    await onSize?.(total);
    const output = await open(rewrite.output, 'r+');
    try {
      let written = 0;
      const onBytes = (count: number): void => {
        written += count;
        onProgress?.(written / total);
      };
      const pace = createPace(signal ?? new AbortController().signal);
      const inputs = rewrite.scratch ? [input, rewrite.scratch] : [input];
      const front = head.map((data) => ({ data }));
      await copyBytes(inputs, output, 0, front, pace, onBytes);
      await copyBytes(inputs, output, start, segments(plans, interleaving), pace, onBytes);
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
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
function fileHead({ movie, ranges, now }: Rewrite, plans: readonly TrackPlan[], media: Interleaving): Buffer[] {
  const before = fileType(movie);
  const beside = movie.boxes.top.map(({ bytes }) => bytes);
  const mediaHeader = header('mdat', media.bytes);
  const plan = { movie, plans, chunks: media.chunks, ranges, now: now ?? new Date() };
  const place = (long: boolean): Buffer[] | undefined => {
    const moov = movieHeader({ ...plan, long });
    const head = [...before, ...moov.parts, ...beside, mediaHeader];
    const start = length(head);
    if (!long && start + media.bytes > 0xffff_ffff) return undefined;
    moov.fill(start);
    return head;
  };
  const head = place(false) ?? place(true);
  if (!head) throw new Error('the file is too long');
  return head;
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

function* segments(plans: readonly TrackPlan[], media: Interleaving): Generator<Segment> {
  for (const [n, track] of media.trackOrder.entries()) {
    const chunk = media.chunkOrder[n] ?? 0;
    const chunks = media.chunks[track];
    const plan = plans[track];
    if (!chunks || !plan) continue;
    const offset = chunks.source[chunk] ?? -1;
    if (offset >= 0) {
      yield { offset, length: chunks.bytes[chunk] ?? 0 };
      continue;
    }
    const last = chunks.first[chunk + 1] ?? plan.count;
    for (let i = chunks.first[chunk] ?? 0; i < last; i++) {
      const data = plan.data.get(i) ?? new Uint8Array();
      yield data instanceof Uint8Array ? { data } : data;
    }
  }
}
