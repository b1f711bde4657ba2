import type { Microseconds } from '../timecode.js';
import { fcpxmlTime } from './fcpxml-time.js';
import type { Element } from './xml-elements.js';

interface PlayedRange {
  readonly in: Microseconds;
  readonly out: Microseconds;
  /** Played faster, slower or backwards. */
  readonly isRetimed: boolean;
}

/** Rates further apart than these are not played frame by frame: 24, 25 and 30 against what is a thousandth less. */
const NEAR = 0.1;

/**
 * Where a range of a clip's clock lies on the clock of what is inside it.
 *
 * @param start of the clip on its clock
 * @param rate of the timeline, in frames a second
 */
export function retime(
  clip: Element,
  start: Microseconds,
  from: Microseconds,
  to: Microseconds,
  rate: number | undefined,
): PlayedRange {
  const map = clip.children.find(({ tag }) => tag === 'timeMap');
  const points = (map?.children ?? []).flatMap(({ attributes }) => {
    const [time, value] = [fcpxmlTime(attributes.get('time')), fcpxmlTime(attributes.get('value'))];
    return time === undefined || value === undefined ? [] : [{ time, value }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || last.time <= first.time) {
    const factor = conformed(clip, rate);
    return { in: start + (from - start) * factor, out: start + (to - start) * factor, isRetimed: false };
  }
  const at = (time: Microseconds): Microseconds => {
    const next = points.findIndex((point, index) => index > 0 && point.time >= time);
    const [a, b] = next > 0 ? [points[next - 1] ?? first, points[next] ?? last] : [first, last];
    return b.time <= a.time ? b.value : a.value + ((time - a.time) / (b.time - a.time)) * (b.value - a.value);
  };
  const [begin, end] = [at(from), at(to)];
  return { in: Math.min(begin, end), out: Math.max(begin, end), isRetimed: true };
}

/** A file of 25 frames a second plays each of them in a timeline of 24: of its own time, that is a little less. */
function conformed(clip: Element, rate: number | undefined): number {
  const conform = clip.children.find(({ tag }) => tag === 'conform-rate');
  const source = exactRate(Number(conform?.attributes.get('srcFrameRate') ?? Number.NaN));
  if (rate === undefined || !(source > 0) || conform?.attributes.get('scaleEnabled') === '0') return 1;
  const factor = rate / source;
  return Math.abs(factor - 1) < NEAR ? factor : 1;
}

/** 23.98 is written for 24000/1001. */
function exactRate(rounded: number): number {
  return Number.isInteger(rounded) ? rounded : (Math.round(rounded) * 1000) / 1001;
}
