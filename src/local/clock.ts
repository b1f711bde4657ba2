/** Time for the local engine; tests give their own. */
export interface LocalClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `work` every `milliseconds` until the returned function is called. Does not keep the process alive. */
  every(milliseconds: number, work: () => void): () => void;
}

export const systemClock: LocalClock = {
  now: () => Date.now(),
  every(milliseconds, work) {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
