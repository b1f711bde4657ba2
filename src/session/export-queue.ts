import { randomUUID } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { isOpenElsewhere, thisWindow } from './other-window.js';
import type { ExportOptions } from './outcomes.js';
import type { KeyValueStore } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionBook } from './session-book.js';
import type { ExportOutcome } from './snapshot.js';
import type { TrimSession } from './trim-session.js';

/** An export that was asked for and has not begun. */
export interface WaitingExport {
  readonly id: string;
  readonly session: string;
  /** What the file is going to be called, as far as it is known. */
  readonly file: string;
}

export interface ExportQueuePorts {
  readonly book: SessionBook;
  readonly store: KeyValueStore;
  /** Makes one export. */
  readonly run: (session: TrimSession, options: ExportOptions) => Promise<ExportOutcome>;
  /** An export of the last window has ended, and nobody waits for it. */
  readonly onTakenUp: (session: TrimSession, outcome: Promise<ExportOutcome | undefined>) => void;
}

const KEY = 'videoTrimmer.exportQueue';
/** More than anybody waits for. */
const MOST = 50;

const optional = z.exactOptional(z.string());
const storedQueue = z.array(
  z.object({
    id: z.string(),
    session: z.string(),
    file: z.string(),
    begun: z.boolean(),
    /** The window that makes it; see other-window.ts. */
    holder: optional,
    options: z.object({
      outputPath: optional,
      folder: optional,
      name: optional,
      format: optional,
      resolution: optional,
      pinned: z.exactOptional(z.object({ draft: z.string(), sessionId: z.string() })),
    }),
  }),
);

interface Entry extends WaitingExport {
  options: ExportOptions;
  begun: boolean;
  readonly end: (outcome: Promise<ExportOutcome | undefined>) => void;
}

/**
 * Exports that wait for each other: one at a time for each engine, and for each session. What fails or is cancelled lets
 * the next one begin. The queue survives a reload; an export that had begun is then its session's to take up.
 */
export class ExportQueue {
  readonly #ports: ExportQueuePorts;
  readonly #listeners = new Set<() => void>();
  readonly #unlisten: () => void;
  #entries: readonly Entry[] = [];
  #closed = false;

  constructor(ports: ExportQueuePorts) {
    this.#ports = ports;
    this.#unlisten = ports.book.onDidChange(() => {
      // Not within the change itself: an operation that ends has still to say so.
      if (this.waiting.length > 0) queueMicrotask(() => this.#next());
    });
  }

  /** In the order in which they will be made, as far as their engines allow. */
  get waiting(): readonly WaitingExport[] {
    return this.#entries.filter(({ begun }) => !begun);
  }

  /** Names of files that are still to be written. */
  get promised(): readonly string[] {
    return this.#entries.map(({ file }) => file);
  }

  /** Called when an export was added, begins or is gone. @returns stops listening */
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Exports now, or when those before it have ended: then the timeline as it is now.
   *
   * @param file what the result is going to be called
   * @returns undefined when it was cancelled before it began
   * @throws SessionError `busy` while the session edits, and what the export itself throws
   */
  async add(session: TrimSession, options: ExportOptions, file: string): Promise<ExportOutcome | undefined> {
    session.refuseWhileEditing();
    if (this.#entries.length >= MOST) {
      throw new SessionError('busy', l10n.t('{0} exports are waiting already. Let some of them finish first.', MOST));
    }
    return await new Promise((resolve, reject) => {
      const end: Entry['end'] = (outcome) => void outcome.then(resolve, reject);
      const entry: Entry = { id: randomUUID(), session: session.id, file, options, begun: false, end };
      this.#entries = [...this.#entries, entry];
      this.#next();
      const pinned = entry.begun ? undefined : session.pinnedDraft;
      if (pinned) entry.options = { ...options, pinned };
      this.#changed();
    });
  }

  /** Takes off one that waits. One that has begun is its session's to stop. */
  cancel(id: string): void {
    this.#drop(this.#entries.filter((entry) => entry.id === id && !entry.begun));
  }

  /** Goes on with what the last window left. */
  takeUp(): void {
    const { book, store, onTakenUp } = this.#ports;
    const all = storedQueue.safeParse(store.get(KEY)).data ?? [];
    const stored = all.filter(({ holder }) => !isOpenElsewhere(holder));
    const taken = stored.flatMap((entry): Entry[] => {
      const session = book.get(entry.session);
      // One that had begun is in the session's own memory, and so is one that has ended.
      if (!session || session.knowsExport(entry.id) || (entry.begun && session.takesUpRender)) return [];
      return [{ ...entry, begun: false, end: (outcome) => onTakenUp(session, outcome) }];
    });
    this.#entries = [...taken, ...this.#entries];
    if (stored.length === 0) return;
    this.#next();
    this.#changed();
  }

  /** Begins nothing more; what waits is kept for the next window. */
  dispose(): void {
    this.#closed = true;
    this.#unlisten();
    this.#listeners.clear();
  }

  #next(): void {
    if (this.#closed) return;
    const { book } = this.#ports;
    this.#drop(this.#entries.filter(({ begun, session }) => !begun && !book.get(session)));
    for (const entry of this.#entries) {
      const session = book.get(entry.session);
      if (!session || entry.begun || session.busy || this.#isTaken(session)) continue;
      void this.#run(session, entry);
    }
  }

  /** Whether the engine of this session is at work on an export, whoever asked for it. */
  #isTaken(session: TrimSession): boolean {
    const { book } = this.#ports;
    const engineOf = (other: TrimSession | undefined): string => other?.snapshot.engine ?? '';
    return (
      this.#entries.some(({ begun, session: id }) => begun && engineOf(book.get(id)) === engineOf(session)) ||
      book.sessions.some(
        (other) => engineOf(other) === engineOf(session) && other.snapshot.activity.kind === 'exporting',
      )
    );
  }

  async #run(session: TrimSession, entry: Entry): Promise<void> {
    entry.begun = true;
    const work = this.#ports.run(session, { ...entry.options, order: entry.id });
    this.#changed();
    try {
      await work;
    } catch {
      // Told by whoever asked for it; the next one begins all the same.
    }
    // The window closes: the next one has to find it.
    if (this.#closed) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.end(work);
    this.#changed();
    this.#next();
  }

  #drop(gone: readonly Entry[]): void {
    if (gone.length === 0) return;
    this.#entries = this.#entries.filter((entry) => !gone.includes(entry));
    for (const { end } of gone) end(Promise.resolve(undefined));
    this.#changed();
  }

  #changed(): void {
    if (this.#closed) return;
    const stored = this.#entries.map(({ end: _, ...entry }) => ({ ...entry, holder: thisWindow }));
    // Values are plain JSON, and not changed by us afterwards.
    void this.#ports.store.update(KEY, JSON.parse(JSON.stringify(stored))).catch(() => undefined);
    for (const listener of [...this.#listeners]) listener();
  }
}
