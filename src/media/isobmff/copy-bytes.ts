import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { SHARE_ENV, Worker, workerData } from 'node:worker_threads';

import type { Pace } from '../pace.js';

/** What the result consists of, in its order: bytes of a file, or of ours. */
export type Segment = FileBytes | { readonly data: Uint8Array };

export interface FileBytes {
  /** Which of the files that are given to {@link copyBytes}; the first one where it is not said. */
  readonly file?: number;
  readonly offset: number;
  readonly length: number;
}

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
// Megabytes of a thread that makes next to nothing but calls of the system.
const SMALL = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

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
  readonly inputs: readonly number[];
  readonly output: number;
  /** Undefined for those with bytes of ours, which would be copied to get there. */
  readonly stripes: readonly (Stripe | undefined)[];
  /** What became of each stripe. */
  readonly states: Int32Array;
}

const TAKEN = 1;
const WRITTEN = 2;

/** A second thread's part of {@link copyBytes}. What it cannot do stays undone for the first thread, which meets the error. */
export function helpCopying(): void {
  const { inputs, output, stripes, states } = workerData as Help;
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  for (const [n, stripe] of stripes.entries()) {
    if (!stripe || !take(states, n)) continue;
    for (const step of copyStripe(inputs, output, stripe, buffer)) void step;
    Atomics.store(states, n, WRITTEN);
  }
}

/**
 * Moves bytes to `position` in the output and on. Unwanted bytes in between are read with the others where they are
 * few, but never written. Reads and writes block; `pace` lets other things happen in between.
 *
 * @param inputs the files that segments name by their place here
 * @param onBytes told the number of bytes written since it was last told
 * @throws the file system's errors, what `pace` throws, and RangeError when a file ends early
 */
export async function copyBytes(
  inputs: readonly FileHandle[],
  output: FileHandle,
  position: number,
  segments: Iterable<Segment>,
  pace: Pace,
  onBytes: (count: number) => void,
): Promise<void> {
  const stripes = [...striped(segments, position)];
  const states = new Int32Array(new SharedArrayBuffer(stripes.length * 4));
  const files = inputs.map(({ fd }) => fd);
  const helper =
    stripes.length * STRIPE < WORTH_A_THREAD
      ? undefined
      : startHelper({
          inputs: files,
          output: output.fd,
          stripes: stripes.map((stripe) => (stripe.segments.some((segment) => 'data' in segment) ? undefined : stripe)),
          states,
        });
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  let told = 0;
  const copy = async (n: number, stripe: Stripe): Promise<void> => {
    for (const step of copyStripe(files, output.fd, stripe, buffer)) {
      void step;
      await pace();
    }
    Atomics.store(states, n, WRITTEN);
  };
  try {
    for (const [n, stripe] of stripes.entries()) {
      if (!take(states, n)) continue;
      await copy(n, stripe);
      // Those in front of it are written or being written.
      const reached = stripe.position + stripe.length - position;
      onBytes(reached - told);
      told = reached;
    }
  } finally {
    for (const n of stripes.keys()) take(states, n);
    await helper;
  }
  for (const [n, stripe] of stripes.entries()) if (states[n] !== WRITTEN) await copy(n, stripe);
}

/** Takes a stripe that nobody has taken yet. */
function take(states: Int32Array, n: number): boolean {
  return Atomics.compareExchange(states, n, 0, TAKEN) === 0;
}

/** @returns when the thread has ended, whatever became of it */
function startHelper(help: Help): Promise<void> {
  return new Promise((resolve) => {
    if (!threadEntry) return resolve();
    const thread = new Worker(threadEntry, { workerData: help, execArgv: [], env: SHARE_ENV, resourceLimits: SMALL });
    thread.on('error', () => undefined);
    thread.on('exit', () => resolve());
  });
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
      else if (before && !('data' in before) && goesOn(before, segment, done)) {
        held[held.length - 1] = { ...before, length: before.length + part };
      } else held.push({ ...segment, offset: segment.offset + done, length: part });
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

function goesOn(before: FileBytes, { file, offset }: FileBytes, done: number): boolean {
  return before.file === file && before.offset + before.length === offset + done;
}

function lengthOf(segment: Segment): number {
  return 'data' in segment ? segment.data.length : segment.length;
}

/** Yields after each block. */
function* copyStripe(inputs: readonly number[], output: number, stripe: Stripe, buffer: Buffer): Generator<void> {
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
