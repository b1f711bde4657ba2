import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';

import { readMovie, type Movie } from '../../../../src/media/isobmff/movie.js';
import { writeMovie } from '../../../../src/media/isobmff/rewrite.js';
import type { Piece, TrackEdit } from '../../../../src/media/isobmff/track-plan.js';
import { sampleBytes, syntheticMovie, type SyntheticTrack } from './synthetic-movie.js';

const FRAMES = 120;
const PACKETS = 190;
const VIDEO: SyntheticTrack = {
  kind: 'vide',
  timescale: 600,
  step: 20,
  sizes: Array.from({ length: FRAMES }, (_, i) => 40 + ((i * 37) % 90)),
  reorder: Array.from({ length: FRAMES }, (_, i) => 1 + (i % 3)),
  sync: Array.from({ length: FRAMES / 10 }, (_, i) => i * 10),
  chunk: 7,
};
const SOUND: SyntheticTrack = {
  kind: 'soun',
  timescale: 48_000,
  step: 1024,
  sizes: Array.from({ length: PACKETS }, (_, i) => 10 + ((i * 13) % 30)),
  chunk: 5,
};

interface Expected {
  readonly bytes: Buffer;
  readonly pts: number;
  readonly dts: number;
  readonly sync: number;
}

async function open(file: string): Promise<Movie> {
  const movie = await readMovie(file);
  assert.ok(!('reason' in movie), 'reason' in movie ? movie.reason : '');
  return movie;
}

/** The samples of a track as a written file has them. */
async function readBack(file: string, n: number): Promise<Expected[]> {
  const samples = (await open(file)).tracks[n]?.samples;
  const data = await readFile(file);
  assert.ok(samples);
  return Array.from({ length: samples.count }, (_, i) => {
    const offset = samples.offset[i] ?? 0;
    return {
      bytes: data.subarray(offset, offset + (samples.size[i] ?? 0)),
      pts: samples.pts[i] ?? NaN,
      dts: samples.dts[i] ?? NaN,
      sync: samples.sync[i] ?? NaN,
    };
  });
}

