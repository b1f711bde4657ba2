import assert from 'node:assert/strict';
import { TimelineWindow, wheelPan, wheelZoom } from '../../../webview/timeline-window.js';

const S = 1_000_000;

describe('the part of the clip that the timeline shows', () => {
  let changes: number;
  let window: TimelineWindow;
  beforeEach(() => {
    changes = 0;
    window = new TimelineWindow(() => (changes += 1));
    window.resize(1000);
    window.measure(120 * S);
  });
  const span = (): number => (window.view.end - window.view.start) / S;

  it('is all of it at first, and again when it was zoomed out far enough', () => {
    assert.deepEqual([window.zoomed, window.view.start, window.view.end], [false, 0, 120 * S]);
    window.zoom('in', 60 * S);
    assert.deepEqual([window.zoomed, span()], [true, 75]);
    for (let n = 0; n < 3; n += 1) window.zoom('out', 0);
    assert.equal(window.zoomed, false);
  });

  it('pans while there is something to pan to, and says when there is not', () => {
    assert.equal(window.pan(S), false, 'all is shown');
    window.zoom('in', 0);
    assert.equal(window.pan(10 * S), true);
    assert.deepEqual(window.view.start, 10 * S);
    assert.equal(window.pan(500 * S), true);
    assert.equal(window.view.end, 120 * S);
    const before = changes;
    assert.equal(window.pan(S), false);
    assert.equal(changes, before, 'nothing is drawn anew');
  });

  it('zooms to a section with some of its surroundings, even at the ends', () => {
    window.showSection({ in: 50 * S, out: 62 * S });
    assert.deepEqual([window.view.start, window.view.end], [46 * S, 66 * S]);
    window.showSection({ in: 0, out: 6 * S });
    assert.deepEqual([window.view.start, window.view.end], [0, 10 * S]);
    window.showSection({ in: 0, out: 120 * S });
    assert.equal(window.zoomed, false);
  });

  it('starts anew with a shorter clip', () => {
    window.showSection({ in: 50 * S, out: 62 * S });
    window.measure(60 * S);
    assert.deepEqual([window.zoomed, window.view.end], [false, 60 * S]);
  });

  const turn = { deltaX: 0, deltaY: 0, deltaMode: 0, shiftKey: false };
  it('follows two fingers without steps, and a click of a wheel by one', () => {
    const pinched = Array.from({ length: 16 }, () => wheelZoom({ ...turn, deltaY: -3 }));
    assert.ok(pinched.every((factor) => factor > 1 && factor < 1.04));
    assert.ok(Math.abs(pinched.reduce((all, factor) => all * factor, 1) - 1.6) < 1e-9);
    assert.equal(wheelZoom({ ...turn, deltaY: -120 }), 1.6);
    assert.equal(wheelZoom({ ...turn, deltaY: 3, deltaMode: 1 }), 1 / 1.6);
  });

  it('pans sideways by a wheel that turns up and down, with Shift or without', () => {
    assert.equal(wheelPan({ ...turn, deltaY: 100 }), 100);
    assert.equal(wheelPan({ ...turn, deltaY: 100, shiftKey: true }), 100);
    assert.equal(wheelPan({ ...turn, deltaX: -100, shiftKey: true }), -100);
    assert.equal(wheelPan({ ...turn, deltaX: 30, deltaY: 4 }), 30);
  });
});
