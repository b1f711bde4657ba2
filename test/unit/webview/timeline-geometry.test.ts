import assert from 'node:assert/strict';
import * as geometry from '../../../webview/timeline-geometry.js';

const S = 1_000_000;
const whole = geometry.fitView(120 * S, 600);

describe('timeline geometry', () => {
  it('maps time to pixels and back', () => {
    assert.equal(geometry.xOf(whole, 60 * S), 300);
    assert.equal(geometry.timeAt(whole, 300), 60 * S);
  });

  it('keeps the time under the pointer in place while zooming', () => {
    const view = geometry.zoomView(whole, 2, 30 * S, 120 * S);
    assert.equal(view.end - view.start, 60 * S);
    assert.equal(geometry.xOf(view, 30 * S), geometry.xOf(whole, 30 * S));
  });

  it('never shows more than the clip and never less than half a second', () => {
    assert.deepEqual(geometry.zoomView(whole, 0.1, 30 * S, 120 * S), whole);
    const closest = geometry.zoomView(whole, 1e9, 30 * S, 120 * S);
    assert.equal(closest.end - closest.start, 500_000);
  });

  it('stops panning at the ends', () => {
    const view = geometry.zoomView(whole, 4, 0, 120 * S);
    assert.equal(geometry.panView(view, -10 * S, 120 * S).start, 0);
    assert.equal(geometry.panView(view, 1000 * S, 120 * S).end, 120 * S);
  });

  it('follows a playhead that leaves the view, and leaves the view alone otherwise', () => {
    const view = geometry.zoomView(whole, 4, 0, 120 * S);
    assert.equal(geometry.revealTime(view, 20 * S, 120 * S), view);
    const moved = geometry.revealTime(view, 50 * S, 120 * S);
    assert.ok(moved.start < 50 * S && moved.end > 50 * S);
  });

  it('labels round times, far enough apart to be read', () => {
    const labels = geometry.rulerTicks(whole, 64).filter((tick) => tick.label !== '');
    assert.deepEqual(labels.map((tick) => tick.label).slice(0, 3), ['0:00', '0:15', '0:30']);
    for (const [index, tick] of labels.slice(1).entries()) {
      assert.ok(geometry.xOf(whole, tick.time) - geometry.xOf(whole, labels[index]?.time ?? 0) >= 64);
    }
  });

  it('shows tenths of seconds when zoomed in', () => {
    const close = geometry.zoomView(whole, 100, 60 * S, 120 * S);
    assert.ok(geometry.rulerTicks(close, 64).some((tick) => tick.label === '1:00.2'));
  });

  it('draws the loudest peak of each pixel, and silence where no peaks have come yet', () => {
    const view = geometry.fitView(4 * S, 4);
    const layer = { step: 500_000, offset: 0, values: [10, 90, 20, 30] };
    assert.deepEqual(geometry.peaksPerColumn(view, layer), [90, 30, 0, 0]);
  });

  it('draws a stretch of the sound where it belongs, one value over several pixels when zoomed in', () => {
    const layer = { step: S, offset: 10, values: [1, 2, 3, 4] };
    assert.deepEqual(geometry.peaksPerColumn({ start: 9 * S, end: 13 * S, width: 8 }, layer), [0, 0, 1, 1, 2, 2, 3, 3]);
  });
});
