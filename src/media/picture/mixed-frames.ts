import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';

import type { Mix } from '../dissolve.js';
import { check, native } from '../native.js';
import type { Pace } from '../pace.js';
import { FrameDecoder, type DecoderOptions, type OnPacket } from './frame-decoder.js';
import { decodeStart, type FrameIndex } from './frame-index.js';
import type { PacketCursor } from './packet-cursor.js';
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
  const valuesOf = words ? wordsOf : bytesOf;
  const [from, into] = [a.data ?? [], b.data ?? []];
  for (const [n, target] of (mixed.data ?? []).entries()) {
    const strides = [a, b, mixed].map((frame) => frame.linesize[n] ?? 0);
    const [strideA = 0, strideB = 0, stride = 0] = strides;
    const mix = (startA: number, startB: number, start: number, length: number): void => {
      const values = valuesOf(target, start, length);
      mixValues(valuesOf(from[n] ?? EMPTY, startA, length), valuesOf(into[n] ?? EMPTY, startB, length), values, weight);
    };
    // Padding is mixed too: one run over a plane is faster than one for each row.
    if (strideA === stride && strideB === stride) mix(0, 0, 0, target.length);
    else if (stride > 0) {
      const width = Math.min(...strides);
      for (let row = 0; (row + 1) * stride <= target.length; row++)
        mix(row * strideA, row * strideB, row * stride, width);
    }
  }
  return mixed;
}

const EMPTY = Buffer.alloc(0);
// Two values of 16 bits and their weights fit 32 bits.
const SHIFT = 14;
const ONE = 1 << SHIFT;

type Values = Uint8Array | Uint16Array;

function bytesOf(plane: Buffer, start: number, length: number): Values {
  return new Uint8Array(plane.buffer, plane.byteOffset + start, Math.min(length, plane.length - start));
}

// FFmpeg's rows begin at even addresses; the machines this runs on are little-endian.
function wordsOf(plane: Buffer, start: number, length: number): Values {
  return new Uint16Array(plane.buffer, plane.byteOffset + start, Math.min(length, plane.length - start) >> 1);
}

function mixValues(a: Values, b: Values, target: Values, weight: number): void {
  const wb = Math.round(weight * ONE);
  const wa = ONE - wb;
  const count = Math.min(a.length, b.length, target.length);
  for (let i = 0; i < count; i++) target[i] = ((a[i] as number) * wa + (b[i] as number) * wb + ONE / 2) >>> SHIFT;
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

  /** Reads by the caller's cursor; the other sides of dissolves by one of its own. */
  static over(
    cursor: PacketCursor,
    file: string,
    index: FrameIndex,
    pace: Pace,
    options: DecoderOptions = {},
  ): JoinDecoder {
    return new JoinDecoder(file, index, pace, options, new FrameDecoder(cursor, index, pace, options));
  }

  /**
   * As {@link FrameDecoder.decode}, but the frames of `mixes` come mixed, the earlier side fading out; where the frame of
   * the other side cannot be decoded, the one before it stays.
   *
   * @param mixes in order
   * @param onPacket not told of those of the other sides
   */
  async *decode(
    from: number,
    places: readonly number[],
    mixes: readonly Mix[] = [],
    onPacket?: OnPacket,
  ): AsyncGenerator<{ frame: Frame; place: number }> {
    if (mixes.length === 0) {
      yield* this.#own.decode(from, places, onPacket);
      return;
    }
    const order = new Map(mixes.map((mix, n) => [mix.frame, { n, place: mix.with }]));
    const others = [...new Set(mixes.map((mix) => mix.with))];
    this.#other ??= await FrameDecoder.open(this.#file, this.#index, this.#pace, this.#options);
    const opening = decodeStart(this.#index, others[0] ?? 0);
    const other = this.#other.decode(opening, others)[Symbol.asyncIterator]();
    let reached: { frame: Frame; place: number } | undefined;
    try {
      for await (const { frame, place } of this.#own.decode(from, places, onPacket)) {
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
