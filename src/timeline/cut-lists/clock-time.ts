import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timecode.js';
import { LATEST_TIME } from './cut-list.js';
import { frameOfTimecode, readTimecode, timeOfFrame, type FrameRate } from './frame-rate.js';

const CLOCK = /^(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,9})(?:[.,](\d{1,20}))?$/;

/**
 * A time as people and programs write it into tables: `104.612`, `1:02:03.250`, `00:01:30,5`, or with frames
 * `01:02:03:12` and `01:02:03;12`.
 *
 * @returns undefined for what is no time, and for one that no clip reaches
 */
export function readClockTime(text: string, rate: FrameRate): Microseconds | undefined {
  const plain = text.normalize('NFKC').trim();
  const match = CLOCK.exec(plain);
  const time = match ? clockTime(match) : framesTime(plain, rate);
  return time !== undefined && time <= LATEST_TIME ? time : undefined;
}

function clockTime([, hours, minutes, seconds = '0', fraction = '']: RegExpExecArray): Microseconds {
  const whole = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds);
  // The digits themselves, so that nothing is lost on the way through a fraction of a second.
  const digits = fraction.padEnd(7, '0');
  const micros = Number(digits.slice(0, 6)) + (Number(digits[6]) >= 5 ? 1 : 0);
  return whole * MICROSECONDS_PER_SECOND + micros;
}

function framesTime(plain: string, rate: FrameRate): Microseconds | undefined {
  const code = readTimecode(plain);
  return (
    code && timeOfFrame(frameOfTimecode(code, rate, code.drop && rate.den === 1001 && rate.num % 30_000 === 0), rate)
  );
}

/** Seconds with as many digits as needed, up to the microsecond: `45`, `104.612`. */
export function secondsText(time: Microseconds): string {
  const whole = Math.floor(time / MICROSECONDS_PER_SECOND);
  const fraction = String(time % MICROSECONDS_PER_SECOND)
    .padStart(6, '0')
    .replace(/0+$/u, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
