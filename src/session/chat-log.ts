import { randomUUID } from 'node:crypto';
import type { ChatEntry } from './snapshot.js';

/** More than anybody scrolls back, little enough to store with each session. */
const MOST_ENTRIES = 200;

/** The entries of one chat, in order; immutable lists go out. */
export class ChatLog {
  #read: () => readonly ChatEntry[];
  readonly #changed: () => void;
  readonly #passing = new Set<string>();

  /** @param read the entries of before, when they are looked at */
  constructor(read: () => readonly ChatEntry[], changed: () => void) {
    this.#read = read;
    this.#changed = changed;
  }

  get entries(): readonly ChatEntry[] {
    return this.#read();
  }

  /** Gives the entries as they are now, whenever it is called. */
  get asTheyAre(): () => readonly ChatEntry[] {
    return this.#read;
  }

  /** What is worth keeping: not the lines that only say what is going on. */
  get lasting(): readonly ChatEntry[] {
    return this.entries.filter(({ id }) => !this.#passing.has(id));
  }

  /** A line for the time that something takes, such as "Uploading…"; `set` or `remove` ends it. @returns the entry's id */
  addPassing(text: string): string {
    const id = this.add({ kind: 'status', text });
    this.#passing.add(id);
    return id;
  }

  /** @returns the entry's id */
  add(entry: Omit<ChatEntry, 'id'>): string {
    const id = randomUUID();
    this.#take([...this.entries, { ...entry, id }].slice(-MOST_ENTRIES));
    return id;
  }

  /** Replaces an entry; one that is gone meanwhile stays gone. */
  set(id: string, entry: Omit<ChatEntry, 'id'>): void {
    this.#passing.delete(id);
    this.#take(this.entries.map((old) => (old.id === id ? { ...entry, id } : old)));
  }

  /** An offer that was answered is offered no longer. */
  settle(id: string): void {
    const entry = this.entries.find((other) => other.id === id);
    if (!entry) return;
    const { id: _, actions: __, ...rest } = entry;
    this.set(id, rest);
  }

  remove(id: string): void {
    this.#passing.delete(id);
    this.#take(this.entries.filter((entry) => entry.id !== id));
  }

  #take(entries: readonly ChatEntry[]): void {
    this.#read = (): readonly ChatEntry[] => entries;
    this.#changed();
  }
}
