import assert from 'node:assert/strict';
import { aboutSize } from '../../../src/timeline/about-size.js';
import { estimateWords, formatWords, nameWords } from '../../../webview/export-words.js';

describe('what the export bar says', () => {
  it('of sizes tells two digits', () => {
    assert.deepEqual([120, 849_000, 1_240_000, 210_400_000, 1_449_000_000].map(aboutSize), [
      '1 kB',
      '850 kB',
      '1.2 MB',
      '210 MB',
      '1.4 GB',
    ]);
  });

  it('of an export is its size, its time and how much is encoded anew', () => {
    const joined = { bytes: 210e6, seconds: 4, frames: 4212, reencodedFrames: 33 };
    assert.equal(estimateWords(joined), '≈ 210 MB · a few seconds · 33 of 4,212 frames encoded anew');
    const whole = { bytes: 5e6, seconds: 41, reason: 'it is scaled to 854×480' };
    const words = '≈ 5 MB · about 40 s · the whole picture is encoded anew: it is scaled to 854×480';
    assert.equal(estimateWords(whole), words);
    assert.equal(estimateWords({ seconds: 1, frames: 0, reencodedFrames: 0 }), 'a few seconds');
  });

  it('of a container that cannot be chosen is why', () => {
    assert.equal(formatWords({ format: 'webm', problem: 'it cannot hold H.264' }), 'WebM (it cannot hold H.264)');
    assert.equal(formatWords({ format: 'source' }), 'Same as source');
  });

  it('of a name is what the file will be called, or what is wrong with it', () => {
    assert.equal(nameWords({ name: 'a', file: 'a.mp4' }), 'It will be a.mp4.');
    assert.equal(nameWords({ name: 'a', file: 'a-2.mp4' }), 'That name is taken: it will be a-2.mp4.');
    assert.equal(nameWords({ name: 'a/b', problem: 'No.' }), 'No.');
  });
});
