import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import * as z from 'zod/mini';

/** In the global state and in that of each workspace: when everything was forgotten, ms since the epoch. */
export const FORGOTTEN = 'videoTrimmer.forgotten';
const SESSION = 'videoTrimmer.session.';
const INDEX = 'videoTrimmer.sessions';

const time = z.catch(z.number(), 0);
const session = z.catch(z.looseObject({ createdAt: z.number() }), { createdAt: 0 });

/**
 * One window cannot reach what is stored for other folders. So it leaves word when it forgets everything, and each
 * workspace follows when it is opened next, before anything of it is read. What was made since then stays.
 *
 * @returns whether there was something to follow
 */
export function followForgetting({
  globalState,
  workspaceState,
  storageUri,
}: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState' | 'storageUri'>): boolean {
  const asked = time.parse(globalState.get(FORGOTTEN));
  if (asked <= time.parse(workspaceState.get(FORGOTTEN))) return false;
  const keys = workspaceState.keys();
  const since = keys
    .filter((key) => key.startsWith(SESSION) && session.parse(workspaceState.get(key)).createdAt > asked)
    .map((key) => key.slice(SESSION.length));
  for (const key of keys) {
    if (!since.some((id) => key.endsWith(`.${id}`))) void workspaceState.update(key, undefined);
  }
  if (since.length > 0) void workspaceState.update(INDEX, since);
  void workspaceState.update(FORGOTTEN, asked);
  if (storageUri) {
    if (since.length === 0) rmSync(storageUri.fsPath, { recursive: true, force: true });
    else removeOlder(storageUri.fsPath, asked);
  }
  return true;
}

function removeOlder(folder: string, limit: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOlder(path, limit);
    else if (statSync(path).mtimeMs <= limit) rmSync(path, { force: true });
  }
}
