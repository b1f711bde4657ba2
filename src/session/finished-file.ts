import { rm, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { replaceFile } from '../nemo/replace-file.js';
import type { Microseconds } from '../timeline/timecode.js';
import { outputCandidates } from './output-name.js';
import { publish } from './publish.js';

/** A received file that was found whole, and has only to be given its name. Stored before that is done. */
export interface FinishedFile {
  /** The best name for it; others follow from it, unless it was chosen by the person. */
  readonly output: string;
  readonly chosen: boolean;
  /** Made empty to hold the name, where there are no hard links. */
  readonly claimed?: string | undefined;
  readonly inode: string;
  readonly size: number;
  readonly duration: Microseconds;
}

/** @param file the temporary one */
export async function finishedFile(
  file: string,
  facts: Pick<FinishedFile, 'output' | 'chosen' | 'duration'>,
): Promise<FinishedFile> {
  const { ino, size } = await stat(file, { bigint: true });
  return { ...facts, inode: String(ino), size: Number(size) };
}

/** @param claim stores the name that is going to be held, where there are no hard links */
export async function giveName(
  temporary: string,
  { output, chosen }: Pick<FinishedFile, 'output' | 'chosen'>,
  claim: (name: string) => Promise<void>,
): Promise<string> {
  return await publish(temporary, namesOf(output, chosen), claim);
}

/**
 * After a crash: the name that the file got, or gets now.
 *
 * @returns undefined when there is no such file any more; what was to become it is cleared away then
 */
export async function takeUpFinished(
  temporary: string,
  file: FinishedFile,
  claim: (name: string) => Promise<void>,
): Promise<string | undefined> {
  const { output, chosen, claimed } = file;
  const isHere = await isFile(temporary, file);
  const isHeld = claimed !== undefined && (await sizeOf(claimed)) === 0;
  if (isHere && isHeld) {
    await replaceFile(temporary, claimed);
    return claimed;
  }
  for (const name of namesOf(output, chosen)) {
    if ((await sizeOf(name)) === undefined) break;
    if (!(await isFile(name, file))) continue;
    // Its other name, when the crash came between the two.
    await rm(temporary, { force: true });
    return name;
  }
  if (isHere) return await giveName(temporary, file, claim);
  if (isHeld) await rm(claimed, { force: true });
  return undefined;
}

function namesOf(output: string, chosen: boolean): Iterable<string> {
  const ending = extname(output);
  return chosen ? [output] : outputCandidates(output, ending.slice(1), dirname(output), basename(output, ending));
}

async function isFile(path: string, { inode, size }: FinishedFile): Promise<boolean> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found !== undefined && String(found.ino) === inode && Number(found.size) === size;
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.size;
}
