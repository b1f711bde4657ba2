// Codecs of which every packet is a picture of its own: ProRes, Motion JPEG, DNxHR, CineForm.
import assert from 'node:assert/strict';

import { keptRanges } from '../../src/timeline/sections.js';
import { frameHashes, frameNumbers, grayFrames, makeClip, psnr, streams, type ClipOptions } from './clips.js';
import { openBench, remaining, toSections, type Bench } from './workbench.js';

const DISSOLVE = { kind: 'dissolve', duration: 400_000 } as const;
const CLIPS: Readonly<Record<string, ClipOptions>> = {
  ProRes: { video: ['-c:v', 'prores_ks', '-profile:v', 'hq'], output: ['-pix_fmt', 'yuv422p10le'] },
  'Motion JPEG': { video: ['-c:v', 'mjpeg', '-q:v', '2'], output: ['-pix_fmt', 'yuvj420p'] },
  DNxHR: { video: ['-c:v', 'dnxhd', '-profile:v', 'dnxhr_sq'], output: ['-pix_fmt', 'yuv422p'] },
};

describe('Pictures that all stand alone', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    for (const [name, clip] of Object.entries(CLIPS)) await makeClip(source(name), { frames: 90, ...clip });
  });
  after(() => bench.close());
  const source = (name: string): string => bench.file(`${name}.mov`);

  for (const name of Object.keys(CLIPS)) {
    it(`stay as they are, every one: ${name}`, async () => {
      const output = bench.file(`${name}-cut.mov`);
      const report = await bench.remove(source(name), output, [0.51, 1.72], [2.03, 2.04]);
      assert.deepEqual([report.method, report.reencodedFrames, report.notes], ['smart', 0, []]);
      const left = remaining(90, 30, [0.51, 1.72], [2.03, 2.04]);
      assert.deepEqual(await frameNumbers(output), left);
      const hashes = await frameHashes(source(name));
      assert.deepEqual(
        await frameHashes(output),
        left.map((frame) => hashes[frame]),
      );
      const [was, is] = [await streams(source(name)), await streams(output)];
      assert.equal(is[0]?.codec_tag_string, was[0]?.codec_tag_string);
    });
  }

  for (const name of ['ProRes', 'Motion JPEG']) {
    it(`are encoded anew where a dissolve mixes them, and nowhere else: ${name}`, async () => {
      const output = bench.file(`${name}-dissolved.mov`);
      const kept = keptRanges(toSections([[1, 2]]), { in: 0, out: 3_000_000 });
      const report = await bench.engine.cut({ input: source(name), output, kept, join: DISSOLVE });
      assert.deepEqual([report.method, report.reencodedFrames, report.frames], ['smart', 12, 48]);
      const [before, after] = [await grayFrames(source(name)), await grayFrames(output)];
      const [first, last] = [before.slice(18, 30), before.slice(60, 72)];
      for (const [n, frame] of after.slice(18, 30).entries()) {
        const weight = (n + 1) / 13;
        const mixed = frame.map((_, i) =>
          Math.round((first[n]?.[i] ?? 0) * (1 - weight) + (last[n]?.[i] ?? 0) * weight),
        );
        assert.ok(psnr(frame, mixed) > 38, `${n}: ${psnr(frame, mixed)} dB`);
      }
    });
  }

  it('are copied in fields too, and encoded whole for a dissolve of those', async () => {
    const fields = bench.file('fields.mov');
    const video = ['-vf', 'setfield=tff', '-c:v', 'prores_ks', '-flags', '+ildct'];
    await makeClip(fields, { frames: 90, video, output: ['-pix_fmt', 'yuv422p10le'] });
    const report = await bench.remove(fields, bench.file('fields-cut.mov'), [1, 2]);
    assert.deepEqual([report.method, report.reencodedFrames], ['smart', 0]);
    const order = async (file: string): Promise<string> =>
      /"field_order":"\w+"/.exec(JSON.stringify(await streams(file)))?.[0] ?? '';
    assert.match(await order(fields), /"t[bt]"/);
    assert.equal(await order(bench.file('fields-cut.mov')), await order(fields));
    const kept = keptRanges(toSections([[1, 2]]), { in: 0, out: 3_000_000 });
    const output = bench.file('fields-dissolved.mov');
    assert.equal((await bench.engine.cut({ input: fields, output, kept, join: DISSOLVE })).method, 'reencode');
  });

  it('are encoded whole for a dissolve where no encoder goes on in the same way', async () => {
    const output = bench.file('dnx-dissolved.mov');
    const kept = keptRanges(toSections([[1, 2]]), { in: 0, out: 3_000_000 });
    const report = await bench.engine.cut({ input: source('DNxHR'), output, kept, join: DISSOLVE });
    assert.equal(report.method, 'reencode');
    assert.match(report.notes.join(' '), /its coding cannot be continued/);
  });
});
