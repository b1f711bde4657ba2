import assert from 'node:assert/strict';
import fc from 'fast-check';

import { readTemporalUnit, sequenceOf, splitObus } from '../../../src/media/bitstream/av1.js';
import { recoveryPoint } from '../../../src/media/bitstream/h264-sei.js';
import { ParameterSets } from '../../../src/media/bitstream/h264-sequence.js';
import { peekSlice } from '../../../src/media/bitstream/h264-slice.js';
import { parseAvcConfiguration, parsePps, parseSps, ppsId } from '../../../src/media/bitstream/h264.js';
import { parseHevcConfiguration } from '../../../src/media/bitstream/hevc-configuration.js';
import { lightMessages } from '../../../src/media/bitstream/hevc-sei.js';
import { parameterSetId, parseSequenceSet } from '../../../src/media/bitstream/hevc-sets.js';
import { asSequenceStart, PICTURE_SET_IDS, toPictureSet } from '../../../src/media/bitstream/hevc.js';
import { addEmulation, removeEmulation, splitAnnexB, splitLengthPrefixed } from '../../../src/media/bitstream/nal.js';
import { readVp8Frame } from '../../../src/media/bitstream/vp8.js';
import { readVp9Frame, splitSuperframe } from '../../../src/media/bitstream/vp9.js';
import { buildChapters, parseChapters } from '../../../src/media/file/matroska-chapters.js';
import { elements } from '../../../src/media/file/matroska.js';
import type { ChapterList } from '../../../src/media/kept/chapters.js';
import { parseChapterBox } from '../../../src/media/kept/mp4-chapters.js';
import { adtsConfig, adtsHeaderLength, firstWindow, parseAacConfig } from '../../../src/media/sound/aac.js';

const RUNS = Number(process.env.FUZZ_CASES ?? 2000);

// H.264: SPS and PPS of x264, High, 320x180; a slice. HEVC: sets of x265. AV1: a sequence header.
const SEEDS = [
  '6764000dacd941419f9e10000003001000000303c0f14299600',
  '68ebe3cb22c0',
  '65888400cfffef6c4fe5e7b3ce3b4cab',
  '0164000dffe1001967640 00dacd941419f9e10000003001000000303c0f1429960010006 68ebe3cb22c0',
  '40010c01ffff01600000030090000003000003003c95980900',
  '42010101600000030090000003000003003ca00a080b7f96566924caf0168080000003008000000f040',
  '4401c172b46240',
  '0a0b00000004 3cffbc02f9b5f208',
].map((hex) =>
  Buffer.from(hex.replaceAll(' ', '').slice(0, 2 * Math.floor(hex.replaceAll(' ', '').length / 2)), 'hex'),
);

/** Bytes that begin as something real and then do not, and bytes of no sense at all. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.constantFrom(...SEEDS), fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 6 }), fc.nat(80))
    .map(([seed, changes, length]) => {
      const made = Uint8Array.from(seed);
      for (const [at, value] of changes) if (at < made.length) made[at] = value;
      return made.subarray(0, Math.max(1, length));
    }),
);

const PARSERS: Readonly<Record<string, (data: Uint8Array) => unknown>> = {
  'an avcC': parseAvcConfiguration,
  'an SPS of H.264': parseSps,
  'a PPS of H.264': (data) => [parsePps(data), ppsId(data)],
  'a slice of H.264': (data) => [peekSlice(data), new ParameterSets(SEEDS.slice(0, 2)).read(data)],
  'a message of H.264': recoveryPoint,
  'an hvcC': parseHevcConfiguration,
  'an SPS of HEVC': (data) => [parseSequenceSet(data), parameterSetId(data)],
  'a slice of HEVC': (data) => [toPictureSet(data, PICTURE_SET_IDS[0] ?? 0), asSequenceStart(data)],
  'a message of HEVC': (data) => lightMessages([data]),
  'units with start codes': splitAnnexB,
  'units with lengths': (data) => [1, 2, 4].map((size) => splitLengthPrefixed(data, size)),
  'a frame of VP8': readVp8Frame,
  'a frame of VP9': (data) => splitSuperframe(data)?.map((frame) => readVp9Frame(frame)),
  'a frame of AV1': (data) => [splitObus(data), readTemporalUnit(data), sequenceOf(data)],
  'a configuration of AAC': parseAacConfig,
  'a packet of AAC': (data) => [firstWindow(data), adtsHeaderLength(data) > 0 && adtsConfig(data)],
  'chapters of Matroska': (data) => parseChapters(Buffer.from(data)),
  'elements of Matroska': (data) => [...elements(Buffer.from(data))],
  'chapters of mp4': (data) => parseChapterBox(Buffer.from(data)),
};

describe('Damaged bytes', () => {
  for (const [what, parse] of Object.entries(PARSERS)) {
    it(`are no harm where ${what} should be`, () => {
      fc.assert(
        fc.property(bytes, (data) => {
          const before = Uint8Array.from(data);
          parse(data);
          assert.deepEqual(data, before, 'the source was changed');
        }),
        { numRuns: Math.ceil(RUNS / 10) },
      );
    });
  }

  it('come out of the protection against start codes as they went in', () => {
    const payload = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(255)), { maxLength: 200 });
    fc.assert(
      fc.property(payload, (values) => {
        // A unit ends with a bit that is set.
        const plain = Uint8Array.from([...values, 0x80]);
        const safe = addEmulation(plain);
        assert.deepEqual(removeEmulation(safe), plain);
        assert.deepEqual(
          splitAnnexB(Buffer.concat([Buffer.from([0, 0, 1]), safe])).map((unit) => [...unit]),
          [[...safe]],
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('of chapters that were written are read as they were', () => {
    const chapter = fc.record({
      start: fc.nat(1_000_000).map((ms) => ms / 1000),
      titles: fc.array(
        fc.record({
          text: fc.string({ maxLength: 20 }).filter((text) => !text.includes('\0')),
          language: fc.constantFrom('eng', 'und', 'deu'),
        }),
        { maxLength: 3 },
      ),
      children: fc.constant([]),
      hidden: fc.boolean(),
      disabled: fc.boolean(),
    });
    const list = fc.record({
      chapters: fc.array(chapter, { minLength: 1, maxLength: 5 }),
      hidden: fc.boolean(),
      ordered: fc.constant(false),
      preferred: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 1, maxLength: 3 }),
        fc.nat(2000),
        fc.nat(255),
        (lists: readonly ChapterList[], at, value) => {
          const built = buildChapters(lists);
          const [whole] = elements(built);
          assert.ok(whole);
          const read = parseChapters(whole.data);
          assert.deepEqual(
            read.map(({ chapters }) =>
              chapters.map(({ start, titles }) => ({
                start,
                titles: titles.map(({ text, language }) => [text, language]),
              })),
            ),
            lists.map(({ chapters }) =>
              chapters.map(({ start, titles }) => ({
                start,
                titles: titles.map(({ text, language }) => [text, language]),
              })),
            ),
          );
          const damaged = Buffer.from(whole.data);
          if (at < damaged.length) damaged[at] = value;
          parseChapters(damaged);
        },
      ),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });
});
