import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  parseSequence,
  readTemporalUnit,
  sequenceOf,
  splitObus,
  withAv1Colour,
  withSequence,
} from '../../../../src/media/bitstream/av1.js';
import { createAv1Join } from '../../../../src/media/picture/join-av1.js';
import type { TrackCoding } from '../../../../src/media/picture/join-codec.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// libaom 3.6 and SVT-AV1 1.4, 64x64: av1C boxes, keyframes and further frames as they stand in mp4.
const BOX = hex('81000c000a0a00000002afff9b5f2008');
const DEEP_BOX = hex('81004c000a0d00000002afff9b5f2a02020308');
const KEY = hex('0a0a00000002afff9b5f2008320b1000b98000024000000358');
const BARE_KEY = KEY.subarray(12);
const COLOURED_KEY = hex('0a0d00000002afff9b5f2202020308320b1000b98000024000000358');
const INTER = hex('32113003c080000006e4000002c00020009910');
const SVT_BOX = hex('81000c000a0a00000002afff805f0008');
const SVT_KEY = hex('0a0a00000002afff9f7f3008320d1000cc820e3871c2000008016e');
// A hidden frame and a shown one; a header that calls up a hidden frame.
const UNIT = hex(
  '3227290d8805588701bd204101ed8b0001c000d58ade95a143054cea59e2af3d538a6c87241dbd4a203210321a210ab1e2037c0000016000380030',
);
const FRAME_HEADER_EXISTING = hex('1a0198');

const TRACK: TrackCoding = {
  extradata: BOX,
  bitRate: 0,
  reorder: 0,
  pixelFormat: 'yuv420p',
  width: 64,
  height: 64,
  frameRate: 30,
  form: 'headers-apart',
};

function sequence(box: Uint8Array): Uint8Array {
  const payload = sequenceOf(box);
  assert.ok(payload);
  return payload;
}

describe('AV1 sequence headers', () => {
  it('say profile, depth, chroma and size', () => {
    const common = { still: false, points: 1, width: 64, height: 64 };
    const full = { ...common, profile: 0, depth: 8, monochrome: false, subsampling: [1, 1], colour: [70, 74], end: 76 };
    assert.deepEqual(parseSequence(sequence(BOX)), full);
    assert.deepEqual(parseSequence(sequence(DEEP_BOX)), { ...full, depth: 10, colour: [70, 98], end: 100 });
    const grey = parseSequence(sequence(hex('81001c000a0a00000002afff9b5f2540')));
    assert.deepEqual(grey, { ...full, monochrome: true, colour: [70, 72], end: 73 });
    const wide = parseSequence(sequence(hex('814068000a0a40000002afff9b5f2c44')));
    assert.deepEqual(wide, { ...full, profile: 2, depth: 12, subsampling: [1, 0], colour: [71, 75], end: 77 });
  });

  it('are found in a box and in bare units', () => {
    assert.deepEqual(sequenceOf(BOX), sequenceOf(KEY));
    assert.equal(sequenceOf(undefined), undefined);
    assert.equal(sequenceOf(hex('81000c00')), undefined);
  });

  it('take over the colours of another one and keep the rest', () => {
    const own = sequence(BOX);
    const coloured = hex('00000002afff9b5f2202020308');
    const parsed = parseSequence(coloured);
    assert.ok(parsed);
    assert.deepEqual(parsed.colour, [70, 98]);
    const plain = parseSequence(own);
    assert.ok(plain);
    assert.deepEqual(withAv1Colour(own, plain, coloured, parsed), coloured);
    assert.deepEqual(withAv1Colour(coloured, parsed, own, plain), own);
  });
});

describe('AV1 packets', () => {
  it('are entries when they begin with a keyframe that is shown', () => {
    assert.deepEqual(readTemporalUnit(KEY), { entry: true, shown: 1, sequence: sequence(BOX), layered: false });
    assert.deepEqual(readTemporalUnit(INTER), { entry: false, shown: 1, sequence: undefined, layered: false });
    assert.equal(readTemporalUnit(BARE_KEY)?.entry, true);
    assert.equal(readTemporalUnit(FRAME_HEADER_EXISTING)?.entry, false);
    assert.equal(readTemporalUnit(FRAME_HEADER_EXISTING)?.shown, 1);
  });

  it('show one frame, whatever they hide', () => {
    assert.equal(splitObus(UNIT)?.length, 2);
    assert.equal(readTemporalUnit(UNIT)?.shown, 1);
    assert.equal(readTemporalUnit(UNIT.subarray(0, 41))?.shown, 0);
  });

  it('are damaged when sizes do not fit or there is no frame', () => {
    assert.equal(readTemporalUnit(KEY.subarray(0, 20)), undefined);
    assert.equal(readTemporalUnit(KEY.subarray(0, 12)), undefined);
    assert.equal(readTemporalUnit(new Uint8Array()), undefined);
    assert.equal(splitObus(hex('32ffffffffffffffffff')), undefined);
  });

  it('get a sequence header in place of delimiters and their own one', () => {
    assert.deepEqual(withSequence(BARE_KEY, sequence(BOX)), KEY);
    assert.deepEqual(withSequence(Uint8Array.of(0x12, 0, ...SVT_KEY.subarray(0, 12), ...BARE_KEY), sequence(BOX)), KEY);
  });

  it('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(0x0a, 0x12, 0x32, 0x36, 0x81), (data, first) => {
        const bytes = Uint8Array.of(first, ...data);
        splitObus(bytes);
        readTemporalUnit(bytes);
        parseSequence(data);
        sequenceOf(bytes);
        withSequence(bytes, data);
      }),
    );
  });
});

