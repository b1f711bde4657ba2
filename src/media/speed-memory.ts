import * as z from 'zod/mini';

import type { Speeds } from './estimate.js';

/** Keeps a small JSON value across restarts. */
export interface SpeedStore {
  read(): unknown;
  write(value: unknown): void;
}

// Of a new measurement: the machine may have been busy with something else, but it may also have changed.
const WEIGHT = 0.4;
// What a machine can differ from the one that the estimates were made on.
const RANGE = { least: 0.02, most: 50 };
const MOST_KINDS = 60;

const stored = z.record(z.string(), z.number().check(z.minimum(RANGE.least), z.maximum(RANGE.most)));

/** How long cuts on this machine took, compared with what was estimated: an exponential average for each kind. */
export class SpeedMemory {
  readonly #store: SpeedStore | undefined;
  #speeds: Record<string, number>;

  constructor(store?: SpeedStore) {
    this.#store = store;
    this.#speeds = stored.safeParse(store?.read()).data ?? {};
  }

  get speeds(): Speeds {
    return this.#speeds;
  }

  /** @param ratio seconds that a cut took to those that were estimated without this memory */
  learn(kind: string, ratio: number): void {
    if (!Number.isFinite(ratio) || ratio <= 0) return;
    const now = Math.min(RANGE.most, Math.max(RANGE.least, ratio));
    const before = this.#speeds[kind];
    // Of ratios, twice and half lie equally far from one.
    const mean = before === undefined ? now : Math.exp((1 - WEIGHT) * Math.log(before) + WEIGHT * Math.log(now));
    const others = Object.entries(this.#speeds).filter(([other]) => other !== kind);
    this.#speeds = Object.fromEntries<number>([...others, [kind, mean]].slice(-MOST_KINDS) as [string, number][]);
    this.#store?.write(this.#speeds);
  }
}
