import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import type { CutReport } from '../../src/media/media.js';
import { keptRanges } from '../../src/timeline/sections.js';
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
  sound,
} from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

const RATE = 30;

async function probe(file: string, ...arguments_: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', ...arguments_, '-of', 'json', file]);
  return stdout;
}

interface Shown {
  /** Number of the source's frame. */
  readonly frame: number;
  /** The frame that is mixed into it, and how much of it. */
  readonly mix?: { readonly with: number; readonly weight: number };
}

/** The frames of a result by the rule: the last `mixed` of a range are shown with the first of the next one. */
function expected(ranges: readonly (readonly [number, number])[], mixed: readonly number[]): Shown[] {
  return ranges.flatMap(([first, last], n): Shown[] => {
    const own = first + (mixed[n - 1] ?? 0);
    const count = mixed[n] ?? 0;
    const next = ranges[n + 1]?.[0] ?? 0;
    return Array.from({ length: last - own }, (_, i) => {
      const frame = own + i;
      const k = frame - (last - count);
      return k < 0 ? { frame } : { frame, mix: { with: next + k, weight: (k + 1) / (count + 1) } };
    });
  });
}

describe('Dissolves at the joins', function () {
  this.timeout(240_000);
  let bench: Bench;

  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  async function dissolve(
    input: string,
    output: string,
    seconds: number,
    ...sections: readonly (readonly [number, number])[]
  ): Promise<CutReport> {
    const { duration } = await bench.engine.probe(input);
    const kept = keptRanges(toSections(sections), { in: 0, out: duration });
    return bench.engine.cut({ input, output, kept, join: { kind: 'dissolve', duration: seconds * 1e6 } });
  }

  /** Each frame is the source's by its number, and each mixed one the weighted mean of its two. */
  async function assertFrames(source: string, output: string, shown: readonly Shown[]): Promise<void> {
    const [numbers, frames, originals] = [
      await frameNumbers(output),
      await grayFrames(output),
      await grayFrames(source),
    ];
    assert.equal(numbers.length, shown.length);
    for (const [n, { frame, mix }] of shown.entries()) {
      if (!mix) {
        assert.equal(numbers[n], frame, `frame ${n}`);
        continue;
      }
      const [a, b] = [originals[frame], originals[mix.with]];
      const mean = a?.map((value, i) => Math.round(value * (1 - mix.weight) + (b?.[i] ?? 0) * mix.weight));
      const likeness = psnr(frames[n] ?? new Uint8Array(), mean ?? new Uint8Array());
      assert.ok(likeness >= 40, `mixed frame ${n}: ${likeness.toFixed(1)} dB`);
    }
  }

  async function assertSteps(output: string, rate = RATE, tolerance = 0.0015): Promise<void> {
    for (const [n, time] of (await frameTimes(output)).entries())
      assert.ok(Math.abs(time - n / rate) < tolerance, `frame ${n} at ${time}`);
  }

  it('mixes the last half second before the join with the first one after it, and copies the rest', async () => {
    const [source, output] = [bench.file('half.mp4'), bench.file('half-out.mp4')];
    await makeClip(source, { frames: 150 });
    const report = await dissolve(source, output, 0.5, [1.9, 3.1]);
    assert.equal(report.method, 'smart');
    assert.equal(report.frames, 150 - 36 - 15);
    assert.equal(report.duration, 3_300_000);
    assert.deepEqual(report.notes, []);
    assert.ok(report.reencodedFrames < 60, `${report.reencodedFrames} frames encoded`);
    // Nothing from 57 to 92 is shown, mixed or not.
    await assertFrames(
      source,
      output,
      expected(
        [
          [0, 57],
          [93, 150],
        ],
        [15],
      ),
    );
    await assertSteps(output);
    assert.equal(await decoderMessages(output), '');
  });

  it('keeps flash and beep together behind every dissolve, and the lengths of both', async () => {
    const [source, output] = [bench.file('sync.mp4'), bench.file('sync-out.mp4')];
    await makeClip(source, { frames: 150 });
    const sections = [
      [0.71, 1.33],
      [2.377, 3.211],
    ] as const;
    const report = await dissolve(source, output, 0.25, ...sections);
    assert.equal(report.method, 'smart');
    // Smart in the sound too: nothing said that it was encoded whole.
    assert.ok(!bench.log.some((line) => line.includes('encoded whole')), bench.log.join('\n'));
    const samples = await sound(output);
    const [shown, heard] = [await flashes(output), beeps(samples)];
    assert.deepEqual(
      heard.map((time) => Math.round(time * RATE)),
      shown,
    );
    for (const [n, time] of heard.entries()) {
      const off = Math.abs(time - (shown[n] ?? 0) / RATE);
      assert.ok(off < 512 / 48_000 + 0.002, `beep ${n} is off by ${off.toFixed(4)} s`);
    }
    assert.ok(shown.length >= 3);
    assert.ok(Math.abs(samples.length / 48_000 - report.frames / RATE) < 0.03);
  });

  it('lets the sound neither jump nor sink nor bring back what was removed', async () => {
    const [source, output] = [bench.file('tone.mp4'), bench.file('tone-out.mp4')];
    // A low tone before and a higher one after, and a loud noise that goes.
    await makeClip(source, { frames: 150, audio: false });
    const voiced = bench.file('tone-sound.mp4');
    const tone = '0.25*if(lt(t,2),sin(2*PI*300*t),if(lt(t,3),3*sin(2*PI*5000*t),sin(2*PI*700*t)))';
    await ffmpeg(
      ...['-i', source, '-f', 'lavfi', '-i', `aevalsrc='${tone}':s=48000:d=5`],
      ...['-c:v', 'copy', '-c:a', 'aac', '-b:a', '160k', voiced],
    );
    await dissolve(voiced, output, 0.5, [2, 3]);
    const samples = await sound(output);
    let step = 0;
    for (let i = 24_000; i < samples.length - 24_000; i++)
      step = Math.max(step, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
    // The steepest of the loudest mix of both tones is 0.034; the removed tone has steps of 0.48.
    assert.ok(step < 0.06, `a step of ${step.toFixed(3)}`);
    const level = (from: number, to: number): number => {
      const part = samples.subarray(from * 48_000, to * 48_000);
      return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
    };
    // The join lies at 1.5 to 2 s: of two unlike sounds the power stays the same.
    const outside = level(0.5, 1.4);
    for (let at = 1.5; at < 2; at += 0.1) {
      const ratio = level(at, at + 0.1) / outside;
      assert.ok(Math.abs(ratio - 1) < 0.12, `level ${ratio.toFixed(3)} at ${at.toFixed(1)} s`);
    }
  });

  it('takes less where the parts are short, and cuts plainly where they are too short', async () => {
    const [source, output] = [bench.file('short.mp4'), bench.file('short-out.mp4')];
    await makeClip(source, { frames: 150 });
    // Kept: 0–30, 45–69 (24 frames, at most 6 at each side), 90–93 (too short), 120–150.
    const report = await dissolve(source, output, 1, [1, 1.5], [2.3, 3], [3.1, 4]);
    assert.equal(report.method, 'smart');
    await assertFrames(
      source,
      output,
      expected(
        [
          [0, 30],
          [45, 69],
          [90, 93],
          [120, 150],
        ],
        [6, 0, 0],
      ),
    );
    await assertSteps(output);
    assert.deepEqual(
      beeps(await sound(output)).map((time) => Math.round(time * RATE)),
      await flashes(output),
    );
    assert.match(report.notes.join(' '), /2 joins are plain cuts/);
    assert.match(report.notes.join(' '), /One join has a shorter dissolve/);
  });

  it('dissolves at many joins', async () => {
    const [source, output] = [bench.file('many.mp4'), bench.file('many-out.mp4')];
    await makeClip(source, { frames: 150 });
    const report = await dissolve(source, output, 0.25, [0.9, 1.1], [2, 2.2], [3.1, 3.3], [4.2, 4.3]);
    const ranges = [
      [0, 27],
      [33, 60],
      [66, 93],
      [99, 126],
      [129, 150],
    ] as const;
    // Inner ranges give at most a quarter of their 27 frames at each side.
    await assertFrames(source, output, expected(ranges, [6, 6, 6, 6]));
    await assertSteps(output);
    assert.equal(report.frames, 150 - 6 - 6 - 6 - 3 - 24);
    const samples = await sound(output);
    assert.ok(Math.abs(samples.length / 48_000 - report.frames / RATE) < 0.03);
  });

  it('keeps subtitles and chapters in order, and each of them once', async () => {
    const [source, output] = [bench.file('kept.mkv'), bench.file('kept-out.mkv')];
    const [picture, cues, chapters] = [bench.file('kept-picture.mkv'), bench.file('kept.srt'), bench.file('kept.txt')];
    await makeClip(picture, { frames: 150, audio: false });
    const cue = (n: number, from: string, to: string): string => `${n}\n00:00:0${from} --> 00:00:0${to}\ncue ${n}\n\n`;
    // The second cue reaches over the whole join, the third begins behind it.
    await writeFile(cues, cue(1, '0,500', '1,000') + cue(2, '1,200', '3,900') + cue(3, '4,000', '4,500'));
    const chapter = (from: number, to: number): string =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${to}\ntitle=from ${from}\n`;
    await writeFile(chapters, `;FFMETADATA1\n${chapter(0, 2500)}${chapter(2500, 5000)}`);
    await ffmpeg(
      ...['-i', picture, '-i', cues, '-i', chapters, '-map', '0', '-map', '1', '-map_metadata', '2'],
      ...['-c', 'copy', '-c:s', 'srt', source],
    );
    await dissolve(source, output, 1, [2, 3]);
    const { packets = [], chapters: found = [] } = JSON.parse(
      await probe(
        output,
        '-select_streams',
        's:0',
        '-show_entries',
        'packet=pts_time,duration_time:chapter=start_time',
      ),
    ) as { packets?: Record<string, string>[]; chapters?: Record<string, string>[] };
    assert.deepEqual(
      packets.map(({ pts_time, duration_time }) => [Number(pts_time), Number(duration_time)]),
      [
        [0.5, 0.5],
        [1.2, 0.7],
        [2, 0.5],
      ],
    );
    assert.deepEqual(
      found.map(({ start_time }) => Number(start_time)),
      [0, 1.5],
    );
  });

  it('dissolves sound alone', async () => {
    const [source, output] = [bench.file('alone.m4a'), bench.file('alone-out.m4a')];
    await ffmpeg('-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=6', '-c:a', 'aac', source);
    const report = await dissolve(source, output, 0.5, [2, 3]);
    assert.ok(Math.abs(report.duration - 4_500_000) < 30_000, String(report.duration));
    const samples = await sound(output);
    assert.ok(Math.abs(samples.length / 48_000 - report.duration / 1e6) < 0.03);
  });

  const OTHERS = [
    [
      'H.264 with open groups of pictures in Matroska',
      'open.mkv',
      '-c:v libx264 -preset veryfast -crf 18 -g 30 -bf 3 -x264-params open-gop=1:scenecut=0',
      'smart',
    ],
    [
      'HEVC in Matroska',
      'hevc.mkv',
      '-c:v libx265 -preset ultrafast -crf 16 -x265-params keyint=30:scenecut=0:log-level=none',
      'smart',
    ],
    [
      'HEVC of 10 bits in mp4',
      'deep.mp4',
      '-c:v libx265 -preset ultrafast -crf 14 -x265-params keyint=30:scenecut=0:log-level=none',
      'smart',
    ],
    ['VP9 in WebM', 'vp9.webm', '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 16 -b:v 0 -g 30', 'smart'],
    ['MPEG-4 part 2 in AVI, which is encoded whole', 'old.avi', '-c:v mpeg4 -q:v 2 -g 40 -bf 2', 'reencode'],
    ['MPEG-2 with B-frames, which is encoded whole', 'two.ts', '-c:v mpeg2video -q:v 2 -g 15 -bf 2', 'reencode'],
  ] as const;
  for (const [name, file, video, method] of OTHERS) {
    it(`works for ${name}`, async () => {
      const source = bench.file(file);
      const ending =
        { avi: 'mp4', ts: 'mp4' }[file.slice(-2) === 'ts' ? 'ts' : file.slice(-3)] ?? file.split('.').at(-1);
      const output = bench.file(`${file}-out.${ending}`);
      const audio = ['-c:a', { webm: 'libopus', '.avi': 'pcm_s16le' }[file.slice(-4)] ?? 'aac'];
      const format = file.startsWith('deep') ? ['-pix_fmt', 'yuv420p10le'] : [];
      await makeClip(source, { frames: 120, video: video.split(' '), audio, output: format });
      const report = await dissolve(source, output, 0.25, [1.45, 2.2]);
      assert.equal(report.method, method, report.notes.join(' '));
      // 7.5 frames: the nearest whole number is 8.
      await assertFrames(
        source,
        output,
        expected(
          [
            [0, 44],
            [66, 120],
          ],
          [8],
        ),
      );
      await assertSteps(output);
      const [shown, heard] = [await flashes(output), beeps(await sound(output))];
      assert.deepEqual(
        heard.map((time) => Math.round(time * RATE)),
        shown,
      );
    });
  }
});
