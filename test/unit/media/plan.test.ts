import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  CLOSED_ENTRY,
  copiedPlace,
  copyObstacle,
  layOut,
  OPEN_ENTRY,
  planSpans,
  reorderDepth,
  resultTimes,
  shownPlaces,
  type FrameTimes,
} from '../../../src/media/plan.js';
import { keptRanges, type Section } from '../../../src/timeline/sections.js';

const STEP = 1000;
const BASE = { num: 1, den: 30_000 };

/** Frames in decode order from groups of pictures, each a list of display positions in decode order. */
function framesOf(groups: readonly (readonly number[])[], step = STEP): FrameTimes & { pts: number[] } {
  const pts: number[] = [];
  const entries: number[] = [];
  for (const group of groups) {
    const start = pts.length;
    for (const [n, position] of group.entries()) {
      pts.push((start + position) * step);
      entries.push(n > 0 ? 0 : position > 0 ? OPEN_ENTRY : CLOSED_ENTRY);
    }
  }
  return { timeBase: BASE, pts, entries, hidden: new Uint8Array(pts.length), lastDuration: step };
}

const bounds = (frames: FrameTimes) => ({ origin: 0, end: frames.pts.length * STEP });
const duration = (frames: FrameTimes): number => Math.round((frames.pts.length * STEP * 1e6) / BASE.den);
const kept = (frames: FrameTimes, removed: Section[]): Section[] =>
  keptRanges(removed, { in: 0, out: duration(frames) });
const timeOf = (pts: number): number => Math.round((pts * 1e6) / BASE.den);

// I P b b: decoded 0 3 1 2, shown 0 1 2 3.
const WITH_B = framesOf([
  [0, 3, 1, 2],
  [0, 3, 1, 2],
  [0, 3, 1, 2],
]);

// Groups of pictures in decode order, and sections as in point and length in microseconds.
const GROUP = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc
    .tuple(
      fc.shuffledSubarray([...Array(size - 1).keys()], { minLength: size - 1 }),
      fc.oneof(fc.constant(0), fc.nat(size - 1)),
    )
    .map(([rest, lead]) => {
      // The entry's picture, those that are shown before it, then the others.
      const others = rest.map((n) => (n < lead ? n : n + 1));
      return [lead, ...others.filter((n) => n < lead), ...others.filter((n) => n > lead)];
    }),
);
const SECTIONS = fc.array(fc.tuple(fc.nat(60_000_000), fc.nat(3_000_000)), { maxLength: 8 });

