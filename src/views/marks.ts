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
  readonly #listeners = new Set<(session: string) => void>();

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Called with the session whose marks changed: it may be open in two panels. @returns stops listening */
  onDidChange(listener: (session: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get(session: string): Marks {
    const known = this.#marks.get(session);
    if (known) return known;
    const sections = stored.safeParse(this.#store.get(keyOf(session))).data;
    return sections ? { sections, revision: 0 } : NO_MARKS;
  }

  /** Rows with both their points: one that waits for the other marks nothing yet. */
  complete(session: string): TypedSection[] {
    return this.get(session).sections.filter((row) => row.in.trim() !== '' && row.out.trim() !== '');
  }

  set(session: string, marks: Marks): void {
    this.#marks.set(session, marks);
    void this.#store.update(keyOf(session), marks.sections.length > 0 ? marks.sections : undefined);
    for (const listener of [...this.#listeners]) listener(session);
  }

  /**
   * Takes away what was sent and done; what the person marked meanwhile stays. The revision stays too, so that the
   * panel takes the shorter list.
   */
  takeAway(session: string, done: readonly TypedSection[]): void {
    const { sections, revision } = this.get(session);
    const isDone = (mark: TypedSection): boolean => done.some((sent) => sent.in === mark.in && sent.out === mark.out);
    this.set(session, { sections: sections.filter((mark) => !isDone(mark)), revision });
  }

  /** Those of all sessions. The store's values are the caller's. */
  clear(): void {
    this.#marks.clear();
  }

  forget(session: string): void {
    this.#marks.delete(session);
    void this.#store.update(keyOf(session), undefined);
  }
}
