import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';

import type { Mix } from '../dissolve.js';
import { check, native } from '../native.js';
import type { Pace } from '../pace.js';
import { FrameDecoder, type DecoderOptions } from './frame-decoder.js';
import { decodeStart, type FrameIndex } from './frame-index.js';
import { PictureSizeChanged } from './picture-encoder.js';

// Whole bytes, and whole little-endian words with the value in their low bits.
const BYTES =
  /^(?:yuvj?a?4[124][0124]p|nv(?:12|16|21|24|42)|gray|ya8|gbrap?|rgb24|bgr24|rgba|bgra|argb|abgr|rgb0|bgr0|0rgb|0bgr|yuyv422|uyvy422|yvyu422)$/;
const WORDS = /^(?:yuva?4[124][0124]p(?:9|10|12|14|16)le|gray(?:9|10|12|14|16)le|gbra?p(?:9|10|12|14|16)le)$/;

/** Whether frames of this format can be mixed. */
export function canMix(format: AVPixelFormat): boolean {
  const name = native().av.avGetPixFmtName(format) ?? '';
  return BYTES.test(name) || WORDS.test(name);
}

/**
 * The weighted mean of two frames.
 *
 * @param weight of `b`, 0 to 1
 * @returns a new frame with the properties of `a`, to be freed by the caller
 * @throws PictureSizeChanged when the frames do not fit each other
 */
export function mixFrames(a: Frame, b: Frame, weight: number): Frame {
  if (a.width !== b.width || a.height !== b.height || a.format !== b.format) throw new PictureSizeChanged();
  const { av } = native();
  const mixed = new av.Frame();
  mixed.alloc();
  check(mixed.copyProps(a), 'mix pictures');
  mixed.width = a.width;
  mixed.height = a.height;
  mixed.format = a.format;
  check(mixed.getBuffer(), 'mix pictures');
  const words = WORDS.test(av.avGetPixFmtName(a.format as AVPixelFormat) ?? '');
  const planes = { a: a.data ?? [], b: b.data ?? [], mixed: mixed.data ?? [] };
  for (const [n, target] of planes.mixed.entries()) {
    const strides = { a: a.linesize[n] ?? 0, b: b.linesize[n] ?? 0, mixed: mixed.linesize[n] ?? 0 };
    const rows = strides.mixed > 0 ? Math.floor(target.length / strides.mixed) : 0;
    const from = { a: planes.a[n] ?? EMPTY, b: planes.b[n] ?? EMPTY };
    for (let row = 0; row < rows; row++) {
      const width = Math.min(strides.a, strides.b, strides.mixed);
      mixRow(
        line(from.a, row * strides.a, width),
        line(from.b, row * strides.b, width),
        line(target, row * strides.mixed, width),
        words,
        weight,
      );
    }
  }
  return mixed;
}

const EMPTY = Buffer.alloc(0);

function line(plane: Buffer, start: number, width: number): Buffer {
  return plane.subarray(start, start + width);
}

// Two values of 16 bits and their weights fit 32 bits.
const ONE = 1 << 14;

function mixRow(a: Buffer, b: Buffer, target: Buffer, words: boolean, weight: number): void {
  const wb = Math.round(weight * ONE);
  const wa = ONE - wb;
  const [from, into, out] = words ? [toWords(a), toWords(b), toWords(target)] : [a, b, target];
  const count = Math.min(from.length, into.length, out.length);
  for (let i = 0; i < count; i++) out[i] = ((from[i] as number) * wa + (into[i] as number) * wb + ONE / 2) >>> 14;
}

// FFmpeg's rows begin at even addresses; the machines this runs on are little-endian.
function toWords(bytes: Buffer): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** Decodes chosen frames, and at dissolves those of both sides at once. */
export class JoinDecoder implements Disposable {
  readonly #file: string;
  readonly #index: FrameIndex;
  readonly #pace: Pace;
  readonly #options: DecoderOptions;
  readonly #own: FrameDecoder;
  // Opened at the first dissolve.
  #other: FrameDecoder | undefined;

  private constructor(file: string, index: FrameIndex, pace: Pace, options: DecoderOptions, own: FrameDecoder) {
    this.#file = file;
    this.#index = index;
    this.#pace = pace;
    this.#options = options;
    this.#own = own;
  }

  static async open(file: string, index: FrameIndex, pace: Pace, options: DecoderOptions = {}): Promise<JoinDecoder> {
    return new JoinDecoder(file, index, pace, options, await FrameDecoder.open(file, index, pace, options));
  }

  /**
   * As {@link FrameDecoder.decode}, but the frames of `mixes` come mixed, the earlier side fading out; where the frame of
   * the other side cannot be decoded, the one before it stays.
   *
   * @param mixes in order
   */
  async *decode(
    from: number,
    places: readonly number[],
    mixes: readonly Mix[] = [],
  ): AsyncGenerator<{ frame: Frame; place: number }> {
    if (mixes.length === 0) {
      yield* this.#own.decode(from, places);
      return;
    }
    const order = new Map(mixes.map((mix, n) => [mix.frame, { n, place: mix.with }]));
    const others = [...new Set(mixes.map((mix) => mix.with))];
    this.#other ??= await FrameDecoder.open(this.#file, this.#index, this.#pace, this.#options);
    const opening = decodeStart(this.#index, others[0] ?? 0);
    const other = this.#other.decode(opening, others)[Symbol.asyncIterator]();
    let reached: { frame: Frame; place: number } | undefined;
    try {
      for await (const { frame, place } of this.#own.decode(from, places)) {
        const mix = order.get(place);
        if (!mix) {
          yield { frame, place };
          continue;
        }
        const wanted = others.indexOf(mix.place);
        let position = reached ? others.indexOf(reached.place) : -1;
        while (position < wanted) {
          const next: IteratorResult<{ frame: Frame; place: number }> = await other.next();
          if (next.done === true) break;
          reached = next.value;
          position = others.indexOf(reached.place);
        }
        if (!reached) {
          yield { frame, place };
          continue;
        }
        const mixed = mixFrames(frame, reached.frame, (mix.n + 1) / (mixes.length + 1));
        try {
          yield { frame: mixed, place };
        } finally {
          mixed.free();
        }
      }
    } finally {
      await other.return?.(undefined);
    }
  }

  [Symbol.dispose](): void {
    this.#own[Symbol.dispose]();
    this.#other?.[Symbol.dispose]();
  }
}
