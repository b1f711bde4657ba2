import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, basename, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ToolRefusal } from './agent-tool.js';

/** Where agents may read and write. */
export interface Boundary {
  /** Lists of absolute folders: a file must lie in one of each. None: wherever the person may. Asked for each time. */
  folders(): Promise<readonly (readonly string[])[]>;
  /** Whether the person sees this file before them: then an agent may read it, wherever it lies. */
  isShown?(path: string): boolean;
}

/** The files that agents may name. */
export class AllowedFiles {
  readonly #boundary: Boundary;

  constructor(boundary: Boundary) {
    this.#boundary = boundary;
  }

  /** @returns the absolute path of a clip to read. @throws ToolRefusal */
  async source(given: string): Promise<string> {
    const path = await this.#absolute(given, 'path');
    if (this.#boundary.isShown?.(path) === true) return path;
    await this.#admit(path, path);
    return path;
  }

  /** @returns the absolute path of a file to write. Beside the source is where every export goes. @throws ToolRefusal */
  async target(given: string, source: string): Promise<string> {
    const path = await this.#absolute(given, 'output');
    // Of a file that is not there yet, its folder says where it would be.
    if (dirname(path) !== dirname(source)) await this.#admit(dirname(path), path);
    return path;
  }

  async #admit(place: string, path: string): Promise<void> {
    for (const folders of await this.#boundary.folders()) {
      if (!(await isInside(place, folders))) throw outside(path, folders);
    }
  }

  async #absolute(given: string, field: string): Promise<string> {
    if (given.includes('\0')) throw new ToolRefusal(`"${field}" has a character that no file name has.`);
    const path = fromUri(given);
    if (isAbsolute(path)) return resolve(path);
    const [folders] = await this.#boundary.folders();
    const example = resolve(folders?.[0] ?? sep, basename(path));
    throw new ToolRefusal(
      `"${field}" must be an absolute path, such as ${example}; "${given.slice(0, 200)}" is relative, and it is not known to which folder.`,
    );
  }
}

function outside(path: string, folders: readonly string[]): ToolRefusal {
  const where = folders.length > 0 ? `only files in ${folders.join(', ')}` : 'no files, because no folder is open';
  return new ToolRefusal(`${path} lies outside what may be opened from here: ${where}. Nothing was read or written.`);
}

function fromUri(given: string): string {
  if (!/^file:\/\//iu.test(given)) return given;
  try {
    return fileURLToPath(given);
  } catch {
    throw new ToolRefusal(`"${given.slice(0, 200)}" is not the address of a file on this machine.`);
  }
}

async function isInside(path: string, folders: readonly string[]): Promise<boolean> {
  const real = await realOf(path);
  for (const folder of folders) {
    const inner = relative(await realOf(folder), real);
    if (inner === '' || !(inner === '..' || inner.startsWith(`..${sep}`) || isAbsolute(inner))) return true;
  }
  return false;
}

/** Where a path leads, through all links; of what is not there, where it would be. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realOf(parent), basename(path));
  }
}
