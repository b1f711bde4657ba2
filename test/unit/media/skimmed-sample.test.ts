import assert from 'node:assert/strict';

import { splitLengthPrefixed, toLengthPrefixed } from '../../../src/media/bitstream/nal.js';
import { skimSample } from '../../../src/media/picture/skimmed-sample.js';

describe('The headers of a keyframe', () => {
  const unit = (type: number, length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, n) => (n === 0 ? type : n & 255));

  function skim(sample: Uint8Array, lengthSize: number): { skimmed: Uint8Array | undefined; read: number } {
    let read = 0;
    const skimmed = skimSample(sample.length, lengthSize, (at, count) => {
      read += count;
      return sample.subarray(at, at + count);
    });
    return { skimmed, read };
  }

  for (const lengthSize of [2, 4]) {
    it(`are all that is read of it, with lengths of ${lengthSize} bytes`, () => {
      const long = lengthSize === 2 ? 65_000 : 900_000;
      const units = [unit(9, 2), unit(6, 700), unit(5, long), unit(6, 30), unit(5, 20_000), unit(12, 100)];
      const { skimmed, read } = skim(toLengthPrefixed(units, lengthSize), lengthSize);
      const kept = splitLengthPrefixed(skimmed ?? new Uint8Array(1), lengthSize) ?? [];
      assert.deepEqual(
        kept.map((part) => part[0]),
        [9, 6, 5, 6, 5, 12],
      );
      for (const [n, part] of kept.entries())
        assert.deepEqual([...part], [...(units[n] ?? new Uint8Array()).subarray(0, part.length)]);
      assert.deepEqual(
        kept.map((part, n) => part.length === units[n]?.length),
        [true, true, false, true, false, true],
      );
      assert.ok(read < 20_000, `${read} bytes`);
    });
  }

  it('leave a sample to be read whole where its lengths do not add up or its units are many', () => {
    const sample = toLengthPrefixed([unit(5, 50_000)], 4);
    assert.equal(skim(sample.subarray(0, 40_000), 4).skimmed, undefined);
    assert.equal(skim(Uint8Array.from([...sample, 1, 2]), 4).skimmed, undefined);
    assert.equal(
      skim(
        toLengthPrefixed(
          Array.from({ length: 40 }, () => unit(5, 300)),
          4,
        ),
        4,
      ).skimmed,
      undefined,
    );
  });
});
