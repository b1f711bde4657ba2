import { basename } from 'node:path';
import { compareDrafts, lengths } from '../timeline/difference.js';
import { readDraft } from '../timeline/draft.js';
import { lookForInterrupted } from './edit.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';
import type { SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { SessionWork } from './session-work.js';
import type { ExportOutcome } from './snapshot.js';

type InFlight = NonNullable<SessionState['inFlight']>;
type Message = InFlight & { kind: 'message' };

/** Ms; a run of the agent takes no longer, so after that one look tells. */
const LONGEST_RUN = 15 * 60_000;

/** What a window that was closed or crashed left under way: looked for at the engine and told, nothing is sent again. */
export class TakeUp {
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  readonly #work: SessionWork;

  constructor(ports: SessionPorts, state: SessionState, work: SessionWork) {
    this.#ports = ports;
    this.#state = state;
    this.#work = work;
  }

  /** @throws SessionError when the message did nothing; NemoError when the engine cannot be asked: it is then kept */
  async run(signal: AbortSignal): Promise<ExportOutcome | undefined> {
    const { inFlight, render } = this.#state;
    if (inFlight?.kind === 'upload') await this.#upload(inFlight.files, signal);
    if (inFlight?.kind === 'message') return await this.#message(inFlight, signal);
    if (!render) return undefined;
    const { outputPath, folder, name, format, resolution, pinned } = render;
    const options = {
      ...defined({ outputPath }),
      ...defined({ folder }),
      ...defined({ name }),
      ...defined({ format }),
      ...defined({ resolution }),
      ...(pinned ? { pinned } : {}),
    };
    return await this.#work.export(options, signal, render);
  }

  async #upload(files: readonly string[], signal: AbortSignal): Promise<void> {
    const state = this.#state;
    const names = files.map((file) => basename(file)).join(', ');
    // Without a session there, nothing can have arrived.
    const before = state.draft;
    const arrived = state.link.hasSession && compareDrafts(before, await this.#work.readState(signal)).changed;
    state.inFlight = undefined;
    if (arrived) {
      state.uploads = [...new Set([...state.uploads, ...files])];
      const clip = state.clip;
      if (clip && files.includes(clip.path)) state.takeClip(clip.path, clip.duration, true);
      state.chat.add({ kind: 'status', text: `${names} arrived while this window was closed.` });
    } else {
      const text = `The upload of ${names} was interrupted. It starts again with your next message.`;
      state.chat.add({ kind: 'status', text });
    }
  }

  async #message(message: Message, signal: AbortSignal): Promise<ExportOutcome | undefined> {
    const state = this.#state;
    const engine = state.link.engine ?? 'cloud';
    state.activity = { kind: 'editing', note: 'Looking what became of your last message…' };
    const before = readDraft(message.before);
    const clock = this.#ports.clock;
    const running = clock.now() - message.startedAt < LONGEST_RUN;
    const readState = (): ReturnType<SessionWork['readState']> => this.#work.readState(signal);
    // Also says at once when the engine cannot be asked now: the message is then kept for the next time.
    const first = await readState();
    const changedAtOnce = compareDrafts(before, first).changed;
    const after =
      changedAtOnce || !running
        ? first
        : ((await lookForInterrupted({ engine, clock, before, readState, log: this.#ports.log }, signal)) ?? first);
    const difference = compareDrafts(before, after, message.asked ?? []);
    state.inFlight = undefined;
    if (!difference.changed) throw this.#nothingCame(message, engine === 'cloud');
    this.#work.tookIn(message.text, (message.asked ?? []).length > 0);
    if ((message.asked ?? []).length > 0) this.#work.tookOut(message.asked ?? []);
    const text = `Your last message was carried out while this window was closed. ${difference.text}`;
    state.chat.add({ kind: 'status', topic: 'edited', change: lengths(difference), text, actions: ['export', 'undo'] });
    return message.thenExport === true ? await this.#work.export(exportAs(message), signal) : undefined;
  }

  #nothingCame({ text }: Message, cloud: boolean): SessionError {
    const quoted = text.length > 80 ? `${text.slice(0, 79)}…` : text;
    const sentence = `Your last message was interrupted, and the timeline has not changed: "${quoted}" It was not sent again; try again when you like.`;
    return new SessionError('agent', sentence, { actions: cloud ? ['retry', 'use-local'] : ['retry'] });
  }
}

/** Sends the interrupted message again, because the person asks for it. */
export async function sayAgain(message: Message, work: SessionWork, signal: AbortSignal): Promise<SayOutcome> {
  const thenExport = message.thenExport === true;
  const asked = message.asked ?? [];
  return asked.length > 0
    ? await work.remove(asked, { thenExport }, signal)
    : await work.edit(message.text, { thenExport, exportAs: exportAs(message) }, signal);
}

function exportAs({ exportAs: { format, resolution } = {} }: Message): Pick<ExportOptions, 'format' | 'resolution'> {
  return { ...defined({ format }), ...defined({ resolution }) };
}

function defined<Key extends string>(field: Record<Key, string | undefined>): Partial<Record<Key, string>> {
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== undefined)) as Partial<
    Record<Key, string>
  >;
}
