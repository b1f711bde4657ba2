import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timecode.js';

/** Frames per second as a fraction: 30000/1001 is what people call 29.97. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

const RATES: readonly FrameRate[] = [
  ...[12, 15, 24, 25, 30, 48, 50, 60, 100, 120, 240].map((num) => ({ num, den: 1 })),
  ...[24, 30, 48, 60, 120, 240].map((num) => ({ num: num * 1000, den: 1001 })),
];
/** 29.97 and 30 are a thousandth apart; what a container rounds is a tenth of that. */
const SAME_RATE = 0.0002;

/**
 * The rate at which cut lists count a clip's frames: lists know the rates of television and cinema only.
 *
 * @param measured frames per second, as a container tells or a player measures
 * @returns the nearest rate; not `exact` where the clip's own is another one or varies
 */
export function countingRate(measured: number | undefined): { readonly rate: FrameRate; readonly exact: boolean } {
  const isKnown = measured !== undefined && Number.isFinite(measured) && measured > 0;
  const wanted = isKnown ? measured : 30;
  const distance = ({ num, den }: FrameRate): number => Math.abs(num / den - wanted) / wanted;
  const [rate = { num: 30, den: 1 }] = [...RATES].sort((a, b) => distance(a) - distance(b));
  return { rate, exact: isKnown && distance(rate) < SAME_RATE };
}

/** Frames that a timecode counts in a second: 30 at 29.97. */
export function nominalRate({ num, den }: FrameRate): number {
  return Math.round(num / den);
}

/** Drop-frame timecode exists for 29.97 and 59.94 alone (SMPTE ST 12-1). */
export function canDropFrames({ num, den }: FrameRate): boolean {
  return den === 1001 && (num === 30_000 || num === 60_000);
}

/** When a frame is shown, rounded to the microsecond. */
export function timeOfFrame(frame: number, { num, den }: FrameRate): Microseconds {
  return divideRounded(BigInt(frame) * BigInt(den) * BigInt(MICROSECONDS_PER_SECOND), BigInt(num));
}

/** The frame whose beginning is nearest: the inverse of {@link timeOfFrame}. */
export function frameOfTime(time: Microseconds, { num, den }: FrameRate): number {
  return divideRounded(BigInt(time) * BigInt(num), BigInt(den) * BigInt(MICROSECONDS_PER_SECOND));
}

/** Halves are rounded up. @param divisor above 0 */
export function divideRounded(dividend: bigint, divisor: bigint): number {
  const doubled = 2n * dividend + divisor;
  const quotient = doubled / (2n * divisor);
  // Division of BigInts cuts towards zero.
  return Number(doubled < 0n && quotient * 2n * divisor !== doubled ? quotient - 1n : quotient);
}

export interface Timecode {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly frames: number;
  /** Written with a semicolon, or a point, before the frames. */
  readonly drop: boolean;
}

const TIMECODE = /^(\d{1,2})([:;])([0-5]?\d)([:;])([0-5]?\d)([:;.,])(\d{1,3})$/;

/** @returns undefined for what is no `hh:mm:ss:ff` */
export function readTimecode(text: string): Timecode | undefined {
  const match = TIMECODE.exec(text.trim());
  if (!match) return undefined;
  const [, hours, , minutes, , seconds, mark, frames] = match;
  return {
    hours: Number(hours),
    minutes: Number(minutes),
    seconds: Number(seconds),
    frames: Number(frames),
    drop: mark !== ':',
  };
}

/** Frames that drop-frame timecode leaves out at the start of each minute but every tenth. */
const droppedPerMinute = (nominal: number): number => (nominal / 30) * 2;

/** The number of the frame that a timecode names, counted from 00:00:00:00. */
export function frameOfTimecode({ hours, minutes, seconds, frames }: Timecode, rate: FrameRate, drop: boolean): number {
  const nominal = nominalRate(rate);
  const total = hours * 60 + minutes;
  const counted = (total * 60 + seconds) * nominal + frames;
  return drop ? counted - droppedPerMinute(nominal) * (total - Math.floor(total / 10)) : counted;
}

/** `00:01:00;02`: the inverse of {@link frameOfTimecode}. */
export function formatFrames(frame: number, rate: FrameRate, drop: boolean): string {
  const nominal = nominalRate(rate);
  let counted = frame;
  if (drop) {
    const dropped = droppedPerMinute(nominal);
    const minute = nominal * 60 - dropped;
    const ten = minute * 10 + dropped;
    const rest = frame % ten;
    const minutes = rest < dropped ? 0 : Math.floor((rest - dropped) / minute);
    counted += dropped * (9 * Math.floor(frame / ten) + minutes);
  }
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(counted / nominal);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${clock}${drop ? ';' : ':'}${two(counted % nominal)}`;
}
