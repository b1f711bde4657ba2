import assert from 'node:assert/strict';

import { flatten, shiftChapters, type Chapter } from '../../../../src/media/kept/chapters.js';
import { placeCues, withoutOverlap } from '../../../../src/media/kept/cues.js';
import { keptMoment, placeMoment, placeSpan } from '../../../../src/timeline/placement.js';

// Of 30 s from second 100 of the container's clock, [10, 20) is gone.
const RANGES = [
  { start: 100, outStart: 0, outEnd: 10 },
  { start: 120, outStart: 10, outEnd: 20 },
];

describe('The place of cues and chapters after a cut', () => {
  it('makes one piece of a span that reaches over the cut', () => {
    assert.deepEqual(placeSpan(RANGES, 105, 125), [{ start: 5, end: 15 }]);
  });

  it('shortens a span that begins or ends in the cut and drops one that lies in it', () => {
    assert.deepEqual(placeSpan(RANGES, 105, 115), [{ start: 5, end: 10 }]);
    assert.deepEqual(placeSpan(RANGES, 115, 125), [{ start: 10, end: 15 }]);
    assert.deepEqual(placeSpan(RANGES, 110, 120), []);
    assert.deepEqual(placeSpan(RANGES, 90, 100), []);
    assert.deepEqual(placeSpan(RANGES, 130, 140), []);
  });

  it('drops what is left of a span by rounding only', () => {
    assert.deepEqual(placeSpan(RANGES, 109.9995, 120), []);
  });

  it('moves a moment from the cut to the join', () => {
    assert.deepEqual(
      [99, 100, 104, 110, 119, 120, 121, 140].map((time) => placeMoment(RANGES, time)),
      [0, 0, 4, 10, 10, 10, 11, 20],
    );
    assert.deepEqual(
      [99, 100, 110, 120, 130].map((time) => keptMoment(RANGES, time)),
      [undefined, 0, undefined, 10, undefined],
    );
  });

  it('drops chapters that were removed and keeps nested ones under theirs', () => {
    const chapter = (start: number, end: number | undefined, title: string, ...children: Chapter[]): Chapter => ({
      start,
      titles: [{ text: title }],
      children,
      ...(end !== undefined && { end }),
    });
    const chapters = [
      chapter(100, 108, 'One', chapter(100, 104, 'a'), chapter(104, 108, 'b')),
      chapter(108, 119, 'Two', chapter(108, 111, 'c'), chapter(111, 119, 'gone')),
      chapter(112, 118, 'gone'),
      chapter(119, undefined, 'Three'),
    ];
    const shifted = shiftChapters(chapters, RANGES, 130);
    const lines = flatten([{ chapters: shifted }]).map(({ start, end, titles }) => [titles[0]?.text, start, end]);
    assert.deepEqual(lines, [
      ['One', 0, 8],
      ['a', 0, 4],
      ['b', 4, 8],
      ['Two', 8, 10],
      ['c', 8, 10],
      ['Three', 10, undefined],
    ]);
  });

  it('leaves exactly the kept part of any cues', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let n = 0; n < 300; n++) {
      const start = 95 + random() * 40;
      const end = start + random() * 30;
      const inside = (from: number, to: number): number => Math.max(0, Math.min(end, to) - Math.max(start, from));
      const expected = inside(100, 110) + inside(120, 130);
      const placed = placeCues([{ start, end, text: 'x' }], RANGES);
      const length = placed.reduce((sum, cue) => sum + cue.end - cue.start, 0);
      assert.ok(Math.abs(length - expected) < 0.005, `${start} ${end}`);
    }
  });

  it('joins the lines of cues that are shown together', () => {
    const cues = [
      { start: 0, end: 3, text: 'A' },
      { start: 1, end: 2, text: 'B' },
      { start: 3, end: 4, text: 'C' },
    ];
    assert.deepEqual(withoutOverlap(cues), [
      { start: 0, end: 1, text: 'A' },
      { start: 1, end: 2, text: 'A\nB' },
      { start: 2, end: 3, text: 'A' },
      { start: 3, end: 4, text: 'C' },
    ]);
  });
});
