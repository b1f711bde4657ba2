import * as l10n from '@vscode/l10n';
import { parseToPanel, type PanelRequest, type ToHost, type ToPanel } from '../src/messages.js';
import type { TimelineLook } from './panel-events.js';
import type { TypedSection } from '../src/timeline/sections.js';

type WithoutId<Message> = Message extends PanelRequest ? Omit<Message, 'id'> : never;

/** A request without the id, which the link gives. */
export type HostRequest = WithoutId<PanelRequest>;

/** Everything the host says of itself; its replies are the link's own business. */
export type HostNews = Exclude<ToPanel, { type: 'reply' }>;

export interface HostLinkPorts {
  readonly post: (message: ToHost) => void;
  readonly deliver: (news: HostNews) => void;
  /** Runs `run` later; calling the result calls it off. */
  readonly schedule: (run: () => void, milliseconds: number) => () => void;
}

/** A request that the host refused or did not answer. The message is a sentence for the person. */
export class HostRequestError extends Error {
  override readonly name = 'HostRequestError';
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * How long the host may stay silent before a request is given up. An edit may run for 15 minutes and a person may
 * leave a file dialog open, so those are counted from the last sign of life: each message of the host starts them anew.
 */
const PATIENCE: Record<HostRequest['type'], number> = {
  remove: 20 * MINUTE,
  say: 20 * MINUTE,
  join: 20 * MINUTE,
  export: 20 * MINUTE,
  act: 20 * MINUTE,
  attach: 30 * MINUTE,
  'choose-engine': 30 * MINUTE,
  'choose-folder': 30 * MINUTE,
  'choose-export': 30 * SECOND,
  'cancel-export': 30 * SECOND,
  drop: 2 * MINUTE,
  'cancel-upload': 30 * SECOND,
  playable: MINUTE,
  stop: 30 * SECOND,
  'take-out': 20 * MINUTE,
  'session-menu': 30 * MINUTE,
  copy: 30 * SECOND,
  'open-link': 30 * SECOND,
};

interface Waiting {
  readonly type: HostRequest['type'];
  readonly resolve: () => void;
  readonly reject: (error: HostRequestError) => void;
  callOff: () => void;
}

/** The panel's end of the line to the extension host. */
export class HostLink {
  readonly #ports: HostLinkPorts;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(ports: HostLinkPorts) {
    this.#ports = ports;
  }

  /** Says that the panel can draw; the host then replays all it has. Nothing is sent to the panel before. */
  ready(): void {
    this.#ports.post({ type: 'ready' });
  }

  mark(revision: number, sections: readonly TypedSection[]): void {
    this.#ports.post({ type: 'mark', revision, sections: [...sections] });
  }

  look(look: TimelineLook): void {
    this.#ports.post({ type: 'look', ...look });
  }

  /**
   * Sends a request and waits until the host has done it.
   *
   * @throws HostRequestError with the host's own sentence when it refuses, or with ours when it stays silent.
   */
  request(request: HostRequest): Promise<void> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<void>((resolve, reject) => {
      this.#waiting.set(id, { type: request.type, resolve, reject, callOff: this.#giveUpLater(id, request.type) });
    });
    this.#ports.post({ ...request, id });
    return answered;
  }

  /** Takes whatever arrived. What is no message of the host is dropped: other scripts may post to the window too. */
  receive(data: unknown): void {
    const message = parseToPanel(data);
    if (!message) return;
    for (const [id, waiting] of this.#waiting) {
      waiting.callOff();
      waiting.callOff = this.#giveUpLater(id, waiting.type);
    }
    if (message.type !== 'reply') {
      this.#ports.deliver(message);
      return;
    }
    const waiting = this.#take(message.id);
    if (message.error === undefined) waiting?.resolve();
    else waiting?.reject(new HostRequestError(message.error));
  }

  #giveUpLater(id: number, type: HostRequest['type']): () => void {
    return this.#ports.schedule(() => {
      const sentence = l10n.t('VS Code did not answer. Your marks are kept; try again.');
      this.#take(id)?.reject(new HostRequestError(sentence));
    }, PATIENCE[type]);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.callOff();
    this.#waiting.delete(id);
    return waiting;
  }
}
