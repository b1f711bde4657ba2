import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { createMediaEngine } from '../../src/media/engine.js';
import { MediaError } from '../../src/media/media.js';
import { memoryInList } from '../../src/media/worker-watch.js';
import { ffmpeg, makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

const MIB = 2 ** 20;

describe('A clip that asks too much of the machine', function () {
  this.timeout(120_000);
  let bench: Bench;
  let clip: string;
  /** Encoding it takes a few hundred megabytes. */
  let large: string;

  before(async function () {
    if (process.platform !== 'linux') return this.skip();
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 60 });
    large = bench.file('large.mp4');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc=s=1920x1080:r=30:d=8', '-c:v', 'mpeg4', '-q:v', '8', '-pix_fmt', 'yuv420p'],
      large,
    );
  });
  after(() => bench?.close());

  const digest = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');

  it('is given up when its work takes more memory than it may, in words, and the next clip is cut', async () => {
    const before = await digest(large);
    const log: string[] = [];
    const engine = createMediaEngine({
      workerPath: bench.workerPath,
      limits: { memory: 150 * MIB },
      log: (line) => log.push(line),
    });
    try {
      const output = bench.file('too-much.mp4');
      await assert.rejects(
        engine.cut({ input: large, output, kept: [{ in: 0, out: 7_000_000 }] }),
        overLimit(/^The work on this file took more than 160 MB of memory and was ended\. /),
      );
      assert.equal(existsSync(output), false);
      assert.equal(await digest(large), before);
      assert.match(log.join('\n'), /The media worker ended \(SIGKILL\)/);
      const after = bench.file('after-too-much.mp4');
      await engine.cut({ input: clip, output: after, kept: [{ in: 0, out: 1_000_000 }] });
      assert.ok(existsSync(after));
    } finally {
      await engine.close();
    }
  });

  it('is given up when its decoder hangs, in words, and the next clip is cut', async () => {
    const engine = createMediaEngine({ workerPath: bench.workerPath, limits: { still: 1_500, perMegabyte: 0 } });
    try {
      const output = bench.file('hung.mp4');
      let stopped = false;
      const cut = engine.cut(
        { input: large, output, kept: [{ in: 0, out: 7_000_000 }] },
        {
          // A process that is stopped does what one does that is caught in native code: nothing, for ever.
          onProgress: ({ fraction }) => {
            if (fraction <= 0.02 || stopped) return;
            stopped = true;
            void workersOf(process.pid).then((ids) => ids.forEach((id) => process.kill(id, 'SIGSTOP')));
          },
        },
      );
      await assert.rejects(cut, overLimit(/^The work on this file came to a stand and was ended\. /));
      assert.ok(stopped);
      assert.equal(existsSync(output), false);
      assert.equal((await engine.probe(clip)).duration, 2_000_000);
    } finally {
      await engine.close();
    }
  });

  it('is given up when its work goes on and on and leads nowhere', async () => {
    const engine = createMediaEngine({ workerPath: bench.workerPath, limits: { endless: 100, perMegabyte: 0 } });
    const long = bench.file('long.ts');
    // A transport stream is read to its end for its length.
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=640x360:r=30:d=1',
      '-c:v',
      'mpeg2video',
      '-q:v',
      '2',
      bench.file('s.ts'),
    );
    const second = await readFile(bench.file('s.ts'));
    await writeFile(long, '');
    for (let n = 0; n < 200; n++) await appendFile(long, second);
    try {
      await assert.rejects(engine.probe(long), overLimit(/^The work on this file came to a stand and was ended\. /));
    } finally {
      await engine.close();
    }
  });

  it('is not given up only because the machine slept over it', async () => {
    const engine = createMediaEngine({ workerPath: bench.workerPath, limits: { still: 3_000, perMegabyte: 0 } });
    try {
      const output = bench.file('slept.mp4');
      let slept = false;
      await engine.cut(
        { input: large, output, kept: [{ in: 0, out: 1_000_000 }] },
        {
          onProgress: ({ fraction }) => {
            if (fraction <= 0.02 || slept) return;
            slept = true;
            // Both processes stand still as long, as they do in a machine that sleeps.
            const end = performance.now() + 4_000;
            void workersOf(process.pid).then((ids) => {
              for (const id of ids) process.kill(id, 'SIGSTOP');
              while (performance.now() < end);
              for (const id of ids) process.kill(id, 'SIGCONT');
            });
          },
        },
      );
      assert.ok(slept);
      assert.ok(existsSync(output));
    } finally {
      await engine.close();
    }
  });

  it('is worked on by the process that Linux ends first when memory runs out all the same', async () => {
    await bench.engine.probe(clip);
    const [id] = await workersOf(process.pid);
    assert.equal((await readFile(`/proc/${id}/oom_score_adj`, 'utf8')).trim(), '800');
  });
});

describe('The memory of a process, as Windows lists it', () => {
  for (const [line, bytes] of [
    ['"node.exe","4711","Console","1","123,456 K"\r\n', 123_456 * 1024],
    ['"node.exe","4711","Console","1","1.123.456 K"', 1_123_456 * 1024],
    ['"node.exe","4711","Console","1","98\u00a0765 Ko"', 98_765 * 1024],
    ['INFO: No tasks are running which match the specified criteria.', undefined],
    ['', undefined],
  ] as const) {
    it(`is ${bytes ?? 'not known'} for ${JSON.stringify(line)}`, () => assert.equal(memoryInList(line), bytes));
  }
});

function overLimit(begin: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof MediaError, String(error));
    assert.equal(error.code, 'over-limit', error.message);
    assert.match(error.message, begin);
    assert.match(error.message, / Your file is unchanged and nothing was written; .*\.$/);
    return true;
  };
}

async function workersOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(parent)]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('media-worker'))
    .map((line) => Number.parseInt(line, 10));
}
