import * as l10n from '@vscode/l10n';
import { NemoError } from '../nemo/errors.js';
import type { NemoClient } from '../nemo/protocol.js';
import type { ChatLog } from './chat-log.js';
import type { EngineName, SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';

interface Remote {
  readonly taskId: string;
  readonly sessionId: string;
}

export interface Linked {
  readonly client: NemoClient;
  readonly remote: Remote;
  readonly engine: EngineName;
}

/** The way to the engine: which one, its client, and the session we have there. */
export class EngineLink {
  readonly #ports: SessionPorts;
  readonly #chat: ChatLog;
  #engine: EngineName | undefined;
  #client: NemoClient | undefined;
  #remote: Remote | undefined;
  #connecting: Promise<Linked> | undefined;

  /** Set by the session: stores the session of the engine before anything is sent to it. */
  onRemote: () => Promise<void> = () => Promise.resolve();

  constructor(ports: SessionPorts, chat: ChatLog, engine: EngineName | undefined, remote: Remote | undefined) {
    this.#ports = ports;
    this.#chat = chat;
    this.#engine = engine;
    this.#remote = remote;
  }

  get engine(): EngineName | undefined {
    return this.#engine;
  }

  get remote(): Remote | undefined {
    return this.#remote;
  }

  get connected(): boolean {
    return this.#client !== undefined && this.#remote !== undefined;
  }

  get hasSession(): boolean {
    return this.#remote !== undefined;
  }

  get registrationLink(): string | undefined {
    return this.#client?.registrationLink();
  }

  /** @throws SessionError `dismissed`, NemoError, or the signal's reason */
  async connect(signal: AbortSignal): Promise<Linked> {
    const { engine, client, remote } = { engine: this.#engine, client: this.#client, remote: this.#remote };
    if (engine && client && remote) return { engine, client, remote };
    this.#connecting ??= this.#connect(signal).finally(() => (this.#connecting = undefined));
    return await this.#connecting;
  }

  /** The session there is forgotten with the engine. The clients belong to the host, which keeps one per engine. */
  switchTo(engine: EngineName): void {
    this.#engine = engine;
    this.#client = undefined;
    this.#remote = undefined;
  }

  forgetSession(): void {
    this.#remote = undefined;
  }

  /** For a session that is deleted. What the cloud keeps of it is the cloud's; our own engine keeps nothing. @throws NemoError */
  async discard(): Promise<void> {
    const remote = this.#remote;
    if (this.#engine !== 'local' || !remote) return;
    this.#remote = undefined;
    const client = this.#client ?? (await this.#ports.connectEngine('local'));
    await client.forgetSession(remote.sessionId);
  }

  isSessionGone(error: unknown): boolean {
    return error instanceof NemoError && error.kind === 'session-not-found' && this.hasSession;
  }

  async #connect(signal: AbortSignal): Promise<Linked> {
    const engine = this.#engine ?? (await this.#ports.chooseEngine());
    signal.throwIfAborted();
    if (engine === undefined) {
      const message = l10n.t('Choose first where to cut: in the cloud, or on this machine. Nothing was uploaded.');
      throw new SessionError('dismissed', message, { actions: ['retry', 'use-local'] });
    }
    this.#engine = engine;
    const entry = this.#chat.addPassing(l10n.t('Connecting...'));
    try {
      this.#client ??= await this.#ports.connectEngine(engine, signal);
      const client = this.#client;
      if (!this.#remote) {
        const language = this.#ports.language ?? 'en';
        const { taskId, sessionId } = await client.createSession({ taskName: 'project', language }, { signal });
        this.#remote = { taskId, sessionId };
        await this.onRemote();
      }
      this.#chat.set(entry, { kind: 'status', topic: 'connected', text: l10n.t('Ready.') });
      return { engine, client, remote: this.#remote };
    } catch (error) {
      this.#chat.remove(entry);
      throw error;
    }
  }
}