describe('Planning a smart cut', () => {
  it('copies whole groups when the edges are keyframes', () => {
    const layout = layOut(WITH_B, kept(WITH_B, [{ in: timeOf(4000), out: timeOf(8000) }]), bounds(WITH_B));
    assert.deepEqual(planSpans(WITH_B, layout), [
      { kind: 'copy', first: 0, count: 4, leading: 0, shift: 0 },
      { kind: 'copy', first: 8, count: 4, leading: 0, shift: -4000, join: 'closed' },
    ]);
  });

  it('copies no frame that is decoded with a removed one before it', () => {
    // Frames 2 and later go: the P-frame 3 that frame 1 leans on goes too, so frame 1 is encoded anew.
    const layout = layOut(WITH_B, [{ in: 0, out: timeOf(2000) }], bounds(WITH_B));
    assert.deepEqual(planSpans(WITH_B, layout), [
      { kind: 'copy', first: 0, count: 1, leading: 0, shift: 0 },
      { kind: 'encode', frames: [2], shift: 0 },
    ]);
  });

  it('encodes from the in point to the next full picture', () => {
    const layout = layOut(WITH_B, [{ in: timeOf(6000), out: duration(WITH_B) }], bounds(WITH_B));
    assert.deepEqual(planSpans(WITH_B, layout), [
      {
        kind: 'encode',
        frames: [6, 7, 5].sort((a, b) => (WITH_B.pts[a] ?? 0) - (WITH_B.pts[b] ?? 0)).slice(-2),
        shift: -6000,
      },
      { kind: 'copy', first: 8, count: 4, leading: 0, shift: -6000, join: 'closed' },
    ]);
  });

  it('goes by whole microseconds, so a time copied from the player hits its frame', () => {
    // Frame 2 of 30 a second is at 66666.67 µs, shown as 66667.
    const layout = layOut(WITH_B, [{ in: 66_667, out: duration(WITH_B) }], bounds(WITH_B));
    assert.equal(layout.ranges[0]?.first, 2);
  });

  it('does not reach over a long still picture, and starts the result with a frame', () => {
    const frames = { ...framesOf([[0], [0], [0]]), pts: [0, 1000, 90_000], lastDuration: 1000 };
    // Removed: 1–2 s, inside the three seconds that frame 1 stands.
    const layout = layOut(
      frames,
      [
        { in: 0, out: 1e6 },
        { in: 2e6, out: 3_033_333 },
      ],
      { origin: 0, end: 91_000 },
    );
    assert.deepEqual([...resultTimes(frames, layout)], [0, 1000, 60_000]);
    const late = layOut(frames, [{ in: 2e6, out: 3_033_333 }], { origin: 0, end: 91_000 });
    assert.deepEqual([...resultTimes(frames, late)], [0]);
  });

  it('keeps sound that leads or outlasts the picture', () => {
    const frames = { ...WITH_B, pts: WITH_B.pts.map((pts) => pts + 30_000) };
    const layout = layOut(frames, [{ in: 0, out: 5e6 }], { origin: 0, end: 150_000 });
    assert.equal(layout.ranges[0]?.start, 0);
    assert.equal(layout.length, 150_000);
    assert.equal(resultTimes(frames, layout)[0], 30_000);
  });

  it('does not copy groups with pictures that an edit list hides', () => {
    const frames = { ...WITH_B, hidden: Uint8Array.from([1, 0, 1, 1, ...new Array<number>(8).fill(0)]) };
    const layout = layOut(frames, [{ in: 0, out: duration(frames) }], { origin: 3000, end: 12_000 });
    const [first] = planSpans(frames, layout);
    assert.deepEqual(first, { kind: 'encode', frames: [1], shift: -3000 });
  });

  // Decoded I0 P3 b1 b2 | I6 b4 b5 P7 | I10 b8 b9 P11, shown 0 … 11: b4 and b5 lean on P3 and I6.
  const OPEN = framesOf([
    [0, 3, 1, 2],
    [2, 0, 1, 3],
    [2, 0, 1, 3],
  ]);

  it('leaves an open group of pictures whole where the packets before it are copied too', () => {
    const layout = layOut(OPEN, [{ in: 0, out: timeOf(8000) }], bounds(OPEN));
    assert.deepEqual(planSpans(OPEN, layout), [{ kind: 'copy', first: 0, count: 8, leading: 0, shift: 0 }]);
  });

  it('encodes the pictures that lean on what lies before a join, and copies an open group from its own picture on', () => {
    const layout = layOut(OPEN, [{ in: timeOf(4000), out: duration(OPEN) }], bounds(OPEN));
    assert.deepEqual(planSpans(OPEN, layout), [
      { kind: 'encode', frames: [5, 6], shift: -4000 },
      { kind: 'copy', first: 4, count: 6, leading: 2, join: 'open', shift: -4000 },
    ]);
    const later = layOut(OPEN, [{ in: timeOf(5000), out: timeOf(7000) }], bounds(OPEN));
    assert.deepEqual(planSpans(OPEN, later), [
      { kind: 'encode', frames: [6], shift: -5000 },
      { kind: 'copy', first: 4, count: 1, leading: 2, join: 'open', shift: -5000 },
    ]);
  });

  it('copies packets that show nothing along with their group', () => {
    // An alternate reference behind the first picture.
    const frames = { ...framesOf([[0], [0], [0]]), invisible: [0, 1, 0], entries: [1, 0, 0], pts: [0, 500, 1000] };
    const layout = layOut(frames, [{ in: 0, out: 1e6 }], { origin: 0, end: 2000 });
    assert.equal(layout.frames, 2);
    assert.deepEqual(planSpans(frames, layout), [{ kind: 'copy', first: 0, count: 3, leading: 0, shift: 0 }]);
  });

  it('says why packets cannot be copied', () => {
    assert.equal(copyObstacle(WITH_B), undefined);
    assert.match(copyObstacle({ ...WITH_B, entries: new Uint8Array(12) }) ?? '', /does not begin/);
    assert.match(copyObstacle({ ...WITH_B, pts: WITH_B.pts.map((p) => (p === 1000 ? 2000 : p)) }) ?? '', /same time/);
    // The second group shows a picture among those of the first.
    assert.match(
      copyObstacle(
        framesOf([
          [0, 1, 2, 3.5],
          [0, -1, 1, 2],
        ]),
      ) ?? '',
      /overlap/,
    );
  });

  it('keeps exactly the complement of any sections on any groups of pictures', () => {
    fc.assert(
      fc.property(fc.array(GROUP, { minLength: 1, maxLength: 12 }), SECTIONS, (groups, drawn) => {
        // A clip begins with a picture that can be decoded.
        const frames = framesOf([[0], ...groups]);
        assert.equal(copyObstacle(frames), undefined);
        const total = duration(frames);
        const removed = drawn.map(([at, length]) => ({ in: at % total, out: (at % total) + length }));
        const layout = layOut(frames, kept(frames, removed), bounds(frames));
        const expected = [...frames.pts]
          .filter((pts) => !removed.some((section) => timeOf(pts) >= section.in && timeOf(pts) < section.out))
          .sort((a, b) => a - b);
        // The frames that stay, in order, at even steps from 0.
        const display = layout.ranges.flatMap((range) => layout.display.slice(range.first, range.last));
        assert.deepEqual(
          display.map((place) => frames.pts[place]),
          expected,
        );
        assert.deepEqual(
          [...resultTimes(frames, layout)],
          expected.map((_, n) => n * STEP),
        );
        assert.equal(layout.length, expected.length * STEP);

        // The spans bring each of them once, copied runs begin with a full picture and are whole in presentation.
        const spans = planSpans(frames, layout);
        const planned: number[] = [];
        const depth = reorderDepth(frames, layout, spans);
        let copied = -1;
        const times = [...resultTimes(frames, layout)];
        for (const span of spans) {
          const places =
            span.kind === 'copy' ? [...Array(span.count).keys()].map((n) => copiedPlace(span, n)) : span.frames;
          const shown = places.map((place) => (frames.pts[place] ?? 0) + span.shift);
          if (span.kind === 'copy') {
            assert.ok(frames.entries[span.first]);
            const own = frames.pts[span.first] ?? 0;
            const leading = places.some((place) => (frames.pts[place] ?? 0) < own);
            // Decoding can begin there, or it continues what was copied before.
            assert.ok(span.join !== undefined || span.first === 0 || span.first === copied);
            assert.ok(span.join === undefined || !leading, 'a leading picture was copied behind a join');
            copied = (places.at(-1) ?? 0) + 1;
            for (const [n, pts] of shown.entries()) {
              const dts = times[planned.length + n - depth] ?? Number.NEGATIVE_INFINITY;
              assert.ok(dts <= pts, 'shown before it is decoded');
            }
          }
          planned.push(...shown.sort((a, b) => a - b));
        }
        assert.deepEqual(planned, times);
      }),
      { numRuns: 300 },
    );
  });

  it('mixes the end of a range with the beginning of the next, and never what was removed', () => {
    const frames = framesOf(Array.from({ length: 5 }, () => [0, 3, 1, 2]));
    // Kept: 0–7 and 12–19; three frames are a tenth of a second.
    const removed = [{ in: timeOf(8000), out: timeOf(12_000) }];
    const layout = layOut(frames, kept(frames, removed), bounds(frames), 100_000);
    assert.equal(layout.frames, 13);
    assert.equal(layout.length, 13_000);
    const [copy, mix, head, rest] = planSpans(frames, layout);
    const times = (places: readonly number[]): number[] => places.map((place) => (frames.pts[place] ?? 0) / STEP);
    assert.ok(copy?.kind === 'copy' && mix?.kind === 'encode' && head?.kind === 'encode' && rest?.kind === 'copy');
    assert.equal(copy.count, 5);
    assert.deepEqual(times(mix.frames), [5, 6, 7]);
    assert.deepEqual(times(mix.mixedWith ?? []), [12, 13, 14]);
    assert.deepEqual(times(head.frames), [15]);
    assert.equal(head.shift, -7000);
  });

  it('takes a dissolve as whole frames, the nearest number of them', () => {
    const frames = framesOf(Array.from({ length: 30 }, () => [0, 3, 1, 2]));
    const removed = [{ in: timeOf(50_000), out: timeOf(70_000) }];
    const count = (dissolve: number): number | undefined =>
      layOut(frames, kept(frames, removed), bounds(frames), dissolve).ranges[1]?.mixes.length;
    assert.deepEqual([500_000, 516_000, 517_000, 250_000, 1_000_000].map(count), [15, 15, 16, 8, 25]);
  });

  it('does not dissolve into a picture that stands', () => {
    const frames = framesOf(Array.from({ length: 30 }, () => [0, 3, 1, 2]));
    const still = { ...frames, pts: frames.pts.map((pts) => (pts > 70_000 ? pts + 60_000 : pts)) };
    const layout = layOut(
      still,
      [
        { in: 0, out: timeOf(50_000) },
        { in: timeOf(70_000), out: timeOf(180_000) },
      ],
      { origin: 0, end: 180_000 },
      500_000,
    );
    assert.deepEqual(
      layout.ranges.map(({ overlap }) => overlap),
      [0, 0],
    );
  });

  it('keeps frames in order where they last unequally long', () => {
    const steps = fc.array(fc.integer({ min: 200, max: 4000 }), { minLength: 40, maxLength: 200 });
    let mixed = 0;
    fc.assert(
      fc.property(steps, SECTIONS, fc.integer({ min: 250_000, max: 1_000_000 }), (lasting, drawn, dissolve) => {
        const plain = framesOf(lasting.map(() => [0]));
        let at = 0;
        const frames = {
          ...plain,
          pts: lasting.map((ticks) => (at += ticks) - ticks),
          lastDuration: lasting.at(-1) ?? 0,
        };
        const end = timeOf(at);
        const removed = drawn.map(([from, length]) => ({ in: from % end, out: (from % end) + (length % 700_000) }));
        const layout = layOut(frames, keptRanges(removed, { in: 0, out: end }), { origin: 0, end: at }, dissolve);
        const times = [...resultTimes(frames, layout)];
        assert.equal(times.length, layout.frames);
        for (const [n, time] of times.entries()) assert.ok(n === 0 || time > (times[n - 1] ?? 0));
        assert.ok((times.at(-1) ?? 0) <= layout.length);
        for (const { mixes, overlap, start, first } of layout.ranges) {
          mixed += mixes.length;
          for (const { frame, with: partner } of mixes) {
            const [a, b] = [frames.pts[frame] ?? 0, frames.pts[partner] ?? 0];
            assert.ok(a < b && b >= start && b < start + overlap && partner >= first);
          }
        }
      }),
      { numRuns: 300 },
    );
    // About 760 on average, and 60 more or less.
    assert.ok(mixed > 300, 'dissolves were drawn');
  });

  it('shows every frame outside of the dissolves once, at even steps, whatever the sections', () => {
    const dissolves = fc.integer({ min: 50_000, max: 1_000_000 });
    let mixed = 0;
    fc.assert(
      fc.property(fc.array(GROUP, { minLength: 8, maxLength: 30 }), SECTIONS, dissolves, (groups, drawn, dissolve) => {
        const frames = framesOf([[0], ...groups]);
        const total = duration(frames);
        const removed = drawn.map(([at, length]) => ({ in: at % total, out: (at % total) + (length % 700_000) }));
        const plain = layOut(frames, kept(frames, removed), bounds(frames));
        const layout = layOut(frames, kept(frames, removed), bounds(frames), dissolve);
        const counts = layout.ranges.map(({ mixes }) => mixes.length);
        const sum = counts.reduce((a, b) => a + b, 0);
        mixed += sum;
        assert.equal(layout.frames, plain.frames - sum);
        assert.equal(layout.length, plain.length - sum * STEP);
        const times = [...resultTimes(frames, layout)];
        assert.deepEqual(
          times,
          times.map((_, n) => n * STEP),
        );
        const shown = Array.from(shownPlaces(layout), (place) => (frames.pts[place] ?? 0) / STEP);
        const wanted: number[] = [];
        const partners = new Map<number, number>();
        for (const [n, { first, last }] of plain.ranges.entries()) {
          const [before, after] = [counts[n] ?? 0, counts[n + 1] ?? 0];
          // Half of a range stays as it is, and no frame is in two dissolves.
          assert.ok((before + after) * 2 <= last - first);
          for (let frame = first + before; frame < last; frame++) wanted.push(frame);
          const next = plain.ranges[n + 1]?.first ?? 0;
          for (let i = 0; i < after; i++) partners.set(last - after + i, next + i);
        }
        assert.deepEqual(shown, wanted);

        const spans = planSpans(frames, layout);
        const planned: number[] = [];
        const depth = reorderDepth(frames, layout, spans);
        for (const span of spans) {
          const places =
            span.kind === 'copy' ? [...Array(span.count).keys()].map((n) => copiedPlace(span, n)) : span.frames;
          const out = places.map((place) => (frames.pts[place] ?? 0) + span.shift);
          for (const [n, place] of places.entries()) {
            const frame = (frames.pts[place] ?? 0) / STEP;
            const partner = span.kind === 'encode' ? span.mixedWith?.[n] : undefined;
            assert.equal(partner === undefined ? undefined : (frames.pts[partner] ?? 0) / STEP, partners.get(frame));
            if (span.kind !== 'copy') continue;
            const dts = times[planned.length + n - depth] ?? Number.NEGATIVE_INFINITY;
            assert.ok(dts <= (out[n] ?? 0), 'shown before it is decoded');
          }
          planned.push(...out.sort((a, b) => a - b));
        }
        assert.deepEqual(planned, times);
      }),
      { numRuns: 450 },
    );
    // About 1800 on average, and 90 more or less.
    assert.ok(mixed > 1000, 'dissolves were drawn');
  });
});
