/**
 * Timecodes as people type and read them, and the one unit of time inside the code.
 *
 * Times are whole microseconds, as in FFmpeg's `AV_TIME_BASE`: exact under addition, so many cuts do not drift,
 * and safe as a JavaScript number for 285 years. Seconds as fractions appear only at the edges (protocol, text).
 */
export type Microseconds = number;

export const MICROSECONDS_PER_SECOND = 1_000_000;

/** Rounds seconds, as protocols and libraries give them, to whole microseconds. */
export function fromSeconds(seconds: number): Microseconds {
  return Math.round(seconds * MICROSECONDS_PER_SECOND);
}

/** Fractional seconds, for protocols and libraries that want them. */
export function toSeconds(time: Microseconds): number {
  return time / MICROSECONDS_PER_SECOND;
}

// 0:45, 45, 45.5, 1:02:03.250, also with a decimal comma; minutes and seconds after a colon stay below 60.
const TIMECODE = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,6}))?$/;

/**
 * Reads a timecode.
 *
 * @param text hours, minutes and seconds separated by colons, the last with an optional decimal part:
 *   `45`, `45.5`, `0:45`, `1:02:03.250`. Surrounding white space, full-width digits and colons are accepted.
 * @returns the time in microseconds, or undefined when the text is not a timecode.
 */
export function parseTimecode(text: string): Microseconds | undefined {
  const match = TIMECODE.exec(text.normalize('NFKC').trim());
  if (!match) return undefined;
  const [, hours, minutes, seconds = '', fraction = ''] = match;
  if (minutes !== undefined && Number(seconds) >= 60) return undefined;
  if (hours !== undefined && Number(minutes) >= 60) return undefined;
  const whole = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds);
  return whole * MICROSECONDS_PER_SECOND + Number(fraction.padEnd(6, '0'));
}

export interface TimecodeFormat {
  /** Digits after the point, 0 to 6. Without it: none for whole seconds, else as many as needed, at most 3. */
  readonly digits?: number;
}

/** A length as a person reads it, to a tenth of a second, which is left out when it is none: `2:00`, `1:25.4`. */
export function formatLength(time: Microseconds): string {
  return formatTimecode(Math.round(time / 100_000) * 100_000);
}

/**
 * Writes a time as `m:ss`, or `h:mm:ss` from one hour on: `0:45`, `1:20.5`, `1:02:03.250`.
 * The result reads back with {@link parseTimecode}.
 */
export function formatTimecode(time: Microseconds, format: TimecodeFormat = {}): string {
  const digits = format.digits ?? 3;
  const scale = 10 ** digits;
  const units = Math.round((Math.max(0, time) / MICROSECONDS_PER_SECOND) * scale);
  const seconds = Math.floor(units / scale);
  let fraction = digits > 0 ? String(units % scale).padStart(digits, '0') : '';
  if (format.digits === undefined) fraction = fraction.replace(/0+$/, '');
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const clock =
    minutes < 60
      ? `${minutes}:${pad(seconds % 60)}`
      : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return fraction === '' ? clock : `${clock}.${fraction}`;
}
