import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { shownName } from '../../timeline/shown-name.js';
import { readClock, type ClipClock } from '../file/clip-clock.js';
import { identify, openSource, type FileIdentity } from '../file/source.js';
import { MediaError, type PlayablePiece, type PlayableTrack, type PlayableWish } from '../media.js';
import type { Pace } from '../pace.js';
import { PicturePieces } from './playable-picture.js';
import { SoundPieces } from './playable-sound.js';

/** Makes pieces of one track of one opened clip. */
export interface PieceReader extends Disposable {
  /** Where it can go on without seeking. */
  readonly position: number | undefined;
  /** The piece [start, end) of the clip's time. */
  make(start: number, end: number, pace: Pace): Promise<{ mime: string; data: Uint8Array }>;
}

/** An open file cannot be moved on some systems, and decoders hold memory. */
const IDLE_MS = 15_000;
const MOST_IDLE = 4;
const MOST_CLOCKS = 20;

interface Opened {
  readonly reader: PieceReader;
  /** Which track of which clip in which state. */
  readonly key: string;
  timer?: NodeJS.Timeout;
}

/** Keeps clips open between the pieces that are asked for one after the other. */
export class Playables {
  readonly #idle = new Set<Opened>();
  /** Some containers have to be read to their end for it. */
  readonly #clocks = new Map<string, ClipClock>();

  /** @throws MediaError `unsupported` without such a track, `source-changed` */
  async make(wish: PlayableWish & { readonly path: string }, pace: Pace): Promise<PlayablePiece> {
    const { path: file, track, start, length } = wish;
    const state = stateOf(file, await identify(file));
    const clock = await this.#clock(file, state, pace);
    const end = Math.min(start + length, clock.duration);
    if (end <= start) throw new MediaError('failed', l10n.t('The clip ends before this place.'));
    const key = `${track} ${state}`;
    const opened = this.#take(key, start) ?? { reader: await open(file, track, clock, pace), key };
    let sound = false;
    try {
      const piece = await opened.reader.make(start, end, pace);
      if (stateOf(file, await identify(file)) !== state) throw changed(file);
      sound = true;
      return { start, duration: end - start, ...piece };
    } finally {
      if (sound) this.#keep(opened);
      else opened.reader[Symbol.dispose]();
    }
  }

  async #clock(file: string, state: string, pace: Pace): Promise<ClipClock> {
    let clock = this.#clocks.get(state);
    if (!clock) {
      using source = await openSource(file);
      clock = await readClock(source, pace);
      this.#clocks.set(state, clock);
      for (const old of [...this.#clocks.keys()].slice(0, -MOST_CLOCKS)) this.#clocks.delete(old);
    }
    return clock;
  }

  #take(key: string, start: number): Opened | undefined {
    const fitting = [...this.#idle].filter((opened) => opened.key === key);
    const opened = fitting.find(({ reader }) => reader.position === start) ?? fitting[0];
    if (!opened) return undefined;
    clearTimeout(opened.timer);
    this.#idle.delete(opened);
    return opened;
  }

  #keep(opened: Opened): void {
    this.#idle.add(opened);
    opened.timer = setTimeout(() => this.#close(opened), IDLE_MS);
    opened.timer.unref();
    for (const old of [...this.#idle].slice(0, -MOST_IDLE)) this.#close(old);
  }

  #close(opened: Opened): void {
    clearTimeout(opened.timer);
    if (this.#idle.delete(opened)) opened.reader[Symbol.dispose]();
  }
}

async function open(file: string, track: PlayableTrack, clock: ClipClock, pace: Pace): Promise<PieceReader> {
  return track === 'sound' ? SoundPieces.open(file, clock.origin) : PicturePieces.open(file, clock.origin, pace);
}

function stateOf(file: string, { size, modified, inode }: FileIdentity): string {
  return JSON.stringify([file, size, modified, inode]);
}

function changed(file: string): MediaError {
  const message = l10n.t('{0} changed while it was being played. Play it again.', shownName(path.basename(file)));
  return new MediaError('source-changed', message);
}
