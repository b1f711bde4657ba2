import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import {
  beeps,
  CLIP_HEIGHT,
  CLIP_WIDTH,
  decoderMessages,
  ffmpeg,
  frameHashes,
  frameTimes,
  grayFrames,
  makeClip,
  packets,
  psnr,
  sound,
  streams,
} from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

// The table of formats, row by row, each with a cut list that hurts. What another file proves is not repeated here:
// H.264 in mp4, its profiles and forms: smart-cut, h264-forms; HEVC in mp4, mov and mkv: hevc; VP8, VP9 and AV1 without
// sound: vpx-av1; sound of every codec, late, leading and alone: sound; subtitles, chapters, covers, words, languages:
// kept, isobmff; interlaced, MPEG-4 and MJPEG, clips without sound: other-sources.

type Cut = readonly (readonly [number, number])[];

const FRAMES = 90;

/** Seconds, none of them at a frame's edge: containers that round times would disagree about it. */
const CUTS = {
  'between keyframes': [[0.71, 1.23]],
  'from keyframe to keyframe': [[0.6651, 1.3325]],
  'of one frame': [[1.49, 1.51]],
  'of sections side by side': [
    [0.81, 1.11],
    [1.11, 1.42],
  ],
  'at the start': [[0, 0.37]],
  'up to the end': [[2.41, 60]],
  'of both ends and the middle': [
    [0, 0.21],
    [1.31, 1.69],
    [2.71, 60],
  ],
  'of twenty sections': Array.from({ length: 20 }, (_, n) => [0.11 + n * 0.14, 0.16 + n * 0.14] as const),
} as const satisfies Readonly<Record<string, Cut>>;

interface Row {
  readonly name: string;
  /** Ending of the source, and of the result where it is another. */
  readonly from: string;
  readonly into?: string;
  readonly method: 'smart' | 'reencode';
  readonly cut: keyof typeof CUTS;
  readonly video?: string;
  readonly pixels?: string;
  readonly sound?: string | false;
  readonly rate?: string;
  /** The source is made of the numbered clip, which is in this container, with these arguments to ffmpeg. */
  readonly via?: string;
  readonly input?: string;
  readonly output?: string;
  /** Frames do not follow each other at equal steps: their times are the source's. */
  readonly uneven?: true;
  /** The sound is where its packets' times say, which ffmpeg's own resampling of the source misses. */
  readonly inStep?: true;
  /** Codec of the result's first sound where it is not the source's. */
  readonly heard?: string;
}

const X264 = '-c:v libx264 -preset veryfast -g 20 -sc_threshold 0';
const CLOSED = `${X264} -bf 2`;
const OPEN = '-c:v libx264 -preset veryfast -bf 3 -x264-params keyint=20:open-gop=1:scenecut=0:b-pyramid=normal';
const X265 = '-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=20:min-keyint=20:scenecut=0:bframes=3';
const AAC = '-c:a aac -b:a 128k';
const VP8 = '-c:v libvpx -b:v 1M -crf 10 -g 20 -deadline realtime -cpu-used 8';
const VP9 = '-c:v libvpx-vp9 -b:v 0 -crf 32 -g 20 -deadline realtime -cpu-used 8';
const AV1 = '-c:v libsvtav1 -preset 12 -crf 35 -g 20';
// The clock of a transport stream has 33 bits of 90 kHz and begins anew after 26.5 hours; here within the clip.
const WRAPPING = '-output_ts_offset 95441.4';

