import {
  canDropFrames,
  countingRate,
  formatFrames,
  frameOfTimecode,
  readTimecode,
} from '../../timeline/cut-lists/frame-rate.js';
import type { KeptRange } from '../../timeline/placement.js';
import { startSeconds, type Source } from '../file/source.js';

/** Whether a clip has a timecode, as a track or in words. */
export function hasTimecode(source: Source): boolean {
  return timecodeWords(source) !== undefined;
}

/**
 * The timecode of the result's first frame, which FFmpeg's muxers make a track or a tag of.
 *
 * @returns undefined where the clip has none, or one that does not go with its frame rate
 */
export function keptTimecode(source: Source, ranges: readonly KeptRange[]): string | undefined {
  const found = readTimecode(timecodeWords(source) ?? '');
  const { video } = source;
  if (!found || !video) return undefined;
  const measured = video.avgFrameRate.toDouble();
  const { rate, exact } = countingRate(measured);
  if (!exact || (found.drop && !canDropFrames(rate))) return undefined;
  const skipped = Math.max(0, (ranges[0]?.start ?? 0) - startSeconds(video));
  const first = frameOfTimecode(found, rate, found.drop) + Math.round((skipped * rate.num) / rate.den);
  const day = frameOfTimecode({ hours: 24, minutes: 0, seconds: 0, frames: 0, drop: found.drop }, rate, found.drop);
  return formatFrames(first % day, rate, found.drop);
}

function timecodeWords({ video, format }: Source): string | undefined {
  for (const tags of [video?.metadata, format.metadata]) {
    const found = Object.entries(tags?.getAll() ?? {}).find(([key]) => key.toLowerCase() === 'timecode');
    if (found) return found[1];
  }
  return undefined;
}
