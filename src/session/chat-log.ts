import { randomUUID } from 'node:crypto';
import type { ChatEntry } from './snapshot.js';

/** More than anybody scrolls back, little enough to store with each session. */
const MOST_ENTRIES = 200;

/** The entries of one chat, in order; immutable lists go out. */
export class ChatLog {
  #entries: readonly ChatEntry[];
  readonly #changed: () => void;

  constructor(entries: readonly ChatEntry[], changed: () => void) {
    this.#entries = entries;
    this.#changed = changed;
  }

  get entries(): readonly ChatEntry[] {
    return this.#entries;
  }

  /** @returns the entry's id */
  add(entry: Omit<ChatEntry, 'id'>): string {
    const id = randomUUID();
    this.#entries = [...this.#entries, { ...entry, id }].slice(-MOST_ENTRIES);
    this.#changed();
    return id;
  }

  /** Replaces an entry; one that is gone meanwhile stays gone. */
  set(id: string, entry: Omit<ChatEntry, 'id'>): void {
    this.#entries = this.#entries.map((old) => (old.id === id ? { ...entry, id } : old));
    this.#changed();
  }

  remove(id: string): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#changed();
  }
}
