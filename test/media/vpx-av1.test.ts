import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';

import { assertPlays, openPlayer, type Player } from './chromium.js';
import {
  decoderMessages,
  ffmpeg,
  frameHashes,
  frameNumbers,
  frameTimes,
  grayFrames,
  makeClip,
  psnr,
  streams,
} from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const FRAMES = 150;

/** Removed sections in seconds: at the start, from and to a keyframe, between keyframes, up to the end. */
const SECTIONS = [
  [0, 0.45],
  [1.33, 2.66],
  [3.34, 3.67],
  [4.61, 5],
] as const;
const EXPECTED = remaining(FRAMES, 30, ...SECTIONS);

const VP8 = '-c:v libvpx -b:v 1M -crf 10 -g 40 -deadline good -cpu-used 5 -threads 1';
const VP9 = '-c:v libvpx-vp9 -b:v 0 -crf 32 -g 40 -deadline good -cpu-used 5';
const SVT = '-c:v libsvtav1 -preset 9 -crf 35 -g 40';
const AOM = '-c:v libaom-av1 -cpu-used 8 -crf 35 -b:v 0 -g 40';
const ALTERNATES = '-auto-alt-ref 1 -lag-in-frames 16';

interface Case {
  readonly name: string;
  readonly ending: string;
  /** Ending of the result where it is another. */
  readonly into?: string;
  readonly coding: string;
  /** The encoder has to see the clip twice to make alternate references. */
  readonly passes?: true;
  readonly format?: string;
  /** It is played in Chromium too. */
  readonly plays?: true;
}

const CASES: readonly Case[] = [
  { name: 'VP8 with alternate references', ending: 'webm', coding: `${VP8} ${ALTERNATES}`, passes: true, plays: true },
  { name: 'VP8', ending: 'mkv', coding: VP8 },
  { name: 'VP9 with alternate references', ending: 'webm', coding: `${VP9} ${ALTERNATES}`, passes: true, plays: true },
  { name: 'VP9', ending: 'mp4', coding: VP9 },
  { name: 'VP9, 4:4:4', ending: 'webm', coding: VP9, format: 'yuv444p' },
  { name: 'VP9, 10 bit', ending: 'mp4', coding: VP9, format: 'yuv420p10le' },
  { name: 'VP9 of other colours, from webm into mp4', ending: 'webm', into: 'mp4', coding: `${VP9} -colorspace bt709` },
  { name: 'AV1 by SVT', ending: 'mp4', coding: SVT, plays: true },
  { name: 'AV1 by SVT, full range', ending: 'webm', coding: `${SVT} -color_range pc -colorspace bt709` },
  { name: 'AV1 by aom, 10 bit', ending: 'mkv', coding: AOM, format: 'yuv420p10le' },
  { name: 'AV1 by aom, from mp4 into webm', ending: 'mp4', into: 'webm', coding: AOM, plays: true },
];

describe('Smart cut of VP8, VP9 and AV1', function () {
  this.timeout(60_000);
  let bench: Bench;
  let player: Player | undefined;

  before(async () => {
    bench = await openBench();
    player = await openPlayer();
  });
  after(async () => {
    await player?.close();
    await bench.close();
  });

  for (const [n, { name, ending, into = ending, coding, passes, format = 'yuv420p', plays }] of CASES.entries()) {
    it(`is exact in ${name} (${into})`, async () => {
      const source = bench.file(`${n}.${ending}`);
      const options = { frames: FRAMES, audio: false, output: ['-pix_fmt', format] } as const;
      const log = ['-passlogfile', bench.file(`${n}`)];
      if (passes) await makeClip(source, { ...options, video: [...coding.split(' '), '-pass', '1', ...log] });
      const second = passes ? ['-pass', '2', ...log] : [];
      await makeClip(source, { ...options, video: [...coding.split(' '), ...second] });
      const output = bench.file(`${n}-cut.${into}`);
      const report = await bench.remove(source, output, ...SECTIONS);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.deepEqual(await frameNumbers(output), EXPECTED);
      assert.equal(await decoderMessages(output), '');
      await assertTimes(output, EXPECTED.length);
      await assertCopies(source, output, report.reencodedFrames);
      await assertDescription(source, output);
      if (plays && player) await assertPlays(player, output, EXPECTED);
    });
  }

  it('cuts a clip of AV1 again that was joined before', async () => {
    const sections = [[0.5, 1.2]] as const;
    const source = bench.file('first.mp4');
    await makeClip(source, { frames: FRAMES, video: SVT.split(' '), audio: false });
    const once = bench.file('once.mp4');
    await bench.remove(source, once, ...sections);
    const twice = bench.file('twice.mp4');
    const report = await bench.remove(once, twice, [2.1, 3.3]);
    assert.equal(report.method, 'smart', report.notes.join(' '));
    const left = remaining(FRAMES, 30, ...sections).filter((_, place) => place < 63 || place >= 99);
    assert.deepEqual(await frameNumbers(twice), left);
    assert.equal(await decoderMessages(twice), '');
  });

  it('refuses a clip of VP9 whose pictures change their size midway', async () => {
    const small = bench.file('small.webm');
    const large = bench.file('large.webm');
    const both = bench.file('both.webm');
    const video = VP9.split(' ');
    await makeClip(small, { frames: 30, video, audio: false });
    await ffmpeg('-i', small, '-vf', 'scale=640:360', ...video, large);
    await writeFile(bench.file('list.txt'), `file ${small}\nfile ${large}\n`);
    await ffmpeg('-f', 'concat', '-safe', '0', '-i', bench.file('list.txt'), '-c', 'copy', both);
    await assert.rejects(bench.remove(both, bench.file('cut.webm'), [0.3, 0.6]), /changes its size/);
  });
});

/** Copied frames are the source's to the bit, the others as good as. */
async function assertCopies(source: string, output: string, encoded: number): Promise<void> {
  const before = { hashes: await frameHashes(source), gray: await grayFrames(source) };
  const after = { hashes: await frameHashes(output), gray: await grayFrames(output) };
  const changed = EXPECTED.flatMap((number, place) => (after.hashes[place] === before.hashes[number] ? [] : [place]));
  assert.equal(changed.length, encoded);
  assert.ok(encoded > 0 && encoded < EXPECTED.length * 0.7, `${encoded} of ${EXPECTED.length}`);
  for (const place of changed) {
    const quality = psnr(after.gray[place] ?? Buffer.of(), before.gray[EXPECTED[place] ?? -1] ?? Buffer.of(1));
    assert.ok(quality >= 45, `frame ${place}: ${quality} dB`);
  }
}

async function assertDescription(source: string, output: string): Promise<void> {
  const [before] = await streams(source);
  const [after] = await streams(output);
  for (const key of ['codec_name', 'profile', 'color_space', 'color_transfer', 'color_primaries'] as const) {
    assert.equal(after?.[key], before?.[key], key);
  }
}

/** Frames follow each other by the step of the source. */
async function assertTimes(file: string, count: number): Promise<void> {
  const times = await frameTimes(file);
  assert.equal(times.length, count);
  // Matroska rounds to milliseconds, and so does the length of each kept range.
  for (const [n, time] of times.entries()) assert.ok(Math.abs(time - n / 30) < 0.003, `frame ${n} at ${time}`);
}
