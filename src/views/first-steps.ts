import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { MarkStore } from './marks.js';

type Step = 'marked' | 'removed' | 'exported';

/**
 * Ticks off the steps of the walkthrough when they are done, wherever that is: in a panel, in the chat or by a command.
 *
 * VS Code ticks a step when its condition becomes true, and never when it was true as the walkthrough opened (seen in
 * 1.139). So each condition is true for a moment only.
 */
export class FirstSteps implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[];
  /** How much of each there was when it was looked at last, by session. */
  readonly #counts = new Map<string, Readonly<Record<Step, number>>>();
  readonly #marks: MarkStore;

  constructor(book: SessionBook, marks: MarkStore) {
    this.#marks = marks;
    for (const session of book.sessions) this.#counts.set(session.id, this.#count(session));
    this.#disposables = [
      new vscode.Disposable(book.onDidChange((session) => session && this.#look(session))),
      new vscode.Disposable(marks.onDidChange((id) => this.#look(book.get(id)))),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #look(session: TrimSession | undefined): void {
    if (!session) return;
    const before = this.#counts.get(session.id);
    const now = this.#count(session);
    this.#counts.set(session.id, now);
    for (const step of ['marked', 'removed', 'exported'] as const) if (now[step] > (before?.[step] ?? 0)) tick(step);
  }

  #count(session: TrimSession): Record<Step, number> {
    const { chat } = session.snapshot;
    return {
      marked: this.#marks.get(session.id).sections.length,
      removed: chat.filter(({ change }) => change && change.after < change.before).length,
      exported: chat.filter(({ outputPath }) => outputPath !== undefined).length,
    };
  }
}

function tick(step: Step): void {
  const keys = { marked: 'videoTrimmer.marked', removed: 'videoTrimmer.removed', exported: 'videoTrimmer.exported' };
  for (const value of [true, false]) void vscode.commands.executeCommand('setContext', keys[step], value);
}
