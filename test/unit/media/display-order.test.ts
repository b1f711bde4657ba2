import assert from 'node:assert/strict';

import fc from 'fast-check';

import { areDistinct, sortByTime } from '../../../src/media/display-order.js';

describe('The order in which pictures are shown', () => {
  const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 200 });

  it('is that of their times, and pictures of one time stay as they were', () => {
    fc.assert(
      fc.property(numbers, (times) => {
        const places = Array.from(times.keys());
        const expected = places.toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
        assert.deepEqual(Array.from(sortByTime(Uint32Array.from(places), times)), expected);
      }),
    );
  });

  it('is found as fast for pictures that come backwards', () => {
    const times = Float64Array.from({ length: 100_000 }, (_, n) => -n);
    const sorted = sortByTime(
      Uint32Array.from(times, (_, n) => n),
      times,
    );
    assert.ok(sorted.every((place, n) => place === times.length - 1 - n));
  });

  it('knows whether two come at the same time', () => {
    fc.assert(fc.property(numbers, (times) => areDistinct(times) === (new Set(times).size === times.length)));
  });
});
