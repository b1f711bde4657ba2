import * as l10n from '@vscode/l10n';
import { compareDrafts, lengths } from '../timeline/difference.js';
import { readDraft } from '../timeline/draft.js';
import { joinWords } from '../timeline/phrases.js';
import type { Section } from '../timeline/sections.js';
import { sayingAgain, uploadAny } from './asked.js';
import { lookForInterrupted } from './edit.js';
import { isClosing } from './export.js';
import type { PendingRender } from './export-step.js';
import type { Work } from './operations.js';
import type { ExportOptions, Repeated, SayOutcome } from './outcomes.js';
import type { SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { SessionWork } from './session-work.js';
import { nameOfUpload } from './upload-source.js';
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
  /** What trying again means, once it is known what became of it. */
  #again: Work<Repeated> | undefined;

  constructor(ports: SessionPorts, state: SessionState, work: SessionWork) {
    this.#ports = ports;
    this.#state = state;
    this.#work = work;
  }

  /**
   * @throws SessionError when what was asked for was not sent or did nothing; NemoError when the engine cannot be asked:
   * it is then kept
   */
  async run(signal: AbortSignal): Promise<ExportOutcome | undefined> {
    const state = this.#state;
    const { inFlight, render } = state;
    if (inFlight?.kind === 'upload') await this.#upload(inFlight.files, signal);
    if (inFlight?.kind === 'message') {
      const exported = await this.#message(inFlight, signal);
      // An export can have a message before it, which makes a lost timeline again.
      if (exported) return exported;
    }
    if (render) {
      state.asked = undefined;
      return await this.#work.export(exportOf(render), signal, render);
    }
    const { asked } = state;
    if (asked?.kind === 'export') return await this.#export(asked.options, signal);
    state.asked = undefined;
    switch (asked?.kind) {
      case undefined:
        return undefined;
      case 'upload':
        return this.#uploadLost(asked.files);
      case 'message':
        this.#again = asked.sections ? sayingSections(asked.sections, this.#work) : sayingAgain(asked.text, this.#work);
        throw new SessionError(
          'agent',
          l10n.t(
            'Your last message was interrupted before it was sent: "{0}" Try again when you like.',
            shortened(asked.text),
          ),
          {
            actions: ['retry'],
          },
        );
    }
  }

  /** What was interrupted, once more: because the person asks for it. */
  async again(signal: AbortSignal): Promise<Repeated> {
    return this.#again ? await this.#again(signal) : { exported: await this.run(signal) };
  }

  async #export(options: ExportOptions, signal: AbortSignal): Promise<ExportOutcome> {
    this.#again = async (anew) => ({ exported: await this.#work.export(options, anew) });
    try {
      return await this.#work.export(options, signal);
    } finally {
      // Not before: the queue of exports asks whose it is.
      if (!isClosing(signal)) this.#state.asked = undefined;
    }
  }

  /** @param files that had not arrived; the first one was under way */
  async #upload(files: readonly string[], signal: AbortSignal): Promise<void> {
    const state = this.#state;
    // Without a session there, nothing can have arrived.
    const before = state.draft;
    const arrived = state.link.hasSession && compareDrafts(before, await this.#work.readState(signal)).changed;
    state.inFlight = undefined;
    const isAsked = state.asked?.kind === 'upload';
    if (isAsked) state.asked = undefined;
    const [first = ''] = files;
    if (arrived) {
      state.uploads = [...new Set([...state.uploads, first])];
      const { clip } = state;
      if (clip?.path === first) state.takeClip(clip.path, clip.duration, true);
      state.chat.add({
        kind: 'status',
        text: l10n.t('{0} arrived while this window was closed.', nameOfUpload(first)),
      });
    }
    const missing = arrived ? files.slice(1) : files;
    // A message that waits for it is told of by itself.
    if (missing.length > 0 && (isAsked || state.asked === undefined)) this.#uploadLost(missing);
  }

  /** @throws SessionError */
  #uploadLost(files: readonly string[]): undefined {
    const { clip } = this.#state;
    const names = joinWords(files.map(nameOfUpload));
    if (clip && files.every((file) => file === clip.path)) {
      const text = l10n.t('The upload of {0} was interrupted. It starts again with your next message.', names);
      this.#state.chat.add({ kind: 'status', text });
      return undefined;
    }
    this.#again = (signal) => uploadAny(files, this.#work, signal).then(() => ({}));
    const message = l10n.t('The upload of {0} was interrupted. Try again when you like.', names);
    throw new SessionError('unreachable', message, { actions: ['retry'] });
  }

  async #message(message: Message, signal: AbortSignal): Promise<ExportOutcome | undefined> {
    const state = this.#state;
    const engine = state.link.engine ?? 'cloud';
    state.activity = { kind: 'editing', note: l10n.t('Looking what became of your last message…') };
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
    const text = l10n.t('Your last message was carried out while this window was closed. {0}', difference.text);
    state.chat.add({ kind: 'status', topic: 'edited', change: lengths(difference), text, actions: ['export', 'undo'] });
    return message.thenExport === true ? await this.#work.export(exportAs(message), signal) : undefined;
  }

  #nothingCame(message: Message, cloud: boolean): SessionError {
    this.#state.asked = undefined;
    this.#again = sayingMessage(message, this.#work);
    const sentence = l10n.t(
      'Your last message was interrupted, and the timeline has not changed: "{0}" It was not sent again; try again when you like.',
      shortened(message.text),
    );
    return new SessionError('agent', sentence, { actions: cloud ? ['retry', 'use-local'] : ['retry'] });
  }
}

function sayingMessage(message: Message, work: SessionWork): Work<SayOutcome> {
  const thenExport = message.thenExport === true;
  const asked = message.asked ?? [];
  return (signal) =>
    asked.length > 0
      ? work.remove(asked, { thenExport }, signal)
      : work.edit(message.text, { thenExport, exportAs: exportAs(message) }, signal);
}

function sayingSections(sections: readonly Section[], work: SessionWork): Work<SayOutcome> {
  return (signal) => work.remove(sections, {}, signal);
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function exportOf({ outputPath, folder, name, format, resolution, pinned, order }: PendingRender): ExportOptions {
  return {
    ...defined({ outputPath }),
    ...defined({ folder }),
    ...defined({ name }),
    ...defined({ format }),
    ...defined({ resolution }),
    ...defined({ order }),
    ...(pinned ? { pinned } : {}),
  };
}

function exportAs({ exportAs: { format, resolution } = {} }: Message): Pick<ExportOptions, 'format' | 'resolution'> {
  return { ...defined({ format }), ...defined({ resolution }) };
}

function defined<Key extends string>(field: Record<Key, string | undefined>): Partial<Record<Key, string>> {
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== undefined)) as Partial<
    Record<Key, string>
  >;
}
