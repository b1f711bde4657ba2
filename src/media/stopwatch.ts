import os from 'node:os';

/** Milliseconds that all processors together have worked since the machine began. */
function worked(): number {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** Measures how long work takes, or would take if nothing else ran: what other programs used meanwhile is taken off. */
export class Stopwatch {
  readonly #begun = performance.now();
  readonly #own = process.cpuUsage();
  readonly #all = worked();

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** The same without what others used; as it is where processors are shared in ways that cannot be seen. */
  get secondsAlone(): number {
    const { seconds } = this;
    const processors = os.cpus().length;
    if (processors !== os.availableParallelism() || seconds <= 0) return seconds;
    const { user, system } = process.cpuUsage(this.#own);
    const own = (user + system) / 1e6;
    const others = Math.max(0, (worked() - this.#all) / 1000 - own);
    // Own work cannot be done quicker than by all processors at once.
    return Math.max(own / processors, seconds * (1 - Math.min(1, others / (seconds * processors))));
  }
}
