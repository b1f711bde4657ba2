import { MOST_MARKS } from '../src/messages.js';
import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { MarkedRows } from './marked-rows.js';
import { MarksHistory, type MarksMove, type StoredSteps } from './marks-history.js';
import { splitSection } from './section-split.js';
import { checkRows, setPoint, type CheckedForm } from './sections-form.js';

export interface MarkingPorts {
  /** Tells the host of marks that have come to rest. */
  readonly tell: (revision: number, sections: readonly TypedSection[]) => void;
  /** Rows, their meaning or the chosen one changed. */
  readonly changed: () => void;
  /** There is no room for what was to be marked. */
  readonly full: () => void;
}

/** What the person marks: the rows, what they mean, and the one that is worked on. */
export class Marking {
  readonly #ports: MarkingPorts;
  readonly #rows = new MarkedRows();
  readonly #history = new MarksHistory();
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

  /**
   * Takes the host's marks when they are newer than ours.
   *
   * @param same session as before: what came in addition, as from a list of cuts, is then a step that can be undone
   */
  adopt(marked: readonly TypedSection[], revision: number, same = false): void {
    const before = this.#rows.typed;
    if (!this.#rows.adopt(marked, revision)) return;
    // Marks that were removed from the clip, or changed in another panel: steps from before do not fit them.
    const isMore = before.every((row, at) => row.in === marked[at]?.in && row.out === marked[at].out);
    if (same && isMore) this.#history.record(this.#rows.typed);
    else this.#history.restart(this.#rows.typed);
    this.#chosen = undefined;
    this.#check();
  }

  /**
   * @param settled false in the middle of a drag, when neither the host nor the history need to know yet
   * @param step changes of the same name in a row are undone as one
   */
  edit(rows: readonly TypedSection[], chosen: number | undefined, settled = true, step = ''): void {
    if (rows.length > MOST_MARKS && rows.length > this.rows.length) {
      this.#ports.full();
      return;
    }
    this.#chosen = chosen;
    const changed = JSON.stringify(rows) !== JSON.stringify(this.#rows.rows);
    this.#rows.edit(rows);
    if (settled) {
      this.#history.record(this.#rows.typed, step);
      this.#tell();
    }
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

  /** The mark at a time, or the chosen one, or the one that comes next. */
  sectionNear(time: Microseconds): Section | undefined {
    const row = this.#rowAt(time) ?? this.#chosen;
    const found = row === undefined ? undefined : this.#form.sections[row];
    const ordered = this.sections.sort((a, b) => a.in - b.in);
    return found ?? ordered.find((section) => section.in >= time) ?? ordered.at(-1);
  }

  /** Takes away the mark at a time, or the chosen one. */
  unmark(time: Microseconds): void {
    const row = this.#rowAt(time) ?? this.#chosen;
    if (row !== undefined) this.edit(this.rows.toSpliced(row, 1), undefined);
  }

  /** Makes two sections of the one at a time. @returns whether there is one that can be split there */
  split(time: Microseconds): boolean {
    const split = splitSection(this.rows, this.#form.sections, time);
    if (split) this.edit(split.rows, split.index);
    return split !== undefined;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** @returns whether there was a step to undo */
  undo(): boolean {
    return this.#move(this.#history.undo());
  }

  /** @returns whether there was a step to do again */
  redo(): boolean {
    return this.#move(this.#history.redo());
  }

  restoreSteps(steps: StoredSteps): void {
    this.#history.restore(steps);
    this.#ports.changed();
  }

  storedSteps(): StoredSteps {
    return this.#history.store();
  }

  #move(move: MarksMove | undefined): boolean {
    if (!move) return false;
    this.#rows.edit(move.rows);
    this.#chosen = move.changed > 0 ? move.at : undefined;
    this.#tell();
    this.#check();
    return true;
  }

  #tell(): void {
    this.#ports.tell(this.#rows.nextRevision(), this.#rows.typed);
  }

  #rowAt(time: Microseconds): number | undefined {
    const row = this.#form.sections.findIndex((section) => section && time >= section.in && time < section.out);
    return row < 0 ? undefined : row;
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
