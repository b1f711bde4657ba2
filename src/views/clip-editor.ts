import * as vscode from 'vscode';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { MarkStore } from './marks.js';
import { isUntouched, renamedPath, type RenamedClips } from './renamed-clips.js';
import { EDITOR_ID, type TrimEditors } from './trim-editor.js';

/**
 * "Open With… Video Trimmer": a video as an editor of its own, which shows the session of that file. It reads only: what
 * is cut is written beside the file, never into it.
 */
export class ClipEditor implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  readonly #book: SessionBook;
  readonly #editors: TrimEditors;
  readonly #marks: MarkStore;
  readonly #clips: RenamedClips;
  readonly #disposables: vscode.Disposable[];
  /** Our tabs on files that are about to get another name. */
  #renamed: RenamedTab[] = [];

  constructor(book: SessionBook, editors: TrimEditors, marks: MarkStore, clips: RenamedClips) {
    this.#book = book;
    this.#clips = clips;
    this.#editors = editors;
    this.#marks = marks;
    this.#disposables = [
      vscode.window.registerCustomEditorProvider(EDITOR_ID, this, { supportsMultipleEditorsPerDocument: true }),
      vscode.workspace.onWillRenameFiles(({ files }) => {
        this.#renamed = files.flatMap(tabsIn);
      }),
      vscode.workspace.onDidRenameFiles(() => {
        for (const tab of this.#renamed.splice(0)) void openAgain(tab);
      }),
    ];
  }

  /** @throws Error with a sentence, which VS Code shows in place of the editor */
  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    if (uri.scheme !== 'file') {
      throw new Error(vscode.l10n.t('Only a video on this machine can be opened here. Save it to disk first.'));
    }
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { fsPath } = uri;
    // VS Code may open a file under its new name before it tells that there was a renaming.
    const session = this.#clips.sessionFor(fsPath) ?? this.#book.findByClip(fsPath) ?? this.#book.create(fsPath);
    this.#editors.fill(panel, session);
    panel.onDidDispose(() => this.#leave(session));
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Whoever only looked at a video has begun no session. */
  #leave(session: TrimSession): void {
    const marked = this.#marks.get(session.id).sections.length > 0;
    if (!marked && isUntouched(session) && !this.#editors.shows(session)) void this.#book.remove(session.id);
  }
}

interface RenamedTab {
  readonly uri: vscode.Uri;
  readonly viewColumn: vscode.ViewColumn;
  readonly isActive: boolean;
}

function tabsIn(file: { oldUri: vscode.Uri; newUri: vscode.Uri }): RenamedTab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn }) =>
    tabs.flatMap(({ input, isActive }) => {
      if (!(input instanceof vscode.TabInputCustom) || input.viewType !== EDITOR_ID) return [];
      const path = renamedPath(input.uri.fsPath, file);
      return path === undefined ? [] : [{ uri: vscode.Uri.file(path), viewColumn, isActive }];
    }),
  );
}

/** Under its new name VS Code shows the file in the editor that is the default for it: ours takes that one's place. */
async function openAgain({ uri, viewColumn, isActive }: RenamedTab): Promise<void> {
  if (!isActive) return;
  await vscode.commands.executeCommand('vscode.openWith', uri, EDITOR_ID, { viewColumn, preserveFocus: true });
  const others = vscode.window.tabGroups.all
    .filter((group) => group.viewColumn === viewColumn)
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => {
      const { uri: shown, viewType } = (input ?? {}) as { uri?: vscode.Uri; viewType?: string };
      return viewType !== EDITOR_ID && shown?.toString() === uri.toString();
    });
  await vscode.window.tabGroups.close(others, true);
}
