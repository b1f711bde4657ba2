import assert from 'node:assert/strict';

import fc from 'fast-check';

import { packetClock, type PacketClock } from '../../../../src/media/sound/packet-clock.js';
import { layOutPackets, type PacketLayout } from '../../../../src/media/sound/packet-layout.js';
import type { SoundRange } from '../../../../src/media/sound/joined-sound.js';

const RATE = 48_000;
const SIZE = 1024;
const FADE = 360;

/** A track that starts at `start` on the clip's clock and runs evenly. */
function evenClock(packets: number, start: number): PacketClock {
  return packetClock(packets, SIZE, RATE, (place) => start + place * SIZE);
}

function layOut(clock: PacketClock, ranges: readonly SoundRange[]): PacketLayout {
  const layout = layOutPackets(clock, ranges, FADE);
  assert.ok(layout);
  return layout;
}

const total = (ranges: readonly SoundRange[]): number => ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/** Where each range's sound comes to lie in the result, less where it should: in samples. */
function errors(layout: PacketLayout, ranges: readonly SoundRange[], offset: number): number[] {
  let at = layout.start;
  let exact = 0;
  return layout.ranges.map((moved, n) => {
    const range = ranges[n] ?? { start: 0, end: 0 };
    const error = at - (moved.start + offset) - (exact - range.start);
    at += moved.end - moved.start;
    exact += range.end - range.start;
    return error;
  });
}

const anyTrack = fc.record({
  packets: fc.integer({ min: 1, max: 3000 }),
  start: fc.integer({ min: -4000, max: 9000 }),
});
const anyCuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 400_000 })), {
  minLength: 1,
  maxLength: 24,
});

function rangesFrom(steps: readonly (readonly [number, number])[], first: number): SoundRange[] {
  let at = first;
  return steps.map(([removed, kept]) => {
    const start = (at += removed);
    return { start, end: (at += kept) };
  });
}

describe('Where the packets of joined sound come from', () => {
  it('is never off by more than half a packet, at any of any number of joins', () => {
    fc.assert(
      fc.property(anyTrack, anyCuts, ({ packets, start }, steps) => {
        const ranges = rangesFrom(steps, -1);
        const layout = layOutPackets(evenClock(packets, start), ranges, FADE);
        if (!layout) return;
        for (const error of errors(layout, ranges, start)) assert.ok(Math.abs(error) <= SIZE / 2, `${error}`);
      }),
    );
  });

  it('covers the packets of the result exactly once, with copied packets in order and apart', () => {
    fc.assert(
      fc.property(anyTrack, anyCuts, ({ packets, start }, steps) => {
        const ranges = rangesFrom(steps, -1);
        const layout = layOutPackets(evenClock(packets, start), ranges, FADE);
        if (!layout) return;
        assert.equal(total(layout.ranges), layout.packets * SIZE);
        for (const range of layout.ranges) assert.ok(range.end >= range.start);
        let end = 0;
        for (const [n, stretch] of layout.stretches.entries()) {
          assert.ok(stretch.at >= end + (n > 0 ? 1 : 0), 'a join has new packets');
          assert.ok(stretch.first >= 0 && stretch.first + stretch.count <= packets);
          end = stretch.at + stretch.count;
        }
        assert.ok(end <= layout.packets);
        const reach = layout.packets * SIZE + layout.start;
        assert.ok(layout.length <= reach && layout.length <= total(ranges));
        assert.ok(layout.start > -3 * SIZE);
      }),
    );
  });

  it('never copies a packet that reaches beyond the fade into a removed section', () => {
    fc.assert(
      fc.property(anyTrack, anyCuts, ({ packets, start }, steps) => {
        const ranges = rangesFrom(steps, -1);
        const layout = layOutPackets(evenClock(packets, start), ranges, FADE);
        if (!layout) return;
        for (const { at, first, count } of layout.stretches) {
          // A copied packet makes the samples of its own place and overlaps into the next one.
          const from = start + first * SIZE;
          const to = start + (first + count + 1) * SIZE;
          const opens = at === 0;
          const closes = at + count === layout.packets;
          const range = ranges.find(
            (kept) =>
              (opens || from >= kept.start - SIZE / 2) && (closes || to <= kept.end + SIZE / 2) && to > kept.start,
          );
          assert.ok(range, `packets for ${from}–${to}`);
        }
      }),
    );
  });

  it('dissolves with nothing but the sound of the ranges themselves, and copies no packet of a dissolve', () => {
    // Kept ranges of at least two seconds, and half of what they overlap.
    const cuts = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 90_000 }),
        fc.integer({ min: 96_000, max: 400_000 }),
        fc.integer({ min: 2400, max: 12_000 }),
      ),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer({ min: -4000, max: 9000 }), cuts, (start, steps) => {
        let at = 0;
        // Ranges that overlap meet in the middle of what they share.
        const whole = steps.map(([removed, length]) => {
          const begin = (at += removed);
          return { start: begin, end: (at += length) };
        });
        const ranges = whole.map((range, n): SoundRange => {
          const [half, next] = [n > 0 ? (steps[n]?.[2] ?? 0) : 0, steps[n + 1]?.[2] ?? 0];
          return { start: range.start + half, end: range.end - next, ...(n > 0 ? { fade: half } : {}) };
        });
        const layout = layOut(evenClock(6000, start), ranges);
        let position = 0;
        for (const [n, moved] of layout.ranges.entries()) {
          const [fadeIn, fadeOut] = [moved.fade ?? 0, layout.ranges[n + 1]?.fade ?? 0];
          const [first, last] = [n === 0, n === layout.ranges.length - 1];
          assert.ok(first || moved.start - fadeIn + start >= (whole[n]?.start ?? 0));
          assert.ok(last || moved.end + fadeOut + start <= (whole[n]?.end ?? 0));
          // What is mixed lies in no copied packet, nor in the second one that a packet reaches into.
          const end = position + moved.end - moved.start;
          for (const { at: place, count } of layout.stretches) {
            const [from, to] = [place * SIZE, (place + count + 1) * SIZE];
            const inside = from < end && to - SIZE > position;
            if (!inside) continue;
            assert.ok(first || from >= position + fadeIn);
            assert.ok(last || to <= end - fadeOut);
          }
          position = end;
        }
      }),
    );
  });

  it('copies nearly all of a long track', () => {
    const layout = layOut(evenClock(10_000, -1024), [
      { start: 0, end: 3_000_001 },
      { start: 4_000_777, end: 10_000 * SIZE - 1024 },
    ]);
    const copied = layout.stretches.reduce((sum, { count }) => sum + count, 0);
    assert.ok(layout.packets - copied <= 4, `${layout.packets - copied} of ${layout.packets} are new`);
    assert.equal(layout.start, -1024);
  });

  it('keeps one packet to run in when the start is removed, and is exact from the first sample on', () => {
    const ranges = [{ start: 100_001, end: 900_000 }];
    const layout = layOut(evenClock(1000, -1024), ranges);
    assert.ok(layout.start <= -SIZE && layout.start > -2 * SIZE, `${layout.start}`);
    assert.deepEqual(errors(layout, ranges, -1024), [0]);
    assert.equal(layout.stretches.length, 1);
    assert.equal(layout.stretches[0]?.count, layout.packets);
  });

  it('lets sound that begins late begin late', () => {
    const layout = layOut(evenClock(1000, 50_000), [
      { start: 0, end: 300_000 },
      { start: 400_000, end: 900_000 },
    ]);
    assert.equal(layout.start, 50_000);
    assert.equal(layout.stretches[0]?.first, 0);
  });

  it('encodes a range that is shorter than a few packets and leaves it where it is', () => {
    const ranges = [
      { start: 0, end: 200_000 },
      { start: 300_000, end: 301_600 },
      { start: 400_000, end: 800_000 },
    ];
    const layout = layOut(evenClock(1000, 0), ranges);
    assert.equal(errors(layout, ranges, 0)[1], 0);
    assert.equal(layout.stretches.length, 2);
  });

  it('ends where the sound ends, even when the picture goes on', () => {
    const layout = layOut(evenClock(100, 0), [
      { start: 0, end: 50_000 },
      { start: 60_000, end: 999_999 },
    ]);
    assert.ok(Math.abs(layout.length - (100 * SIZE - 10_000)) <= SIZE / 2, `${layout.length}`);
  });

  it('leaves out a range that begins within the last half packet, rather than moving it behind the end', () => {
    const { ranges } = layOut(evenClock(100, 0), [
      { start: 5003, end: 60_000 },
      { start: 100 * SIZE - 359, end: 101 * SIZE },
    ]);
    assert.equal(ranges.length, 1);
  });

  it('has nothing to say when no sound is kept', () => {
    assert.equal(layOutPackets(evenClock(100, 0), [{ start: 200_000, end: 300_000 }], FADE), undefined);
    assert.equal(layOutPackets(evenClock(100, 500_000), [{ start: 0, end: 300_000 }], FADE), undefined);
  });
});

