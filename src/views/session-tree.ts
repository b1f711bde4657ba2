import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import { isExportable, type Track, type TrackKind } from '../timeline/draft.js';
import { summarizeDraft, summarizeTrack } from '../timeline/summary.js';
import { formatLength } from '../timeline/timecode.js';

export type SessionNode =
  | { readonly kind: 'session'; readonly session: TrimSession }
  | { readonly kind: 'track'; readonly session: TrimSession; readonly track: Track; readonly index: number };

const TRACK_ICONS: Record<TrackKind, string> = {
  video: 'device-camera-video',
  audio: 'unmute',
  text: 'symbol-text',
  other: 'layers',
};

/** The sessions, newest first, each with its tracks. */
export class SessionTree implements vscode.TreeDataProvider<SessionNode>, vscode.Disposable {
  readonly #book: SessionBook;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #unlisten: () => void;
  /** How each session was drawn last. */
  readonly #drawn = new WeakMap<TrimSession, string>();

  constructor(book: SessionBook) {
    this.#book = book;
    this.#unlisten = book.onDidChange((session) => this.#redraw(session));
  }

  getChildren(node?: SessionNode): SessionNode[] {
    if (!node) return this.#book.sessions.map((session) => ({ kind: 'session', session }));
    if (node.kind === 'track') return [];
    const { session } = node;
    return session.snapshot.draft.tracks.map((track, index) => ({ kind: 'track', session, track, index }));
  }

  getTreeItem(node: SessionNode): vscode.TreeItem {
    return node.kind === 'session' ? sessionItem(node.session) : trackItem(node.session, node.track, node.index);
  }

  /**
   * Shows it anew. Wanted when the view opens: VS Code then asks for the roots twice and, on a busy machine, can keep
   * the answer that it has cancelled itself, an empty one (seen in 1.139).
   */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
    this.#unlisten();
  }

  /** Streamed text and progress change a session many times a second, and nothing in the tree. */
  #redraw(changed: TrimSession | undefined): void {
    if (changed) {
      const { title, engine, activity, draft } = changed.snapshot;
      const drawn = JSON.stringify([title, engine, activity.kind, summarizeDraft(draft)]);
      if (drawn === this.#drawn.get(changed)) return;
      this.#drawn.set(changed, drawn);
    }
    this.#changed.fire(undefined);
  }
}

function sessionItem(session: TrimSession): vscode.TreeItem {
  const { id, title, draft, engine, activity, clip } = session.snapshot;
  const hasTracks = isExportable(draft);
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(title, hasTracks ? Expanded : None);
  const where = engine === 'cloud' ? vscode.l10n.t('cloud') : engine === 'local' ? vscode.l10n.t('this machine') : '';
  const length = hasTracks ? formatLength(draft.duration) : '';
  // Another id once there are tracks: VS Code remembers how an item was drawn, and one without tracks stays folded.
  item.id = hasTracks ? `${id}/tracks` : id;
  item.description = [length, where].filter((part) => part !== '').join(' · ');
  item.tooltip = [clip?.path ?? title, ...(hasTracks ? [summarizeDraft(draft)] : [])].join('\n');
  item.iconPath = new vscode.ThemeIcon(activity.kind === 'idle' ? 'device-camera-video' : 'loading~spin');
  item.contextValue = hasTracks ? 'session.draft' : 'session';
  item.command = {
    command: 'videoTrimmer.openSession',
    title: vscode.l10n.t('Open Session'),
    arguments: [{ kind: 'session', session }],
  };
  return item;
}

function trackItem(session: TrimSession, track: Track, index: number): vscode.TreeItem {
  const item = new vscode.TreeItem(summarizeTrack(track));
  item.id = `${session.id}/${index}`;
  item.iconPath = new vscode.ThemeIcon(TRACK_ICONS[track.kind]);
  item.tooltip = `${index + 1}. ${summarizeTrack(track)}`;
  item.contextValue = 'track';
  return item;
}
