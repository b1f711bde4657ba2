import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ffmpeg, psnr } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const SIZE = [160, 90] as const;
const CUT = [0.51, 1.22] as const;

const CLIPS = [
  ['VP8', 'webm', 'libvpx', '-c:v libvpx -b:v 1M -g 20 -deadline realtime -cpu-used 8 -pix_fmt yuva420p', 'reencode'],
  [
    'VP9',
    'webm',
    'libvpx-vp9',
    '-c:v libvpx-vp9 -b:v 1M -g 20 -deadline realtime -cpu-used 8 -pix_fmt yuva420p',
    'reencode',
  ],
  ['ProRes 4444', 'mov', 'prores', '-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le', 'smart'],
] as const;

describe('Pictures that are transparent in part', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    const [width, height] = SIZE;
    // From clear to opaque across, and a bar that moves a step with each picture.
    const alpha = `if(lt(mod(X-N*2\\,${width})\\,8)\\,0\\,255*X/${width})`;
    const pictures = `testsrc=s=${width}x${height}:r=30:d=2,format=yuva444p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='${alpha}'`;
    for (const [name, ending, , coding] of CLIPS) {
      await ffmpeg(
        '-f',
        'lavfi',
        '-i',
        pictures,
        ...coding.split(' '),
        ...(ending === 'webm' ? ['-auto-alt-ref', '0'] : []),
        source(name, ending),
      );
    }
  });
  after(() => bench.close());
  const source = (name: string, ending: string): string => bench.file(`${name}.${ending}`);

  for (const [name, ending, decoder, , method] of CLIPS) {
    it(`stay so: ${name}`, async () => {
      const output = bench.file(`${name}-cut.${ending}`);
      const report = await bench.remove(source(name, ending), output, CUT);
      assert.equal(report.method, method);
      if (method === 'reencode') assert.match(report.notes.join(), /it is transparent in part/);
      const [was, is] = [await alphas(source(name, ending), decoder), await alphas(output, decoder)];
      const left = remaining(60, 30, CUT);
      assert.equal(is.length, left.length);
      for (const [n, frame] of left.entries()) {
        const found = psnr(is[n] ?? Buffer.alloc(1), was[frame] ?? Buffer.alloc(0));
        assert.ok(found > 34, `${n}: ${found} dB`);
      }
    });
  }

  it('are told to lose it where the container has no place for it', async () => {
    const report = await bench.remove(source('VP9', 'webm'), bench.file('opaque.mp4'), CUT);
    assert.match(report.notes.join(), /colour format \(yuva420p\) was converted/);
  });
});

/** How opaque each pixel is, picture by picture. */
async function alphas(file: string, decoder: string): Promise<Buffer[]> {
  const words = ['-v', 'error', '-c:v', decoder, '-i', file, '-vf', 'alphaextract', '-vsync', 'passthrough'];
  const { stdout } = await promisify(execFile)('ffmpeg', [...words, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  });
  const size = SIZE[0] * SIZE[1];
  return Array.from({ length: stdout.length / size }, (_, n) => stdout.subarray(n * size, (n + 1) * size));
}
