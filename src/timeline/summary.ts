import * as l10n from '@vscode/l10n';
import type { Draft, Track } from './draft.js';
import { quoted } from './phrases.js';
import { MICROSECONDS_PER_SECOND, type Microseconds } from './timecode.js';

/**
 * The summary line of the product text:
 * `Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)`.
 */
export function summarizeDraft(draft: Draft): string {
  const count = draft.tracks.length;
  if (count === 0) return l10n.t('The timeline is empty.');
  const tracks = draft.tracks.map((track, index) => `${index + 1}. ${summarizeTrack(track)}`).join(' ');
  return count === 1 ? l10n.t('Timeline (1 track): {0}', tracks) : l10n.t('Timeline ({0} tracks): {1}', count, tracks);
}

/** One track of the summary line, without its number. */
export function summarizeTrack(track: Track): string {
  const title = track.kind === 'text' ? quoted(track.title) : track.title;
  const name = title === '' ? trackLabel(track) : l10n.t('{0}: {1}', trackLabel(track), title);
  const [start, end] = [seconds(track.segments[0]?.start ?? 0), seconds(track.duration)];
  return track.volume === undefined
    ? l10n.t('{0} ({1}-{2}s)', name, start, end)
    : l10n.t('{0} ({1}-{2}s, {3}%)', name, start, end, Math.round(track.volume * 100));
}

/** What a person calls the track. */
export function trackLabel(track: Track): string {
  switch (track.kind) {
    case 'video':
      return l10n.t('Video');
    case 'audio':
      return isMusic(track) ? l10n.t('BGM') : l10n.t('Sound');
    case 'text':
      return l10n.t('Title');
    case 'other':
      return l10n.t('Track');
  }
}

/** Sound from elsewhere, laid under the clip. */
export function isMusic(track: Track): boolean {
  return track.kind === 'audio' && !track.segments.some((segment) => segment.source !== undefined);
}

function seconds(time: Microseconds): string {
  return String(Math.round((time / MICROSECONDS_PER_SECOND) * 10) / 10);
}
