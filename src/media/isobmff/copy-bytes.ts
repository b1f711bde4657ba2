import type { FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import type { Pace } from '../pace.js';
import { CopyThread, shareOf, take, takeAll, WRITTEN, type Share } from './copy-thread.js';
import type { HeadStart } from './head-start.js';
import { BLOCK, copyStripe, STRIPE, striped, type Segment, type Stripe } from './stripes.js';

// Less than this is copied before a second thread has begun.
const WORTH_A_THREAD = 128 * 2 ** 20;

/** What is done with the beginning of a copy while a second thread goes on with the rest. */
export interface Meanwhile {
  /** Position in the output: everything before it is written then. */
  readonly after: number;
  /** Called at most once; not at all where there is no second thread. */
  readonly work: () => Promise<void>;
}

export interface CopyOptions {
  readonly pace: Pace;
  /** Told the number of bytes written since it was last told. */
  readonly onBytes: (count: number) => void;
  /** A thread that copies some of it already; it is told to go on with the rest, and has ended afterwards. */
  readonly begun?: HeadStart | undefined;
  readonly meanwhile?: Meanwhile | undefined;
}

/**
 * Moves bytes to `position` in the output and on. Unwanted bytes in between are read with the others where they are
 * few, but never written. Reads and writes block; `pace` lets other things happen in between.
 *
 * @param inputs the files that segments name by their place here
 * @throws the file system's errors, what `pace` and the work meanwhile throw, and RangeError when a file ends early
 */
export async function copyBytes(
  inputs: readonly FileHandle[],
  output: FileHandle,
  position: number,
  segments: Iterable<Segment>,
  { pace, onBytes, begun, meanwhile }: CopyOptions,
): Promise<void> {
  const stripes = [...striped(segments, position)];
  const { ahead, rest } = (await begun?.shares(stripes)) ?? { ahead: shareOf([]), rest: shareOf(stripes) };
  const all = [ahead, rest].flatMap((share) => share.stripes.map((stripe, n) => ({ share, n, stripe })));
  const files = inputs.map(({ fd }) => fd);
  const running = begun?.thread;
  const thread = running ?? (rest.stripes.length * STRIPE < WORTH_A_THREAD ? undefined : CopyThread.start());
  thread?.help(files, output.fd, rest);
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  let told = 0;
  const copy = async ({ share, n, stripe }: Part): Promise<void> => {
    for (const step of copyStripe(files, output.fd, stripe, buffer)) {
      void step;
      await pace();
    }
    Atomics.store(share.states, n, WRITTEN);
  };
  try {
    let waiting = thread && meanwhile;
    for (const [place, part] of all.entries()) {
      const { position: from, length } = part.stripe;
      if (waiting && from >= waiting.after) {
        if (await areWritten(all.slice(0, place), pace)) await waiting.work();
        waiting = undefined;
      }
      if (!take(part.share, part.n)) continue;
      await copy(part);
      // Those in front of it are written or being written.
      const reached = from + length - position;
      onBytes(reached - told);
      told = reached;
    }
  } finally {
    takeAll(ahead);
    takeAll(rest);
    await (running ? begun?.[Symbol.asyncDispose]() : thread?.[Symbol.asyncDispose]());
  }
  for (const part of all) if (part.share.states[part.n] !== WRITTEN) await copy(part);
}

/** A stripe in its share. */
interface Part {
  readonly share: Share;
  readonly n: number;
  readonly stripe: Stripe;
}

/** A thread writes a stripe in some milliseconds; one that takes longer has failed, which is found out later. */
const STRIPE_MS = 1000;

/** Waits for those that another thread has taken. @returns false where that takes too long */
async function areWritten(parts: readonly Part[], pace: Pace): Promise<boolean> {
  const late = performance.now() + STRIPE_MS;
  while (parts.some(({ share, n }) => Atomics.load(share.states, n) !== WRITTEN)) {
    if (performance.now() > late) return false;
    await setTimeout(1);
    await pace();
  }
  return true;
}
