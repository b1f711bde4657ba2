import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';

import { createMediaEngine } from '../../src/media/engine.js';
import { makeClip } from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

// Beeps in silence: the header states a rate of sound that its packets never have.
describe('The size that is told before a cut', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const kept = toSections([
    [0, 9.1],
    [11.05, 20],
  ]);
  const MPEG4 = '-c:v mpeg4 -q:v 8'.split(' ');
  const rows: readonly {
    readonly name: string;
    readonly audio: readonly string[];
    readonly to: string;
    readonly video?: readonly string[];
    readonly height?: number;
  }[] = [
    { name: 'aac.mp4', audio: ['-c:a', 'aac', '-b:a', '320k'], to: 'mp4' },
    { name: 'aac.mkv', audio: ['-c:a', 'aac', '-b:a', '320k'], to: 'mkv' },
    { name: 'opus.mkv', audio: ['-c:a', 'libopus', '-b:a', '320k'], to: 'mkv' },
    { name: 'flac.mkv', audio: ['-c:a', 'flac'], to: 'mkv' },
    { name: 'pcm.mov', audio: ['-c:a', 'pcm_s16le'], to: 'mov' },
    { name: 'scaled.mp4', audio: ['-c:a', 'aac', '-b:a', '320k'], to: 'mp4', height: 120 },
    { name: 'part2.mkv', audio: ['-c:a', 'aac', '-b:a', '320k'], to: 'mp4', video: MPEG4 },
  ];
  for (const { name, audio, to, video, height } of rows) {
    it(`is right where the header is wrong about the sound: ${name}`, async () => {
      const input = bench.file(name);
      await makeClip(input, { frames: 600, audio: [...audio], ...(video ? { video: [...video] } : {}) });
      const output = bench.file(`${name}.cut.${to}`);
      const request = { input, output, kept, ...(height === undefined ? {} : { height }) };
      const { bytes = 0 } = await bench.engine.plan(request, { sampled: true, timeLimit: 20_000 });
      await bench.engine.cut(request);
      const ratio = bytes / (await stat(output)).size;
      assert.ok(ratio > 0.5 && ratio < 1.7, ratio.toFixed(2));
    });
  }

  it('and the time are learned from a cut that joins: what joining takes, and what moving bytes does', async () => {
    const input = bench.file('large.mp4');
    // More than 20 MB: fewer are moved in no time.
    const uncompressed = '-c:v libx264 -preset ultrafast -qp 0 -g 30 -s 1280x720'.split(' ');
    await makeClip(input, { frames: 600, video: uncompressed, audio: ['-c:a', 'aac'] });
    assert.ok((await stat(input)).size > 25e6, String((await stat(input)).size));
    let learned: unknown;
    const engine = createMediaEngine({
      workerPath: bench.workerPath,
      speeds: { read: () => learned, write: (speeds) => (learned = speeds) },
    });
    try {
      const request = { input, output: bench.file('large-cut.mp4'), kept: toSections([[0.51, 19]]) };
      const report = await engine.cut(request);
      assert.equal(report.method, 'smart');
      assert.deepEqual(Object.keys(learned as object).sort(), ['joining libx264 middle', 'moving']);
      const before = await bench.engine.plan(request);
      const after = await engine.plan(request);
      assert.notEqual(after.seconds, before.seconds);
    } finally {
      await engine.close();
    }
  });
});
