import { basename } from 'node:path';
import { steadyNow } from '../nemo/clock.js';
import type { UploadedFile, UploadProgress } from '../nemo/protocol.js';
import { addedTracks, LENGTH_TOLERANCE, listSections } from '../timeline/difference.js';
import { dissolvedLength, type Draft, type Track } from '../timeline/draft.js';
import { mergeSections, totalDuration, type Section } from '../timeline/sections.js';
import { summarizeDraft } from '../timeline/summary.js';
import { formatLength, formatTimecode } from '../timeline/timecode.js';
import { inWords, isLink, makeAgain, type Carry } from './carry.js';
import { CreditLines, creditsLine } from './credits.js';
import { sendToAgent, type EditResult } from './edit.js';
import { isClosing } from './export.js';
import { exportSession, type PendingRender } from './export-step.js';
import { removalInstruction } from './instruction.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';
import type { EngineName, SessionPorts } from './ports.js';
import { tellAdditions, unaskedTracks } from './second-stage.js';
import { assertSameClip } from './seen-clip.js';
import { SessionError } from './session-error.js';
import { nameOfLink } from './router.js';
import type { SessionState } from './session-state.js';
import type { ExportOutcome } from './snapshot.js';
import { keptOfDraft, removedFromSource, toTimelineTime } from './source-ranges.js';
import { betterSentence, tellHint } from './vague-wish.js';

export interface EditOptions {
  /** The person asked for the file in the same breath. */
  readonly thenExport?: boolean;
  /** What the file is to be, where the person said so. */
  readonly exportAs?: Pick<ExportOptions, 'format' | 'resolution'> | undefined;
  /** The message names other times than the person marked, because earlier cuts moved them. */
  readonly movedTimes?: boolean;
  /** What the message asks to remove, in source time. */
  readonly asked?: readonly Section[];
  /** Looks at the timeline before it is exported. @throws SessionError */
  readonly check?: () => void;
}

/**
 * The steps that the operations of a session are made of. Every step connects, uploads and reads what it needs, shows
 * in the state what it does, and throws what the engine said, for the operation to explain.
 */
export class SessionWork {
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  /** Stores the state: before anything is sent that must survive. */
  readonly #persist: () => Promise<void>;
  readonly #credits: CreditLines;
  #isWatched = false;
  /** What a switch of engines has still to make on the new one. */
  #carry: Carry | undefined;
  /** A clip was made, and music and title may follow. */
  #awaiting: { readonly message: string; readonly draft: Draft } | undefined;

  constructor(ports: SessionPorts, state: SessionState, persist: () => Promise<void>) {
    this.#ports = ports;
    this.#state = state;
    this.#persist = persist;
    this.#credits = new CreditLines(state, ports.log);
    state.link.onRemote = persist;
  }

  get awaitsAdditions(): boolean {
    return this.#awaiting !== undefined;
  }

