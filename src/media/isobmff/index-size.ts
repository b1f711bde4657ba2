import { open } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { shownName } from '../../timeline/shown-name.js';
import { MediaError } from '../media.js';
import type { Pace } from '../pace.js';

// FFmpeg makes an entry of memory for each sample that a table counts, without looking whether the file could hold them:
// twenty damaged bytes become gigabytes.

const FIRST = new Set(['ftyp', 'styp', 'moov', 'moof', 'mdat', 'wide', 'free', 'skip', 'pnot', 'uuid', 'sidx']);
const LARGEST_HEADER = 2 ** 28;

/**
 * Makes sure that an mp4 or mov does not count more samples than it has bytes, and numbers its tracks. Other files pass.
 *
 * @throws MediaError `unreadable`; what the file system says when it cannot be opened
 */
export async function assertIndexFits(file: string, pace: Pace): Promise<void> {
  await using handle = await open(file, 'r');
  const { size: fileSize } = await handle.stat();
  const head = Buffer.alloc(16);
  for (let at = 0, first = true; at + 8 <= fileSize; first = false) {
    const { bytesRead } = await handle.read(head, 0, 16, at);
    const type = head.toString('latin1', 4, 8);
    if (bytesRead < 16 || (first && !FIRST.has(type))) return;
    const size = head.readUInt32BE(0) === 1 ? Number(head.readBigUInt64BE(8)) : head.readUInt32BE(0);
    // A lie about the size: FFmpeg may read on all the same.
    const end = size < 8 || at + size > fileSize ? fileSize : at + size;
    if (type === 'moov' || type === 'moof') {
      const data = Buffer.alloc(Math.min(end - at, LARGEST_HEADER));
      await handle.read(data, 0, data.length, at);
      if (hasNoNumber(data)) {
        const message = l10n.t(
          '{0} is damaged: one of its tracks has a number that none can have. Get a whole copy of it.',
          shownName(path.basename(file)),
        );
        throw new MediaError('unreadable', message);
      }
      if (countsMoreThan(data, fileSize)) {
        const message = l10n.t(
          '{0} is damaged: its index counts more than the file can hold. Get a whole copy of it.',
          shownName(path.basename(file)),
        );
        throw new MediaError('unreadable', message);
      }
    }
    at = end;
    await pace();
  }
}

// FFmpeg takes this for "not found", and then counts to the end of its numbers, once for each fragment: seconds each time
// that such a file is opened.
const NO_NUMBER = 0xffff_ffff;

/** Whether a track header (ISO/IEC 14496-12 8.3.2) has such an id. */
function hasNoNumber(data: Buffer): boolean {
  return bodies(data, 'tkhd').some((body) => wordAt(data, body + (data[body] === 1 ? 20 : 12)) === NO_NUMBER);
}

/** Where boxes of a type begin behind their names, wherever they are: boxes around them may lie about their sizes. */
function bodies(data: Buffer, type: string): number[] {
  const found: number[] = [];
  for (let at = data.indexOf(type, 0, 'latin1'); at >= 0; at = data.indexOf(type, at + 4, 'latin1')) found.push(at + 4);
  return found;
}

function wordAt(data: Buffer, at: number): number {
  return at + 4 <= data.length ? data.readUInt32BE(at) : 0;
}

function countsMoreThan(data: Buffer, most: number): boolean {
  const word = (at: number): number => wordAt(data, at);
  const tables = (type: string): number[] => bodies(data, type);
  // Version and flags come before the counts (ISO/IEC 14496-12 8.6.1, 8.7.3, 8.8.8).
  if (tables('trun').some((body) => word(body + 4) > most)) return true;
  if (tables('stsz').some((body) => word(body + 8) > most)) return true;
  return [...tables('stts'), ...tables('ctts')].some((body) => {
    const entries = Math.min(word(body + 4), Math.floor((data.length - body - 8) / 8));
    let sum = 0;
    for (let n = 0; n < entries && sum <= most; n++) sum += word(body + 8 + 8 * n);
    return sum > most;
  });
}
