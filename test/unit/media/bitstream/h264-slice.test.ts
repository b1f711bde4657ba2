import assert from 'node:assert/strict';

import { BitReader, BitWriter } from '../../../../src/media/bitstream/bits.js';
import type { PpsSummary, SpsSummary } from '../../../../src/media/bitstream/h264.js';
import { recoveryPoint } from '../../../../src/media/bitstream/h264-sei.js';
import { parseSlice, rewriteSlice } from '../../../../src/media/bitstream/h264-slice.js';
import { addEmulation, removeEmulation } from '../../../../src/media/bitstream/nal.js';

const SPS: SpsSummary = {
  ...{ id: 0, profile: 100, level: 31, constraints: 0, chroma: 1, separatePlanes: false, bitDepth: 8, lossless: false },
  ...{ frameNumBits: 4, orderType: 0, orderBits: 6, referenceFrames: 4, gapsAllowed: false, progressive: true },
};
const PPS: PpsSummary = {
  ...{ id: 0, spsId: 0, cabac: true, bottomOrder: false, grouped: false, references: [1, 1], redundant: false },
  ...{ weightedP: false, weightedB: 0, deblocking: true },
};

describe('Slice headers of H.264', () => {
  for (const cabac of [true, false]) {
    it(`change and leave the picture's ${cabac ? 'arithmetic' : 'variable-length'} code as it is`, () => {
      const pps = { ...PPS, cabac };
      for (let seed = 1; seed <= 400; seed++) {
        const { nal, code } = makeSlice(seed, cabac);
        const header = parseSlice(nal, SPS, pps);
        assert.ok(header);
        // Longer and shorter headers, so that the code moves by any number of bits.
        for (const change of [{ idr: 0 }, { idr: 1000 }, { markings: [{ operation: 1, value: seed % 9 }] }]) {
          const rest = { frameNum: 3, order: seed % 64, modifications: [], markings: undefined };
          const changed = rewriteSlice(nal, header, SPS, pps, { ...rest, ...change });
          const read = parseSlice(changed, SPS, pps);
          assert.equal(read?.frameNum, 3);
          assert.equal(read.order, seed % 64);
          assert.equal(read.idr, 'idr' in change);
          assert.deepEqual(read.markings, 'markings' in change ? change.markings : undefined);
          const plain = removeEmulation(changed);
          const [, end] = read.parts.tail;
          assert.equal(bitsFrom(plain, cabac ? Math.ceil(end / 8) * 8 : end), code, `seed ${seed}`);
          assert.deepEqual(addEmulation(plain), changed, 'start codes must not show up inside');
        }
      }
    });
  }

  it('are not read where pictures may be fields or slices come in groups', () => {
    const { nal } = makeSlice(1, true);
    assert.ok(parseSlice(nal, SPS, PPS));
    assert.equal(parseSlice(nal, { ...SPS, progressive: false }, PPS), undefined);
    assert.equal(parseSlice(nal, { ...SPS, orderType: 1 }, PPS), undefined);
    assert.equal(parseSlice(nal, SPS, { ...PPS, grouped: true }), undefined);
    assert.equal(parseSlice(nal.subarray(0, 2), SPS, PPS), undefined);
  });
});

describe('A recovery point of H.264', () => {
  it('says after how many frames everything is right, and whether to the bit', () => {
    const read = (...bytes: number[]): unknown => recoveryPoint(Uint8Array.from(bytes));
    assert.deepEqual(read(6, 6, 1, 0xc4, 0x80), { frames: 0, exact: true });
    assert.deepEqual(read(6, 6, 1, 0x84, 0x80), { frames: 0, exact: false });
    assert.deepEqual(read(6, 6, 2, 0b00010101, 0x40, 0x80), { frames: 9, exact: true });
    // Behind another message, here a buffering period.
    assert.deepEqual(read(6, 0, 2, 9, 9, 6, 1, 0xc4, 0x80), { frames: 0, exact: true });
    assert.equal(read(6, 1, 2, 9, 9, 0x80), undefined);
    assert.equal(read(0x65, 6, 1, 0xc4, 0x80), undefined);
  });
});

/** An I slice with a made-up header and a made-up code that is full of zeros. */
function makeSlice(seed: number, cabac: boolean): { nal: Uint8Array; code: string } {
  let state = seed;
  const random = (below: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % below;
  const bits = new BitWriter();
  bits.write(0x61, 8);
  bits.ue(random(40));
  bits.ue(7);
  bits.ue(0);
  bits.write(random(16), 4);
  bits.write(random(64), 6);
  bits.write(0, 1);
  bits.ue(random(9));
  for (let i = 0; i < 3; i++) bits.ue(0);
  while (cabac && bits.position % 8 !== 0) bits.write(1, 1);
  const at = bits.position;
  for (let n = 8 * (1 + random(6)) + (cabac ? 0 : random(8)); n > 0; n--) bits.write(random(9) === 0 ? 1 : 0, 1);
  bits.write(1, 1);
  const plain = bits.bytes();
  return { nal: addEmulation(plain), code: bitsFrom(plain, at) };
}

/** Bits up to the last 1, which ends a unit. */
function bitsFrom(plain: Uint8Array, from: number): string {
  const bits = new BitReader(plain);
  let text = '';
  while (bits.position < plain.length * 8) text += bits.read(1);
  return text.slice(from).replace(/0*$/, '');
}
