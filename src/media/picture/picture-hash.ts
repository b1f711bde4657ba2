import { createHash } from 'node:crypto';
import type { Frame } from 'node-av/lib';

/** Copied frames that the self-check compares on each side of a join. */
export const COMPARED = 6;
/** The same behind a rejoined open group, whose renumbered pictures could go wrong later: frame_num starts over at 16. */
export const COMPARED_BEHIND_OPEN = 24;

/** Tells decoded pictures apart, to the bit. */
export function pictureHash(frame: Frame): string {
  return createHash('sha1').update(frame.toBuffer()).digest('base64');
}
