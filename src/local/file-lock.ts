import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isOrphan, markedName } from '../nemo/process-mark.js';

/** Ms between looks at a lock that another process holds. */
const LOOK = 10;
/** Ms; whoever holds one does so for the reading and writing of a small file. Older ones are of a process that ended. */
const STALE = 10_000;
/** Looks; after so many something else is wrong with the folder. */
const MOST_LOOKS = 3_000;
/** What the system says when the file is there; Windows also for a moment after it was deleted. */
const TAKEN = process.platform === 'win32' ? ['EEXIST', 'EPERM', 'EBUSY'] : ['EEXIST'];

/**
 * Does something that only one process at a time may do, and that takes a few milliseconds.
 *
 * @param lock absolute path of a file that stands for it
 * @throws the file system's errors, and what `work` throws
 */
export async function holding<Result>(lock: string, work: () => Promise<Result>): Promise<Result> {
  await take(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (let look = 1; ; look += 1) {
    try {
      return await create(lock);
    } catch (error) {
      if (!TAKEN.includes((error as NodeJS.ErrnoException).code ?? '') || look === MOST_LOOKS) throw error;
    }
    // Its holder was killed: nobody waits for that.
    const isLeft = isOrphan(await readFile(lock, 'utf8').catch(() => ''));
    const age = await stat(lock).then(
      ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
      () => 0,
    );
    if (isLeft || age > STALE) await rm(lock, { force: true });
    else await delay(LOOK * (0.5 + Math.random()));
  }
}

async function create(lock: string): Promise<void> {
  const file = await open(lock, 'wx');
  try {
    await file.writeFile(markedName());
  } catch (error) {
    // A full disk still takes an empty file, for which all others would wait.
    await rm(lock, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
