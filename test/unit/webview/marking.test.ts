import assert from 'node:assert/strict';
import * as v from 'valibot';
import { MOST_MARKS } from '../../../src/messages.js';
import type { TypedSection } from '../../../src/timeline/sections.js';
import { storedStepsSchema } from '../../../webview/marks-history.js';
import { Marking } from '../../../webview/marking.js';

const S = 1_000_000;
const row = (from: string, to: string): TypedSection => ({ in: from, out: to });

describe('undo and redo of marks', () => {
  let told: (readonly TypedSection[])[];
  let full: number;
  let marking: Marking;
  const create = (): Marking =>
    new Marking({ tell: (_, sections) => told.push(sections), changed: () => undefined, full: () => (full += 1) });
  beforeEach(() => {
    told = [];
    full = 0;
    marking = create();
    marking.measure(120 * S);
  });
  const marks = (): string => marking.form.typed.map((mark) => `${mark.in}-${mark.out}`).join(' ');

  it('go through every kind of change and back, without end', () => {
    const seen: string[] = [marks()];
    const change = (what: () => void): void => {
      what();
      seen.push(marks());
    };
    change(() => marking.setPoint('in', 10 * S));
    change(() => marking.setPoint('out', 20 * S));
    change(() => marking.split(15 * S));
    change(() => marking.unmark(12 * S));
    change(() => marking.edit([...marking.rows, row('0:30', '0:40')], 1));
    for (let n = 0; n < 300; n += 1) change(() => marking.edit([row('0:10', `0:${20 + (n % 30)}.${n}`)], 0));
    for (const state of seen.slice(0, -1).reverse()) {
      assert.equal(marking.undo(), true);
      assert.equal(marks(), state);
    }
    assert.equal(marking.undo(), false);
    for (const state of seen.slice(1)) {
      assert.equal(marking.redo(), true);
      assert.equal(marks(), state);
    }
    assert.equal(marking.redo(), false);
    assert.deepEqual(told.at(-1), marking.form.typed, 'the host hears of each');
    assert.equal(told.length, 3 * (seen.length - 1));
  });

  it('take back what a list of cuts marked, as one step, and bring it again', () => {
    marking.adopt([row('0:01', '0:02')], 0);
    assert.equal(marking.canUndo, false, 'what was marked when the panel opened is no step');
    marking.adopt([row('0:01', '0:02'), row('0:10', '0:20'), row('0:30', '0:40')], 0, true);
    assert.equal(marking.undo(), true);
    assert.equal(marks(), '0:01-0:02');
    assert.equal(marking.redo(), true);
    assert.equal(marks(), '0:01-0:02 0:10-0:20 0:30-0:40');
    marking.adopt([row('0:30', '0:40')], 9, true);
    assert.equal(marking.canUndo, false, 'what was removed since cannot be marked again');
  });

  it('take a drag, and the typing of a point, as one step', () => {
    marking.edit([row('0:10', '0:20')], 0);
    for (const out of ['0:21', '0:22', '0:23']) marking.edit([row('0:10', out)], 0, false);
    marking.edit([row('0:10', '0:23')], 0);
    for (const text of ['0:5', '0:50', '0:50.5']) marking.edit([row('0:10', text)], 0, true, 'typing');
    for (const text of ['0:50.25', '0:50.2']) marking.edit([row('0:10', text)], 0, true, 'typing again');
    const undone = Array.from({ length: 4 }, () => marking.undo() && marks());
    assert.deepEqual(undone, ['0:10-0:50.5', '0:10-0:23', '0:10-0:20', '']);
  });

  it('keep no step for typing that came to nothing, nor for a row that is still empty', () => {
    marking.edit([row('0:10', '0:20')], 0);
    for (const text of ['0:2', '0:20']) marking.edit([row('0:10', text)], 0, true, 'typing');
    marking.edit([...marking.rows, row('', '')], 1);
    assert.deepEqual([marking.undo(), marks()], [true, '']);
    assert.equal(marking.canUndo, false);
  });

  it('forget what could be done again when something else is marked', () => {
    marking.edit([row('0:10', '0:20')], 0);
    marking.undo();
    assert.equal(marking.canRedo, true);
    marking.edit([row('0:30', '0:40')], 0);
    assert.equal(marking.canRedo, false);
  });

  it('begin anew when the host took the marks away, and not at its echo', () => {
    marking.edit([row('0:10', '0:20')], 0);
    marking.edit([row('0:10', '0:25')], 0);
    const { revision, sections } = marking.send();
    marking.adopt(sections, revision);
    assert.equal(marking.canUndo, true);
    marking.adopt([], revision);
    assert.deepEqual([marking.canUndo, marking.canRedo, marks()], [false, false, '']);
  });

  it('outlive a hidden tab, where the marks are still those they led to', () => {
    for (let n = 10; n < 400; n += 1) marking.edit([row('0:10', `1:${n}`)], 0);
    marking.undo();
    const text = JSON.stringify(marking.storedSteps());
    assert.ok(text.length < 25_000, String(text.length));
    const stored = v.parse(storedStepsSchema, JSON.parse(text));
    const again = (marks: readonly TypedSection[]): Marking => {
      const marking = create();
      marking.adopt(marks, 0);
      marking.restoreSteps(stored);
      return marking;
    };
    const back = again(marking.form.typed);
    assert.deepEqual([back.canRedo, back.redo(), back.form.typed[0]?.out], [true, true, '1:399']);
    let count = 0;
    while (back.undo()) count += 1;
    assert.equal(count, 201);
    const other = again([row('0:10', '0:30')]);
    assert.deepEqual([other.canUndo, other.canRedo], [false, false]);
  });

  it('store little even when hundreds of pauses are marked and unmarked again and again', () => {
    const many = Array.from({ length: MOST_MARKS }, (_, n) => row(`1:00:${n}`, `1:00:${n}.5`));
    for (let n = 0; n < 20; n += 1) {
      marking.edit(many, undefined);
      marking.edit([], undefined);
    }
    assert.ok(JSON.stringify(marking.storedSteps()).length < 150_000);
  });
});

describe('splitting a section', () => {
  const told: (readonly TypedSection[])[] = [];
  let full = 0;
  const marking = new Marking({
    tell: (_, sections) => told.push(sections),
    changed: () => undefined,
    full: () => (full += 1),
  });

  it('leaves the points as they were typed, and makes two sections that may be sent', () => {
    marking.edit([row('5', '0:08'), row('10', '20.00')], undefined);
    assert.equal(marking.split(15 * S), true);
    assert.deepEqual(marking.form.typed, [row('5', '0:08'), row('10', '0:15'), row('0:15', '20.00')]);
    assert.deepEqual([marking.form.ready, marking.chosen], [true, 2]);
  });

  it('does nothing outside of a section and at its edges', () => {
    assert.deepEqual(
      [30, 10, 15, 20].map((at) => marking.split(at * S)),
      [false, false, false, false],
    );
  });

  it('makes no more sections than the host takes', () => {
    const many = Array.from({ length: MOST_MARKS }, (_, n) => row(String(n), `${n}.5`));
    marking.edit(many, undefined);
    marking.split(250_000);
    assert.deepEqual([full, marking.rows.length], [1, MOST_MARKS]);
  });
});
