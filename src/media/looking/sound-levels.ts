import type { Microseconds } from '../../timeline/timecode.js';

/** How loud a clip's sound is over time: all that drawing it and finding its pauses need. */
export interface SoundLevels {
  /** Of the clip. */
  readonly duration: Microseconds;
  /** Time that one peak covers. */
  readonly step: Microseconds;
  /** Greatest absolute sample of each step over all channels: 0 for none, 255 for full scale. */
  readonly peaks: Uint8Array;
  /**
   * Root mean square of the loudest channel over `PEAKS_PER_LEVEL` steps each, in half decibels under full scale: 0 is
   * full scale, 40 is −20 dB, 255 is −127.5 dB or less.
   */
  readonly levels: Uint8Array;
}

/** Peaks are for the eye and finer than levels, which must hold a period of a deep voice. */
export const PEAKS_PER_LEVEL = 4;

const FINEST_STEP: Microseconds = 2500;
// Six hours at the finest step; longer clips get coarser ones, so that no clip takes more than 11 MB.
const MOST_PEAKS = 1 << 23;

/** Time that one level covers. */
export function levelStep({ step }: Pick<SoundLevels, 'step'>): Microseconds {
  return step * PEAKS_PER_LEVEL;
}

/** Of silence, for a clip of this length. */
export function emptyLevels(duration: Microseconds): SoundLevels {
  let step = FINEST_STEP;
  while (duration / step > MOST_PEAKS) step *= 2;
  const count = Math.ceil(duration / step);
  const levels = new Uint8Array(Math.ceil(count / PEAKS_PER_LEVEL)).fill(255);
  return { duration, step, peaks: new Uint8Array(count), levels };
}

/** Decibels of full scale, below 0, as a level byte. */
export function levelByte(decibels: number): number {
  return Math.min(255, Math.max(0, Math.round(-2 * decibels)));
}

/** One channel's samples in a larger array: `data[first + n * stride]`. */
export interface Channel {
  readonly data: Float32Array | Float64Array | Int16Array | Int32Array;
  readonly first: number;
  readonly stride: number;
}

/** Measures samples as they come, in order, into levels. Gaps between them count as silence. */
export class LevelMeter {
  readonly result: SoundLevels;
  #rate = 0;
  #perStep = 1;
  /** The step that is being measured. */
  #step = 0;
  #peak = 0;
  /** Sum of squares of each channel over the level that is being measured. */
  #energy = new Float64Array(0);

  constructor(duration: Microseconds) {
    this.result = emptyLevels(duration);
  }

  /** Steps that will not change any more. */
  get finished(): number {
    return this.#step;
  }

  setFormat(sampleRate: number, channels: number): void {
    if (sampleRate === this.#rate && channels === this.#energy.length) return;
    this.#rate = sampleRate;
    this.#perStep = (this.result.step / 1e6) * sampleRate;
    this.#energy = new Float64Array(channels);
  }

  /**
   * @param at position of the first sample on the clip's clock, in samples; not before what was given last
   * @param scale full scale is 1 / scale
   */
  add(channels: readonly Channel[], from: number, to: number, at: number, scale: number): void {
    const { peaks } = this.result;
    let sample = from;
    let position = at;
    while (sample < to) {
      const step = Math.floor(position / this.#perStep);
      if (step !== this.#step) this.#moveTo(step);
      if (step >= peaks.length) return;
      const count = Math.min(to - sample, Math.max(1, Math.ceil((step + 1) * this.#perStep) - position));
      for (let c = 0; c < channels.length; c++) {
        const { data, first, stride } = channels[c] as Channel;
        const end = first + (sample + count) * stride;
        let energy = 0;
        let peak = 0;
        for (let i = first + sample * stride; i < end; i += stride) {
          const value = data[i] as number;
          energy += value * value;
          const size = value < 0 ? -value : value;
          if (size > peak) peak = size;
        }
        this.#energy[c] = (this.#energy[c] as number) + energy * scale * scale;
        if (peak * scale > this.#peak) this.#peak = peak * scale;
      }
      sample += count;
      position += count;
    }
  }

  /** Nothing more comes: the rest is silence. */
  end(): void {
    this.#moveTo(this.result.peaks.length);
  }

  #moveTo(next: number): void {
    const { peaks, levels } = this.result;
    const step = this.#step;
    // What can be heard can be seen: only true silence is 0.
    if (step < peaks.length && this.#peak > 0) peaks[step] = Math.min(255, Math.max(1, Math.round(this.#peak * 255)));
    this.#peak = 0;
    const level = Math.floor(step / PEAKS_PER_LEVEL);
    if (Math.floor(next / PEAKS_PER_LEVEL) !== level || next >= peaks.length) {
      const mean = Math.max(0, ...this.#energy) / (this.#perStep * PEAKS_PER_LEVEL);
      if (level < levels.length) levels[level] = mean > 0 ? levelByte(10 * Math.log10(mean)) : 255;
      this.#energy.fill(0);
    }
    this.#step = Math.min(next, peaks.length);
  }
}
