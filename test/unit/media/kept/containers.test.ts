import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  addMatroskaChapters,
  buildChapters,
  parseChapters,
  readMatroskaChapters,
} from '../../../../src/media/file/matroska-chapters.js';
import { element, elements, ID, readHead, sizeBytes } from '../../../../src/media/file/matroska.js';
import { dvdDuration, placeChanges, withDvdDuration } from '../../../../src/media/kept/bitmap-subtitles.js';
import type { ChapterList } from '../../../../src/media/kept/chapters.js';
import { buildChapterBox, parseChapterBox } from '../../../../src/media/kept/mp4-chapters.js';

const LISTS: readonly ChapterList[] = [
  {
    id: 77n,
    hidden: false,
    ordered: false,
    preferred: true,
    chapters: [
      {
        id: 5n,
        start: 0,
        end: 1.5,
        hidden: false,
        disabled: false,
        titles: [
          { text: 'Öne', language: 'eng' },
          { text: 'Eins', language: 'ger', languageTag: 'de' },
        ],
        children: [{ id: 6n, start: 1, titles: [], children: [], hidden: true, disabled: true }],
      },
    ],
  },
];

describe('Chapters in the bytes of containers', () => {
  it('come out of Matroska as they went in', () => {
    const [chapters] = [...elements(buildChapters(LISTS))];
    assert.equal(chapters?.id, ID.chapters);
    assert.deepEqual(parseChapters(chapters.data), LISTS);
  });

  it('have lengths of every width', () => {
    for (const size of [0, 126, 127, 16_382, 16_383, 2_097_151, 2 ** 40]) {
      const bytes = sizeBytes(size);
      assert.equal(readHead(Buffer.concat([Buffer.from([0xec]), bytes]))?.size, size);
    }
    assert.equal(readHead(Buffer.from('ecffff', 'hex'))?.size, undefined);
  });

  it('are found by the index of a Matroska file whatever room that leaves', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-chapters-'));
    try {
      const file = path.join(folder, 'a.mkv');
      for (let room = 0; room < 60; room++) {
        const info = element(0x1549a966, Buffer.from('info'));
        const empty = room === 0 ? Buffer.alloc(0) : room === 1 ? undefined : element(ID.void, Buffer.alloc(room - 2));
        if (!empty) continue;
        const seekHead = element(ID.seekHead, []);
        const cluster = element(ID.cluster, Buffer.alloc(500, 1));
        const before = Buffer.concat([element(ID.ebml, []), element(ID.segment, [seekHead, empty, info, cluster], 8)]);
        await writeFile(file, before);
        const added = await addMatroskaChapters(file, LISTS);
        const after = await readFile(file);
        if (!added) {
          assert.ok(room < 20, `room ${room}`);
          assert.deepEqual(after, before);
          continue;
        }
        assert.deepEqual(await readMatroskaChapters(file), LISTS, `room ${room}`);
        const [, segment] = [...elements(after)];
        const ids = [...elements(segment?.data ?? Buffer.alloc(0))].map(({ id }) => id).filter((id) => id !== ID.void);
        assert.deepEqual(ids, [ID.seekHead, 0x1549a966, ID.cluster, ID.chapters]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('come out of MP4 with their starts and titles, shortened to what fits', () => {
    const long = `${'x'.repeat(254)}Ü`;
    const chapters = ['Öne', long].map((text, n) => ({ start: n * 1.5, titles: [{ text }], children: [] }));
    const found = parseChapterBox(buildChapterBox(chapters).subarray(8));
    assert.deepEqual(
      found.map(({ start, titles }) => [start, titles[0]?.text]),
      [
        [0, 'Öne'],
        [1.5, 'x'.repeat(254)],
      ],
    );
  });

  it('do not hang or throw on damaged bytes', () => {
    const good = buildChapters(LISTS);
    let seed = 3;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let n = 0; n < 3000; n++) {
      const bad = Buffer.from(good);
      for (let m = 0; m < 3; m++) bad[random(bad.length)] = random(256);
      for (const found of elements(bad)) parseChapters(found.data);
      parseChapterBox(bad);
      dvdDuration(bad);
    }
  });
});

describe('Subtitles made of pictures', () => {
  const RANGES = [
    { start: 0, outStart: 0, outEnd: 2 },
    { start: 4, outStart: 2, outEnd: 4 },
  ];
  const composition = (objects: number, state: number): Buffer =>
    Buffer.concat([
      Buffer.from([0x16, 0, 11 + 8 * objects, 1, 64, 0, 180, 0x10, 0, 1, state, 0, 0, objects]),
      Buffer.alloc(8 * objects),
      Buffer.from([0x80, 0, 0]),
    ]);
  const shows = (start: number): { start: number; data: Buffer } => ({ start, data: composition(1, 0x80) });
  const ends = (start: number): { start: number; data: Buffer } => ({ start, data: composition(0, 0) });
  const placed = (...changes: { start: number; data: Buffer }[]): (number | undefined)[][] =>
    placeChanges('hdmv_pgs_subtitle', changes, RANGES).map(({ start, source }) => [start, source]);

  it('go away at the cut when they would have later', () => {
    assert.deepEqual(placed(shows(1), ends(3)), [
      [1, 0],
      [2, undefined],
    ]);
  });

  it('stand at the join when they came in the cut', () => {
    assert.deepEqual(placed(shows(3), ends(5)), [
      [2, 0],
      [3, 1],
    ]);
  });

  it('stay without a flicker over a join that they reach across', () => {
    assert.deepEqual(placed(shows(1), ends(5)), [
      [1, 0],
      [3, 1],
    ]);
  });

  it('bring along what they build on', () => {
    const later = { start: 3, data: composition(1, 0) };
    assert.deepEqual(placed(shows(2.5), later, ends(5)), [
      [2, 0],
      [2, 1],
      [3, 2],
    ]);
  });

  it('say how long they are shown on a DVD', () => {
    // At byte 4 the commands that start the display, at byte 10 the one that stops it after 90 ticks of 1024 / 90 kHz.
    const unit = Buffer.from([0, 16, 0, 4, 0, 0, 0, 10, 1, 0xff, 0, 90, 0, 10, 2, 0xff]);
    assert.ok(Math.abs((dvdDuration(unit) ?? 0) - 1.024) < 0.001);
    assert.ok(Math.abs((dvdDuration(withDvdDuration(unit, 0.5)) ?? 0) - 0.5) < 0.012);
    assert.equal(dvdDuration(Buffer.alloc(3)), undefined);
  });
});