const ROWS: readonly Row[] = [
  // Transport streams
  { name: 'H.264 in ts', from: 'ts', method: 'smart', cut: 'of twenty sections', video: CLOSED },
  { name: 'H.264 of open groups in m2ts', from: 'm2ts', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: 'H.264 with AC-3 in ts', from: 'ts', method: 'smart', cut: 'at the start', video: CLOSED, sound: '-c:a ac3' },
  { name: 'H.264 with MP2 in ts', from: 'ts', method: 'smart', cut: 'up to the end', video: OPEN, sound: '-c:a mp2' },
  { name: 'H.264 without sound in ts', from: 'ts', method: 'smart', cut: 'of one frame', video: CLOSED, sound: false },
  {
    name: 'H.264 in a ts whose clock begins anew',
    from: 'ts',
    via: 'ts',
    output: WRAPPING,
    method: 'smart',
    cut: 'of both ends and the middle',
    video: CLOSED,
  },
  { name: 'HEVC in ts', from: 'ts', method: 'smart', cut: 'from keyframe to keyframe', video: `${X265}:open-gop=0` },
  {
    name: 'HEVC of open groups with 10 bit in ts',
    from: 'ts',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: `${X265}:open-gop=1`,
    pixels: 'yuv420p10le',
  },
  { name: 'HEVC of twenty sections in ts', from: 'ts', method: 'smart', cut: 'of twenty sections', video: X265 },
  { name: 'H.264 from mkv into ts', from: 'mkv', into: 'ts', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: 'H.264 from mp4 into ts', from: 'mp4', into: 'ts', method: 'smart', cut: 'of one frame', video: CLOSED },
  {
    name: 'HEVC from ts into mp4',
    from: 'ts',
    into: 'mp4',
    method: 'reencode',
    cut: 'between keyframes',
    video: `${X265}:open-gop=0`,
  },
  {
    name: 'H.264 in a ts with the times of decoding',
    from: 'ts',
    via: 'h264',
    input: '-r 30',
    output: '-bsf:v setts=ts=N*3000',
    method: 'reencode',
    cut: 'of both ends and the middle',
    video: CLOSED,
    sound: false,
  },
  // mp4 and mov in every layout
  {
    name: 'mp4 with its index first',
    from: 'mp4',
    method: 'smart',
    cut: 'of twenty sections',
    output: '-movflags +faststart',
  },
  { name: 'mov with its index last', from: 'mov', method: 'smart', cut: 'from keyframe to keyframe', video: OPEN },
  {
    name: 'fragmented mp4',
    from: 'mp4',
    method: 'smart',
    cut: 'of sections side by side',
    inStep: true,
    output: '-movflags +frag_keyframe+empty_moov+default_base_moof',
  },
  {
    name: 'fragmented mov',
    from: 'mov',
    method: 'smart',
    cut: 'of both ends and the middle',
    inStep: true,
    output: '-movflags +frag_keyframe+empty_moov',
  },
  {
    name: 'mp4 whose edit list hides a pre-roll',
    from: 'mp4',
    via: 'mp4',
    input: '-ss 0.43',
    method: 'smart',
    cut: 'of one frame',
    video: CLOSED,
    uneven: true,
  },
  {
    name: 'mov whose edit list hides a pre-roll of an open group',
    from: 'mov',
    via: 'mov',
    input: '-ss 0.81',
    method: 'smart',
    cut: 'between keyframes',
    video: OPEN,
    uneven: true,
  },
  {
    name: 'mp4 without edit lists',
    from: 'mp4',
    method: 'smart',
    cut: 'at the start',
    inStep: true,
    output: '-use_editlist 0',
  },
  { name: 'H.264 from mp4 into mkv', from: 'mp4', into: 'mkv', method: 'smart', cut: 'of both ends and the middle' },
  {
    name: 'H.264 from mkv into mp4',
    from: 'mkv',
    into: 'mp4',
    method: 'smart',
    cut: 'of twenty sections',
    video: OPEN,
  },
  { name: 'HEVC from mkv into mp4', from: 'mkv', into: 'mp4', method: 'smart', cut: 'of twenty sections', video: X265 },
  { name: 'm4v', from: 'm4v', method: 'smart', cut: 'between keyframes' },
  // Rates
  { name: '23.976 in mp4', from: 'mp4', rate: '24000/1001', method: 'smart', cut: 'of both ends and the middle' },
  { name: '59.94 in mp4', from: 'mp4', rate: '60000/1001', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: '25 in mov', from: 'mov', rate: '25', method: 'smart', cut: 'of twenty sections' },
  { name: '59.94 in mkv', from: 'mkv', rate: '60000/1001', method: 'smart', cut: 'of sections side by side' },
  { name: '23.976 in ts', from: 'ts', rate: '24000/1001', method: 'smart', cut: 'between keyframes', video: CLOSED },
  ...(['mp4', 'mkv', 'ts'] as const).map((from): Row => ({
    name: `a variable rate in ${from}`,
    from,
    via: 'mp4',
    output: `-vf select='mod(n+1\\,3)*mod(n\\,7)' -vsync vfr ${CLOSED} -c:a copy`,
    method: 'smart',
    cut: 'between keyframes',
    uneven: true,
  })),
  // Web codecs with the sound they come with
  {
    name: 'VP8 and Vorbis in webm',
    from: 'webm',
    method: 'smart',
    cut: 'between keyframes',
    video: VP8,
    sound: '-c:a libvorbis',
  },
  {
    name: 'VP9 and Opus in webm',
    from: 'webm',
    method: 'smart',
    cut: 'of twenty sections',
    video: VP9,
    sound: '-c:a libopus',
  },
  {
    name: 'AV1 and Opus in mp4',
    from: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: AV1,
    sound: '-c:a libopus',
  },
  { name: 'AV1 and FLAC in mkv', from: 'mkv', method: 'smart', cut: 'of one frame', video: AV1, sound: '-c:a flac' },
  {
    name: 'AV1 with a pixel aspect',
    from: 'mp4',
    into: 'mkv',
    method: 'smart',
    cut: 'at the start',
    video: AV1,
    output: '-aspect 2.4',
  },
  {
    name: 'eight channels of PCM in mov',
    from: 'mov',
    method: 'smart',
    cut: 'between keyframes',
    sound: '-ac 8 -c:a pcm_s16le',
  },
  // What is encoded whole
  {
    name: 'MPEG-4 and AC-3 in AVI',
    from: 'avi',
    into: 'mp4',
    method: 'reencode',
    cut: 'of twenty sections',
    video: '-c:v mpeg4 -q:v 3',
    sound: '-c:a ac3',
  },
  {
    name: 'H.264 and AAC in FLV',
    from: 'flv',
    into: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: CLOSED,
  },
  {
    name: 'Sorenson and MP3 in FLV',
    from: 'flv',
    into: 'mp4',
    method: 'reencode',
    cut: 'at the start',
    video: '-c:v flv -q:v 3',
    sound: '-c:a libmp3lame -ar 44100',
  },
  {
    name: 'WMV',
    from: 'wmv',
    into: 'mp4',
    method: 'reencode',
    cut: 'between keyframes',
    video: '-c:v wmv2 -q:v 3',
    sound: '-c:a wmav2',
    heard: 'aac',
  },
  {
    name: 'MPEG-2 in mpg',
    from: 'mpg',
    into: 'mp4',
    method: 'reencode',
    cut: 'of both ends and the middle',
    video: '-c:v mpeg2video -bf 2 -g 15 -q:v 3',
    sound: '-c:a mp2',
    heard: 'aac',
  },
  {
    name: 'MPEG-2 in ts',
    from: 'ts',
    method: 'reencode',
    cut: 'of one frame',
    video: '-c:v mpeg2video -bf 2 -g 15 -q:v 3',
    sound: '-c:a mp2',
  },
  {
    name: 'ProRes and PCM in mov',
    from: 'mov',
    method: 'reencode',
    cut: 'of both ends and the middle',
    video: '-c:v prores_ks',
    pixels: 'yuv422p10le',
    sound: '-c:a pcm_s24le',
  },
  {
    name: 'MPEG-4 in mp4',
    from: 'mp4',
    method: 'reencode',
    cut: 'up to the end',
    video: '-c:v mpeg4 -bf 2 -g 20 -q:v 3',
  },
];

