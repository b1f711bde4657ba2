import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  buildHevcConfiguration,
  parseHevcConfiguration,
  widenConfiguration,
} from '../../../../src/media/bitstream/hevc-configuration.js';
import {
  parameterSetId,
  parseSequenceSet,
  profileOf,
  raiseLimits,
  renumber,
} from '../../../../src/media/bitstream/hevc-sets.js';
import { addEmulation, removeEmulation } from '../../../../src/media/bitstream/nal.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// From x265, 64x48: the sets of one stream.
const VPS = hex('40010c01ffff01600000030090000003000003001e959009');
const SPS = hex('42010101600000030090000003000003001ea0208316595916f0bc05a020000003002000000303c1');
const PPS = hex('4401c073c189');

const OTHERS: readonly (readonly [string, string, object])[] = [
  [
    'with scaling lists and a buffer model',
    '42010101600000030090000003000003003ca00a880c1c44d965654a4e1780b40400000300040000030079805259b8003d090007a122',
    {
      chroma: 1,
      lumaBits: 8,
      codedWidth: 336,
      codedHeight: 192,
      width: 322,
      height: 182,
      level: 60,
      interlaced: false,
    },
  ],
  [
    'of fields',
    '42010101600000030040000003000003003ca00a080c1f3e595952930bc05a1a0000030002000003003c10',
    { width: 320, height: 180, interlaced: true },
  ],
  [
    'with temporal sub-layers',
    '42010201600000030090000003000003003f0000a005020171f2e59594aca94985e02d010000030001000003001e08',
    { width: 640, height: 360, level: 63, pictures: 5, reordered: 2, interlaced: false },
  ],
  [
    'of 10 bit, with filled up rows',
    '420101022000000300900000030000030078a003c0801107cad965654a4c2f056c08000003000800000300f040',
    { chroma: 1, lumaBits: 10, chromaBits: 10, codedHeight: 1088, height: 1080, level: 120, interlaced: false },
  ],
  [
    'of grey pictures',
    '4201010408000003009fc800000300003cc02820307c6e5ba4a4c2f016c080000003008000000f04',
    { chroma: 0, width: 320, height: 180, reordered: 0 },
  ],
];

describe('Parameter sets of HEVC', () => {
  it('tell size, depth and limits', () => {
    assert.deepEqual(parseSequenceSet(SPS), {
      id: 0,
      videoSet: 0,
      chroma: 1,
      lumaBits: 8,
      chromaBits: 8,
      codedWidth: 64,
      codedHeight: 48,
      width: 64,
      height: 48,
      tier: 0,
      level: 30,
      interlaced: false,
      pictures: 5,
      reordered: 2,
    });
    assert.deepEqual([VPS, SPS, PPS].map(parameterSetId), [0, 0, 0]);
    assert.equal(parseSequenceSet(PPS), undefined);
    assert.equal(parseSequenceSet(SPS.subarray(0, 20)), undefined);
  });

  for (const [kind, bytes, expected] of OTHERS) {
    it(`are understood when they are ${kind}`, () => {
      const found = parseSequenceSet(hex(bytes));
      assert.ok(found);
      assert.deepEqual({ ...found, ...expected }, found);
    });
  }

  it('take other ids and come back to their bytes', () => {
    const all = [VPS, SPS, PPS, ...OTHERS.map(([, bytes]) => hex(bytes))];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(15), fc.nat(15), fc.nat(63), (set, vps, sps, pps) => {
        const ids = { vps, sps, pps };
        const moved = renumber(set, ids);
        const type = ((set[0] ?? 0) >> 1) & 0x3f;
        assert.equal(parameterSetId(moved), [vps, sps, pps][type - 32]);
        assert.deepEqual(addEmulation(removeEmulation(moved)), moved);
        const read = parseSequenceSet(moved);
        if (read) assert.deepEqual(read, { ...parseSequenceSet(set), id: sps, videoSet: vps });
        assert.deepEqual(renumber(moved, { vps: 0, sps: 0, pps: 0 }), set);
      }),
    );
  });

  it('claim at least the limits of the pictures beside them', () => {
    assert.equal(parseSequenceSet(raiseLimits(SPS, { tier: 1, level: 153 }))?.level, 153);
    assert.equal(parseSequenceSet(raiseLimits(SPS, { tier: 1, level: 153 }))?.tier, 1);
    assert.equal(parseSequenceSet(raiseLimits(SPS, { tier: 1, level: 93 }))?.tier, 0, 'no high tier below level 4');
    assert.deepEqual(raiseLimits(SPS, { tier: 0, level: 0 }), SPS);
    assert.deepEqual(raiseLimits(VPS, { tier: 0, level: 0 }), VPS);
    assert.equal(removeEmulation(raiseLimits(VPS, { tier: 0, level: 153 }))[2 + 4 + 11], 153);
    assert.equal(raiseLimits(PPS, { tier: 1, level: 153 }), PPS);
  });
});

describe('hvcC', () => {
  const HEAD = hex('01016000000090000000000' + '01ef000fcfdf8f800000f');
  const array = (type: number, unit: Uint8Array): number[] => [
    type,
    0,
    1,
    unit.length >> 8,
    unit.length & 0xff,
    ...unit,
  ];
  const SEI = hex('4e0105021122' + '80');
  const HVCC = Uint8Array.from([
    ...HEAD,
    4,
    ...array(0xa0, VPS),
    ...array(0xa1, SPS),
    ...array(0xa2, PPS),
    ...array(39, SEI),
  ]);

  it('comes out of its parts as it went in', () => {
    const config = parseHevcConfiguration(HVCC);
    assert.ok(config);
    assert.equal(config.lengthSize, 4);
    assert.deepEqual(config.units, [VPS, SPS, PPS, SEI]);
    assert.deepEqual(buildHevcConfiguration(config, true), HVCC);
  });

  it('holds the sets of two encodes, and promises no more than both do', () => {
    const config = parseHevcConfiguration(HVCC);
    assert.ok(config);
    const ids = { vps: 1, sps: 1, pps: 16 };
    const own = [VPS, SPS, PPS].map((set) => raiseLimits(renumber(set, ids), { tier: 0, level: 123 }));
    const profile = profileOf(own[1] ?? SPS);
    profile[1] = 0x20;
    const bytes = buildHevcConfiguration(widenConfiguration(config, own, profile), false);
    const both = parseHevcConfiguration(bytes);
    assert.ok(both);
    assert.deepEqual(
      both.units.map((unit) => unit[0]),
      [0x40, 0x40, 0x42, 0x42, 0x44, 0x44, 0x4e],
    );
    assert.deepEqual(both.units.slice(0, 6).map(parameterSetId), [0, 1, 0, 1, 0, 16]);
    assert.equal(both.head[12], 123);
    assert.equal(both.head[2], 0x20, 'compatible with what both are compatible with');
    assert.equal(bytes[23], 32, 'sets may lie in the samples');
  });

  it('is not taken from broken bytes or Annex B', () => {
    for (let length = 0; length < HVCC.length; length++) {
      assert.equal(parseHevcConfiguration(HVCC.subarray(0, length)), undefined, `${length} bytes`);
    }
    assert.equal(parseHevcConfiguration(Uint8Array.from([0, 0, 0, 1, ...VPS, 0, 0, 0, 1, ...SPS])), undefined);
  });
});
