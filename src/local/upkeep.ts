import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isOrphan } from '../nemo/process-mark.js';
import { SessionStore } from './session-store.js';

/** Ms; of sessions that the person did not delete. Their next use makes them anew, with the cuts of before. */
const KEEP_SESSION = 90 * 24 * 60 * 60_000;
/** Ms since its last byte was written: a window beside this one may be receiving it. */
const KEEP_UNCLAIMED = 60 * 60_000;

export interface KeptFolders {
  /** One file a session, see {@link SessionStore}. */
  readonly sessions: string;
  /** A folder a session, of the files received for it. */
  readonly uploads: string;
  /** A folder a process, of the files rendered by it. */
  readonly renders: string;
}

/** @param dataFolder of the engine */
export function keptFolders(dataFolder: string): KeptFolders {
  return {
    sessions: join(dataFolder, 'sessions'),
    uploads: join(dataFolder, 'uploads'),
    renders: join(dataFolder, 'renders'),
  };
}

/**
 * Deletes what processes that were killed have left half done: rendered files, received files that no session names,
 * session files on their way. Windows beside this one keep theirs. Done when a window opens, whether or not it is going
 * to use the engine.
 */
export async function clearAfterCrash(folders: KeptFolders, log: (line: string) => void): Promise<void> {
  const { sessions, uploads, renders } = folders;
  const store = new SessionStore(sessions, log);
  const orphans = async (folder: string): Promise<string[]> => (await list(folder)).filter((name) => isOrphan(name));
  const gone = (await orphans(renders)).map((name) => join(renders, name));
  for (const name of await list(sessions)) {
    const path = join(sessions, name);
    // `<session>.json.<mark>.tmp`, and locks, which hold the mark.
    const mark = name.endsWith('.lock')
      ? await readFile(path, 'utf8').catch(() => '')
      : name.replace(/^\d+\.json\./, '');
    if (/\.(?:tmp|lock)$/.test(name) && isOrphan(mark)) gone.push(path);
  }
  for (const sessionId of await list(uploads)) {
    const folder = join(uploads, sessionId);
    const names = await orphans(folder);
    const claimed = names.length > 0 ? await claimedNames(store, sessionId) : undefined;
    if (claimed) gone.push(...names.filter((name) => !claimed.has(name)).map((name) => join(folder, name)));
  }
  for (const path of gone) {
    // The worker of a host that was killed may still be ending.
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
  if (gone.length > 0) log(`local: ${gone.length} files of a window that did not close in order were deleted`);
}

/**
 * At a start, clears away what nobody needs any more: sessions that were not edited for 90 days, and received files
 * that no session names, as after a crash. A session that the person deletes goes at once with all it has (routes.ts);
 * rendered files have a shorter life (render-queue.ts). Whatever cannot be deleted stays for the next start.
 *
 * @param now milliseconds since the epoch
 */
export async function clearUnused(
  folders: Omit<KeptFolders, 'renders'>,
  store: SessionStore,
  now: number,
): Promise<void> {
  for (const name of await list(folders.sessions)) {
    // `.tmp`: half written when its process ended.
    const limit = name.endsWith('.tmp') ? KEEP_UNCLAIMED : KEEP_SESSION;
    await removeOlder(join(folders.sessions, name), now - limit);
  }
  for (const sessionId of await list(folders.uploads)) {
    const folder = join(folders.uploads, sessionId);
    const claimed = await claimedNames(store, sessionId);
    if (!claimed) continue;
    for (const name of await list(folder)) {
      if (!claimed.has(name)) await removeOlder(join(folder, name), now - KEEP_UNCLAIMED);
    }
    // Only when it is empty.
    if (claimed.size === 0) await rmdir(folder).catch(() => undefined);
  }
}

/**
 * Names of the received files that the session's clips are; they are unique, so the folder may have moved. Undefined
 * for a session that only a later release can read.
 */
async function claimedNames(store: SessionStore, sessionId: string): Promise<Set<string> | undefined> {
  if (await store.isOfLaterRelease(sessionId).catch(() => false)) return undefined;
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
