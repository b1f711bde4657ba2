import type { Section } from '../../timeline/sections.js';
import type { Microseconds } from '../../timeline/timecode.js';

const FACTOR = 4;
const COARSEST = 256;

/** A stretch of the waveform at one resolution. */
export interface PeakStretch {
  readonly step: Microseconds;
  /** Position of the first value, counted in steps from the start of the clip. */
  readonly offset: number;
  /** 0 to 255; they end where the sound is not known yet. */
  readonly values: Uint8Array;
}

/** A waveform at several resolutions, each four times as coarse as the one before, which fills in from the start. */
export class PeakPyramid {
  readonly #levels: { readonly step: Microseconds; readonly values: Uint8Array }[] = [];
  #finished = 0;

  /**
   * @param step of the finest resolution
   * @param count of values of the finest resolution
   */
  constructor(step: Microseconds, count: number) {
    let level = { step, values: new Uint8Array(count) };
    this.#levels.push(level);
    while (level.values.length > COARSEST) {
      level = { step: level.step * FACTOR, values: new Uint8Array(Math.ceil(level.values.length / FACTOR)) };
      this.#levels.push(level);
    }
  }

  /** Values of the finest resolution that are known. */
  get finished(): number {
    return this.#finished;
  }

  /** Adds the values that come next; what goes beyond the end is dropped. */
  add(offset: number, values: Uint8Array): void {
    const [finest] = this.#levels;
    if (!finest || offset !== this.#finished) return;
    finest.values.set(values.subarray(0, finest.values.length - offset), offset);
    this.#finished = Math.min(finest.values.length, offset + values.length);
    let [from, to] = [offset, this.#finished];
    let below = finest.values;
    for (const { values: level } of this.#levels.slice(1)) {
      from = Math.floor(from / FACTOR);
      to = Math.ceil(to / FACTOR);
      for (let n = from; n < to; n++) {
        let peak = 0;
        for (let i = n * FACTOR; i < (n + 1) * FACTOR && i < below.length; i++) {
          const value = below[i] as number;
          if (value > peak) peak = value;
        }
        level[n] = peak;
      }
      below = level;
    }
  }

  /** What covers a section at the coarsest resolution that is not coarser than `step`; else at the finest. */
  pick(section: Section, step: Microseconds): PeakStretch {
    const index = Math.max(
      0,
      this.#levels.findLastIndex((level) => level.step <= step),
    );
    const level = this.#levels[index] ?? { step, values: new Uint8Array(0) };
    const known = Math.ceil(this.#finished / FACTOR ** index);
    const offset = Math.max(0, Math.floor(section.in / level.step));
    const end = Math.min(known, Math.ceil(section.out / level.step));
    return { step: level.step, offset, values: level.values.subarray(offset, Math.max(offset, end)) };
  }
}
