import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { LookCache } from '../../../src/media/looking/look-cache.js';
import { pauseThreshold } from '../../../src/media/looking/noise-floor.js';
import { withMargins } from '../../../src/media/looking/pause-margins.js';
import { pausesOf } from '../../../src/media/looking/pauses.js';
import { PeakPyramid } from '../../../src/media/looking/pyramid.js';
import { levelByte, LevelMeter } from '../../../src/media/looking/sound-levels.js';
import { createPartSender } from '../../../src/media/looking/sound-parts.js';
import { coarseToFine } from '../../../src/media/looking/thumbnails.js';

const S = 1_000_000;
const STEP = 10_000;

/** Levels, 100 a second, from stretches of [seconds, decibels]; a little unsteady, as sound is. */
function levels(...stretches: readonly (readonly [number, number])[]): Uint8Array {
  const found = stretches.flatMap(([seconds, decibels]) =>
    Array.from({ length: Math.round(seconds * 100) }, (_, n) =>
      levelByte(decibels - 1.5 + (3 * ((n * 7919) % 13)) / 13),
    ),
  );
  return Uint8Array.from(found);
}

/** Speech at a level: syllables, and gaps down to the noise. */
function speech(seconds: number, decibels: number, noise: number): readonly (readonly [number, number])[] {
  return Array.from(
    { length: Math.round(seconds * 4) },
    () =>
      [
        [0.17, decibels],
        [0.08, noise],
      ] as const,
  ).flat();
}

describe('the threshold of pauses', () => {
  for (const noise of [-75, -70, -60, -50, -45, -38]) {
    it(`lies between a noise of ${noise} dB and speech`, () => {
      const found = pauseThreshold(levels(...speech(20, -18, noise), [2, noise], ...speech(20, -18, noise)), STEP);
      assert.ok(found !== undefined && found > noise + 4 && found < -24, String(found));
    });
  }

  it('is found by one pause of a second in an hour', () => {
    const found = pauseThreshold(levels(...speech(1800, -18, -50), [1, -50], ...speech(1800, -18, -50)), STEP);
    assert.ok(found !== undefined && found > -46 && found < -24, String(found));
    assert.ok((pauseThreshold(levels([100, -18], [1, -50]), STEP) ?? 0) > -46);
  });

  it('is not drawn down by silence that was put in, or by a fade', () => {
    const talk = [...speech(20, -18, -45), [2, -45] as const, ...speech(20, -18, -45)];
    const plain = pauseThreshold(levels(...talk), STEP) ?? 0;
    const fade = Array.from({ length: 100 }, (_, n) => [0.01, -18 + 20 * Math.log10(1 - n / 100)] as const);
    const faded = pauseThreshold(levels(...talk, ...fade, [30, -127]), STEP) ?? 0;
    assert.ok(Math.abs(faded - plain) < 3, `${plain} ${faded}`);
    // A microphone that failed for a second.
    const dropout = pauseThreshold(levels(...talk, [2, -45], [1, -76], ...talk), STEP) ?? 0;
    assert.ok(Math.abs(dropout - plain) < 4, `${plain} ${dropout}`);
  });

  it('is under the sound where that is all alike: a tone, a hum, music', () => {
    for (const level of [-12, -30, -40, -55, -70]) {
      const found = pauseThreshold(levels([30, level]), STEP);
      assert.ok(found !== undefined && found <= level - 4, `${level}: ${found}`);
    }
    const music = Array.from({ length: 300 }, (_, n) => [0.1, -18 + 8 * Math.sin(n / 9)] as const);
    assert.ok((pauseThreshold(levels(...music), STEP) ?? 0) <= -30);
  });

  it('is not there for nothing but silence', () => {
    assert.equal(pauseThreshold(levels([10, -127]), STEP), undefined);
    assert.equal(pauseThreshold(new Uint8Array(0), STEP), undefined);
  });
});

describe('pauses', () => {
  const sound = (...stretches: readonly (readonly [number, number])[]) => ({
    duration: 8 * S,
    step: STEP / 4,
    peaks: new Uint8Array(0),
    levels: levels(...stretches),
  });
  const found = (heard: ReturnType<typeof sound>, threshold: number | 'auto' = -40): string =>
    pausesOf(heard, threshold, S)
      .map((pause) => `${pause.in / S}-${pause.out / S}`)
      .join(' ');

  it('are as long as asked for, and go on over a click', () => {
    assert.equal(found(sound([2, -20], [3, -60], [0.9, -20], [0.5, -60])), '2-5');
    assert.equal(found(sound([2, -20], [1, -60], [0.02, -20], [1.5, -60], [1, -20])), '2-4.52');
    assert.equal(found(sound([2, -20], [1.2, -60], [0.05, -20], [1.5, -60], [1, -20])), '2-3.2 3.25-4.75');
  });

  it('end with the clip', () => {
    assert.equal(found(sound([2, -20], [20, -60])), '2-8');
    assert.equal(found(sound([20, -127]), 'auto'), '');
  });

  it('keep their margin on both sides, not at the ends of the clip', () => {
    const pauses = [
      { in: 0, out: S },
      { in: 2 * S, out: 4 * S },
      { in: 5 * S, out: 5.2 * S },
      { in: 7 * S, out: 8 * S },
    ];
    assert.deepEqual(withMargins(pauses, 0.1 * S, 8 * S), [
      { in: 0, out: 0.9 * S },
      { in: 2.1 * S, out: 3.9 * S },
      { in: 7.1 * S, out: 8 * S },
    ]);
  });
});

