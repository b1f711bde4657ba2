import { randomInt, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { markedName } from '../nemo/process-mark.js';
import { replaceFile } from '../nemo/replace-file.js';
import { Refusal, sessionNotFound } from './http.js';
import { holding } from './file-lock.js';
import { isOfLaterFormat, parseSessionRecord, type SessionRecord } from './session-record.js';

/** Other windows may change a session while its next state is made here: it is then made again from theirs. */
const MOST_ATTEMPTS = 20;

/**
 * Keeps each session in one JSON file, so that sessions survive a restart. The file is the only copy: another window
 * with the same folder sees what this one wrote. Changes to one session wait for each other.
 */
export class SessionStore {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
  }

  async create(taskName: string, language: string): Promise<SessionRecord> {
    const taskId = randomUUID();
    const record: SessionRecord = { version: 1, sessionId: newSessionId(), taskId, taskName, language, clips: [] };
    await this.#write(record);
    return record;
  }

  /** @throws Refusal 1002 when there is no such session, its file could not be read and was set aside, or is a later release's */
  async load(sessionId: string): Promise<SessionRecord> {
    return (await this.#read(sessionId)).record;
  }

  async #read(sessionId: string): Promise<{ readonly record: SessionRecord; readonly text: string }> {
    const file = this.#file(sessionId);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch {
      throw sessionNotFound();
    }
    if (isLater(text)) {
      this.#log('local: a session file of a later release was left as it is');
      throw sessionNotFound();
    }
    try {
      return { record: parseSessionRecord(JSON.parse(text)), text };
    } catch {
      // Kept for a person to look at, out of the way of the session ids.
      await rename(file, `${file}.unreadable`).catch(() => undefined);
      this.#log('local: a session file could not be read and was set aside');
      throw sessionNotFound();
    }
  }

  /** Whether a later release has written this session: what belongs to it cannot be told here. */
  async isOfLaterRelease(sessionId: string): Promise<boolean> {
    return isLater(await readFile(this.#file(sessionId), 'utf8').catch(() => ''));
  }

  /**
   * Reads the session, lets `work` make the next record from it, and writes that, before the next change begins.
   * Nothing is written when `work` throws or gives the same record back. `work` is done again when another window has
   * changed the session meanwhile.
   *
   * @throws Refusal as {@link load}, and what `work` throws
   */
  async change<Result>(
    sessionId: string,
    work: (record: SessionRecord) => Promise<{ record: SessionRecord; result: Result }>,
  ): Promise<Result> {
    const turn = (this.#turns.get(sessionId) ?? Promise.resolve())
      .catch(() => undefined)
      .then(async () => {
        for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
          const before = await this.#read(sessionId);
          const { record, result } = await work(before.record);
          if (record === before.record || (await this.#replace(before.text, record))) return result;
        }
        throw new Refusal(
          409,
          4090,
          l10n.t('Another window changes this session all the time. Try again when it is done.'),
        );
      });
    this.#turns.set(sessionId, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(sessionId) === turn) this.#turns.delete(sessionId);
    }
  }

  /** After the changes that are under way. Unknown sessions are gone already. @throws Refusal 1002 for what is no id */
  async remove(sessionId: string): Promise<void> {
    const file = this.#file(sessionId);
    await this.#turns.get(sessionId)?.catch(() => undefined);
    await rm(file, { force: true });
  }

  /** @returns false, and nothing is written, when the session is not what it was any more */
  async #replace(before: string, record: SessionRecord): Promise<boolean> {
    const file = this.#file(record.sessionId);
    return await holding(`${file}.lock`, async () => {
      const now = await readFile(file, 'utf8').catch(() => {
        throw sessionNotFound();
      });
      if (now === before) await this.#write(record);
      return now === before;
    });
  }

  async #write(record: SessionRecord): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const file = this.#file(record.sessionId);
    const temporary = `${file}.${markedName()}.tmp`;
    try {
      await writeFile(temporary, JSON.stringify(record), { flag: 'wx', mode: 0o600 });
      await replaceFile(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #file(sessionId: string): string {
    // Ids come from requests: only our own form may become a part of a path.
    if (!/^\d{1,19}$/.test(sessionId)) throw sessionNotFound();
    return join(this.#folder, `${sessionId}.json`);
  }
}

function isLater(text: string): boolean {
  try {
    return isOfLaterFormat(JSON.parse(text));
  } catch {
    return false;
  }
}

/** 19 digits, as the cloud's ids are; too long for a JavaScript number, which keeps our own client honest. */
function newSessionId(): string {
  const digits = (): string => String(randomInt(0, 1_000_000_000)).padStart(9, '0');
  return `5${digits()}${digits()}`;
}
