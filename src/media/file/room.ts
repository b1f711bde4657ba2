import { statfs } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { aboutSize } from '../../timeline/about-size.js';
import { MediaError } from '../media.js';

/**
 * Bytes that may still be written where a file is going to be; undefined where the system does not say.
 *
 * @param file absolute path; it need not exist, its folder must
 */
export async function roomFor(file: string): Promise<number | undefined> {
  try {
    const { bavail, bsize, blocks } = await statfs(path.dirname(file));
    // Some network and virtual file systems count nothing at all.
    return blocks > 0 ? bavail * bsize : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Refuses work whose result plainly cannot be kept, before it is done.
 *
 * @param bytes that it will take at least
 * @param written how many of them are written by now
 * @throws MediaError `no-space`
 */
export async function assertRoom(output: string, bytes: number, written = 0): Promise<void> {
  const free = await roomFor(output);
  if (free !== undefined && free + written < bytes) throw noRoom(bytes, free + written);
}

/**
 * @param expected bytes of the result; undefined where that was never known
 * @param free bytes that may be written
 */
export function noRoom(expected: number | undefined, free: number | undefined, cause?: unknown): MediaError {
  return new MediaError('no-space', fullWords(expected, free), cause === undefined ? {} : { cause });
}

function fullWords(expected: number | undefined, free: number | undefined): string {
  if (free === undefined) {
    return expected === undefined
      ? l10n.t('The disk is full. Nothing was written; free some space and export again.')
      : l10n.t(
          'The disk is full: the result takes about {0}. Nothing was written; free some space and export again.',
          aboutSize(expected),
        );
  }
  return expected === undefined || expected <= free
    ? l10n.t(
        'The disk is full: the result takes more than the {0} that are free. Nothing was written; free some space and export again.',
        aboutSize(free),
      )
    : l10n.t(
        'The disk is full: the result takes about {0}, and {1} are free. Nothing was written; free some space and export again.',
        aboutSize(expected),
        aboutSize(free),
      );
}
