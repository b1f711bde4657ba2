import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Credits } from '../nemo/protocol.js';
import { stringifyExactJson } from '../nemo/exact-json.js';
import { isExportable, type Draft } from '../timeline/draft.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import { saying, uploadAny } from './asked.js';
import type { BatchOrder, BatchOutcome } from './batch.js';
import { BatchRuns } from './batch-runs.js';
import { isClosing } from './export.js';
import { removalInstruction } from './instruction.js';
import { ClipPlace } from './moved-clip.js';
import { Operations, type Work } from './operations.js';
import type { ExportOptions, PinnedDraft, Repeated, SayOutcome } from './outcomes.js';
import type { EngineName, SessionPorts } from './ports.js';
import { route } from './router.js';
import { SECOND_STAGE_LOOKS, stripInstruction } from './second-stage.js';
import { seeClip } from './seen-clip.js';
import { SessionError } from './session-error.js';
import { SessionState } from './session-state.js';
import { underWay } from './session-store.js';
import type { StoredSession } from './stored-session.js';
import { SessionWork } from './session-work.js';
import type { ExportChoice, ExportOutcome, SessionSnapshot } from './snapshot.js';
import { TakeUp } from './take-up.js';

/**
 * One conversation with one NemoVideo session. Every operation
 * - shows what it does in `snapshot` (chat, activity, draft) and calls the listeners for each change;
 * - rejects with `SessionError`, whose sentence and next steps stand in the chat already (`inChat`);
 * - runs alone: while one runs, a second one is refused with a `SessionError` `busy`, which is not put into the chat.
 *   `credits`, `refresh` and `openInBrowser` may be called beside one; `stop` always.
 */
export class TrimSession {
  readonly id: string;
  /** Where its clip lies. */
  readonly place: ClipPlace;
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  readonly #work: SessionWork;
  readonly #operations: Operations;
  readonly #batches: BatchRuns;
  readonly #save: (session: StoredSession) => Promise<void>;
  /** Ends the looking for what NemoVideo adds to a new clip. */
  #watch: AbortController | undefined;

