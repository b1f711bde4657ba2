import assert from 'node:assert/strict';
import fc from 'fast-check';

import { BitReader, BitWriter } from '../../../../src/media/bitstream/bits.js';
import { lightMessages } from '../../../../src/media/bitstream/hevc-sei.js';
import {
  asSequenceStart,
  isSlice,
  NAL,
  nalLayer,
  nalType,
  PICTURE_SET_IDS,
  randomAccess,
  toPictureSet,
} from '../../../../src/media/bitstream/hevc.js';
import { addEmulation, removeEmulation } from '../../../../src/media/bitstream/nal.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// From x265: a P slice, a B slice that is no reference, and the beginning of a CRA picture.
const P = hex('0201d0195e2040cd1030250e7fa0e908ca386eaded9f6189df09d266052b76052ae7573c393641a5811036d580c71045c0');
const B = hex('0001e024ffe890296960b9503fa049c0');
const CRA = hex('2a01ac104d24758a8203f8255694a5585f145c74f39bd00a1b94d40f1d08190cff37');

/** Slice headers begin with these bits (7.3.6.1). */
function readHead(slice: Uint8Array): { flags: number; id: number; rest: string } {
  const data = removeEmulation(slice.subarray(2));
  const bits = new BitReader(data);
  const flags = bits.read(nalType(slice) >= 16 && nalType(slice) <= 23 ? 2 : 1);
  const id = bits.ue();
  let rest = '';
  while (bits.position < data.length * 8) rest += bits.read(1);
  return { flags, id, rest };
}

describe('Slices of HEVC', () => {
  it('are told apart by what decoding can begin at', () => {
    assert.equal(nalType(P), 1);
    assert.equal(nalType(CRA), NAL.cra);
    assert.equal(nalLayer(CRA), 0);
    assert.equal(nalLayer(hex('2809')), 1);
    assert.ok(isSlice(B) && !isSlice(hex('4201')));
    const kinds = Object.fromEntries([1, 8, 16, 17, 18, 19, 20, 21].map((type) => [type, randomAccess(type)]));
    const expected = { 16: 'open', 17: 'closed', 18: 'closed', 19: 'closed', 20: 'closed', 21: 'open' };
    assert.deepEqual(kinds, { 1: 'none', 8: 'none', ...expected });
  });

  it('name another picture parameter set and stay the same otherwise', () => {
    for (const slice of [P, B, CRA]) {
      const before = readHead(slice);
      assert.equal(before.id, 0);
      assert.equal(toPictureSet(slice, 0), slice);
      for (const id of PICTURE_SET_IDS) {
        const moved = toPictureSet(slice, id);
        assert.ok(moved);
        assert.deepEqual(readHead(moved), { ...before, id });
        assert.equal(toPictureSet(moved, 0), undefined);
      }
    }
    assert.throws(() => toPictureSet(P, 1), RangeError);
  });

  it('keep any payload, escaped as it has to be, on any id', () => {
    const zeros = fc.constantFrom(0, 1, 2, 3);
    const payload = fc.array(fc.oneof(zeros, fc.nat(255)), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 8, 19, 20, 21),
        fc.boolean(),
        fc.nat(127),
        payload,
        fc.constantFrom(...PICTURE_SET_IDS),
        (type, firstInPicture, low, bytes, id) => {
          // The id is 0, which is one set bit behind the flags.
          const flags = type >= 16 ? 2 : 1;
          const head = (firstInPicture ? 0x80 : 0) | (0x80 >> flags) | (low & ((0x80 >> flags) - 1));
          const slice = Uint8Array.from([type << 1, 1, ...addEmulation(Uint8Array.from([head, ...bytes, 0x80]))]);
          const moved = toPictureSet(slice, id);
          assert.ok(moved);
          assert.deepEqual(readHead(moved), { ...readHead(slice), id });
          const again = addEmulation(removeEmulation(moved.subarray(2)));
          assert.deepEqual(moved.subarray(2), again, 'emulation prevention');
        },
      ),
    );
  });

  it('of a CRA picture become a broken link behind a join, and drop no waiting frame', () => {
    const started = asSequenceStart(CRA);
    assert.equal(nalType(started), NAL.blaWithoutLeading);
    assert.deepEqual(started.subarray(1), CRA.subarray(1));
    assert.equal(nalType(asSequenceStart(hex('2001ac104d'))), NAL.blaWithoutLeading);
    assert.equal(asSequenceStart(P), P);
    const idr = hex('2801ac2162');
    assert.equal(asSequenceStart(idr), idr);
    // no_output_of_prior_pics_flag set, in a first slice and in a further one whose flags become zero bytes.
    assert.deepEqual(asSequenceStart(hex('2801ec2162')), idr);
    assert.deepEqual(asSequenceStart(hex('28014000000304')), hex('28010000030004'));
    assert.equal(asSequenceStart(hex('2201ac104d'))[0], 0x22, 'decodable leading pictures stay with their picture');
  });
});

describe('SEI messages of HEVC', () => {
  // mastering_display_colour_volume (137) and content_light_level_info (144), as in a stream for HDR10.
  const MASTERING = [137, 24, ...Buffer.from('33c286c41d4c0bb884d03e803d13404200989680' + '00000001', 'hex')];
  const LIGHT = [144, 4, 3, 232, 1, 144];
  const unit = (...messages: number[][]): Uint8Array =>
    Uint8Array.from([0x4e, 1, ...addEmulation(Uint8Array.from([...messages.flat(), 0x80]))]);

  it('about light are taken over, others are not', () => {
    const user = [5, 255, 1, ...Array.from({ length: 256 }, (_, n) => n & 0xff)];
    assert.deepEqual(lightMessages([P, unit(user, MASTERING), unit(LIGHT, [1, 1, 7])]), unit(MASTERING, LIGHT));
    assert.equal(lightMessages([unit(user)]), undefined);
    assert.equal(lightMessages([P, B]), undefined);
  });

  it('that break off are left alone', () => {
    assert.equal(lightMessages([unit(MASTERING).subarray(0, 20)]), undefined);
    assert.equal(lightMessages([hex('4e01'), hex('4e0189')]), undefined);
  });
});

describe('BitWriter', () => {
  it('writes what BitReader reads', () => {
    const writer = new BitWriter();
    for (const id of PICTURE_SET_IDS) writer.ue(id);
    const bits = new BitReader(writer.bytes());
    assert.deepEqual(
      PICTURE_SET_IDS.map(() => bits.ue()),
      PICTURE_SET_IDS,
    );
  });
});
