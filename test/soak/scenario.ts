/** A fault that can be injected into the running product, and what must hold after it. */
export interface Scenario {
  /** What a person would call the fault. */
  readonly name: string;
  readonly part: 'kill' | 'network' | 'disk' | 'load';
  /** One injected fault, everything random drawn from `random`. Throws (assert) when something was lost. */
  run(random: () => number, signal: AbortSignal): Promise<void>;
}

/** Numbers from 0 up to 1 that follow from the seed alone (mulberry32), so that a lost run can be run again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
