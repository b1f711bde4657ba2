import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { steadyNow } from '../nemo/clock.js';
import { NemoError } from '../nemo/errors.js';
import type { UploadedFile, UploadProgress } from '../nemo/protocol.js';
import { joinSentences, joinWords } from '../timeline/phrases.js';
import { summarizeDraft } from '../timeline/summary.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import { inFlight } from './in-flight.js';
import type { SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import { isLink, nameOfUpload } from './upload-source.js';

export interface UploadParts {
  readonly ports: SessionPorts;
  readonly state: SessionState;
  readonly persist: () => Promise<void>;
  readonly connect: (signal: AbortSignal) => Promise<void>;
  /** Reads the timeline that the files have come to lie on. */
  readonly readState: (signal: AbortSignal) => Promise<unknown>;
  /** Runs the work, and once more where the engine has forgotten the session. */
  readonly living: (work: () => Promise<void>) => Promise<void>;
}

/** One of the files or addresses that are sent together. */
class Upload {
  readonly id = randomUUID();
  readonly source: string;
  readonly name: string;
  /** Bytes; 1 where that is not known. */
  readonly size: number;
  /** Of its bytes, 0 to 1. */
  fraction = 0;
  arrived = false;
  duration: Microseconds | undefined;
  /** The file as it was when its sending began. */
  seen: SessionState['seen'];
  /** Aborted where the person leaves this one out. */
  readonly leftOut = new AbortController();

  constructor(source: string, size: number) {
    this.source = source;
    this.name = nameOfUpload(source);
    this.size = Math.max(1, size);
  }

  get isWanted(): boolean {
    return !this.leftOut.signal.aborted;
  }

  get isLeft(): boolean {
    return this.isWanted && !this.arrived;
  }
}

/** Sends one of them. @returns what the engine says of it */
type Send = (upload: Upload, signal: AbortSignal) => Promise<UploadedFile | undefined>;

/** Failures of one file: those beside it can go up all the same. */
const OF_ONE_FILE: readonly NemoError['kind'][] = ['file', 'too-large', 'unsupported-file'];

/** Sends files one after the other, each with its own progress, and each can be left out by itself. */
export class Uploads {
  readonly #parts: UploadParts;
  /** What was asked for together and is under way. */
  #all: readonly Upload[] = [];

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /**
   * Sends files from this machine, and says so.
   *
   * @param paths absolute
   * @param onArrived told of each one
   * @throws NemoError of the first one that could not be sent; those that could have arrived
   */
  async files(paths: readonly string[], signal: AbortSignal, onArrived?: (path: string) => void): Promise<void> {
    const unique = [...new Set(paths)];
    // One alone tells its share itself.
    const sizes = unique.length > 1 ? await Promise.all(unique.map(sizeOf)) : [];
    const all = unique.map((path, index) => new Upload(path, sizes[index] ?? 0));
    const sending = new Sending(all, this.#parts);
    await this.#run(all, signal, async () => {
      const { chat, link } = this.#parts.state;
      const entry = chat.addPassing(
        l10n.t('Uploading {0}…', joinWords(namesOf(all.filter(({ isWanted }) => isWanted)))),
      );
      try {
        await this.#sendAll(signal, (upload, ours) => sending.send(upload, ours), onArrived);
      } finally {
        const text = arrivedWords(all, link.engine === 'local');
        if (text === undefined) chat.remove(entry);
        else chat.set(entry, { kind: 'status', topic: 'added', text });
      }
    });
  }

  /** Has the engine fetch files of the web, and says so. @throws NemoError */
  async addresses(urls: readonly string[], signal: AbortSignal): Promise<void> {
    const { state } = this.#parts;
    const all = [...new Set(urls)].map((url) => new Upload(url, 0));
    await this.#run(all, signal, () =>
      this.#sendAll(signal, async ({ source }, ours) => {
        const { client, remote } = await state.link.connect(signal);
        await client.uploadUrls(remote.sessionId, [source], { signal: ours });
        return undefined;
      }),
    );
    state.chat.add({
      kind: 'status',
      topic: 'added',
      text: joinSentences(l10n.t('Added.'), summarizeDraft(state.draft)),
    });
  }

  /**
   * Leaves one out of several.
   *
   * @param id as the activity names it; one that has arrived meanwhile stays
   * @returns false where nothing else would be left to do: then the whole is to be stopped
   */
  leaveOut(id: string): boolean {
    const upload = this.#all.find((one) => one.id === id);
    if (!upload?.isLeft) return true;
    if (!this.#all.some((other) => other !== upload && other.isWanted)) return false;
    upload.leftOut.abort(new SessionError('stopped', l10n.t('Left out.')));
    showUploads(this.#all, this.#parts.state);
    return true;
  }

  async #run(all: readonly Upload[], signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { connect, living } = this.#parts;
    this.#all = all;
    try {
      await living(async () => {
        // In a new session nothing has arrived.
        for (const upload of all) Object.assign(upload, { arrived: false, fraction: 0 });
        await connect(signal);
        await work();
      });
    } finally {
      this.#all = [];
    }
  }

  async #sendAll(signal: AbortSignal, send: Send, onArrived?: (source: string) => void): Promise<void> {
    let failed: NemoError | undefined;
    for (const upload of this.#all) {
      if (!upload.isLeft) continue;
      const { state, persist, readState } = this.#parts;
      const ours = AbortSignal.any([signal, upload.leftOut.signal]);
      const left = this.#all.filter(({ isLeft }) => isLeft);
      // The one that is under way leads.
      const files = [upload, ...left.filter((other) => other !== upload)].map(({ source }) => source);
      showUploads(this.#all, state);
      try {
        const told = await inFlight({ kind: 'upload', files }, { state, persist }, signal, () => send(upload, ours));
        Object.assign(upload, { arrived: true, fraction: 1, duration: told?.duration });
        this.#take(upload);
        await readState(signal);
        onArrived?.(upload.source);
      } catch (error) {
        signal.throwIfAborted();
        if (!upload.isWanted) continue;
        // The others go up all the same; what is wrong with this one is told in the end.
        if (!isOfOneFile(error)) throw error;
        failed ??= error;
      }
    }
    if (failed) throw failed;
  }

  /** The clip of the session is the one that it was made for, else the first one. */
  #take({ source, duration, seen }: Upload): void {
    const { state } = this.#parts;
    const { clip } = state;
    state.uploads = [...new Set([...state.uploads, source])];
    if (isLink(source)) return;
    const isMeant = clip === undefined || !this.#all.some((upload) => upload.source === clip.path);
    const isOwn = clip?.path === source;
    if (clip?.uploaded !== true && (isMeant || isOwn)) {
      state.takeClip(source, duration ?? (isOwn ? clip.duration : undefined), true);
    }
    if (state.clip?.path === source) state.seen = seen;
  }
}

