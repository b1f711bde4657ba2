import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeSections } from '../../../src/timeline/sections.js';
import {
  clipTime,
  frameFrom,
  frameStart,
  playFrom,
  resultPosition,
  skipping,
  stepFrames,
} from '../../../webview/preview-skip.js';

const S = 1_000_000;
const CUT = [{ in: 45 * S, out: 80 * S }];

describe('preview of the result', () => {
  it('jumps at each in point to the out point, and plays on outside of what is marked', () => {
    const route = skipping(CUT, 120 * S);
    assert.deepEqual(route(44 * S), { at: 45 * S, to: 80 * S });
    assert.equal(route(80 * S), undefined);
  });

  it('jumps at once from inside of a section', () => {
    assert.deepEqual(skipping(CUT, 120 * S)(50 * S), { at: 45 * S, to: 80 * S });
  });

  it('ends where a section reaches the end of the clip', () => {
    assert.deepEqual(skipping([{ in: 90 * S, out: 120 * S }], 120 * S)(80 * S), { at: 90 * S, to: undefined });
  });

  it('starts after a section that the playhead is in, and from the beginning when the result is over', () => {
    assert.equal(playFrom(50 * S, CUT, 120 * S), 80 * S);
    assert.equal(playFrom(120 * S, CUT, 120 * S), 0);
    assert.equal(playFrom(120 * S, [{ in: 0, out: 5 * S }], 120 * S), 5 * S);
    assert.equal(playFrom(100 * S, [{ in: 90 * S, out: 120 * S }], 120 * S), 0);
  });

  it('counts time as the joined result does', () => {
    assert.equal(resultPosition(30 * S, CUT), 30 * S);
    assert.equal(resultPosition(60 * S, CUT), 45 * S);
    assert.equal(resultPosition(100 * S, CUT), 65 * S);
  });

  it('finds a place of the result in the clip; a join is where the result goes on', () => {
    assert.equal(clipTime(30 * S, CUT), 30 * S);
    assert.equal(clipTime(45 * S, CUT), 80 * S);
    assert.equal(clipTime(65 * S, CUT), 100 * S);
  });

  it('never runs backwards as the clip runs forwards', () => {
    const section = fc.record({ in: fc.nat(1000), out: fc.nat(1000) });
    fc.assert(
      fc.property(fc.array(section), fc.nat(1000), fc.nat(1000), (sections, a, b) => {
        const skipped = mergeSections(sections);
        const [early, late] = a <= b ? [a, b] : [b, a];
        assert.ok(resultPosition(early, skipped) <= resultPosition(late, skipped));
      }),
    );
  });
});

describe('frames by eye', () => {
  it('finds the start of the frame that is shown', () => {
    assert.equal(frameStart(1_040_000, 30), 1_033_333);
    assert.equal(frameStart(1_033_333, 30), 1_033_333);
  });

  it('goes on with the first whole frame behind a section', () => {
    assert.equal(frameFrom(1_040_000, 30), 1_066_667);
    assert.equal(frameFrom(1_033_333, 30), 1_033_333);
    assert.equal(frameFrom(1_040_000, undefined), 1_040_000);
  });

  it('steps frame by frame through an hour of 29.97 without skipping or repeating one', () => {
    const rate = 30_000 / 1001;
    let time = 3600 * S;
    for (let count = 0; count < 1000; count += 1) {
      const next = stepFrames(time, 1, rate);
      assert.ok(Math.abs(next - frameStart(time, rate) - 33_366.67) < 1.5, `${time} → ${next}`);
      assert.equal(stepFrames(next, -1, rate), frameStart(time, rate));
      time = next;
    }
  });

  it('does not step before the beginning', () => {
    assert.equal(stepFrames(0, -1, 25), 0);
  });
});
