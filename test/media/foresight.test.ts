import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { Progress } from '../../src/media/media.js';
import type { PlannedCut } from '../../src/timeline/planned-cut.js';
import { decoderMessages, ffmpeg, frameTimes, makeClip, streams } from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

describe('What a cut will do, told before', function () {
  this.timeout(60_000);
  let bench: Bench;
  let clip: string;
  before(async () => {
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 120 });
  });
  after(() => bench.close());

  const KEPT = toSections([
    [0, 1.21],
    [2.05, 4],
  ]);

  it('counts the frames that are encoded anew, as the cut then does, and writes nothing', async () => {
    const output = bench.file('planned.mp4');
    const plan = await bench.engine.plan({ input: clip, output, kept: KEPT });
    assert.ok(!existsSync(output));
    const told: PlannedCut[] = [];
    const report = await bench.engine.cut(
      { input: clip, output, kept: KEPT },
      { onPlan: (planned) => told.push(planned) },
    );
    assert.equal(report.method, 'smart');
    assert.ok(report.reencodedFrames > 0);
    const { method, frames, reencodedFrames } = report;
    const { bytes = 0, ...foreseen } = plan;
    assert.deepEqual({ ...foreseen, seconds: 0 }, { method, frames, reencodedFrames, seconds: 0 });
    assert.ok(bytes > 0);
    // What else runs may be another matter by then.
    assert.deepEqual(
      told.map((planned) => ({ ...planned, seconds: 0 })),
      [{ ...plan, seconds: 0 }],
    );
    assert.ok(plan.seconds > 0 && plan.seconds < 4, String(plan.seconds));
  });

  it('says why a picture will be encoded whole, and the cut gives the same reason', async () => {
    const input = bench.file('asp.avi');
    await makeClip(input, { frames: 60, video: '-c:v mpeg4 -q:v 3'.split(' '), audio: ['-c:a', 'pcm_s16le'] });
    const kept = toSections([[0, 1]]);
    const plan = await bench.engine.plan({ input, output: 'export.mp4', kept });
    assert.equal(plan.method, 'reencode');
    assert.equal(plan.reason, 'MPEG-4 cannot be joined without that in the new file');
    const told: PlannedCut[] = [];
    const request = { input, output: bench.file('asp.mp4'), kept };
    const report = await bench.engine.cut(request, { onPlan: (planned) => told.push(planned) });
    assert.deepEqual(report.notes[0], `The whole picture was encoded anew: ${plan.reason}.`);
    assert.equal(told.length, 1);
    assert.equal(told[0]?.reason, plan.reason);
    assert.equal(told[0]?.reencodedFrames, report.frames);
  });

  it('tells the size of what is encoded whole by a few of its pictures', async () => {
    const input = bench.file('textured.mp4');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30,noise=alls=12:allf=t', '-t', '12'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-pix_fmt', 'yuv420p', input],
    );
    const request = {
      input,
      output: bench.file('small.mp4'),
      kept: toSections([
        [1, 5],
        [6, 12],
      ]),
      height: 240,
    };
    const plan = await bench.engine.plan(request, { sampled: true });
    assert.ok(!existsSync(request.output));
    await bench.engine.cut(request);
    const { size } = await stat(request.output);
    const ratio = (plan.bytes ?? 0) / size;
    assert.ok(ratio > 0.6 && ratio < 1.6, String(ratio));
  });

  it('knows what the target container does not take', async () => {
    const plan = async (output: string): Promise<string> =>
      (await bench.engine.plan({ input: clip, output, kept: KEPT })).method;
    assert.deepEqual(await Promise.all(['a.mp4', 'a.mov', 'a.mkv', 'a.webm'].map(plan)), [
      'smart',
      'smart',
      'smart',
      'reencode',
    ]);
    const nothing = bench.engine.plan({ input: clip, output: 'a.mp4', kept: toSections([[9, 10]]) });
    await assert.rejects(nothing, /Nothing would be left/);
  });

  it('keeps to its time: what the packets would tell is then left open', async () => {
    const input = bench.file('clip.mkv');
    await ffmpeg('-i', clip, '-c', 'copy', input);
    const request = { input, output: 'a.mkv', kept: KEPT };
    const plan = await bench.engine.plan(request, { timeLimit: 0 });
    assert.deepEqual({ ...plan, seconds: 0, bytes: 0 }, { method: 'smart', seconds: 0, bytes: 0 });
    assert.equal((await bench.engine.plan(request)).method, 'smart');
    assert.ok(((await bench.engine.plan(request)).reencodedFrames ?? 0) > 0);
  });

  it('tells the time that is left while the whole picture is encoded', async () => {
    const input = bench.file('large.mp4');
    // More work than two seconds, on however fast a machine.
    const noise = 'testsrc2=s=1280x720:r=30:d=12,noise=alls=20:allf=t';
    await ffmpeg('-f', 'lavfi', '-i', noise, '-c:v', 'mpeg4', '-q:v', '10', input);
    const seen: Progress[] = [];
    const stop = new AbortController();
    const request = { input, output: bench.file('left.mp4'), kept: toSections([[0, 11]]) };
    const onProgress = (progress: Progress): void => {
      seen.push(progress);
      if (progress.secondsLeft !== undefined) stop.abort(new Error('seen'));
    };
    await assert.rejects(bench.engine.cut(request, { signal: stop.signal, onProgress }), /seen/);
    const { fraction = 0, secondsLeft = 0 } = seen.at(-1) ?? {};
    assert.ok(fraction > 0 && fraction < 1);
    assert.ok(secondsLeft > 0.5 && secondsLeft < 600, String(secondsLeft));
  });
});

