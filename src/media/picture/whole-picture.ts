import { decodeStart, type FrameIndex } from './frame-index.js';
import type { TrackPacket } from '../file/output.js';
import type { JoinDecoder } from './mixed-frames.js';
import type { PictureEncoder } from './picture-encoder.js';
import type { Layout } from '../plan.js';

/** Counts what the encoding of a whole clip came to. */
export interface WholeCount {
  /** Frames that were decoded and encoded; damaged pictures of the source are missing. */
  frames: number;
}

/** All kept frames, decoded and encoded anew in one run. */
export async function* wholePicture(
  decoder: JoinDecoder,
  encoder: PictureEncoder,
  index: FrameIndex,
  layout: Layout,
  count: WholeCount,
): AsyncGenerator<TrackPacket> {
  for (const [n, range] of layout.ranges.entries()) {
    const places = layout.display.slice(range.first + range.mixed, range.last);
    const mixes = layout.ranges[n + 1]?.mixes;
    const first = places[0];
    if (first === undefined) continue;
    for await (const { frame, place } of decoder.decode(decodeStart(index, first), places, mixes)) {
      count.frames++;
      yield* encoder.encode(frame, (index.pts[place] ?? 0) - range.start + range.outStart);
    }
  }
  yield* encoder.encode(undefined);
}
