import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { Draft, Segment, Track } from '../timeline/draft.js';
import { jobsOf, progressWords, type Job, type WaitingExports } from './jobs.js';
import {
  jobItem,
  jobRow,
  segmentItem,
  segmentRow,
  sessionItem,
  sessionRow,
  sessionTooltip,
  trackItem,
} from './session-items.js';

/** A row of the tree. One object for each session and job: VS Code finds a row again by it. */
export type SessionNode =
  | { readonly kind: 'session'; readonly session: TrimSession }
  | { readonly kind: 'job'; readonly session: TrimSession; readonly job: string }
  | { readonly kind: 'track'; readonly session: TrimSession; readonly track: Track; readonly index: number }
  | { readonly kind: 'segment'; readonly session: TrimSession; readonly track: number; readonly index: number };

/** Progress comes many times a second; a row is drawn no more often than this. Milliseconds. */
const PROGRESS_INTERVAL = 250;

/** How a session was drawn last. */
interface Drawn {
  readonly frame: string;
  readonly draft: Draft | undefined;
  readonly progress: string;
}

/** The sessions, newest first, each with what is under way in it, its tracks and their segments. */
export class SessionTree implements vscode.TreeDataProvider<SessionNode>, vscode.Disposable {
  readonly #book: SessionBook;
  readonly #exports: WaitingExports;
  readonly #changed = new vscode.EventEmitter<SessionNode | SessionNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #unlisten: () => void;
  readonly #drawn = new WeakMap<TrimSession, Drawn>();
  /** The id of a session's row, as VS Code was given it. */
  readonly #rows = new WeakMap<TrimSession, string>();
  readonly #nodes = new WeakMap<TrimSession, SessionNode>();
  readonly #jobs = new WeakMap<TrimSession, Map<string, SessionNode>>();
  /** Worked on in this window: shown with what is beneath. A window that opens reads the timeline of none. */
  readonly #touched = new WeakSet<TrimSession>();
  readonly #progressed = new Set<TrimSession>();
  #timer: NodeJS.Timeout | undefined;

  constructor(book: SessionBook, exports: WaitingExports) {
    this.#book = book;
    this.#exports = exports;
    this.#unlisten = book.onDidChange((session) => (session ? this.#follow(session) : this.refresh()));
  }

  getChildren(node?: SessionNode): SessionNode[] {
    if (!node) return this.#book.sessions.map((session) => this.#nodeOf(session));
    const { session } = node;
    switch (node.kind) {
      case 'session': {
        const { timelineLength, draft } = session.snapshot;
        const tracks = timelineLength === undefined ? [] : draft.tracks;
        const rows = tracks.map((track, index): SessionNode => ({ kind: 'track', session, track, index }));
        return [...this.#jobsOf(session).map(({ id }) => this.#jobNode(session, id)), ...rows];
      }
      case 'track':
        return node.track.segments.map((_, index) => ({ kind: 'segment', session, track: node.index, index }));
      default:
        return [];
    }
  }

  getTreeItem(node: SessionNode): vscode.TreeItem {
    const { session } = node;
    switch (node.kind) {
      case 'session': {
        const unfolded = this.#touched.has(session) || session === this.#book.sessions[0];
        const jobs = this.#jobsOf(session);
        this.#rows.set(session, sessionRow(session, jobs));
        return sessionItem(session, { jobs, unfolded });
      }
      case 'job': {
        const job = this.#jobsOf(session).find(({ id }) => id === node.job);
        // Ended between the question and the answer; its session is drawn anew at once.
        return job ? jobItem(session, job) : goneItem(jobRow(session, node.job));
      }
      case 'track':
        return trackItem(session, node.track, node.index);
      case 'segment': {
        const segment = segmentOf(node);
        return segment ? segmentItem(node, segment) : goneItem(segmentRow(node));
      }
    }
  }

  resolveTreeItem(item: vscode.TreeItem, node: SessionNode): vscode.TreeItem {
    if (node.kind === 'session') item.tooltip = sessionTooltip(node.session);
    return item;
  }

  /**
   * Shows it anew. Wanted when the view opens: VS Code then asks for the roots twice and, on a busy machine, can keep
   * the answer that it has cancelled itself, an empty one (seen in 1.139).
   */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** An export began to wait, or waits no longer. */
  queueChanged(): void {
    for (const session of this.#book.sessions)
      if (this.#drawn.has(session) || this.#jobsOf(session).length > 0) this.#follow(session);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
    this.#unlisten();
  }

  /** Streamed text changes a session many times a second, and nothing in the tree. */
  #follow(session: TrimSession): void {
    this.#touched.add(session);
    const { title, engine, activity, timelineLength, draft } = session.snapshot;
    const jobs = this.#jobsOf(session);
    const frame = JSON.stringify([
      title,
      engine,
      activity.kind,
      timelineLength,
      jobs.map(({ id, label }) => [id, label]),
    ]);
    const progress = jobs.map(progressWords).join('\n');
    const drawn = this.#drawn.get(session);
    this.#drawn.set(session, { frame, draft, progress });
    if (!drawn || drawn.frame !== frame || drawn.draft !== draft) {
      // A row that gets another id is drawn with all others: under the old one VS Code keeps what it drew, and paints it
      // over some other row when the colours change (seen in 1.139).
      const row = this.#rows.get(session);
      const isOther = row !== undefined && row !== sessionRow(session, jobs);
      return this.#changed.fire(isOther ? undefined : this.#nodeOf(session));
    }
    if (drawn.progress === progress) return;
    this.#progressed.add(session);
    this.#timer ??= setTimeout(() => this.#drawProgress(), PROGRESS_INTERVAL);
  }

  #drawProgress(): void {
    this.#timer = undefined;
    const rows = [...this.#progressed].flatMap((session) =>
      this.#jobsOf(session).map(({ id }) => this.#jobNode(session, id)),
    );
    this.#progressed.clear();
    if (rows.length > 0) this.#changed.fire(rows);
  }

  #jobsOf(session: TrimSession): readonly Job[] {
    return jobsOf(session, this.#exports);
  }

  #nodeOf(session: TrimSession): SessionNode {
    const known = this.#nodes.get(session);
    if (known) return known;
    const node: SessionNode = { kind: 'session', session };
    this.#nodes.set(session, node);
    return node;
  }

  #jobNode(session: TrimSession, job: string): SessionNode {
    const nodes = this.#jobs.get(session) ?? new Map<string, SessionNode>();
    this.#jobs.set(session, nodes);
    const node = nodes.get(job) ?? { kind: 'job', session, job };
    nodes.set(job, node);
    return node;
  }
}

/** What is gone keeps its id for the moment until its row goes too. */
function goneItem(id: string): vscode.TreeItem {
  const item = new vscode.TreeItem('');
  item.id = id;
  return item;
}

/** As the timeline is now. */
export function segmentOf({ session, track, index }: SessionNode & { kind: 'segment' }): Segment | undefined {
  return session.snapshot.draft.tracks[track]?.segments[index];
}
