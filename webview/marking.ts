import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { MarkedRows } from './marked-rows.js';
import { checkRows, setPoint, type CheckedForm } from './sections-form.js';

export interface MarkingPorts {
  /** Tells the host of marks that have come to rest. */
  readonly tell: (revision: number, sections: readonly TypedSection[]) => void;
  /** Rows, their meaning or the chosen one changed. */
  readonly changed: () => void;
}

/** What the person marks: the rows, what they mean, and the one that is worked on. */
export class Marking {
  readonly #ports: MarkingPorts;
  readonly #rows = new MarkedRows();
  #duration: Microseconds | undefined;
  #form: CheckedForm = checkRows(this.#rows.rows, undefined);
  #chosen: number | undefined;

  constructor(ports: MarkingPorts) {
    this.#ports = ports;
  }

  /** At least one row; blank ones are places to type, not marks. */
  get rows(): readonly TypedSection[] {
    return this.#rows.rows;
  }

  get form(): CheckedForm {
    return this.#form;
  }

  /** The row that is worked on. */
  get chosen(): number | undefined {
    return this.#chosen;
  }

  /** The rows that are complete, correct sections. */
  get sections(): Section[] {
    return this.#form.sections.filter((section) => section !== undefined);
  }

  /** Judges the rows by a length of the clip. */
  measure(duration: Microseconds | undefined): void {
    if (duration === this.#duration) return;
    this.#duration = duration;
    this.#check();
  }

  /** Takes the host's marks when they are newer than ours. */
  adopt(marked: readonly TypedSection[], revision: number): void {
    if (!this.#rows.adopt(marked, revision)) return;
    this.#chosen = undefined;
    this.#check();
  }

  /** @param settled false in the middle of a drag, when the host need not know yet */
  edit(rows: readonly TypedSection[], chosen: number | undefined, settled = true): void {
    this.#chosen = chosen;
    const changed = JSON.stringify(rows) !== JSON.stringify(this.#rows.rows);
    this.#rows.edit(rows);
    if (settled) this.#ports.tell(this.#rows.nextRevision(), this.#rows.typed);
    if (changed) this.#check();
    else this.#ports.changed();
  }

  /** Begins the sending of all marks. */
  send(): { readonly revision: number; readonly sections: TypedSection[] } {
    return { revision: this.#rows.nextRevision(), sections: [...this.#rows.typed] };
  }

  setPoint(point: 'in' | 'out', time: Microseconds): void {
    const { rows, index } = setPoint(this.rows, point, time, this.#chosen);
    this.edit(rows, index);
    // A section that is complete is let go of, so that the next in point begins another.
    if (this.#form.sections[index]) this.#choose(undefined);
  }

  /** Takes away the mark at a time, or the chosen one. */
  unmark(time: Microseconds): void {
    const under = this.#form.sections.findIndex((section) => section && time >= section.in && time < section.out);
    const row = under >= 0 ? under : this.#chosen;
    if (row !== undefined) this.edit(this.rows.toSpliced(row, 1), undefined);
  }

  #choose(row: number | undefined): void {
    this.#chosen = row;
    this.#ports.changed();
  }

  #check(): void {
    this.#form = checkRows(this.#rows.rows, this.#duration);
    this.#ports.changed();
  }
}
