import * as l10n from '@vscode/l10n';
import { SEGMENT_LENGTH, type ToPanel } from '../src/messages.js';
import type { Microseconds } from '../src/timeline/timecode.js';

export type MadeTrack = keyof typeof SEGMENT_LENGTH;
export type Segment = Extract<ToPanel, { type: 'segment' }>;

export interface PiecesOptions<Piece> {
  readonly track: MadeTrack;
  /** So many are kept. */
  readonly room: number;
  /** Asks the host for a piece; it arrives by `take` before this resolves. Rejects with a sentence for the person. */
  readonly ask: (index: number) => Promise<void>;
  readonly open: (data: Uint8Array<ArrayBuffer>) => Promise<Piece>;
}

/** So many are asked for at once. More would be in the way of the next place the person goes to. */
const AT_ONCE = 2;

/**
 * The pieces in which the host makes a track playable, as far as they are needed now.
 *
 * Event: `change` when a piece has come or could not be made.
 */
export class Pieces<Piece> extends EventTarget {
  readonly #options: PiecesOptions<Piece>;
  /** In the order of their last use. */
  readonly #kept = new Map<number, Piece>();
  readonly #asked = new Set<number>();
  readonly #opening = new Map<number, Promise<void>>();
  readonly #failed = new Map<number, string>();
  #wanted: readonly number[] = [];
  #closed = false;

  constructor(options: PiecesOptions<Piece>) {
    super();
    this.#options = options;
  }

  /** Number of the piece that holds a time. */
  indexAt(time: Microseconds): number {
    return Math.floor(Math.max(0, time) / SEGMENT_LENGTH[this.#options.track]);
  }

  get(index: number): Piece | undefined {
    const piece = this.#kept.get(index);
    if (piece === undefined) return undefined;
    this.#kept.delete(index);
    this.#kept.set(index, piece);
    return piece;
  }

  /** Why a piece that is wanted now could not be made. */
  get problem(): string | undefined {
    return this.#wanted.map((index) => this.#failed.get(index)).find((sentence) => sentence !== undefined);
  }

  /** These are needed now, the most urgent first. What was wanted before and is not named is wanted no longer. */
  want(indexes: readonly number[]): void {
    this.#wanted = [...new Set(indexes)].slice(0, this.#options.room);
    this.#askOn();
  }

  /** What could not be made may be asked for again. */
  retry(): void {
    this.#failed.clear();
    this.#askOn();
  }

  /** Takes a piece that the host has sent. */
  take({ start, data }: Segment): void {
    const index = this.indexAt(start);
    if (!this.#asked.has(index)) return;
    const opened = this.#options.open(new Uint8Array(data)).then((piece) => this.#keep(index, piece));
    this.#opening.set(index, opened);
  }

  close(): void {
    this.#closed = true;
    this.#wanted = [];
    this.#kept.clear();
  }

  #askOn(): void {
    for (const index of this.#wanted) {
      if (this.#closed || this.#asked.size >= AT_ONCE) return;
      if (this.#kept.has(index) || this.#asked.has(index) || this.#failed.has(index)) continue;
      void this.#fetch(index);
    }
  }

  async #fetch(index: number): Promise<void> {
    this.#asked.add(index);
    try {
      await this.#options.ask(index);
      await this.#opening.get(index);
      if (!this.#kept.has(index)) throw new Error(l10n.t('This part of the clip could not be made playable.'));
    } catch (error) {
      this.#failed.set(index, error instanceof Error ? error.message : String(error));
    }
    this.#asked.delete(index);
    this.#opening.delete(index);
    if (this.#closed) return;
    this.dispatchEvent(new Event('change'));
    this.#askOn();
  }

  #keep(index: number, piece: Piece): void {
    this.#kept.set(index, piece);
    for (const old of [...this.#kept.keys()].slice(0, -this.#options.room)) this.#kept.delete(old);
  }
}
