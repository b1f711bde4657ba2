import { basename } from 'node:path';
import type { Credits } from '../nemo/protocol.js';
import type { Draft } from '../timeline/draft.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import { explain } from './explain.js';
import { closingReason } from './export.js';
import { removalInstruction } from './instruction.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';
import type { EngineName, SessionPorts } from './ports.js';
import { route } from './router.js';
import { SessionError } from './session-error.js';
import { SessionState } from './session-state.js';
import type { StoredSession } from './session-store.js';
import { SessionWork } from './session-work.js';
import type { ExportOutcome, SessionSnapshot } from './snapshot.js';

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * One conversation with one NemoVideo session. Every operation
 * - shows what it does in `snapshot` (chat, activity, draft) and calls the listeners for each change;
 * - rejects with `SessionError`, whose sentence and next steps stand in the chat already (`inChat`);
 * - runs alone: while one runs, a second one is refused with a `SessionError` `busy`, which is not put into the chat.
 *   `credits`, `refresh` and `openInBrowser` may be called beside one; `stop` always.
 */
export class TrimSession {
  readonly id: string;
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  readonly #work: SessionWork;
  readonly #save: (session: StoredSession) => Promise<void>;
  #running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  /** What failed last, and whether it was said that another engine could do it. */
  #failed: { readonly work: Work<unknown>; readonly elsewhere: boolean } | undefined;

  /** Sessions are made by `SessionBook`. */
  constructor(ports: SessionPorts, stored: StoredSession, save: (session: StoredSession) => Promise<void>) {
    this.id = stored.id;
    this.#ports = ports;
    this.#save = save;
    this.#state = new SessionState(ports, stored);
    this.#work = new SessionWork(ports, this.#state, () => this.#persist());
  }

  get snapshot(): SessionSnapshot {
    return this.#state.snapshot;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** A render that was under way when the window closed; `resumeExport` takes it up. */
  get pendingRender(): { readonly id: string; readonly startedAt: number } | undefined {
    return this.busy ? undefined : this.#state.render;
  }

  /** @returns stops listening */
  onDidChange(listener: () => void): () => void {
    return this.#state.onDidChange(listener);
  }

  /** Asks for the engine when none is chosen and makes the engine's session. Does nothing when connected. */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#alone((ours) => this.#work.connect(signal ? AbortSignal.any([ours, signal]) : ours));
  }

  /**
   * The file that this session works on; it is uploaded when it is needed.
   *
   * @param path absolute
   * @throws SessionError when another clip is uploaded already: that one needs a session of its own
   */
  setClip(path: string, duration?: Microseconds): void {
    const old = this.#state.clip;
    if (old?.path === path && duration === undefined) return;
    if (old && old.path !== path && old.uploaded) {
      throw new SessionError('refused', `This session works on ${old.name}. Make a new session for another clip.`);
    }
    this.#state.takeClip(path, duration, old?.path === path && old.uploaded);
    void this.#persist();
  }