describe('A cut that is scaled', function () {
  this.timeout(60_000);
  let bench: Bench;
  let clip: string;
  before(async () => {
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 60 });
  });
  after(() => bench.close());

  const cutTo = async (input: string, output: string, height: number): ReturnType<Bench['remove']> =>
    bench.engine.cut({
      input,
      output,
      kept: toSections([
        [0, 0.5],
        [1, 2],
      ]),
      height,
    });
  const size = async (file: string): Promise<string> => {
    const picture = (await streams(file)).find(({ codec_type }) => codec_type === 'video') as unknown as {
      width: number;
      height: number;
      sample_aspect_ratio?: string;
    };
    return `${picture.width}x${picture.height} ${picture.sample_aspect_ratio ?? '1:1'}`;
  };

  it('has the wanted height, the shape of the source and all its frames, and says so', async () => {
    const output = bench.file('small.mp4');
    const report = await cutTo(clip, output, 90);
    assert.equal(await size(output), '160x90 1:1');
    assert.equal(report.method, 'reencode');
    assert.deepEqual(report.notes, ['The whole picture was encoded anew: it is scaled to 160×90.']);
    assert.equal((await frameTimes(output)).length, 45);
    assert.equal(await decoderMessages(output), '');
  });

  it('has even sides', async () => {
    const output = bench.file('odd.mkv');
    await cutTo(clip, output, 101);
    assert.match(await size(output), /^(?:180|182)x102 /);
  });

  it('has square pixels where the source has others', async () => {
    const input = bench.file('wide.mp4');
    await ffmpeg('-i', clip, '-vf', 'setsar=4/3', '-c:v', 'libx264', '-preset', 'ultrafast', input);
    const output = bench.file('square.webm');
    await cutTo(input, output, 90);
    assert.equal(await size(output), '214x90 1:1');
  });

  it('is as high as wanted when it is shown turned, and stays turned', async () => {
    const input = bench.file('phone.mp4');
    await ffmpeg('-i', clip, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', input);
    const output = bench.file('upright.mp4');
    const report = await cutTo(input, output, 160);
    const { video } = await bench.engine.probe(output);
    const { rotation } = (await bench.engine.probe(input)).video ?? {};
    assert.deepEqual([video?.width, video?.height, video?.rotation], [160, 90, rotation]);
    assert.match(report.notes.join(' '), /scaled to 90×160/);
  });

  it('is never enlarged: the picture stays, is not encoded for that, and the report says so', async () => {
    const output = bench.file('large.mp4');
    const report = await cutTo(clip, output, 1080);
    assert.equal(await size(output), '320x180 1:1');
    assert.equal(report.method, 'smart');
    assert.deepEqual(report.notes, ['The picture kept its size, 320×180: enlarging it would add no detail.']);
  });

  it('is cut out of an mp4 that does not say its size before it is decoded', async () => {
    const input = bench.file('part2.mp4');
    await ffmpeg('-i', clip, '-c:v', 'mpeg4', '-q:v', '3', '-c:a', 'copy', input);
    const output = bench.file('part2-cut.mp4');
    const report = await bench.remove(input, output, [0.5, 1]);
    assert.equal(report.method, 'reencode');
    assert.equal((await frameTimes(output)).length, 45);
  });

  for (const ending of ['mkv', 'mov', 'webm']) {
    it(`out of ${ending} can become an MP4`, async () => {
      const input = bench.file(`source.${ending}`);
      const codecs =
        ending === 'webm' ? ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'] : ['-c', 'copy'];
      await ffmpeg('-i', clip, ...codecs, input);
      const output = bench.file(`from-${ending}.mp4`);
      const report = await bench.remove(input, output, [0.5, 1]);
      assert.equal(report.method, ending === 'webm' ? 'reencode' : 'smart');
      const kinds = (await streams(output)).map(({ codec_name }) => codec_name);
      assert.deepEqual(kinds, ['h264', ending === 'webm' ? 'opus' : 'aac']);
      assert.equal((await frameTimes(output)).length, 45);
      assert.equal(await decoderMessages(output), '');
    });
  }
});
