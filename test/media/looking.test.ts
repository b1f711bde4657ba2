import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createMediaEngine } from '../../src/media/engine.js';
import type { MediaEngine, PauseSearch, SoundPart, WorkOptions } from '../../src/media/media.js';
import { ffmpeg, makeClip, sharedMedia, sound } from './clips.js';
import { openBench, type Bench } from './workbench.js';

describe('Looking at a clip', function () {
  this.timeout(30_000);
  let bench: Bench;
  let clip: string;
  before(async () => {
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 240 });
  });
  after(() => bench.close());

  it('tells what is in it', async () => {
    const { size, ...summary } = await bench.engine.probe(clip);
    assert.ok(size > 10_000);
    assert.deepEqual(summary, {
      path: clip,
      container: 'mp4',
      duration: 8_000_000,
      video: { codec: 'h264', width: 320, height: 180, rotation: 0, frameRate: 30, frames: 240 },
      audio: [{ codec: 'aac', sampleRate: 48_000, channels: 2 }],
    });
  });

  it('finds the pauses, the last one up to the end', async () => {
    const file = bench.file('pauses.wav');
    const gaps = "aevalsrc='0.5*sin(2*PI*440*t)*(1-between(t,2,4.5))*(1-between(t,6,6.4))*lt(t,8)':s=48000:d=10";
    await ffmpeg('-f', 'lavfi', '-i', gaps, file);
    assert.deepEqual(await pausesIn(file), ['2.00-4.50', '8.00-10.00']);
    assert.deepEqual(await pausesIn(file, { minimum: 300_000 }), ['2.00-4.50', '6.00-6.40', '8.00-10.00']);
    assert.equal((await bench.engine.pauses(file, { threshold: -3 })).length, 1, 'all of it is under -3 dB');
  });

  describe('tells pauses from speech by the noise of the place', () => {
    // A voice: syllables of a tenth of a second, four a second, with the noise of the room under all of it.
    const talk = (noise: string): string =>
      `aevalsrc='0.4*sin(2*PI*180*t)*lt(mod(t,0.25),0.17)*(1-between(t,4,6.5))*(1-between(t,9,9.5))*lt(t,13)+${noise}':s=48000:d=15`;
    const amplitude = (decibels: number): string => (10 ** (decibels / 20)).toFixed(7);
    // Uniform noise has a third of the power of its peak, a sine half.
    const hiss = (level: number): string => `${amplitude(level + 4.8)}*(2*random(0)-1)`;
    const rooms: Record<string, string> = {
      'a quiet room, -70 dB': hiss(-70),
      'a room with a fan, -50 dB': hiss(-50),
      'a loud hum, -38 dB': `${amplitude(-35)}*sin(2*PI*50*t)`,
      'digital silence': '0',
    };
    for (const [name, noise] of Object.entries(rooms)) {
      it(name, async () => {
        const file = bench.file('room.wav');
        await ffmpeg('-f', 'lavfi', '-i', talk(noise), file);
        // The last syllable before each ends a little earlier.
        await assertPauses(file, {}, [3.92, 6.5], [12.92, 15]);
        await assertPauses(file, { minimum: 400_000 }, [3.92, 6.5], [8.92, 9.5], [12.92, 15]);
      });
    }

    it('music all through has none, nor has a hum alone, nor a track without any sound', async () => {
      const sounds: Record<string, string> = {
        // Louder and softer by 12 dB, as music is.
        music: `aevalsrc='(0.15+0.11*sin(2*PI*t/7))*(sin(2*PI*220*t)+0.5*sin(2*PI*331*t))':s=48000:d=30`,
        hum: `aevalsrc='${amplitude(-40)}*sin(2*PI*50*t)+${hiss(-60)}':s=48000:d=10`,
        nothing: 'anullsrc=d=10',
      };
      for (const [name, source] of Object.entries(sounds)) {
        const file = bench.file(`${name}.wav`);
        await ffmpeg('-f', 'lavfi', '-i', source, '-t', '30', file);
        assert.deepEqual(await pausesIn(file), [], name);
      }
    });

    it('music that stops has a pause there, and a click in it does not end it', async () => {
      const file = bench.file('stops.m4a');
      const source = `aevalsrc='0.3*sin(2*PI*220*t)*(1-between(t,3,6))+0.5*between(t,4.5,4.502)':s=44100:d=10`;
      await ffmpeg('-f', 'lavfi', '-i', source, '-c:a', 'aac', file);
      const [pause, ...more] = await bench.engine.pauses(file);
      assert.deepEqual(more, []);
      assert.ok(pause && Math.abs(pause.in - 3e6) < 50_000 && Math.abs(pause.out - 6e6) < 50_000);
    });

    it('in every sample format, rate and number of channels alike', async () => {
      const source = talk(hiss(-60));
      const codings = [
        ['pcm_u8', '8000', '1', 'wav', -44],
        ['pcm_s16le', '44100', '2', 'wav'],
        ['pcm_s24le', '96000', '2', 'wav'],
        ['pcm_f32le', '22050', '1', 'wav'],
        ['pcm_f64le', '48000', '6', 'wav'],
        ['flac', '44100', '2', 'flac'],
        ['libmp3lame', '32000', '2', 'mp3'],
        ['libopus', '48000', '1', 'webm'],
      ] as const;
      for (const [codec, rate, channels, ending, threshold = -45] of codings) {
        const file = bench.file(`${codec}.${ending}`);
        await ffmpeg('-f', 'lavfi', '-i', source, '-c:a', codec, '-ar', rate, '-ac', channels, file);
        await assertPauses(file, { threshold }, [3.92, 6.5], [12.92, 15]);
      }
    });
  });

  it('finds the long pause of the real interview', async function () {
    const folder = sharedMedia();
    if (!folder) return this.skip();
    const pauses = await bench.engine.pauses(`${folder}/interview.mp4`);
    const [longest] = pauses.sort((a, b) => b.out - b.in - (a.out - a.in));
    assert.equal(((longest?.in ?? 0) / 1e6).toFixed(2), '17.30');
    assert.equal(((longest?.out ?? 0) / 1e6).toFixed(2), '39.96');
  });

  it('measures the waveform exactly, in parts that follow on each other', async () => {
    const parts: SoundPart[] = [];
    await bench.engine.sound(clip, (part) => parts.push(part));
    const [{ step, count } = { step: 0, count: 0 }] = parts;
    assert.deepEqual([step, count], [2500, 3200]);
    const values: number[] = [];
    for (const { offset, peaks } of parts) {
      assert.equal(offset, values.length);
      values.push(...peaks);
    }
    assert.equal(values.length, count);
    // Both channels are the same, and mixed to one they are louder by the root of 2.
    const truth = (await sound(clip)).map((sample) => sample / Math.SQRT2);
    for (const [n, value] of values.entries()) {
      const samples = truth.subarray(n * 120, (n + 1) * 120);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(Math.abs(value - Math.min(255, peak * 255)) <= 1, `step ${n}: ${value}, ${peak * 255}`);
    }
  });

  it('makes upright thumbnails of the height asked for', async () => {
    const thumbnails = await bench.engine.thumbnails(clip, { count: 5, height: 90 });
    assert.equal(thumbnails.length, 5);
    for (const { width, height, jpeg } of thumbnails) {
      assert.deepEqual([width, height], [160, 90]);
      assert.deepEqual([...jpeg.subarray(0, 2)], [0xff, 0xd8]);
    }
    const times = thumbnails.map(({ time }) => time);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    const turned = bench.file('turned.mp4');
    await ffmpeg('-i', clip, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned);
    const [thumbnail] = await bench.engine.thumbnails(turned, { count: 1, height: 160 });
    assert.deepEqual([thumbnail?.width, thumbnail?.height], [90, 160]);
  });

  it('does without sound and without picture', async () => {
    const silent = bench.file('silent.mp4');
    await makeClip(silent, { frames: 30, audio: false });
    assert.deepEqual(await bench.engine.pauses(silent), []);
    const parts: SoundPart[] = [];
    await bench.engine.sound(silent, (part) => parts.push(part));
    assert.ok(parts.every(({ peaks }) => peaks.every((peak) => peak === 0)));
    const voice = bench.file('voice.wav');
    await ffmpeg('-f', 'lavfi', '-i', 'sine=d=2', voice);
    assert.deepEqual(await bench.engine.thumbnails(voice, { count: 3, height: 90 }), []);
    assert.equal((await bench.engine.probe(voice)).video, undefined);
  });

  it('makes pictures from coarse to fine, and those of a part of the clip alone', async () => {
    const order: number[] = [];
    await bench.engine.thumbnails(clip, { count: 8, height: 40 }, ({ time }) => order.push(time / 1e6));
    // Keyframes are a second apart: the middle first, then the quarters.
    assert.deepEqual(order.slice(0, 4), [4, 2, 6, 1]);
    const within = { in: 3e6, out: 5e6 };
    const some = await bench.engine.thumbnails(clip, { count: 8, height: 40, within });
    assert.deepEqual(
      some.map(({ time }) => time / 1e6),
      [3, 4],
    );
  });

  describe('remembers what it saw and heard', () => {
    let cacheFolder: string;
    let engine: MediaEngine;
    const parts = async (file = clip, work: WorkOptions = {}): Promise<SoundPart[]> => {
      const found: SoundPart[] = [];
      await engine.sound(file, (part) => found.push(part), work);
      return found;
    };
    const files = async (): Promise<string[]> => (await readdir(cacheFolder)).sort();
    beforeEach(() => {
      cacheFolder = bench.file(`looks-${Math.random().toString(36).slice(2)}`);
      engine = reopen();
    });
    afterEach(() => engine.close());
    function reopen(): MediaEngine {
      return createMediaEngine({ workerPath: bench.workerPath, cacheFolder });
    }

    it('by the identity of the file, over the end of the worker', async () => {
      const first = await parts();
      const pictures = await engine.thumbnails(clip, { count: 3, height: 40 });
      const pauses = await engine.pauses(clip);
      assert.equal((await files()).length, 2);
      await engine.close();
      engine = reopen();
      const again = await parts();
      assert.equal(again.length, 1);
      assert.deepEqual(Buffer.concat(again.map(({ peaks }) => peaks)), Buffer.concat(first.map(({ peaks }) => peaks)));
      assert.deepEqual(await engine.thumbnails(clip, { count: 3, height: 40 }), pictures);
      assert.deepEqual(await engine.pauses(clip), pauses);
      const copy = bench.file('copy.mp4');
      await copyFile(clip, copy);
      await parts(copy);
      await utimes(copy, 1, 1);
      await parts(copy);
      assert.equal((await files()).length, 4);
    });

    it('and does not believe a damaged memory', async () => {
      const whole = Buffer.concat((await parts()).map(({ peaks }) => peaks));
      const [name = ''] = await files();
      const place = path.join(cacheFolder, name);
      const good = await readFile(place);
      const damages: Record<string, Buffer> = {
        'a flipped bit': Buffer.from(good.map((byte, n) => (n === good.length - 100 ? byte ^ 1 : byte))),
        'cut off': good.subarray(0, good.length - 7),
        empty: Buffer.alloc(0),
        'of another version': Buffer.from(good.map((byte, n) => (n === 7 ? 99 : byte))),
        'something else': Buffer.from('hello '.repeat(100)),
      };
      for (const [what, data] of Object.entries(damages)) {
        await writeFile(place, data);
        await engine.close();
        engine = reopen();
        assert.deepEqual(Buffer.concat((await parts()).map(({ peaks }) => peaks)), whole, what);
        assert.deepEqual(await readFile(place), good, `${what}: written anew`);
      }
    });

    it('hears a clip once for all who ask at the same time, and stops when none of them waits any more', async () => {
      const long = bench.file('long.wav');
      await ffmpeg('-f', 'lavfi', '-i', 'sine=d=1200:r=48000', long);
      const stop = new AbortController();
      const stopped = assert.rejects(
        engine.sound(long, () => stop.abort(), { signal: stop.signal }),
        (error: Error) => error.name === 'AbortError',
      );
      const [heard, pauses] = await Promise.all([parts(long), engine.pauses(long), stopped]);
      assert.equal(heard.at(-1)!.offset + heard.at(-1)!.peaks.length, 480_000);
      assert.deepEqual(pauses, []);
      await engine.close();
      engine = reopen();
      await rm(cacheFolder, { recursive: true });
      const alone = new AbortController();
      await assert.rejects(
        engine.sound(long, () => alone.abort(), { signal: alone.signal }),
        (error: Error) => error.name === 'AbortError',
      );
      await engine.probe(clip);
      assert.equal(existsSync(cacheFolder), false, 'what was not heard to the end is not remembered');
    });
  });

  async function assertPauses(
    file: string,
    search: PauseSearch,
    ...expected: readonly (readonly [number, number])[]
  ): Promise<void> {
    const found = await pausesIn(file, search);
    const near = expected.every(([from, to], n) => {
      const [start = 0, end = 0] = (found[n] ?? '').split('-').map(Number);
      return Math.abs(start - from) < 0.04 && Math.abs(end - to) < 0.04;
    });
    assert.ok(near && found.length === expected.length, `${path.basename(file)}: ${found.join(' ')}`);
  }

  async function pausesIn(file: string, search: PauseSearch = {}): Promise<string[]> {
    const pauses = await bench.engine.pauses(file, search);
    return pauses.map(({ in: from, out }) => `${(from / 1e6).toFixed(2)}-${(out / 1e6).toFixed(2)}`);
  }
});
