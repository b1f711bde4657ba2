import { randomBytes } from 'node:crypto';
import { access, constants, link, lstat, open, rm, stat, statfs, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { replaceFile } from '../nemo/replace-file.js';
import { aboutSize } from '../timeline/about-size.js';
import { temporaryName } from './output-name.js';
import { SessionError } from './session-error.js';

/**
 * Gives a finished temporary file its name. Never overwrites, also when another program writes the same name at the
 * same moment: the name is taken by a hard link, or by creating it exclusively where there are no hard links.
 *
 * @param temporary in the folder of the candidates
 * @param candidates names to try, best first
 * @param claim told, and stored, before a name is held by an empty file
 * @returns the name that was free
 * @throws SessionError `exists` when every candidate is taken, `file` when the folder refuses
 */
export async function publish(
  temporary: string,
  candidates: Iterable<string>,
  claim: (name: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  let last = temporary;
  for (const candidate of candidates) {
    last = candidate;
    try {
      if (await takeName(temporary, candidate, claim)) return candidate;
    } catch (error) {
      throw fileProblem(error, candidate);
    }
  }
  throw alreadyThere(last);
}

/**
 * Writes a small file whole, and gives it its name as {@link publish} does. On disk before it has the name, as a result.
 *
 * @param near path of the best of the candidates
 * @throws SessionError as `publish` does; what the file system throws where the content cannot be written. Nothing is left
 */
export async function publishContent(
  content: string | Uint8Array,
  near: string,
  candidates: Iterable<string>,
): Promise<string> {
  const temporary = temporaryName(near, randomBytes(6).toString('hex'));
  try {
    await writeFile(temporary, content, { flag: 'wx', flush: true });
    return await publish(temporary, candidates);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Of kind `exists`. @param output path; the person is told its name alone */
export function alreadyThere(output: string): SessionError {
  const message = l10n.t(
    '{0} is there already and was left as it is. Choose another name for the result.',
    basename(output),
  );
  return new SessionError('exists', message);
}

async function takeName(temporary: string, name: string, claim: (name: string) => Promise<void>): Promise<boolean> {
  try {
    await link(temporary, name);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // FAT, exFAT, some network and container file systems have no hard links, and each says so in another way: Windows,
    // for one, calls it EISDIR (nodejs/node#65817). Where something else is wrong, the other way meets it too.
    await claim(name);
    return await takeNameWithoutLink(temporary, name);
  }
  await unlink(temporary);
  return true;
}

/** The name is created empty and exclusively, so it is ours, and then replaced by the file in one step. */
async function takeNameWithoutLink(temporary: string, name: string): Promise<boolean> {
  try {
    await (await open(name, 'wx')).close();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await replaceFile(temporary, name);
    return true;
  } catch (error) {
    await rm(name, { force: true });
    throw error;
  }
}

/** Says before a long render that the folder cannot take the result. @throws SessionError `file` or `exists` */
export async function checkFolder(output: string, chosen: boolean): Promise<void> {
  try {
    const folder = dirname(output);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(folder), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw fileProblem(error, output);
  }
  if (!chosen) return;
  try {
    await lstat(output);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw fileProblem(error, output);
  }
  throw alreadyThere(output);
}

/** @throws SessionError `file` when so many bytes do not fit into the folder of the result */
export async function checkRoom(output: string, bytes: number): Promise<void> {
  const free = await roomBeside(output);
  if (free !== undefined && free < bytes) throw noRoom(output, bytes, free);
}

async function roomBeside(output: string): Promise<number | undefined> {
  try {
    const { bavail, bsize, blocks } = await statfs(dirname(output));
    // Some network and virtual file systems count nothing at all.
    return blocks > 0 ? bavail * bsize : undefined;
  } catch {
    return undefined;
  }
}

function noRoom(output: string, bytes: number, free: number, cause?: unknown): SessionError {
  const folder = basename(dirname(output)) || dirname(output);
  const message = l10n.t(
    'There is not enough free space in the folder "{0}": the result takes about {1}, and {2} are free. Free some and export again.',
    folder,
    aboutSize(bytes),
    aboutSize(free),
  );
  return new SessionError('file', message, { actions: ['retry'], cause });
}

/** The disk filled up while the result was received. @param bytes that it takes, where that is known */
export async function diskFull(output: string, bytes: number | undefined, cause: unknown): Promise<SessionError> {
  const free = await roomBeside(output);
  if (bytes === undefined || free === undefined || free >= bytes) {
    return fileProblem(Object.assign(new Error('full'), { code: 'ENOSPC', cause }), output);
  }
  return noRoom(output, bytes, free, cause);
}

/** What the file system said, in words. */
export function fileProblem(error: unknown, output: string): SessionError {
  const folder = basename(dirname(output)) || dirname(output);
  const message = {
    ENOSPC: l10n.t(
      'There is not enough free space in the folder "{0}" for the result. Free some and export again.',
      folder,
    ),
    EDQUOT: l10n.t('Your quota in the folder "{0}" is used up. Free some space and export again.', folder),
    EACCES: l10n.t('The folder "{0}" cannot be written to. Choose another place for the result.', folder),
    EPERM: l10n.t('The folder "{0}" cannot be written to. Choose another place for the result.', folder),
    EROFS: l10n.t('The folder "{0}" is read-only. Choose another place for the result.', folder),
    ENOENT: l10n.t('The folder "{0}" is not there. Choose another place for the result.', folder),
    ENOTDIR: l10n.t('"{0}" is not a folder. Choose another place for the result.', folder),
    ENAMETOOLONG: l10n.t('The name of the result is too long. Choose a shorter one.'),
  }[codeOf(error) ?? ''];
  return new SessionError('file', message ?? l10n.t('The result could not be written to the folder "{0}".', folder), {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
