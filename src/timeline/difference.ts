import type { Draft, Track } from './draft.js';
import { keptRanges, mergeSections, type Section } from './sections.js';
import { trackLabel } from './summary.js';
import { formatTimecode, type Microseconds } from './timecode.js';

/** What an edit did, found by comparing the draft before with the draft after. */
export interface DraftDifference {
  readonly changed: boolean;
  readonly before: Microseconds;
  readonly after: Microseconds;
  /** Source ranges that the edit took out; known when the segments name their source ranges. */
  readonly removed: readonly Section[];
  /** Source ranges that came back, as after an undo. */
  readonly restored: readonly Section[];
  /** In the user's words: "Removed 0:45–1:20; the clip is now 2:25." Empty when nothing changed. */
  readonly text: string;
}

/** Compares two drafts. Equality is that of the whole drafts, unknown fields included. */
export function compareDrafts(before: Draft, after: Draft): DraftDifference {
  const changed = JSON.stringify(canonical(before.raw)) !== JSON.stringify(canonical(after.raw));
  const removed = changed ? lost(sourceRanges(before), sourceRanges(after)) : [];
  const restored = changed ? lost(sourceRanges(after), sourceRanges(before)) : [];
  const facts = { changed, before: before.duration, after: after.duration, removed, restored };
  return { ...facts, text: changed ? describe(before, after, removed, restored) : '' };
}

function describe(before: Draft, after: Draft, removed: readonly Section[], restored: readonly Section[]): string {
  const done: string[] = [];
  // A first upload is no restoration: there was nothing to restore.
  const first = before.tracks.length === 0;
  if (removed.length > 0) done.push(`Removed ${listSections(removed)}`);
  if (restored.length > 0 && !first) done.push(`Restored ${listSections(restored)}`);
  if (done.length === 0) done.push(...describeTracks(before.tracks, after.tracks));
  if (done.length === 0) done.push('The timeline changed');
  const length =
    before.duration === after.duration
      ? `the clip is still ${formatTimecode(after.duration, rounded(after.duration))}`
      : `the clip is now ${formatTimecode(after.duration, rounded(after.duration))}`;
  return `${done.join('. ')}; ${length}.`;
}

function describeTracks(before: readonly Track[], after: readonly Track[]): string[] {
  const key = (track: Track): string => `${trackLabel(track)}${track.title === '' ? '' : ` "${track.title}"`}`;
  const old = new Set(before.map(key));
  const now = new Set(after.map(key));
  return [
    ...after.filter((track) => !old.has(key(track))).map((track) => `Added ${key(track)}`),
    ...before.filter((track) => !now.has(key(track))).map((track) => `Took out ${key(track)}`),
  ];
}

/** `0:45–1:20`, `0:45–1:20 and 2:00–2:10`. */
export function listSections(sections: readonly Section[]): string {
  const words = sections.map((section) => `${formatTimecode(section.in)}–${formatTimecode(section.out)}`);
  const last = words.pop() ?? '';
  return words.length > 0 ? `${words.join(', ')} and ${last}` : last;
}

function rounded(duration: Microseconds): { digits?: number } {
  return duration % 1_000_000 === 0 ? {} : { digits: 1 };
}

function sourceRanges(draft: Draft): Section[] {
  const video = draft.tracks.find((track) => track.kind === 'video') ?? draft.tracks[0];
  return mergeSections((video?.segments ?? []).flatMap((segment) => (segment.source ? [segment.source] : [])));
}

/** The parts of `from` that `to` no longer has. */
function lost(from: readonly Section[], to: readonly Section[]): Section[] {
  return from.flatMap((range) => keptRanges(to, range));
}

/** The order of keys is not content: a server may write them differently each time. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
}
