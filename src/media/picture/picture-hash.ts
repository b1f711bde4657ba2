import { crc32 } from 'node:zlib';
import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';

import { native } from '../native.js';

/** Copied frames that the self-check compares on each side of a join. */
export const COMPARED = 6;
/** The same behind a rejoined open group, whose renumbered pictures could go wrong later: frame_num starts over at 16. */
export const COMPARED_BEHIND_OPEN = 24;

/**
 * Tells decoded pictures apart, to the bit: a CRC, since nobody forges what is compared here, and it takes a tenth of the
 * time of a cryptographic hash.
 */
export function pictureHash(frame: Frame): string {
  const { av } = native();
  const planes = frame.data ?? [];
  const bytes = planes.reduce((sum, plane) => sum + plane.length, 0);
  const { format, width, height } = frame;
  // Rows may have padding, which is no part of the picture; without any, as most have it, the planes need no copy.
  const packed = bytes === av.avImageGetBufferSize(format as AVPixelFormat, width, height, 1);
  return (packed ? planes : [frame.toBuffer()]).reduce((crc, plane) => crc32(plane, crc), 0).toString(16);
}
