import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { shownName } from '../timeline/shown-name.js';
import type { Operations } from './operations.js';
import type { StateOfFile } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';

/** More than anybody keeps in a folder; each is looked at. */
const MOST_FILES = 2000;

/** Where the clip of a session lies: followed when VS Code renames it, found again where somebody else did. */
export class ClipPlace {
  readonly #state: SessionState;
  readonly #operations: Operations;
  readonly #persist: () => Promise<void>;

  constructor(state: SessionState, operations: Operations, persist: () => Promise<void>) {
    [this.#state, this.#operations, this.#persist] = [state, operations, persist];
  }

  /**
   * Goes on with the clip under another path, once what runs has ended.
   *
   * @param path absolute
   * @returns false where another file lies there than the one that the person saw
   */
  async follow(path: string): Promise<boolean> {
    const state = this.#state;
    await this.#operations.idle();
    const now = await state.stateOfFile(path);
    if (!state.clip || now === undefined || (state.seen !== undefined && sizeOf(now) !== sizeOf(state.seen))) {
      return false;
    }
    state.moveClip(path, now);
    await this.#persist();
    return true;
  }

  /** @throws SessionError `refused` with an offer, where the clip is missing and has another name now */
  async assertHere(): Promise<void> {
    await refuseRenamed(this.#state);
  }

  /** Says in the chat that the clip has another name now, where it is missing and was found; once. */
  async offer(): Promise<void> {
    const { chat, clip } = this.#state;
    const found = await findRenamed(this.#state);
    if (found === undefined || clip?.path !== this.#state.clip?.path || this.#operations.busy) return;
    const text = renamedWords(clip?.name ?? '', found);
    if (chat.entries.some((entry) => entry.text === text && entry.actions?.includes('use-renamed'))) return;
    chat.add({ kind: 'status', text, actions: ['use-renamed'] });
    await this.#persist();
  }

  /**
   * Takes the file that was offered.
   *
   * @returns whether the operation that missed it failed last, so that it is to be done again
   * @throws SessionError `nothing-to-do` where it is not there any more
   */
  async take(): Promise<boolean> {
    const { chat } = this.#state;
    const found = await findRenamed(this.#state);
    if (found === undefined || !(await this.follow(found))) {
      throw new SessionError('nothing-to-do', l10n.t('That file is not there any more.'));
    }
    const failed = chat.entries.findLast(({ kind }) => kind === 'error')?.actions?.includes('use-renamed') === true;
    for (const { id, actions } of chat.entries) if (actions?.includes('use-renamed')) chat.settle(id);
    return failed;
  }
}

/** @throws SessionError with an offer, where the clip is missing and lies beside its old place under another name */
export async function refuseRenamed(state: SessionState): Promise<void> {
  const { clip } = state;
  const found = await findRenamed(state);
  if (!clip || found === undefined) return;
  throw new SessionError('refused', renamedWords(clip.name, found), { actions: ['use-renamed'] });
}

function renamedWords(name: string, path: string): string {
  return l10n.t('{0} was renamed to {1}.', shownName(name), shownName(basename(path)));
}

/** The path of the clip's file in its folder, where it is not at its own any more. */
async function findRenamed({ clip, seen, stateOfFile }: SessionState): Promise<string | undefined> {
  if (!clip || seen === undefined || (await stateOfFile(clip.path)) !== undefined) return undefined;
  return await lookIn(dirname(clip.path), extname(clip.path).toLowerCase(), seen, stateOfFile);
}

async function lookIn(
  folder: string,
  ending: string,
  seen: string,
  stateOfFile: StateOfFile,
): Promise<string | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => extname(name).toLowerCase() === ending);
  const alike: string[] = [];
  for (const name of names.sort().slice(0, MOST_FILES)) {
    const path = join(folder, name);
    const now = await stateOfFile(path);
    if (now === seen) return path;
    // Some file systems give a file another number with its name.
    if (now !== undefined && sizeAndTime(now) === sizeAndTime(seen)) alike.push(path);
  }
  return alike.length === 1 ? alike[0] : undefined;
}

/** @param state of a file: its size, time and number */
function sizeAndTime(state: string): string {
  return state.split(' ').slice(0, 2).join(' ');
}

function sizeOf(state: string): string | undefined {
  return state.split(' ')[0];
}
