import {
  CHAT_ACTIONS,
  type PanelChatEntry,
  type PanelClip,
  type PanelExportOffer,
  type PanelState,
  type PanelTrack,
  type PanelWaitingExport,
} from '../messages.js';
import type { ChatEntry, SessionSnapshot } from '../session/snapshot.js';
import { removedFromSource } from '../session/source-ranges.js';
import { countJoins, isExportable, type Track } from '../timeline/draft.js';
import { plannedCutWords } from '../timeline/planned-cut.js';
import { trackLabel } from '../timeline/summary.js';
import type { Marks } from './marks.js';

export interface PanelStateParts {
  readonly place: PanelState['place'];
  readonly snapshot: SessionSnapshot | undefined;
  /** What is known of the clip as a file; undefined until it is probed. */
  readonly clip: Omit<PanelClip, 'name'> | undefined;
  readonly marks: Marks;
  readonly exportOffer?: PanelExportOffer | undefined;
  readonly waitingExports?: readonly PanelWaitingExport[];
}

/** What a panel shows of a session: no path and no token. */
export function panelState(parts: PanelStateParts): PanelState {
  const { place, snapshot, clip, marks, exportOffer, waitingExports = [] } = parts;
  const empty = { tracks: [], removed: [], chat: [], canExport: false, activity: { kind: 'idle' } } as const;
  const marked = { marked: [...marks.sections], markedRevision: marks.revision };
  if (!snapshot) return { ...empty, tracks: [], removed: [], chat: [], place, title: '', ...marked };
  const { draft } = snapshot;
  const duration = clip?.duration ?? snapshot.clip?.duration;
  const hasTimeline = isExportable(draft);
  const planned = hasTimeline && snapshot.plan ? plannedCutWords(snapshot.plan) : undefined;
  return {
    place,
    sessionId: snapshot.id,
    title: snapshot.title,
    activity: panelActivity(snapshot.activity),
    ...marked,
    removed: removedFromSource(draft, duration) ?? [],
    tracks: draft.tracks.map(panelTrack),
    canExport: hasTimeline,
    chat: snapshot.chat.map(panelEntry),
    ...(snapshot.engine === undefined ? {} : { engine: snapshot.engine }),
    ...(snapshot.clip ? { clip: { ...clip, name: snapshot.clip.name, duration } } : {}),
    ...(snapshot.attached.length > 0 ? { attached: [...snapshot.attached] } : {}),
    ...(countJoins(draft) > 0 ? { join: draft.join?.kind === 'dissolve' ? draft.join.duration : 0 } : {}),
    ...(hasTimeline ? { resultDuration: draft.duration } : {}),
    ...(planned === undefined ? {} : { planned }),
    ...((hasTimeline || marks.sections.length > 0) && exportOffer ? { exportOffer } : {}),
    ...(waitingExports.length > 0 ? { waitingExports: waitingExports.map(({ id, file }) => ({ id, file })) } : {}),
  };
}

function panelEntry({ id, kind, text, topic, change, sentence, streaming, actions }: ChatEntry): PanelChatEntry {
  return {
    id,
    kind,
    text,
    ...(topic === undefined ? {} : { topic }),
    ...(change ? { change } : {}),
    ...(sentence === undefined ? {} : { sentence }),
    streaming: streaming ?? false,
    // A stored entry may be of another version of ours.
    actions: (actions ?? []).filter((action) => CHAT_ACTIONS.includes(action)),
  };
}

function panelActivity(activity: SessionSnapshot['activity']): PanelState['activity'] {
  if (activity.kind === 'uploading') return { ...activity, files: [...activity.files] };
  if (activity.kind !== 'exporting') return activity;
  const { plan: _, ...shown } = activity;
  return shown;
}

function panelTrack(track: Track): PanelTrack {
  return {
    kind: track.kind,
    label: trackLabel(track),
    title: track.title,
    duration: track.duration,
    segments: track.segments.map((segment) => ({ ...segment })),
  };
}
