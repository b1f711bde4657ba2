import type { Packet, Stream } from 'node-av/lib';

import type { FrameIndex } from './frame-index.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { areDistinct } from '../display-order.js';
import { openTrack, readOnly, type Source } from '../file/source.js';

// So many packets ahead it is cheaper to read on than to seek.
const NEAR = 200;

/** Reads the packets of the picture track by their place in the index, wherever the demuxer's seeking lands. */
export class PacketCursor implements Disposable {
  #source: Source;
  #stream: Stream;
  /** Whether the source was opened for this cursor alone. */
  #own: boolean;
  readonly #index: FrameIndex;
  /** Seeking needs times that tell the packets apart; without them every way leads from the beginning. */
  readonly #seeks: boolean;
  readonly #packet: Packet;
  readonly #pace: Pace;
  /** Place of the packet that the next read gives. */
  #place = 0;
  /** The packet was read already, while looking where a seek had landed. */
  #pending = false;

  private constructor(source: Source, stream: Stream, own: boolean, index: FrameIndex, pace: Pace) {
    const { av } = native();
    this.#source = source;
    this.#stream = stream;
    this.#own = own;
    this.#index = index;
    this.#pace = pace;
    this.#seeks = index.timed && isDistinct(index);
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  /** @param known see `openSource` */
  static async open(file: string, index: FrameIndex, pace: Pace, known = true): Promise<PacketCursor> {
    const { source, stream } = await openTrack(file, ({ video }) => video, known);
    return new PacketCursor(source, stream, true, index, pace);
  }

  /**
   * Reads from a source that is open already: the header of a long clip takes longer to read than many pictures.
   *
   * @param source of which nothing was read yet; it stays the caller's, and only the cursor reads from it
   */
  static over(source: Source, stream: Stream, index: FrameIndex, pace: Pace): PacketCursor {
    readOnly(source, stream);
    return new PacketCursor(source, stream, false, index, pace);
  }

  /** The track as the demuxer describes it. */
  get stream(): Stream {
    return this.#stream;
  }

  /** Makes the packet at `place` the next one. @returns false when the file does not lead there any more */
  async moveTo(place: number): Promise<boolean> {
    if (place < this.#place || (this.#seeks && place - this.#place > NEAR)) await this.#seek(place);
    while (this.#place < place) {
      if (!this.next()) return false;
      await this.#pace();
    }
    return this.#place === place;
  }

  /** The next packet, valid until the next call; undefined at the end. */
  next(): { readonly packet: Packet; readonly place: number } | undefined {
    if (this.#pending) {
      this.#pending = false;
      return { packet: this.#packet, place: this.#place++ };
    }
    return this.#read() ? { packet: this.#packet, place: this.#place++ } : undefined;
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    if (this.#own) this.#source[Symbol.dispose]();
  }

  async #seek(place: number): Promise<void> {
    const { c } = native();
    const { num, den } = this.#index.timeBase;
    const start = this.#index.pts[0] ?? 0;
    const wanted = this.#index.pts[place] ?? 0;
    for (let back = 0; this.#seeks && place > 0; back = back === 0 ? 1 : back * 4) {
      const target = wanted - (back * den) / num;
      if (target <= start) break;
      await this.#pace();
      if (this.#source.format.seekFrameSync(this.#stream.index, BigInt(Math.floor(target)), c.AVSEEK_FLAG_BACKWARD) < 0)
        break;
      // Not every demuxer lands on a packet of the index; the first known one tells where we are.
      while (this.#read()) {
        const landed = this.#index.pts.indexOf(ticks(this.#packet.pts) ?? Number.NaN);
        if (landed < 0) continue;
        if (landed > place) break;
        this.#place = landed;
        this.#pending = true;
        return;
      }
    }
    // Opening again is the one way to the very beginning that every demuxer has.
    const { source, stream } = await openTrack(this.#source.path, ({ video }) => video, true);
    if (this.#own) this.#source[Symbol.dispose]();
    this.#own = true;
    this.#source = source;
    this.#stream = stream;
    this.#pending = false;
    this.#place = 0;
  }

  #read(): boolean {
    for (;;) {
      this.#packet.unref();
      if (this.#source.format.readFrameSync(this.#packet) < 0) return false;
      if (this.#packet.streamIndex === this.#stream.index && this.#packet.size > 0) return true;
    }
  }
}

// Several cursors read by one index, which can hold a million packets.
const distinct = new WeakMap<FrameIndex, boolean>();

/** Whether no two packets have the same time. */
function isDistinct(index: FrameIndex): boolean {
  let known = distinct.get(index);
  if (known === undefined) {
    known = areDistinct(index.pts);
    distinct.set(index, known);
  }
  return known;
}
