import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

import type { Pace } from '../pace.js';

/** What the result consists of, in its order: bytes of the source, or of ours. */
export type Segment = { readonly offset: number; readonly length: number } | { readonly data: Uint8Array };

// One block stays in the processor's cache between reading and writing: larger ones took two to three times the
// processor's time. The system reads ahead and writes behind by itself, so nothing is gained by doing both at once, and
// calls that do not wait for a thread are twice as fast.
const BLOCK = 256 * 2 ** 10;
// It is faster to read over so many unwanted bytes than to begin anew behind them.
const SMALL_GAP = 32 * 2 ** 10;

/**
 * Moves bytes to `position` in the output and on. Unwanted bytes in between are read with the others where they are
 * few, but never written. Reads and writes block; `pace` lets other things happen in between.
 *
 * @param onBytes told the number of bytes written since it was last told
 * @throws the file system's errors, what `pace` throws, and RangeError when the source ends early
 */
export async function copyBytes(
  input: FileHandle,
  output: FileHandle,
  position: number,
  segments: Iterable<Segment>,
  pace: Pace,
  onBytes: (count: number) => void,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  let at = position;
  for (const block of blocks(segments)) {
    await pace();
    const filled = fill(input, buffer, block);
    for (let done = 0; done < filled;) {
      done += writeSync(output.fd, buffer, done, filled - done, at + done);
    }
    at += filled;
    onBytes(filled);
  }
}

interface Block {
  /** What to read, and where to in the buffer. */
  readonly reads: { readonly offset: number; length: number; readonly at: number }[];
  /** The pieces of the buffer that are wanted, in order; those with data are put in afterwards. */
  readonly pieces: { readonly at: number; length: number; readonly data?: Uint8Array }[];
}

function* blocks(segments: Iterable<Segment>): Generator<Block> {
  let block: Block = { reads: [], pieces: [] };
  let used = 0;
  for (const segment of segments) {
    const length = 'data' in segment ? segment.data.length : segment.length;
    for (let done = 0; done < length;) {
      if (used >= BLOCK) {
        yield block;
        block = { reads: [], pieces: [] };
        used = 0;
      }
      if ('data' in segment) {
        const taken = Math.min(length - done, BLOCK - used);
        block.pieces.push({ at: used, length: taken, data: segment.data.subarray(done, done + taken) });
        used += taken;
        done += taken;
        continue;
      }
      const offset = segment.offset + done;
      const before = block.reads.at(-1);
      const gap = before ? offset - (before.offset + before.length) : -1;
      const continues = before?.at === used - (before?.length ?? 0);
      const merges = before && continues && gap >= 0 && gap <= SMALL_GAP && used + gap < BLOCK;
      const skipped = merges ? gap : 0;
      const taken = Math.min(length - done, BLOCK - used - skipped);
      if (merges) before.length += skipped + taken;
      else block.reads.push({ offset, length: taken, at: used });
      const piece = block.pieces.at(-1);
      if (piece && !piece.data && piece.at + piece.length === used + skipped) piece.length += taken;
      else block.pieces.push({ at: used + skipped, length: taken });
      used += skipped + taken;
      done += taken;
    }
  }
  if (used > 0) yield block;
}

/** @returns how many bytes at the front of the buffer are to be written */
function fill(input: FileHandle, buffer: Buffer, { reads, pieces }: Block): number {
  for (const { offset, length, at } of reads) {
    for (let done = 0; done < length;) {
      const bytesRead = readSync(input.fd, buffer, at + done, length - done, offset + done);
      if (bytesRead === 0) throw new RangeError('the source ends early');
      done += bytesRead;
    }
  }
  let filled = 0;
  for (const { at, length, data } of pieces) {
    if (data) buffer.set(data, filled);
    else if (at !== filled) buffer.copyWithin(filled, at, at + length);
    filled += length;
  }
  return filled;
}
