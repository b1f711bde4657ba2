import * as l10n from '@vscode/l10n';
import type { CodecContext, Frame, Packet, SoftwareResampleContext, Stream } from 'node-av/lib';

import { MediaError } from '../media.js';
import { check, isDrained, native, NativeError, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { openTrack, startSeconds, type Source } from '../file/source.js';

/** Consecutive samples of every channel, −1 to 1. */
export type Samples = readonly Float32Array[];

export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

// node-av 6.1 does not fill planar frames of more.
const MOST_CHANNELS = 8;
// Decoders that overlap blocks need some packets before the first sample that counts; Opus wants the most (80 ms).
const PREROLL_SECONDS = 0.25;
// Timestamps rounded to milliseconds jitter against the sample count; more than this is a real gap or overlap.
const JITTER_SECONDS = 0.03;
/** So many frames from the start tell how long each is. */
const GRID_FRAMES = 5;

/**
 * Decodes one sound track to planar floats, placed to the sample on the clip's clock: sample 0 is the clip's origin.
 * Where the track has no sound (before its start, in gaps) there is silence.
 */
export class SoundReader implements Disposable {
  readonly #source: Source;
  readonly #stream: Stream;
  readonly #decoder: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  readonly #pace: Pace;
  readonly #origin: number;
  #resampler: SoftwareResampleContext | undefined;
  /** Where frames begin, counted on from the first ones; undefined where the timestamps tell it well enough. */
  #grid: { readonly at: number; readonly size: number } | undefined;
  readonly format: SoundFormat;

  private constructor(source: Source, stream: Stream, decoder: CodecContext, origin: number, pace: Pace) {
    const { av } = native();
    this.#source = source;
    this.#stream = stream;
    this.#decoder = decoder;
    this.#origin = origin;
    this.#pace = pace;
    this.#packet = new av.Packet();
    this.#packet.alloc();
    this.#frame = new av.Frame();
    this.#frame.alloc();
    this.format = { sampleRate: decoder.sampleRate, channels: decoder.channelLayout.nbChannels };
  }

  /**
   * @param track position among the clip's sound tracks
   * @param origin the clip's 0:00 in seconds of the container's clock
   */
  static async open(file: string, track: number, origin: number, pace: Pace): Promise<SoundReader> {
    const { av } = native();
    const { source, stream } = await openTrack(file, ({ audio }) => audio[track]);
    const name = (av.avGetCodecName(stream.codecpar.codecId) ?? 'unknown').toUpperCase();
    const codec = av.Codec.findDecoder(stream.codecpar.codecId);
    if (!codec) {
      source[Symbol.dispose]();
      throw new MediaError('unsupported', l10n.t('The sound of this clip ({0}) cannot be read on this machine.', name));
    }
    const decoder = new av.CodecContext();
    decoder.allocContext3(codec);
    decoder.parametersToContext(stream.codecpar);
    decoder.pktTimebase = stream.timeBase;
    const opened = decoder.open2Sync(codec, null);
    if (opened < 0) {
      decoder.freeContext();
      source[Symbol.dispose]();
      const cause = new NativeError(opened, 'open sound decoder');
      const message = l10n.t('The sound of this clip ({0}) cannot be decoded. The file may be damaged.', name);
      throw new MediaError('unreadable', message, { cause });
    }
    const channels = decoder.channelLayout.nbChannels;
    if (channels > MOST_CHANNELS) {
      decoder.freeContext();
      source[Symbol.dispose]();
      const message = l10n.t(
        'The sound of this clip has {0} channels; at most {1} can be cut.',
        channels,
        MOST_CHANNELS,
      );
      throw new MediaError('unsupported', message);
    }
    return new SoundReader(source, stream, decoder, origin, pace);
  }

  /**
   * Has reading from the middle give each sample the place that reading from the start gives it. Timestamps that are
   * rounded to milliseconds are not enough for that; the frames before them, which have one size, are.
   */
  async alignToStart(): Promise<void> {
    const { sampleRate } = this.format;
    if (this.#stream.timeBase.den >= sampleRate * this.#stream.timeBase.num) return;
    const sizes: number[] = [];
    let at: number | undefined;
    this.#seek(Number.NEGATIVE_INFINITY);
    // The first one may be cut, where the codec needs samples before it.
    for await (const { samples, time } of this.#decode(true)) {
      const count = samples[0]?.length ?? 0;
      at = sizes.length === 0 ? Math.round((time ?? 0) * sampleRate) : (at ?? 0) + (sizes.at(-1) ?? 0);
      if (sizes.push(count) === GRID_FRAMES) break;
    }
    const [, size = 0, ...others] = sizes;
    if (at !== undefined && size > 0 && others.every((other) => other === size)) this.#grid = { at, size };
  }

  /**
   * Samples of [start, end) in order, in chunks of any size.
   *
   * @param pad with silence when the track ends before `end`; otherwise the samples end there
   */
  async *read(start: number, end: number, pad: boolean): AsyncGenerator<Samples> {
    let position = start;
    let next: number | undefined;
    const silence = (count: number): Samples => this.#silence(count);
    const fresh = this.#seek(start);
    for await (const { samples, time } of this.#decode(fresh)) {
      const count = samples[0]?.length ?? 0;
      const stamped = time === undefined ? (next ?? 0) : this.#placeOf(time);
      const jitter = JITTER_SECONDS * this.format.sampleRate;
      const at: number = next !== undefined && Math.abs(stamped - next) < jitter ? next : stamped;
      next = at + count;
      if (next <= position) continue;
      while (at > position && position < end) {
        const gap = Math.min(at - position, end - position, this.format.sampleRate);
        yield silence(gap);
        position += gap;
      }
      if (position >= end) return;
      const from = position - at;
      const to = Math.min(count, end - at);
      yield samples.map((channel) => channel.subarray(from, to));
      position += to - from;
      if (position >= end) return;
    }
    while (pad && position < end) {
      const gap = Math.min(end - position, this.format.sampleRate);
      yield silence(gap);
      position += gap;
    }
  }

  [Symbol.dispose](): void {
    this.#resampler?.free();
    this.#packet.free();
    this.#frame.free();
    this.#decoder.freeContext();
    this.#source[Symbol.dispose]();
  }

  #placeOf(time: number): number {
    const stamped = Math.round(time * this.format.sampleRate);
    if (!this.#grid) return stamped;
    const { at, size } = this.#grid;
    const counted = at + Math.round((stamped - at) / size) * size;
    const tick = (this.format.sampleRate * this.#stream.timeBase.num) / this.#stream.timeBase.den;
    return Math.abs(counted - stamped) <= tick ? counted : stamped;
  }

  #silence(count: number): Samples {
    return Array.from({ length: this.format.channels }, () => new Float32Array(count));
  }

  // Positions a little before `start`. Packets from before the track's own start (priming) are only right when they are
  // read from the very beginning, which does not lie at 0 on the clock of a transport stream.
  #seek(start: number): boolean {
    const { c } = native();
    this.#decoder.flushBuffers();
    const seconds = start / this.format.sampleRate + this.#origin - PREROLL_SECONDS;
    const base = this.#stream.timeBase;
    const first = seconds <= Math.max(0, startSeconds(this.#stream)) + PREROLL_SECONDS;
    const target = first ? -(2n ** 62n) : BigInt(Math.floor((seconds * base.den) / base.num));
    const found = this.#source.format.seekFrameSync(this.#stream.index, target, c.AVSEEK_FLAG_BACKWARD);
    if (found < 0) this.#source.format.seekFrameSync(this.#stream.index, 0n, c.AVSEEK_FLAG_BACKWARD);
    return first;
  }

  async *#decode(fromStart: boolean): AsyncGenerator<{ samples: Samples; time: number | undefined }> {
    const { av } = native();
    let warm = fromStart;
    for (let ended = false; !ended;) {
      await this.#pace();
      const read = this.#source.format.readFrameSync(this.#packet);
      ended = read < 0;
      if (!ended && this.#packet.streamIndex !== this.#stream.index) {
        this.#packet.unref();
        continue;
      }
      const sent = this.#decoder.sendPacketSync(ended ? null : this.#packet);
      if (!ended) this.#packet.unref();
      // A damaged packet costs its own samples, which become silence; the rest of the track is still good.
      if (sent < 0 && !isDrained(sent) && sent === av.FFmpegError.AVERROR(av.PosixError.ENOMEM)) {
        throw new NativeError(sent, 'decode sound');
      }
      while (this.#decoder.receiveFrameSync(this.#frame) >= 0) {
        const stamp = ticks(this.#frame.bestEffortTimestamp) ?? ticks(this.#frame.pts);
        const base = this.#stream.timeBase;
        const time = stamp === undefined ? undefined : (stamp * base.num) / base.den - this.#origin;
        const samples = this.#toPlanarFloat();
        // The first frame after a jump lacks what the packet before would have overlapped into it.
        if (warm) yield { samples, time };
        warm = true;
      }
    }
  }

  #toPlanarFloat(): Samples {
    const { av, c } = native();
    const { sampleRate, channels } = this.format;
    let frame = this.#frame;
    let converted: Frame | undefined;
    if (frame.format !== c.AV_SAMPLE_FMT_FLTP || frame.sampleRate !== sampleRate || frame.channels !== channels) {
      converted = new av.Frame();
      converted.alloc();
      converted.format = c.AV_SAMPLE_FMT_FLTP;
      converted.sampleRate = sampleRate;
      converted.channelLayout =
        this.#decoder.channelLayout.nbChannels === channels ? this.#layout() : usualLayout(frame.channelLayout);
      this.#resampler ??= new av.SoftwareResampleContext();
      if (!this.#resampler.isInitialized()) this.#resampler.alloc();
      let result = this.#resampler.convertFrame(converted, frame);
      if (result < 0) {
        // The format changed within the track.
        check(this.#resampler.configFrame(converted, frame), 'convert sound');
        result = this.#resampler.convertFrame(converted, frame);
      }
      check(result, 'convert sound');
      frame = converted;
    }
    const count = frame.nbSamples;
    const planes = frame.extendedData ?? [];
    const samples = Array.from({ length: channels }, (_, channel) => {
      const copy = new Float32Array(count);
      const plane = planes[channel];
      if (plane) new Uint8Array(copy.buffer).set(plane.subarray(0, count * 4));
      return copy;
    });
    converted?.free();
    return samples;
  }

  #layout(): Frame['channelLayout'] {
    return usualLayout(this.#decoder.channelLayout);
  }

  /** Channel layout for an encoder. */
  get layout(): Frame['channelLayout'] {
    return this.#layout();
  }
}

/**
 * The layout with the usual order of its channels: the resampler, which goes by their names, brings them into it. One
 * with an order of its own has a map that node-av 6.1 does not copy but frees twice.
 */
export function usualLayout(layout: Frame['channelLayout']): Frame['channelLayout'] {
  const { av, c } = native();
  const usual = layout.order === c.AV_CHANNEL_ORDER_NATIVE && layout.mask !== 0n;
  return usual ? layout : av.avChannelLayoutDefault(layout.nbChannels);
}
