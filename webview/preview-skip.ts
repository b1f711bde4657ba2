import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/** What playback does at a moment: go on, jump to where the result goes on, or stop because the result is over. */
export type PreviewStep =
  | { readonly kind: 'play' }
  | { readonly kind: 'jump'; readonly to: Microseconds }
  | { readonly kind: 'end'; readonly at: Microseconds };

const PLAY: PreviewStep = { kind: 'play' };

/**
 * The next step of a preview that leaves sections out.
 *
 * @param skipped merged sections in order of time (see `mergeSections`).
 * @param lookAhead jump this much early, so that the first frame of the section is not seen while the jump is made.
 */
export function previewStep(
  time: Microseconds,
  skipped: readonly Section[],
  duration: Microseconds,
  lookAhead: Microseconds,
): PreviewStep {
  const section = skipped.find((candidate) => time < candidate.out && time >= candidate.in - lookAhead);
  if (!section) return PLAY;
  return section.out < duration ? { kind: 'jump', to: section.out } : { kind: 'end', at: section.in };
}

/** Where playback starts: a time inside a skipped section moves to its end, the end of the result to its beginning. */
export function playFrom(time: Microseconds, skipped: readonly Section[], duration: Microseconds): Microseconds {
  const step = previewStep(time, skipped, duration, 0);
  if (step.kind === 'jump') return step.to;
  if (step.kind === 'play' && time < duration) return time;
  const start = previewStep(0, skipped, duration, 0);
  return start.kind === 'jump' ? start.to : 0;
}

/** Position in the joined result of a time of the clip. Inside a skipped section that is its join. */
export function resultPosition(time: Microseconds, skipped: readonly Section[]): Microseconds {
  return skipped.reduce((position, section) => {
    if (time <= section.in) return position;
    return position - (Math.min(time, section.out) - section.in);
  }, time);
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
