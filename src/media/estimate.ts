import os from 'node:os';

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
 * Seconds that the work takes on this machine when nothing else runs. Rough: right within a factor of two or three.
 *
 * @param processors default: those that this process may use
 */
export function estimateSeconds(work: CutWork, processors: number = os.availableParallelism()): number {
  const { encoder, frames, pixels, sourcePixels, bytes } = work;
  const busy = Math.min(processors, THREADS[encoder] ?? 4) ** SHARING;
  const perFrame = (pixels * (ENCODING[encoder] ?? 0.05) + sourcePixels * DECODING) / 1e6;
  return (frames * perFrame) / busy + bytes / COPYING;
}
