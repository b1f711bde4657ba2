import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import {
  decoderMessages,
  frameHashes,
  frameNumbers,
  frameTimes,
  makeClip,
  packets,
  sharedMedia,
  streams,
} from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const run = promisify(execFile);
const FRAMES = 240;

type Cut = readonly (readonly [number, number])[];

const CUTS: readonly (readonly [string, Cut])[] = [
  ['a section between keyframes', [[2.51, 5.26]]],
  ['a section whose edges are keyframes', [[2, 5]]],
  ['a section at the start', [[0, 1.37]]],
  ['a section up to the end', [[6.77, 8]]],
  ['one frame', [[3.4, 3.41]]],
  [
    'several sections',
    [
      [0.5, 1.1],
      [3.35, 3.6],
      [3.9, 5.01],
      [6.2, 7.95],
    ],
  ],
];

function x265(parameters: string, pixelFormat = 'yuv420p'): { video: string[]; output: string[] } {
  const common = 'log-level=none:keyint=30:min-keyint=30:scenecut=0';
  const video = `-c:v libx265 -preset veryfast -crf 20 -x265-params ${common}:${parameters}`.split(' ');
  return { video, output: ['-pix_fmt', pixelFormat] };
}

const SOURCES: readonly (readonly [string, string, ReturnType<typeof x265>])[] = [
  ['closed groups of pictures', 'closed.mp4', x265('open-gop=0:bframes=3')],
  ['open groups of pictures', 'open.mp4', x265('open-gop=1:bframes=4')],
  ['decodable leading pictures', 'leading.mp4', x265('open-gop=0:bframes=3:radl=2')],
  ['10 bit', 'deep.mp4', x265('open-gop=1:bframes=4', 'yuv420p10le')],
  ['no reordering', 'plain.mov', x265('open-gop=0:bframes=0')],
  ['open groups in Matroska', 'open.mkv', x265('open-gop=1:bframes=4:b-pyramid=0')],
];

describe('Smart cut of HEVC', function () {
  this.timeout(90_000);
  let bench: Bench;
  before(async () => (bench = await openBench()));
  after(() => bench.close());

  for (const [kind, name, coding] of SOURCES) {
    describe(`with ${kind}`, () => {
      let source: string;
      before(async () => {
        source = bench.file(name);
        await makeClip(source, { frames: FRAMES, ...coding });
      });
      // The lists that hurt most where the coding is close to one that has seen them all.
      const all = name === 'open.mp4' || name === 'deep.mp4';
      for (const [what, sections] of all ? CUTS : CUTS.filter((_, n) => n === 1 || n === 5)) {
        it(`leaves exactly the other frames when it removes ${what}`, async () => {
          const output = bench.file(`${what.replace(/\W/g, '-')}-${name}`);
          const report = await bench.remove(source, output, ...sections);
          assert.equal(report.method, 'smart', [...report.notes, ...bench.log].join(' '));
          await assertExact(source, output, remaining(FRAMES, 30, ...sections), report.reencodedFrames);
        });
      }
    });
  }

  for (const [format, maximum] of [
    ['yuv422p10le', 1023],
    ['yuv444p', 255],
    ['yuv444p10le', 1023],
    ['yuv420p12le', 4095],
    ['gray', 255],
  ] as const) {
    it(`keeps ${format} as it is`, async () => {
      const source = bench.file(`${format}.mp4`);
      await makeClip(source, { frames: 120, ...x265('open-gop=1:bframes=3', format) });
      const output = bench.file(`${format}-cut.mp4`);
      const report = await bench.remove(source, output, [1.3, 2.45]);
      assert.equal(report.method, 'smart', [...report.notes, ...bench.log].join(' '));
      await assertExact(source, output, remaining(120, 30, [1.3, 2.45]), report.reencodedFrames, maximum);
      const [made] = await streams(output);
      const [kept] = await streams(source);
      assert.equal(made?.profile, kept?.profile);
    });
  }

  it('cuts its own result again', async () => {
    const source = bench.file('again.mp4');
    await makeClip(source, { frames: FRAMES, ...x265('open-gop=1:bframes=4') });
    const once = bench.file('once.mp4');
    await bench.remove(source, once, [2.51, 5.26]);
    const output = bench.file('twice.mp4');
    const report = await bench.remove(once, output, [1.51, 2.96]);
    assert.equal(report.method, 'smart', [...report.notes, ...bench.log].join(' '));
    const first = remaining(FRAMES, 30, [2.51, 5.26]);
    const expected = remaining(first.length, 30, [1.51, 2.96]).map((place) => first[place] ?? -1);
    assert.deepEqual(await frameNumbers(output), expected);
    assert.equal(await decoderMessages(output), '');
  });

  it('keeps what a picture says about light and colour, also where it is encoded anew', async () => {
    const light =
      'hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:' +
      'master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400';
    const source = bench.file('light.mkv');
    await makeClip(source, { frames: 120, ...x265(`open-gop=1:bframes=3:${light}`, 'yuv420p10le') });
    const output = bench.file('light-cut.mkv');
    const report = await bench.remove(source, output, [0, 1.45]);
    assert.equal(report.method, 'smart', [...report.notes, ...bench.log].join(' '));
    assert.ok(report.reencodedFrames > 0);
    for (const file of [source, output]) {
      const { stdout } = await run(
        'ffprobe',
        `-v error -select_streams v:0 -read_intervals %+#1 -show_frames -of json ${file}`.split(' '),
      );
      assert.match(stdout, /Mastering display metadata/);
      assert.match(stdout, /"max_content": 1000/);
      assert.match(stdout, /"color_transfer": "smpte2084"/);
    }
  });

  it('cuts a clip from elsewhere', async function () {
    const folder = sharedMedia();
    if (!folder) return this.skip();
    const source = path.join(folder, 'video-h265.mp4');
    const output = bench.file('elsewhere.mp4');
    const report = await bench.remove(source, output, [2.51, 7.26]);
    assert.equal(report.method, 'smart', [...report.notes, ...bench.log].join(' '));
    const hashes = await frameHashes(source);
    const kept = remaining(hashes.length, 30, [2.51, 7.26]).map((place) => hashes[place]);
    const made = await frameHashes(output);
    assert.equal(made.length, kept.length);
    assert.equal(made.filter((hash, n) => hash !== kept[n]).length, report.reencodedFrames);
    assert.equal(await decoderMessages(output), '');
  });
});

