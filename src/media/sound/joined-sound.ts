import type { Pace } from '../pace.js';
import type { Samples, SoundFormat } from './sound-reader.js';

/** A kept range of the sound, in samples of the source's clock. */
export interface SoundRange {
  readonly start: number;
  readonly end: number;
  /** Half the length of the cross-fade with the range before; default is {@link HALF_FADE_SECONDS}. */
  readonly fade?: number;
}

/** Where samples come from; {@link SoundReader} says how positions and padding are meant. */
export interface SampleSource {
  readonly format: SoundFormat;
  read(start: number, end: number, pad: boolean): AsyncIterable<Samples>;
}

/** Half the length of the cross-fade at a join: the two sides overlap for twice this. */
export const HALF_FADE_SECONDS = 0.0075;

/**
 * The kept ranges one after the other. Each join is an equal-power cross-fade of 15 ms centred on it, made of what lies
 * beyond the cut on both sides, so the length is exactly that of the ranges and the sound stays in step. A dissolve is a
 * longer one: its ranges end in its middle.
 */
export async function* joinSound(
  reader: SampleSource,
  ranges: readonly SoundRange[],
  endsWithClip: boolean,
  pace: Pace,
): AsyncGenerator<Samples> {
  const half = Math.round(HALF_FADE_SECONDS * reader.format.sampleRate);
  let tail: Float32Array[] | undefined;
  for (const [n, range] of ranges.entries()) {
    const after = ranges[n + 1];
    const before = ranges[n - 1];
    // Neighbouring fades must not meet in a very short range.
    const fadeIn = before ? fadeHalf(half, before, range) : 0;
    const fadeOut = after ? fadeHalf(half, range, after) : 0;
    const length = range.end - range.start + fadeIn + fadeOut;
    const fade = new JoinBuffer(tail, 2 * fadeIn, length - 2 * fadeOut);
    for await (const chunk of reader.read(
      range.start - fadeIn,
      range.end + fadeOut,
      after !== undefined || !endsWithClip,
    )) {
      await pace();
      const ready = fade.push(chunk);
      if ((ready[0]?.length ?? 0) > 0) yield ready;
    }
    tail = fade.rest();
  }
  if (tail && (tail[0]?.length ?? 0) > 0) yield tail;
}

function fadeHalf(half: number, a: SoundRange, b: SoundRange): number {
  // The ranges beside a dissolve were made for it.
  if (b.fade !== undefined) return Math.max(0, Math.min(b.fade, a.end - a.start, b.end - b.start));
  return Math.max(0, Math.min(half, Math.floor((a.end - a.start) / 2), Math.floor((b.end - b.start) / 2)));
}

// Mixes the held end of the range before into the first samples, and holds back the last ones for the next range.
class JoinBuffer {
  readonly #tail: readonly Float32Array[] | undefined;
  readonly #mix: number;
  readonly #hold: number;
  #position = 0;
  #held: Float32Array[] | undefined;

  /**
   * @param mix samples at the beginning
   * @param hold position from which on samples are held back
   */
  constructor(tail: readonly Float32Array[] | undefined, mix: number, hold: number) {
    this.#tail = tail;
    this.#mix = mix;
    this.#hold = hold;
  }

  push(chunk: Samples): Samples {
    const count = chunk[0]?.length ?? 0;
    const mixed = chunk.map((channel, c) => this.#mixed(channel, this.#tail?.[c]));
    const ready = Math.min(count, Math.max(0, this.#hold - this.#position));
    this.#position += count;
    if (ready === count) return mixed;
    this.#held = mixed.map((channel, c) => concatenate(this.#held?.[c], channel.subarray(ready)));
    return mixed.map((channel) => channel.subarray(0, ready));
  }

  rest(): Float32Array[] | undefined {
    return this.#held;
  }

  #mixed(channel: Float32Array, tail: Float32Array | undefined): Float32Array {
    if (!tail || this.#position >= this.#mix) return channel;
    const mixed = channel.slice();
    const count = Math.min(mixed.length, this.#mix - this.#position);
    for (let i = 0; i < count; i++) {
      const phase = ((this.#position + i + 0.5) / this.#mix) * (Math.PI / 2);
      const sum = (tail[this.#position + i] ?? 0) * Math.cos(phase) + (mixed[i] ?? 0) * Math.sin(phase);
      mixed[i] = Math.max(-1, Math.min(1, sum));
    }
    return mixed;
  }
}

function concatenate(a: Float32Array | undefined, b: Float32Array): Float32Array {
  // The caller's chunk may be used again.
  if (!a || a.length === 0) return b.slice();
  const joined = new Float32Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
