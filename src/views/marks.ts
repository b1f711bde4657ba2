import * as z from 'zod/mini';
import type { KeyValueStore } from '../session/ports.js';
import type { TypedSection } from '../timeline/sections.js';

/** Sections that are marked and not yet sent, as typed. `revision` is the panel's count (see messages.ts). */
export interface Marks {
  readonly sections: readonly TypedSection[];
  readonly revision: number;
}

const NO_MARKS: Marks = { sections: [], revision: 0 };
const stored = z.array(z.object({ in: z.string(), out: z.string() }));
const keyOf = (session: string): string => `videoTrimmer.marks.${session}`;

/** The marks of all sessions: marking is work of the person, so it outlives a closed panel and a reload. */
export class MarkStore {
  readonly #store: KeyValueStore;
  readonly #marks = new Map<string, Marks>();

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  get(session: string): Marks {
    const known = this.#marks.get(session);
    if (known) return known;
    const sections = stored.safeParse(this.#store.get(keyOf(session))).data;
    return sections ? { sections, revision: 0 } : NO_MARKS;
  }

  set(session: string, marks: Marks): void {
    this.#marks.set(session, marks);
    void this.#store.update(keyOf(session), marks.sections.length > 0 ? marks.sections : undefined);
  }

  /** After they were sent and done; the revision stays, so that the panel takes the empty list. */
  clear(session: string): void {
    this.set(session, { sections: [], revision: this.get(session).revision });
  }

  forget(session: string): void {
    this.#marks.delete(session);
    void this.#store.update(keyOf(session), undefined);
  }
}
