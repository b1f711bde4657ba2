import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { keptRanges } from '../../src/timeline/sections.js';
import { frameNumbers, makeClip, streams } from './clips.js';
import {
  insertPictureData,
  readPictureData,
  type Inserted,
  type PictureData,
  type VisionProfile,
} from './picture-data.js';
import { brightness, captions, vision } from './picture-messages.js';
import { openBench, remaining, toSections, type Bench } from './workbench.js';

const SCREEN = 'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)';
const COLOURS = 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc';
const X265 = `log-level=none:open-gop=0:keyint=30:bframes=0:${COLOURS}`;

describe('Pictures of high dynamic range', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => (bench = await openBench()));
  after(() => bench.close());

  for (const [name, coding] of [
    ['HEVC', `-c:v libx265 -preset ultrafast -x265-params ${X265}:hdr10=1:master-display=${SCREEN}:max-cll=1000,400`],
    ['H.264', `-c:v libx264 -preset ultrafast -x264-params ${COLOURS}:mastering-display=${SCREEN}:cll=1000,400`],
  ] as const) {
    for (const ending of ['mp4', 'mkv'] as const) {
      it(`say how they were graded when they are encoded whole, too: ${name} in ${ending}`, async () => {
        const input = bench.file(`${name}.${ending}`);
        await makeClip(input, { frames: 60, video: coding.split(' '), output: ['-pix_fmt', 'yuv420p10le'] });
        const output = bench.file(`${name}-small.${ending}`);
        const kept = keptRanges(toSections([[0.5, 1]]), { in: 0, out: 2_000_000 });
        const report = await bench.engine.cut({ input, output, kept, height: 90 });
        assert.equal(report.method, 'reencode');
        // Where players look for it that do not decode: mdcv and clli in mp4, MasteringMetadata in Matroska.
        const [stream] = await streams(output);
        assertLight(JSON.stringify(stream, null, 1));
        // ffmpeg 5.1 does not read it out of pictures of H.264.
        if (name === 'HEVC') for (const file of [input, output]) assertLight(await light(file));
      });
    }
  }

  describe('with data of each picture', () => {
    let plain: string;
    before(async () => {
      plain = bench.file('plain.mp4');
      const coding = `-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=1:keyint=30:bframes=3:${COLOURS}`;
      const video = coding.split(' ');
      await makeClip(plain, { frames: 90, video, output: ['-pix_fmt', 'yuv420p10le'] });
    });

    const cut = [
      [0.51, 0.82],
      [1.21, 2.02],
    ] as const;
    const left = remaining(90, 30, ...cut);
    const both: Inserted = {
      dataOf: (picture) => ({ before: brightness(picture), behind: vision(picture) }),
      vision: { profile: 8, compatibility: 1 },
    };

    for (const [from, into] of [
      ['mp4', 'mp4'],
      ['mov', 'mov'],
      ['mkv', 'mkv'],
      ['mkv', 'mp4'],
      ['ts', 'ts'],
    ] as const) {
      it(`keep HDR10+ and Dolby Vision of every picture at the joins as well, from ${from} into ${into}`, async () => {
        const input = bench.file(`both.${from}`);
        // FFmpeg announces Dolby Vision in mp4, not in mov; both are alike else.
        const made = from === 'mov' ? bench.file('both-for-mov.mp4') : input;
        if (!existsSync(made)) await insertPictureData(plain, made, both);
        if (made !== input) await copyFile(made, input);
        const output = bench.file(`both-${from}-cut.${into}`);
        const report = await bench.remove(input, output, ...cut);
        assert.equal(report.method, 'smart', [...report.notes, ...bench.log.slice(-3)].join(' '));
        assert.ok(report.reencodedFrames > 3, `${report.reencodedFrames} frames`);
        assert.deepEqual(report.notes, []);
        assert.deepEqual(await frameNumbers(output), left);
        assert.deepEqual(
          await readPictureData(output),
          left.map((picture) => ({ captions: false, brightness: picture, vision: picture })),
        );
        const [was, is] = [await streams(input), await streams(output)].map(([stream]) => JSON.stringify(stream));
        const announced = /"dv_profile":8/;
        assert.match(was ?? '', announced);
        assert.match(is ?? '', announced);
      });
    }

    it('keep HDR10+ alone', async () => {
      const input = bench.file('plus.mp4');
      await insertPictureData(plain, input, { dataOf: (picture) => ({ before: brightness(picture) }) });
      const output = bench.file('plus-cut.mp4');
      const report = await bench.remove(input, output, ...cut);
      assert.equal(report.method, 'smart');
      const found = (await readPictureData(output)).map((picture) => picture.brightness);
      assert.deepEqual(found, left);
    });

    for (const [codec, tag, coding] of [
      ['h264', 'avc1', '-c:v libx264 -preset veryfast -g 30'],
      ['hevc', 'hvc1', '-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=30'],
      // In the order shown: the judge gives hidden frames the data of those that are shown in their place.
      ['av1', 'av01', '-c:v libsvtav1 -preset 12 -g 30 -svtav1-params pred-struct=1'],
    ] as const) {
      it(`keep captions: ${codec}`, async () => {
        const bare = bench.file(`bare-${codec}.mp4`);
        await makeClip(bare, { frames: 90, video: coding.split(' ') });
        const input = bench.file(`captions-${codec}.mp4`);
        // Before a keyframe of AV1 its headers would have to stand.
        const has = (picture: number): boolean => picture % 2 > 0;
        const dataOf = (picture: number): PictureData => (has(picture) ? { before: captions(codec) } : {});
        await insertPictureData(bare, input, { dataOf, tag });
        const output = bench.file(`captions-${codec}-cut.mp4`);
        const report = await bench.remove(input, output, ...cut);
        assert.equal(report.method, 'smart');
        const found = (await readPictureData(output)).map((picture) => picture.captions);
        assert.deepEqual(found, left.map(has));
      });
    }

    it('keep HDR10 in AV1', async () => {
      const input = bench.file('light-av1.mp4');
      const screen = 'G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005)';
      const hdr = `-svtav1-params enable-hdr=1:mastering-display=${screen}:content-light=1000,400`;
      const colours = '-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc';
      const video = `-c:v libsvtav1 -preset 12 -g 30 ${hdr} ${colours}`.split(' ');
      await makeClip(input, { frames: 90, video, output: ['-pix_fmt', 'yuv420p10le'] });
      const output = bench.file('light-av1-cut.mp4');
      const report = await bench.remove(input, output, [0, 0.5]);
      assert.equal(report.method, 'smart');
      assert.match(await light(input), /"max_content": 1000/);
      assert.match(await light(output), /"max_content": 1000/);
    });

    it('are told to be lost where they are not announced: from mkv into mov', async () => {
      const input = bench.file('announced.mkv');
      await insertPictureData(plain, input, both);
      const report = await bench.remove(input, bench.file('announced-cut.mov'), ...cut);
      assert.equal(report.method, 'smart');
      assert.deepEqual(report.notes, ['Not kept: the Dolby Vision data.']);
    });

    it('keep those of the picture that fades out in a dissolve', async () => {
      const input = bench.file('dissolved.mp4');
      await insertPictureData(plain, input, both);
      const output = bench.file('dissolved-cut.mp4');
      const kept = keptRanges(toSections([[1, 2]]), { in: 0, out: 3_000_000 });
      const join = { kind: 'dissolve', duration: 300_000 } as const;
      const report = await bench.engine.cut({ input, output, kept, join });
      assert.equal(report.method, 'smart', report.notes.join(' '));
      const found = (await readPictureData(output)).map((picture) => picture.vision);
      assert.deepEqual(
        found,
        remaining(90, 30, [1, 2]).filter((picture) => picture < 30 || picture >= 69),
      );
    });

    it('keep the colours of Dolby Vision that stand on no others', async () => {
      const input = bench.file('own.mp4');
      const profile = { profile: 5, compatibility: 0 };
      await insertPictureData(plain, input, { ...both, vision: profile, tag: 'dvh1' });
      const output = bench.file('own-cut.mp4');
      const report = await bench.remove(input, output, ...cut);
      assert.equal(report.method, 'smart', [...report.notes, ...bench.log.slice(-3)].join(' '));
      const found = (await readPictureData(output)).map((picture) => picture.vision);
      assert.deepEqual(found, left);
      const [stream] = await streams(output);
      assert.match(JSON.stringify(stream), /"codec_tag_string":"dvh1".*"dv_profile":5/);
    });

    const leaning = (profile: VisionProfile): Inserted => ({
      dataOf: (picture) => ({ behind: vision(picture, picture === 0) }),
      vision: profile,
    });

    it('lose Dolby Vision where its data lean on those before, and the report says so', async () => {
      const input = bench.file('leaning-8.mp4');
      await insertPictureData(plain, input, leaning({ profile: 8, compatibility: 1 }));
      const output = bench.file('leaning-8-cut.mp4');
      const report = await bench.remove(input, output, [1, 2]);
      assert.equal(report.method, 'reencode');
      assert.match(report.notes.join(' '), /it is Dolby Vision/);
      assert.match(report.notes.join(' '), /Not kept: the Dolby Vision data\./);
      assert.deepEqual(await frameNumbers(output), remaining(90, 30, [1, 2]));
      assert.equal((await readFile(output)).includes('dvvC'), false);
    });

    it('are refused in words where their colours would be false without them', async () => {
      const input = bench.file('leaning-5.mp4');
      await insertPictureData(plain, input, { ...leaning({ profile: 5, compatibility: 0 }), tag: 'dvh1' });
      const output = bench.file('leaning-5-cut.mp4');
      await assert.rejects(bench.remove(input, output, [1, 2]), /Dolby Vision of a kind \(profile 5\)/);
      assert.equal(existsSync(output), false);
    });
  });
});

/** What ffprobe says beside the first picture. */
async function light(file: string): Promise<string> {
  const shown = '-v error -select_streams v:0 -read_intervals %+#1 -show_frames -of json'.split(' ');
  const { stdout } = await promisify(execFile)('ffprobe', [...shown, file]);
  return stdout;
}

function assertLight(found: string): void {
  const fraction = (name: string): number => {
    const [, above = '', below = ''] = new RegExp(`"${name}": "(\\d+)/(\\d+)"`).exec(found) ?? [];
    return Number(above) / Number(below);
  };
  const near = (name: string, value: number): void => {
    assert.ok(Math.abs(fraction(name) - value) < 1e-4, `${name} is ${fraction(name)}`);
  };
  near('red_x', 0.68);
  near('green_y', 0.69);
  near('blue_x', 0.15);
  near('white_point_y', 0.329);
  near('max_luminance', 1000);
  near('min_luminance', 0.005);
  assert.match(found, /"max_content": 1000/);
  assert.match(found, /"max_average": 400/);
  assert.match(found, /"color_transfer": "smpte2084"/);
}
