import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatLength, formatTimecode, parseTimecode } from '../../../src/timeline/timecode.js';

describe('a timecode', () => {
  for (const [typed, seconds] of [
    ['0:45', 45],
    ['45', 45],
    ['45.5', 45.5],
    ['45,5', 45.5],
    ['1:02:03.250', 3723.25],
    ['90', 90],
    ['75:00', 4500],
    [' 0:45 ', 45],
    ['０：４５', 45],
    ['0', 0],
    ['00:00.000001', 0.000001],
  ] as const) {
    it(`"${typed}" is ${seconds} s`, () => {
      assert.equal(parseTimecode(typed), Math.round(seconds * 1e6));
    });
  }

  for (const typed of [
    '',
    'abc',
    '1:60',
    '1:60:00',
    '1:2:3:4',
    '-5',
    '4 5',
    '45s',
    '1.2.3',
    ':45',
    '0:',
    '1e3',
    'NaN',
    '0:45.1234567',
  ]) {
    it(`"${typed}" is none`, () => {
      assert.equal(parseTimecode(typed), undefined);
    });
  }

  it('that is written reads back as the same time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 3600 * 1e6 }), (time) => {
        assert.equal(parseTimecode(formatTimecode(time, { digits: 6 })), time);
      }),
    );
  });

  it('is short where it can be', () => {
    assert.equal(formatTimecode(45e6), '0:45');
    assert.equal(formatTimecode(80.5e6), '1:20.5');
    assert.equal(formatTimecode(3723.25e6), '1:02:03.25');
    assert.equal(formatTimecode(59.9999e6, { digits: 1 }), '1:00.0');
  });

  it('of a length has a tenth where there is one, and none where there is none', () => {
    assert.equal(formatLength(120e6), '2:00');
    assert.equal(formatLength(85.02e6), '1:25');
    assert.equal(formatLength(85.44e6), '1:25.4');
    assert.equal(formatLength(59.97e6), '1:00');
    assert.equal(formatLength(3725.5e6), '1:02:05.5');
  });
});
