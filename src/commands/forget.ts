import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { SessionError } from '../session/session-error.js';
import type { StateJournal } from '../session/state-journal.js';
import type { CommandDeps } from './deps.js';
import type { EngineRoom } from './engine-room.js';
import { FORGOTTEN } from './forgotten.js';

/** Where everything is that we keep. */
export interface Kept {
  readonly context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState' | 'storageUri' | 'globalStorageUri'>;
  readonly state: StateJournal;
  readonly engines: EngineRoom;
}

/** Forget Everything: ends what runs, then deletes all that we have stored, but for the log. */
export async function forgetEverything(deps: CommandDeps): Promise<void> {
  const yes = vscode.l10n.t('Forget Everything');
  const question = vscode.l10n.t('Forget everything that Video Trimmer has stored?');
  const detail = [
    vscode.l10n.t(
      'What is running is stopped. Deleted are: {0} sessions of this folder with their chats, cuts and marks, what the engine on this machine keeps of them, waveforms and pictures, learned speeds, the launcher for MCP clients, and the API token. Sessions of other folders are deleted when those are opened next.',
      deps.book.sessions.length,
    ),
    vscode.l10n.t(
      'What stays: your videos, what you exported, your settings, the log, and what was sent to the NemoVideo cloud.',
    ),
  ].join('\n\n');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  await stopEverything(deps);
  const left = await deleteEverything(deps);
  if (left) {
    const message = vscode.l10n.t(
      'Some files are in use by another window and could not be deleted. Close the other windows, then try again.',
    );
    throw new SessionError('file', message, { cause: left });
  }
  void vscode.window.showInformationMessage(vscode.l10n.t('Everything is forgotten. Your videos are as they were.'));
}

async function stopEverything({ book, exports, editors, media, kept }: CommandDeps): Promise<void> {
  for (const { id } of exports.waiting) exports.cancel(id);
  editors.closeAll();
  await book.clear();
  await kept.engines.close();
  // Whoever draws a clip begins anew with a worker of its own.
  await media.close();
}

/** @returns why something is left */
async function deleteEverything({ accountTokens, kept, marks, sample }: CommandDeps): Promise<unknown> {
  const { context, state } = kept;
  const { globalState, workspaceState, storageUri, globalStorageUri } = context;
  await (await accountTokens()).signOut();
  marks.clear();
  await state.clear();
  // All at once: each update that is waited for writes the whole store.
  const stores = [workspaceState, globalState];
  await Promise.all(stores.flatMap((store) => store.keys().map((key) => store.update(key, undefined))));
  const now = Date.now();
  await globalState.update(FORGOTTEN, now);
  await workspaceState.update(FORGOTTEN, now);
  const results = await readdir(sample.folder).catch(() => []);
  const gone = results.length > 1 ? await allBut(sample.folder, globalStorageUri.fsPath) : [globalStorageUri.fsPath];
  let left: unknown;
  for (const path of [
    ...(storageUri ? [storageUri.fsPath] : []),
    join(sample.folder, basename(sample.shipped)),
    ...gone,
  ]) {
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      left = error;
    });
  }
  return left;
}

/** Results of the sample clip lie beside its copy, and are the person's. */
async function allBut(kept: string, folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((path) => path !== kept);
}
