import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import type { FileBytes } from '../isobmff/stripes.js';
import { writeError } from './output-file.js';

/** Bytes kept in memory until there are so many of them: what is encoded at a few joins. */
const HELD = 16 * 2 ** 20;

/**
 * Bytes that wait until they can be written to their place. Those of many joins wait on disk, beside the new file, where
 * there has to be room for them anyway: in a file that loses its name at once, so that nothing of it is ever left.
 */
export class Scratch implements AsyncDisposable {
  readonly #output: string;
  readonly #file: number;
  #handle: FileHandle | undefined;
  #held = 0;
  #written = 0;

  /**
   * @param output absolute path of the file that the bytes are for
   * @param file what {@link FileBytes} are to call this file
   */
  constructor(output: string, file: number) {
    this.#output = output;
    this.#file = file;
  }

  /** The file, if there is one by now. */
  get handle(): FileHandle | undefined {
    return this.#handle;
  }

  /** @returns the bytes, or where they are now. @throws MediaError `no-space`, `not-writable`; the file system's errors */
  async put(data: Uint8Array): Promise<Uint8Array | FileBytes> {
    if (this.#held + data.length <= HELD) {
      this.#held += data.length;
      return data;
    }
    const offset = this.#written;
    try {
      this.#handle ??= await createNameless(path.dirname(this.#output));
      for (let done = 0; done < data.length;) {
        done += (await this.#handle.write(data, done, data.length - done, offset + done)).bytesWritten;
      }
    } catch (error) {
      throw writeError(error, this.#output);
    }
    this.#written += data.length;
    return { file: this.#file, offset, length: data.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

/** A file that is gone as soon as it is closed, however that comes about. */
async function createNameless(folder: string): Promise<FileHandle> {
  const name = path.join(folder, `.${randomUUID()}.joins`);
  const handle = await open(name, 'wx+', 0o600);
  try {
    await rm(name);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return handle;
}
