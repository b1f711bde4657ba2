import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeSections } from '../../../src/timeline/sections.js';
import { frameStart, playFrom, previewStep, resultPosition, stepFrames } from '../../../webview/preview-skip.js';

const S = 1_000_000;
const CUT = [{ in: 45 * S, out: 80 * S }];

describe('preview of the result', () => {
  it('plays on outside of what is marked', () => {
    assert.deepEqual(previewStep(44 * S, CUT, 120 * S, 0), { kind: 'play' });
    assert.deepEqual(previewStep(80 * S, CUT, 120 * S, 0), { kind: 'play' });
  });

  it('jumps at the in point, and a little before it so that no removed frame shows', () => {
    assert.deepEqual(previewStep(45 * S, CUT, 120 * S, 0), { kind: 'jump', to: 80 * S });
    assert.deepEqual(previewStep(45 * S - 10_000, CUT, 120 * S, 12_000), { kind: 'jump', to: 80 * S });
  });

  it('ends where a section reaches the end of the clip', () => {
    assert.deepEqual(previewStep(100 * S, [{ in: 90 * S, out: 120 * S }], 120 * S, 0), { kind: 'end', at: 90 * S });
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
