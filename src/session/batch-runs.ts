import { runBatch, storedOrder, tellBatchLeft, type BatchOrder, type BatchOutcome } from './batch.js';
import type { Operations, Work } from './operations.js';
import type { Repeated } from './outcomes.js';
import type { SessionPorts } from './ports.js';
import type { SessionState } from './session-state.js';
import type { SessionWork } from './session-work.js';

export interface BatchRunParts {
  readonly ports: SessionPorts;
  readonly state: SessionState;
  readonly work: SessionWork;
  readonly operations: Operations;
  readonly persist: () => Promise<void>;
}

/** Batches as operations of a session: what of one fails, or is left by a window that closed, can be tried again. */
export class BatchRuns {
  readonly #parts: BatchRunParts;

  constructor(parts: BatchRunParts) {
    this.#parts = parts;
  }

  /** The files that failed are what can be tried again, here or with the other engine. */
  work(paths: readonly string[], order: BatchOrder): Work<BatchOutcome> {
    const { ports, state, work, operations, persist } = this.#parts;
    return async (signal) => {
      const explain = (error: unknown): ReturnType<Operations['explain']> => operations.explain(error);
      const { files, summary } = await runBatch(paths, order, { ports, state, work, persist, explain }, signal);
      const failed = files.filter(({ exported }) => !exported);
      if (failed.length > 0) {
        const left = failed.map(({ path }) => path);
        const elsewhere = failed.some(({ problem }) => problem?.actions.includes('use-local'));
        operations.failed = { work: this.again(left, order), elsewhere, anew: true };
      }
      return { files, summary };
    };
  }

  again(paths: readonly string[], order: BatchOrder): Work<Repeated> {
    const work = this.work(paths, order);
    return async (signal) => ({ batch: await work(signal) });
  }

  /**
   * Says what is left of one that was under way when the window closed.
   *
   * @param currentArrived the file that was being worked on has been exported since
   */
  async tellLeft(currentArrived: boolean): Promise<void> {
    const { state, operations, persist } = this.#parts;
    const { batch, render, inFlight } = state;
    // Still to be taken up: the next time tells.
    if (!batch || render || inFlight || operations.closed) return;
    const left = tellBatchLeft(batch, currentArrived, state);
    const order = storedOrder(batch);
    if (left.length > 0 && order) {
      operations.failed = { work: this.again(left, order), elsewhere: false, anew: true };
    }
    await persist();
  }
}
