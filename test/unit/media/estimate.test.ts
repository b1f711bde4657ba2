import assert from 'node:assert/strict';
import { estimateSeconds } from '../../../src/media/estimate.js';

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
});
