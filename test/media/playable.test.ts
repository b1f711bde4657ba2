import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';

import type { MediaEngine, PlayablePiece, PlayableTrack } from '../../src/media/media.js';
import { beeps, CLOSED_GOP, ffmpeg, flashes, frameNumbers, frameTimes, makeClip, sound, streams } from './clips.js';
import { openBench, type Bench } from './workbench.js';

const LENGTH = { sound: 8_000_000, picture: 4_000_000 } as const;

interface Shown {
  /** Microseconds of the clip. */
  readonly time: number;
  readonly number: number;
}

describe('A clip that the webview cannot play', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  async function piece(file: string, track: PlayableTrack, index: number): Promise<PlayablePiece> {
    return bench.engine.playable(file, { track, start: index * LENGTH[track], length: LENGTH[track] });
  }

  /** @param order in which the pieces are asked for */
  async function pieces(file: string, track: PlayableTrack, order: 'forward' | 'backward'): Promise<PlayablePiece[]> {
    const { duration } = await bench.engine.probe(file);
    const indices = [...Array(Math.ceil(duration / LENGTH[track])).keys()];
    const made: PlayablePiece[] = [];
    for (const index of order === 'forward' ? indices : indices.toReversed()) {
      made.push(await piece(file, track, index));
    }
    made.sort((a, b) => a.start - b.start);
    for (const [n, { start, duration: length }] of made.entries()) {
      assert.equal(start, n * LENGTH[track]);
      assert.equal(length, Math.min(LENGTH[track], duration - start));
    }
    return made;
  }

  async function saved({ data, mime }: PlayablePiece): Promise<string> {
    const name = createHash('md5').update(data).digest('hex');
    const file = bench.file(`${name}.${mime.startsWith('audio') ? 'flac' : 'webm'}`);
    await writeFile(file, data);
    return file;
  }

  async function shownIn(made: PlayablePiece): Promise<Shown[]> {
    const file = await saved(made);
    const [numbers, times] = await Promise.all([frameNumbers(file), frameTimes(file)]);
    assert.equal(numbers.length, times.length);
    return numbers.map((number, n) => ({ number, time: made.start + Math.round((times[n] ?? 0) * 1e6) }));
  }

  /** Every frame at its time and no other, whatever the way to it. */
  async function assertShows(file: string, expected: readonly Shown[]): Promise<void> {
    // Matroska counts in milliseconds.
    const tolerance = file.endsWith('.mkv') ? 700 : 20;
    const right = new Set<string>();
    for (const order of ['forward', 'backward'] as const) {
      for (const made of await pieces(file, 'picture', order)) {
        const { start, duration } = made;
        const bytes = createHash('md5').update(made.data).digest('hex');
        if (right.has(`${start} ${bytes}`)) continue;
        right.add(`${start} ${bytes}`);
        const standing = expected.findLast(({ time }) => time <= start);
        const begun = standing ? [{ number: standing.number, time: start }] : [];
        const wanted = [...begun, ...expected.filter(({ time }) => time > start && time < start + duration)];
        const shown = (await shownIn(made)).slice(standing ? 0 : 1);
        const differ = wanted.findIndex(
          ({ number, time }, n) => number !== shown[n]?.number || Math.abs(time - shown[n].time) > tolerance,
        );
        const place = `${order}, piece at ${start}, frame ${differ}`;
        if (differ >= 0)
          assert.deepEqual(shown.slice(differ - 1, differ + 3), wanted.slice(differ - 1, differ + 3), place);
        assert.equal(shown.length, wanted.length, `${order}, piece at ${start}`);
      }
    }
  }

  const even = (frames: number, rate = 30): Shown[] =>
    Array.from({ length: frames }, (_, number) => ({ number, time: Math.round((number / rate) * 1e6) }));

  describe('shows every frame at its time', () => {
    const kinds: readonly (readonly [string, string, string, readonly string[]])[] = [
      ['HEVC', 'hevc.mp4', '-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=40', []],
      [
        'HEVC with open groups of pictures in Matroska',
        'open.mkv',
        '-c:v libx265 -preset veryfast -x265-params log-level=none:keyint=50:open-gop=1:bframes=3:scenecut=0',
        [],
      ],
      ['MPEG-4 with B-frames in AVI', 'asp.avi', '-c:v mpeg4 -bf 2 -g 40 -q:v 3', []],
      ['MPEG-4 without B-frames in AVI', 'sp.avi', '-c:v mpeg4 -g 100 -q:v 3', []],
      ['H.264 in AVI', 'avc.avi', CLOSED_GOP.join(' '), []],
      ['ProRes', 'prores.mov', '-c:v prores_ks -profile:v 0', ['-pix_fmt', 'yuv422p10le']],
      ['MPEG-2 in a transport stream', 'broadcast.ts', '-c:v mpeg2video -bf 2 -g 15 -q:v 3', []],
      ['H.264 in a transport stream', 'camera.ts', CLOSED_GOP.join(' '), []],
      ['MJPEG', 'mjpeg.mov', '-c:v mjpeg -q:v 3', []],
      ['H.264 without keyframes but the first', 'long.mp4', '-c:v libx264 -preset veryfast -g 9999 -bf 3', []],
    ];
    for (const [name, file, video, output] of kinds) {
      it(name, async () => {
        const clip = bench.file(file);
        const audio = file.endsWith('.avi') || file.endsWith('.mov') ? ['-c:a', 'pcm_s16le'] : ['-c:a', 'ac3'];
        await makeClip(clip, { frames: 270, video: video.split(' '), audio, output });
        await assertShows(clip, even(270));
      });
    }

    it('with a variable rate, also a frame that stands for long', async () => {
      const whole = bench.file('even.mp4');
      await makeClip(whole, { frames: 400 });
      const clip = bench.file('variable.mp4');
      const choice = "select='mod(n+1,3)*not(between(n,100,260))'";
      await ffmpeg(...['-i', whole, '-vf', choice, '-vsync', 'vfr', '-c:v', 'libx264', '-c:a', 'copy'], clip);
      const kept = even(400).filter(({ number }) => (number + 1) % 3 !== 0 && (number < 100 || number > 260));
      await assertShows(clip, kept);
    });

    it('at 29.97 and at 59.94 frames a second', async () => {
      for (const rate of ['30000/1001', '60000/1001']) {
        const clip = bench.file('ntsc.mp4');
        await makeClip(clip, {
          frames: 260,
          rate,
          video: '-c:v libx265 -preset ultrafast -x265-params log-level=none'.split(' '),
        });
        await assertShows(clip, even(260, rate.startsWith('3') ? 30000 / 1001 : 60000 / 1001));
      }
    });

    it('without those that an edit list hides', async () => {
      const whole = bench.file('whole.mp4');
      await makeClip(whole, { frames: 300 });
      const clip = bench.file('trimmed.mp4');
      await ffmpeg('-ss', '1.5', '-i', whole, '-c', 'copy', clip);
      const [first] = await frameNumbers(clip);
      assert.equal(first, 45);
      const kept = even(255).map(({ time, number }) => ({ time, number: number + 45 }));
      await assertShows(clip, kept);
    });

    it('after black where the sound leads', async () => {
      const clip = bench.file('late-picture.mkv');
      const source = bench.file('early.mp4');
      await makeClip(source, { frames: 120 });
      await ffmpeg(
        ...['-i', source, '-itsoffset', '5', '-i', source, '-map', '0:a', '-map', '1:v', '-c', 'copy'],
        clip,
      );
      const [black] = await shownIn(await piece(clip, 'picture', 0));
      assert.deepEqual(black, { time: 0, number: 0 });
      const times = await frameTimes(clip);
      await assertShows(
        clip,
        times.map((time, number) => ({ number, time: Math.round(time * 1e6) })),
      );
    });
  });

  void [appendFile, beeps, flashes, sound, streams] as unknown as MediaEngine;
});
