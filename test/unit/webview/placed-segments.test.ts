import assert from 'node:assert/strict';
import type { PanelTrack } from '../../../src/messages.js';
import { placeSegments } from '../../../webview/placed-segments.js';

const S = 1_000_000;
const kept = [
  { in: 0, out: 45 * S },
  { in: 80 * S, out: 120 * S },
];
const track = (...segments: PanelTrack['segments']): PanelTrack => ({
  kind: 'text',
  label: 'Text',
  title: '',
  duration: 85 * S,
  segments,
});

describe('segments of a track along the ruler of the clip', () => {
  const placed = (...segments: PanelTrack['segments']): number[][] =>
    placeSegments(track(...segments), kept).map((segment) => [segment.in / S, segment.out / S]);

  it('lie where they were taken from', () => {
    const source = { in: 80 * S, out: 120 * S };
    assert.deepEqual(placed({ start: 45 * S, duration: 40 * S, title: '', source }), [[80, 120]]);
  });

  it('lie where they stand in the result, when they were added', () => {
    assert.deepEqual(placed({ start: 50 * S, duration: 5 * S, title: 'Hello' }), [[85, 90]]);
    assert.deepEqual(placed({ start: 40 * S, duration: 5 * S, title: 'up to the cut' }), [[40, 45]]);
    assert.deepEqual(placed({ start: 40 * S, duration: 10 * S, title: 'over the cut' }), [[40, 85]]);
    assert.deepEqual(placed({ start: 90 * S, duration: S, title: 'after the end' }), []);
  });
});
