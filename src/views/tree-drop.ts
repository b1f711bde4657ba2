import type * as vscode from 'vscode';
import type { TrimSession } from '../session/trim-session.js';
import type { SessionNode } from './session-tree.js';

/** VS Code's own type for files dragged within its window, and that for files of the system. */
const ADDRESSES = 'text/uri-list';
const FILES = 'files';

/** Takes videos that are dropped on the tree of sessions. Nothing can be dragged out of it. */
export class TreeDrop implements vscode.TreeDragAndDropController<SessionNode> {
  readonly dropMimeTypes = [ADDRESSES, FILES];
  readonly dragMimeTypes = [];
  readonly #take: (session: TrimSession | undefined, uris: readonly string[]) => Promise<void>;

  /** @param take is given addresses as VS Code wrote them, to be checked, and says itself what went wrong */
  constructor(take: (session: TrimSession | undefined, uris: readonly string[]) => Promise<void>) {
    this.#take = take;
  }

  async handleDrop(target: SessionNode | undefined, data: vscode.DataTransfer): Promise<void> {
    const text = (await data.get(ADDRESSES)?.asString()) ?? '';
    const named = text.split(/\r?\n/u).filter((line) => line !== '' && !line.startsWith('#'));
    const files: string[] = [];
    // Of a file that the system dropped on a browser's window there is no path.
    data.forEach((item) => files.push(...(item.asFile()?.uri ? [String(item.asFile()?.uri)] : [])));
    await this.#take(target?.session, [...new Set([...named, ...files])]);
  }
}
