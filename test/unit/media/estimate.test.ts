import assert from 'node:assert/strict';
import {
  crowding,
  crowdingOfAll,
  estimateSeconds,
  joiningKey,
  MOVING,
  MUXING,
  SAMPLED,
  sampledBytes,
  sampledSeconds,
  scaledBytes,
  smartParts,
  smartSeconds,
  speedKey,
  type SmartWork,
} from '../../../src/media/estimate.js';
import { SpeedMemory } from '../../../src/media/speed-memory.js';

describe('the estimate of a cut', () => {
  const minute = { encoder: 'libx264', frames: 1800, pixels: 1920 * 1080, sourcePixels: 1920 * 1080, bytes: 0 };

  it('is of the right size for a minute of 1080p', () => {
    const four = estimateSeconds(minute, 4);
    assert.ok(four > 8 && four < 60, String(four));
  });

  it('grows with frames and pixels, and falls with processors as far as the encoder uses them', () => {
    const seconds = estimateSeconds(minute, 4);
    assert.ok(Math.abs(estimateSeconds({ ...minute, frames: 3600 }, 4) - 2 * seconds) < 0.01);
    assert.ok(estimateSeconds({ ...minute, pixels: 640 * 360 }, 4) < seconds / 2);
    assert.ok(estimateSeconds(minute, 8) < seconds);
    assert.equal(estimateSeconds(minute, 64), estimateSeconds(minute, 128));
    assert.ok(estimateSeconds({ ...minute, encoder: 'libx265' }, 4) > 2 * seconds);
  });

  it('learns from cuts of the kind on this machine, and takes those of the encoder where it has none', () => {
    const seconds = estimateSeconds(minute, 4);
    const speeds = { [speedKey(minute)]: 3, [SAMPLED + speedKey(minute)]: 7 };
    assert.ok(Math.abs(estimateSeconds(minute, 4, speeds) / seconds - 3) < 1e-9);
    const small = { ...minute, pixels: 640 * 360 };
    assert.ok(Math.abs(estimateSeconds(small, 4, speeds) / estimateSeconds(small, 4) - 3) < 1e-9);
    const other = { ...minute, encoder: 'libx265' };
    assert.equal(estimateSeconds(other, 4, speeds), estimateSeconds(other, 4));
  });

  it('goes by a sample of the pictures where there is one', () => {
    const sample = { bytes: 1000, keyBytes: 20_000, gop: 100, seconds: 0.01 };
    assert.equal(sampledBytes(1000, sample), 10 * 20_000 + 990 * 1000);
    assert.equal(sampledBytes(1, sample), 20_000);
    assert.ok(Math.abs(sampledSeconds(minute, sample) - 18) < 1e-9);
    assert.ok(Math.abs(sampledSeconds(minute, sample, { [SAMPLED + speedKey(minute)]: 0.5 }) - 9) < 1e-9);
  });

  it('takes a smaller picture for smaller, but not in step with its pixels', () => {
    const quarter = scaledBytes(1e6, { ...minute, pixels: minute.pixels / 4 });
    assert.ok(quarter > 0.25e6 && quarter < 0.5e6, String(quarter));
    assert.equal(scaledBytes(1e6, minute), 1e6);
  });
});

describe('the estimate of a cut that joins', () => {
  const work: SmartWork = {
    encoder: 'libx264',
    pixels: 1920 * 1080,
    anew: 30,
    frames: 100_000,
    bytes: 1e9,
    searched: 50e6,
    moves: true,
  };
  const idle = (of: SmartWork, speeds = {}): number => smartSeconds(of, 4, speeds, 0);
  const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);

  it('grows with what is joined, found and moved, and more with what a muxer writes', () => {
    const seconds = idle(work);
    assert.ok(seconds > 1 && seconds < 20, String(seconds));
    for (const more of [{ anew: 300 }, { searched: 5e9 }, { bytes: 2e9 }, { moves: false }]) {
      assert.ok(idle({ ...work, ...more }) > seconds, JSON.stringify(more));
    }
  });

  it('learns joining and moving apart: many cuts of a small clip tell nothing of the disk', () => {
    const { joining, copying } = smartParts(work, 4);
    near(idle(work), joining + copying);
    near(idle(work, { [joiningKey(work)]: 3 }), 3 * joining + copying);
    near(idle(work, { [MOVING]: 0.5, [MUXING]: 9 }), joining + copying / 2);
    const muxed = { ...work, moves: false };
    near(idle(muxed, { [MOVING]: 0.5, [MUXING]: 2 }), idle(muxed) + smartParts(muxed, 4).copying);
  });

  it('is longer while other programs want the processors, as far as it is their work and not the disk’s', () => {
    const { joining, copying } = smartParts(work, 4);
    near(smartSeconds(work, 4, {}, 3), joining + copying);
    near(smartSeconds(work, 4, {}, 12), 3 * joining + copying);
    assert.equal(crowding(0, 4), 1, 'a system that does not count');
    assert.ok(crowding(1000, 4) <= 10);
    assert.equal(crowdingOfAll(8, 4), 1, 'what an encoder of ours leaves behind');
    assert.equal(crowdingOfAll(20, 4), 3);
    assert.ok(crowdingOfAll(1000, 4) <= 10);
  });
});

describe('the memory of how fast this machine is', () => {
  it('is an average in which new cuts weigh more and none decides, and outlasts the window', () => {
    let kept: unknown;
    const store = { read: () => kept, write: (value: unknown) => void (kept = value) };
    const memory = new SpeedMemory(store);
    memory.learn('x', 2);
    assert.equal(memory.speeds['x'], 2);
    memory.learn('x', 8);
    const mixed = memory.speeds['x'] ?? 0;
    assert.ok(mixed > 2.5 && mixed < 5, String(mixed));
    assert.deepEqual(new SpeedMemory(store).speeds, memory.speeds);
  });

  it('passes over what cannot be, and what is stored in another form', () => {
    let kept: unknown = { x: 'fast' };
    const memory = new SpeedMemory({ read: () => kept, write: (value) => void (kept = value) });
    memory.learn('x', Number.NaN);
    memory.learn('x', 0);
    assert.deepEqual(memory.speeds, {});
    memory.learn('x', 1e9);
    assert.equal(memory.speeds['x'], 50);
  });
});