describe('the meter of sound', () => {
  it('has the same result however the samples are cut into pieces', () => {
    const data = Float32Array.from({ length: 44_100 }, (_, n) => Math.sin(n * n * 1e-4) * 0.7);
    const measure = (cuts: readonly number[]): LevelMeter => {
      const meter = new LevelMeter(S);
      meter.setFormat(44_100, 1);
      const ends = [...cuts.map((cut) => cut % data.length), data.length].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        meter.add([{ data, first: 0, stride: 1 }], from, end, from, 1);
        from = end;
      }
      meter.end();
      return meter;
    };
    const whole = measure([]).result;
    assert.equal(whole.peaks.length, 400);
    assert.equal(whole.levels.length, 100);
    fc.assert(
      fc.property(fc.array(fc.nat(44_099), { maxLength: 20 }), (cuts) => {
        const { peaks, levels: heard } = measure(cuts).result;
        assert.deepEqual([peaks, heard], [whole.peaks, whole.levels]);
      }),
      { numRuns: 50 },
    );
  });

  it('measures level and peak of the loudest channel, and silence in gaps', () => {
    const meter = new LevelMeter(S);
    meter.setFormat(48_000, 2);
    // Left a sine of half scale, right next to nothing; interleaved, 16 bits.
    const data = Int16Array.from({ length: 48_000 }, (_, n) =>
      n % 2 === 0 ? Math.round(16_384 * Math.sin((n / 2) * 0.1)) : 3,
    );
    const channels = [0, 1].map((first) => ({ data, first, stride: 2 }));
    meter.add(channels, 0, 12_000, 0, 1 / 32_768);
    meter.add(channels, 12_000, 24_000, 36_000, 1 / 32_768);
    meter.end();
    const { peaks, levels: heard } = meter.result;
    assert.ok(Math.abs((peaks[40] ?? 0) - 128) <= 1);
    // Half scale is −6 dB, a sine 3 dB less.
    assert.ok(Math.abs((heard[10] ?? 0) - 18) <= 1);
    assert.deepEqual([peaks[101], peaks[299], heard[50]], [0, 0, 255]);
    assert.ok((peaks[310] ?? 0) > 100);
  });
});

