import * as v from 'valibot';
import type { TypedSection } from '../src/timeline/sections.js';

type Rows = readonly TypedSection[];

/** One step of marking: from row `at` on, `before` became `after`. */
export interface MarksStep {
  readonly at: number;
  readonly before: Rows;
  readonly after: Rows;
}

/** A step undone or done again: all rows now, and where they changed. */
export interface MarksMove {
  readonly rows: Rows;
  readonly at: number;
  /** How many rows stand there now that did not before. */
  readonly changed: number;
}

/** What outlives a hidden tab: the rows, and how they came to be. The last of each list is next. */
export interface StoredSteps {
  readonly rows: Rows;
  readonly past: readonly MarksStep[];
  readonly future: readonly MarksStep[];
}

const rows = v.array(v.object({ in: v.string(), out: v.string() }));
const steps = v.array(v.object({ at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), before: rows, after: rows }));
export const storedStepsSchema = v.object({ rows, past: steps, future: steps });

/** Steps of each list that are stored, and rows in all of them: VS Code keeps the state of a page as one text. */
const MOST_STEPS = 200;
const MOST_ROWS = 2000;

/** Undo and redo of marking, without end: each step holds only what differs. */
export class MarksHistory {
  #rows: Rows = [];
  #past: MarksStep[] = [];
  #future: MarksStep[] = [];
  /** Names the last step while it may go on. */
  #open = '';

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @param name changes of one name in a row are one step; without one, each is a step of its own */
  record(next: Rows, name = ''): void {
    const goesOn = name !== '' && name === this.#open ? this.#past.pop() : undefined;
    const step = stepBetween(goesOn ? apply(this.#rows, goesOn, 'before') : this.#rows, next);
    this.#rows = next;
    if (step) {
      this.#past.push(step);
      this.#future = [];
    }
    this.#open = step ? name : '';
  }

  /** @returns undefined when there is nothing to undo */
  undo(): MarksMove | undefined {
    return this.#go(this.#past, this.#future, 'before');
  }

  /** @returns undefined when nothing was undone last */
  redo(): MarksMove | undefined {
    return this.#go(this.#future, this.#past, 'after');
  }

  /** Begins anew with these rows. */
  restart(from: Rows): void {
    this.#rows = from;
    this.#past = [];
    this.#future = [];
    this.#open = '';
  }

  /** Takes up steps from before, when the rows are as they were left: undo must bring back nothing unexpected. */
  restore({ rows: left, past, future }: StoredSteps): void {
    if (left.length !== this.#rows.length || stepBetween(left, this.#rows)) return;
    this.#past = [...past];
    this.#future = [...future];
  }

  /** The latest steps, to be restored later. */
  store(): StoredSteps {
    return { rows: this.#rows, past: latest(this.#past), future: latest(this.#future) };
  }

  #go(from: MarksStep[], to: MarksStep[], side: 'before' | 'after'): MarksMove | undefined {
    const step = from.pop();
    if (!step) return undefined;
    to.push(step);
    this.#rows = apply(this.#rows, step, side);
    this.#open = '';
    return { rows: this.#rows, at: step.at, changed: step[side].length };
  }
}

function stepBetween(before: Rows, after: Rows): MarksStep | undefined {
  const shorter = Math.min(before.length, after.length);
  let at = 0;
  while (at < shorter && same(before[at], after[at])) at += 1;
  let end = 0;
  while (end < shorter - at && same(before.at(-1 - end), after.at(-1 - end))) end += 1;
  if (at === before.length - end && at === after.length - end) return undefined;
  return { at, before: before.slice(at, before.length - end), after: after.slice(at, after.length - end) };
}

function apply(rows: Rows, step: MarksStep, side: 'before' | 'after'): Rows {
  const there = side === 'before' ? step.after : step.before;
  return rows.toSpliced(step.at, there.length, ...step[side]);
}

function same(a: TypedSection | undefined, b: TypedSection | undefined): boolean {
  return a?.in === b?.in && a?.out === b?.out;
}

function latest(all: readonly MarksStep[]): readonly MarksStep[] {
  let room = MOST_ROWS;
  const first = all.findLastIndex((step) => (room -= step.before.length + step.after.length) < 0);
  return all.slice(Math.max(first + 1, all.length - MOST_STEPS));
}
