import type { TimelineLook } from './panel-events.js';

/** Milliseconds of rest after which the host is told what is looked at. */
const REST = 80;

/** Tells what the timeline shows once it has come to rest, and each thing once. */
export class LookTeller {
  readonly #tell: (look: TimelineLook) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = '';

  constructor(tell: (look: TimelineLook) => void) {
    this.#tell = tell;
  }

  look(look: TimelineLook): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const key = JSON.stringify(look);
      if (key === this.#told) return;
      this.#told = key;
      this.#tell(look);
    }, REST);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
