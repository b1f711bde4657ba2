import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timecode.js';
import { LATEST_TIME } from './cut-list.js';
import { divideRounded, type FrameRate } from './frame-rate.js';

const TIME = /^\s*(-?\d{1,19})(?:\/(\d{1,10})|\.(\d{1,9}))?s\s*$/;

/**
 * A time of Final Cut's XML: `5s`, `1001/30000s`, and as some programs write it `12.5s`.
 *
 * @returns undefined for what is none, and for one that no clip reaches
 */
export function fcpxmlTime(text: string | undefined): Microseconds | undefined {
  const match = TIME.exec(text ?? '');
  if (!match) return undefined;
  const [, whole = '0', divisor = '1', fraction = ''] = match;
  if (BigInt(divisor) === 0n) return undefined;
  const scale = fraction === '' ? BigInt(divisor) : 10n ** BigInt(fraction.length);
  const units = BigInt(`${whole}${fraction}`) * BigInt(MICROSECONDS_PER_SECOND);
  const limit = BigInt(LATEST_TIME) * scale;
  return units > limit || units < -limit ? undefined : divideRounded(units, scale);
}

/** When a frame begins, in the smallest terms; always a fraction, as Resolve writes it and LosslessCut needs it. */
export function frameTimeText(frame: number, { num, den }: FrameRate): string {
  const units = BigInt(frame) * BigInt(den);
  const divisor = greatestCommon(units, BigInt(num));
  return `${units / divisor}/${BigInt(num) / divisor}s`;
}

function greatestCommon(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommon(b, a % b);
}
