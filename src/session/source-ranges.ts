import type { Draft } from '../timeline/draft.js';
import { keptRanges, mergeSections, sourceToResult, type Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';

/** Source ranges on the timeline, in its order; undefined when the draft does not name them, as a cloud draft may not. */
function sourceRanges(draft: Draft): Section[] | undefined {
  const track = draft.tracks.find((candidate) => candidate.kind === 'video') ?? draft.tracks[0];
  const ranges = (track?.segments ?? []).flatMap((segment) => (segment.source ? [segment.source] : []));
  return track && ranges.length > 0 && ranges.length === track.segments.length ? ranges : undefined;
}

/**
 * What of the clip is on the timeline: as the draft says, else what is left by the sections we know to be removed.
 * Undefined when nothing is known to be removed: then timeline and source count alike.
 */
export function keptOfDraft(
  draft: Draft,
  removed: readonly Section[],
  clipDuration: Microseconds | undefined,
): readonly Section[] | undefined {
  const named = sourceRanges(draft);
  if (named) return named;
  if (removed.length === 0) return undefined;
  return keptRanges(removed, { in: 0, out: clipDuration ?? Number.MAX_SAFE_INTEGER });
}

/** What of the clip is gone; undefined when the draft does not say. */
export function removedFromSource(draft: Draft, clipDuration: Microseconds | undefined): Section[] | undefined {
  const kept = sourceRanges(draft);
  if (!kept) return undefined;
  const end = clipDuration ?? kept.at(-1)?.out ?? 0;
  // The server's and our own reading of a clip's length may differ by a frame: that is no cut.
  return keptRanges(mergeSections(kept), { in: 0, out: end }).filter(
    (range) => range.out < end || range.out - range.in > 100_000,
  );
}

/** Sections of the source as the timeline counts; what is gone already is left out. */
export function toTimelineTime(sections: readonly Section[], kept: readonly Section[] | undefined): Section[] {
  if (!kept) return mergeSections(sections);
  return mergeSections(
    sections.map((section) => ({ in: sourceToResult(section.in, kept), out: sourceToResult(section.out, kept) })),
  );
}