describe('A track whose packets do not follow evenly', () => {
  // Each step of the result on the clip's clock, by what the packets' stamps say.
  function stampErrors(clock: PacketClock, layout: PacketLayout): number[] {
    const found: number[] = [];
    for (const { at, first, count } of layout.stretches) {
      for (let n = 0; n < count; n++) {
        const stamp = (first + n) * SIZE + (clock.offsets[first + n] ?? 0);
        found.push(layout.start + (at + n) * SIZE - stamp);
      }
    }
    return found;
  }

  it('stays in step when the stamps drift by a second', () => {
    const clock = packetClock(8000, SIZE, RATE, (place) => place * SIZE * 1.005);
    const layout = layOut(clock, [{ start: 0, end: 8_000_000 }]);
    const worst = Math.max(...stampErrors(clock, layout).map(Math.abs));
    assert.ok(worst <= SIZE * 0.64, `${worst} samples`);
    const copied = layout.stretches.reduce((sum, { count }) => sum + count, 0);
    assert.ok(copied > 0.9 * layout.packets);
  });

  it('does not mistake times in milliseconds for drift', () => {
    const clock = packetClock(2000, SIZE, RATE, (place) => Math.round((place * SIZE) / 48) * 48);
    const layout = layOut(clock, [{ start: 0, end: 2_000_000 }]);
    assert.equal(layout.stretches.length, 1);
    assert.ok(Math.abs(layout.start) <= 2);
  });

  it('leaves silence where sound is missing', () => {
    const gap = 96_000;
    const clock = packetClock(2000, SIZE, RATE, (place) => place * SIZE + (place >= 1000 ? gap : 0));
    const layout = layOut(clock, [{ start: 0, end: 2000 * SIZE + gap }]);
    assert.equal(layout.stretches.length, 2);
    assert.ok(Math.max(...stampErrors(clock, layout).map(Math.abs)) <= SIZE / 2);
    const silent = layout.ranges.filter((range) => range.end < -1e9);
    assert.ok(Math.abs(total(silent) - gap) <= SIZE);
  });
});
