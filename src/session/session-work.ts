import { basename } from 'node:path';
import { listSections } from '../timeline/difference.js';
import type { UploadProgress } from '../nemo/protocol.js';
import type { Draft } from '../timeline/draft.js';
import { mergeSections, totalDuration, type Section } from '../timeline/sections.js';
import { summarizeDraft } from '../timeline/summary.js';
import { formatTimecode } from '../timeline/timecode.js';
import { sendToAgent, type EditSurroundings } from './edit.js';
import { exportDraft, isClosing } from './export.js';
import { removalInstruction } from './instruction.js';
import type { EngineName, SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { ChatAction, ExportOutcome } from './snapshot.js';
import { keptOfDraft, removedFromSource, toTimelineTime } from './source-ranges.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';

interface EditOptions {
  /** The person asked for the file in the same breath. */
  readonly thenExport?: boolean;
  /** The message names other times than the person marked, because earlier cuts moved them. */
  readonly movedTimes?: boolean;
}

/**
 * The steps that the operations of a session are made of. Every step connects, uploads and reads what it needs, shows
 * in the state what it does, and throws what the engine said, for the operation to explain.
 */
export class SessionWork {
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  /** Stores the state: before a render is asked for. */
  readonly #persist: () => Promise<void>;
  /** Sections that a switch of engines has still to make on the new one. */
  #carry: readonly Section[] | undefined;

  constructor(ports: SessionPorts, state: SessionState, persist: () => Promise<void>) {
    this.#ports = ports;
    this.#state = state;
    this.#persist = persist;
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

  async upload(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const state = this.#state;
    const [first] = paths;
    if (first === undefined) return;
    await this.connect(signal);
    const { client, remote, engine } = await state.link.connect(signal);
    const names = paths.map((path) => basename(path)).join(', ');
    state.activity = { kind: 'uploading', fraction: 0 };
    const entry = state.chat.add({ kind: 'status', text: `Uploading ${names}…` });
    try {
      const onProgress = ({ sentBytes, totalBytes }: UploadProgress): void => {
        state.activity = { kind: 'uploading', fraction: totalBytes > 0 ? Math.min(1, sentBytes / totalBytes) : 0 };
      };
      const files = await client.upload(remote.sessionId, paths, { signal, onProgress });
      const main = state.clip && paths.includes(state.clip.path) ? state.clip.path : first;
      const duration = files[paths.indexOf(main)]?.duration ?? state.clip?.duration;
      if (!state.clip?.uploaded) state.takeClip(main, duration, true);
      state.uploads = [...new Set([...state.uploads, ...paths])];
      await this.readState(signal);
      const length =
        duration !== undefined && paths.length === 1 ? ` (${formatTimecode(duration, { digits: 0 })})` : '';
      const text = engine === 'local' ? `${names}${length} is ready to cut.` : `Uploaded ${names}${length}.`;
      state.chat.set(entry, { kind: 'status', text });
    } catch (error) {
      state.chat.remove(entry);
      throw error;
    }
  }

  async uploadUrls(urls: readonly string[], signal: AbortSignal): Promise<void> {
    await this.connect(signal);
    const { client, remote } = await this.#state.link.connect(signal);
    this.#state.activity = { kind: 'uploading', fraction: 0 };
    await client.uploadUrls(remote.sessionId, urls, { signal });
    await this.readState(signal);
    this.#state.chat.add({ kind: 'status', text: `Added. ${summarizeDraft(this.#state.draft)}` });
  }

  /** One message to the agent. */
  async edit(text: string, options: EditOptions, signal: AbortSignal): Promise<SayOutcome> {
    const state = this.#state;
    const { answer, difference, asks } = await this.#withLivingSession(signal, async () => {
      await this.prepare(signal);
      const { client, remote, engine } = await state.link.connect(signal);
      const before = await this.readState(signal);
      state.activity = { kind: 'editing' };
      const surroundings: EditSurroundings = {
        client,
        sessionId: remote.sessionId,
        engine,
        clock: this.#ports.clock,
        chat: state.chat,
        setNote: (note) => {
          state.activity = { kind: 'editing', ...(note === undefined ? {} : { note }) };
        },
        before,
        readState: () => this.readState(signal),
        tellDifference: engine === 'cloud' || options.movedTimes === true,
        log: this.#ports.log,
      };
      return await sendToAgent(text, surroundings, signal);
    });
    const outcome: SayOutcome = { action: 'agent', answer, difference };
    if (asks.includes('credits')) await this.tellCredits(signal);
    if (options.thenExport !== true) return outcome;
    if (difference.changed) return { ...outcome, exported: await this.export({}, signal) };
    const unchanged = 'Nothing was exported, because the timeline did not change.';
    state.chat.add({ kind: 'status', text: unchanged, actions: ['export'] });
    return outcome;
  }

  /** @param sections in source time */
  async remove(sections: readonly Section[], signal: AbortSignal): Promise<SayOutcome> {
    const state = this.#state;
    await this.#withLivingSession(signal, async () => {
      await this.prepare(signal);
      await this.readState(signal);
    });
    // The agent counts in the timeline's own time, which earlier cuts have moved.
    const kept = keptOfDraft(state.draft, state.removed, state.clip?.duration);
    const named = toTimelineTime(sections, kept);
    if (named.length === 0) throw new SessionError('nothing-to-do', `${listSections(sections)} is removed already.`);
    const before = state.draft.duration;
    const movedTimes = JSON.stringify(named) !== JSON.stringify(mergeSections(sections));
    const outcome = await this.edit(removalInstruction(named), { movedTimes }, signal);
    if (outcome.difference?.changed !== true) return outcome;
    state.removed = removedFromSource(state.draft, state.clip?.duration) ?? [...state.removed, ...sections];
    this.#carry = undefined;
    const expected = before - totalDuration(named);
    if (before > 0 && Math.abs(state.draft.duration - expected) > UNEXPECTED_LENGTH) {
      const [is, wanted] = [state.draft.duration, expected].map((time) => formatTimecode(time, { digits: 1 }));
      const text = `Check the timeline: it is ${is} long, and without the marked sections alone it would be ${wanted}.`;
      state.chat.add({ kind: 'status', text, actions: ['undo'] });
    }
    return outcome;
  }

  async export(options: ExportOptions, signal: AbortSignal, resume?: string): Promise<ExportOutcome> {
    const state = this.#state;
    const clip = state.clip?.path ?? options.outputPath;
    if (clip === undefined) {
      const message = 'Choose where to save the result: this session has no clip on this machine.';
      throw new SessionError('needs-output', message);
    }
    const { client, remote, engine, draft } = await this.#withLivingSession(signal, async () => {
      await this.prepare(signal);
      return { ...(await state.link.connect(signal)), draft: (await this.readState(signal)).raw };
    });
    state.activity = { kind: 'exporting' };
    const { clock, readDuration, log } = this.#ports;
    const sourceDuration = state.clip?.duration;
    const request = { client, engine, sessionId: remote.sessionId, draft, clip, sourceDuration, resume, ...options };
    const onProgress = (fraction: number | undefined): void => {
      state.activity = { kind: 'exporting', ...(fraction === undefined ? {} : { fraction }) };
    };
    const onRender = (id: string): Promise<void> => {
      const { outputPath } = options;
      state.render = { id, startedAt: clock.now(), ...(outputPath === undefined ? {} : { outputPath }) };
      return this.#persist();
    };
    try {
      const outcome = await exportDraft(request, { clock, readDuration, log, onProgress, onRender }, signal);
      const actions: ChatAction[] = ['open-output', 'reveal-output'];
      if (engine === 'cloud') actions.push('open-in-browser');
      state.chat.add({ kind: 'export', text: exportedText(outcome), outputPath: outcome.outputPath, actions });
      return outcome;
    } finally {
      // A window that closes leaves the render to the next one.
      if (!isClosing(signal)) state.render = undefined;
    }
  }

  async tellCredits(signal: AbortSignal): Promise<string> {
    await this.connect(signal);
    const { client, engine } = await this.#state.link.connect(signal);
    const { available, frozen } = await client.credits({ signal });
    const reserved = frozen > 0 ? `, ${frozen} more reserved by running work` : '';
    const text =
      engine === 'local' ? 'Cutting on this machine needs no credits.' : `${available} credits available${reserved}.`;
    this.#state.chat.add({ kind: 'status', text });
    return text;
  }

  async tellStatus(signal: AbortSignal): Promise<string> {
    if (this.#state.link.hasSession) await this.#withLivingSession(signal, () => this.readState(signal));
    const text = summarizeDraft(this.#state.draft);
    this.#state.chat.add({ kind: 'status', text });
    return text;
  }

  async readState(signal: AbortSignal): Promise<Draft> {
    const { client, remote } = await this.#state.link.connect(signal);
    const { draft } = await client.state(remote.sessionId, { signal });
    return this.#state.takeDraft(draft);
  }

  /** To another engine: the same files, and the sections that were removed, in one message. */
  async switchTo(engine: EngineName, signal: AbortSignal): Promise<void> {
    const state = this.#state;
    if (state.link.engine !== engine) {
      const made = state.sectionsToCarry();
      if (made.length > 0) this.#carry = made;
      state.link.switchTo(engine);
      state.forgetRemote();
    }
    await this.connect(signal);
    const paths = state.uploads.length > 0 ? state.uploads : state.clip ? [state.clip.path] : [];
    if (paths.length > 0 && state.clip?.uploaded !== true) await this.upload(paths, signal);
    if (this.#carry) await this.#cutAgain(this.#carry, signal);
  }

  /** Once anew when the engine has forgotten the session; what was on its timeline is then gone there. */
  async #withLivingSession<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const state = this.#state;
    try {
      return await work();
    } catch (error) {
      if (!state.link.isSessionGone(error)) throw error;
    }
    const lost = state.sectionsToCarry();
    const text = 'This session was no longer known, so its old timeline is gone. A new one is made.';
    state.chat.add({ kind: 'status', text });
    state.forgetRemote();
    await this.prepare(signal);
    if (lost.length === 0) return await work();
    this.#carry = lost;
    if (state.link.engine === 'cloud') {
      // Cutting again costs credits: that is for the person to say.
      const message = `The cuts made before (${listSections(lost)}) are gone with the old timeline. Mark them again, or cut on this machine.`;
      throw new SessionError('session-not-found', message, { actions: ['use-local'] });
    }
    await this.#cutAgain(lost, signal);
    return await work();
  }

  async #cutAgain(sections: readonly Section[], signal: AbortSignal): Promise<void> {
    this.#state.chat.add({ kind: 'status', text: `Making your cuts again: ${listSections(sections)}.` });
    const { difference, answer } = await this.remove(sections, signal);
    if (difference?.changed === true) return;
    throw new SessionError('agent', `Your cuts could not be made again: ${answer}`, { actions: ['retry'] });
  }
}

/** More than joins on whole frames can explain. */
const UNEXPECTED_LENGTH = 1_000_000;

function exportedText({ outputPath, duration, sourceDuration, cut }: ExportOutcome): string {
  const length = formatTimecode(duration, { digits: 1 });
  const lengths =
    sourceDuration === undefined ? length : `${formatTimecode(sourceDuration, { digits: 1 })} → ${length}`;
  const notes = (cut?.notes ?? []).map((note) => ` ${note}`).join('');
  return `Exported ${basename(outputPath)}: ${lengths}.${notes}`;
}
