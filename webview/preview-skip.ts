import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/** Playback that is at `at` or behind it goes on at `to`, or stops there when `to` is undefined. */
export interface Jump {
  readonly at: Microseconds;
  readonly to: Microseconds | undefined;
}

/** Where playback jumps next when it plays on from a time; undefined when it plays to the end of the clip. */
export type Route = (time: Microseconds) => Jump | undefined;

/**
 * The route that leaves sections out.
 *
 * @param skipped merged sections in order of time (see `mergeSections`).
 */
export function skipping(skipped: readonly Section[], duration: Microseconds): Route {
  return (time) => {
    const section = skipped.find((candidate) => time < candidate.out);
    if (!section) return undefined;
    return { at: section.in, to: section.out < duration ? section.out : undefined };
  };
}

/** Where playback starts: a time inside a skipped section moves to its end, the end of the result to its beginning. */
export function playFrom(time: Microseconds, skipped: readonly Section[], duration: Microseconds): Microseconds {
  const route = skipping(skipped, duration);
  const jump = route(time);
  if (jump === undefined || jump.at > time) {
    if (time < duration) return time;
  } else if (jump.to !== undefined) return jump.to;
  const start = route(0);
  return start?.at === 0 ? (start.to ?? 0) : 0;
}

/** Position in the joined result of a time of the clip. Inside a skipped section that is its join. */
export function resultPosition(time: Microseconds, skipped: readonly Section[]): Microseconds {
  return skipped.reduce((position, section) => {
    if (time <= section.in) return position;
    return position - (Math.min(time, section.out) - section.in);
  }, time);
}

/** The time of the clip at a position of the joined result; at a join, where the result goes on. */
export function clipTime(position: Microseconds, skipped: readonly Section[]): Microseconds {
  return skipped.reduce((time, section) => (time < section.in ? time : time + section.out - section.in), position);
}

/**
 * Start of the frame shown at a time. A frame is removed when its start lies in [in, out), so points set by eye are
 * set to frame starts. Without a frame rate the time stays as it is.
 */
export function frameStart(time: Microseconds, frameRate: number | undefined): Microseconds {
  if (frameRate === undefined || frameRate <= 0) return time;
  // Half a microsecond of tolerance: a frame start is itself rounded to whole microseconds.
  return startOfFrame(Math.floor((time + 0.5) * (frameRate / 1e6)), frameRate);
}

/** Start of the first frame that begins at a time or after it. Without a frame rate the time stays as it is. */
export function frameFrom(time: Microseconds, frameRate: number | undefined): Microseconds {
  if (frameRate === undefined || frameRate <= 0) return time;
  return startOfFrame(Math.ceil((time - 0.5) * (frameRate / 1e6)), frameRate);
}

/** Start of the frame that lies `count` frames after (or, negative, before) the one shown at a time. */
export function stepFrames(time: Microseconds, count: number, frameRate: number | undefined): Microseconds {
  const rate = frameRate !== undefined && frameRate > 0 ? frameRate : FALLBACK_RATE;
  const shown = Math.floor((time + 0.5) * (rate / 1e6));
  return startOfFrame(Math.max(0, shown + count), rate);
}

const FALLBACK_RATE = 25;

function startOfFrame(index: number, frameRate: number): Microseconds {
  return Math.round((index * 1e6) / frameRate);
}