  async connect(signal: AbortSignal): Promise<void> {
    if (!this.#state.link.connected) this.#state.activity = { kind: 'connecting' };
    await this.#state.link.connect(signal);
  }

  /** Connected, and the clip on the engine's timeline. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.connect(signal);
    if (this.#state.clip && !this.#state.clip.uploaded) await this.upload([this.#state.clip.path], signal);
  }

  /** In a session that is gone, once more in a new one. */
  async upload(paths: readonly string[], signal: AbortSignal): Promise<void> {
    if (paths.length === 0) return;
    await this.#inLivingSession(() => this.#upload(paths, signal));
  }

  async uploadUrls(urls: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#inLivingSession(async () => {
      await this.connect(signal);
      const { client, remote } = await this.#state.link.connect(signal);
      const names = urls.map((url) => nameOfLink(new URL(url).pathname));
      this.#state.activity = { kind: 'uploading', names, fraction: 0 };
      await this.#inFlight({ kind: 'upload', files: [...urls] }, signal, () =>
        client.uploadUrls(remote.sessionId, urls, { signal }),
      );
      this.#state.uploads = [...new Set([...this.#state.uploads, ...urls])];
      await this.readState(signal);
    });
    this.#state.chat.add({ kind: 'status', topic: 'added', text: `Added. ${summarizeDraft(this.#state.draft)}` });
  }

  /** One message to the agent. */
  async edit(text: string, options: EditOptions, signal: AbortSignal): Promise<SayOutcome> {
    const state = this.#state;
    await assertSameClip(state);
    const result = await this.withLivingSession(signal, () => this.#send(text, options, signal));
    const { answer, difference, asks, additions, awaitsAdditions } = result;
    if (difference.changed) this.tookIn(text, (options.asked ?? []).length > 0);
    if (additions.length > 0) this.#tellAdditions(additions);
    else if (difference.changed) state.additions = undefined;
    this.#awaiting = awaitsAdditions ? { message: text, draft: state.draft } : undefined;
    const outcome: SayOutcome = { action: 'agent', answer, difference };
    const { client, engine } = await state.link.connect(signal);
    if (engine === 'cloud') await this.#credits.tellBalance(client, signal);
    else if (asks.includes('credits')) await this.tellCredits(signal);
    if (options.thenExport !== true) return outcome;
    if (difference.changed) {
      options.check?.();
      return { ...outcome, exported: await this.export(options.exportAs ?? {}, signal) };
    }
    const unchanged = 'Nothing was exported, because the timeline did not change.';
    state.chat.add({ kind: 'status', text: unchanged, actions: ['export'] });
    return outcome;
  }

  /** @param sections in source time */
  async remove(
    sections: readonly Section[],
    options: Pick<EditOptions, 'thenExport'>,
    signal: AbortSignal,
  ): Promise<SayOutcome> {
    const state = this.#state;
    await assertSameClip(state);
    await this.withLivingSession(signal, async () => {
      await this.prepare(signal);
      await this.readState(signal);
    });
    // The agent counts in the timeline's own time, which earlier cuts have moved.
    const kept = keptOfDraft(state.draft, state.removed, state.clip?.duration);
    const named = toTimelineTime(sections, kept);
    if (named.length === 0) throw new SessionError('nothing-to-do', `${listSections(sections)} is removed already.`);
    const before = state.draft.duration + dissolvedLength(state.draft);
    const movedTimes = JSON.stringify(named) !== JSON.stringify(mergeSections(sections));
    const outcome = await this.edit(removalInstruction(named), { movedTimes, asked: sections, ...options }, signal);
    if (outcome.difference?.changed !== true) return outcome;
    this.tookOut(sections);
    const expected = before - totalDuration(named) - dissolvedLength(state.draft);
    if (before > 0 && Math.abs(state.draft.duration - expected) > LENGTH_TOLERANCE) {
      const [is, wanted] = [state.draft.duration, expected].map(formatLength);
      const text = `Check the timeline: it is ${is} long, and without the marked sections alone it would be ${wanted}.`;
      state.chat.add({ kind: 'status', text, actions: ['undo'] });
    }
    return outcome;
  }

  /** Remembers what was removed, for a draft that does not name its source ranges. */
  tookOut(sections: readonly Section[]): void {
    const state = this.#state;
    state.removed = removedFromSource(state.draft, state.clip?.duration) ?? [...state.removed, ...sections];
    this.#carry = undefined;
  }

  /** Remembers a message that changed the timeline, for a cloud draft that does not tell what it did. */
  tookIn(text: string, marked: boolean): void {
    const state = this.#state;
    if (state.link.engine === 'cloud') state.said = [...state.said, { text, marked }];
  }

  async export(options: ExportOptions, signal: AbortSignal, resume?: PendingRender): Promise<ExportOutcome> {
    const { link } = this.#state;
    // What is rendered already was made of the file as it was.
    if (!resume) await assertSameClip(this.#state);
    return await exportSession(
      options,
      resume,
      {
        ports: this.#ports,
        state: this.#state,
        persist: this.#persist,
        connect: () => link.connect(signal),
        ready: () =>
          this.withLivingSession(signal, async () => {
            await this.prepare(signal);
            return { ...(await link.connect(signal)), draft: (await this.readState(signal)).raw };
          }),
      },
      signal,
    );
  }

  async tellCredits(signal: AbortSignal): Promise<string> {
    await this.connect(signal);
    const { client, engine } = await this.#state.link.connect(signal);
    const credits = await client.credits({ signal });
    const text = engine === 'local' ? 'Cutting on this machine needs no credits.' : creditsLine(credits);
    this.#state.chat.add({ kind: 'status', topic: 'credits', text });
    return text;
  }

  async tellStatus(signal: AbortSignal): Promise<string> {
    if (this.#state.link.hasSession) await this.withLivingSession(signal, () => this.readState(signal));
    const text = summarizeDraft(this.#state.draft);
    this.#state.chat.add({ kind: 'status', text });
    return text;
  }

  async readState(signal: AbortSignal): Promise<Draft> {
    const { client, remote } = await this.#state.link.connect(signal);
    const { draft, plan, wish } = await client.state(remote.sessionId, { signal });
    return this.#state.takeDraft(draft, plan, wish);
  }

  /** To another engine: the same files, and the sections that were removed, in one message; else the same words. */
  async switchTo(engine: EngineName, signal: AbortSignal): Promise<void> {
    const state = this.#state;
    if (state.link.engine !== engine) {
      this.#carry = state.toCarry() ?? this.#carry;
      state.link.switchTo(engine);
      state.forgetRemote();
      // A render that went on over there would give the file twice.
      state.render = undefined;
    }
    await this.connect(signal);
    const links = state.uploads.filter(isLink);
    const files = state.uploads.filter((upload) => !isLink(upload));
    const paths = files.length > 0 ? files : state.clip ? [state.clip.path] : [];
    // The clip itself goes up last: our own engine puts the last one on the timeline.
    if (links.length > 0 && state.draft.tracks.length === 0) await this.uploadUrls(links, signal);
    if (paths.length > 0 && state.clip?.uploaded !== true) await this.upload(paths, signal);
    if (this.#carry) await this.#makeAgain(this.#carry, signal);
  }

  /**
   * Looks whether music and title have been added since, and tells.
   *
   * @returns whether that is settled
   */
  async lookForAdditions(signal: AbortSignal): Promise<boolean> {
    if (!this.#awaiting) return true;
    await this.readState(signal);
    return this.#settleAdditions();
  }

  /** Once anew when the engine has forgotten the session; what was on its timeline is then gone there. */
  async withLivingSession<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#watched(work);
    } catch (error) {
      if (!this.#state.link.isSessionGone(error)) throw error;
    }
    const lost = this.#forgetSession();
    await this.#watched(() => this.prepare(signal));
    if (!lost) return await this.#watched(work);
    this.#carry = lost;
    if (this.#state.link.engine === 'cloud') {
      // Editing again costs credits: that is for the person to say.
      const message = `${inWords(lost)} gone with the old timeline. Do that again, or cut on this machine.`;
      throw new SessionError('session-not-found', message, { actions: ['use-local'] });
    }
    await this.#makeAgain(lost, signal);
    return await work();
  }

  async #send(text: string, options: EditOptions, signal: AbortSignal): Promise<EditResult> {
    const state = this.#state;
    await this.prepare(signal);
    const { client, remote, engine } = await state.link.connect(signal);
    const before = await this.readState(signal);
    this.#settleAdditions();
    if (engine === 'cloud') await this.#credits.tellPrices(client, signal);
    const sentence = betterSentence(text, before.duration > 0 ? before.duration : state.clip?.duration);
    // Our own engine's answer is a hint itself.
    if (sentence !== undefined && engine === 'cloud') tellHint(state.chat, sentence);
    state.activity = { kind: 'editing' };
    // An export that could not be followed was of the timeline as it was.
    state.render = undefined;
    if (state.asked?.kind === 'message') state.asked = undefined;
    const { asked = [], thenExport = false, exportAs } = options;
    const startedAt = this.#ports.clock.now();
    const message: NonNullable<SessionState['inFlight']> = {
      kind: 'message',
      text,
      before: before.raw,
      startedAt,
      asked: [...asked],
      thenExport,
      exportAs,
    };
    const setNote = (note: string | undefined): void => {
      state.activity = { kind: 'editing', ...(note === undefined ? {} : { note }) };
    };
    const surroundings = {
      client,
      sessionId: remote.sessionId,
      engine,
      clock: this.#ports.clock,
      chat: state.chat,
      setNote,
      before,
      asked,
      sentence: engine === 'local' ? sentence : undefined,
      readState: () => this.readState(signal),
      tellDifference: engine === 'cloud' || options.movedTimes === true,
      log: this.#ports.log,
    };
    return await this.#inFlight(message, signal, () => sendToAgent(text, surroundings, signal));
  }

  async #upload(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const state = this.#state;
    await this.connect(signal);
    const { engine } = await state.link.connect(signal);
    const files = paths.map((path) => basename(path));
    const names = files.join(', ');
    state.activity = { kind: 'uploading', names: files, fraction: 0 };
    const entry = state.chat.addPassing(`Uploading ${names}…`);
    const main = state.clip && paths.includes(state.clip.path) ? state.clip.path : (paths[0] ?? '');
    const sending = await state.stateOfFile(main);
    try {
      const sent = await this.#inFlight({ kind: 'upload', files: [...paths] }, signal, () =>
        this.#sendFiles(paths, signal),
      );
      const duration = sent[paths.indexOf(main)]?.duration ?? state.clip?.duration;
      if (!state.clip?.uploaded) state.takeClip(main, duration, true);
      if (state.clip?.path === main) state.seen = sending;
      state.uploads = [...new Set([...state.uploads, ...paths])];
      await this.readState(signal);
      const length =
        duration !== undefined && paths.length === 1 ? ` (${formatTimecode(duration, { digits: 0 })})` : '';
      const text = engine === 'local' ? `${names}${length} is ready to cut.` : `Uploaded ${names}${length}.`;
      state.chat.set(entry, { kind: 'status', topic: 'added', text });
    } catch (error) {
      state.chat.remove(entry);
      throw error;
    }
  }

  async #sendFiles(paths: readonly string[], signal: AbortSignal): Promise<UploadedFile[]> {
    const state = this.#state;
    const { client, remote } = await state.link.connect(signal);
    const { clock } = this.#ports;
    const names = paths.map((path) => basename(path));
    const begun = steadyNow(clock);
    const onProgress = ({ sentBytes, totalBytes }: UploadProgress): void => {
      const elapsed = steadyNow(clock) - begun;
      // The first chunks go into the socket's memory: no speed yet.
      const speed = elapsed < 1000 ? {} : { bytesPerSecond: Math.round((sentBytes / elapsed) * 1000) };
      const fraction = totalBytes > 0 ? Math.min(1, sentBytes / totalBytes) : 0;
      state.activity = { kind: 'uploading', names, fraction, ...speed };
    };
    return await client.upload(remote.sessionId, paths, { signal, onProgress });
  }

  /** Stored while it is under way, so that a window that closes or crashes leaves word of it. */
  async #inFlight<T>(
    what: NonNullable<SessionState['inFlight']>,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const state = this.#state;
    state.inFlight = what;
    await this.#persist();
    try {
      return await work();
    } finally {
      if (!isClosing(signal)) state.inFlight = undefined;
    }
  }

  async #inLivingSession(work: () => Promise<void>): Promise<void> {
    try {
      await this.#watched(work);
    } catch (error) {
      if (this.#isWatched || !this.#state.link.isSessionGone(error)) throw error;
      const lost = this.#forgetSession();
      if (lost) this.#carry = lost;
      await this.#watched(work);
    }
  }

  /** A session is made anew by the outermost step that met its loss, once. */
  async #watched<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#isWatched;
    this.#isWatched = true;
    try {
      return await work();
    } finally {
      this.#isWatched = outer;
    }
  }

  /** @returns what was edited there */
  #forgetSession(): Carry | undefined {
    const state = this.#state;
    const lost = state.toCarry();
    const text = 'This session was no longer known, so its old timeline is gone. A new one is made.';
    state.chat.add({ kind: 'status', text });
    state.forgetRemote();
    return lost;
  }

  #tellAdditions(tracks: readonly Track[]): void {
    this.#state.additions = tellAdditions(this.#state.chat, tracks);
    this.#awaiting = undefined;
  }

  /** Tells what was added since the clip was made, by the draft as it is now. @returns whether anything was */
  #settleAdditions(): boolean {
    const awaiting = this.#awaiting;
    if (!awaiting) return true;
    const now = this.#state.draft;
    const added = unaskedTracks(awaiting.message, awaiting.draft, now);
    if (added.length > 0) this.#tellAdditions(added);
    return added.length > 0 || addedTracks(awaiting.draft, now).length > 0;
  }

  async #makeAgain(carry: Carry, signal: AbortSignal): Promise<void> {
    await makeAgain(carry, {
      chat: this.#state.chat,
      remove: (sections) => this.remove(sections, {}, signal),
      say: (text) => this.edit(text, {}, signal),
      left: (rest) => (this.#carry = rest),
    });
  }
}
