import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SessionStore } from './session-store.js';

/** Ms; of sessions that the person did not delete. Their next use makes them anew, with the cuts of before. */
const KEEP_SESSION = 90 * 24 * 60 * 60_000;
/** Ms since its last byte was written: a window beside this one may be receiving it. */
const KEEP_UNCLAIMED = 60 * 60_000;

export interface KeptFolders {
  /** One file a session, see {@link SessionStore}. */
  readonly sessions: string;
  /** A folder a session, of the files received for it. */
  readonly uploads: string;
}

/**
 * At a start, clears away what nobody needs any more: sessions that were not edited for 90 days, and received files
 * that no session names, as after a crash. A session that the person deletes goes at once with all it has (routes.ts);
 * rendered files have a shorter life (render-queue.ts). Whatever cannot be deleted stays for the next start.
 *
 * @param now milliseconds since the epoch
 */
export async function clearUnused(folders: KeptFolders, store: SessionStore, now: number): Promise<void> {
  for (const name of await list(folders.sessions)) {
    // `.tmp`: half written when its process ended.
    const limit = name.endsWith('.tmp') ? KEEP_UNCLAIMED : KEEP_SESSION;
    await removeOlder(join(folders.sessions, name), now - limit);
  }
  for (const sessionId of await list(folders.uploads)) {
    const folder = join(folders.uploads, sessionId);
    const claimed = await claimedNames(store, sessionId);
    for (const name of await list(folder)) {
      if (!claimed.has(name)) await removeOlder(join(folder, name), now - KEEP_UNCLAIMED);
    }
    // Only when it is empty.
    if (claimed.size === 0) await rmdir(folder).catch(() => undefined);
  }
}

/** Names of the received files that the session's clips are; they are unique, so the folder may have moved. */
async function claimedNames(store: SessionStore, sessionId: string): Promise<Set<string>> {
  const record = await store.load(sessionId).catch(() => undefined);
  return new Set(record?.clips.map(({ identity }) => basename(identity.path)));
}

async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function removeOlder(path: string, limit: number): Promise<void> {
  try {
    if ((await stat(path)).mtimeMs < limit) await rm(path, { force: true });
  } catch {
    // Another window was faster, or the file is in use.
  }
}
