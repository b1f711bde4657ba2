import * as l10n from '@vscode/l10n';
import { LENGTH_TOLERANCE, listSections } from '../timeline/difference.js';
import { dissolvedLength, type Draft } from '../timeline/draft.js';
import { mergeSections, totalDuration, type Section } from '../timeline/sections.js';
import { joinWords } from '../timeline/phrases.js';
import { shownName } from '../timeline/shown-name.js';
import { summarizeDraft } from '../timeline/summary.js';
import { formatLength } from '../timeline/timecode.js';
import { lostWords, makeAgain, type Carry } from './carry.js';
import { CreditLines, creditsLine } from './credits.js';
import { sendToAgent, type EditResult } from './edit.js';
import { exportSession, type PendingRender } from './export-step.js';
import { inFlight } from './in-flight.js';
import { removalInstruction } from './instruction.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';
import type { EngineName, SessionPorts } from './ports.js';
import { Additions } from './second-stage.js';
import { assertSameClip } from './seen-clip.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { ExportOutcome } from './snapshot.js';
import { keptOfDraft, removedFromSource, toTimelineTime } from './source-ranges.js';
import { isLink } from './upload-source.js';
import { Uploads } from './uploads.js';
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
  readonly #uploads: Uploads;
  readonly #additions: Additions;
  #isWatched = false;
  /** What a switch of engines has still to make on the new one. */
  #carry: Carry | undefined;

  constructor(ports: SessionPorts, state: SessionState, persist: () => Promise<void>) {
    this.#ports = ports;
    this.#state = state;
    this.#persist = persist;
    this.#credits = new CreditLines(state, ports.log);
    this.#additions = new Additions(state);
    this.#uploads = new Uploads({
      ports,
      state,
      persist,
      connect: (signal) => this.connect(signal),
      readState: (signal) => this.readState(signal),
      living: (work) => this.#inLivingSession(work),
    });
    state.link.onRemote = persist;
  }

  get awaitsAdditions(): boolean {
    return this.#additions.awaited;
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

  /** In a session that is gone, once more in a new one. @param onArrived told of each file */
  async upload(paths: readonly string[], signal: AbortSignal, onArrived?: (path: string) => void): Promise<void> {
    if (paths.length > 0) await this.#uploads.files(paths, signal, onArrived);
  }

  async uploadUrls(urls: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#uploads.addresses(urls, signal);
  }

  /** Leaves out one of the files on their way. @returns false where nothing would be left to do */
  leaveOut(upload: string): boolean {
    return this.#uploads.leaveOut(upload);
  }

  /** What the person says to the agent: in the cloud with times, where it is about what subtitles know. */
  async say(text: string, options: EditOptions, signal: AbortSignal): Promise<SayOutcome> {
    const timed = await this.timed(text, signal);
    if (!timed) return await this.edit(text, options, signal);
    const { sections } = timed;
    if (sections) return await this.remove(sections, options, signal);
    return await this.edit(timed.text, { ...options, movedTimes: true }, signal);
  }

  /** @returns what to send instead of words about where somebody speaks, once it is told; undefined: as they are */
  async timed(
    text: string,
    signal: AbortSignal,
  ): Promise<{ text: string; sections: readonly Section[] | undefined } | undefined> {
    const [ports, state] = [this.#ports, this.#state];
    const { readUnsaid } = ports;
    if (!readUnsaid || !state.clip) return undefined;
    const { speaksOfSaid, timedMessage } = await import('./said-times.js');
    if (!speaksOfSaid(text)) return undefined;
    await assertSameClip(state);
    await this.connect(signal);
    if (state.link.engine !== 'cloud') return undefined;
    await this.withLivingSession(signal, async () => {
      await this.prepare(signal);
      await this.readState(signal);
    });
    const { path, duration = await ports.readDuration(path) } = state.clip;
    // A batch begins each file anew, beside the ones before it.
    const kept = state.batch ? undefined : keptOfDraft(state.draft, state.removed, duration);
    const timed = await timedMessage(text, { path, duration, kept }, readUnsaid);
    if (!timed) return undefined;
    const names = joinWords(timed.files.map((name) => shownName(name)));
    if (timed.text === undefined) {
      throw new SessionError(
        'nothing-to-do',
        l10n.t('By {0}, somebody speaks all the time, so there is nothing to cut. Nothing was sent.', names),
      );
    }
    const sent = l10n.t('The cloud has no subtitles, so the times by {0} are sent: "{1}"', names, timed.text);
    state.chat.add({ kind: 'status', text: sent });
    return { text: timed.text, sections: timed.sections };
  }

  /** One message to the agent. */
  async edit(text: string, options: EditOptions, signal: AbortSignal): Promise<SayOutcome> {
    const state = this.#state;
    await assertSameClip(state);
    const result = await this.withLivingSession(signal, () => this.#send(text, options, signal));
    const { answer, difference, asks } = result;
    if (difference.changed) this.tookIn(text, (options.asked ?? []).length > 0);
    this.#additions.after(text, result);
    const outcome: SayOutcome = { action: 'agent', answer, difference };
    const { client, engine } = await state.link.connect(signal);
    if (engine === 'cloud') await this.#credits.tellBalance(client, signal);
    else if (asks.includes('credits')) await this.tellCredits(signal);
    if (options.thenExport !== true) return outcome;
    if (difference.changed) {
      options.check?.();
      return { ...outcome, exported: await this.export(options.exportAs ?? {}, signal) };
    }
    const unchanged = l10n.t('Nothing was exported, because the timeline did not change.');
    state.chat.add({ kind: 'status', text: unchanged, actions: ['export'] });
    return outcome;
  }

  /** @param sections in source time */
  async remove(
    sections: readonly Section[],
    options: Pick<EditOptions, 'thenExport' | 'exportAs'>,
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
    if (named.length === 0)
      throw new SessionError('nothing-to-do', l10n.t('{0} is removed already.', listSections(sections)));
    const before = state.draft.duration + dissolvedLength(state.draft);
    const movedTimes = JSON.stringify(named) !== JSON.stringify(mergeSections(sections));
    const outcome = await this.edit(removalInstruction(named), { movedTimes, asked: sections, ...options }, signal);
    if (outcome.difference?.changed !== true) return outcome;
    this.tookOut(sections);
    const expected = before - totalDuration(named) - dissolvedLength(state.draft);
    if (before > 0 && Math.abs(state.draft.duration - expected) > LENGTH_TOLERANCE) {
      const text = l10n.t(
        'Check the timeline: it is {0} long, and without the marked sections alone it would be {1}.',
        formatLength(state.draft.duration),
        formatLength(expected),
      );
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
    const text = engine === 'local' ? l10n.t('Cutting on this machine needs no credits.') : creditsLine(credits);
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
    if (!this.#additions.awaited) return true;
    await this.readState(signal);
    return this.#additions.settle();
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
      throw new SessionError('session-not-found', lostWords(lost), { actions: ['use-local'] });
    }
    await this.#makeAgain(lost, signal);
    return await work();
  }

  async #send(text: string, options: EditOptions, signal: AbortSignal): Promise<EditResult> {
    const state = this.#state;
    await this.prepare(signal);
    const { client, remote, engine } = await state.link.connect(signal);
    const before = await this.readState(signal);
    this.#additions.settle();
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
      sentence: engine === 'local' ? (sentence ?? (await this.#loudness(text))) : undefined,
      readState: () => this.readState(signal),
      tellDifference: engine === 'cloud' || options.movedTimes === true,
      log: this.#ports.log,
    };
    const keeping = { state, persist: this.#persist };
    return await inFlight(message, keeping, signal, () => sendToAgent(text, surroundings, signal));
  }

  /** What to say where it is about subtitles and none are there. */
  async #loudness(text: string): Promise<string | undefined> {
    if (!this.#ports.readUnsaid) return undefined;
    return (await import('./said-times.js')).loudnessSentence(text);
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
    const text = l10n.t('This session was no longer known, so its old timeline is gone. A new one is made.');
    state.chat.add({ kind: 'status', text });
    state.forgetRemote();
    return lost;
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
