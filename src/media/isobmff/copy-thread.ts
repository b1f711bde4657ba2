import { SHARE_ENV, Worker, parentPort } from 'node:worker_threads';

import { BLOCK, copyStripe, type Stripe } from './stripes.js';

/** What threads share out among themselves: each takes the next stripe that nobody has taken. */
export interface Share {
  readonly stripes: readonly Stripe[];
  /** What became of each stripe; memory of all threads. */
  readonly states: Int32Array;
}

const TAKEN = 1;
export const WRITTEN = 2;

export function shareOf(stripes: readonly Stripe[]): Share {
  return { stripes, states: new Int32Array(new SharedArrayBuffer(stripes.length * 4)) };
}

/** Takes a stripe that nobody has taken yet. */
export function take({ states }: Pick<Share, 'states'>, n: number): boolean {
  return Atomics.compareExchange(states, n, 0, TAKEN) === 0;
}

/** Leaves nothing for other threads to take. */
export function takeAll(share: Share): void {
  for (const n of share.stripes.keys()) take(share, n);
}

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

/** What a second thread is told to do. */
interface Help {
  readonly inputs: readonly number[];
  readonly output: number;
  /** Undefined for those with bytes of ours, which would be copied to get there. */
  readonly stripes: readonly (Stripe | undefined)[];
  readonly states: Int32Array;
}

/** A second thread that copies. What it cannot do stays undone for the first thread, which meets the error. */
export class CopyThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;

  private constructor(entry: URL) {
    this.#worker = new Worker(entry, { execArgv: [], env: SHARE_ENV, resourceLimits: SMALL });
    this.#worker.on('error', () => undefined);
    this.#ended = new Promise((resolve) => this.#worker.on('exit', () => resolve()));
  }

  /** @returns undefined where there is no such thread */
  static start(): CopyThread | undefined {
    return threadEntry && new CopyThread(threadEntry);
  }

  /**
   * It goes through them after those it was given before.
   *
   * @param inputs descriptors of the files, which have to stay open until the thread has ended
   */
  help(inputs: readonly number[], output: number, { stripes, states }: Share): void {
    const copied = stripes.map((stripe) => (stripe.segments.some((segment) => 'data' in segment) ? undefined : stripe));
    this.#worker.postMessage({ inputs, output, stripes: copied, states } satisfies Help);
  }

  /** Waits until it has done what it took. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage(null);
    await this.#ended;
  }
}

/** What the second thread does. */
export function helpCopying(): void {
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  parentPort?.on('message', (help: Help | null) => {
    if (!help) return parentPort?.close();
    const { inputs, output, stripes, states } = help;
    for (const [n, stripe] of stripes.entries()) {
      if (!stripe || !take(help, n)) continue;
      for (const step of copyStripe(inputs, output, stripe, buffer)) void step;
      Atomics.store(states, n, WRITTEN);
    }
  });
}
