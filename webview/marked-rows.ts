import type { TypedSection } from '../src/timeline/sections.js';
import { BLANK_ROW, isBlank } from './sections-form.js';

/**
 * The rows of the section fields, which the person and the host both write (see `src/messages.ts`). What the person
 * does here is never overwritten by a host that has not heard of it yet.
 */
export class MarkedRows {
  #rows: readonly TypedSection[] = [BLANK_ROW];
  #revision = 0;

  /** At least one row; blank ones are places to type, not marks. */
  get rows(): readonly TypedSection[] {
    return this.#rows;
  }

  /** What the host is told: the rows that have something in them. */
  get typed(): readonly TypedSection[] {
    return this.#rows.filter((row) => !isBlank(row));
  }

  /** The person changed the rows; nothing is said to the host yet. */
  edit(rows: readonly TypedSection[]): void {
    this.#rows = rows.length > 0 ? rows : [BLANK_ROW];
  }

  /** Begins what is said to the host next. */
  nextRevision(): number {
    this.#revision += 1;
    return this.#revision;
  }

  /** @returns true when the host's marks are newer and replaced ours. */
  adopt(marked: readonly TypedSection[], revision: number): boolean {
    if (revision < this.#revision) return false;
    this.#revision = revision;
    const same = JSON.stringify(marked.map(fields)) === JSON.stringify(this.typed.map(fields));
    if (same) return false;
    this.edit(marked);
    return true;
  }
}

function fields(row: TypedSection): readonly string[] {
  return [row.in, row.out];
}
