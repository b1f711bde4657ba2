import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';

import type { PlayablePiece, PlayableTrack } from '../../src/media/media.js';
import { beeps, CLOSED_GOP, ffmpeg, flashes, frameNumbers, frameTimes, makeClip, sound, streams } from './clips.js';
import { openBench, type Bench } from './workbench.js';

const LENGTH = { sound: 8_000_000, picture: 4_000_000 } as const;

interface Shown {
  /** Microseconds of the clip. */
  readonly time: number;
  readonly number: number;
}

describe('A clip that the webview cannot play', function () {
  this.timeout(120_000);
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

  async function sizeOf(file: string): Promise<{ width?: number; height?: number }> {
    const [track] = await streams(file);
    return track as { width?: number; height?: number };
  }

  async function isRed(file: string, place: string): Promise<boolean> {
    const raw = bench.file(`${createHash('md5').update(place).digest('hex')}.raw`);
    const filter = `crop=8:8:${place},scale=1:1,format=rgb24`;
    await ffmpeg('-i', file, '-vf', filter, '-frames:v', '1', '-f', 'rawvideo', raw);
    const [red = 0, , blue = 0] = await readFile(raw);
    return red > blue;
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

    it('upright, with square pixels, and no larger than a preview has to be', async () => {
      const kinds: readonly (readonly [string, string, string[], string])[] = [
        ['1920x1080', '1/1', [], '640x360'],
        ['1080x1920', '1/1', [], '360x640'],
        ['720x576', '16/11', [], '640x352'],
        ['320x180', '1/1', ['-metadata:s:v', 'rotate=90'], '180x320'],
        ['1280x720', '1/1', ['-metadata:s:v', 'rotate=180'], '640x360'],
        ['175x101', '1/1', [], '174x100'],
      ];
      for (const [size, aspect, turn, expected] of kinds) {
        const clip = bench.file(`size-${size}.mp4`);
        // Red at the left, blue at the right, as coded.
        const halves = `color=red:s=${size}:r=25:d=1,drawbox=x=iw/2:w=iw/2:h=ih:color=blue:t=fill,setsar=${aspect}`;
        const upright = bench.file('as-coded.mp4');
        await ffmpeg('-f', 'lavfi', '-i', halves, '-c:v', 'mpeg4', '-q:v', '2', upright);
        await ffmpeg('-i', upright, '-c', 'copy', ...turn, clip);
        const file = await saved(await piece(clip, 'picture', 0));
        const { width, height } = await sizeOf(file);
        assert.equal(`${width}x${height}`, expected, size);
        for (const place of ['0:ih/2', 'iw-8:ih/2', 'iw/2:0', 'iw/2:ih-8']) {
          if (turn.length > 0) assert.equal(await isRed(file, place), await isRed(clip, place), `${size} at ${place}`);
        }
      }
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

  describe('sounds as it does elsewhere, without a seam', () => {
    // A rising tone, whose every moment is another: 18 s, over two seams. Each channel has one of its own.
    const tone = (channels: number, rate = 48_000): string[] => {
      const rising = Array.from({ length: channels }, (_, n) => `0.3*sin(2*PI*(${200 + 100 * n}*t+20*t*t))`);
      const layout = channels === 6 ? '5.1' : channels === 2 ? 'stereo' : 'mono';
      return ['-f', 'lavfi', '-i', `aevalsrc='${rising.join('|')}':s=${rate}:c=${layout}:d=18`];
    };
    const kinds: readonly (readonly [string, string, readonly string[], number, number?])[] = [
      ['AAC', 'aac.mp4', ['-c:a', 'aac', '-b:a', '192k'], 2],
      ['AAC in Matroska', 'aac.mkv', ['-c:a', 'aac', '-b:a', '192k'], 2],
      ['MP3 in AVI', 'mp3.avi', ['-c:a', 'libmp3lame', '-b:a', '192k'], 2],
      ['MP3 in Matroska, 44.1 kHz', 'mp3.mkv', ['-c:a', 'libmp3lame', '-b:a', '192k'], 1, 44_100],
      ['Opus', 'opus.webm', ['-c:a', 'libopus', '-b:a', '160k'], 2],
      ['Vorbis', 'vorbis.webm', ['-c:a', 'libvorbis', '-q:a', '8'], 2],
      ['AC-3 with six channels', 'surround.mkv', ['-c:a', 'ac3', '-b:a', '640k'], 6],
      ['samples, 96 kHz', 'samples.mov', ['-c:a', 'pcm_s24le'], 2, 96_000],
      ['samples, 11.025 kHz', 'low.avi', ['-c:a', 'pcm_s16le'], 1, 11_025],
    ];
    for (const [name, file, coding, channels, rate] of kinds) {
      it(name, async () => {
        const clip = bench.file(file);
        await ffmpeg(...tone(channels, rate), ...coding, clip);
        const stereo = bench.file('stereo.wav');
        if (channels > 2) await ffmpeg('-i', clip, '-ac', '2', '-c:a', 'pcm_s16le', stereo);
        const there = await sound(channels > 2 ? stereo : clip);
        const forward = await joined(clip, 'forward');
        const { duration } = await bench.engine.probe(clip);
        assert.ok(Math.abs(forward.length / 48_000 - duration / 1e6) < 0.001, 'as long as the clip');
        const { shift, error } = match(there, forward);
        assert.ok(Math.abs(shift) <= 48, `${shift} samples apart`);
        assert.ok(error < 0.02, `differs by ${error}`);
        // Reading from the middle gives the same as reading on.
        const again = await joined(clip, 'backward');
        assert.equal(again.length, forward.length);
        assert.ok(furthest(forward, again, 0) < 0.002, `backward: differs by ${furthest(forward, again, 0)}`);
      });
    }

    it('late, and silent before and after', async () => {
      const clip = bench.file('late.mp4');
      const source = bench.file('beeps.mp4');
      await makeClip(source, { frames: 120 });
      const picture = bench.file('picture.mp4');
      await makeClip(picture, { frames: 600, audio: false });
      const maps = ['-itsoffset', '5.5', '-i', source, '-map', '0:v', '-map', '1:a', '-c', 'copy'];
      await ffmpeg('-i', picture, ...maps, clip);
      const heard = await joined(clip, 'backward');
      assert.equal(heard.length, 20 * 48_000);
      const found = beeps(heard);
      assert.equal(found.length, 4);
      for (const [n, time] of found.entries()) assert.ok(Math.abs(time - 5.5 - n) < 0.002, String(time));
      assert.ok(heard.subarray(0, 5.4 * 48_000).every((sample) => sample === 0));
      assert.ok(heard.subarray(9.6 * 48_000).every((sample) => sample === 0));
    });

    it('in step with the picture', async () => {
      const clip = bench.file('step.mkv');
      await makeClip(clip, { frames: 300, audio: ['-c:a', 'ac3'] });
      const heard = beeps(await joined(clip, 'forward'));
      const seen: number[] = [];
      for (const made of await pieces(clip, 'picture', 'forward')) {
        const file = await saved(made);
        const times = await frameTimes(file);
        for (const n of await flashes(file)) seen.push(made.start / 1e6 + (times[n] ?? 0));
      }
      assert.equal(seen.length, 10);
      for (const [n, time] of seen.entries()) {
        const sounds = heard.some((beep) => Math.abs(beep - time) <= 1 / 30);
        assert.ok(sounds, `flash ${n} at ${time}, beeps at ${heard.join(' ')}`);
      }
    });

    async function joined(file: string, order: 'forward' | 'backward'): Promise<Float32Array> {
      const parts: Float32Array[] = [];
      for (const made of await pieces(file, 'sound', order)) {
        const flac = await saved(made);
        const [track] = await streams(flac);
        assert.equal(track?.codec_name, 'flac');
        assert.ok(Math.abs(Number(track.duration) * 1e6 - made.duration) < 100, track.duration);
        parts.push(await sound(flac));
      }
      const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    }

    /** By how many samples the second has to be moved to fit the first best, and how far they are apart then. */
    function match(a: Float32Array, b: Float32Array): { shift: number; error: number } {
      let best = { shift: 0, error: Number.POSITIVE_INFINITY };
      for (let shift = -100; shift <= 100; shift++) {
        const error = furthest(a.subarray(96_000, 97_000), b.subarray(96_000 + shift), 0);
        if (error < best.error) best = { shift, error };
      }
      return { shift: best.shift, error: furthest(a, b, best.shift) };
    }

    function furthest(a: Float32Array, b: Float32Array, shift: number): number {
      let most = 0;
      const margin = 4800;
      const from = a.length > 2 * margin ? margin : 0;
      for (let i = from; i < a.length - from && i + shift < b.length - from; i++) {
        most = Math.max(most, Math.abs((a[i] ?? 0) - (b[i + shift] ?? 0)));
      }
      return most;
    }
  });

  it('is read from far inside a long file at once, and quickly from there on', async () => {
    const clip = bench.file('long.mkv');
    const short = bench.file('short.mp4');
    await makeClip(short, { frames: 600 });
    await ffmpeg('-stream_loop', '359', '-i', short, '-c', 'copy', clip);
    for (const track of ['sound', 'picture'] as const) {
      const begun = performance.now();
      await piece(clip, track, Math.floor(5_400_000_000 / LENGTH[track]));
      const first = performance.now() - begun;
      // Reading up to there takes many times as long.
      assert.ok(first < 10_000, `${track}: ${Math.round(first)} ms`);
    }
  });

  it('is not made for who does not wait any more, and all the same for others', async () => {
    const clip = bench.file('wanted.mp4');
    await makeClip(clip, { frames: 240 });
    const stop = new AbortController();
    const wish = { track: 'picture', start: 0, length: 60_000_000 } as const;
    const given = bench.engine.playable(clip, wish, { signal: stop.signal });
    const wanted = piece(clip, 'picture', 0);
    stop.abort(new Error('gone'));
    await assert.rejects(given, /gone/);
    assert.equal((await wanted).duration, 4_000_000);
    assert.equal((await piece(clip, 'picture', 1)).duration, 4_000_000);
  });

  it('comes from the file as it is now', async () => {
    const clip = bench.file('written-anew.mp4');
    await makeClip(clip, { frames: 150 });
    assert.equal((await piece(clip, 'picture', 1)).duration, 1_000_000);
    await makeClip(clip, { frames: 180 });
    assert.equal((await piece(clip, 'picture', 1)).duration, 2_000_000);
    await rm(clip);
    await assert.rejects(piece(clip, 'picture', 1), /written-anew.mp4 was not found/);
  });

  it('says in a sentence what cannot be made', async () => {
    const mute = bench.file('mute.mp4');
    await makeClip(mute, { frames: 60, audio: false });
    await assert.rejects(piece(mute, 'sound', 0), { name: 'MediaError', message: 'This clip has no sound.' });
    const blind = bench.file('blind.m4a');
    await ffmpeg('-f', 'lavfi', '-i', 'sine=d=2', blind);
    await assert.rejects(piece(blind, 'picture', 0), { name: 'MediaError', message: 'This clip has no picture.' });
    await assert.rejects(piece(blind, 'sound', 1), { name: 'MediaError', message: 'The clip ends before this place.' });
    await assert.rejects(piece(bench.file('nothing.mp4'), 'sound', 0), { code: 'not-found' });
    assert.deepEqual(
      bench.log.filter((line) => line.includes('NativeError')),
      [],
    );
  });
});
