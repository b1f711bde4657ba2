import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { keptRanges } from '../../src/timeline/sections.js';
import { ffmpeg, frameNumbers, makeClip, streams } from './clips.js';
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

  describe('with the data of Dolby Vision', () => {
    let plain: string;
    before(async () => {
      const bare = bench.file('bare.hevc');
      const video = `-c:v libx265 -preset ultrafast -x265-params ${X265}:aud=1`.split(' ');
      await makeClip(bare, { frames: 90, video, audio: false, output: ['-pix_fmt', 'yuv420p10le'] });
      await writeFile(bare, withPictureData(await readFile(bare)));
      plain = bench.file('base.mp4');
      await ffmpeg('-r', '30', '-f', 'hevc', '-i', bare, '-c', 'copy', '-tag:v', 'hvc1', plain);
    });

    it('lose them where they are encoded anew, and the report says so', async () => {
      const input = bench.file('vision-8.mp4');
      await writeFile(input, withConfiguration(await readFile(plain), 8, 1));
      const output = bench.file('vision-8-cut.mp4');
      const report = await bench.remove(input, output, [1, 2]);
      assert.equal(report.method, 'reencode');
      assert.match(report.notes.join(' '), /it is Dolby Vision/);
      assert.match(report.notes.join(' '), /Not kept: the Dolby Vision data\./);
      assert.deepEqual(await frameNumbers(output), remaining(90, 30, [1, 2]));
      assert.equal((await readFile(output)).includes('dvvC'), false);
    });

    it('are refused in words where their colours would be false without them', async () => {
      const input = bench.file('vision-5.mp4');
      await writeFile(input, withConfiguration(await readFile(plain), 5, 0));
      const output = bench.file('vision-5-cut.mp4');
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

const START = Buffer.from([0, 0, 0, 1]);

/** A NAL unit as Dolby Vision's (type 62) behind each picture of a stream whose pictures begin with a delimiter (35). */
function withPictureData(stream: Buffer): Buffer {
  const parts: Buffer[] = [];
  let begin = 0;
  for (let at = stream.indexOf(START, 1); at >= 0; at = stream.indexOf(START, at + 1)) {
    if ((stream[at + 4] ?? 0) >> 1 !== 35) continue;
    parts.push(stream.subarray(begin, at), START, DATA);
    begin = at;
  }
  return Buffer.concat([...parts, stream.subarray(begin), START, DATA]);
}

const DATA = Buffer.from('7c0119080900', 'hex').subarray(0, 5);

const NESTING = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'hvc1'];

/** An mp4, whose index is last, with the box that announces Dolby Vision in its sample description. */
function withConfiguration(file: Buffer, profile: number, compatibility: number): Buffer {
  const copy = Buffer.from(file);
  const box = Buffer.alloc(32);
  box.writeUInt32BE(32);
  box.write('dvvC', 4);
  box.set([1, 0, (profile << 1) | 0, (1 << 3) | 5, compatibility << 4], 8);
  let at = 0;
  for (const type of NESTING) {
    at = copy.indexOf(type, at, 'latin1');
    assert.ok(at > 0, type);
    copy.writeUInt32BE(copy.readUInt32BE(at - 4) + box.length, at - 4);
  }
  // The box goes at the end of the description.
  const end = at - 4 + copy.readUInt32BE(at - 4) - box.length;
  return Buffer.concat([copy.subarray(0, end), box, copy.subarray(end)]);
}
