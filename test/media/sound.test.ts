import assert from 'node:assert/strict';

import { beeps, decoderMessages, ffmpeg, flashes, frameTimes, makeClip, sharedMedia, sound, streams } from './clips.js';
import {
  AAC,
  assertBeeps,
  assertClean,
  assertInStep,
  beepSource,
  HALF_PACKET,
  hashes,
  lag,
  makeBeeps,
  PACKET,
  RATE,
  type Cut,
} from './sound-judges.js';
import { openBench, type Bench } from './workbench.js';

// LAME's and the decoder's: 1105 samples; AVI has no place to tell it.
const MP3_DELAY = 1105 / RATE;

describe('Sound whose packets are copied', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  // Each kept range has one flash and its beep, so every join is measured.
  const TWENTY: Cut = Array.from({ length: 20 }, (_, n) => [n + 0.303 + n * 0.0071, n + 0.611 + n * 0.0093]);

  for (const ending of ['mp4', 'mkv']) {
    it(`keeps flash and beep together at every one of twenty joins in ${ending}`, async () => {
      const input = bench.file(`twenty.${ending}`);
      await makeClip(input, { frames: 22 * 30, audio: AAC });
      const output = bench.file(`twenty-cut.${ending}`);
      await bench.remove(input, output, ...TWENTY);
      const [seen, times, heard] = await Promise.all([flashes(output), frameTimes(output), sound(output).then(beeps)]);
      assert.equal(seen.length, 22);
      assert.equal(heard.length, 22);
      for (const [n, frame] of seen.entries()) {
        const off = (heard[n] ?? 0) - (times[frame] ?? 0);
        assert.ok(Math.abs(off) <= HALF_PACKET, `beep ${n} is ${off} s after its flash`);
      }
      await assertCopied(input, output, TWENTY.length);
      assert.equal(await decoderMessages(output), '');
    });
  }

  it('copies all packets but those at the joins of sound alone, and ends on time', async () => {
    const input = bench.file('beeps.m4a');
    await makeBeeps(input, 40);
    const cuts: Cut = [
      [3.21, 5.777],
      [9.001, 9.3],
      [17.3, 29.912],
    ];
    const output = bench.file('beeps-cut.m4a');
    await bench.remove(input, output, ...cuts);
    await assertCopied(input, output, cuts.length);
    await assertBeeps(output, 40, cuts, HALF_PACKET);
    const [stream] = await streams(output);
    const length = 40 - cuts.reduce((sum, [from, to]) => sum + to - from, 0);
    assert.ok(Math.abs(Number(stream?.duration) - length) <= HALF_PACKET, `${stream?.duration} instead of ${length} s`);
  });

  it('is right from the first sample on when the start is removed, without a new packet', async () => {
    const input = bench.file('start.m4a');
    await makeBeeps(input, 10);
    const output = bench.file('start-cut.m4a');
    await bench.remove(input, output, [0, 1.7391]);
    await assertBeeps(output, 10, [[0, 1.7391]], 0.0007);
    assert.equal((await assertCopied(input, output, 0)).length, 0);
  });

  it('is right when the end is removed, without a new packet', async () => {
    const input = bench.file('end.m4a');
    await makeBeeps(input, 10);
    const output = bench.file('end-cut.m4a');
    await bench.remove(input, output, [6.1234, 10]);
    assert.equal((await assertCopied(input, output, 0)).length, 0);
    const [stream] = await streams(output);
    assert.ok(Math.abs(Number(stream?.duration) - 6.1234) < 0.001, stream?.duration);
  });

  it('encodes what is too short to be copied', async () => {
    const input = bench.file('short.m4a');
    await makeBeeps(input, 20);
    // Kept in between: one frame, then half a second.
    const cuts: Cut = [
      [4.2, 6.9667],
      [7, 8.9],
      [9.4, 15.25],
    ];
    const output = bench.file('short-cut.m4a');
    await bench.remove(input, output, ...cuts);
    await assertBeeps(output, 20, cuts, HALF_PACKET);
    await assertCopied(input, output, 6);
  });

  for (const [name, channels, rate, coding] of [
    ['mono at 44.1 kHz', 1, 44_100, '-c:a aac -b:a 96k'],
    ['5.1', 6, 48_000, '-c:a aac -b:a 384k'],
    ['little of everything, at 24 kHz', 2, 24_000, '-c:a aac -b:a 48k'],
  ] as const) {
    it(`copies AAC of ${name}`, async () => {
      const input = bench.file(`${channels}.m4a`);
      await ffmpeg('-f', 'lavfi', '-i', beepSource(12, channels), '-ar', `${rate}`, ...coding.split(' '), input);
      const output = bench.file(`${channels}-cut.m4a`);
      const cuts: Cut = [[3.3333, 7.6543]];
      await bench.remove(input, output, ...cuts);
      await assertCopied(input, output, 1);
      await assertBeeps(output, 12, cuts, PACKET / 2 / rate + 0.0007);
    });
  }

  it('copies the AAC of a transport stream into mp4', async () => {
    const input = bench.file('clip.ts');
    await makeClip(input, { frames: 240, audio: AAC });
    const output = bench.file('ts-cut.mp4');
    await bench.remove(input, output, [2.345, 4.111]);
    const plain = bench.file('ts-plain.mp4');
    await ffmpeg('-i', input, '-map', '0:a', '-c', 'copy', plain);
    await assertCopied(plain, output, 1);
    await assertInStep(output);
    assert.equal(await decoderMessages(output), '');
  });

  const shifts: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['begins late', [], ['-itsoffset', '1.2345']],
    ['leads the picture', ['-itsoffset', '0.7'], []],
    ['has had its start cut off by an edit list', ['-ss', '1.37'], ['-ss', '1.37']],
  ];
  for (const [name, before, after] of shifts) {
    it(`stays in step when the sound ${name}`, async () => {
      const plain = bench.file('plain.mp4');
      await makeClip(plain, { frames: 300, audio: AAC });
      const input = bench.file(`${name.replace(/\W/g, '-')}.mp4`);
      const maps = ['-map', '0:v', '-map', '1:a', '-c', 'copy'];
      await ffmpeg(...before, '-i', plain, ...after, '-i', plain, ...maps, input);
      const offset = await lag(input);
      for (const cuts of [[[3.1234, 5.4321]], [[0, 1.711]], [[0.4, 0.9]], [[6.1, 60]]] as const) {
        const output = bench.file(`${name.replace(/\W/g, '-')}-${cuts[0][0]}.mp4`);
        await bench.remove(input, output, ...cuts);
        const now = await lag(output);
        assert.ok(Math.abs(now - offset) <= HALF_PACKET, `${now} s, in the source ${offset} s; ${cuts.join(' ')}`);
        await assertCopied(input, output, 2);
      }
    });
  }

  it('goes on in step where a part of the sound is missing', async () => {
    const input = bench.file('gap.mkv');
    const filter = "setts=pts='if(gt(N,200),PTS+1500,PTS)':dts='if(gt(N,200),DTS+1500,DTS)'";
    const plain = bench.file('no-gap.mkv');
    await makeBeeps(plain, 12);
    await ffmpeg('-i', plain, '-c', 'copy', '-bsf:a', filter, input);
    const before = beeps(await sound(input));
    const output = bench.file('gap-cut.mkv');
    await bench.remove(input, output, [1.25, 2.5]);
    const expected = before
      .filter((time) => time < 1.25 || time >= 2.5)
      .map((time) => (time < 1.25 ? time : time - 1.25));
    const after = beeps(await sound(output));
    assert.equal(after.length, expected.length);
    for (const [n, time] of after.entries()) {
      assert.ok(Math.abs(time - (expected[n] ?? 0)) <= HALF_PACKET, `beep ${n} at ${time} instead of ${expected[n]}`);
    }
    await assertCopied(input, output, 2);
  });

  it('joins a steady tone without a click, and without noise beside the cross-fade', async () => {
    const input = bench.file('tone.m4a');
    const tone = `aevalsrc='0.4*sin(2*PI*997*t)|0.4*sin(2*PI*1499*t)':s=${RATE}:d=12`;
    await ffmpeg('-f', 'lavfi', '-i', tone, ...AAC, input);
    const output = bench.file('tone-cut.m4a');
    await bench.remove(input, output, [4.3217, 7.1234]);
    await assertClean(input, output, -55);
  });

  for (const name of ['friday.mp4', 'interview.mp4']) {
    it(`leaves no noise beside the cross-fade in ${name}, which another encoder made`, async function () {
      const folder = sharedMedia();
      if (!folder) return this.skip();
      const output = bench.file(name);
      await bench.remove(`${folder}/${name}`, output, [2.0123, 3.5]);
      await assertClean(`${folder}/${name}`, output, -25);
    });
  }

  /** Places of packets in the result that are not the source's, after checking that few are and the rest in order. */
  async function assertCopied(source: string, output: string, joins: number): Promise<number[]> {
    const before = new Map((await hashes(source)).map((hash, place) => [hash, place]));
    const result = await hashes(output);
    const fresh: number[] = [];
    for (const [n, hash] of result.entries()) if (!before.has(hash)) fresh.push(n);
    const log = bench.log.join('\n');
    assert.ok(fresh.length <= joins * 20, `${fresh.length} of ${result.length} packets are new\n${log}`);
    assert.ok(result.length > fresh.length, log);
    return fresh;
  }
});

