import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { MediaError, type MediaErrorCode } from '../../src/media/media.js';
import { ffmpeg, frameNumbers, makeClip } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const KEPT = [
  { in: 0, out: 1_000_000 },
  { in: 2_000_000, out: 100_000_000 },
];

describe('When a cut cannot be made', function () {
  this.timeout(30_000);
  let bench: Bench;
  let clip: string;
  /** Encoded whole, which takes long enough to be disturbed. */
  let slow: string;

  before(async () => {
    process.env.NEMO_TOKEN = 'not-for-the-worker';
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 120 });
    slow = bench.file('slow.mp4');
    await makeClip(slow, { frames: 1200, video: ['-c:v', 'mpeg4', '-q:v', '3'], audio: false });
  });
  after(async () => {
    delete process.env.NEMO_TOKEN;
    await bench.close();
  });

  const inputs: readonly (readonly [string, MediaErrorCode, (file: string) => Promise<unknown>])[] = [
    ['a file that is not there', 'not-found', () => Promise.resolve()],
    ['a folder', 'not-media', (file) => mkdir(file)],
    ['an empty file', 'not-media', (file) => writeFile(file, '')],
    ['a text with a video name', 'not-media', (file) => writeFile(file, 'Just some words.\n'.repeat(500))],
    ['a subtitle with a video name', 'not-media', (file) => writeFile(file, '1\n00:00:01,000 --> 00:00:02,000\nHi\n')],
    ['a playlist with a video name', 'not-media', (file) => writeFile(file, `#EXTM3U\n#EXTINF:1,\n${clip}\n`)],
    [
      'an mp4 that was cut off',
      'not-media',
      async (file) => {
        const whole = await readFile(clip);
        await writeFile(file, whole.subarray(0, whole.length / 2));
      },
    ],
  ];
  for (const [name, code, make] of inputs) {
    it(`says plainly what is wrong with ${name}`, async () => {
      const input = bench.file(`${name.replace(/\W/g, '-')}.mp4`);
      await make(input);
      const output = bench.file('never.mp4');
      await assertFails(bench.engine.probe(input), code);
      await assertFails(bench.engine.cut({ input, output, kept: KEPT }), code);
      assert.equal(existsSync(output), false);
    });
  }

  it('never writes over a file', async () => {
    const output = bench.file('taken.mp4');
    await writeFile(output, 'mine');
    await assertFails(bench.engine.cut({ input: clip, output, kept: KEPT }), 'exists');
    assert.equal(await readFile(output, 'utf8'), 'mine');
  });

  it('refuses a clip whose index is whole and whose pictures are cut off, and says so', async () => {
    const whole = bench.file('index-first.mp4');
    await ffmpeg('-i', clip, '-c', 'copy', '-movflags', '+faststart', whole);
    const bytes = await readFile(whole);
    const input = bench.file('cut-off.mp4');
    await writeFile(input, bytes.subarray(0, bytes.length * 0.6));
    const output = bench.file('cut-off-cut.mp4');
    await assertFails(bench.engine.cut({ input, output, kept: KEPT }), 'unreadable');
    assert.equal(existsSync(output), false);
  });

  it('names a folder that does not exist', async () => {
    await assertFails(
      bench.engine.cut({ input: clip, output: bench.file('no/such/out.mp4'), kept: KEPT }),
      'not-writable',
    );
  });

  it('refuses a container it cannot write, and a cut that leaves nothing', async () => {
    await assertFails(bench.engine.cut({ input: clip, output: bench.file('out.avi'), kept: KEPT }), 'unsupported');
    const output = bench.file('nothing.mp4');
    await assertFails(bench.engine.cut({ input: clip, output, kept: [] }), 'nothing-left');
    await assertFails(
      bench.engine.cut({ input: clip, output, kept: [{ in: 10_000_000, out: 20_000_000 }] }),
      'nothing-left',
    );
    assert.equal(existsSync(output), false);
  });

  it('stops at once when it is cancelled and leaves nothing behind', async () => {
    const output = bench.file('cancelled.mp4');
    const stop = new AbortController();
    const fractions: number[] = [];
    let aborted = 0;
    const cut = bench.engine.cut(
      { input: slow, output, kept: KEPT },
      {
        signal: stop.signal,
        onProgress: ({ fraction }) => {
          fractions.push(fraction);
          if (fraction > 0.05 && aborted === 0) {
            aborted = performance.now();
            assert.equal(existsSync(output), true);
            stop.abort(new Error('enough'));
          }
        },
      },
    );
    await assert.rejects(cut, /enough/);
    assert.ok(performance.now() - aborted < 5_000, 'it took too long to stop');
    assert.equal(existsSync(output), false);
    assert.equal(fractions[0], 0);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    // The same worker goes on with other work.
    assert.equal((await bench.engine.probe(clip)).duration, 4_000_000);
  });

  it('survives the death of its worker: the job fails, its file is gone, and the next one works', async () => {
    const output = bench.file('crashed.mp4');
    let killed = false;
    const cut = bench.engine.cut(
      { input: slow, output, kept: KEPT },
      {
        onProgress: ({ fraction }) => {
          if (fraction <= 0.05 || killed) return;
          killed = true;
          void workers().then((ids) => ids.forEach((id) => process.kill(id, 'SIGKILL')));
        },
      },
    );
    await assertFails(cut, 'worker-crashed');
    assert.equal(existsSync(output), false);
    const after = bench.file('after-crash.mp4');
    await bench.remove(clip, after, [1, 2]);
    assert.deepEqual(await frameNumbers(after), remaining(120, 30, [1, 2]));
  });

  it('notices that the source was deleted or changed midway', async () => {
    for (const [code, disturb] of [
      ['source-changed', (file: string) => appendFile(file, 'x')],
      ['not-found', (file: string) => rm(file)],
    ] as const) {
      const input = bench.file(`${code}.mp4`);
      await writeFile(input, await readFile(slow));
      const output = bench.file(`${code}-cut.mp4`);
      let disturbed: Promise<void> | undefined;
      const onProgress = ({ fraction }: { fraction: number }): void => {
        if (fraction > 0.05) disturbed ??= disturb(input);
      };
      await assertFails(bench.engine.cut({ input, output, kept: KEPT }, { onProgress }), code);
      await disturbed;
      assert.equal(existsSync(output), false);
    }
  });

  it('gives the worker no token', async function () {
    if (process.platform !== 'linux') return this.skip();
    await bench.engine.probe(clip);
    const [id] = await workers();
    const environment = await readFile(`/proc/${id}/environ`, 'utf8');
    assert.doesNotMatch(environment, /NEMO|not-for-the-worker/);
  });

  it('does not keep a command line alive when the work is done', async () => {
    const root = path.resolve(import.meta.dirname, '../..');
    const script = `
      import { createMediaEngine } from ${JSON.stringify(path.join(root, 'src/media/engine.ts'))};
      const engine = createMediaEngine({ workerPath: ${JSON.stringify(path.join(root, 'dist/media-worker.mjs'))} });
      console.log((await engine.probe(${JSON.stringify(clip)})).duration);`;
    const file = bench.file('script.mts');
    await writeFile(file, script);
    const child = promisify(execFile)(process.execPath, ['--import=tsx', file], { cwd: root, timeout: 20_000 });
    assert.equal((await child).stdout.trim(), '4000000');
  });
});

async function workers(): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('media-worker'))
    .map((line) => Number.parseInt(line, 10));
}

async function assertFails(work: Promise<unknown>, code: MediaErrorCode): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof MediaError, String(error));
    assert.equal(error.code, code, error.message);
    // One or two plain sentences, without a path or a stack.
    assert.match(error.message, /^[^/\n]+\.$/);
    return true;
  });
}
