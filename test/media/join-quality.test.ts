import assert from 'node:assert/strict';
import path from 'node:path';

import { ffmpeg, frameHashes, grayFrames, psnr } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

describe('Pictures encoded anew at a join', function () {
  this.timeout(120_000);
  let bench: Bench;

  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const X264 = '-c:v libx264 -preset veryfast -crf 12 -g 60 -bf 2 -x264-params open-gop=0:scenecut=0';
  const X265 = '-c:v libx265 -preset ultrafast -crf 10 -x265-params log-level=none:keyint=60:open-gop=0:scenecut=0';
  const codings = {
    'H.264': `${X264} -pix_fmt yuv420p`,
    'H.264 of 10 bits': `${X264} -pix_fmt yuv420p10le`,
    'H.264 4:4:4': `${X264} -pix_fmt yuv444p`,
    HEVC: `${X265} -pix_fmt yuv420p`,
    'HEVC of 10 bits': `${X265} -pix_fmt yuv420p10le`,
  };
  // Every pixel is another one in the next frame: no encoder can foretell any of it.
  const swarm = 'life=s=320x180:r=30:mold=10:ratio=0.3:seed=5';
  for (const [name, coding] of Object.entries(codings)) {
    it(`are as fine as those beside them in ${name} full of movement`, async () => {
      const input = bench.file(`${name.replace(/\W/g, '-')}.mp4`);
      const output = bench.file(`${path.parse(input).name}.cut.mp4`);
      await ffmpeg('-f', 'lavfi', '-i', swarm, '-t', '6', ...coding.split(' '), '-tag:v', tagOf(name), input);
      const report = await bench.remove(input, output, [1.3, 2.7]);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      const expected = remaining(180, 30, [1.3, 2.7]);
      const [before, after] = await Promise.all([frameHashes(input), frameHashes(output)]);
      const [was, is] = await Promise.all([grayFrames(input), grayFrames(output)]);
      const changed = expected.flatMap((n, at) => (before[n] === after[at] ? [] : [{ n, at }]));
      assert.ok(changed.length > 0 && changed.length <= report.reencodedFrames);
      const quality = changed.map(({ n, at }) => psnr(was[n] ?? new Uint8Array(), is[at] ?? new Uint8Array(1)));
      assert.ok(Math.min(...quality) >= 45, `the worst has ${Math.min(...quality).toFixed(1)} dB`);
    });
  }
});

function tagOf(name: string): string {
  return name.startsWith('HEVC') ? 'hvc1' : 'avc1';
}
