import assert from 'node:assert/strict';
import { loopAround, nearestJoin } from '../../../webview/play-around-join.js';
import { shuttled } from '../../../webview/shuttle.js';

const S = 1_000_000;
const END = 120 * S;
const early = { in: 10 * S, out: 20 * S };
const late = { in: 60 * S, out: 90 * S };

describe('the loop around a join', () => {
  it('takes the cut nearest to the playhead, also from inside of a section', () => {
    assert.equal(nearestJoin(0, [early, late], END), early);
    assert.equal(nearestJoin(45 * S, [early, late], END), late);
    assert.equal(nearestJoin(19 * S, [early, late], END), early);
  });

  it('takes no section at the beginning or the end: nothing is joined there', () => {
    assert.equal(
      nearestJoin(
        0,
        [
          { in: 0, out: S },
          { in: 100 * S, out: END },
        ],
        END,
      ),
      undefined,
    );
  });

  it('plays a second before the cut, a second after it, and again', () => {
    const { from, route } = loopAround(early, [early, late], END);
    assert.equal(from, 9 * S);
    assert.deepEqual(route(from), { at: early.in, to: early.out });
    assert.deepEqual(route(early.out), { at: 21 * S, to: from });
    // A moment late is not lost.
    assert.deepEqual(route(21 * S + 5), { at: 21 * S, to: from });
  });

  it('leaves out other sections that are near, and counts only what is heard', () => {
    const near = { in: 20.5 * S, out: 30 * S };
    const { from, route } = loopAround(early, [early, near], END);
    assert.deepEqual(route(early.out), { at: near.in, to: near.out });
    assert.deepEqual(route(near.out), { at: 30.5 * S, to: from });
  });

  it('keeps inside the clip', () => {
    const { from, route } = loopAround({ in: S / 2, out: END - S / 2 }, [{ in: S / 2, out: END - S / 2 }], END);
    assert.equal(from, 0);
    assert.deepEqual(route(END - S / 2), { at: END, to: 0 });
  });

  it('ends where the result does, when the last section reaches the end of the clip', () => {
    const last = { in: 20.5 * S, out: END };
    assert.deepEqual(loopAround(early, [early, last], END).route(early.out), { at: last.in, to: 9 * S });
  });
});

describe('J and L', () => {
  it('play at the chosen speed, then faster with each press, up to 8×', () => {
    assert.equal(shuttled(0, 1, 1.5), 1.5);
    assert.deepEqual(
      [1, 1.5, 2, 4, 8].map((now) => shuttled(now, 1, 1)),
      [2, 2, 4, 8, 8],
    );
    assert.deepEqual(
      [0, -1, -2, -4].map((now) => shuttled(now, -1, 1)),
      [-1, -2, -4, -8],
    );
  });

  it('turn round at simple speed', () => {
    assert.equal(shuttled(4, -1, 2), -1);
    assert.equal(shuttled(-8, 1, 2), 1);
  });
});
