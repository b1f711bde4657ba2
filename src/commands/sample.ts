import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TrimCommands } from './trim.js';

/** Where the sample clip comes with the extension, and where the person's copy of it goes: results lie beside that. */
export interface SamplePlaces {
  readonly shipped: string;
  readonly folder: string;
}

/** Open Sample Video: something to try on, with nothing of the person's own at stake. Opened again, it is the same copy. */
export async function openSample(trim: TrimCommands, { shipped, folder }: SamplePlaces): Promise<void> {
  const copy = join(folder, basename(shipped));
  await mkdir(folder, { recursive: true });
  await copyFile(shipped, copy, constants.COPYFILE_EXCL).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  trim.openClip(copy);
}