describe('The table of formats', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => (bench = await openBench()));
  after(() => bench.close());

  for (const [n, row] of ROWS.entries()) {
    it(`is exact in ${row.name}, cut ${row.cut} (${row.method})`, async () => {
      const { from, into = from, cut } = row;
      const source = bench.file(`${n}.${from}`);
      await makeSource(row, source, bench.file(`${n}-plain.${row.via ?? from}`));
      const output = bench.file(`${n}-cut.${into}`);
      const report = await bench.remove(source, output, ...CUTS[cut]);
      assert.equal(report.method, row.method, [...report.notes, ...bench.log.slice(-3)].join(' '));
      await assertRight(row, source, output, report.reencodedFrames);
    });
  }

  it('is refused in words where the sound has more channels than can be cut', async () => {
    const source = bench.file('sixteen.mov');
    await makeClip(source, { frames: 30, audio: ['-af', 'pan=hexadecagonal|c0=c0', '-c:a', 'pcm_s16le'] });
    const output = bench.file('sixteen-cut.mov');
    await assert.rejects(bench.remove(source, output, [0.3, 0.6]), /16 channels; at most 8 can be cut/);
    assert.equal(existsSync(output), false);
  });

  it('is refused in words where pictures have no times at all', async () => {
    const source = bench.file('bare.h264');
    await makeClip(source, { frames: 30, video: CLOSED.split(' '), audio: false });
    await assert.rejects(bench.engine.probe(source), /without times/);
  });
});