  /** @param files absolute paths, or the address of a file on the web */
  async upload(files: readonly string[] | URL): Promise<void> {
    await this.#alone((signal) =>
      files instanceof URL ? this.#work.uploadUrls([files.href], signal) : this.#work.upload(files, signal),
    );
  }

  /** A message of the person: done by us when it is a command, else said to the agent. */
  async say(text: string): Promise<SayOutcome> {
    this.#refuseWhenBusy();
    const asked = route(text);
    this.#state.chat.add({ kind: 'user', text: text.trim() });
    switch (asked.action) {
      case 'export': {
        const exported = await this.export(asked.format === undefined ? {} : { format: asked.format });
        return { action: 'export', answer: basename(exported.outputPath), exported };
      }
      case 'credits':
        return { action: 'credits', answer: await this.#alone((signal) => this.#work.tellCredits(signal)) };
      case 'status':
        return { action: 'status', answer: await this.#alone((signal) => this.#work.tellStatus(signal)) };
      case 'upload':
        return await this.#sayUpload(asked.urls);
      case 'agent': {
        const { thenExport } = asked;
        return await this.#alone((signal) => this.#work.edit(asked.text, { thenExport }, signal));
      }
    }
  }

  /**
   * Takes sections out, all with one message.
   *
   * @param sections in source time, whatever was removed before
   */
  async remove(sections: readonly Section[]): Promise<SayOutcome> {
    this.#refuseWhenBusy();
    if (sections.length === 0) throw new SessionError('nothing-to-do', 'Mark a section first.');
    this.#state.chat.add({ kind: 'user', text: removalInstruction(sections) });
    return await this.#alone((signal) => this.#work.remove(sections, signal));
  }

  async undo(): Promise<SayOutcome> {
    return await this.say('undo');
  }

  /** Renders the timeline and writes the result beside the clip, never over anything. */
  async export(options: ExportOptions = {}): Promise<ExportOutcome> {
    return await this.#alone((signal) => this.#work.export(options, signal));
  }

  /** Takes up the render that was under way when the window closed. */
  async resumeExport(): Promise<ExportOutcome | undefined> {
    const { render } = this.#state;
    if (!render) return undefined;
    const options = render.outputPath === undefined ? {} : { outputPath: render.outputPath };
    return await this.#alone((signal) => this.#work.export(options, signal, render.id));
  }

  async credits(): Promise<Credits> {
    return await this.#beside(async (signal) => {
      const { client } = await this.#state.link.connect(signal);
      return await client.credits({ signal });
    });
  }

  /** Reads the state from the engine; the draft in `snapshot` is that one afterwards. */
  async refresh(): Promise<Draft> {
    return await this.#beside((signal) => this.#work.readState(signal));
  }

  /** A link that opens the project in the browser; only a session in the cloud has one. */
  async openInBrowser(): Promise<string> {
    return await this.#beside(async (signal) => {
      const { client, remote, engine } = await this.#state.link.connect(signal);
      if (engine === 'cloud') return await client.claimLink(remote, { signal });
      const message = 'Only sessions in the cloud open in the browser; this one lives on this machine.';
      throw new SessionError('refused', message);
    });
  }

  /** Repeats what failed last. */
  async retry(): Promise<void> {
    this.#refuseWhenBusy();
    if (!this.#failed) throw new SessionError('nothing-to-do', 'There is nothing to try again.');
    await this.#alone(this.#failed.work);
  }

  /** Goes on with another engine: the same clip, the same cuts, and then what the old one would not do. */
  async useEngine(engine: EngineName): Promise<void> {
    this.#refuseWhenBusy();
    const left = this.#failed?.elsewhere === true ? this.#failed.work : undefined;
    await this.#alone(async (signal) => {
      await this.#work.switchTo(engine, signal);
      await left?.(signal);
    });
  }

  /** Ends the running operation, which then rejects with `stopped`. Resolves when it has cleaned up. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.abort.abort(new SessionError('stopped', 'Stopped.'));
    await running?.ended;
  }

  /** Forgets the listeners and ends what runs; what is stored stays, and a render in the cloud goes on. */
  dispose(): void {
    this.#state.forgetListeners();
    this.#running?.abort.abort(closingReason());
  }

  async #sayUpload(urls: readonly string[]): Promise<SayOutcome> {
    const { clip, chat } = this.#state;
    if (urls.length === 0 && (!clip || clip.uploaded)) {
      return { action: 'upload', answer: 'Choose a file to upload.', needsFile: true };
    }
    await this.#alone((signal) => (urls.length > 0 ? this.#work.uploadUrls(urls, signal) : this.#work.prepare(signal)));
    return { action: 'upload', answer: chat.entries.at(-1)?.text ?? '' };
  }

  #refuseWhenBusy(): void {
    if (!this.#running) return;
    const { kind } = this.#state.activity;
    throw new SessionError(
      'busy',
      `Still ${kind === 'idle' ? 'busy' : kind}. Wait until that is done, or stop it first.`,
    );
  }

  /** Runs one operation: shows its failure, remembers it for `retry`, and stores the session after it. */
  async #alone<T>(work: Work<T>): Promise<T> {
    this.#refuseWhenBusy();
    const abort = new AbortController();
    let end = (): void => undefined;
    this.#running = { abort, ended: new Promise<void>((resolve) => (end = resolve)) };
    try {
      const result = await work(abort.signal);
      this.#failed = undefined;
      return result;
    } catch (error) {
      throw this.#showFailure(error, abort.signal, work);
    } finally {
      this.#running = undefined;
      this.#state.activity = { kind: 'idle' };
      await this.#persist();
      end();
    }
  }

  /** For what only reads: also while an operation runs, as long as that has connected. */
  async #beside<T>(work: Work<T>): Promise<T> {
    if (!this.#running || !this.#state.link.connected) return await this.#alone(work);
    try {
      return await work(this.#running.abort.signal);
    } catch (error) {
      throw explain(error, this.#state.link);
    }
  }

  #showFailure(error: unknown, signal: AbortSignal, work: Work<unknown>): SessionError {
    const failure = signal.aborted
      ? new SessionError('stopped', this.#stoppedText())
      : explain(error, this.#state.link);
    const { kind, message, actions, link } = failure;
    this.#ports.log(`session: ended with ${kind}`);
    this.#failed = kind === 'stopped' ? undefined : { work, elsewhere: actions.includes('use-local') };
    this.#state.chat.add({
      kind: kind === 'stopped' || kind === 'dismissed' ? 'status' : 'error',
      text: message,
      ...(actions.length > 0 ? { actions } : {}),
      ...(link === undefined ? {} : { link }),
    });
    return new SessionError(kind, message, { actions, link, inChat: true, cause: error });
  }

  #stoppedText(): string {
    const goesOn = this.#state.link.engine === 'cloud' && this.#state.activity.kind === 'editing';
    return goesOn ? 'Stopped. NemoVideo may still finish this edit; type "status" to see.' : 'Stopped.';
  }

  async #persist(): Promise<void> {
    try {
      await this.#save(this.#state.toStored());
    } catch (error) {
      // The edit itself is with the engine; only the memory of it is at stake.
      this.#ports.log(`session: could not be stored (${error instanceof Error ? error.name : 'unknown'})`);
    }
  }
}
