import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Cut } from '../../../src/local/grammar.js';
import type { Part } from '../../../src/local/grammar-parts.js';
import { fromTimeline, pausesNeeded, planEdit, toTimeline } from '../../../src/local/timeline-edit.js';
import { DEFAULT_PAUSES, type PauseSettings } from '../../../src/media/media.js';
import { mergeSections, totalDuration, type Section } from '../../../src/timeline/sections.js';

const S = 1_000_000;
const seconds = (...ranges: [number, number][]): Section[] => ranges.map(([a, b]) => ({ in: a * S, out: b * S }));
const remove = (...parts: Part[]): Cut[] => parts.map((part) => ({ action: 'remove', part }));
const keep = (...parts: Part[]): Cut[] => parts.map((part) => ({ action: 'keep', part }));
const between = (a: number, b: number): Part => ({ kind: 'between', in: a * S, out: b * S });

/** What stays, in seconds of the source, or the kind of refusal. */
function plan(
  cuts: Cut[],
  kept = seconds([0, 60]),
  pauses: Section[] = [],
  settings: PauseSettings = DEFAULT_PAUSES,
): string {
  const planned = planEdit(cuts, kept, pauses, settings);
  if ('kind' in planned) return planned.kind;
  return planned.kept.map((range) => `${range.in / S}-${range.out / S}`).join(' ');
}