async function makeSource(row: Row, source: string, plain: string): Promise<void> {
  const { video = CLOSED, pixels = 'yuv420p', sound: coding = AAC, rate = '30', via, input = '', output = '' } = row;
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  const options = {
    frames: FRAMES,
    rate,
    video: words(video),
    audio: coding === false ? coding : words(coding),
  } as const;
  if (via === undefined) {
    await makeClip(source, { ...options, output: ['-pix_fmt', pixels, ...words(output)] });
    return;
  }
  await makeClip(plain, { ...options, output: ['-pix_fmt', pixels] });
  const copy = output.includes('-c:v') ? [] : ['-c', 'copy'];
  await ffmpeg(...words(input), '-i', plain, ...copy, ...words(output), source);
}

interface Watched {
  readonly gray: readonly Buffer[];
  readonly numbers: readonly number[];
  /** Places of frames that flash. */
  readonly flashes: readonly number[];
}

async function watch(file: string): Promise<Watched> {
  const gray = await grayFrames(file);
  const numbers = gray.map((frame) => {
    let number = 0;
    for (let bit = 0; bit < 16; bit++) {
      const value = frame[16 * CLIP_WIDTH + ((bit + 0.5) * CLIP_WIDTH) / 16] ?? 0;
      if (value > 125) number |= 1 << bit;
    }
    return number;
  });
  const middle = (CLIP_HEIGHT / 2) * CLIP_WIDTH;
  const bright = (frame: Buffer): boolean => frame.subarray(middle, middle + CLIP_WIDTH).every((value) => value > 200);
  return { gray, numbers, flashes: [...gray.keys()].filter((n) => bright(gray[n] ?? Buffer.alloc(1))) };
}

async function assertRight(row: Row, source: string, output: string, encoded: number): Promise<void> {
  const into = row.into ?? row.from;
  const [num = 30, den = 1] = (row.rate ?? '30').split('/').map(Number);
  const [was, is] = [await watch(source), await watch(output)];
  const shown = row.uneven ? await frameTimes(source) : was.numbers.map((_, n) => (n * den) / num);
  const times = shown.map((time) => time - (shown[0] ?? 0));
  const sections = toSections(CUTS[row.cut]);
  const kept = [...times.keys()].filter((n) => {
    const time = Math.round((times[n] ?? 0) * 1e6);
    return !sections.some((section) => time >= section.in && time < section.out);
  });
  assert.ok(kept.length > 0 && kept.length < times.length);
  assert.deepEqual(
    is.numbers,
    kept.map((n) => was.numbers[n]),
  );
  await assertTimes(output, into, kept, times);
  assert.equal(await decoderMessages(output), '');
  await assertPictures(source, output, was, is, kept, encoded);
  if (row.sound === false) return;
  await assertSound(row, source, output, was, is, times);
  const [before, after] = [await streams(source), await streams(output)].map((found) =>
    found.find((stream) => stream.codec_type === 'audio'),
  );
  assert.equal(after?.codec_name, row.heard ?? before?.codec_name);
}

