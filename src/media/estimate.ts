import os from 'node:os';

import type { Sample } from './sample.js';

/** Work of a cut that takes time, as far as it is known before it begins. */
export interface CutWork {
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  /** Frames that are encoded and the pixels of each, as they come out; those of the source are decoded. */
  readonly frames: number;
  readonly pixels: number;
  readonly sourcePixels: number;
  /** Bytes that are written. */
  readonly bytes: number;
}

/**
 * What earlier cuts on this machine took, measured against what was estimated for them: by {@link speedKey}, and by
 * {@link SAMPLED} for estimates that were made with a sample.
 */
export type Speeds = Readonly<Record<string, number>>;

export const SAMPLED = 'sampled ';

// Seconds of one processor for a million pixels: the user time of encoding with the settings of whole cuts, less that of
// decoding, on a processor of 2023. Measured on a still speaker at 720p, a moving one at 480p and a flower in the wind at
// 540p; x264 took 0.0045, 0.020 and 0.021, x265 0.03, 0.10 and 0.10, VP8 0.01, 0.14 and 0.02, VP9 0.005, 0.025 and 0.026.
// What stands here lies between calm and restless pictures: hence "about".
const ENCODING: Readonly<Record<string, number>> = {
  libx264: 0.015,
  libx265: 0.07,
  libvpx: 0.03,
  'libvpx-vp9': 0.018,
  libsvtav1: 0.03,
};
// H.264 and HEVC, measured in the same way: 0.001 to 0.004.
const DECODING = 0.003;
// Processors that an encoder keeps busy at most; libvpx divides a picture into few columns.
const THREADS: Readonly<Record<string, number>> = { libx264: 12, libx265: 8, libvpx: 3, 'libvpx-vp9': 4 };
// What more processors bring falls off: waiting for each other, and the reading and writing that one of them does.
const SHARING = 0.85;
// Bytes of a second that are copied, as a modest disk does.
const COPYING = 200e6;

/**
 * Seconds that the work takes on this machine when nothing else runs. Rough: right within a factor of two or three,
 * until cuts of the kind were made here.
 *
 * @param processors default: those that this process may use
 */
export function estimateSeconds(
  work: CutWork,
  processors: number = os.availableParallelism(),
  speeds: Speeds = {},
): number {
  const { encoder, frames, pixels, sourcePixels, bytes } = work;
  const busy = Math.min(processors, THREADS[encoder] ?? 4) ** SHARING;
  const perFrame = (pixels * (ENCODING[encoder] ?? 0.05) + sourcePixels * DECODING) / 1e6;
  return ((frames * perFrame) / busy + bytes / COPYING) * learned(speeds, speedKey(work));
}

/** The same by a sample of the very pictures. */
export function sampledSeconds(work: CutWork, sample: Pick<Sample, 'seconds'>, speeds: Speeds = {}): number {
  return (work.frames * sample.seconds + work.bytes / COPYING) * (speeds[SAMPLED + speedKey(work)] ?? 1);
}

/** Work of a cut that joins: few frames are encoded, everything else is copied. */
export interface SmartWork extends Pick<CutWork, 'encoder' | 'pixels' | 'bytes'> {
  /** Frames that are encoded, and all of them. */
  readonly anew: number;
  readonly frames: number;
  /** Bytes that are read to find out where cuts may lie: keyframes, or the whole file. */
  readonly searched: number;
  /** Byte ranges are moved as they are; else a muxer writes every packet, and what it wrote is read again. */
  readonly moves: boolean;
}

export const MOVING = 'moving';
export const MUXING = 'muxing';

// Seconds: opening files, headers, the self-check. For a frame: its place in tables that are read and written.
const BEGINNING = 0.15;
const LISTING = 4e-6;
// Groups of pictures at the joins are decoded to encode a few of their frames, and checked again.
const DECODED_AROUND = 8;