describe('An mp4 written with tables of our own', () => {
  let folder: string;
  let movie: Movie;
  let runs = 0;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-isobmff-'));
    await writeFile(path.join(folder, 'source.mp4'), syntheticMovie([VIDEO, SOUND]));
    movie = await open(path.join(folder, 'source.mp4'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function write(tracks: TrackEdit[], ranges = [{ start: 0, outStart: 0, outEnd: 100 }]): Promise<string> {
    const output = path.join(folder, `result-${runs++}.mp4`);
    await writeFile(output, '', { flag: 'wx' });
    await writeMovie({ movie, output, tracks, ranges });
    return output;
  }

  const part = fc.record({
    isNew: fc.boolean(),
    from: fc.nat(PACKETS - 1),
    count: fc.integer({ min: 1, max: 40 }),
    offset: fc.integer({ min: 1, max: 3 }),
    replace: fc.boolean(),
  });

  it('reads back what any list of pieces says', async () => {
    const lists = fc.tuple(
      fc.array(part, { maxLength: 6 }),
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.nat(3000),
    );
    await fc.assert(
      fc.asyncProperty(lists, async ([videoParts, soundParts, priming]) => {
        const edits: TrackEdit[] = [];
        const expected: Expected[][] = [];
        // Begins and ends with pictures in plain order: FFmpeg looks for keyframes around the edit list's ends.
        const frame = { isNew: false, replace: false, offset: 2 };
        const parts = [{ ...frame, from: 0, count: 4 }, ...videoParts, { ...frame, from: 1, count: 5 }];
        for (const [n, track, list, start] of [
          [0, VIDEO, parts, 0],
          [1, SOUND, [...soundParts, { ...frame, from: 7, count: 5 }], -priming],
        ] as const) {
          const own: Expected[] = [];
          const pieces = list.map((wanted): Piece => piece(n, track, wanted, start, own));
          edits.push({ track: n, pieces });
          expected.push(own);
        }
        const file = await write(edits);
        for (const [n, own] of expected.entries()) assert.deepEqual(await readBack(file, n), own);
        await rm(file);
      }),
      { numRuns: 60 },
    );
  });

  function piece(
    n: number,
    track: SyntheticTrack,
    wanted: { isNew: boolean; from: number; count: number; offset: number; replace: boolean },
    start: number,
    own: Expected[],
  ): Piece {
    const begun = own.length;
    const times = (i: number): { pts: number; dts: number } => {
      const dts = (begun + i) * track.step;
      const shift = track.kind === 'vide' ? -2 * track.step : start;
      const offset = track.kind === 'vide' ? wanted.offset * track.step : 0;
      return { dts: dts + shift, pts: dts + shift + offset };
    };
    if (wanted.isNew) {
      const samples = Array.from({ length: wanted.count }, (_, i) => {
        const data = Buffer.alloc(1 + ((i * 7) % 50), i + 1);
        return { data, ...times(i), duration: track.step, sync: track.kind === 'soun' };
      });
      for (const { data, pts, dts, sync } of samples) own.push({ bytes: data, pts, dts, sync: sync ? 1 : 0 });
      return { kind: 'new', samples };
    }
    const first = Math.min(wanted.from, track.sizes.length - 1);
    const count = Math.min(wanted.count, track.sizes.length - first);
    const replaced = new Map(wanted.replace ? [[first, Buffer.from('other bytes')]] : []);
    for (let i = 0; i < count; i++) {
      const bytes = replaced.get(first + i) ?? sampleBytes(n, first + i, track.sizes[first + i] ?? 0);
      own.push({ bytes, ...times(i), sync: track.kind === 'soun' || (first + i) % 10 === 0 ? 1 : 0 });
    }
    return { kind: 'copy', first, count, replaced, pts: (i) => times(i).pts, dts: (i) => times(i).dts };
  }

  it('keeps bytes that are cut out from the file', async () => {
    const { samples } = movie.tracks[0] ?? assert.fail();
    const pts = (i: number): number => samples.pts[i === 0 ? 0 : 2] ?? NaN;
    const dts = (i: number): number => samples.dts[i === 0 ? 0 : 2] ?? NaN;
    const single = (first: number): Piece => ({
      kind: 'copy',
      first,
      count: 1,
      pts: () => pts(first),
      dts: () => dts(first),
    });
    const written = await readFile(await write([{ track: 0, pieces: [single(0), single(2)] }]));
    assert.ok(written.includes(sampleBytes(0, 2, VIDEO.sizes[2] ?? 0)));
    assert.ok(!written.includes('0:1;'));
  });

  it('replaces the parameter sets of a picture track', async () => {
    const { samples } = movie.tracks[0] ?? assert.fail();
    const whole: Piece = { kind: 'copy', first: 0, count: samples.count, pts: samples.pts, dts: samples.dts };
    const description = { type: 'avc3', boxes: { avcC: Buffer.from('sets'), colr: Buffer.from('nclx') } };
    const file = await write([{ track: 0, pieces: [whole], description }]);
    const track = (await open(file)).tracks[0];
    assert.equal(track?.codec, 'avc3');
    assert.ok(track?.description.includes('\0\0\0\favcCsets\0\0\0\fcolrnclx'));
  });

  it('refuses decode times that fall', async () => {
    const falling: Piece = { kind: 'copy', first: 0, count: 2, pts: [100, 100], dts: [20, 10] };
    await assert.rejects(write([{ track: 0, pieces: [falling] }]), /decode times fall/);
  });

  it('cuts text where nobody cut it before', async () => {
    const source = path.join(folder, 'text.mp4');
    const text: SyntheticTrack = { kind: 'text', timescale: 1000, step: 1000, sizes: [5, 6, 7, 8, 9], chunk: 2 };
    await writeFile(source, syntheticMovie([SOUND, text]));
    const read = await open(source);
    const output = path.join(folder, 'text-cut.mp4');
    await writeFile(output, '');
    const ranges = [
      { start: 0.5, outStart: 0, outEnd: 1 },
      { start: 3.25, outStart: 1, outEnd: 2 },
    ];
    await writeMovie({ movie: read, output, tracks: [], ranges });
    const { tracks } = await open(output);
    assert.deepEqual(
      tracks.map(({ kind }) => kind),
      ['text'],
    );
    const found = (await readBack(output, 0)).map(({ bytes, pts }) => [bytes.length, pts]);
    assert.deepEqual(found, [
      [5, 0],
      [6, 500],
      [8, 1000],
      [9, 1750],
    ]);
  });
});
