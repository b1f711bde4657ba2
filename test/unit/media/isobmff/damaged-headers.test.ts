import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readMovie } from '../../../../src/media/isobmff/movie.js';
import { box, PCM_FRAME, syntheticMovie, words, type SyntheticTrack } from './synthetic-movie.js';

const CASES = Number(process.env.FUZZ_CASES ?? 2000);

const VIDEO: SyntheticTrack = {
  kind: 'vide',
  timescale: 600,
  step: 20,
  sizes: Array.from({ length: 30 }, (_, i) => 5 + i),
  reorder: Array.from({ length: 30 }, (_, i) => 1 + (i % 3)),
  sync: [0, 10, 20],
  chunk: 4,
};
const SOUND: SyntheticTrack = { kind: 'soun', timescale: 48_000, step: 1024, sizes: Array(40).fill(9), chunk: 5 };
const PCM: SyntheticTrack = { ...SOUND, step: 1, sizes: Array(40).fill(PCM_FRAME) };

/** Numbers that repeat from run to run. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

// Values that lie at the edges of what counts and sizes may be.
const EDGES = [0, 1, 2, 7, 8, 0x7f, 0xff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];

function mutate(file: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(file);
  const moov = Math.max(0, bytes.indexOf('moov') - 4);
  for (let n = 1 + random(4); n > 0; n--) {
    const at = random(8) === 0 ? random(bytes.length) : moov + random(bytes.length - moov);
    if (random(2) === 0) bytes[at] = random(256);
    else if (at + 4 <= bytes.length) bytes.writeUInt32BE(EDGES[random(EDGES.length)] ?? 0, at - (at % 4));
  }
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

function fragmented(): Buffer {
  const plain = syntheticMovie([{ ...VIDEO, sizes: [], reorder: [], sync: [0] }]);
  const moov = plain.subarray(plain.indexOf('moov') - 4);
  const header = Buffer.from(moov);
  const mvex = box('mvex', box('trex', words(0, 1, 1, 20, 100, 0)));
  const head = Buffer.concat([header, mvex]);
  head.writeUInt32BE(head.length);
  const fragment = (n: number): Buffer => {
    const tfhd = box('tfhd', words(0x2_0000, 1));
    const tfdt = box('tfdt', words(0, n * 60));
    const trun = box('trun', words(0x301, 3, 92, 20, 10, 20, 20, 20, 30));
    return Buffer.concat([box('moof', box('traf', tfhd, tfdt, trun)), box('mdat', Buffer.alloc(60))]);
  };
  return Buffer.concat([plain.subarray(0, 24), head, fragment(0), fragment(1), fragment(2)]);
}

describe('Headers of damaged mp4 files', function () {
  this.timeout(20_000 + CASES * 20);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-isobmff-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const files = {
    'of pictures and sound': syntheticMovie([VIDEO, SOUND]),
    'of PCM sound': syntheticMovie([PCM]),
    'in fragments': fragmented(),
  };
  for (const [what, good] of Object.entries(files)) {
    it(`end in a movie or a reason, soon and with little memory, ${what}`, async () => {
      const file = path.join(folder, 'damaged.mp4');
      await writeFile(file, good);
      const intact = await readMovie(file);
      assert.ok('tracks' in intact && (intact.tracks[0]?.samples.count ?? 0) > 0);
      const random = randomness(what.length);
      let refused = 0;
      for (let n = 0; n < CASES / 3; n++) {
        const bytes = mutate(good, random);
        await writeFile(file, bytes);
        const before = performance.now();
        const read = await readMovie(file);
        assert.ok(performance.now() - before < 2000, `case ${n} is slow`);
        if ('reason' in read) refused++;
        else {
          const samples = read.tracks.reduce((sum, track) => sum + track.samples.count, 0);
          assert.ok(samples <= bytes.length, `case ${n} has ${samples} samples in ${bytes.length} bytes`);
        }
      }
      assert.ok(refused > CASES / 100, 'most damage is noticed');
      assert.ok(process.memoryUsage().arrayBuffers < 200 * 2 ** 20);
    });
  }

  it('of other files say that they are of another kind', async () => {
    const file = path.join(folder, 'other.mp4');
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(5000, 'RIFF'), Buffer.alloc(100)]) {
      await writeFile(file, bytes);
      assert.ok('reason' in (await readMovie(file)));
    }
  });
});
