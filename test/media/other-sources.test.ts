import assert from 'node:assert/strict';

import {
  beeps,
  decoderMessages,
  ffmpeg,
  flashes,
  frameNumbers,
  frameTimes,
  grayFrames,
  makeClip,
  psnr,
  sharedMedia,
  sound,
  streams,
} from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

// What is not proven for copying has to come out exact all the same, only slower, and the report has to say so.
describe('Clips that are encoded whole', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const kinds: readonly (readonly [string, string, string, readonly string[] | false, string])[] = [
    [
      'interlaced H.264',
      'fields.mp4',
      '-c:v libx264 -preset veryfast -g 30 -flags +ildct+ilme -x264-params tff=1',
      ['-c:a', 'aac'],
      '.mp4',
    ],
    ['MPEG-4 with B-frames in AVI', 'asp.avi', '-c:v mpeg4 -bf 2 -g 40 -q:v 3', ['-c:a', 'pcm_s16le'], '.mp4'],
    ['H.264 in AVI', 'avc.avi', '-c:v libx264 -preset veryfast -g 30 -bf 2', ['-c:a', 'pcm_s16le'], '.mp4'],
    ['MJPEG in AVI', 'mjpeg.avi', '-c:v mjpeg -q:v 3', ['-c:a', 'pcm_s16le'], '.mp4'],
  ];
  for (const [name, file, video, audio, ending] of kinds) {
    it(`leaves exactly the other frames of ${name}`, async () => {
      const input = bench.file(file);
      await makeClip(input, { frames: 120, video: video.split(' '), audio });
      const output = bench.file(`${file}-cut${ending}`);
      const report = await bench.remove(input, output, [0.81, 1.9], [2.5, 2.77]);
      const expected = remaining(120, 30, [0.81, 1.9], [2.5, 2.77]);
      assert.deepEqual(await frameNumbers(output), expected);
      assert.equal(report.method, 'reencode');
      assert.equal(report.reencodedFrames, expected.length);
      assert.match(report.notes.join(' '), /encoded anew/);
      assert.equal(await decoderMessages(output), '');
      await assertSteady(output, expected.length);
      await assertInStep(output);
      if (!name.startsWith('VP8')) await assertLooksSame(input, output, expected);
    });
  }

  it('keeps the times of a clip with a variable frame rate', async () => {
    const even = bench.file('even.mp4');
    await makeClip(even, { frames: 120 });
    const input = bench.file('vfr.mp4');
    // Every third frame is missing; the rest stay where they were.
    const filter = [
      '-vf',
      "select='mod(n+1,3)'",
      '-vsync',
      'vfr',
      '-c:v',
      'libx264',
      '-g',
      '30',
      '-preset',
      'veryfast',
    ];
    await ffmpeg('-i', even, ...filter, '-c:a', 'copy', input);
    const numbers = await frameNumbers(input);
    const times = await frameTimes(input);
    const output = bench.file('vfr-cut.mp4');
    const report = await bench.remove(input, output, [1.01, 2.205]);
    const kept = numbers.filter((_, n) => (times[n] ?? 0) < 1.01 || (times[n] ?? 0) >= 2.205);
    assert.deepEqual(await frameNumbers(output), kept, report.method);
    const expected = times.filter((time) => time < 1.01 || time >= 2.205);
    const result = await frameTimes(output);
    const join = kept.findIndex((n) => n >= 66);
    for (const [n, time] of result.entries()) {
      if (n === 0 || n === join) continue;
      const step = (expected[n] ?? 0) - (expected[n - 1] ?? 0);
      assert.ok(Math.abs(time - (result[n - 1] ?? 0) - step) < 1e-4, `step before frame ${n}`);
    }
    assert.equal(await decoderMessages(output), '');
    await assertInStep(output);
  });

  it('cuts sound alone to the sample', async () => {
    const input = bench.file('beeps.flac');
    await ffmpeg('-f', 'lavfi', '-i', 'aevalsrc=0.8*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.05):s=44100:d=6', input);
    const output = bench.file('beeps-cut.flac');
    const report = await bench.remove(input, output, [1.5, 3.75]);
    assert.equal(report.frames, 0);
    const heard = beeps(await sound(output));
    const expected = [0, 1, 1.75, 2.75];
    assert.equal(heard.length, expected.length);
    for (const [n, time] of heard.entries()) assert.ok(Math.abs(time - (expected[n] ?? 0)) < 0.001, `${time}`);
    const [stream] = await streams(output);
    assert.equal(stream?.duration, '3.750000');
  });

  it('keeps every sound track with its language', async () => {
    const plain = bench.file('one-track.mp4');
    await makeClip(plain, { frames: 90 });
    const input = bench.file('two-tracks.mp4');
    const tags = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=fra'];
    await ffmpeg('-i', plain, '-map', '0:v', '-map', '0:a', '-map', '0:a', '-c', 'copy', ...tags, input);
    const output = bench.file('two-tracks-cut.mp4');
    await bench.remove(input, output, [1.1, 1.9]);
    const audio = (await streams(output)).filter((stream) => stream.codec_type === 'audio');
    assert.deepEqual(
      audio.map((stream) => stream.tags?.language),
      ['eng', 'fra'],
    );
    assert.deepEqual(beeps(await sound(output, 0)), beeps(await sound(output, 1)));
  });

  it('cuts a clip without sound', async () => {
    const input = bench.file('silent.mp4');
    await makeClip(input, { frames: 90, audio: false });
    const output = bench.file('silent-cut.mp4');
    await bench.remove(input, output, [1.1, 1.9]);
    assert.deepEqual(await frameNumbers(output), remaining(90, 30, [1.1, 1.9]));
    assert.equal((await streams(output)).length, 1);
  });

  it('makes no click at a join', async () => {
    const input = bench.file('tone.mp4');
    await makeClip(input, {
      frames: 120,
      audio: ['-af', "aeval='0.5*sin(2*PI*220*t)':c=same", '-c:a', 'aac', '-b:a', '192k'],
    });
    const output = bench.file('tone-cut.mp4');
    await bench.remove(input, output, [1.003, 1.71]);
    const steps = (samples: Float32Array): number => {
      let highest = 0;
      for (let i = 2048; i < samples.length - 2048; i++) {
        highest = Math.max(highest, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
      }
      return highest;
    };
    const before = steps(await sound(input));
    const after = steps(await sound(output));
    // Two tones added at equal power may be 1.41 times as loud for an instant.
    assert.ok(after <= before * 1.5, `step ${after}, in the source ${before}`);
  });

  it('removes 10–20 s of the real interview: 972 of 1272 frames', async function () {
    const folder = sharedMedia();
    if (!folder) return this.skip();
    const output = bench.file('interview.mp4');
    const report = await bench.remove(`${folder}/interview.mp4`, output, [10, 20]);
    assert.equal(report.frames, 972);
    assert.equal((await frameTimes(output)).length, 972);
    assert.equal(report.method, 'smart');
    assert.equal(await decoderMessages(output), '');
  });
});

