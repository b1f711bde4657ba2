import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { shownName } from '../../timeline/shown-name.js';
import { MediaError } from '../media.js';
import { native, NativeError } from '../native.js';
import { noRoom } from './room.js';

/** A file that is created new, never over another, and removed unless {@link keep} is called. */
export class OutputFile implements AsyncDisposable {
  readonly #path: string;
  #kept = false;

  private constructor(file: string) {
    this.#path = file;
  }

  /**
   * @param onCreated called as soon as the file exists and is ours to remove
   * @throws MediaError `exists`, `not-writable`, `no-space`
   */
  static async create(file: string, onCreated: () => void): Promise<OutputFile> {
    try {
      await (await open(file, 'wx')).close();
    } catch (error) {
      throw writeError(error, file);
    }
    onCreated();
    return new OutputFile(file);
  }

  /** The file is good: it stays. */
  keep(): void {
    this.#kept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#kept) await rm(this.#path, { force: true });
  }
}

/** What went wrong with writing, in words; errors that are no trouble with the file stay as they are. */
export function writeError(error: unknown, file: string): unknown {
  const { av } = native();
  const folder = shownName(path.basename(path.dirname(file)) || path.dirname(file));
  const failed = (code: string): boolean =>
    error instanceof NativeError
      ? code in av.PosixError && error.code === av.FFmpegError.AVERROR(code as import('node-av/lib').PosixError)
      : (error as NodeJS.ErrnoException).code === code;
  const cause = { cause: error };
  if (failed('ENOSPC') || failed('EDQUOT') || (error instanceof NativeError && error.code === -122)) {
    return noRoom(undefined, undefined, error);
  }
  if (failed('EEXIST')) {
    return new MediaError(
      'exists',
      l10n.t('{0} exists already. Nothing was written over it.', shownName(path.basename(file))),
      cause,
    );
  }
  if (failed('EACCES') || failed('EPERM') || failed('EROFS') || (error instanceof NativeError && error.code === -30)) {
    const message = l10n.t('The folder "{0}" cannot be written to. Choose another folder.', folder);
    return new MediaError('not-writable', message, cause);
  }
  if (failed('ENOENT') || failed('ENOTDIR')) {
    return new MediaError(
      'not-writable',
      l10n.t('The folder "{0}" does not exist. Choose another folder.', folder),
      cause,
    );
  }
  if (failed('ENAMETOOLONG')) {
    return new MediaError('not-writable', l10n.t('The name of the new file is too long. Choose a shorter one.'), cause);
  }
  return error;
}
