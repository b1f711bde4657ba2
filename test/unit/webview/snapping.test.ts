import assert from 'node:assert/strict';
import { firstAtOrAfter, nearestPoint, snapPoints } from '../../../webview/snapping.js';

const S = 1_000_000;
const scene = {
  duration: 120 * S,
  pauses: [{ in: 30 * S, out: 35 * S }],
  removed: [{ in: 60 * S, out: 70 * S }],
  marked: [{ in: 35 * S, out: 40 * S }],
  playhead: 50 * S,
};
const everyTwoSeconds = Array.from({ length: 60 }, (_, n) => n * 2 * S);

describe('a drag on the timeline', () => {
  const held = (time: number, tolerance = S / 2, keyframes: readonly number[] = []) =>
    nearestPoint(time, snapPoints(scene), keyframes, tolerance);

  it('holds on to what is near, and says what it is', () => {
    assert.deepEqual(held(30.2 * S), { time: 30 * S, name: 'start of a pause' });
    assert.deepEqual(held(49.6 * S), { time: 50 * S, name: 'playhead' });
    assert.deepEqual(held(69.9 * S), { time: 70 * S, name: 'cut' });
    assert.deepEqual(held(0.3 * S), { time: 0, name: 'start of the clip' });
    assert.deepEqual(held(119.9 * S), { time: 120 * S, name: 'end of the clip' });
    assert.equal(held(45 * S), undefined);
    assert.deepEqual(held(35.1 * S), { time: 35 * S, name: 'section' }, 'a section before the pause that it touches');
  });

  it('holds on to a keyframe where nothing else is near', () => {
    assert.deepEqual(held(44.3 * S, S / 2, everyTwoSeconds), { time: 44 * S, name: 'keyframe' });
    assert.deepEqual(held(45.8 * S, S / 2, everyTwoSeconds), { time: 46 * S, name: 'keyframe' });
    assert.equal(held(45 * S, S / 2, everyTwoSeconds), undefined);
    assert.deepEqual(held(29.8 * S, S / 2, everyTwoSeconds), { time: 30 * S, name: 'start of a pause' });
  });

  it('does not hold on to keyframes that lie so close that each place is near one', () => {
    assert.equal(held(44.3 * S, 0.9 * S, everyTwoSeconds), undefined);
  });

  it('finds its place among sorted times', () => {
    assert.deepEqual(
      [-1, 0, 1, 4, 119 * S].map((time) => firstAtOrAfter([0, 2, 4], time)),
      [0, 0, 1, 2, 3],
    );
  });
});