/** What a cut that joins does in turns, in seconds that are estimated without any measurement: to be compared with one. */
export function smartParts(
  { encoder, pixels, bytes, anew, frames, searched, moves }: SmartWork,
  processors: number = os.availableParallelism(),
): { readonly joining: number; readonly copying: number } {
  const around = { encoder, frames: anew, pixels, sourcePixels: pixels * DECODED_AROUND, bytes: 0 };
  const joining = BEGINNING + estimateSeconds(around, processors) + frames * LISTING;
  const copied = moves ? bytes : 2 * bytes;
  return moves
    ? { joining: joining + searched / COPYING, copying: copied / COPYING }
    : { joining, copying: (searched + copied) / COPYING };
}

/** Seconds that a cut takes which joins, with what else runs on this machine now. */
export function smartSeconds(work: SmartWork, processors?: number, speeds: Speeds = {}, load?: number): number {
  const { joining, copying } = smartParts(work, processors);
  const crowd = crowding(load, processors);
  return joining * crowd * (speeds[joiningKey(work)] ?? 1) + copying * (speeds[work.moves ? MOVING : MUXING] ?? 1);
}

const MOST_CROWDED = 10;

/**
 * How many times longer work of one thread takes because of what else runs. Copying hardly does: it waits for the disk.
 *
 * @param load programs that want to run, as the system counts them over the last minute; 0 where it does not
 */
export function crowding(load: number = os.loadavg()[0] ?? 0, processors: number = os.availableParallelism()): number {
  return Math.min(MOST_CROWDED, Math.max(1, load / processors));
}

/** Cuts that join pictures of about the same size. */
export function joiningKey(work: Pick<CutWork, 'encoder' | 'pixels'>): string {
  return `joining ${speedKey(work)}`;
}

/**
 * The same for work that keeps all processors busy by itself, with half as many threads again. What may be the trace of
 * such work of our own, a minute ago, does not count.
 */
export function crowdingOfAll(
  load: number = os.loadavg()[0] ?? 0,
  processors: number = os.availableParallelism(),
): number {
  return Math.min(MOST_CROWDED, 1 + Math.max(0, load - 2 * processors) / (1.5 * processors));
}

/** Bytes of pictures by a sample of them: full ones at the encoder's distance, and the others between. */
export function sampledBytes(
  frames: number,
  { bytes, keyBytes, gop }: Pick<Sample, 'bytes' | 'keyBytes' | 'gop'>,
): number {
  const keys = Math.ceil(frames / gop);
  return keys * keyBytes + Math.max(0, frames - keys) * bytes;
}

/**
 * Bytes of pictures that are encoded anew, without a sample: an encoder that holds a quality needs about as many as the
 * source had, for fewer pixels fewer, but not in step with them, because small pictures hold more in each.
 *
 * @param sourceBytes of the pictures that stay
 */
export function scaledBytes(sourceBytes: number, { pixels, sourcePixels }: CutWork): number {
  return sourceBytes * Math.min(1, pixels / Math.max(1, sourcePixels)) ** 0.75;
}

/** Cuts of one kind: the same encoder, and pictures of about the same size. */
export function speedKey({ encoder, pixels }: Pick<CutWork, 'encoder' | 'pixels'>): string {
  const size = pixels < 0.5e6 ? 'small' : pixels < 1.2e6 ? 'middle' : pixels < 4e6 ? 'large' : 'huge';
  return `${encoder} ${size}`;
}

/** By cuts of the kind, else by those with the same encoder. */
function learned(speeds: Speeds, key: string): number {
  const own = speeds[key];
  if (own !== undefined) return own;
  const [encoder = ''] = key.split(' ');
  const related = Object.entries(speeds).filter(([other]) => other.startsWith(`${encoder} `));
  if (related.length === 0) return 1;
  return Math.exp(related.reduce((sum, [, ratio]) => sum + Math.log(ratio), 0) / related.length);
}
