import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { isOrphan, markedName } from '../nemo/process-mark.js';
import { replaceFile } from '../nemo/replace-file.js';
import type { KeyValueStore } from './ports.js';

const written = z.object({ key: z.string(), value: z.optional(z.unknown()), time: z.number() });

/** In the store: when each of its values was written, so that an older one is never put in place of it. */
const TIMES = 'videoTrimmer.written';
/** More keys than there are sessions. */
const MOST_TIMES = 200;

/**
 * A store that forgets nothing. VS Code writes its own to the disk a while after an update, so a crash of the whole
 * editor or of the machine takes the last writes along, and with them the word of a message that was sent. Here each
 * update is on the disk before it counts as done: in a folder of this process, one file a key. The next process hands
 * over to the store what that has missed.
 */
export class StateJournal implements KeyValueStore {
  readonly #store: KeyValueStore;
  readonly #parent: string;
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #files = new Map<string, string>();
  #times: Readonly<Record<string, number>>;
  #writing: Promise<void> = Promise.resolve();

  /**
   * Reads what killed processes have left: before anybody asks for it, so it waits for the disk.
   *
   * @param parent absolute path of a folder of our own
   */
  constructor(store: KeyValueStore, parent: string, log: (line: string) => void) {
    this.#store = store;
    this.#parent = parent;
    this.#folder = join(parent, markedName());
    this.#log = log;
    this.#times = z.record(z.string(), z.number()).safeParse(store.get(TIMES)).data ?? {};
    try {
      this.#takeOver(parent);
    } catch (error) {
      log(`journal: could not be read (${codeOf(error)})`);
    }
  }

  get(key: string): unknown {
    return this.#store.get(key);
  }

  async update(key: string, value: unknown): Promise<void> {
    const file = this.#fileOf(key);
    // Rising also where the clock is set back.
    const time = Math.max(Date.now(), (this.#times[key] ?? 0) + 1);
    this.#note(key, time);
    const text = JSON.stringify({ key, value, time });
    // Of two updates of one key, the later one is what stays.
    const write = this.#writing.then(() => this.#write(file, text));
    this.#writing = write.catch((error: unknown) => this.#log(`journal: could not be written (${codeOf(error)})`));
    await this.#writing;
    await this.#store.update(key, value);
    await this.#store.update(TIMES, this.#times);
  }

  /** Forgets what it wrote, and what other windows of the same store did. The store's values are the caller's. */
  async clear(): Promise<void> {
    await this.#writing;
    this.#times = {};
    this.#files.clear();
    await rm(this.#parent, { recursive: true, force: true });
  }

  #note(key: string, time: number): void {
    const times = Object.entries({ ...this.#times, [key]: time }).sort(([, a], [, b]) => b - a);
    this.#times = Object.fromEntries(times.slice(0, MOST_TIMES));
  }

  async #write(file: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const part = `${file}.part`;
    const handle = await open(part, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replaceFile(part, file);
  }

  #takeOver(parent: string): void {
    const left = namesIn(parent)
      .filter((name) => isOrphan(name))
      .map((name) => join(parent, name));
    const entries = left
      .flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const entry = parsed(readFileSync(file, 'utf8'));
        return entry ? [{ ...entry, file }] : [];
      })
      .sort((a, b) => a.time - b.time);
    const updates: PromiseLike<void>[] = [];
    for (const { file, ...entry } of entries) {
      // What the store has is on its disk: it was read from there. A window beside this one may have written it later.
      if (entry.time <= (this.#times[entry.key] ?? 0)) continue;
      this.#note(entry.key, entry.time);
      if (JSON.stringify(this.#store.get(entry.key)) === JSON.stringify(entry.value)) continue;
      if (updates.length === 0) mkdirSync(this.#folder, { recursive: true });
      this.#takeFile(file, entry);
      updates.push(this.#store.update(entry.key, entry.value));
    }
    if (updates.length > 0) {
      // Once: each update of the store writes all of it.
      void Promise.all(updates).then(
        () => this.#store.update(TIMES, this.#times),
        () => undefined,
      );
      this.#log(`journal: the store had missed ${updates.length} writes`);
    }
    for (const folder of left) rmSync(folder, { recursive: true, force: true });
  }

  /** The file is on the disk already: it only changes hands, unless a window beside this one was faster. */
  #takeFile(file: string, entry: z.infer<typeof written>): void {
    const own = this.#fileOf(entry.key);
    try {
      renameSync(file, own);
    } catch {
      writeFileSync(`${own}.part`, JSON.stringify(entry), { mode: 0o600, flush: true });
      renameSync(`${own}.part`, own);
    }
  }

  #fileOf(key: string): string {
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const file = join(this.#folder, `${this.#files.size + 1}.json`);
    this.#files.set(key, file);
    return file;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parsed(text: string): z.infer<typeof written> | undefined {
  try {
    return written.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