describe('the waveform at several resolutions', () => {
  it('never hides a peak, and knows how far it goes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 700 }), { minLength: 1, maxLength: 6 }),
        fc.nat(5000),
        fc.nat(5000),
        fc.integer({ min: 1, max: 400_000 }),
        (parts, a, b, step) => {
          const all = Uint8Array.from(parts.flatMap((part) => [...part]));
          const pyramid = new PeakPyramid(2500, all.length + 100);
          let offset = 0;
          for (const part of parts) {
            pyramid.add(offset, part);
            offset += part.length;
          }
          assert.equal(pyramid.finished, all.length);
          const section = { in: Math.min(a, b) * 2500, out: Math.max(a, b) * 2500 };
          const picked = pyramid.pick(section, step);
          assert.ok(picked.step <= Math.max(step, 2500));
          const per = picked.step / 2500;
          for (const [n, value] of picked.values.entries()) {
            const from = (picked.offset + n) * per;
            assert.equal(value, Math.max(...all.subarray(from, from + per)));
          }
          // All that is known of the section is there.
          const known = Math.min(section.out, all.length * 2500);
          if (known > section.in) {
            assert.ok(picked.offset * picked.step <= section.in);
            assert.ok((picked.offset + picked.values.length) * picked.step >= known);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is small for a clip of four hours, whatever is looked at', () => {
    const pyramid = new PeakPyramid(2500, 5_760_000);
    pyramid.add(0, new Uint8Array(5_760_000).fill(7));
    const whole = pyramid.pick({ in: 0, out: 14_400 * S }, (14_400 * S) / 1024).values;
    assert.ok(whole.length >= 1024 && whole.length <= 4096, String(whole.length));
    assert.equal(whole.at(-1), 7);
  });

  it('is sent in parts that follow on each other, not too often', () => {
    let now = 0;
    const sent: [number, number][] = [];
    const send = createPartSender(
      ({ offset, peaks }) => sent.push([offset, peaks.length]),
      () => now,
    );
    const sound = { duration: 250_000, step: 2500, peaks: new Uint8Array(100), levels: new Uint8Array(25) };
    for (const [time, finished, last] of [
      [0, 0, false],
      [1, 10, false],
      [2, 20, false],
      [200, 30, false],
      [201, 100, true],
    ] as const) {
      now = time;
      send({ sound, finished }, last);
    }
    assert.deepEqual(sent, [
      [0, 10],
      [10, 20],
      [30, 70],
    ]);
  });
});

describe('pictures', () => {
  it('come from coarse to fine, each once', () => {
    assert.deepEqual(coarseToFine(8), [4, 2, 6, 1, 3, 5, 7, 0]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
        const order = coarseToFine(count);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: count }, (_, n) => n),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is remembered of clips on disk', () => {
  let folder: string;
  const identity = { size: 5, modified: 7.5, inode: 9 };
  const look = { facts: { step: 3 }, blobs: [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)] };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-looks-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('comes back as it was, for the same file only', async () => {
    const cache = new LookCache(path.join(folder, 'made/on/demand'));
    assert.equal(await cache.read('sound', '/a.mp4', identity), undefined);
    await cache.write('sound', '/a.mp4', identity, look);
    assert.deepEqual(await cache.read('sound', '/a.mp4', identity), look);
    assert.equal(await cache.read('pictures', '/a.mp4', identity), undefined);
    assert.equal(await cache.read('sound', '/b.mp4', identity), undefined);
    for (const change of [{ size: 6 }, { modified: 7 }, { inode: 1 }]) {
      assert.equal(await cache.read('sound', '/a.mp4', { ...identity, ...change }), undefined);
    }
  });

  it('may be written by two windows at once', async () => {
    const windows = [new LookCache(folder), new LookCache(folder)];
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => (windows[n % 2] as LookCache).write('sound', '/a.mp4', identity, look)),
    );
    assert.deepEqual(await windows[0]?.read('sound', '/a.mp4', identity), look);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('stays under 64 MB: what was not used for longest goes, and what a killed window left', async () => {
    const cache = new LookCache(folder);
    const big = { facts: {}, blobs: [new Uint8Array(25 * 1024 * 1024)] };
    for (const [n, name] of ['/old.mp4', '/used.mp4'].entries()) {
      await cache.write('sound', name, identity, big);
      for (const file of await readdir(folder)) await utimes(path.join(folder, file), 1000 + n, 1000 + n);
    }
    const left = path.join(folder, 'x.sound.123.part');
    await writeFile(left, 'half');
    await utimes(left, 1, 1);
    const under = path.join(folder, 'y.sound.456.part');
    await writeFile(under, 'under way');
    assert.ok(await cache.read('sound', '/used.mp4', identity));
    await cache.write('sound', '/new.mp4', identity, big);
    assert.equal(await cache.read('sound', '/old.mp4', identity), undefined);
    assert.ok(await cache.read('sound', '/used.mp4', identity));
    assert.ok(await cache.read('sound', '/new.mp4', identity));
    await assert.rejects(stat(left));
    await stat(under);
  });

  it('is rid of what a killed window left as soon as the next one looks, and of nothing that is being written', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']);
    const left = path.join(folder, `x.sound.${gone.pid}-0a.part`);
    const under = path.join(folder, `y.sound.${process.ppid}-0b.part`);
    for (const name of [left, under]) await writeFile(name, 'half');
    await new LookCache(folder).read('sound', '/a.mp4', identity);
    await assert.rejects(stat(left));
    await stat(under);
  });

  it('costs nothing but time where it cannot be written', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'in the way');
    await new LookCache(file).write('sound', '/a.mp4', identity, look);
    assert.equal(await new LookCache(file).read('sound', '/a.mp4', identity), undefined);
  });

  it('is never believed when any byte of it changed', async () => {
    const cache = new LookCache(folder);
    await cache.write('sound', '/a.mp4', identity, look);
    const [name = ''] = await readdir(folder);
    const place = path.join(folder, name);
    const good = await readFile(place);
    for (let n = 0; n < good.length; n += 3) {
      await writeFile(
        place,
        good.map((byte, at) => (at === n ? byte ^ 0x10 : byte)),
      );
      assert.equal(await cache.read('sound', '/a.mp4', identity), undefined, `byte ${n}`);
      await writeFile(place, good.subarray(0, n));
      assert.equal(await cache.read('sound', '/a.mp4', identity), undefined, `${n} bytes`);
    }
  });
});
