import assert from 'node:assert/strict';

import { decoderMessages, frameHashes, frameNumbers, grayFrames, makeClip, psnr, streams } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const FRAMES = 120;
// Within groups of pictures, both of them, so that both joins have frames to encode and entries to copy from.
const SECTIONS = [
  [0.71, 1.23],
  [2.37, 2.81],
] as const;
const EXPECTED = remaining(FRAMES, 30, ...SECTIONS);

const CLOSED = 'keyint=20:min-keyint=20:scenecut=0:open-gop=0';
const OPEN = 'keyint=20:min-keyint=20:scenecut=0:open-gop=1';

interface Form {
  readonly name: string;
  /** For x264 as ffmpeg drives it. */
  readonly coding: string;
  readonly pixels?: string;
  /** Most frames that may be encoded; default is less than half of them. */
  readonly encoded?: number;
  readonly input?: string;
  readonly output?: string;
}

const FORMS: readonly Form[] = [
  { name: '10 bits', coding: `-x264-params ${CLOSED}`, pixels: 'yuv420p10le' },
  { name: '4:2:2 with 10 bits', coding: `-x264-params ${CLOSED}`, pixels: 'yuv422p10le' },
  { name: '4:4:4', coding: `-x264-params ${CLOSED}`, pixels: 'yuv444p' },
  { name: 'full range', coding: `-x264-params ${CLOSED}`, pixels: 'yuvj420p' },
  { name: 'nothing lost in coding', coding: `-qp 0 -x264-params ${CLOSED}` },
  { name: 'intra pictures alone', coding: '-x264-params keyint=1', pixels: 'yuv422p10le', encoded: 0 },
  { name: 'baseline in slices', coding: `-profile:v baseline -x264-params ${CLOSED}:slices=3` },
  { name: 'a single keyframe', coding: '-x264-params keyint=infinite:scenecut=0', encoded: EXPECTED.length - 20 },
  {
    name: 'a refresh spread over pictures',
    coding: '-x264-params keyint=20:intra-refresh=1',
    encoded: EXPECTED.length,
  },
  { name: 'open groups with few B-frames', coding: `-bf 1 -refs 1 -x264-params ${OPEN}:b-adapt=0` },
  { name: 'open groups with a pyramid', coding: `-bf 5 -refs 4 -x264-params ${OPEN}:b-adapt=0:b-pyramid=normal` },
  {
    name: 'open groups with a strict pyramid, temporal prediction and weights',
    coding: `-bf 3 -refs 5 -x264-params ${OPEN}:b-adapt=0:b-pyramid=strict:direct=temporal:weightp=2`,
  },
  {
    name: 'open groups in slices of variable-length code',
    coding: `-coder 0 -bf 3 -refs 3 -x264-params ${OPEN}:b-adapt=0:slices=3`,
  },
  { name: 'short open groups with 16 references', coding: '-bf 2 -refs 16 -x264-params keyint=5:open-gop=1:b-adapt=0' },
  { name: 'a transport stream for mp4', coding: `-bf 3 -x264-params ${OPEN}:aud=1`, input: 'ts' },
  { name: 'a transport stream for Matroska', coding: `-x264-params ${CLOSED}`, input: 'ts', output: 'mkv' },
];

describe('Forms of H.264', function () {
  this.timeout(60_000);
  let bench: Bench;

  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  for (const form of FORMS) {
    it(`are cut exactly without encoding the rest: ${form.name}`, async () => {
      const { coding, pixels = 'yuv420p', input = 'mp4', output = 'mp4', encoded = FRAMES / 2 } = form;
      const name = form.name.replace(/\W/g, '-');
      const source = bench.file(`${name}.${input}`);
      const video = `-c:v libx264 -preset veryfast ${coding}`.split(' ');
      await makeClip(source, { frames: FRAMES, audio: false, video, output: ['-pix_fmt', pixels] });
      const cut = bench.file(`${name}-cut.${output}`);
      const report = await bench.remove(source, cut, ...SECTIONS);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.ok(report.reencodedFrames <= encoded, `${report.reencodedFrames} frames were encoded`);
      assert.deepEqual(await frameNumbers(cut), EXPECTED);
      assert.equal(await decoderMessages(cut), '');
      await assertCopies(source, cut, report.reencodedFrames);
      assert.equal((await streams(cut))[0]?.profile, (await streams(source))[0]?.profile);
    });
  }

  it('that are interlaced are encoded whole', async () => {
    const source = bench.file('fields.mp4');
    const video = `-c:v libx264 -preset veryfast -x264-params ${CLOSED}:tff=1`.split(' ');
    await makeClip(source, { frames: FRAMES, audio: false, video });
    const report = await bench.remove(source, bench.file('fields-cut.mp4'), ...SECTIONS);
    assert.equal(report.method, 'reencode');
    assert.match(report.notes.join(' '), /interlaced/);
    assert.deepEqual(await frameNumbers(bench.file('fields-cut.mp4')), EXPECTED);
  });
});

/** All frames but the encoded ones are the source's to the bit; those look the same. */
async function assertCopies(source: string, cut: string, encoded: number): Promise<void> {
  const [before, after] = await Promise.all([frameHashes(source), frameHashes(cut)]);
  const changed = EXPECTED.flatMap((n, place) => (before[n] === after[place] ? [] : [{ n, place }]));
  assert.ok(changed.length <= encoded, `${changed.length} frames differ, ${encoded} were to be encoded`);
  if (changed.length === 0) return;
  const [was, is] = await Promise.all([grayFrames(source), grayFrames(cut)]);
  for (const { n, place } of changed) {
    const quality = psnr(was[n] ?? new Uint8Array(), is[place] ?? new Uint8Array(1));
    assert.ok(quality >= 45, `frame ${n} has ${quality.toFixed(1)} dB`);
  }
}
