import * as l10n from '@vscode/l10n';
import type { Draft, Track } from './draft.js';
import { joinWords } from './phrases.js';
import { keptRanges, mergeSections, totalDuration, type Section } from './sections.js';
import { trackLabel } from './summary.js';
import { formatLength, formatTimecode, type Microseconds } from './timecode.js';

/** What an edit did, found by comparing the draft before with the draft after. */
export interface DraftDifference {
  readonly changed: boolean;
  readonly before: Microseconds;
  readonly after: Microseconds;
  /** Source ranges that the edit took out; known when the segments name their source ranges, or by what was asked. */
  readonly removed: readonly Section[];
  /** Source ranges that came back, as after an undo. */
  readonly restored: readonly Section[];
  /** In the user's words: "Removed 0:45–1:20; the clip is now 2:25." Empty when nothing changed. */
  readonly text: string;
}

/** How far lengths may differ that should be the same: joins lie on whole frames, sound ends after the picture. */
export const LENGTH_TOLERANCE: Microseconds = 1_000_000;

/**
 * Compares two drafts. Equality is that of the whole drafts, unknown fields included.
 *
 * @param asked source ranges that the edit was asked to remove: they are named where the drafts do not name their
 *   source ranges and the timeline became shorter by just that much
 */
export function compareDrafts(before: Draft, after: Draft, asked: readonly Section[] = []): DraftDifference {
  const changed = JSON.stringify(canonical(before.raw)) !== JSON.stringify(canonical(after.raw));
  const ranges = { before: sourceRanges(before), after: sourceRanges(after) };
  const removed = !changed
    ? []
    : ranges.before.length > 0
      ? lost(ranges.before, ranges.after)
      : fits(asked, before, after)
        ? mergeSections(asked)
        : [];
  const restored = changed ? lost(ranges.after, ranges.before) : [];
  const facts = { changed, before: before.duration, after: after.duration, removed, restored };
  return { ...facts, text: changed ? describeChange(before, after, removed, restored) : '' };
}

/** How long the timeline was, and is. */
export function lengths({ before, after }: DraftDifference): { before: Microseconds; after: Microseconds } {
  return { before, after };
}

/** Tracks that were not there before, by what a person calls them. */
export function addedTracks(before: Draft, after: Draft): Track[] {
  const old = new Set(before.tracks.map(trackName));
  return after.tracks.filter((track) => !old.has(trackName(track)));
}

/** The same draft as if it did not have these tracks, for words about the rest of it. */
export function withoutTracks(draft: Draft, tracks: readonly Track[]): Draft {
  if (tracks.length === 0) return draft;
  const rest = draft.tracks.filter((track) => !tracks.includes(track));
  return { ...draft, tracks: rest, duration: Math.max(0, ...rest.map((track) => track.duration)) };
}

/** `BGM "Lo-fi"`, `Title "Urban Dreams"`, `Video`. */
export function trackName(track: Track): string {
  return track.title === '' ? trackLabel(track) : l10n.t('{0} "{1}"', trackLabel(track), track.title);
}

function fits(asked: readonly Section[], before: Draft, after: Draft): boolean {
  const wanted = totalDuration(mergeSections(asked));
  return wanted > 0 && Math.abs(before.duration - after.duration - wanted) <= LENGTH_TOLERANCE;
}

function describeChange(
  before: Draft,
  after: Draft,
  removed: readonly Section[],
  restored: readonly Section[],
): string {
  const done: string[] = [];
  // A first upload is no restoration: there was nothing to restore.
  const first = before.tracks.length === 0;
  if (removed.length > 0) done.push(l10n.t('Removed {0}', listSections(removed)));
  if (restored.length > 0 && !first) done.push(l10n.t('Restored {0}', listSections(restored)));
  const cut = done.length > 0;
  done.push(...describeTracks(before.tracks, after.tracks, cut));
  const by = after.duration - before.duration;
  if (!cut && !first && Math.abs(by) >= SMALLEST_LENGTH) {
    const length = formatLength(Math.abs(by));
    done.push(by < 0 ? l10n.t('Shortened by {0}', length) : l10n.t('Lengthened by {0}', length));
  }
  if (done.length === 0) done.push(l10n.t('The timeline changed'));
  const what = done.reduce((said, next) => l10n.t('{0}. {1}', said, next));
  const length = formatLength(after.duration);
  return formatLength(before.duration) === length
    ? l10n.t('{0}; the clip is still {1}.', what, length)
    : l10n.t('{0}; the clip is now {1}.', what, length);
}

/** A tenth of a second: what a length shows. */
const SMALLEST_LENGTH = 100_000;

function describeTracks(before: readonly Track[], after: readonly Track[], cut: boolean): string[] {
  const names = { before: new Set(before.map(trackName)), after: new Set(after.map(trackName)) };
  const added = after.filter((track) => !names.before.has(trackName(track)));
  const gone = before.filter((track) => !names.after.has(trackName(track)));
  const said: string[] = [];
  for (const track of added) {
    const index = gone.findIndex((old) => trackLabel(old) === trackLabel(track));
    const [old] = index < 0 ? [] : gone.splice(index, 1);
    if (old === undefined) said.push(l10n.t('Added {0}', trackName(track)));
    // A server may name the clip anew when it cuts it: that is not what the person asked about.
    else if (!(cut && track.kind === 'video')) {
      said.push(l10n.t('Changed {0} to {1}', trackName(old), trackName(track)));
    }
  }
  said.push(...gone.map((track) => l10n.t('Took out {0}', trackName(track))));
  for (const track of after) {
    const old = before.find((other) => trackName(other) === trackName(track));
    if (old === undefined || track.volume === undefined || old.volume === track.volume) continue;
    const [was, is] = [old.volume ?? 1, track.volume].map((volume) => `${Math.round(volume * 100)}%`);
    if (was === is) continue;
    said.push(l10n.t('Changed the volume of {0} from {1} to {2}', trackName(track), was ?? '', is ?? ''));
  }
  return said;
}

/** `0:45–1:20`, `0:45–1:20 and 2:00–2:10`. */
export function listSections(sections: readonly Section[]): string {
  return joinWords(sections.map((section) => `${formatTimecode(section.in)}–${formatTimecode(section.out)}`));
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
