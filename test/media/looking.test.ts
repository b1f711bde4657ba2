import assert from 'node:assert/strict';

import { ffmpeg, makeClip, sharedMedia } from './clips.js';
import { openBench, type Bench } from './workbench.js';

describe('Looking at a clip', function () {
  this.timeout(30_000);
  let bench: Bench;
  let clip: string;
  before(async () => {
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 240 });
  });
  after(() => bench.close());

  it('tells what is in it', async () => {
    const { size, ...summary } = await bench.engine.probe(clip);
    assert.ok(size > 10_000);
    assert.deepEqual(summary, {
      path: clip,
      container: 'mp4',
      duration: 8_000_000,
      video: { codec: 'h264', width: 320, height: 180, rotation: 0, frameRate: 30, frames: 240 },
      audio: [{ codec: 'aac', sampleRate: 48_000, channels: 2 }],
    });
  });

  it('finds the pauses, the last one up to the end', async () => {
    const file = bench.file('pauses.wav');
    const gaps = "aevalsrc='0.5*sin(2*PI*440*t)*(1-between(t,2,4.5))*(1-between(t,6,6.4))*lt(t,8)':s=48000:d=10";
    await ffmpeg('-f', 'lavfi', '-i', gaps, file);
    const pauses = await bench.engine.pauses(file);
    assert.equal(pauses.length, 2);
    for (const [n, [from, to]] of [
      [2, 4.5],
      [8, 10],
    ].entries()) {
      assert.ok(Math.abs((pauses[n]?.in ?? 0) / 1e6 - (from ?? 0)) < 0.002);
      assert.ok(Math.abs((pauses[n]?.out ?? 0) / 1e6 - (to ?? 0)) < 0.002);
    }
    assert.equal((await bench.engine.pauses(file, { minimum: 300_000 })).length, 3);
    assert.equal((await bench.engine.pauses(file, { threshold: -3 })).length, 1, 'all of it is under -3 dB');
  });

  it('finds the long pause of the real interview', async function () {
    const folder = sharedMedia();
    if (!folder) return this.skip();
    const pauses = await bench.engine.pauses(`${folder}/interview.mp4`);
    const [longest] = pauses.sort((a, b) => b.out - b.in - (a.out - a.in));
    assert.equal(((longest?.in ?? 0) / 1e6).toFixed(2), '17.30');
    assert.equal(((longest?.out ?? 0) / 1e6).toFixed(2), '39.97');
  });

  it('measures the waveform', async () => {
    // 0.1 s a step: a beep in each tenth one.
    const { step, values } = await bench.engine.peaks(clip, 80);
    assert.equal(step, 100_000);
    assert.equal(values.length, 80);
    for (const [n, value] of values.entries()) {
      if (n % 10 === 0) assert.ok(value > 0.6, `step ${n}: ${value}`);
      else if (n % 10 > 1 && n % 10 < 9) assert.ok(value < 0.1, `step ${n}: ${value}`);
    }
  });

  it('makes upright thumbnails of the height asked for', async () => {
    const thumbnails = await bench.engine.thumbnails(clip, 5, 90);
    assert.equal(thumbnails.length, 5);
    for (const { width, height, jpeg } of thumbnails) {
      assert.deepEqual([width, height], [160, 90]);
      assert.deepEqual([...jpeg.subarray(0, 2)], [0xff, 0xd8]);
    }
    const times = thumbnails.map(({ time }) => time);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    const turned = bench.file('turned.mp4');
    await ffmpeg('-i', clip, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned);
    const [thumbnail] = await bench.engine.thumbnails(turned, 1, 160);
    assert.deepEqual([thumbnail?.width, thumbnail?.height], [90, 160]);
  });

  it('does without sound and without picture', async () => {
    const silent = bench.file('silent.mp4');
    await makeClip(silent, { frames: 30, audio: false });
    assert.deepEqual(await bench.engine.pauses(silent), []);
    assert.deepEqual((await bench.engine.peaks(silent, 3)).values, [0, 0, 0]);
    const voice = bench.file('voice.wav');
    await ffmpeg('-f', 'lavfi', '-i', 'sine=d=2', voice);
    assert.deepEqual(await bench.engine.thumbnails(voice, 3, 90), []);
    assert.equal((await bench.engine.probe(voice)).video, undefined);
  });
});
