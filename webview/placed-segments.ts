import type { PanelTrack } from '../src/messages.js';
import { resultToSource, type Section } from '../src/timeline/sections.js';

/** A segment of the draft on the ruler of the clip. */
export interface PlacedSegment extends Section {
  readonly segment: PanelTrack['segments'][number];
}

/**
 * Where the segments of a track lie on the ruler of the clip: where they were taken from, or, what was added, where it
 * stands in the result.
 */
export function placeSegments(track: PanelTrack, kept: readonly Section[]): PlacedSegment[] {
  return track.segments.flatMap((segment) => {
    if (segment.source) return [{ ...segment.source, segment }];
    const start = resultToSource(segment.start, kept);
    // The last moment before the end: the end itself belongs to the next range.
    const last = resultToSource(Math.max(segment.start, segment.start + segment.duration - 1), kept);
    return start === undefined || last === undefined ? [] : [{ in: start, out: last + 1, segment }];
  });
}
