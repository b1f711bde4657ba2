import * as z from 'zod/mini';

import { identify, type FileIdentity } from '../file/source.js';
import { createPace, type Pace } from '../pace.js';
import { LookCache } from './look-cache.js';
import { PEAKS_PER_LEVEL, type SoundLevels } from './sound-levels.js';
import { passOverSound } from './sound-pass.js';

/** The sound of a clip as it becomes known. */
export interface Hearing {
  readonly sound: SoundLevels;
  /** Peaks that will not change any more, from the start. */
  readonly finished: number;
}

interface Listening {
  readonly listeners: Set<(hearing: Hearing) => void>;
  readonly stop: AbortController;
  readonly heard: Promise<SoundLevels>;
  latest: Hearing | undefined;
}

const factsSchema = z.object({ duration: z.int().check(z.nonnegative()), step: z.int().check(z.positive()) });

/**
 * Hears each clip once, whoever asks and for whatever: a waveform and a search for pauses that come at the same time
 * share one pass, later ones take what is remembered, in memory for the last clip and on disk for others.
 */
export class SoundLooks {
  readonly #running = new Map<string, Listening>();
  #last: { readonly key: string; readonly sound: SoundLevels } | undefined;

  /**
   * @param folder of the cache; undefined: nothing is kept on disk
   * @param onGrown told of what is known so far, now and then
   */
  async hear(
    file: string,
    folder: string | undefined,
    signal: AbortSignal,
    onGrown: (hearing: Hearing) => void = () => undefined,
  ): Promise<SoundLevels> {
    const identity = await identify(file);
    const key = JSON.stringify([file, identity.size, identity.modified, identity.inode]);
    if (this.#last?.key === key) return this.#last.sound;
    let listening = this.#running.get(key);
    if (!listening) {
      listening = this.#listen(file, folder, key, identity);
      this.#running.set(key, listening);
    }
    if (listening.latest) onGrown(listening.latest);
    listening.listeners.add(onGrown);
    const { heard, listeners, stop } = listening;
    try {
      return await Promise.race([heard, rejection(signal)]);
    } finally {
      listeners.delete(onGrown);
      // Nobody waits any more.
      if (listeners.size === 0) {
        if (this.#running.get(key) === listening) this.#running.delete(key);
        stop.abort();
      }
    }
  }

  #listen(file: string, folder: string | undefined, key: string, identity: FileIdentity): Listening {
    const stop = new AbortController();
    const listeners: Listening['listeners'] = new Set();
    const heard = this.#hearOnce(file, folder, identity, createPace(stop.signal), (sound, finished) => {
      listening.latest = { sound, finished };
      for (const listener of listeners) listener(listening.latest);
    });
    const listening: Listening = { listeners, stop, heard, latest: undefined };
    // Also when nobody waits for it any more.
    void heard.then(
      (sound) => (this.#last = { key, sound }),
      () => undefined,
    );
    return listening;
  }

  async #hearOnce(
    file: string,
    folder: string | undefined,
    identity: FileIdentity,
    pace: Pace,
    onGrown: (sound: SoundLevels, finished: number) => void,
  ): Promise<SoundLevels> {
    const cache = folder === undefined ? undefined : new LookCache(folder);
    const cached = await cache?.read('sound', file, identity);
    const remembered = cached && fromCache(cached.facts, cached.blobs);
    if (remembered) return remembered;
    const sound = await passOverSound(file, pace, onGrown);
    const { duration, step, peaks, levels } = sound;
    await cache?.write('sound', file, identity, { facts: { duration, step }, blobs: [peaks, levels] });
    return sound;
  }
}

function fromCache(facts: unknown, [peaks, levels]: readonly Uint8Array[]): SoundLevels | undefined {
  const known = factsSchema.safeParse(facts).data;
  if (!known || !peaks || !levels) return undefined;
  return levels.length === Math.ceil(peaks.length / PEAKS_PER_LEVEL) ? { ...known, peaks, levels } : undefined;
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
