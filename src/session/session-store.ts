import * as z from 'zod/mini';
import { stringifyExactJson } from '../nemo/exact-json.js';
import type { KeyValueStore } from './ports.js';
import { isOfLaterFormat, readStoredSession, type StoredSession } from './stored-session.js';

const atWork = z.looseObject({
  render: z.optional(z.unknown()),
  inFlight: z.optional(z.unknown()),
  batch: z.optional(z.unknown()),
  asked: z.optional(z.unknown()),
});

/** What a window that opens the session next takes up: a render, a message or upload, a batch, or what was not sent yet. */
export function underWay({ render, inFlight, batch, asked }: z.infer<typeof atWork>): unknown {
  return render ?? inFlight ?? batch ?? asked ?? undefined;
}

const INDEX = 'videoTrimmer.sessions';
const keyOf = (id: string): string => `videoTrimmer.session.${id}`;
const MOST_SESSIONS = 50;

/** Sessions in a {@link KeyValueStore}: an index of ids, newest first, and one value for each. */
export class SessionStore {
  readonly #store: KeyValueStore;
  #later = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Newest first; what cannot be read is left out. Talks and drafts are read when they are looked at. */
  load(): StoredSession[] {
    this.#later = 0;
    return this.#ids().flatMap((id) => {
      const value = this.#store.get(keyOf(id));
      if (isOfLaterFormat(value)) this.#later += 1;
      return readStoredSession(value) ?? [];
    });
  }

  /** How many of those that were there to be loaded a later release has stored. They are kept as they are, for it. */
  get later(): number {
    return this.#later;
  }

  save(session: StoredSession): Promise<void> {
    return this.#inTurn(async () => {
      // Values are plain JSON: without undefined fields, and not changed by us afterwards.
      const stored = { ...session, draft: stringifyExactJson(session.draft ?? null) };
      await this.#store.update(keyOf(session.id), JSON.parse(JSON.stringify(stored)));
      const ids = this.#ids();
      if (ids.includes(session.id)) return;
      const all = [session.id, ...ids];
      const dropped = all.slice(MOST_SESSIONS).filter((id) => !this.#mustStay(id));
      await this.#store.update(
        INDEX,
        all.filter((id) => !dropped.includes(id)),
      );
      for (const id of dropped) await this.#store.update(keyOf(id), undefined);
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store.update(
        INDEX,
        this.#ids().filter((other) => other !== id),
      );
      await this.#store.update(keyOf(id), undefined);
    });
  }

  /** Resolves when nothing is being written any more. */
  get settled(): Promise<void> {
    return this.#saving;
  }

  /** Something is to be taken up, or is for a later release to judge: kept beyond the others. */
  #mustStay(id: string): boolean {
    const value = this.#store.get(keyOf(id));
    const { data } = atWork.safeParse(value);
    return isOfLaterFormat(value) || (data !== undefined && underWay(data) !== undefined);
  }

  #ids(): string[] {
    return z.array(z.string()).safeParse(this.#store.get(INDEX)).data ?? [];
  }

  /** The index is read and written back: two at a time would lose one. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#saving.then(work);
    this.#saving = result.catch(() => undefined);
    return result;
  }
}