describe('Sound that is encoded anew', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const kinds: readonly (readonly [string, string, string, string])[] = [
    ['AC-3 in Matroska', 'ac3.mkv', '-c:a ac3 -b:a 256k', 'mkv'],
    ['AC-3 in mp4', 'ac3.mp4', '-c:a ac3 -b:a 256k', 'mp4'],
    ['E-AC-3 in mp4', 'eac3.mp4', '-c:a eac3 -b:a 256k', 'mp4'],
    ['MP3 in AVI', 'mp3.avi', '-c:a libmp3lame -b:a 160k', 'mp4'],
    ['MP3 in mp4', 'mp3.mp4', '-c:a libmp3lame -b:a 160k', 'mp4'],
    ['Opus in Matroska', 'opus.mkv', '-c:a libopus -b:a 128k', 'mkv'],
    ['Vorbis in Matroska', 'vorbis.mkv', '-c:a libvorbis', 'mkv'],
    ['FLAC in Matroska', 'flac.mkv', '-c:a flac', 'mkv'],
    ['PCM in mov', 'pcm.mov', '-c:a pcm_s16le', 'mov'],
    ['24-bit PCM in mov', 'pcm24.mov', '-c:a pcm_s24le', 'mov'],
  ];
  const CUTS: Cut = [
    [1.3333, 2.6789],
    [4.4321, 4.7],
    [5.3, 6.85],
  ];
  for (const [name, file, coding, ending] of kinds) {
    it(`keeps flash and beep together: ${name}`, async () => {
      const input = bench.file(file);
      await makeClip(input, { frames: 240, audio: coding.split(' ') });
      const output = bench.file(`${file}-cut.${ending}`);
      await bench.remove(input, output, ...CUTS);
      // Some decoders start late by the encoder's delay, which no header of the source tells.
      const moved = (await lag(output)) - (file === 'mp3.avi' ? MP3_DELAY : await lag(input));
      assert.ok(Math.abs(moved) <= 0.002, `sound ${moved} s later than in the source`);
      const before = (await streams(input)).find((stream) => stream.codec_type === 'audio');
      const after = (await streams(output)).find((stream) => stream.codec_type === 'audio');
      assert.equal(after?.codec_name, before?.codec_name);
      assert.equal(await decoderMessages(output), '');
    });
  }

  for (const [ending, coding, slack] of [
    ['mp3', '-c:a libmp3lame -b:a 160k', 0.03],
    ['wav', '-c:a pcm_s16le', 0.001],
    ['flac', '-c:a flac', 0.001],
    ['ogg', '-c:a libvorbis', 0.001],
    ['opus', '-c:a libopus', 0.001],
  ] as const) {
    it(`cuts a ${ending} file`, async () => {
      const input = bench.file(`file.${ending}`);
      await makeBeeps(input, 8, coding.split(' '));
      const output = bench.file(`file-cut.${ending}`);
      await bench.remove(input, output, ...CUTS);
      await assertBeeps(output, 8, CUTS, 0.002, beeps(await sound(input))[0]);
      const length = 8 - CUTS.reduce((sum, [from, to]) => sum + to - from, 0);
      const heard = (await sound(output)).length / RATE;
      assert.ok(Math.abs(heard - length) <= slack, `${heard} s instead of ${length} s`);
    });
  }
});
