import assert from 'node:assert/strict';
import type { CutList, ListedClip } from '../../../../src/timeline/cut-lists/cut-list.js';
import { formatOfFile, readCutList } from '../../../../src/timeline/cut-lists/formats.js';

/** Microseconds. */
export const S = 1_000_000;
/** The clip that lists in these tests are about. */
export const talk: ListedClip = { name: 'talk.mp4', duration: 120 * S, frameRate: 25 };

/** A list as a file of that name would be read for the clip. */
export function read(name: string, text: string, clip = talk): CutList {
  const format = formatOfFile(name, text);
  assert.ok(format, `${name} is not known`);
  return readCutList(format, text, clip);
}

/** In and out points. */
export const seconds = ({ parts }: CutList): number[][] => parts.map((part) => [part.in / S, part.out / S]);
export const notes = (list: CutList): string => list.notes.map(({ what, count }) => `${what} ${count}`).join(', ');