async function assertSteady(file: string, frames: number): Promise<void> {
  const times = await frameTimes(file);
  assert.equal(times.length, frames);
  // Matroska and WebM count milliseconds.
  for (const [n, time] of times.entries()) assert.ok(Math.abs(time - n / 30) < 0.0011, `frame ${n} at ${time}`);
}

async function assertInStep(file: string): Promise<void> {
  const [seen, times, heard] = await Promise.all([flashes(file), frameTimes(file), sound(file).then(beeps)]);
  assert.ok(seen.length > 0, 'no flash is left to measure');
  for (const frame of seen) {
    const time = times[frame] ?? Number.NaN;
    const nearest = Math.min(...heard.map((beep) => Math.abs(beep - time)));
    assert.ok(nearest <= 514 / 48_000, `flash at ${time}: nearest beep ${nearest} s away; beeps ${heard.join(' ')}`);
  }
}

async function assertLooksSame(source: string, output: string, expected: readonly number[]): Promise<void> {
  const [was, is] = await Promise.all([grayFrames(source), grayFrames(output)]);
  for (const [position, n] of expected.entries()) {
    const quality = psnr(was[n] ?? new Uint8Array(), is[position] ?? new Uint8Array(1));
    assert.ok(quality >= 38, `frame ${n} has ${quality.toFixed(1)} dB`);
  }
}
