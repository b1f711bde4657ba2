import assert from 'node:assert/strict';

import { adtsConfig, adtsHeaderLength, firstWindow, parseAacConfig } from '../../../../src/media/sound/aac.js';
import { sharesWindow, withShape } from '../../../../src/media/sound/aac.js';
import { BitWriter } from '../../../../src/media/bitstream/bits.js';
import { reshape, risingHalf } from '../../../../src/media/sound/window-shape.js';

function bits(...fields: readonly (readonly [number, number])[]): Uint8Array {
  const writer = new BitWriter();
  for (const [value, count] of fields) writer.write(value, count);
  return writer.bytes();
}

describe('AAC configurations', () => {
  it('are copied for AAC-LC of 1024 samples', () => {
    const config = parseAacConfig(Uint8Array.of(0x11, 0x90));
    assert.deepEqual(config, { objectType: 2, sampleRate: 48_000, channels: 2, plain: true });
    assert.equal(parseAacConfig(Uint8Array.of(0x11, 0x90, 0x56, 0xe5, 0x00))?.plain, true);
  });

  const others: readonly (readonly [string, Uint8Array])[] = [
    ['HE-AAC', bits([5, 5], [6, 4], [2, 4], [3, 4], [2, 5], [0, 3])],
    [
      'HE-AAC that is announced behind the configuration',
      bits([2, 5], [6, 4], [2, 4], [0, 3], [0x2b7, 11], [5, 5], [1, 1], [3, 4]),
    ],
    ['AAC of 960 samples', bits([2, 5], [3, 4], [2, 4], [1, 1], [0, 2])],
    ['channels that are described elsewhere', bits([2, 5], [3, 4], [0, 4], [0, 3])],
    ['xHE-AAC', bits([31, 5], [10, 6], [3, 4], [2, 4])],
  ];
  for (const [name, data] of others) {
    it(`are not copied for ${name}`, () => assert.equal(parseAacConfig(data)?.plain ?? false, false));
  }

  it('are understood in ADTS headers', () => {
    const packet = Uint8Array.of(0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x00);
    assert.equal(adtsHeaderLength(packet), 7);
    assert.deepEqual(parseAacConfig(adtsConfig(packet)), parseAacConfig(Uint8Array.of(0x11, 0x90)));
    assert.equal(adtsHeaderLength(packet.subarray(1)), 0);
  });
});

describe('Windows of AAC packets', () => {
  // A fill element of 3 bytes, then a pair of channels with a common window: LONG_STOP, Kaiser–Bessel derived.
  const pair = bits([6, 3], [3, 4], [0, 24], [1, 3], [0, 4], [1, 1], [0, 1], [3, 2], [1, 1], [40, 6], [0, 8]);
  const single = bits([0, 3], [0, 4], [100, 8], [0, 1], [2, 2], [0, 1], [0, 16]);

  it('are found behind other elements', () => {
    assert.deepEqual(firstWindow(pair), { sequence: 3, shape: 1 });
    assert.deepEqual(firstWindow(single), { sequence: 2, shape: 0 });
    assert.ok(sharesWindow(pair) && sharesWindow(single));
  });

  it('can be named with another shape, and nothing else changes', () => {
    assert.deepEqual(firstWindow(withShape(pair, 0)), { sequence: 3, shape: 0 });
    assert.deepEqual(withShape(withShape(pair, 0), 1), pair);
  });

  it('are unknown in what is no packet', () => {
    assert.equal(firstWindow(new Uint8Array()), undefined);
    assert.equal(firstWindow(Uint8Array.of(0xe0)), undefined);
  });
});

describe('Sound for an encoder that has another window', () => {
  const SIZE = 1024;
  const samples = Float32Array.from({ length: SIZE }, (_, n) => Math.sin(n / 7) + 0.3 * Math.cos(n / 31));

  // What the transform (14496-3 4.6.11.3.1) makes of the overlapping half of a block: the windowed sound with its mirror.
  function fold(data: Float32Array, edge: 'rising' | 'falling', shape: number): number[] {
    const weights = risingHalf(shape);
    const weighted = (n: number): number => (weights[edge === 'rising' ? n : SIZE - 1 - n] ?? 0) * (data[n] ?? 0);
    const sign = edge === 'rising' ? -1 : 1;
    return Array.from({ length: SIZE }, (_, n) => weighted(n) + sign * weighted(SIZE - 1 - n));
  }

  for (const edge of ['rising', 'falling'] as const) {
    for (const [encoder, wanted] of [
      [1, 0],
      [0, 1],
    ] as const) {
      it(`is transformed as if it had shape ${wanted} where its window is ${edge}`, () => {
        const adapted = fold(reshape(samples, edge, encoder, wanted), edge, encoder);
        const meant = fold(samples, edge, wanted);
        for (const [n, value] of adapted.entries()) assert.ok(Math.abs(value - (meant[n] ?? 0)) < 1e-6);
        assert.ok(fold(samples, edge, encoder).some((value, n) => Math.abs(value - (meant[n] ?? 0)) > 0.01));
      });
    }
  }

  it('has windows that add up to the sound with their neighbours', () => {
    for (const shape of [0, 1]) {
      const half = risingHalf(shape);
      for (const [n, value] of half.entries()) {
        assert.ok(Math.abs(value ** 2 + (half[SIZE - 1 - n] ?? 0) ** 2 - 1) < 1e-9);
      }
    }
  });
});
