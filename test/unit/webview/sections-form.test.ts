import assert from 'node:assert/strict';
import { parseTimecode } from '../../../src/timeline/timecode.js';
import { addSection, checkRows, fieldText, isUnfinishedTime, setPoint } from '../../../webview/sections-form.js';
import { frameStart, stepFrames } from '../../../webview/preview-skip.js';

const S = 1_000_000;
const BLANK = { in: '', out: '' };

describe('section fields', () => {
  it('says nothing about fields that are still empty, and is not ready', () => {
    const form = checkRows([BLANK, { in: '0:45', out: '' }], 120 * S);
    assert.deepEqual(form.problems, []);
    assert.equal(form.ready, false);
  });

  it('names the row and the field of each problem, blank rows above included', () => {
    const form = checkRows([BLANK, { in: '1:20', out: '0:45' }, { in: 'soon', out: '0:05' }], 120 * S);
    assert.deepEqual(
      form.problems.map(({ row, field }) => `${row} ${field}`),
      ['1 out', '2 in'],
    );
    assert.match(form.problems[0]?.message ?? '', /before the in point/);
    assert.deepEqual(form.sections, [undefined, undefined, undefined]);
  });

  it('is ready with a blank row left over, and sends only what is filled in', () => {
    const form = checkRows([{ in: '45', out: '1:20' }, BLANK], 120 * S);
    assert.equal(form.ready, true);
    assert.deepEqual(form.typed, [{ in: '45', out: '1:20' }]);
  });

  it('takes an out point typed from a rounded length as the end', () => {
    assert.deepEqual(checkRows([{ in: '1:00', out: '2:00' }], 119.97 * S).sections[0], { in: 60 * S, out: 119.97 * S });
  });

  it('does not paint or preview a section that overlaps another', () => {
    const rows = [
      { in: '0:10', out: '0:30' },
      { in: '0:20', out: '0:40' },
    ];
    const form = checkRows(rows, 120 * S);
    assert.equal(form.ready, false);
    assert.deepEqual(form.sections, [{ in: 10 * S, out: 30 * S }, undefined]);
  });

  it('lets a time be typed without calling its beginning wrong', () => {
    assert.ok(isUnfinishedTime('0:') && isUnfinishedTime('45.'));
    assert.ok(!isUnfinishedTime('soon') && !isUnfinishedTime('0:45'));
  });

  it('writes points so that exactly the frame shown is the first one removed', () => {
    for (const rate of [23.976, 24, 25, 29.97, 30, 50, 59.94, 60]) {
      let shown = frameStart(7.3 * S, rate);
      for (let count = 0; count < 200; count += 1) {
        const point = parseTimecode(fieldText(shown)) ?? NaN;
        const before = stepFrames(shown, -1, rate);
        assert.ok(point <= shown && point > before, `${rate} fps: ${point} is not in (${before}, ${shown}]`);
        shown = stepFrames(shown, 1, rate);
      }
    }
  });
});

describe('I and O', () => {
  const first = { in: '0:45', out: '1:20' };

  it('fill the blank row, first in, then out', () => {
    const one = setPoint([BLANK], 'in', 45 * S, undefined);
    assert.deepEqual(setPoint(one.rows, 'out', 80 * S, one.index).rows, [first]);
  });

  it('begin a new section when all are complete', () => {
    assert.deepEqual(setPoint([first], 'in', 90 * S, undefined).rows, [first, { in: '1:30', out: '' }]);
  });

  it('adjust the chosen section as long as it stays one', () => {
    assert.deepEqual(setPoint([first], 'in', 50 * S, 0).rows, [{ in: '0:50', out: '1:20' }]);
    assert.deepEqual(setPoint([first], 'in', 90 * S, 0).rows, [first, { in: '1:30', out: '' }]);
  });

  it('never put an out point before the in point that waits for it', () => {
    const waiting = { in: '0:45', out: '' };
    assert.deepEqual(setPoint([waiting], 'out', 10 * S, 0).rows, [waiting, { in: '', out: '0:10' }]);
  });

  it('accepting a pause uses the blank row first', () => {
    assert.deepEqual(addSection([first, BLANK], { in: 0, out: 5 * S }), {
      rows: [first, { in: '0:00', out: '0:05' }],
      index: 1,
    });
  });
});
