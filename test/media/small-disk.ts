// A disk of a given size in memory, for tests of what happens when it is full or read-only.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  file(name: string): string;
  /** Leaves so many bytes free. @returns frees the rest again */
  fill(left: number): Promise<() => Promise<void>>;
  setReadOnly(readOnly: boolean): Promise<void>;
  close(): Promise<void>;
}

/** @returns undefined, with a line that says so, where this user may not mount one */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-disk-'));
  try {
    if (process.platform !== 'linux') throw new Error('only Linux has them');
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch {
    process.stderr.write('      skipped: no small disk can be mounted here (that takes Linux and root)\n');
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  return {
    folder,
    file: (name) => path.join(folder, name),
    fill: async (left) => {
      const { bavail, bsize } = await statfs(folder);
      const ballast = path.join(folder, '.ballast');
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
      return () => rm(ballast, { force: true });
    },
    setReadOnly: async (readOnly) => {
      await run('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder]);
    },
    close: async () => {
      await run('umount', ['-l', folder]);
      await mkdir(folder, { recursive: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
