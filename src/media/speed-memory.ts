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
  readonly #store: SpeedStore;

  constructor(store: SpeedStore = inMemory()) {
    this.#store = store;
  }

  /** Read each time: another window may have learned since, or the person had it forgotten. */
  get speeds(): Speeds {
    return stored.safeParse(this.#store.read()).data ?? {};
  }

  /** @param ratio seconds that a cut took to those that were estimated without this memory */
  learn(kind: string, ratio: number): void {
    if (!Number.isFinite(ratio) || ratio <= 0) return;
    const now = Math.min(RANGE.most, Math.max(RANGE.least, ratio));
    const { speeds } = this;
    const before = speeds[kind];
    // Of ratios, twice and half lie equally far from one.
    const mean = before === undefined ? now : Math.exp((1 - WEIGHT) * Math.log(before) + WEIGHT * Math.log(now));
    const others = Object.entries(speeds).filter(([other]) => other !== kind);
    this.#store.write(Object.fromEntries([...others, [kind, mean]].slice(-MOST_KINDS)));
  }
}

function inMemory(): SpeedStore {
  let kept: unknown;
  return {
    read: () => kept,
    write: (value) => {
      kept = value;
    },
  };
}