async function assertExact(
  source: string,
  output: string,
  expected: readonly number[],
  reencoded: number,
  maximum = source.includes('deep') ? 1023 : 255,
): Promise<void> {
  assert.deepEqual(await frameNumbers(output), expected);
  assert.equal(await decoderMessages(output), '');
  const before = await frameHashes(source);
  const after = await frameHashes(output);
  const different = [...after.keys()].filter((n) => after[n] !== before[expected[n] ?? -1]);
  assert.ok(different.length <= reencoded, `${different.length} frames differ, ${reencoded} were to be encoded`);
  assert.ok(reencoded < expected.length, `${reencoded} frames were encoded anew`);
  const quality = await psnrOf(source, output, expected, different, maximum);
  assert.ok(Math.min(...quality) >= 45, `re-encoded frames: ${Math.min(...quality).toFixed(1)} dB`);
  const times = await frameTimes(output);
  for (const [n, time] of times.entries()) assert.ok(Math.abs(time - n / 30) < 0.0015, `frame ${n} at ${time} s`);
  // Matroska has neither decode times nor tags.
  if (output.endsWith('.mkv')) return;
  const decoded = (await packets(output)).map(({ dts }) => dts);
  for (let n = 1; n < decoded.length; n++) assert.ok((decoded[n] ?? 0) > (decoded[n - 1] ?? 0), `packet ${n}`);
  const [track] = await streams(output);
  assert.equal(track?.codec_tag_string, 'hvc1');
}

/** Of all planes together, in the samples' own depth. */
async function psnrOf(
  source: string,
  output: string,
  expected: readonly number[],
  places: readonly number[],
  maximum: number,
): Promise<number[]> {
  const [a, b] = await Promise.all([rawFrames(source), rawFrames(output)]);
  return places.map((place) => {
    const one = a(expected[place] ?? 0);
    const other = b(place);
    let sum = 0;
    for (let i = 0; i < one.length; i++) sum += ((one[i] ?? 0) - (other[i] ?? 0)) ** 2;
    return 10 * Math.log10((maximum * maximum * one.length) / sum);
  });
}

async function rawFrames(file: string): Promise<(n: number) => Uint8Array | Uint16Array> {
  const raw = await run(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    { maxBuffer: 1 << 30, encoding: 'buffer' },
  );
  const { pix_fmt, nb_read_packets } = (await probe(file)) as { pix_fmt: string; nb_read_packets: string };
  const size = raw.stdout.length / Number(nb_read_packets);
  return (n) => {
    const frame = Uint8Array.prototype.slice.call(raw.stdout, n * size, (n + 1) * size);
    return /1[02]le$/.test(pix_fmt) ? new Uint16Array(frame.buffer, frame.byteOffset, size / 2) : frame;
  };
}

async function probe(file: string): Promise<unknown> {
  const { stdout } = await run(
    'ffprobe',
    `-v error -select_streams v:0 -count_packets -show_entries stream=pix_fmt,nb_read_packets -of json ${file}`.split(
      ' ',
    ),
  );
  return (JSON.parse(stdout) as { streams: unknown[] }).streams[0];
}