describe('Joining AV1', () => {
  const entered = (track: TrackCoding, ...keys: Uint8Array[]): ReturnType<typeof createAv1Join> => {
    const codec = createAv1Join(track);
    for (const key of keys) codec.entry(key);
    return codec;
  };

  it('leaves keyframes that carry their sequence header as they are', () => {
    const codec = createAv1Join(TRACK);
    assert.equal(codec.entry(KEY), 'closed');
    assert.equal(codec.entry(INTER), 'none');
    assert.equal(codec.obstacle(), undefined);
    assert.equal(codec.rejoin('closed').settled, true);
  });

  it('gives every keyframe of a source without them its sequence header', () => {
    const codec = entered(TRACK, BARE_KEY);
    const rejoin = codec.rejoin('closed');
    assert.deepEqual(rejoin.packet(BARE_KEY), KEY);
    assert.equal(rejoin.packet(INTER), INTER);
    assert.deepEqual(rejoin.packet(BARE_KEY), KEY);
    assert.equal(rejoin.settled, false);
  });

  it('is ruled out by headers that change, layers, damage, and no header at all', () => {
    const enhanced = Uint8Array.of(...KEY, 0x36, 0x08, 1, 0x10);
    for (const [track, keys, reason] of [
      [TRACK, [KEY, COLOURED_KEY], /parameters/],
      [TRACK, [KEY, SVT_KEY, BARE_KEY], /parameters/],
      [{ ...TRACK, extradata: SVT_BOX }, [KEY, BARE_KEY], /parameters/],
      [{ ...TRACK, extradata: undefined }, [BARE_KEY], /header is missing/],
      [TRACK, [enhanced], /layers/],
      [TRACK, [KEY.subarray(0, 20)], /damaged/],
    ] as const) {
      assert.match(entered(track, ...keys).obstacle() ?? '', reason);
    }
  });

  it('keeps what it has read when the packet’s memory is used for another one', () => {
    const memory = Buffer.from(KEY);
    const codec = entered({ ...TRACK, extradata: undefined }, memory);
    memory.fill(0);
    assert.deepEqual(codec.describe(undefined)?.extradata, KEY.subarray(0, 12));
  });

  it('goes on with a clip that was joined before, where each keyframe has its own header', () => {
    const codec = entered(TRACK, KEY, SVT_KEY, KEY);
    assert.equal(codec.obstacle(), undefined);
    assert.equal(codec.rejoin('closed').settled, true);
  });

  it('names the sequence header of the keyframes where the sample description has none', () => {
    const { extradata, tag } = entered({ ...TRACK, extradata: undefined }, KEY).describe(undefined) ?? {};
    assert.deepEqual([extradata, tag], [KEY.subarray(0, 12), 'av01']);
  });

  it('takes an encoder of the same profile, depth, chroma and size alone', () => {
    const codec = entered(TRACK, KEY);
    assert.deepEqual(codec.describe(SVT_BOX.subarray(4)), { extradata: BOX, tag: 'av01' });
    assert.equal(codec.describe(DEEP_BOX), undefined);
    assert.equal(codec.describe(new Uint8Array()), undefined);
  });

  it('takes an encoder’s first packet with the sequence header that it carries itself', () => {
    const codec = entered(TRACK, KEY);
    const delimited = Uint8Array.of(0x12, 0, ...SVT_KEY);
    assert.deepEqual(codec.encoded(delimited, true), SVT_KEY);
    assert.equal(codec.encoded(INTER, false), INTER);
    assert.equal(codec.encoded(INTER, true), undefined);
    assert.equal(codec.encoded(BARE_KEY, true), undefined);
  });

  it('gives the encoder’s sequence header the colours of the source', () => {
    const codec = entered({ ...TRACK, extradata: undefined }, COLOURED_KEY);
    assert.deepEqual(codec.encoded(KEY, true), COLOURED_KEY);
  });
});
