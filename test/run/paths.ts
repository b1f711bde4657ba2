// Where the runners find and put things. Everything below the cache folder may be deleted at any time.
import { mkdtemp, realpath } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The root of the repository. */
export const repository = resolve(import.meta.dirname, '../..');

/** What the test stages leave behind for a person: screenshots, logs, counts, packed extensions. */
export const testOutput = join(repository, 'test-output');

/** Per-user cache, outside the clone, so that a second clone does not pay again; `VIDEO_TRIMMER_CACHE` overrides it. */
export function cacheFolder(): string {
  const given = process.env['VIDEO_TRIMMER_CACHE'];
  if (given) return resolve(given);
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'video-trimmer-in-between');
}

/** A new folder under the system's temporary folder; the caller removes it. */
export async function freshFolder(purpose: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `video-trimmer-${purpose}-`)));
}
