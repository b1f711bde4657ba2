import assert from 'node:assert/strict';
import fc from 'fast-check';

import { readVp9Frame, splitSuperframe } from '../../../../src/media/bitstream/vp9.js';
import { createVp9Join } from '../../../../src/media/picture/join-vp9.js';
import type { TrackCoding } from '../../../../src/media/picture/join-codec.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// libvpx 1.12, 64x64: profile 0 (begin only), profile 3 (4:4:4, 10 bit, BT.709), RGB in profile 1, a frame of profile 0,
// and a packet with an alternate reference and a shown frame.
const KEY = hex('824983420003f003f60038241c18a60002b07caffd3f3680');
const DEEP_KEY = hex('b124c1a110001f801fb001c120e0c7b000018060000066fd3a7940');
const RGB_KEY = hex('a2498342e003f003f60038241c18f60000306000004100');
const INTER = hex('860100921c005a40000320000069c800');
const SUPERFRAME = hex(
  '840080493ae0b24000067000007f8807ea59c223cb8ffe6740e1d04d5491c3fbc145c6d8e2a369b615147812d346c5c27c1ffc6e3718b7ff0b61cae8ac6e56e1eaac6a4132adf8b488eec25d52be56dd2b36b7012de784abb28a6acf275652e61b86be10558353667c51cc3b0e422da2e7143968ad0fd5525c79e4463e91f65347b28be615d1360f344582bee00c8456b6a74cca64b29463a5ddfe1d31ae1430a9a383852b88860040960c705f4000032000007cd79f659e883718e140b94840b20907f17f941800c1a622c1',
);
const HIDDEN = splitSuperframe(SUPERFRAME)?.[0] ?? new Uint8Array();

const TRACK: TrackCoding = {
  extradata: undefined,
  bitRate: 0,
  reorder: 0,
  pixelFormat: 'yuv420p',
  width: 64,
  height: 64,
  frameRate: 30,
  form: 'headers-apart',
};

describe('VP9 frames', () => {
  it('say profile, depth, chroma and size in keyframes', () => {
    const { profile, shown, key } = readVp9Frame(KEY) ?? {};
    assert.deepEqual(
      [profile, shown, key?.depth, key?.subsampling, key?.width, key?.height],
      [0, true, 8, [1, 1], 64, 64],
    );
    const deep = readVp9Frame(DEEP_KEY);
    assert.deepEqual([deep?.profile, deep?.key?.depth, deep?.key?.subsampling, deep?.key?.space], [3, 10, [0, 0], 2]);
    assert.deepEqual([readVp9Frame(RGB_KEY)?.key?.space, readVp9Frame(RGB_KEY)?.key?.height], [7, 64]);
    assert.deepEqual(readVp9Frame(INTER), { profile: 0, shown: true, key: undefined });
  });

  it('come apart where a packet holds a hidden and a shown one', () => {
    const frames = splitSuperframe(SUPERFRAME)?.map(readVp9Frame);
    assert.deepEqual(
      frames?.map((frame) => frame?.shown),
      [false, true],
    );
    assert.deepEqual(splitSuperframe(INTER), [INTER]);
  });

  it('that call up an earlier frame are shown', () => {
    assert.deepEqual(readVp9Frame(hex('88')), { profile: 0, shown: true, key: undefined });
  });

  it('are damaged when the index promises more than there is', () => {
    assert.equal(splitSuperframe(SUPERFRAME.subarray(SUPERFRAME.length - 40)), undefined);
    assert.equal(readVp9Frame(hex('00')), undefined);
    assert.equal(readVp9Frame(new Uint8Array()), undefined);
  });

  it('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(0, 0xc0, 0xc9, 0xdf), (data, end) => {
        splitSuperframe(Uint8Array.of(end, ...data, end))?.forEach(readVp9Frame);
        readVp9Frame(Uint8Array.of(0x82, ...data));
      }),
    );
  });
});

describe('Joining VP9', () => {
  const entered = (...keys: Uint8Array[]): ReturnType<typeof createVp9Join> => {
    const codec = createVp9Join(TRACK);
    for (const key of keys) codec.entry(key);
    return codec;
  };

  it('enters at keyframes alone', () => {
    const codec = createVp9Join(TRACK);
    assert.equal(codec.entry(KEY), 'closed');
    assert.equal(codec.entry(INTER), 'none');
    assert.equal(codec.entry(SUPERFRAME), 'none');
    assert.equal(codec.obstacle(), undefined);
  });

  it('knows a packet that shows nothing', () => {
    const codec = entered(KEY);
    assert.deepEqual(
      [HIDDEN, SUPERFRAME, INTER, KEY].map((data) => codec.invisible?.(data)),
      [true, false, false, false],
    );
  });

  it('is ruled out by keyframes of another size, profile or colour, by layers and by damage', () => {
    const layers = Uint8Array.of(...KEY, ...INTER, 0xc1, KEY.length, INTER.length, 0xc1);
    for (const [other, reason] of [
      [KEY.with(6, 0x07), /size/],
      [DEEP_KEY, /parameters/],
      [KEY.with(4, 0x40), /parameters/],
      [layers, /layers/],
      [KEY.with(1, 0), /damaged/],
    ] as const) {
      assert.match(entered(KEY, other).obstacle() ?? '', reason);
    }
  });

  it('gives the encoder’s keyframes the colours of the source', () => {
    const codec = entered(KEY);
    const bt709 = KEY.with(4, 0x50);
    const source = readVp9Frame(KEY)?.key;
    assert.notDeepEqual(readVp9Frame(bt709)?.key, source);
    const packet = Buffer.from(bt709);
    assert.deepEqual(codec.encoded(packet, true), KEY);
    assert.deepEqual(Uint8Array.from(packet), bt709);
    assert.equal(codec.encoded(KEY, true), KEY);
  });

  it('takes an encoder’s packet only where a player can begin, of the same coding, one frame each', () => {
    const codec = entered(KEY);
    assert.equal(codec.encoded(INTER, false), INTER);
    for (const [data, first] of [
      [INTER, true],
      [DEEP_KEY, true],
      [KEY.with(6, 0x07), true],
      [SUPERFRAME, false],
      [HIDDEN, false],
    ] as const) {
      assert.equal(codec.encoded(data, first), undefined);
    }
  });
});
