import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isOrphan } from '../../src/nemo/process-mark.js';
import type { SessionReport } from './kill-orders.js';

const run = promisify(execFile);

export async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Frames that a player shows. @throws when the file does not decode whole */
export async function playedFrames(path: string): Promise<number> {
  const counting = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout, stderr } = await run('ffprobe', ['-v', 'error', ...counting, '-of', 'csv=p=0', path]);
  assert.equal(stderr, '', `${basename(path)} does not decode whole`);
  return Number(stdout.trim());
}

/** Files under a folder, as paths within it. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What a person reads who opens the window again: something that says what happened and what to do. */
const WHAT_TO_DO =
  /\btry again\b|\bexport again\b|\bsend the file again\b|\bstarts again\b|\bis made\b|\bcarried out\b|\barrived while\b|\bNot done when the window closed\b|\bis not: |\bOnce more\b|\bBegin anew\b/iu;

/** The entries that say what became of the job; those of the work itself included. */
export function endOfJob(session: SessionReport): string | undefined {
  return session.chat
    .filter(({ kind, text }) => kind === 'export' || kind === 'error' || WHAT_TO_DO.test(text))
    .map(({ kind, text }) => `${kind}: ${text}`)
    .at(-1);
}

export function chatOf(session: SessionReport | undefined): string {
  return (session?.chat ?? []).map(({ kind, text }) => `  ${kind}: ${text}`).join('\n');
}

/** What the engine has left on the disk and nobody will come for. @param folder its data folder */
export async function leftByEngine(folder: string): Promise<string[]> {
  const files = await filesIn(folder);
  const claimed = new Set<string>();
  for (const name of files.filter((file) => /^sessions\/\d+\.json$/.test(file))) {
    const { clips } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
      clips: { identity: { path: string } }[];
    };
    for (const { identity } of clips) claimed.add(basename(identity.path));
  }
  return files.filter((file) => {
    if (file.startsWith('sessions/')) return !file.endsWith('.json');
    // Those of an engine that runs are its own to delete.
    if (file.startsWith('renders/')) return isOrphan(file.slice('renders/'.length));
    return !claimed.has(basename(file));
  });
}
