// The two window shapes of AAC (ISO/IEC 14496-3 4.6.11.3.2). Pure: no I/O.

import { AAC_SAMPLES } from './aac.js';

const KAISER_ALPHA = 4;

function sine(): Float64Array {
  return Float64Array.from({ length: AAC_SAMPLES }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / (2 * AAC_SAMPLES)));
}

function kaiserBesselDerived(): Float64Array {
  const kernel = Array.from({ length: AAC_SAMPLES + 1 }, (_, n) =>
    bessel(Math.PI * KAISER_ALPHA * Math.sqrt(1 - ((2 * n) / AAC_SAMPLES - 1) ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return Float64Array.from({ length: AAC_SAMPLES }, (_, n) => Math.sqrt((sum += kernel[n] ?? 0) / total));
}

// Modified Bessel function of the first kind, order 0.
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-16; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const shapes: Float64Array[] = [];

/** The rising half of a long window. @param shape 0: sine, 1: Kaiser–Bessel derived */
export function risingHalf(shape: number): Float64Array {
  return (shapes[shape] ??= shape === 0 ? sine() : kaiserBesselDerived());
}

/**
 * Prepares one packet's length of samples for an encoder that windows it with one shape, so that what it gives is as if
 * the window had another. The transform folds these samples on themselves, first and last together, which leaves half
 * of them free: they are changed as little as the fold allows.
 *
 * @param edge which half of a long window lies over the samples; the rising half is folded with a minus
 */
export function reshape(
  samples: Float32Array,
  edge: 'rising' | 'falling',
  encoderShape: number,
  wantedShape: number,
): Float32Array {
  const has = risingHalf(encoderShape);
  const wanted = risingHalf(wantedShape);
  const last = AAC_SAMPLES - 1;
  const sign = edge === 'rising' ? -1 : 1;
  const changed = samples.slice();
  for (let n = 0; n <= last / 2; n++) {
    const near = edge === 'rising' ? n : last - n;
    const far = last - near;
    const a = has[near] ?? 0;
    const b = has[far] ?? 0;
    const lower = samples[n] ?? 0;
    const upper = samples[last - n] ?? 0;
    const missing = ((wanted[near] ?? 0) - a) * lower + sign * ((wanted[far] ?? 0) - b) * upper;
    // The squares of both weights add up to one (the window's power complement), so this is the least change.
    changed[n] = lower + a * missing;
    changed[last - n] = upper + sign * b * missing;
  }
  return changed;
}
