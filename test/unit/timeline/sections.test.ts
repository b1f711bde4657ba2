import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkSections,
  keptRanges,
  mergeSections,
  resultToSource,
  sourceToResult,
  totalDuration,
  type Section,
} from '../../../src/timeline/sections.js';

const END = 180_000_000;
const anySection = fc
  .tuple(fc.integer({ min: 0, max: END }), fc.integer({ min: 0, max: END }))
  .map(([a, b]): Section => ({ in: Math.min(a, b), out: Math.max(a, b) }));
const anySections = fc.array(anySection, { maxLength: 12 });
const whole = { in: 0, out: END };

describe('removing sections', () => {
  it('leaves exactly the rest: what is kept and what is removed add up, and do not overlap', () => {
    fc.assert(
      fc.property(anySections, (removed) => {
        const kept = keptRanges(removed, whole);
        assert.equal(totalDuration(kept) + totalDuration(mergeSections(removed)), END);
        assert.deepEqual(mergeSections(keptRanges(kept, whole)), mergeSections(removed));
      }),
    );
  });

  it('maps every kept time to the result and back', () => {
    fc.assert(
      fc.property(anySections, fc.integer({ min: 0, max: END - 1 }), (removed, time) => {
        const kept = keptRanges(removed, whole);
        if (!kept.some((range) => time >= range.in && time < range.out)) return;
        assert.equal(resultToSource(sourceToResult(time, kept), kept), time);
      }),
    );
  });

  it('puts a time inside a removed section at the join', () => {
    const kept = keptRanges([{ in: 45e6, out: 80e6 }], whole);
    assert.equal(sourceToResult(60e6, kept), 45e6);
    assert.equal(sourceToResult(80e6, kept), 45e6);
    assert.equal(sourceToResult(120e6, kept), 85e6);
  });
});

describe('sections as typed', () => {
  const problems = (...typed: [string, string][]): string[] =>
    checkSections(
      typed.map(([from, to]) => ({ in: from, out: to })),
      END,
    ).problems.map(({ index, field, code }) => `${index} ${field} ${code}`);

  for (const [what, typed, expected] of [
    ['a good one', [['0:45', '1:20']], []],
    ['text', [['soon', '1:20']], ['0 in not-a-time']],
    ['out before in', [['1:20', '0:45']], ['0 out out-before-in']],
    ['an empty one', [['0:45', '45']], ['0 out empty']],
    ['in past the end', [['3:00', '3:10']], ['0 in past-end']],
    ['out past the end', [['2:50', '3:10']], ['0 out past-end']],
    ['out where the player rounds the end up to', [['2:50', '3:00.4']], []],
    [
      'overlapping ones',
      [
        ['0:10', '0:30'],
        ['0:20', '0:40'],
      ],
      ['1 in overlap'],
    ],
    [
      'one inside another',
      [
        ['0:20', '0:30'],
        ['0:10', '0:40'],
      ],
      ['0 in overlap'],
    ],
    [
      'neighbours',
      [
        ['0:10', '0:20'],
        ['0:20', '0:30'],
      ],
      [],
    ],
    ['all of the clip', [['0', '3:00']], ['0 out nothing-left']],
    [
      'all of the clip in parts',
      [
        ['0', '1:00'],
        ['1:00', '3:00'],
      ],
      ['1 out nothing-left'],
    ],
  ] as [string, [string, string][], string[]][]) {
    it(`${what}: ${expected.join() || 'no problem'}`, () => {
      assert.deepEqual(problems(...typed), expected);
    });
  }
});
