import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { SessionPorts } from './ports.js';
import { SessionStore } from './session-store.js';
import { STORED_FORMAT, type StoredSession } from './stored-session.js';
import { TrimSession } from './trim-session.js';

/** All sessions of this window, newest first. */
export class SessionBook {
  readonly #ports: SessionPorts;
  readonly #store: SessionStore;
  readonly #listeners = new Set<(session?: TrimSession) => void>();
  #sessions: readonly TrimSession[];
  readonly #removed = new Set<string>();

  /** Takes up what `ports.store` keeps; nothing is contacted. */
  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#store = new SessionStore(ports.store);
    this.#sessions = this.#store.load().map((stored) => this.#open(stored));
  }

  get sessions(): readonly TrimSession[] {
    return this.#sessions;
  }

  /** How many sessions of this store only a later release can read. */
  get later(): number {
    return this.#store.later;
  }

  get(id: string): TrimSession | undefined {
    return this.#sessions.find((session) => session.id === id);
  }

  /** The newest session on this clip. */
  findByClip(path: string): TrimSession | undefined {
    return this.#sessions.find((session) => session.snapshot.clip?.path === path);
  }

  /** @param clip absolute path of the file to work on */
  create(clip?: string): TrimSession {
    const stored: StoredSession = {
      version: STORED_FORMAT,
      id: randomUUID(),
      title: clip === undefined ? l10n.t('New session') : basename(clip),
      createdAt: this.#ports.clock.now(),
      uploads: [],
      draft: null,
      removed: [],
      chat: [],
      ...(clip === undefined ? {} : { clip: { path: clip, uploaded: false } }),
    };
    const session = this.#open(stored);
    this.#sessions = [session, ...this.#sessions];
    void this.#save(stored);
    this.#tell();
    return session;
  }

  /** Stops it and forgets it; the person's files stay. */
  async remove(id: string): Promise<void> {
    const session = this.get(id);
    if (!session) return;
    this.#removed.add(id);
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.#tell();
    await session.stop();
    session.dispose();
    await this.#store.remove(id);
    await session.discard();
  }

  /** Stops and drops all of them. What is stored of them, here and by the engines, is the caller's to delete. */
  async clear(): Promise<void> {
    const gone = this.#sessions;
    for (const { id } of gone) this.#removed.add(id);
    this.#sessions = [];
    this.#tell();
    await Promise.all(gone.map((session) => session.stop()));
    for (const session of gone) session.dispose();
    await this.#store.settled;
  }

  /** Called when the list changed, or with the session that did. @returns stops listening */
  onDidChange(listener: (session?: TrimSession) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispose(): void {
    this.#listeners.clear();
    for (const session of this.#sessions) session.dispose();
  }

  #open(stored: StoredSession): TrimSession {
    const session = new TrimSession(this.#ports, stored, (changed) => this.#save(changed));
    session.onDidChange(() => this.#tell(session));
    return session;
  }

  async #save(stored: StoredSession): Promise<void> {
    // An operation that ends after its session was removed must not bring it back.
    if (!this.#removed.has(stored.id)) await this.#store.save(stored);
  }

  #tell(session?: TrimSession): void {
    for (const listener of [...this.#listeners]) listener(session);
  }
}
