import * as vscode from 'vscode';
import type { TrimSession } from '../session/trim-session.js';
import type { Segment, Track, TrackKind } from '../timeline/draft.js';
import { summarizeDraft, summarizeTrack, trackLabel } from '../timeline/summary.js';
import { formatLength, type Microseconds } from '../timeline/timecode.js';
import { progressWords, type Job } from './jobs.js';
import type { SessionNode } from './session-tree.js';

const TRACK_ICONS: Record<TrackKind, string> = {
  video: 'file-media',
  audio: 'unmute',
  text: 'symbol-text',
  other: 'layers',
};

/** What is beneath a session decides how it is drawn at first. */
export interface SessionLook {
  readonly jobs: readonly Job[];
  readonly unfolded: boolean;
}

/** A session's row in the tree, with what it does for those who hear it. */
export function sessionItem(session: TrimSession, { jobs, unfolded }: SessionLook): vscode.TreeItem {
  const { title, timelineLength, engine, activity } = session.snapshot;
  const hasTracks = timelineLength !== undefined;
  const { Expanded, Collapsed, None } = vscode.TreeItemCollapsibleState;
  const hasChildren = hasTracks || jobs.length > 0;
  const item = new vscode.TreeItem(title, hasChildren ? (unfolded ? Expanded : Collapsed) : None);
  const where =
    engine === 'cloud' ? vscode.l10n.t('cloud') : engine === 'local' ? vscode.l10n.t('this machine') : undefined;
  const parts = [hasTracks ? formatLength(timelineLength) : undefined, where];
  item.description = parts.filter((part) => part !== undefined).join(' · ');
  item.id = sessionRow(session, jobs);
  item.iconPath = new vscode.ThemeIcon(activity.kind === 'idle' ? 'device-camera-video' : 'loading~spin');
  item.contextValue = `session${hasTracks ? '.draft' : ''}${hasTracks && engine === 'cloud' ? '.cloud' : ''}`;
  item.command = opening({ kind: 'session', session });
  item.accessibilityInformation = {
    label: [vscode.l10n.t('Session {0}', title), ...parts, ...jobs.map(spokenJob)]
      .filter((part) => part !== undefined)
      .join(', '),
  };
  return item;
}

/** Another id once there is something beneath: VS Code remembers how an item was drawn, and one without stays folded. */
export function sessionRow({ id, snapshot }: TrimSession, jobs: readonly Job[]): string {
  return snapshot.timelineLength !== undefined || jobs.length > 0 ? `${id}/tracks` : id;
}

/** Where the clip is and what is on the timeline: for whoever points at the session, because it reads the draft. */
export function sessionTooltip({ snapshot: { title, clip, timelineLength, draft } }: TrimSession): string {
  return [clip?.path ?? title, ...(timelineLength === undefined ? [] : [summarizeDraft(draft)])].join('\n');
}

/** The row of work that is under way or waits, which can be cancelled there. */
export function jobItem(session: TrimSession, job: Job): vscode.TreeItem {
  const item = new vscode.TreeItem(job.brief ?? job.label);
  item.id = jobRow(session, job.id);
  item.description = progressWords(job);
  item.tooltip = [job.label, item.description].filter((part) => part !== '').join('\n');
  item.iconPath = new vscode.ThemeIcon(job.waits ? 'watch' : 'sync~spin');
  item.contextValue = 'job';
  item.command = opening({ kind: 'session', session });
  item.accessibilityInformation = { label: spokenJob(job) };
  return item;
}

/** The id of a job's row. */
export function jobRow({ id }: TrimSession, job: string): string {
  return `${id}/job/${job}`;
}

/** The row of a track, with its length and volume. @param index in the draft, from 0 */
export function trackItem(session: TrimSession, track: Track, index: number): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const { title, segments, duration, volume } = track;
  const kind = trackLabel(track);
  const label = title === '' ? kind : vscode.l10n.t('{0}: {1}', kind, title);
  const item = new vscode.TreeItem(label, segments.length > 0 ? Collapsed : None);
  item.id = `${session.id}/${index}`;
  item.description = [formatLength(duration), ...(volume === undefined ? [] : [`${Math.round(volume * 100)}%`])].join(
    ' · ',
  );
  item.iconPath = new vscode.ThemeIcon(TRACK_ICONS[track.kind]);
  item.tooltip = `${index + 1}. ${summarizeTrack(track)}`;
  item.contextValue = 'track';
  const count = segments.length === 1 ? vscode.l10n.t('1 segment') : vscode.l10n.t('{0} segments', segments.length);
  item.accessibilityInformation = { label: [vscode.l10n.t('Track {0}', label), item.description, count].join(', ') };
  return item;
}

/** Named by its place in the clip, where the draft tells that; else by its title, else by its place in the result. */
export function segmentItem(node: SessionNode & { kind: 'segment' }, segment: Segment): vscode.TreeItem {
  const { source, start, duration, title } = segment;
  const inClip = source && rangeWords(source.in, source.out);
  const inResult = rangeWords(start, start + duration);
  const label = inClip ?? (title === '' ? inResult : title);
  const item = new vscode.TreeItem(label);
  item.id = segmentRow(node);
  item.description = formatLength(duration);
  item.iconPath = new vscode.ThemeIcon('play');
  const place = vscode.l10n.t('{0} of the result', inResult);
  item.tooltip = [inClip === undefined ? title : `${title} ${inClip}`.trim(), place].join('\n');
  item.contextValue = 'segment';
  item.command = opening(node);
  item.accessibilityInformation = {
    label: [vscode.l10n.t('Segment {0}', label), item.description, place].join(', '),
  };
  return item;
}

/** The id of a segment's row. */
export function segmentRow({ session, track, index }: SessionNode & { kind: 'segment' }): string {
  return `${session.id}/${track}/${index}`;
}

function rangeWords(from: Microseconds, to: Microseconds): string {
  return `${formatLength(from)}–${formatLength(to)}`;
}

function spokenJob(job: Job): string {
  return [job.label, progressWords(job)].filter((part) => part !== '').join(', ');
}

function opening(node: SessionNode): vscode.Command {
  return { command: 'videoTrimmer.openSession', title: vscode.l10n.t('Open Session'), arguments: [node] };
}
