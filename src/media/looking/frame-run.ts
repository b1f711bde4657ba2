import * as l10n from '@vscode/l10n';
import type { CodecContext, Frame, Packet, Stream } from 'node-av/lib';

import { openTrack, type Source } from '../file/source.js';
import { MediaError } from '../media.js';
import { native, NativeError, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { openPictureDecoder } from '../picture/picture-decoder.js';
import { frameRate } from '../picture/picture-encoder.js';

/** How far before the wanted place a seek aims, in seconds, until it lands on a frame that is not shown after it. */
const STEPS_BACK = [0, 2, 10, 40];

/** The shown frames of a picture track, one after the other, from any place on. */
export class FrameRun implements Disposable {
  readonly #source: Source;
  readonly stream: Stream;
  readonly #decoder: CodecContext;
  readonly #packet: Packet;
  readonly #origin: number;
  /** Two frames in turn: the one that stands, and the one that comes after it. */
  #standing: Frame;
  #ahead: Frame;
  #standingTime: number | undefined;
  #aheadTime: number | undefined;
  #sentLast = false;
  #awaitsKey = false;
  /** By how much the times that the decoder makes up are late, in ticks; 0 where the container has times. */
  #late = 0;

  private constructor(source: Source, stream: Stream, decoder: CodecContext, origin: number) {
    const { av } = native();
    this.#source = source;
    this.stream = stream;
    this.#origin = origin;
    this.#packet = new av.Packet();
    this.#packet.alloc();
    this.#standing = new av.Frame();
    this.#standing.alloc();
    this.#ahead = new av.Frame();
    this.#ahead.alloc();
    this.#decoder = decoder;
  }

  /**
   * @param origin the clip's 0:00 in seconds of the container's clock
   * @throws MediaError `unsupported` when there is no picture or no decoder for it
   */
  static async open(file: string, origin: number, pace: Pace): Promise<FrameRun> {
    const { source, stream } = await openTrack(file, (opened) => {
      if (opened.video) return opened.video;
      opened[Symbol.dispose]();
      throw new MediaError('unsupported', l10n.t('This clip has no picture.'));
    });
    let run: FrameRun | undefined;
    try {
      run = new FrameRun(source, stream, openPictureDecoder(stream), origin);
      await run.#measureDelay(pace);
      return run;
    } catch (error) {
      (run ?? source)[Symbol.dispose]();
      throw error;
    }
  }

  /** The frame that is shown; undefined before the first one. Valid until the next step. */
  get standing(): Frame | undefined {
    return this.#standingTime === undefined ? undefined : this.#standing;
  }

  /** When the frame after the standing one is shown, in microseconds of the clip; undefined at the end. */
  get next(): number | undefined {
    return this.#aheadTime;
  }

  /** Makes the next frame the standing one. */
  async step(pace: Pace): Promise<void> {
    [this.#standing, this.#ahead] = [this.#ahead, this.#standing];
    this.#standingTime = this.#aheadTime;
    await this.#decode(pace);
  }

  /** Goes to the frame that is shown at `time`. */
  async seek(time: number, pace: Pace): Promise<void> {
    for (const back of [...STEPS_BACK, undefined]) {
      this.#jump(back === undefined ? undefined : time / 1e6 - back);
      await this.#decode(pace);
      if (back === undefined || (this.#aheadTime !== undefined && this.#aheadTime <= time)) break;
    }
    while (this.#aheadTime !== undefined && this.#aheadTime <= time) await this.step(pace);
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#standing.free();
    this.#ahead.free();
    this.#decoder.freeContext();
    this.#source[Symbol.dispose]();
  }

  // AVI has decode times alone. The decoder counts on from them, and is late by the pictures that it holds back: as many
  // at each place as for the first picture, which is shown when the track begins.
  async #measureDelay(pace: Pace): Promise<void> {
    this.#jump(undefined);
    const first = this.#read() ? this.#packet : undefined;
    const timed = !first || ticks(first.pts) !== undefined;
    const begin = ticks(this.stream.startTime) ?? (first && ticks(first.dts)) ?? 0;
    this.#packet.unref();
    if (timed) return;
    this.#jump(undefined);
    await this.#decode(pace);
    if (this.#aheadTime !== undefined) this.#late = (this.#ticksOf(this.#ahead) ?? begin) - begin;
  }

  /** @param seconds of the clip; undefined: to its beginning */
  #jump(seconds: number | undefined): void {
    const { c } = native();
    const { index, timeBase } = this.stream;
    this.#decoder.flushBuffers();
    this.#standing.unref();
    this.#standingTime = undefined;
    this.#aheadTime = undefined;
    this.#sentLast = false;
    this.#awaitsKey = seconds !== undefined;
    const target =
      seconds === undefined
        ? -(2n ** 62n)
        : BigInt(Math.floor(((seconds + this.#origin) * timeBase.den) / timeBase.num));
    const { format } = this.#source;
    if (format.seekFrameSync(index, target, c.AVSEEK_FLAG_BACKWARD) >= 0) return;
    this.#awaitsKey = false;
    format.seekFrameSync(index, 0n, c.AVSEEK_FLAG_BACKWARD);
  }

  /** Fills `ahead` with the next frame that comes after the standing one. */
  async #decode(pace: Pace): Promise<void> {
    const { av } = native();
    this.#aheadTime = undefined;
    for (;;) {
      await pace();
      while (this.#decoder.receiveFrameSync(this.#ahead) >= 0) {
        const time = this.#timeOf(this.#ahead);
        if (time === undefined || time <= (this.#standingTime ?? Number.NEGATIVE_INFINITY)) continue;
        this.#aheadTime = time;
        return;
      }
      if (this.#sentLast) return;
      const sent = this.#decoder.sendPacketSync(this.#read());
      this.#packet.unref();
      // A damaged picture: the decoder goes on with the next one.
      if (sent === av.FFmpegError.AVERROR(av.PosixError.ENOMEM)) throw new NativeError(sent, 'decode picture');
    }
  }

  /** The next packet of the track; null at the end. */
  #read(): Packet | null {
    const { c } = native();
    for (;;) {
      if (this.#source.format.readFrameSync(this.#packet) < 0) {
        this.#sentLast = true;
        return null;
      }
      const { streamIndex, flags, size } = this.#packet;
      if (streamIndex === this.stream.index && size > 0) {
        if ((flags & c.AV_PKT_FLAG_KEY) !== 0) this.#awaitsKey = false;
        if (!this.#awaitsKey) return this.#packet;
      }
      this.#packet.unref();
    }
  }

  #timeOf(frame: Frame): number | undefined {
    const time = this.#ticksOf(frame);
    const { num, den } = this.stream.timeBase;
    if (time !== undefined) return Math.round((((time - this.#late) * num) / den - this.#origin) * 1e6);
    // The decoder has no decode times left to count on from.
    if (this.#standingTime === undefined) return undefined;
    return this.#standingTime + Math.round(1e6 / frameRate(this.stream).toDouble());
  }

  #ticksOf(frame: Frame): number | undefined {
    return ticks(frame.pts) ?? ticks(frame.bestEffortTimestamp);
  }
}
