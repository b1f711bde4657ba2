import type { Credits, NemoClient } from '../nemo/protocol.js';
import { isExportable } from '../timeline/draft.js';
import type { SessionState } from './session-state.js';

/** About what NemoVideo charges (WIRE.md); an export is free. */
export const EDIT_PRICE = 50;
export const CLIP_PRICE = 100;

/** Ms; nobody waits for a line that is only good to know. */
const LONGEST_READ = 5000;

/** `60 credits available, 40 more reserved by running work.` */
export function creditsLine({ available, frozen }: Credits): string {
  const reserved = frozen > 0 ? `, ${frozen} more reserved by running work` : '';
  return `${available} credits available${reserved}.`;
}

/** The quiet lines about credits in the chat of a session in the cloud. What cannot be read is not said. */
export class CreditLines {
  readonly #state: SessionState;
  readonly #log: (line: string) => void;
  /** The balance that was told last: only the newest stands in the chat. */
  #told: string | undefined;

  constructor(state: SessionState, log: (line: string) => void) {
    this.#state = state;
    this.#log = log;
  }

  /** Once a session, before the first message that costs. */
  async tellPrices(client: NemoClient, signal: AbortSignal): Promise<void> {
    const state = this.#state;
    if (state.pricesTold) return;
    state.pricesTold = true;
    const what = isExportable(state.draft)
      ? `An edit costs about ${EDIT_PRICE} credits`
      : `A new clip costs about ${CLIP_PRICE} credits, an edit about ${EDIT_PRICE}`;
    const credits = await this.#read(client, signal);
    const text = credits === undefined ? `${what}.` : `${what}; you have ${credits.available}.`;
    state.chat.add({ kind: 'status', topic: 'credits', text });
  }

  /** After an edit, in place of what was told after the one before. */
  async tellBalance(client: NemoClient, signal: AbortSignal): Promise<void> {
    const credits = await this.#read(client, signal);
    if (credits === undefined) return;
    const { chat } = this.#state;
    if (this.#told !== undefined) chat.remove(this.#told);
    this.#told = chat.add({ kind: 'status', topic: 'credits', text: creditsLine(credits) });
  }

  async #read(client: NemoClient, signal: AbortSignal): Promise<Credits | undefined> {
    try {
      return await client.credits({ signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_READ)]) });
    } catch {
      signal.throwIfAborted();
      this.#log('session: the credits could not be read');
      return undefined;
    }
  }
}
