import type { CodecContext, CodecParameters, Frame, Packet } from 'node-av/lib';

import { displayOrder } from '../display-order.js';
import type { FrameIndex } from './frame-index.js';
import { check, isDrained, native, NativeError, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { PacketCursor } from './packet-cursor.js';
import { openPictureDecoder } from './picture-decoder.js';
import { obstacleWords, type Obstacle } from '../obstacles.js';

export interface DecoderOptions {
  /** What the track decodes with, where it is known already; else the file is looked at. */
  readonly parameters?: CodecParameters;
  /** One frame is wanted: several threads would want many packets before it. */
  readonly single?: boolean;
}

/** Takes a packet, which is valid until it returns. */
export type OnPacket = (place: number, packet: Packet) => void;

/** Decodes chosen frames of the picture track, by their place in the index. */
export class FrameDecoder implements Disposable {
  readonly #cursor: PacketCursor;
  /** The cursor, where it was opened for this decoder alone. */
  #own: PacketCursor | undefined;
  readonly #index: FrameIndex;
  readonly #pace: Pace;
  readonly #decoder: CodecContext;
  readonly #frame: Frame;
  // HEVC's marks are about layers, and other codecs have none; without times, frames are known by counting all.
  readonly #canSkip: boolean;
  #skips = false;
  /** Times of the frames that the decoder will give next, where the frames do not carry them. */
  #shown: number[] | undefined;

  /** @param cursor is the caller's: others may move it between two calls of {@link decode} */
  constructor(cursor: PacketCursor, index: FrameIndex, pace: Pace, options: DecoderOptions = {}) {
    const { av, c } = native();
    this.#cursor = cursor;
    this.#index = index;
    this.#pace = pace;
    const parameters = options.parameters ?? cursor.stream.codecpar;
    const setUp = (decoder: CodecContext): void => {
      if (options.single) decoder.threadCount = 1;
    };
    this.#decoder = openPictureDecoder(cursor.stream, setUp, parameters);
    this.#canSkip = parameters.codecId === c.AV_CODEC_ID_H264 && index.timed;
    this.#frame = new av.Frame();
    this.#frame.alloc();
  }

  static async open(file: string, index: FrameIndex, pace: Pace, options: DecoderOptions = {}): Promise<FrameDecoder> {
    const cursor = await PacketCursor.open(file, index, pace, options.parameters !== undefined);
    const decoder = new FrameDecoder(cursor, index, pace, options);
    decoder.#own = cursor;
    return decoder;
  }

  /**
   * The frames at `places` (in presentation order) as they come; one that cannot be decoded is left out.
   *
   * @param from place of a sync packet at or before all of them
   * @param onPacket told of each packet of them, before its frame comes
   * @returns frames valid until the next one is asked for, with their place
   * @throws PicturesOutOfOrder
   */
  async *decode(
    from: number,
    places: readonly number[],
    onPacket?: OnPacket,
  ): AsyncGenerator<{ frame: Frame; place: number }> {
    const wanted = new Map(places.map((place) => [this.#index.pts[place] ?? Number.NaN, place]));
    let left = wanted.size;
    let latest = Number.NEGATIVE_INFINITY;
    if (this.#index.timed) {
      this.#decoder.flushBuffers();
      if (!(await this.#cursor.moveTo(from))) return;
    } else if (!(await this.#continueTo(places[0] ?? 0))) return;
    for (let ended = false; !ended && left > 0;) {
      await this.#pace();
      const read = this.#cursor.next();
      ended = read === undefined;
      if (read) {
        const isWanted = wanted.has(this.#index.pts[read.place] ?? Number.NaN);
        this.#skipUnreferenced(!isWanted);
        if (isWanted) onPacket?.(read.place, read.packet);
      }
      const sent = this.#decoder.sendPacketSync(read?.packet ?? null);
      if (sent === native().av.FFmpegError.AVERROR(native().av.PosixError.ENOMEM))
        throw new NativeError(sent, 'decode');
      while (left > 0) {
        const result = this.#decoder.receiveFrameSync(this.#frame);
        if (result < 0) {
          if (isDrained(result)) break;
          // A damaged picture: the decoder goes on with the next one.
          if (ended) break;
          continue;
        }
        const time = this.#shown
          ? this.#shown.shift()
          : (ticks(this.#frame.pts) ?? ticks(this.#frame.bestEffortTimestamp));
        const place = wanted.get(time ?? Number.NaN);
        if (time === undefined || place === undefined) continue;
        if (time < latest) throw new PicturesOutOfOrder();
        latest = time;
        left--;
        wanted.delete(time);
        yield { frame: this.#frame, place };
      }
    }
  }

  /** Whether the next packet is left out if no other picture leans on it: most of what is decoded on the way is. */
  #skipUnreferenced(skip: boolean): void {
    if (!this.#canSkip || skip === this.#skips) return;
    this.#skips = skip;
    check(this.#decoder.setOption('skip_frame', skip ? 'noref' : 'default'), 'set skip_frame');
  }

  [Symbol.dispose](): void {
    this.#frame.free();
    this.#decoder.freeContext();
    this.#own?.[Symbol.dispose]();
  }

  // Frames without times are known by counting, so decoding goes on where it was, or starts again for an earlier frame.
  async #continueTo(place: number): Promise<boolean> {
    if (this.#shown && (this.#shown[0] ?? Number.POSITIVE_INFINITY) <= (this.#index.pts[place] ?? 0)) return true;
    this.#shown = Array.from(displayOrder(this.#index), (shown) => this.#index.pts[shown] ?? 0);
    this.#decoder.flushBuffers();
    return this.#cursor.moveTo(0);
  }
}

const OUT_OF_ORDER: Obstacle = 'its pictures come in another order than their times';

/** Pictures come from the decoder in another order than that of their times: the container's times are not theirs. */
export class PicturesOutOfOrder extends Error {
  override readonly name = 'PicturesOutOfOrder';
  constructor() {
    super(OUT_OF_ORDER);
  }

  /** The same in the person's language. */
  get words(): string {
    return obstacleWords(OUT_OF_ORDER);
  }
}
