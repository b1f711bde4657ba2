import type { Clock } from '../../../src/session/ports.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that passes only while everybody sleeps: a quarter of an hour takes no time, and the order is always the same. */
export class SimulatedClock implements Clock {
  #now = Date.UTC(2026, 2, 1);
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper = { until: this.#now + Math.max(0, milliseconds), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  /** Runs until the work is done, letting time pass whenever nothing else is left to do. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const ended = (): void => void (settled = true);
    work.then(ended, ended);
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) break;
      const next = this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.until <= b.until ? a : b), undefined);
      if (!next) continue;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
    return await work;
  }
}
