import assert from 'node:assert/strict';
import { aboutTime, plannedCutWords } from '../../../src/timeline/planned-cut.js';

describe('the words for what an export will do', () => {
  it('give no more of a time than is known', () => {
    const words: Record<number, string> = {
      0: 'a few seconds',
      7: 'a few seconds',
      8: 'about 10 s',
      41: 'about 40 s',
      57: 'about 55 s',
      58: 'about 1 minute',
      110: 'about 2 minutes',
      590: 'about 10 minutes',
      1500: 'about 25 minutes',
      3590: 'about 1 h',
      4700: 'about 1 h 20 min',
      7190: 'about 2 h',
      7300: 'about 2 h',
    };
    for (const [seconds, text] of Object.entries(words)) assert.equal(aboutTime(Number(seconds)), text, seconds);
  });

  it('count the frames of a joining cut, and give the reason and the time of one that encodes all', () => {
    const smart = { method: 'smart', frames: 4219, reencodedFrames: 12, seconds: 1 } as const;
    assert.equal(plannedCutWords(smart), '12 of 4,219 frames will be encoded anew');
    assert.equal(plannedCutWords({ method: 'smart', seconds: 1 }), 'Only frames at the joins will be encoded anew');
    const whole = { method: 'reencode', reason: 'it is scaled to 1280×720', seconds: 41 } as const;
    assert.equal(
      plannedCutWords(whole),
      'The whole picture will be encoded anew, about 40 s: it is scaled to 1280×720',
    );
    assert.equal(plannedCutWords({ method: 'reencode', frames: 0, reencodedFrames: 0, seconds: 1 }), undefined);
  });
});
