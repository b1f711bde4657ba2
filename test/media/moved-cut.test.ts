import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

import {
  decoderMessages,
  ffmpeg,
  frameHashes,
  frameNumbers,
  grayFrames,
  makeClip,
  makeLargeClip,
  psnr,
  streams,
} from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

async function topBoxes(file: string): Promise<{ type: string; size: number }[]> {
  await using handle = await open(file, 'r');
  const found: { type: string; size: number }[] = [];
  const head = Buffer.alloc(8);
  for (let at = 0; (await handle.read(head, 0, 8, at)).bytesRead === 8; at += head.readUInt32BE(0)) {
    found.push({ type: head.toString('latin1', 4, 8), size: head.readUInt32BE(0) });
  }
  return found;
}

/** The result's pictures are those of the source at these places. */
async function assertFrames(input: string, output: string, places: readonly number[]): Promise<void> {
  const [was, is] = await Promise.all([grayFrames(input), grayFrames(output)]);
  // A picture is four of those that the clips of the other tests are made of.
  const expected = places.flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]);
  assert.equal(is.length, expected.length);
  const quality = expected.map((n, at) => psnr(was[n] ?? Buffer.alloc(0), is[at] ?? Buffer.alloc(1)));
  assert.ok(Math.min(...quality) > 40, `the worst picture has ${Math.min(...quality).toFixed(1)} dB`);
}

// An mp4 or mov whose bytes are moved goes another way than through FFmpeg's muxer; what people see must not differ.
describe('A clip whose bytes are moved', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  it('keeps its tracks apart when a cover picture stands among them', async () => {
    const plain = bench.file('plain.mp4');
    const second = ['-f', 'lavfi', '-i', 'sine=440:d=4:r=48000'];
    await makeClip(plain, { frames: 120 });
    const cover = bench.file('cover.jpg');
    await ffmpeg('-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1', cover);
    const input = bench.file('covered.mp4');
    const maps = '-map 2:v -map 0:v -map 1:a -map 0:a -c copy -c:a:0 aac -disposition:v:0 attached_pic'.split(' ');
    await ffmpeg('-i', plain, ...second, '-i', cover, ...maps, input);
    const output = bench.file('covered-cut.mp4');
    const report = await bench.remove(input, output, [1.51, 2.27]);
    assert.equal(report.method, 'smart', report.notes.join(' '));
    assert.deepEqual(await frameNumbers(output), remaining(120, 30, [1.51, 2.27]));
    // A cover has no clock, which ffmpeg says of the source too.
    const messages = async (file: string): Promise<string> => (await decoderMessages(file)).replace(/0x\w+/g, '');
    assert.equal(await messages(output), await messages(input));
    const kinds = (await streams(output)).map(({ codec_type, codec_name }) => `${codec_type} ${codec_name}`).sort();
    assert.deepEqual(kinds, ['audio aac', 'audio aac', 'video h264', 'video mjpeg']);
    assert.deepEqual(report.notes, []);
  });

  it('has what is encoded at many joins wait on disk, where nothing of it stays', async () => {
    const input = bench.file('noise.mp4');
    const output = bench.file('noise-cut.mp4');
    const picture = 'testsrc2=s=640x360:r=30:d=12,noise=alls=60:allf=t';
    const coding = '-c:v libx264 -preset ultrafast -qp 24 -g 60 -bf 0 -pix_fmt yuv420p'.split(' ');
    await ffmpeg('-f', 'lavfi', '-i', picture, ...coding, input);
    const cuts = Array.from({ length: 5 }, (_, n) => [2 * n + 0.1, 2 * n + 0.4] as const);
    const names = new Set<string>();
    const watcher = watch(path.dirname(output), (_, name) => names.add(path.extname(name ?? '')));
    const report = await bench.remove(input, output, ...cuts);
    watcher.close();
    assert.equal(report.method, 'smart', report.notes.join(' '));
    assert.ok(names.has('.joins'), [...names].join(' '));
    assert.deepEqual(
      (await readdir(path.dirname(output))).filter((name) => name.endsWith('.joins')),
      [],
    );
    await assertFrames(input, output, remaining(360, 30, ...cuts));
  });

  it('is moved before and after the frames at its join are encoded and looked at, where that is worth it', async () => {
    const input = bench.file('large.mp4');
    const output = bench.file('large-cut.mp4');
    await makeLargeClip(input);
    const report = await bench.remove(input, output, [7.1, 7.4]);
    assert.equal(report.method, 'smart', report.notes.join(' '));
    const boxes = await topBoxes(output);
    assert.deepEqual(
      boxes.map(({ type }) => type),
      ['ftyp', 'moov', 'free', 'mdat'],
    );
    const [, , free, media] = boxes;
    assert.ok(free && media && media.size > 200 * 2 ** 20 && free.size < 2 ** 17, JSON.stringify(boxes));
    assert.deepEqual(bench.log.slice(-1), ['The joins were checked while the end was being written.']);
    await assertFrames(input, output, remaining(540, 30, [7.1, 7.4]));
  });

  it('is encoded whole all the same where its pictures turn out not to be joinable', async () => {
    const input = bench.file('interlaced.mp4');
    const output = bench.file('interlaced-cut.mp4');
    const picture = 'testsrc2=s=1280x720:r=30:d=4,noise=alls=60:allf=t';
    const coding = '-c:v libx264 -preset ultrafast -qp 2 -g 15 -flags +ilme+ildct -pix_fmt yuv420p'.split(' ');
    await ffmpeg('-f', 'lavfi', '-i', picture, ...coding, '-x264-params', 'tff=1', input);
    const report = await bench.remove(input, output, [3.4, 3.6]);
    assert.equal(report.method, 'reencode');
    assert.equal(report.frames, 114);
    assert.equal((await frameHashes(output)).length, 114);
    assert.equal(await decoderMessages(output), '');
  });

  it('names a further picture track, which is left behind', async () => {
    const plain = bench.file('one.mp4');
    await makeClip(plain, { frames: 90 });
    const input = bench.file('two.mp4');
    await ffmpeg('-i', plain, '-i', plain, '-map', '0', '-map', '1:v', '-c', 'copy', input);
    const output = bench.file('two-cut.mp4');
    const report = await bench.remove(input, output, [0.71, 1.23]);
    assert.equal(report.method, 'smart');
    assert.deepEqual(report.notes, ['Not kept: a further picture track.']);
    assert.deepEqual(await frameNumbers(output), remaining(90, 30, [0.71, 1.23]));
  });
});
