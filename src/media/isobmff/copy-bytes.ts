import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Worker, workerData } from 'node:worker_threads';

import type { Pace } from '../pace.js';

/** What the result consists of, in its order: bytes of the source, or of ours. */
export type Segment = { readonly offset: number; readonly length: number } | { readonly data: Uint8Array };

// One block stays in the processor's cache between reading and writing: larger ones took two to three times the
// processor's time. The system reads ahead and writes behind by itself, and calls that do not wait for a thread are twice
// as fast.
const BLOCK = 256 * 2 ** 10;
// It is faster to read over so many unwanted bytes than to begin anew behind them.
const SMALL_GAP = 32 * 2 ** 10;
// Two threads take stripes of this size in turns, so that together they still go through the file from front to back.
const STRIPE = 4 * 2 ** 20;
// Less than this is copied before a second thread has begun.
const WORTH_A_THREAD = 128 * 2 ** 20;

let threadEntry: URL | undefined;

/**
 * Lets large copies use a second thread.
 *
 * @param entry a module that calls {@link helpCopying} in such a thread; undefined: no second thread
 */
export function copyInThreads(entry: URL | undefined): void {
  threadEntry = entry;
}

/** What a second thread is given. */
interface Help {
  readonly input: number;
  readonly output: number;
  readonly stripes: readonly Stripe[];
  /** The stripe that is taken next. */
  readonly next: Int32Array;
  /** 1 for each stripe that is written. */
  readonly done: Uint8Array;
}

/** A second thread's part of {@link copyBytes}. What it cannot do stays undone for the first thread, which meets the error. */
export function helpCopying(): void {
  const help = workerData as Help;
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  for (const [n, stripe] of taken(help)) {
    for (const step of copyStripe(help.input, help.output, stripe, buffer)) void step;
    help.done[n] = 1;
  }
}

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
  const stripes = [...striped(segments, position)];
  const help: Help = {
    input: input.fd,
    output: output.fd,
    stripes,
    next: new Int32Array(new SharedArrayBuffer(4)),
    done: new Uint8Array(new SharedArrayBuffer(stripes.length)),
  };
  const helper = stripes.length * STRIPE >= WORTH_A_THREAD ? startHelper(help) : undefined;
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  let told = 0;
  const copy = async (n: number, stripe: Stripe): Promise<void> => {
    for (const step of copyStripe(help.input, help.output, stripe, buffer)) {
      void step;
      await pace();
    }
    help.done[n] = 1;
  };
  try {
    for (const [n, stripe] of taken(help)) {
      await copy(n, stripe);
      // Those in front of it are written or being written.
      const reached = stripe.position + stripe.length - position;
      onBytes(reached - told);
      told = reached;
    }
  } finally {
    Atomics.store(help.next, 0, stripes.length);
    await helper;
  }
  for (const [n, stripe] of stripes.entries()) if (!help.done[n]) await copy(n, stripe);
}

/** @returns when the thread has ended, whatever became of it */
function startHelper(help: Help): Promise<void> {
  return new Promise((resolve) => {
    if (!threadEntry) return resolve();
    const thread = new Worker(threadEntry, { workerData: help, execArgv: [] });
    thread.on('error', () => undefined);
    thread.on('exit', () => resolve());
  });
}

function* taken({ stripes, next }: Help): Generator<[number, Stripe]> {
  for (;;) {
    const n = Atomics.add(next, 0, 1);
    const stripe = stripes[n];
    if (!stripe) return;
    yield [n, stripe];
  }
}

/** A stretch of the output. */
interface Stripe {
  readonly position: number;
  readonly length: number;
  readonly segments: readonly Segment[];
}

function* striped(segments: Iterable<Segment>, position: number): Generator<Stripe> {
  let at = position;
  let length = 0;
  let held: Segment[] = [];
  for (const segment of segments) {
    const whole = lengthOf(segment);
    for (let done = 0; done < whole;) {
      const part = Math.min(whole - done, STRIPE - length);
      const before = held.at(-1);
      if ('data' in segment) held.push({ data: segment.data.subarray(done, done + part) });
      else if (before && !('data' in before) && before.offset + before.length === segment.offset + done) {
        held[held.length - 1] = { offset: before.offset, length: before.length + part };
      } else held.push({ offset: segment.offset + done, length: part });
      length += part;
      done += part;
      if (length < STRIPE) continue;
      yield { position: at, length, segments: held };
      at += length;
      length = 0;
      held = [];
    }
  }
  if (length > 0) yield { position: at, length, segments: held };
}

function lengthOf(segment: Segment): number {
  return 'data' in segment ? segment.data.length : segment.length;
}

/** Yields after each block. */
function* copyStripe(input: number, output: number, stripe: Stripe, buffer: Buffer): Generator<void> {
  let at = stripe.position;
  for (const block of blocks(stripe.segments)) {
    const filled = fill(input, buffer, block);
    for (let done = 0; done < filled;) done += writeSync(output, buffer, done, filled - done, at + done);
    at += filled;
    yield;
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
function fill(input: number, buffer: Buffer, { reads, pieces }: Block): number {
  for (const { offset, length, at } of reads) {
    for (let done = 0; done < length;) {
      const bytesRead = readSync(input, buffer, at + done, length - done, offset + done);
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
