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
import { AAC, CLOSED, CUTS, FRAMES, ROWS, type Row } from './matrix-rows.js';
import { openBench, toSections, type Bench } from './workbench.js';

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
  const result = await frameTimes(output);
  await assertTimes(output, into, kept, times, result);
  await assertQuiet(source, output);
  await assertPictures(source, output, was, is, kept, encoded);
  if (row.sound === false) return;
  await assertSound(row, source, output, was, is, times, result);
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
  result: readonly number[],
): Promise<void> {
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

/** Nothing is wrong with a result that is not so with its source: ffmpeg 5.1 finds fault with Motion JPEG of its own. */
async function assertQuiet(source: string, output: string): Promise<void> {
  const said = async (file: string): Promise<string[]> => [
    ...new Set((await decoderMessages(file)).replace(/ @ 0x\w+/g, '').split('\n')),
  ];
  const found = await said(output);
  if (found.join('') !== '') assert.deepEqual(found, await said(source));
}

/** Every flash has its beep as far from it as in the source, to half a packet of AAC, and the sound ends with the picture. */
async function assertSound(
  row: Row,
  source: string,
  output: string,
  was: Watched,
  is: Watched,
  times: readonly number[],
  result: readonly number[],
): Promise<void> {
  const lags = (samples: Float32Array, seen: Watched, shown: readonly number[]): Map<number, number> => {
    const heard = beeps(samples);
    const nearest = (time: number): number =>
      heard.map((beep) => beep - time).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Number.NaN;
    return new Map(seen.flashes.map((place) => [seen.numbers[place] ?? -1, nearest(shown[place] ?? Number.NaN)]));
  };
  const start = (await frameTimes(source))[0] ?? 0;
  const before = lags(await sound(source), was, Number.isNaN(start) ? times : times.map((time) => time + start));
  const samples = await sound(output);
  const after = lags(samples, is, result);
  assert.ok(after.size > 0, 'no flash is left to measure');
  for (const [number, lag] of after) {
    const off = lag - (row.inStep ? 0 : (before.get(number) ?? Number.NaN));
    assert.ok(Math.abs(off) <= 514 / 48_000, `the beep of frame ${number} is ${off} s off`);
  }
  const heard = samples.length / 48_000;
  const watched = (result.at(-1) ?? 0) + 1 / 30;
  assert.ok(Math.abs(heard - watched) < 0.09, `sound ${heard} s, picture ${watched} s`);
}