  /** Sessions are made by `SessionBook`. */
  constructor(ports: SessionPorts, stored: StoredSession, save: (session: StoredSession) => Promise<void>) {
    this.id = stored.id;
    this.#ports = ports;
    this.#save = save;
    this.#state = new SessionState(ports, stored);
    void seeClip(this.#state);
    const persist = (): Promise<void> => this.#persist();
    const state = this.#state;
    const work = new SessionWork(ports, state, persist);
    const operations = new Operations(ports, state, persist);
    [this.#work, this.#operations] = [work, operations];
    this.place = new ClipPlace(state, operations, persist);
    this.#batches = new BatchRuns({ ports, state, work, operations, persist });
  }

  /** As it is now; each change makes a new one. */
  get snapshot(): SessionSnapshot {
    return this.#state.snapshot;
  }

  /** An operation runs that others have to wait for. */
  get busy(): boolean {
    return this.#operations.busy;
  }

  /** Something was under way when the window closed or crashed; `takeUp` finds out what became of it. */
  get interrupted(): boolean {
    if (this.#state.isElsewhere) return false;
    const { inFlight, render, batch, asked } = this.#state;
    return !this.busy && underWay({ inFlight, render, batch, asked }) !== undefined;
  }

  /** A render that was under way when the window closed; `takeUp` follows it. `startedAt`: ms since the epoch. */
  get pendingRender(): { readonly id: string; readonly startedAt: number } | undefined {
    return this.busy ? undefined : this.#state.render;
  }

  /** A render is followed, or is going to be once `takeUp` is called. */
  get takesUpRender(): boolean {
    return this.#state.render !== undefined;
  }

  /** Whether this export has ended here, or is going to be taken up. @param order its id in the queue */
  knowsExport(order: string): boolean {
    const { lastExport, render, asked } = this.#state;
    return [lastExport, render?.order, asked?.kind === 'export' ? asked.options.order : undefined].includes(order);
  }

  /** The timeline as it is now, for an export that has to wait; undefined where there is none yet. */
  get pinnedDraft(): PinnedDraft | undefined {
    const { draft, link } = this.#state;
    if (!link.remote || !isExportable(draft)) return undefined;
    return { draft: stringifyExactJson(draft.raw), sessionId: link.remote.sessionId };
  }

  /** An export may wait for another one, but not for an edit: which timeline it means would be unsure. @throws `busy` */
  refuseWhileEditing(): void {
    if (this.snapshot.activity.kind !== 'exporting') this.#operations.refuseWhenBusy();
  }

  /** @returns stops listening */
  onDidChange(listener: () => void): () => void {
    return this.#state.onDidChange(listener);
  }

  /** Asks for the engine when none is chosen and makes its session. Does nothing when connected. @throws `dismissed` */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#alone((ours) => this.#work.connect(signal ? AbortSignal.any([ours, signal]) : ours));
  }

  /**
   * The file that this session works on; it is uploaded when it is needed.
   *
   * @param path absolute
   * @throws SessionError `refused` when another clip is uploaded already: that one needs a session of its own
   */
  setClip(path: string, duration?: Microseconds): void {
    const old = this.#state.clip;
    if (old?.path === path && duration === undefined) return;
    if (old && old.path !== path && old.uploaded) {
      throw new SessionError(
        'refused',
        l10n.t('This session works on {0}. Make a new session for another clip.', old.name),
      );
    }
    this.#state.takeClip(path, duration, old?.path === path && old.uploaded);
    void seeClip(this.#state).then(() => this.#persist());
  }

  /** Gives the session a name that stays, whatever clip it gets. @param title one line with something in it */
  rename(title: string): void {
    this.#state.rename(title);
    void this.#persist();
  }

  /** What the next exports are to be, as chosen in a panel; kept over a reload. */
  chooseExport(choice: ExportChoice): void {
    this.#state.exportChoice = choice;
    void this.#persist();
  }

  /** Sends absolute paths, or an address on the web. @throws for the first that fails: `file`, `too-large`, … */
  async upload(files: readonly string[] | URL): Promise<void> {
    const names = files instanceof URL ? [files.href] : [...files];
    // Tried again, a file that has arrived is not sent once more.
    let left: readonly string[] = names;
    const arrived = (path: string): void => void (left = left.filter((other) => other !== path));
    const upload = (signal: AbortSignal): Promise<void> => uploadAny(left, this.#work, signal, arrived);
    await this.#alone(this.#noted({ kind: 'upload', files: names }, upload), (signal) =>
      upload(signal).then(() => ({})),
    );
  }

  /** Leaves out one of the files on their way; the last one ends the operation. @param upload as the activity names it */
  async cancelUpload(upload: string): Promise<void> {
    if (!this.#work.leaveOut(upload)) await this.stop();
  }

  /** A message of the person: done by us when it is a command, else said to the agent. @throws as what it asks for */
  async say(text: string): Promise<SayOutcome> {
    this.#operations.refuseWhenBusy();
    const asked = route(text);
    this.#state.chat.add({ kind: 'user', text: text.trim() });
    switch (asked.action) {
      case 'export': {
        const { format, resolution } = asked;
        const exported = await this.export({ ...(format ? { format } : {}), ...(resolution ? { resolution } : {}) });
        return { action: 'export', answer: basename(exported.outputPath), exported };
      }
      case 'credits':
        return { action: 'credits', answer: await this.#alone((signal) => this.#work.tellCredits(signal)) };
      case 'status':
        return { action: 'status', answer: await this.#alone((signal) => this.#work.tellStatus(signal)) };
      case 'upload':
        return await this.#sayUpload(asked.urls);
      case 'agent': {
        const edit = saying(asked, this.#work);
        return await this.#alone(this.#noted({ kind: 'message', text: text.trim() }, edit), edit);
      }
    }
  }

  /**
   * Takes sections out, all with one message.
   *
   * @param sections in source time, whatever was removed before
   * @throws `nothing-to-do` without sections, and when all of them are removed already
   */
  async remove(sections: readonly Section[]): Promise<SayOutcome> {
    this.#operations.refuseWhenBusy();
    if (sections.length === 0) throw new SessionError('nothing-to-do', l10n.t('Mark a section first.'));
    const text = removalInstruction(sections);
    this.#state.chat.add({ kind: 'user', text });
    const remove = (signal: AbortSignal): Promise<SayOutcome> => this.#work.remove(sections, {}, signal);
    return await this.#alone(this.#noted({ kind: 'message', text, sections: [...sections] }, remove), remove);
  }

  /** Takes back the last edit of the engine: a message like any other. */
  async undo(): Promise<SayOutcome> {
    return await this.say('undo');
  }

  /** Renders to a file beside the clip, never over one. @throws `exists`, `file`, `needs-output`, `nothing-to-do` */
  async export(options: ExportOptions = {}): Promise<ExportOutcome> {
    return await this.#alone(
      this.#noted({ kind: 'export', options }, (signal) => this.#work.export(options, signal)),
      // A render that could not be followed goes on at the server: it is taken up instead of asking for another.
      async (signal) => ({ exported: await this.#work.export(options, signal, this.#state.render) }),
    );
  }

  /**
   * After a reload or a crash: picks up the render that was under way, reads from the state what became of the message
   * that was, and tells. No message is sent again.
   *
   * @returns the file that came of it
   */
  async takeUp(): Promise<ExportOutcome | undefined> {
    if (!this.interrupted) return undefined;
    const takeUp = new TakeUp(this.#ports, this.#state, this.#work);
    let outcome: ExportOutcome | undefined;
    try {
      outcome = await this.#alone(
        (signal) => takeUp.run(signal),
        (signal) => takeUp.again(signal),
      );
      return outcome;
    } finally {
      await this.#batches.tellLeft(outcome !== undefined);
    }
  }

  /**
   * The same for several files, one after the other in one session, one render each.
   *
   * @param paths absolute; each result is written beside its file
   * @throws `nothing-to-do` without paths; a file that fails is told in the outcome
   */
  async batch(paths: readonly string[], order: BatchOrder): Promise<BatchOutcome> {
    this.#operations.refuseWhenBusy();
    if (paths.length === 0) throw new SessionError('nothing-to-do', l10n.t('Choose the videos first.'));
    const words = 'sections' in order ? removalInstruction(order.sections) : order.text.trim();
    this.#state.chat.add({
      kind: 'user',
      text:
        paths.length === 1
          ? l10n.t('In 1 video: {0}', words)
          : l10n.t('In each of {0} videos: {1}', paths.length, words),
    });
    return await this.#alone(this.#batches.work(paths, order), this.#batches.again(paths, order));
  }

  /** Of the engine's account, as it is now; the chat says nothing of it. */
  async credits(): Promise<Credits> {
    return await this.#operations.beside(async (signal) => {
      const { client } = await this.#state.link.connect(signal);
      return await client.credits({ signal });
    });
  }

  /** Reads the state from the engine; the draft in `snapshot` is that one afterwards. */
  async refresh(): Promise<Draft> {
    return await this.#operations.beside((signal) => this.#work.readState(signal));
  }

  /** A link that opens the project in the browser. @throws `refused` for a session that is not in the cloud */
  async openInBrowser(): Promise<string> {
    return await this.#operations.beside(async (signal) => {
      const { client, remote, engine } = await this.#state.link.connect(signal);
      if (engine === 'cloud') return await client.claimLink(remote, { signal });
      const message = l10n.t('Only sessions in the cloud open in the browser; this one lives on this machine.');
      throw new SessionError('refused', message);
    });
  }

  /** Repeats what failed last. @throws `nothing-to-do` when nothing has */
  async retry(): Promise<Repeated> {
    this.#operations.refuseWhenBusy();
    const { failed } = this.#operations;
    if (!failed) throw new SessionError('nothing-to-do', l10n.t('There is nothing to try again.'));
    return await this.#alone(failed.work, failed.work);
  }

  /** Goes on with another engine: the same clip, the same cuts, and then what the old one would not do. */
  async useEngine(engine: EngineName): Promise<Repeated> {
    this.#operations.refuseWhenBusy();
    const { failed } = this.#operations;
    const left = failed?.elsewhere === true ? failed : undefined;
    const goOn = async (signal: AbortSignal): Promise<Repeated> => {
      if (left?.anew === true) {
        this.#state.link.switchTo(engine);
        this.#state.forgetRemote();
      } else await this.#work.switchTo(engine, signal);
      return (await left?.work(signal)) ?? {};
    };
    return await this.#alone(goOn, goOn);
  }

  /** Leaves what NemoVideo added of its own accord. @param entry of the chat that offers it */
  keepAdditions(entry: string): void {
    this.#state.chat.settle(entry);
    this.#state.additions = undefined;
    void this.#persist();
  }

  /** Has what NemoVideo added of its own accord taken out again, with a message. @throws `nothing-to-do` */
  async stripAdditions(entry: string): Promise<SayOutcome> {
    this.#operations.refuseWhenBusy();
    const { additions, chat } = this.#state;
    chat.settle(entry);
    if (additions === undefined)
      throw new SessionError('nothing-to-do', l10n.t('There is nothing to take out any more.'));
    const text = stripInstruction(additions);
    chat.add({ kind: 'user', text });
    return await this.#alone((signal) => this.#work.edit(text, {}, signal));
  }

  /** Ends the running operation, which then rejects with `stopped`. Resolves when it has cleaned up. */
  async stop(): Promise<void> {
    await this.#operations.stop();
  }

  /** Forgets the listeners and ends what runs; what is stored stays, and a render in the cloud goes on. */
  dispose(): void {
    this.#state.forgetListeners();
    this.#watch?.abort();
    this.#operations.close();
  }

  /** Has our own engine delete what it keeps of this session: after `stop` and `dispose`. Never rejects. */
  async discard(): Promise<void> {
    try {
      await this.#state.link.discard();
    } catch (error) {
      // It clears away by itself what is not used for long.
      this.#ports.log(`session: the engine kept it (${error instanceof Error ? error.name : 'unknown'})`);
    }
  }

  async #alone<T>(work: Work<T>, again?: Work<Repeated>): Promise<T> {
    this.#operations.refuseWhenBusy();
    this.#state.claim();
    this.#watch?.abort();
    try {
      return await this.#operations.alone(work, again);
    } finally {
      if (this.#work.awaitsAdditions && !this.#operations.closed) this.#watchForAdditions();
    }
  }

  /** Stored first of all: what a crash leaves undone can then be told. */
  #noted<T>(asked: NonNullable<StoredSession['asked']>, work: Work<T>): Work<T> {
    return async (signal) => {
      this.#state.asked = asked;
      await this.#persist();
      try {
        return await work(signal);
      } finally {
        if (!isClosing(signal)) this.#state.asked = undefined;
      }
    };
  }

  /** Beside whatever the person does; ends with the next operation, which sees for itself. */
  #watchForAdditions(): void {
    const { signal } = (this.#watch = new AbortController());
    const look = async (): Promise<void> => {
      for (const wait of SECOND_STAGE_LOOKS) {
        await this.#ports.clock.sleep(wait, signal);
        if (await this.#work.lookForAdditions(signal)) break;
      }
      await this.#persist();
    };
    look().catch(() => undefined);
  }

  async #sayUpload(urls: readonly string[]): Promise<SayOutcome> {
    const { clip, chat } = this.#state;
    if (urls.length === 0 && (!clip || clip.uploaded)) {
      return { action: 'upload', answer: l10n.t('Choose a file to upload.'), needsFile: true };
    }
    await this.#alone((signal) => (urls.length > 0 ? this.#work.uploadUrls(urls, signal) : this.#work.prepare(signal)));
    return { action: 'upload', answer: chat.entries.at(-1)?.text ?? '' };
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
