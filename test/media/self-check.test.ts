// A smart cut looks at what it has written. Here something goes wrong on purpose between its hands and the file.
import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Frame } from 'node-av/lib';
import type { CutHooks } from '../../src/media/cut-job.js';
import { cut } from '../../src/media/cut.js';
import { copyInThreads } from '../../src/media/isobmff/copy-thread.js';
import type { CutReport } from '../../src/media/media.js';
import { loadNative } from '../../src/media/native.js';
import { createPace } from '../../src/media/pace.js';
import { PictureEncoder } from '../../src/media/picture/picture-encoder.js';
import { keptRanges } from '../../src/timeline/sections.js';
import { frameNumbers, makeClip, makeLargeClip } from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

const FRAMES = 180;

describe('The self-check of a smart cut', function () {
  this.timeout(60_000);
  let bench: Bench;
  const encode = Object.getOwnPropertyDescriptor(PictureEncoder.prototype, 'encode');

  before(async () => {
    bench = await openBench();
    await loadNative();
  });
  afterEach(() => {
    if (encode) Object.defineProperty(PictureEncoder.prototype, 'encode', encode);
  });
  after(() => bench.close());

  /** Two cuts between keyframes, in this process. */
  async function remove(input: string, output: string): Promise<{ report: CutReport; log: string[] }> {
    const log: string[] = [];
    const report = await removeAt([1.3, 2.2, 3.7, 4.1], input, output, { log: (line) => log.push(line) });
    return { report, log };
  }

  /** @param edges in and out points of what is removed, in seconds */
  async function removeAt(
    edges: readonly number[],
    input: string,
    output: string,
    hooks: Pick<CutHooks, 'log'> & Partial<CutHooks>,
  ): Promise<CutReport> {
    const { duration } = await bench.engine.probe(input);
    const pairs = edges.flatMap((edge, n) => (n % 2 === 0 ? [[edge, edges[n + 1] ?? edge] as const] : []));
    return await cut(
      { input, output, kept: keptRanges(toSections(pairs), { in: 0, out: duration }) },
      {
        pace: () => Promise.resolve(),
        signal: new AbortController().signal,
        onProgress: () => undefined,
        onPlan: () => undefined,
        onCreated: () => undefined,
        ...hooks,
      },
    );
  }

  /** From now on an encoder is given its first frame again and again. */
  function freeze(): void {
    const real = encode?.value as (this: PictureEncoder, frame?: Frame, pts?: number) => Generator;
    const first = new WeakMap<PictureEncoder, Frame>();
    const frozen = function (this: PictureEncoder, frame?: Frame, pts?: number): Generator {
      if (frame && !first.has(this)) {
        const copy = frame.clone();
        if (copy) first.set(this, copy);
      }
      return real.call(this, frame && (first.get(this) ?? frame), pts);
    };
    Object.defineProperty(PictureEncoder.prototype, 'encode', { ...encode, value: frozen });
  }

  for (const container of ['mp4', 'mkv']) {
    it(`finds the frames that were encoded as they are: ${container}`, async () => {
      const input = bench.file(`good.${container}`);
      await makeClip(input, { frames: FRAMES });
      const { report, log } = await remove(input, bench.file(`good.out.${container}`));
      assert.equal(report.method, 'smart', log.join('\n'));
      assert.ok(report.reencodedFrames > 3, `${report.reencodedFrames} frames`);
    });

    it(`finds a picture that stands still at a join, and does not keep that file: ${container}`, async () => {
      const input = bench.file(`still.${container}`);
      const output = bench.file(`still.out.${container}`);
      await makeClip(input, { frames: FRAMES });
      freeze();
      const { report, log } = await remove(input, output);
      assert.notEqual(report.method, 'smart');
      assert.ok(
        log.some((line) => line.includes('the self-check found a difference')),
        log.join('\n'),
      );
      assert.ok((await frameNumbers(output)).length > 0);
    });
  }

  it('is made again when all of a large file is written, before a finding counts', async () => {
    const input = bench.file('large.mp4');
    const output = bench.file('large.out.mp4');
    await makeLargeClip(input);
    copyInThreads(pathToFileURL(path.join(path.dirname(bench.workerPath), 'media-copier.mjs')));
    freeze();
    const lines: string[] = [];
    const stop = new AbortController();
    const log = (line: string): void => {
      lines.push(line);
      // What would come then takes long: all of it encoded anew.
      if (line.startsWith('Smart cut refused')) stop.abort();
    };
    try {
      const hooks = { log, signal: stop.signal, pace: createPace(stop.signal) };
      await assert.rejects(removeAt([7.1, 7.4], input, output, hooks), { name: 'AbortError' });
    } finally {
      copyInThreads(undefined);
    }
    const finding = 'the self-check found a difference after joining.';
    assert.deepEqual(lines, [`Before all was written: ${finding}`, `Smart cut refused: ${finding}`]);
  });
});
