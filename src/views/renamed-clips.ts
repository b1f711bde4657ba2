import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { ClipMedia } from './clip-media.js';
import type { MarkStore } from './marks.js';

interface Renaming {
  readonly oldUri: vscode.Uri;
  readonly newUri: vscode.Uri;
}

/** Sessions follow their clips when VS Code renames or moves them, or a folder that they lie in. */
export class RenamedClips implements vscode.Disposable {
  readonly #book: SessionBook;
  readonly #marks: MarkStore;
  readonly #disposables: vscode.Disposable[];
  /** What VS Code is about to rename. */
  #underWay: readonly Renaming[] = [];

  constructor(book: SessionBook, marks: MarkStore, clips: ClipMedia) {
    this.#book = book;
    this.#marks = marks;
    this.#disposables = [
      vscode.workspace.onWillRenameFiles(({ files }) => {
        this.#underWay = files;
      }),
      vscode.workspace.onDidRenameFiles(({ files }) => {
        this.#underWay = [];
        for (const file of files) this.#follow(file);
      }),
      new vscode.Disposable(clips.onDidChange((path) => clips.get(path).version === 'missing' && this.#missed(path))),
    ];
  }

  /** The session whose clip VS Code is about to give this path. */
  sessionFor(path: string): TrimSession | undefined {
    return this.#book.sessions.find(({ snapshot: { clip } }) =>
      this.#underWay.some((file) => clip !== undefined && renamedPath(clip.path, file) === path),
    );
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** What was marked, said and cut goes along. */
  #follow(file: Renaming): void {
    for (const session of this.#book.sessions) {
      const { clip } = session.snapshot;
      const path = clip && renamedPath(clip.path, file);
      if (path === undefined) continue;
      const opened = this.#book.findByClip(path);
      if (opened && isUntouched(opened) && !clip?.uploaded && !session.busy) this.#handOver(session, opened);
      else void session.place.follow(path);
    }
  }

  /** VS Code may have opened the file under its new name before it tells that there was a renaming. */
  #handOver(old: TrimSession, opened: TrimSession): void {
    const { revision } = this.#marks.get(opened.id);
    this.#marks.set(opened.id, { sections: this.#marks.get(old.id).sections, revision });
    this.#marks.forget(old.id);
    if (isUntouched(old)) void this.#book.remove(old.id);
  }

  /** Somebody else may have renamed it. */
  #missed(path: string): void {
    const isExpected = this.#underWay.some((file) => renamedPath(path, file) !== undefined);
    if (!isExpected) void this.#book.findByClip(path)?.place.offer();
  }
}

/** Nothing was said, sent or cut in it. */
export function isUntouched(session: TrimSession): boolean {
  const { chat, clip, engine } = session.snapshot;
  return chat.length === 0 && engine === undefined && clip?.uploaded !== true && !session.busy;
}

/** Where a file lies once it, or a folder it lies in, has another name; undefined where it stays. */
export function renamedPath(path: string, { oldUri, newUri }: Renaming): string | undefined {
  const [from, to] = [oldUri.fsPath, newUri.fsPath];
  return path === from || path.startsWith(from + sep) ? to + path.slice(from.length) : undefined;
}
