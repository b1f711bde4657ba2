import assert from 'node:assert/strict';

import { addParameterSets, parseAvcConfiguration, parseSps, ppsId } from '../../../../src/media/bitstream/h264.js';
import { splitAnnexB, splitLengthPrefixed, toAnnexB, toLengthPrefixed } from '../../../../src/media/bitstream/nal.js';

// From x264: High 3.1, 1280x720 progressive, and its picture parameter set.
const SPS = Uint8Array.from(Buffer.from('6764001facd9405005bb011000000300100000030320f1831960', 'hex'));
const PPS = Uint8Array.from(Buffer.from('68ebecb22c', 'hex'));
const AVCC = Uint8Array.from([
  ...[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, SPS.length, ...SPS],
  ...[1, 0, PPS.length, ...PPS, 0xfd, 0xf8, 0xf8, 0],
]);

describe('Reading H.264', () => {
  it('reads parameter sets', () => {
    assert.deepEqual(parseSps(SPS), {
      ...{
        id: 0,
        profile: 100,
        level: 31,
        constraints: 0,
        chroma: 1,
        separatePlanes: false,
        bitDepth: 8,
        lossless: false,
      },
      ...{ frameNumBits: 4, orderType: 0, orderBits: 6, referenceFrames: 4, gapsAllowed: false, progressive: true },
    });
    assert.equal(ppsId(PPS), 0);
    assert.equal(parseSps(PPS), undefined);
    assert.equal(parseSps(SPS.subarray(0, 4)), undefined);
  });

  it('adds parameter sets to an avcC and keeps what follows them', () => {
    const config = parseAvcConfiguration(AVCC);
    assert.ok(config);
    assert.equal(config.lengthSize, 4);
    const both = parseAvcConfiguration(addParameterSets(config, [SPS], [PPS]));
    assert.equal(both?.sps.length, 2);
    assert.equal(both?.pps.length, 2);
    assert.deepEqual([...(both?.rest ?? [])], [0xfd, 0xf8, 0xf8, 0]);
    assert.deepEqual(addParameterSets(config, [], []), AVCC);
  });

  it('takes no broken avcC and no Annex B for one', () => {
    assert.equal(parseAvcConfiguration(AVCC.subarray(0, 20)), undefined);
    assert.equal(parseAvcConfiguration(Uint8Array.from([0, 0, 0, 1, ...SPS])), undefined);
  });

  it('turns an Annex B stream into a sample and back', () => {
    const units = [SPS, PPS, Uint8Array.from([0x65, 0, 0, 3, 1, 9])];
    const stream = Uint8Array.from(units.flatMap((unit, n) => [...(n === 1 ? [0, 0, 1] : [0, 0, 0, 1]), ...unit]));
    assert.deepEqual(
      splitAnnexB(stream).map((unit) => [...unit]),
      units.map((unit) => [...unit]),
    );
    const sample = toLengthPrefixed(splitAnnexB(stream), 4);
    assert.deepEqual(splitLengthPrefixed(sample, 4), splitAnnexB(stream));
    assert.equal(splitLengthPrefixed(sample.subarray(0, sample.length - 1), 4), undefined, 'it is cut off');
    assert.deepEqual(splitAnnexB(toAnnexB(units)), splitAnnexB(stream));
  });
});
