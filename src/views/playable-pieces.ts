import { SEGMENT_LENGTH, type ToHost, type ToPanel } from '../messages.js';
import type { PlayablePiece, PlayableWish } from '../media/media.js';

type Track = Extract<ToHost, { type: 'playable' }>['track'];
type Segment = Extract<ToPanel, { type: 'segment' }>;

/** So many pieces of a track are made at once: one that plays on, and one of the place that was jumped to. */
const AT_ONCE = 2;
/** A page that jumps about asks for more than it still needs; what waits longest is given up. */
const MOST_WAITING = 8;

interface Wanted {
  readonly path: string;
  readonly track: Track;
  readonly index: number;
  /** Pieces asked for in a row share it. */
  readonly run: number;
  readonly resolve: (piece: PlayablePiece) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes the playable pieces that one page asks for: the place it asked for last first, and there in order. */
export class PlayablePieces {
  readonly #make: (path: string, wish: PlayableWish, signal: AbortSignal) => Promise<PlayablePiece>;
  #stop = new AbortController();
  #waiting: Wanted[] = [];
  readonly #running = { sound: 0, picture: 0 };
  readonly #latest = { sound: { index: -1, run: 0 }, picture: { index: -1, run: 0 } };

  constructor(make: (path: string, wish: PlayableWish, signal: AbortSignal) => Promise<PlayablePiece>) {
    this.#make = make;
  }

  /** @throws Error with a sentence for the person, also when the page asked for too much meanwhile or is gone */
  async make(path: string, track: Track, index: number): Promise<Segment> {
    const latest = this.#latest[track];
    if (index !== latest.index + 1) latest.run += 1;
    latest.index = index;
    const { run } = latest;
    const { start, duration, mime, data } = await new Promise<PlayablePiece>((resolve, reject) => {
      this.#waiting.push({ path, track, index, run, resolve, reject });
      const ofTrack = this.#waiting.filter((wanted) => wanted.track === track);
      if (ofTrack.length > MOST_WAITING) this.#giveUp(ofTrack[0]);
      this.#next(track);
    });
    // A view into a pool of bytes, or a Buffer, would reach the page as something else.
    return { type: 'segment', track, start, duration, mime, data: Uint8Array.from(data) };
  }

  /** The page or its clip is gone: nobody waits for what is under way. */
  stop(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const wanted of [...this.#waiting]) this.#giveUp(wanted);
  }

  #giveUp(wanted: Wanted | undefined): void {
    this.#waiting = this.#waiting.filter((other) => other !== wanted);
    wanted?.reject(new Error('Another part of the clip was asked for meanwhile.'));
  }

  #next(track: Track): void {
    if (this.#running[track] >= AT_ONCE) return;
    const waiting = this.#waiting.filter((wanted) => wanted.track === track);
    const run = Math.max(...waiting.map((wanted) => wanted.run));
    const wanted = waiting.find((other) => other.run === run);
    if (!wanted) return;
    this.#waiting = this.#waiting.filter((other) => other !== wanted);
    this.#running[track] += 1;
    const length = SEGMENT_LENGTH[track];
    void this.#make(wanted.path, { track, start: wanted.index * length, length }, this.#stop.signal)
      .then(wanted.resolve, wanted.reject)
      .finally(() => {
        this.#running[track] -= 1;
        this.#next(track);
      });
  }
}
