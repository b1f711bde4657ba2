import type { ChatEntry } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';

/** Where a talk is shown besides our own panel. */
export interface TalkOutput {
  /** A line for the time being. */
  progress(text: string): void;
  markdown(text: string): void;
}

/**
 * Shows in another chat what a session says, from now on and as it comes. What the person said stands there already, and
 * failures are told by who asked.
 */
export class ChatMirror {
  readonly #session: TrimSession;
  readonly #output: TalkOutput;
  readonly #old: ReadonlySet<string>;
  readonly #shown = new Map<string, string>();
  readonly #unlisten: () => void;
  #activity = '';

  /** @param doing words for what a session does, by the kind of its activity; empty: say nothing */
  constructor(session: TrimSession, output: TalkOutput, doing: (activity: string) => string) {
    this.#session = session;
    this.#output = output;
    this.#old = new Set(session.snapshot.chat.map(({ id }) => id));
    this.#unlisten = session.onDidChange(() => this.#tell(doing));
  }

  /** Whether anything was shown that stays. */
  get said(): boolean {
    return [...this.#shown.values()].some((text) => text !== '');
  }

  stop(): void {
    this.#unlisten();
  }

  #tell(doing: (activity: string) => string): void {
    const { chat, activity } = this.#session.snapshot;
    const line = doing(activity.kind);
    if (line !== '' && line !== this.#activity) this.#output.progress(line);
    this.#activity = line === '' ? this.#activity : line;
    for (const entry of chat) if (!this.#old.has(entry.id)) this.#show(entry);
  }

  #show({ id, kind, text, topic }: ChatEntry): void {
    const lasting = kind === 'agent' || (kind === 'status' && (topic === 'edited' || topic === 'credits'));
    const shown = this.#shown.get(id) ?? '';
    if (!lasting || text === shown) return;
    const words = kind === 'agent' ? text : asPlainMarkdown(text);
    const before = kind === 'agent' ? shown : asPlainMarkdown(shown);
    const added = words.startsWith(before) ? words.slice(before.length) : `\n\n${words}`;
    const apart = shown === '' && this.said ? '\n\n' : '';
    this.#shown.set(id, text);
    this.#output.markdown(`${apart}${added}`);
  }
}

/** Text that is shown as it is, whatever signs it has: names of files may hold any. */
export function asPlainMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|~$&]/gu, (sign) => `\\${sign}`);
}
