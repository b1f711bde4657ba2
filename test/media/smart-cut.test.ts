import assert from 'node:assert/strict';

import {
  decoderMessages,
  flashes,
  beeps,
  frameHashes,
  frameNumbers,
  frameTimes,
  grayFrames,
  makeClip,
  packets,
  psnr,
  sound,
  streams,
} from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

type Cut = readonly (readonly [number, number])[];

describe('Smart cut of H.264', function () {
  this.timeout(60_000);
  let bench: Bench;
  let source: string;
  const FRAMES = 300;

  before(async () => {
    bench = await openBench();
    source = bench.file('source.mp4');
    await makeClip(source, { frames: FRAMES });
  });
  after(() => bench.close());

  const cuts: readonly (readonly [string, Cut])[] = [
    ['a section between keyframes', [[2.51, 5.26]]],
    ['a section whose edges are keyframes', [[2, 5]]],
    ['a section at the start', [[0, 1.37]]],
    ['a section up to the end', [[7.77, 10]]],
    ['one frame', [[3.4, 3.41]]],
    [
      'several sections',
      [
        [0.5, 1.1],
        [3.35, 3.6],
        [3.9, 6.01],
        [8.2, 9.95],
      ],
    ],
  ];
  for (const [name, sections] of cuts) {
    it(`leaves exactly the other frames when it removes ${name}`, async () => {
      const output = bench.file(`${name.replace(/\W/g, '-')}.mp4`);
      const report = await bench.remove(source, output, ...sections);
      const expected = remaining(FRAMES, 30, ...sections);
      assert.deepEqual(await frameNumbers(output), expected);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.equal(report.frames, expected.length);
      assert.equal(await decoderMessages(output), '');
      await assertClockwork(output, expected.length, 30);
      await assertCopies(source, output, expected, report.reencodedFrames);
      await assertInStep(output);
    });
  }

  it('keeps sound and picture together over twenty joins', async () => {
    const output = bench.file('twenty.mp4');
    // Odd lengths, so that an error of half a packet each would add up.
    const sections = Array.from({ length: 20 }, (_, n): [number, number] => [
      0.211 + n * 0.45,
      0.211 + n * 0.45 + 0.147,
    ]);
    await bench.remove(source, output, ...sections);
    const expected = remaining(FRAMES, 30, ...sections);
    assert.deepEqual(await frameNumbers(output), expected);
    await assertInStep(output);
    const video = expected.length / 30;
    const heard = (await sound(output)).length / 48_000;
    assert.ok(Math.abs(heard - video) < 0.03, `sound ${heard} s, picture ${video} s`);
  });

  it('is exact for 29.97 frames a second', async () => {
    const input = bench.file('ntsc.mov');
    await makeClip(input, { frames: 150, rate: '30000/1001' });
    const output = bench.file('ntsc-cut.mov');
    const report = await bench.remove(input, output, [1.234, 2.789]);
    const expected = remaining(150, 30000 / 1001, [1.234, 2.789]);
    assert.equal(report.method, 'smart', report.notes.join(' '));
    assert.deepEqual(await frameNumbers(output), expected);
    await assertClockwork(output, expected.length, 30000 / 1001);
    // A whole second lies up to 5 ms before the frame that flashes for it.
    await assertInStep(output, 0.005);
  });

  for (const [profile, video] of Object.entries({
    baseline: '-profile:v baseline -bf 0',
    main: '-profile:v main -bf 1',
    'high with a pyramid of B-frames': '-profile:v high -bf 5 -refs 5',
    'weighted prediction off, CAVLC': '-coder 0 -x264-params weightp=0:open-gop=0',
  })) {
    it(`is exact for ${profile}`, async () => {
      const input = bench.file(`${profile.replace(/\W/g, '-')}.mp4`);
      const coding = `-c:v libx264 -preset veryfast -g 40 -sc_threshold 0 ${video}`.split(' ');
      await makeClip(input, { frames: 150, video: coding });
      const output = `${input}-cut.mp4`;
      const report = await bench.remove(input, output, [0.7, 2.9]);
      const expected = remaining(150, 30, [0.7, 2.9]);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.deepEqual(await frameNumbers(output), expected);
      assert.equal(await decoderMessages(output), '');
      await assertCopies(input, output, expected, report.reencodedFrames);
    });
  }

  // Containers mark the recovery points of open groups as keyframes; copied from there as it is, H.264 shows wrong
  // pictures silently.
  for (const section of [
    [0.81, 1.9],
    [3.02, 4.49],
    [5.51, 7.99],
  ] as const) {
    it(`is exact for open groups of pictures, without ${section.join('–')} s`, async () => {
      const input = bench.file('open.mp4');
      const coding = '-c:v libx264 -preset veryfast -bf 3 -x264-params keyint=30:open-gop=1:scenecut=0';
      await makeClip(input, { video: coding.split(' ') });
      const output = bench.file(`open-${section[0]}.mp4`);
      const report = await bench.remove(input, output, section);
      const expected = remaining(240, 30, section);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.deepEqual(await frameNumbers(output), expected);
      assert.ok(report.reencodedFrames <= 33, `${report.reencodedFrames} frames were encoded`);
      assert.equal(await decoderMessages(output), '');
      await assertCopies(input, output, expected, report.reencodedFrames);
    });
  }

  it('is exact in Matroska', async () => {
    const input = bench.file('source.mkv');
    await makeClip(input, { frames: 150 });
    const output = bench.file('cut.mkv');
    const report = await bench.remove(input, output, [1.51, 3.26]);
    assert.equal(report.method, 'smart', report.notes.join(' '));
    assert.deepEqual(await frameNumbers(output), remaining(150, 30, [1.51, 3.26]));
    assert.equal(await decoderMessages(output), '');
    await assertInStep(output);
  });

  it('keeps rotation, pixel aspect, colours and language', async () => {
    const plain = bench.file('plain.mp4');
    const colours =
      '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -aspect 2.4 -metadata:s:a:0 language=deu';
    await makeClip(plain, { frames: 90, output: [...colours.split(' '), '-metadata', 'title=A title'] });
    const input = bench.file('rotated.mp4');
    const { ffmpeg } = await import('./clips.js');
    await ffmpeg('-display_rotation', '90', '-i', plain, '-map', '0', '-c', 'copy', input).catch(() =>
      ffmpeg('-i', plain, '-map', '0', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', input),
    );
    const output = bench.file('rotated-cut.mp4');
    await bench.remove(input, output, [1, 1.5]);
    const before = await streams(input);
    const after = await streams(output);
    for (const [n, stream] of before.entries()) {
      const { sample_aspect_ratio, color_space, color_transfer, color_primaries, side_data_list } = stream;
      const now = after[n];
      assert.equal(now?.sample_aspect_ratio, sample_aspect_ratio);
      assert.deepEqual(
        [now?.color_space, now?.color_transfer, now?.color_primaries],
        [color_space, color_transfer, color_primaries],
      );
      assert.deepEqual(now?.side_data_list, side_data_list);
    }
    assert.equal(after.find((stream) => stream.codec_type === 'audio')?.tags?.language, 'deu');
    const summary = await bench.engine.probe(output);
    assert.equal(summary.video?.rotation, (await bench.engine.probe(input)).video?.rotation);
    assert.notEqual(summary.video?.rotation, 0);
  });
});

/** First frame at 0, equal steps, decode times that rise and never lie after the presentation. */
async function assertClockwork(file: string, frames: number, rate: number): Promise<void> {
  const times = await frameTimes(file);
  assert.equal(times.length, frames);
  for (const [n, time] of times.entries()) {
    assert.ok(Math.abs(time - n / rate) < 2e-6 * (n + 1), `frame ${n} at ${time} instead of ${n / rate}`);
  }
  let last = Number.NEGATIVE_INFINITY;
  for (const { pts, dts } of await packets(file)) {
    assert.ok(dts > last && dts <= pts, `dts ${dts} after ${last}, pts ${pts}`);
    last = dts;
  }
}

/** All frames but the re-encoded ones are the source's to the bit; those look the same. */
async function assertCopies(
  source: string,
  output: string,
  expected: readonly number[],
  encoded: number,
): Promise<void> {
  const before = await frameHashes(source);
  const after = await frameHashes(output);
  const changed = expected.flatMap((n, position) => (before[n] === after[position] ? [] : [{ n, position }]));
  assert.ok(changed.length <= encoded, `${changed.length} frames differ, ${encoded} were to be encoded`);
  const [was, is] = await Promise.all([grayFrames(source), grayFrames(output)]);
  for (const { n, position } of changed) {
    const quality = psnr(was[n] ?? new Uint8Array(), is[position] ?? new Uint8Array(1));
    assert.ok(quality >= 45, `frame ${n} has ${quality.toFixed(1)} dB`);
  }
}

/**
 * Each flash that is whole (the beep after it was not cut) is within half an AAC frame of its beep.
 *
 * @param early seconds that the source's own beeps come before their flashes
 */
async function assertInStep(file: string, early = 0): Promise<void> {
  const [seen, times, heard] = await Promise.all([flashes(file), frameTimes(file), sound(file).then(beeps)]);
  assert.ok(seen.length > 0, 'no flash is left to measure');
  for (const frame of seen) {
    const time = times[frame] ?? Number.NaN;
    const nearest = Math.min(...heard.map((beep) => Math.abs(beep - time)));
    // Two samples of a beep pass before it is loud enough to be noticed.
    assert.ok(
      nearest <= 514 / 48_000 + early,
      `flash at ${time}: nearest beep ${nearest} s away; beeps ${heard.join(' ')}`,
    );
  }
}
