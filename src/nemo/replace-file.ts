import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What Windows says as long as any program has one of the two files open: a window beside this one that reads it, a virus
 * scanner that looks at what was just written.
 */
const IN_USE = ['EPERM', 'EACCES', 'EBUSY'];
/** Ms between tries. */
const WAIT = 20;
/** Tries; together two seconds. */
const MOST_TRIES = 100;

/**
 * Puts a finished file in the place of another, in one step.
 *
 * @param platform where the files are
 * @throws the file system's errors
 */
export async function replaceFile(
  finished: string,
  place: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await rename(finished, place);
    } catch (error) {
      const inUse = platform === 'win32' && IN_USE.includes((error as NodeJS.ErrnoException).code ?? '');
      if (!inUse || tries === MOST_TRIES) throw error;
      await delay(WAIT);
    }
  }
}