/** The steps of the source, also at joins, where the frame before stands as long as it did. */
async function assertTimes(
  output: string,
  into: string,
  kept: readonly number[],
  times: readonly number[],
): Promise<void> {
  const result = await frameTimes(output);
  assert.equal(result.length, kept.length);
  // Matroska counts milliseconds, a transport stream 1/90000 s and from where it likes.
  const rounding = /^(mkv|webm)$/.test(into) ? 0.0021 : 0.0011;
  if (!/^(ts|m2ts)$/.test(into)) assert.ok(Math.abs(result[0] ?? 1) <= rounding, `it begins at ${result[0]} s`);
  let expected = result[0] ?? 0;
  for (const [n, place] of kept.entries()) {
    const time = result[n] ?? Number.NaN;
    assert.ok(Math.abs(time - expected) <= rounding + n * 2e-5, `frame ${n} at ${time} instead of ${expected}`);
    const next = times[place + 1] ?? Number.NaN;
    expected = time + next - (times[place] ?? 0);
  }
  let last = Number.NEGATIVE_INFINITY;
  // Matroska has no decode times.
  if (/^(mkv|webm)$/.test(into)) return;
  for (const { pts, dts } of await packets(output)) {
    assert.ok(dts > last && dts <= pts, `dts ${dts} after ${last}, pts ${pts}`);
    last = dts;
  }
}

/** Copied frames are the source's to the bit, the others as good as. */
async function assertPictures(
  source: string,
  output: string,
  was: Watched,
  is: Watched,
  kept: readonly number[],
  encoded: number,
): Promise<void> {
  const [before, after] = [await frameHashes(source), await frameHashes(output)];
  const changed = kept.flatMap((n, place) => (before[n] === after[place] ? [] : [{ n, place }]));
  assert.ok(changed.length <= encoded, `${changed.length} frames differ, ${encoded} were to be encoded`);
  const least = encoded < kept.length ? 45 : 38;
  for (const { n, place } of changed) {
    const quality = psnr(was.gray[n] ?? Buffer.alloc(0), is.gray[place] ?? Buffer.alloc(1));
    assert.ok(quality >= least, `frame ${n} has ${quality.toFixed(1)} dB`);
  }
}

/** Every flash has its beep as far from it as in the source, to half a packet of AAC, and the sound ends with the picture. */
async function assertSound(
  row: Row,
  source: string,
  output: string,
  was: Watched,
  is: Watched,
  times: readonly number[],
): Promise<void> {
  const lags = async (file: string, seen: Watched, shown: readonly number[]): Promise<Map<number, number>> => {
    const heard = beeps(await sound(file));
    const nearest = (time: number): number =>
      heard.map((beep) => beep - time).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Number.NaN;
    return new Map(seen.flashes.map((place) => [seen.numbers[place] ?? -1, nearest(shown[place] ?? Number.NaN)]));
  };
  const start = (await frameTimes(source))[0] ?? 0;
  const before = await lags(source, was, Number.isNaN(start) ? times : times.map((time) => time + start));
  const after = await lags(output, is, await frameTimes(output));
  assert.ok(after.size > 0, 'no flash is left to measure');
  for (const [number, lag] of after) {
    const off = lag - (row.inStep ? 0 : (before.get(number) ?? Number.NaN));
    assert.ok(Math.abs(off) <= 514 / 48_000, `the beep of frame ${number} is ${off} s off`);
  }
  const heard = (await sound(output)).length / 48_000;
  const watched = ((await frameTimes(output)).at(-1) ?? 0) + 1 / 30;
  assert.ok(Math.abs(heard - watched) < 0.09, `sound ${heard} s, picture ${watched} s`);
}
