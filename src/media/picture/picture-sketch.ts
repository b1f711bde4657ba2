import type { Frame } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';

import { native } from '../native.js';

/** Some values of a decoded picture, spread over its first plane: enough to tell whether another one shows the same. */
export interface Sketch {
  readonly format: number;
  readonly values: Uint16Array;
  /** The greatest value that the format has. */
  readonly peak: number;
}

const ROWS = 32;
const COLUMNS = 48;
/**
 * Decibels (PSNR) between what was encoded at a join and what comes out of the file. The encoders there are set to lose
 * next to nothing, 36 dB at the least; a picture of another moment, or one decoded from another one, has 10 to 25.
 */
const LEAST_LIKENESS = 30;

/** @returns undefined for a format whose values do not lie in planes of bytes or of little-endian words */
export function sketch(frame: Frame): Sketch | undefined {
  const name = native().av.avGetPixFmtName(frame.format as AVPixelFormat) ?? '';
  const form = /^(?:yuvj?a?4[124][0124]p|gray|gbra?p)(?:(9|10|12|14|16)le)?$/.exec(name);
  const plane = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (!form || !plane || stride <= 0) return undefined;
  const bits = Number(form[1] ?? 8);
  const { width, height, format } = frame;
  const values = new Uint16Array(ROWS * COLUMNS);
  for (let row = 0; row < ROWS; row++) {
    const start = Math.floor(((row + 0.5) * height) / ROWS) * stride;
    for (let column = 0; column < COLUMNS; column++) {
      const x = Math.floor(((column + 0.5) * width) / COLUMNS);
      const value = bits === 8 ? plane[start + x] : plane.readUInt16LE(start + 2 * x);
      values[row * COLUMNS + column] = value ?? 0;
    }
  }
  return { format, values, peak: 2 ** bits - 1 };
}

/** Whether the one may be the other after it was encoded and decoded. What cannot be compared may. */
export function isLike(a: Sketch | undefined, b: Sketch | undefined): boolean {
  if (!a || !b || a.format !== b.format) return true;
  let squares = 0;
  for (const [n, value] of a.values.entries()) squares += (value - (b.values[n] ?? 0)) ** 2;
  const error = squares / a.values.length;
  return error === 0 || 10 * Math.log10(a.peak ** 2 / error) >= LEAST_LIKENESS;
}
