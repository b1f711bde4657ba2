import type { Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';
import type { ListedClip, WrittenList } from './cut-list.js';
import {
  canDropFrames,
  countingRate,
  frameOfTime,
  frameOfTimecode,
  readTimecode,
  timeOfFrame,
  type FrameRate,
} from './frame-rate.js';

/** What stays of a clip, as formats count it that know frames only. */
export interface CountedFrames extends Pick<WrittenList, 'grain' | 'lost'> {
  readonly rate: FrameRate;
  /** Drop-frame timecode. */
  readonly drop: boolean;
  /** Frame number of the clip's own timecode; 0 without one. */
  readonly origin: number;
  /** Half-open, from the clip's first frame on; none is empty. */
  readonly sections: readonly { readonly in: number; readonly out: number }[];
  /** Half a frame, rounded up. */
  readonly grain: Microseconds;
}

/** @param kept in order, within the clip */
export function countFrames(kept: readonly Section[], clip: ListedClip): CountedFrames {
  const { rate } = countingRate(clip.frameRate);
  const code = clip.timecode === undefined ? undefined : readTimecode(clip.timecode);
  const drop = canDropFrames(rate) && (code?.drop ?? true);
  const origin = code ? frameOfTimecode(code, rate, drop) : 0;
  const frames = kept.map((section) => ({ in: frameOfTime(section.in, rate), out: frameOfTime(section.out, rate) }));
  const sections = frames.filter((section) => section.out > section.in);
  const grain = Math.ceil(timeOfFrame(1, rate) / 2);
  return { rate, drop, origin, sections, grain, lost: frames.length - sections.length };
}
