import assert from 'node:assert/strict';
import fc from 'fast-check';

import { readVp8Frame } from '../../../../src/media/bitstream/vp8.js';
import { createVp8Join } from '../../../../src/media/picture/join-vp8.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// libvpx 1.12: a grey clip of 64x48, and an alternate reference of another clip that shows nothing.
const KEY = hex('b002009d012a40003000004708858588858488020200068e621367998f2f00fe6800');
const INTER = hex('d1010001101000180018582ff400088c0000');
const UNSHOWN = hex(
  'e1060017117808c02519b474f07eb1ff3843bb8c206a2298a54c8fd7b48ddbe7c78b25989f669dd73111b5b5c66fb22ec6e0b266f2081bc6ea4024',
);

const TRACK = {
  extradata: undefined,
  bitRate: 0,
  reorder: 0,
  pixelFormat: 'yuv420p',
  width: 64,
  height: 48,
  frameRate: 30,
  form: 'headers-apart',
} as const;

describe('VP8 frames', () => {
  it('say whether they are keyframes, how large, and whether they are shown', () => {
    assert.deepEqual(readVp8Frame(KEY), { shown: true, key: { width: 64, height: 48, scaled: false } });
    assert.deepEqual(readVp8Frame(INTER), { shown: true, key: undefined });
    assert.equal(readVp8Frame(UNSHOWN)?.shown, false);
  });

  it('are damaged when their first part is cut off or the start code is missing', () => {
    assert.equal(readVp8Frame(KEY.subarray(0, 20)), undefined);
    assert.equal(readVp8Frame(KEY.with(3, 0)), undefined);
    assert.equal(readVp8Frame(new Uint8Array()), undefined);
  });

  it('of any bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (data) => void readVp8Frame(data)));
  });
});

describe('Joining VP8', () => {
  it('enters at keyframes alone and copies alternate references as packets that show nothing', () => {
    const codec = createVp8Join(TRACK);
    assert.equal(codec.entry(KEY), 'closed');
    assert.equal(codec.entry(INTER), 'none');
    assert.equal(codec.obstacle(), undefined);
    assert.equal(codec.invisible?.(UNSHOWN), true);
    assert.equal(codec.invisible?.(INTER), false);
    assert.equal(codec.rejoin('closed').packet(KEY), KEY);
  });

  it('is ruled out by keyframes of two sizes, by enlarged pictures and by damage', () => {
    for (const [other, reason] of [
      [KEY.with(6, 128), /size/],
      [KEY.with(7, 0x40), /enlarged/],
      [KEY.subarray(0, 8), /damaged/],
    ] as const) {
      const codec = createVp8Join(TRACK);
      codec.entry(KEY);
      codec.entry(other);
      assert.match(codec.obstacle() ?? '', reason);
    }
  });

  it('takes an encoder’s packet only where a player can begin, and never one that shows nothing', () => {
    const codec = createVp8Join(TRACK);
    codec.entry(KEY);
    assert.equal(codec.encoded(KEY, true), KEY);
    assert.equal(codec.encoded(INTER, false), INTER);
    assert.equal(codec.encoded(INTER, true), undefined);
    assert.equal(codec.encoded(KEY.with(6, 128), true), undefined);
    assert.equal(codec.encoded(KEY.with(0, 0xa0), true), undefined);
  });
});
