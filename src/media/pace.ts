/**
 * Lets other messages in between long synchronous native work, and ends that work when it was cancelled.
 * Native calls are made synchronously (ten times cheaper than a promise each), so something has to yield.
 */
export interface Pace {
  /** Yields when the last turn of the event loop is long ago. @throws the signal's reason when cancelled */
  (): Promise<void>;
}

const LONGEST_TURN_MS = 20;

let steps = 0;

/** How many steps all work of this process has made: it stands still where native code hangs. */
export function stepsMade(): number {
  return steps;
}

/** For one piece of work; each call of it is one of {@link stepsMade}. @param signal ends the work, with its reason */
export function createPace(signal: AbortSignal): Pace {
  let last = performance.now();
  return async () => {
    steps++;
    if (performance.now() - last >= LONGEST_TURN_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      last = performance.now();
    }
    signal.throwIfAborted();
  };
}
