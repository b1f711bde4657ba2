import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { cut } from '../../src/media/cut.js';
import { createMediaEngine } from '../../src/media/engine.js';
import { copyInThreads } from '../../src/media/isobmff/copy-thread.js';
import { MediaError } from '../../src/media/media.js';
import { loadNative } from '../../src/media/native.js';
import { createPace } from '../../src/media/pace.js';
import { frameNumbers, makeClip, makeLargeClip } from './clips.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { openBench, remaining, type Bench } from './workbench.js';

const MIB = 2 ** 20;

describe('On a disk without room', function () {
  this.timeout(60_000);
  let bench: Bench;
  let disk: SmallDisk;
  let clip: string;

  before(async function () {
    const mounted = await mountSmallDisk(32 * MIB);
    if (!mounted) return this.skip();
    disk = mounted;
    bench = await openBench();
    clip = bench.file('clip.mp4');
    // About 3 MB, so that it does not fit into what is left.
    await makeClip(clip, {
      frames: 300,
      video: '-c:v libx264 -preset ultrafast -qp 4 -g 30 -bf 2 -x264-params open-gop=0:scenecut=0'.split(' '),
    });
  });
  after(async () => {
    await bench?.close();
    await disk?.close();
  });

  const digest = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');

  const roads = [
    ['whose bytes are moved', 'cut.mp4', undefined],
    ['written by the muxer', 'cut.mkv', undefined],
    ['encoded whole', 'whole.mp4', 120],
  ] as const;
  for (const [road, name, height] of roads) {
    for (const left of [0, 0.05, 0.6]) {
      it(`a cut ${road} says what it needs and leaves nothing behind, with ${left} of its size free`, async () => {
        const before = await digest(clip);
        const room = bench.file(`room-${left}-${name}`);
        const kept = [
          { in: 0, out: 3_010_000 },
          { in: 5_010_000, out: 10_000_000 },
        ];
        const request = { input: clip, kept, ...(height === undefined ? {} : { height }) };
        await bench.engine.cut({ ...request, output: room });
        const { size } = await stat(room);
        const empty = await disk.fill(Math.floor(size * left));
        const output = disk.file(name);
        await assert.rejects(bench.engine.cut({ ...request, output }), (error: unknown) => {
          assert.ok(error instanceof MediaError, String(error));
          assert.equal(error.code, 'no-space', error.message);
          assert.match(
            error.message,
            /^The disk is full: the result takes (about [\d.]+ [kMG]B, and [\d.]+ [kMG]B are free|more than the [\d.]+ [kMG]B that are free)\. Nothing was written; free some space and export again\.$/,
          );
          return true;
        });
        assert.deepEqual(await readdir(disk.folder), ['.ballast']);
        assert.equal(await digest(clip), before);
        await empty();
        await bench.engine.cut({ ...request, output });
        assert.deepEqual(await frameNumbersOf(output, height), remaining(300, 30, [3.01, 5.01]));
        await rm(output);
      });
    }
  }

  it('a cut that plainly does not fit is refused before anything is encoded', async () => {
    const empty = await disk.fill(4096);
    const plans: string[] = [];
    let progressed = 0;
    const cut = bench.engine.cut(
      { input: clip, output: disk.file('never.mp4'), kept: [{ in: 0, out: 5_000_000 }], height: 120 },
      { onPlan: ({ method }) => plans.push(method), onProgress: ({ fraction }) => (progressed = fraction) },
    );
    await assert.rejects(cut, /^MediaError: The disk is full: the result takes about/);
    assert.deepEqual(plans, ['reencode']);
    assert.ok(progressed < 0.01, `${progressed} of it was done`);
    await empty();
  });

  it('a waveform and pictures are shown all the same, and are kept when there is room again', async () => {
    const cacheFolder = disk.file('looks');
    const engine = createMediaEngine({ workerPath: bench.workerPath, cacheFolder });
    try {
      const empty = await disk.fill(0);
      let parts = 0;
      await engine.sound(clip, () => parts++);
      assert.ok(parts > 0);
      assert.equal((await engine.thumbnails(clip, { count: 4, height: 40 })).length, 4);
      assert.deepEqual(await filesIn(cacheFolder), []);
      await empty();
      assert.equal((await engine.thumbnails(clip, { count: 3, height: 48 })).length, 3);
      assert.ok((await filesIn(cacheFolder)).length > 0);
    } finally {
      await engine.close();
    }
  });

  it('that is read-only, a cut says so, and the waveform is shown all the same', async () => {
    await disk.setReadOnly(true);
    const engine = createMediaEngine({ workerPath: bench.workerPath, cacheFolder: disk.file('looks-read-only') });
    try {
      for (const [, name, height] of roads) {
        const request = { input: clip, output: disk.file(`read-only-${name}`), kept: [{ in: 0, out: 2_000_000 }] };
        await assert.rejects(engine.cut({ ...request, ...(height === undefined ? {} : { height }) }), (error) => {
          assert.ok(error instanceof MediaError);
          assert.equal(error.code, 'not-writable');
          assert.match(error.message, /^The folder "[^"/]+" cannot be written to\. Choose another folder\.$/);
          return true;
        });
      }
      let parts = 0;
      await engine.sound(clip, () => parts++);
      assert.ok(parts > 0);
    } finally {
      await engine.close();
      await disk.setReadOnly(false);
    }
  });

  it('a large cut that just fits is made, though a part of it lies there already when room is looked for', async function () {
    const large = bench.file('large.mp4');
    await makeLargeClip(large);
    const kept = [
      { in: 0, out: 16_000_000 },
      { in: 16_500_000, out: 18_000_000 },
    ];
    const { size } = await stat(large);
    const roomy = await mountSmallDisk(size + 4 * MIB);
    if (!roomy) return this.skip();
    copyInThreads(pathToFileURL(path.join(path.dirname(bench.workerPath), 'media-copier.mjs')));
    try {
      await loadNative();
      // Right after this room is looked for, when the thread has had time to write.
      const onPlan = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      const { signal } = new AbortController();
      const ignore = (): void => undefined;
      const hooks = { pace: createPace(signal), signal, onPlan, onProgress: ignore, onCreated: ignore, log: ignore };
      const report = await cut({ input: large, output: roomy.file('cut.mp4'), kept }, hooks);
      assert.equal(report.method, 'smart');
      assert.deepEqual(await readdir(roomy.folder), ['cut.mp4']);
    } finally {
      copyInThreads(undefined);
      await roomy.close();
    }
  });
});

async function filesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

/** Scaled pictures show their numbers no more: they are counted. */
async function frameNumbersOf(file: string, height: number | undefined): Promise<number[]> {
  if (height === undefined) return await frameNumbers(file);
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v:0'];
  const show = ['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', file];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, ...show]);
  return remaining(300, 30, [3.01, 5.01]).slice(0, Number.parseInt(stdout, 10));
}
