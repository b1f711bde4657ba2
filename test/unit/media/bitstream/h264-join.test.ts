import assert from 'node:assert/strict';

import { parseAvcConfiguration } from '../../../../src/media/bitstream/h264.js';
import { splitAnnexB, toAnnexB } from '../../../../src/media/bitstream/nal.js';
import type { JoinCodec } from '../../../../src/media/picture/join-codec.js';
import { createH264Join } from '../../../../src/media/picture/join-h264.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// From x264: High 3.1, 1280x720 progressive, and its picture parameter set.
const SPS = hex('6764001facd9405005bb011000000300100000030320f1831960');
const PPS = hex('68ebecb22c');
// An encoder's sets with the id 1; what is in them does not matter for placing them.
const JOIN_SPS = hex('6764001f4acd9405005bb0');
const JOIN_PPS = hex('685aecb22c');
const DELIMITER = hex('0910');
const RECOVERY = hex('060601c480');
const INEXACT = hex('0606018480');
const IDR = hex('658884abcd80');
// First macroblock 0, an I slice, set 0, frame number 2, order 20.
const I_SLICE = hex('6188852a3fabcd80');

describe('Joining H.264 in a stream with start codes', () => {
  const join = (form: 'headers-apart' | 'headers-inside', extradata = toAnnexB([SPS, PPS])): JoinCodec =>
    createH264Join({
      ...{ extradata, form, bitRate: 0, reorder: 1, pixelFormat: 'yuv420p', width: 1280, height: 720, frameRate: 30 },
    });
  const units = (data: Uint8Array | undefined): string[] =>
    splitAnnexB(data ?? new Uint8Array()).map((unit) => Buffer.from(unit).toString('hex'));
  const names = (...list: Uint8Array[]): string[] => list.map((unit) => Buffer.from(unit).toString('hex'));

  it('tells where decoding may begin', () => {
    const codec = join('headers-inside');
    assert.equal(codec.entry(toAnnexB([DELIMITER, SPS, PPS, IDR])), 'closed');
    assert.equal(codec.entry(toAnnexB([DELIMITER, RECOVERY, I_SLICE])), 'open');
    assert.equal(codec.entry(toAnnexB([DELIMITER, I_SLICE])), 'none', 'no word of a recovery');
    assert.equal(codec.entry(toAnnexB([DELIMITER, INEXACT, I_SLICE])), 'none', 'right to the eye only');
    assert.equal(codec.obstacle(), undefined);
    codec.entry(toAnnexB([JOIN_SPS, IDR]));
    assert.match(codec.obstacle() ?? '', /change midway/);
    const damaged = join('headers-inside');
    assert.equal(damaged.entry(toAnnexB([DELIMITER])), 'none');
    assert.match(damaged.obstacle() ?? '', /damaged/);
  });

  it('puts the parameter sets in front of what is encoded and what is copied behind it', () => {
    const codec = join('headers-inside');
    const description = codec.describe(toAnnexB([JOIN_SPS, JOIN_PPS]));
    assert.deepEqual(units(description?.extradata), names(SPS, PPS, JOIN_SPS, JOIN_PPS));
    assert.deepEqual(units(codec.encoded(toAnnexB([IDR]), true)), names(JOIN_SPS, JOIN_PPS, IDR));
    assert.deepEqual(units(codec.encoded(toAnnexB([I_SLICE]), false)), names(I_SLICE));
    assert.equal(codec.encoded(toAnnexB([I_SLICE]), true), undefined);

    const closed = codec.rejoin('closed');
    const bare = toAnnexB([DELIMITER, IDR]);
    assert.deepEqual(units(closed.packet(bare)), names(DELIMITER, SPS, PPS, IDR));
    assert.equal(closed.settled, true);
    const whole = toAnnexB([DELIMITER, SPS, PPS, IDR]);
    assert.equal(codec.rejoin('closed').packet(whole), whole);
  });

  it('makes a recovery point an IDR picture until the next one of the source', () => {
    const open = join('headers-inside').rejoin('open');
    const [delimiter, sps, pps, recovery, slice] = units(open.packet(toAnnexB([DELIMITER, RECOVERY, I_SLICE])));
    assert.deepEqual([delimiter, sps, pps, recovery], names(DELIMITER, SPS, PPS, RECOVERY));
    assert.equal(slice?.slice(0, 2), '65');
    assert.equal(open.settled, false);
    const next = toAnnexB([SPS, PPS, IDR]);
    assert.equal(open.packet(next), next);
    assert.equal(open.settled, true);
  });

  it('leaves the sets to the sample description where that holds them', () => {
    const codec = join('headers-apart');
    codec.describe(toAnnexB([JOIN_SPS, JOIN_PPS]));
    assert.deepEqual(units(codec.encoded(toAnnexB([IDR]), true)), names(IDR));
    assert.equal(codec.rejoin('closed').settled, true);
    const avcC = Uint8Array.from([
      ...[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, SPS.length, ...SPS],
      ...[1, 0, PPS.length, ...PPS, 0xfd, 0xf8, 0xf8, 0],
    ]);
    const prefixed = join('headers-apart', avcC);
    const description = prefixed.describe(toAnnexB([JOIN_SPS, JOIN_PPS]))?.extradata ?? new Uint8Array();
    assert.deepEqual(names(...(parseAvcConfiguration(description)?.sps ?? [])), names(SPS, JOIN_SPS));
    assert.deepEqual(prefixed.encoded(toAnnexB([IDR]), true), Uint8Array.from([0, 0, 0, IDR.length, ...IDR]));
  });
});
