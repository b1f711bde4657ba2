import { decodeStart, type FrameIndex } from './frame-index.js';
import type { FrameDecoder } from './frame-decoder.js';
import type { TrackPacket } from '../file/output.js';
import type { PictureEncoder } from './picture-encoder.js';
import type { Layout } from '../plan.js';

/** Counts what the encoding of a whole clip came to. */
export interface WholeCount {
  /** Frames that were decoded and encoded; damaged pictures of the source are missing. */
  frames: number;
}

/** All kept frames, decoded and encoded anew in one run. */
export async function* wholePicture(
  decoder: FrameDecoder,
  encoder: PictureEncoder,
  index: FrameIndex,
  layout: Layout,
  count: WholeCount,
): AsyncGenerator<TrackPacket> {
  for (const range of layout.ranges) {
    const places = layout.display.slice(range.first, range.last);
    const first = places[0];
    if (first === undefined) continue;
    for await (const { frame, place } of decoder.decode(decodeStart(index, first), places)) {
      count.frames++;
      yield* encoder.encode(frame, (index.pts[place] ?? 0) - range.start + range.outStart);
    }
  }
  yield* encoder.encode(undefined);
}