/** Sends files with their progress shown. */
class Sending {
  readonly #all: readonly Upload[];
  readonly #parts: UploadParts;
  #begun: number | undefined;

  constructor(all: readonly Upload[], parts: UploadParts) {
    this.#all = all;
    this.#parts = parts;
  }

  async send(upload: Upload, signal: AbortSignal): Promise<UploadedFile | undefined> {
    const { state, ports } = this.#parts;
    const { client, remote } = await state.link.connect(signal);
    upload.seen = await state.stateOfFile(upload.source);
    this.#begun ??= steadyNow(ports.clock);
    const begun = this.#begun;
    const onProgress = ({ sentBytes, totalBytes }: UploadProgress): void => {
      if (signal.aborted) return;
      upload.fraction = totalBytes > 0 ? Math.min(1, sentBytes / totalBytes) : 0;
      showUploads(this.#all, state, steadyNow(ports.clock) - begun);
    };
    const [file] = await client.upload(remote.sessionId, [upload.source], { signal, onProgress });
    return file;
  }
}

/** The first chunks go into the socket's memory: no speed yet. Milliseconds. */
const UNSURE = 1000;

/** @param elapsed milliseconds since the first of them was begun */
function showUploads(all: readonly Upload[], state: SessionState, elapsed = 0): void {
  const wanted = all.filter(({ isWanted }) => isWanted);
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  const sent = wanted.reduce((sum, { size, fraction }) => sum + size * fraction, 0);
  const files = wanted.filter(({ isLeft }) => isLeft).map(({ id, name, fraction }) => ({ id, name, fraction }));
  const speed = elapsed < UNSURE || sent < UNSURE ? {} : { bytesPerSecond: Math.round((sent / elapsed) * 1000) };
  state.activity = { kind: 'uploading', files, fraction: total > 0 ? sent / total : 0, ...speed };
}

/** `Uploaded talk.mp4 (2:00). music.m4a was left out.`; undefined where nothing arrived. */
function arrivedWords(all: readonly Upload[], isLocal: boolean): string | undefined {
  const there = all.filter(({ arrived }) => arrived);
  const [only] = there;
  if (!only) return undefined;
  const { duration } = only;
  const length = there.length === 1 && duration !== undefined ? ` (${formatTimecode(duration, { digits: 0 })})` : '';
  const names = `${joinWords(namesOf(there))}${length}`;
  const out = namesOf(all.filter(({ isWanted, arrived }) => !isWanted && !arrived));
  const said = isLocal ? readyWords(there.length, names) : l10n.t('Uploaded {0}.', names);
  return joinSentences(said, leftOutWords(out));
}

function readyWords(count: number, names: string): string {
  return count === 1 ? l10n.t('{0} is ready to cut.', names) : l10n.t('{0} are ready to cut.', names);
}

function leftOutWords(names: readonly string[]): string {
  if (names.length === 0) return '';
  return names.length === 1
    ? l10n.t('{0} was left out.', joinWords(names))
    : l10n.t('{0} were left out.', joinWords(names));
}

function namesOf(uploads: readonly Upload[]): string[] {
  return uploads.map(({ name }) => name);
}

function isOfOneFile(error: unknown): error is NemoError {
  return error instanceof NemoError && OF_ONE_FILE.includes(error.kind);
}

/** Where the file cannot be read, sending it says why. */
async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
