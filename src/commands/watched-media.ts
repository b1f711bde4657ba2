import { MediaError, type MediaEngine } from '../media/media.js';
import type { Log } from './journal.js';

/** How the worker is doing, for Copy Diagnostics. */
export interface MediaCounts {
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  /** Times the worker process ended under its work. */
  readonly crashed: number;
}

type Kind = Exclude<keyof MediaEngine, 'pauseSettings' | 'close'>;

/** What the clip is to blame for, or the disk: told to the person, and nothing to look into. */
const EXPECTED = new Set(['not-found', 'not-media', 'unreadable', 'unsupported', 'nothing-left', 'exists']);

/**
 * The media engine as the extension uses it: every job has a number and a line in the log, and none begins while
 * `admit` throws. That is the last door for files of a folder in Restricted Mode; commands refuse before it.
 */
export class WatchedMedia implements MediaEngine {
  readonly probe = this.#watched('probe');
  readonly cut = this.#watched('cut');
  readonly plan = this.#watched('plan');
  readonly pauses = this.#watched('pauses');
  readonly sound = this.#watched('sound');
  readonly thumbnails = this.#watched('thumbnails');
  readonly playable = this.#watched('playable');
  readonly keyframes = this.#watched('keyframes');
  readonly extras = this.#watched('extras');
  readonly #media: MediaEngine;
  readonly #admit: () => void;
  readonly #log: Log;
  readonly #counts = { running: 0, done: 0, failed: 0, crashed: 0 };
  #last = 0;

  constructor(media: MediaEngine, admit: () => void, log: Log) {
    this.#media = media;
    this.#admit = admit;
    this.#log = log;
  }

  get counts(): MediaCounts {
    return { ...this.#counts };
  }

  readonly pauseSettings: MediaEngine['pauseSettings'] = () => this.#media.pauseSettings();
  readonly close: MediaEngine['close'] = () => this.#media.close();

  #watched<K extends Kind>(kind: K): MediaEngine[K] {
    const work = (...args: unknown[]): Promise<unknown> =>
      this.#run(kind, () => (this.#media[kind] as (...given: unknown[]) => Promise<unknown>)(...args));
    return work as MediaEngine[K];
  }

  async #run<T>(kind: string, work: () => Promise<T>): Promise<T> {
    this.#admit();
    const name = `media m${++this.#last} ${kind}`;
    const started = performance.now();
    const after = (): string => `after ${Math.round(performance.now() - started)} ms`;
    this.#counts.running += 1;
    try {
      const result = await work();
      this.#counts.done += 1;
      this.#log(`${name}: done ${after()}`);
      return result;
    } catch (error) {
      // What was aborted has the reason of its signal, and is no failure.
      if (!(error instanceof MediaError)) this.#log(`${name}: ended ${after()}`);
      else {
        this.#counts.failed += 1;
        if (error.code === 'worker-crashed') this.#counts.crashed += 1;
        this.#log(`${name}: ${error.code} ${after()}`, EXPECTED.has(error.code) ? 'info' : 'warn');
      }
      throw error;
    } finally {
      this.#counts.running -= 1;
    }
  }
}
