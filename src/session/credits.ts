import * as l10n from '@vscode/l10n';
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
  return frozen > 0
    ? l10n.t('{0} credits available, {1} more reserved by running work.', available, frozen)
    : l10n.t('{0} credits available.', available);
}

function pricesLine(hasClip: boolean, available: number | undefined): string {
  if (available === undefined) {
    return hasClip
      ? l10n.t('An edit costs about {0} credits.', EDIT_PRICE)
      : l10n.t('A new clip costs about {0} credits, an edit about {1}.', CLIP_PRICE, EDIT_PRICE);
  }
  return hasClip
    ? l10n.t('An edit costs about {0} credits; you have {1}.', EDIT_PRICE, available)
    : l10n.t('A new clip costs about {0} credits, an edit about {1}; you have {2}.', CLIP_PRICE, EDIT_PRICE, available);
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
    const credits = await this.#read(client, signal);
    const text = pricesLine(isExportable(state.draft), credits?.available);
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
