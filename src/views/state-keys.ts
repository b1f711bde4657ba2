import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import { isExportable } from '../timeline/draft.js';
import type { CurrentSession } from './current-session.js';
import type { MarkStore } from './marks.js';

/** Tells package.json's menus what the sessions of the window hold. */
export class StateKeys implements vscode.Disposable {
  readonly #book: SessionBook;
  readonly #current: CurrentSession;
  readonly #marks: MarkStore;
  readonly #disposables: vscode.Disposable[];
  readonly #told = new Map<string, string>();

  constructor(book: SessionBook, current: CurrentSession, marks: MarkStore) {
    this.#book = book;
    this.#current = current;
    this.#marks = marks;
    const update = (): void => this.#update();
    const changes = [book.onDidChange(update), marks.onDidChange(update)];
    this.#disposables = [...changes.map((stop) => new vscode.Disposable(stop)), current.onDidChange(update)];
    update();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #update(): void {
    const { session } = this.#current;
    const snapshots = this.#book.sessions.map(({ snapshot }) => snapshot);
    const exportable = snapshots.filter(({ draft, activity }) => isExportable(draft) && activity.kind === 'idle');
    // Menus ask with `resourcePath in …`.
    this.#tell(
      'videoTrimmer.exportableClips',
      exportable.flatMap(({ clip }) => (clip ? [vscode.Uri.file(clip.path).fsPath] : [])),
    );
    const clips = snapshots.flatMap(({ clip }) => (clip ? [vscode.Uri.file(clip.path).fsPath] : []));
    this.#tell('videoTrimmer.clips', clips);
    // Tables and texts are lists of cuts only where there is something to cut.
    this.#tell('videoTrimmer.clipFolders', [...new Set(clips.map((path) => dirname(path)))]);
    this.#tell('videoTrimmer.hasClip', session?.snapshot.clip !== undefined);
    this.#tell('videoTrimmer.canExport', session !== undefined && this.#canExport(session));
  }

  /** As the button of the panel has it: what is marked is removed first, and beside an export another may wait. */
  #canExport({ id, snapshot: { activity, timelineLength } }: TrimSession): boolean {
    if (activity.kind === 'exporting') return timelineLength !== undefined;
    return activity.kind === 'idle' && (timelineLength !== undefined || this.#marks.complete(id).length > 0);
  }

  /** Sessions change many times a second while text streams; VS Code is told what is new. */
  #tell(key: string, value: boolean | readonly string[]): void {
    const text = JSON.stringify(value);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
