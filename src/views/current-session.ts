import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';

/** The session that commands without an argument and the sidebar mean: the one the person touched last. */
export class CurrentSession implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #stop: () => void;
  readonly #book: SessionBook;
  readonly #contexts = new Map<string, boolean>();
  #session: TrimSession | undefined;

  constructor(book: SessionBook) {
    this.#book = book;
    this.#session = book.sessions[0];
    this.#stop = book.onDidChange((changed) => {
      if (changed === undefined) this.#listChanged();
      else if (changed === this.#session) this.#updateContexts();
    });
    this.#updateContexts();
  }

  get session(): TrimSession | undefined {
    return this.#session;
  }

  set(session: TrimSession | undefined): void {
    if (session === this.#session) return;
    this.#session = session;
    this.#updateContexts();
    this.#changed.fire();
  }

  dispose(): void {
    this.#stop();
    this.#changed.dispose();
  }

  #listChanged(): void {
    const gone = this.#session !== undefined && !this.#book.sessions.includes(this.#session);
    if (gone) this.set(this.#book.sessions[0]);
    else this.#updateContexts();
  }

  /** The keys that package.json's `when` and `enablement` read. */
  #updateContexts(): void {
    const snapshot = this.#session?.snapshot;
    const hasDraft = snapshot?.timelineLength !== undefined;
    this.#setContext('videoTrimmer.hasSession', snapshot !== undefined);
    this.#setContext('videoTrimmer.hasDraft', hasDraft);
    this.#setContext('videoTrimmer.isCloudSession', hasDraft && snapshot?.engine === 'cloud');
  }

  #setContext(key: string, value: boolean): void {
    if (this.#contexts.get(key) === value) return;
    this.#contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
