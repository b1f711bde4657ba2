import { readSync, writeSync } from 'node:fs';

/** What the result consists of, in its order: bytes of a file, or of ours. */
export type Segment = FileBytes | { readonly data: Uint8Array };

export interface FileBytes {
  /** Which of the files that are given to {@link copyStripe}; the first one where it is not said. */
  readonly file?: number;
  readonly offset: number;
  readonly length: number;
}

// One block stays in the processor's cache between reading and writing: larger ones took two to four times the
// processor's time. The system reads ahead and writes behind by itself, and calls that do not wait for a thread are twice
// as fast.
export const BLOCK = 128 * 2 ** 10;
// It is faster to read over so many unwanted bytes than to begin anew behind them.
const SMALL_GAP = 32 * 2 ** 10;
// Threads take stripes of this size in turns, so that together they still go through the file from front to back. They
// begin at whole multiples of it, which blocks thus do too: what is written across the system's pages takes half as long
// again.
export const STRIPE = 4 * 2 ** 20;

/** A stretch of the output. */
export interface Stripe {
  readonly position: number;
  readonly length: number;
  readonly segments: readonly Segment[];
}

/** Cuts what the output consists of into stripes. @param position where its first byte goes */
export function* striped(segments: Iterable<Segment>, position: number): Generator<Stripe> {
  let at = position;
  let length = 0;
  let held: Segment[] = [];
  for (const segment of segments) {
    const whole = lengthOf(segment);
    for (let done = 0; done < whole;) {
      const most = STRIPE - (at % STRIPE);
      const part = Math.min(whole - done, most - length);
      const before = held.at(-1);
      if ('data' in segment) held.push({ data: segment.data.subarray(done, done + part) });
      else if (before && !('data' in before) && goesOn(before, segment, done)) {
        held[held.length - 1] = { ...before, length: before.length + part };
      } else held.push({ ...segment, offset: segment.offset + done, length: part });
      length += part;
      done += part;
      if (length < most) continue;
      yield { position: at, length, segments: held };
      at += length;
      length = 0;
      held = [];
    }
  }
  if (length > 0) yield { position: at, length, segments: held };
}

function goesOn(before: FileBytes, { file, offset }: FileBytes, done: number): boolean {
  return before.file === file && before.offset + before.length === offset + done;
}

function lengthOf(segment: Segment): number {
  return 'data' in segment ? segment.data.length : segment.length;
}

/**
 * Yields after each block.
 *
 * @param inputs descriptors of the files that segments name by their place here
 * @param buffer of {@link BLOCK} bytes
 * @throws the file system's errors, RangeError when a file ends early
 */
export function* copyStripe(
  inputs: readonly number[],
  output: number,
  stripe: Stripe,
  buffer: Buffer,
): Generator<void> {
  let at = stripe.position;
  for (const block of blocks(stripe.segments)) {
    const filled = fill(inputs, buffer, block);
    for (let done = 0; done < filled;) done += writeSync(output, buffer, done, filled - done, at + done);
    at += filled;
    yield;
  }
}

interface Block {
  /** What to read, and where to in the buffer. */
  readonly reads: { readonly file: number; readonly offset: number; length: number; readonly at: number }[];
  /** The pieces of the buffer that are wanted, in order; those with data are put in afterwards. */
  readonly pieces: { readonly at: number; length: number; readonly data?: Uint8Array }[];
}

function* blocks(segments: Iterable<Segment>): Generator<Block> {
  let block: Block = { reads: [], pieces: [] };
  let used = 0;
  for (const segment of segments) {
    const length = lengthOf(segment);
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
      const { file = 0 } = segment;
      const offset = segment.offset + done;
      const last = block.reads.at(-1);
      const before = last?.file === file ? last : undefined;
      const gap = before ? offset - (before.offset + before.length) : -1;
      const continues = before?.at === used - (before?.length ?? 0);
      const merges = before && continues && gap >= 0 && gap <= SMALL_GAP && used + gap < BLOCK;
      const skipped = merges ? gap : 0;
      const taken = Math.min(length - done, BLOCK - used - skipped);
      if (merges) before.length += skipped + taken;
      else block.reads.push({ file, offset, length: taken, at: used });
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
function fill(inputs: readonly number[], buffer: Buffer, { reads, pieces }: Block): number {
  for (const { file, offset, length, at } of reads) {
    for (let done = 0; done < length;) {
      const bytesRead = readSync(inputs[file] ?? -1, buffer, at + done, length - done, offset + done);
      if (bytesRead === 0) throw new RangeError('a file ends early');
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
