import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MOST_MARKS } from '../../../src/messages.js';
import { acceptable, acceptAllWords, acceptPauses, openPauses } from '../../../webview/ghosts.js';
import { tilesInView, withPictures } from '../../../webview/tiles.js';
import { layerFor } from '../../../webview/waveform.js';

const S = 1_000_000;
const sections = (...ranges: readonly (readonly [number, number])[]): { in: number; out: number }[] =>
  ranges.map(([from, to]) => ({ in: from * S, out: to * S }));

describe('pauses as ghost sections', () => {
  it('never touch a section that is marked or removed', () => {
    const section = fc
      .tuple(fc.nat(1000), fc.integer({ min: 1, max: 50 }))
      .map(([from, length]) => ({ in: from, out: from + length }));
    fc.assert(
      fc.property(fc.array(section), fc.array(section), (pauses, taken) => {
        const open = openPauses(pauses, taken);
        for (const ghost of open) assert.ok(!taken.some((other) => ghost.in < other.out && ghost.out > other.in));
        const free = pauses.filter((pause) => !taken.some((other) => pause.in <= other.out && pause.out >= other.in));
        if (taken.length === 0 && free.length > 0) assert.ok(open.length > 0);
      }),
    );
    assert.deepEqual(openPauses(sections([1, 2], [4, 6], [8, 9]), sections([5, 7], [0, 1])), sections([1, 2], [8, 9]));
  });

  it('become ordinary sections, in the blank row first', () => {
    const { rows, chosen } = acceptPauses([{ in: '', out: '' }], sections([4, 5.2], [17, 19]));
    assert.deepEqual(rows, [
      { in: '0:04', out: '0:05.2' },
      { in: '0:17', out: '0:19' },
    ]);
    assert.equal(chosen, 1);
  });

  it('are counted and measured on the button that takes them all', () => {
    const open = sections([4, 5.2], [17, 19], [30, 60]);
    assert.equal(acceptAllWords(open, open), 'Mark all 3 pauses (0:33)');
    assert.equal(acceptAllWords(open.slice(0, 1), open.slice(0, 1)), 'Mark the pause (0:01)');
    const full = Array.from({ length: MOST_MARKS - 2 }, () => ({ in: '1', out: '2' }));
    const room = acceptable(open, full);
    assert.deepEqual(room, sections([17, 19], [30, 60]));
    assert.equal(acceptAllWords(open, room), 'Mark the 2 longest pauses (0:32)');
  });
});

describe('the row of pictures', () => {
  const pictures = [0, 30, 60, 90].map((seconds) => ({
    time: seconds * S,
    width: 160,
    height: 90,
    dataUri: String(seconds),
  }));

  it('shows the picture nearest to the middle of each tile, and only tiles in view', () => {
    const shown = tilesInView({ start: 0, end: 120 * S, width: 400 }, 120 * S, 100, pictures);
    assert.deepEqual(
      shown.map(({ in: from, picture }) => [from / S, picture.dataUri]),
      [
        [0, '0'],
        [30, '30'],
        [60, '60'],
        [90, '90'],
      ],
    );
    const near = tilesInView({ start: 50 * S, end: 60 * S, width: 400 }, 120 * S, 100, pictures);
    assert.ok(near.length <= 6 && near.every(({ picture }) => picture.dataUri === '60'));
  });

  it('keeps its tiles at their time while it moves', () => {
    const at = (start: number): number[] =>
      tilesInView({ start, end: start + 40 * S, width: 400 }, 120 * S, 100, pictures).map((tile) => tile.in);
    assert.deepEqual(
      at(13 * S).map((time) => time % (10 * S)),
      at(13 * S).map(() => 0),
    );
  });

  it('takes more pictures as they come, without end and in order', () => {
    let known = withPictures([], pictures);
    for (let n = 0; n < 3000; n += 10)
      known = withPictures(known, [{ time: n, width: 1, height: 1, dataUri: '' }], 100);
    assert.ok(known.length <= 100);
    assert.deepEqual(
      [...known].sort((a, b) => a.time - b.time),
      known,
    );
  });
});

describe('the waveform', () => {
  const whole = { step: 100_000, offset: 0, values: new Array<number>(100).fill(1) };
  const near = { step: 10_000, offset: 400, values: new Array<number>(200).fill(1) };

  it('is the finer one where that covers what is shown', () => {
    assert.equal(layerFor({ start: 4 * S, end: 6 * S, width: 100 }, { whole, near }), near);
    assert.equal(layerFor({ start: 3 * S, end: 5 * S, width: 100 }, { whole, near }), whole);
    assert.equal(layerFor({ start: 4 * S, end: 8 * S, width: 100 }, { whole, near }), whole);
    assert.equal(layerFor({ start: 0, end: S, width: 100 }, {}), undefined);
    assert.equal(layerFor({ start: 0, end: S, width: 100 }, { whole }), whole);
  });
});