describe('an edit of the timeline', () => {
  it('removes several sections, all in times before the edit', () => {
    assert.equal(plan(remove(between(10, 20), between(30, 40))), '0-10 20-30 40-60');
    assert.equal(plan(remove(between(10, 25), between(20, 40))), '0-10 40-60');
  });

  it('takes times as those of the timeline after earlier edits', () => {
    const kept = seconds([0, 10], [20, 60]);
    assert.equal(plan(remove(between(5, 15)), kept), '0-5 25-60');
    assert.equal(plan(remove(between(10, 15)), kept), '0-10 25-60');
    assert.equal(plan(remove({ kind: 'last', length: 10 * S }), kept), '0-10 20-50');
    assert.equal(plan(remove({ kind: 'after', time: 5 * S }), kept), '0-5');
    assert.equal(plan(keep(between(5, 15)), kept), '5-10 20-25');
    assert.equal(plan(remove(between(45, 55)), kept), 'past-end');
  });

  it('keeps what is said to stay, less what is said to go', () => {
    assert.equal(plan(keep(between(10, 20), between(30, 40))), '10-20 30-40');
    assert.equal(plan([...keep(between(10, 40)), ...remove(between(20, 30))]), '10-20 30-40');
    assert.equal(plan(keep({ kind: 'first-share', share: 0.5 })), '0-30');
  });

  it('refuses what lies outside, is empty or leaves nothing', () => {
    assert.equal(plan(remove(between(50, 61))), 'past-end');
    assert.equal(plan(remove(between(50, 60.5))), '0-50');
    assert.equal(plan(remove({ kind: 'before', time: 61 * S })), 'past-end');
    assert.equal(plan(remove({ kind: 'first', length: 61 * S })), 'past-end');
    assert.equal(plan(remove({ kind: 'last', length: 61 * S })), 'past-end');
    assert.equal(plan(remove(between(20, 10))), 'reversed');
    assert.equal(plan(remove(between(10, 10))), 'empty');
    assert.equal(plan(remove(between(0, 60))), 'nothing-left');
    assert.equal(plan(remove(between(0, 59.99))), 'nothing-left');
    assert.equal(plan(keep(between(0, 60))), 'nothing-to-remove');
  });

  describe('of pauses', () => {
    const pauses = seconds([0, 3], [10, 12], [20, 50], [58, 60]);
    const longest: Part = { kind: 'longest-pause' };

    it('leaves a tenth of a second on each side of the longest one between', () => {
      assert.equal(plan(remove(longest), seconds([0, 60]), pauses), '0-20.1 49.9-60');
      assert.equal(plan(remove(longest), seconds([0, 60]), seconds([0, 30], [40, 60])), 'no-pause');
    });

    it('takes all that are long enough, those at the ends up to the end', () => {
      const all = (minimum: number): Cut[] => remove({ kind: 'pauses', minimum: minimum * S });
      assert.equal(plan(all(2), seconds([0, 60]), pauses), '2.9-10.1 11.9-20.1 49.9-58.1');
      assert.equal(plan(all(2.5), seconds([0, 60]), pauses), '2.9-20.1 49.9-60');
      assert.equal(plan(all(31), seconds([0, 60]), pauses), 'no-pause');
    });

    it('finds the one that is named by its time', () => {
      const at = (kind: 'pause-at' | 'pause-after' | 'pause-before', time: number): string =>
        plan(remove({ kind, time: time * S }), seconds([0, 60]), pauses);
      assert.equal(at('pause-at', 9), '0-10.1 11.9-60');
      assert.equal(at('pause-at', 16), 'no-pause');
      assert.equal(at('pause-after', 15), '0-20.1 49.9-60');
      assert.equal(at('pause-before', 15), '0-10.1 11.9-60');
    });

    it('looks only within the stretch that is named', () => {
      const within = { in: 5 * S, out: 15 * S };
      assert.equal(plan(remove({ kind: 'longest-pause', within }), seconds([0, 60]), pauses), '0-10.1 11.9-60');
      assert.equal(plan(remove({ kind: 'pauses', minimum: S, within }), seconds([0, 60]), pauses), '0-10.1 11.9-60');
    });

    it('removes all pauses that the settings call one, with their margin', () => {
      const all = remove({ kind: 'pauses', minimum: 'any' });
      const whole = seconds([0, 60]);
      assert.equal(plan(all, whole, pauses), '2.9-10.1 11.9-20.1 49.9-58.1');
      assert.equal(plan(all, whole, pauses, { ...DEFAULT_PAUSES, minimum: 2.5 * S }), '2.9-20.1 49.9-60');
      assert.equal(plan(all, whole, pauses, { ...DEFAULT_PAUSES, margin: 0.5 * S }), '2.5-10.5 11.5-20.5 49.5-58.5');
      assert.equal(plan(all, whole, pauses, { ...DEFAULT_PAUSES, margin: S }), '2-21 49-59');
      const long = remove({ kind: 'pauses', minimum: 'long' });
      assert.equal(plan(long, whole, seconds([10, 11.5], [20, 22])), '0-20.1 21.9-60');
      assert.equal(plan(long, whole, seconds([20, 22]), { ...DEFAULT_PAUSES, minimum: 3 * S }), 'no-pause');
    });

    it('looks for no shorter pauses than it needs, and for none that its margins would fill', () => {
      const needs = (part: Part, change: Partial<PauseSettings> = {}): number | undefined =>
        pausesNeeded(remove(part), { ...DEFAULT_PAUSES, ...change });
      assert.equal(needs(between(1, 2)), undefined);
      assert.equal(needs({ kind: 'pauses', minimum: 'any' }, { minimum: 0.3 * S }), 0.3 * S);
      assert.equal(needs({ kind: 'pauses', minimum: 'any' }, { margin: 2 * S }), 4 * S);
      assert.equal(needs({ kind: 'pauses', minimum: 3 * S }), 3 * S);
      assert.equal(needs(longest), 0.5 * S);
    });

    it('knows a pause that is cut in two by an earlier edit, and one that is gone', () => {
      const kept = seconds([0, 30], [40, 60]);
      assert.equal(plan(remove(longest), kept, pauses), '0-20.1 49.9-60');
      assert.equal(plan(remove(longest), seconds([13, 20], [50, 57]), pauses), 'no-pause');
    });
  });

  it('never loses or makes up a moment, whatever was cut before', () => {
    const ranges = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 1e5 })), {
        minLength: 1,
        maxLength: 8,
      })
      .map((pairs) => mergeSections(pairs.map(([start, length]) => ({ in: start, out: start + length }))));
    fc.assert(
      fc.property(ranges, ranges, (kept, wanted) => {
        const end = totalDuration(kept);
        const inside = mergeSections(
          wanted.map((range) => ({ in: Math.min(range.in, end), out: Math.min(range.out, end) })),
        );
        const source = fromTimeline(inside, kept);
        assert.equal(totalDuration(source), totalDuration(inside));
        assert.deepEqual(toTimeline(source, kept), inside);
      }),
    );
  });
});
