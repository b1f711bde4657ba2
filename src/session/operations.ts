import * as l10n from '@vscode/l10n';
import { explain, registrationLinkFor } from './explain.js';
import { closingReason, isClosing } from './export.js';
import type { Repeated } from './outcomes.js';
import type { SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { Activity } from './snapshot.js';

export type Work<T> = (signal: AbortSignal) => Promise<T>;

/** What can be tried again. */
export interface Failed {
  readonly work: Work<Repeated>;
  /** It was said that another engine could do it. */
  readonly elsewhere: boolean;
  /** It brings its own files and cuts: nothing of the old engine's timeline goes with it. */
  readonly anew?: boolean;
}

/** Runs the operations of a session, one at a time: shows how each failed, and stores the session after it. */
export class Operations {
  readonly #ports: SessionPorts;
  readonly #state: SessionState;
  readonly #persist: () => Promise<void>;
  #running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  #closed = false;
  /** What failed last. An operation sets it itself when it ends well but not with everything done. */
  failed: Failed | undefined;

  constructor(ports: SessionPorts, state: SessionState, persist: () => Promise<void>) {
    this.#ports = ports;
    this.#state = state;
    this.#persist = persist;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** The window closes: what runs is left as it is, for the next one. */
  get closed(): boolean {
    return this.#closed;
  }

  /** @throws SessionError `busy` */
  refuseWhenBusy(): void {
    if (!this.#running) return;
    throw new SessionError('busy', busyWith(this.#state.activity.kind));
  }

  /**
   * Runs one operation: shows its failure, remembers it for `retry`, and stores the session after it.
   *
   * @param again what `retry` does, when that is not the same or brings something
   */
  async alone<T>(work: Work<T>, again: Work<Repeated> = (signal) => work(signal).then(() => ({}))): Promise<T> {
    this.refuseWhenBusy();
    const abort = new AbortController();
    let end = (): void => undefined;
    this.#running = { abort, ended: new Promise<void>((resolve) => (end = resolve)) };
    this.failed = undefined;
    try {
      return await work(abort.signal);
    } catch (error) {
      throw await this.#showFailure(error, abort.signal, again);
    } finally {
      this.#running = undefined;
      this.#state.activity = { kind: 'idle' };
      await this.#persist();
      end();
    }
  }

  /** For what only reads: also while an operation runs, as long as that has connected. */
  async beside<T>(work: Work<T>): Promise<T> {
    if (!this.#running || !this.#state.link.connected) return await this.alone(work);
    try {
      return await work(this.#running.abort.signal);
    } catch (error) {
      throw await this.explain(error);
    }
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running.ended;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    running?.abort.abort(new SessionError('stopped', l10n.t('Stopped.')));
    await running?.ended;
  }

  close(): void {
    this.#closed = true;
    this.#running?.abort.abort(closingReason());
  }

  /** What went wrong, in words. */
  async explain(error: unknown): Promise<SessionError> {
    const { engine, registrationLink } = this.#state.link;
    return explain(error, {
      engine,
      registrationLink: await registrationLinkFor(registrationLink, this.#ports.ownToken),
    });
  }

  async #showFailure(error: unknown, signal: AbortSignal, again: Work<Repeated>): Promise<SessionError> {
    const failure = signal.aborted ? new SessionError('stopped', this.#stoppedText()) : await this.explain(error);
    const { kind, message, actions, link } = failure;
    const byPerson = kind === 'stopped' || kind === 'dismissed';
    this.#ports.log(`session: ended with ${kind}`, ...(byPerson ? [] : (['warn'] as const)));
    // Nobody is there to read it, and the next window tells what became of it.
    if (isClosing(signal)) return failure;
    if (kind !== 'stopped') this.failed = { work: again, elsewhere: actions.includes('use-local') };
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
    return goesOn
      ? l10n.t('Stopped. Work that NemoVideo has begun may still finish and be charged; type "status" to see.')
      : l10n.t('Stopped.');
  }
}

function busyWith(kind: Activity['kind']): string {
  switch (kind) {
    case 'idle':
      return l10n.t('Still busy. Wait until that is done, or stop it first.');
    case 'connecting':
      return l10n.t('Still connecting. Wait until that is done, or stop it first.');
    case 'uploading':
      return l10n.t('Still uploading. Wait until that is done, or stop it first.');
    case 'editing':
      return l10n.t('Still editing. Wait until that is done, or stop it first.');
    case 'exporting':
      return l10n.t('Still exporting. Wait until that is done, or stop it first.');
  }
}
