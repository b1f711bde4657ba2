import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';

import type { PlayableTrack } from '../../src/media/media.js';
import { openBrowser, SEEK, type Seen } from './chromium.js';
import { makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

// The pieces are for a browser: what it makes of them counts.
describe('Playable pieces in Chromium', function () {
  this.timeout(120_000);
  let bench: Bench;
  let browser: Browser | undefined;
  let page: Page;
  before(async function () {
    browser = await openBrowser();
    if (!browser) return this.skip();
    bench = await openBench();
    page = await browser.newPage();
  });
  after(async () => {
    await browser?.close();
    await bench?.close();
  });

  async function pieces(file: string, track: PlayableTrack, length: number, count: number): Promise<string[]> {
    const made: string[] = [];
    for (let n = 0; n < count; n++) {
      const { data } = await bench.engine.playable(file, { track, start: n * length, length });
      made.push(Buffer.from(data).toString('base64'));
    }
    return made;
  }

  it('show each frame at its time, across pieces that are appended in any order', async () => {
    const file = bench.file('hevc.mp4');
    const coding = '-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=40'.split(' ');
    await makeClip(file, { frames: 300, video: coding });
    const made = await pieces(file, 'picture', 4_000_000, 3);
    const buffered = await page.evaluate<string[]>(`(${APPEND})(${JSON.stringify(made)})`);
    assert.deepEqual(buffered, ['0.000-10.000']);
    // In the middle of a frame, and at its very time.
    for (const place of [119.5, 120, 299.5, 239.99, 240, 121, 0.5]) {
      const seen = await page.evaluate<Seen>(`(${SEEK})(${place / 30 + 1e-6}, ${Math.floor(place)})`);
      assert.deepEqual(seen, { number: Math.floor(place), error: null }, `at frame ${place}`);
    }
  });

  it('sound for exactly as long as they say', async () => {
    const file = bench.file('sound.mkv');
    await makeClip(file, { frames: 300, audio: ['-c:a', 'ac3'] });
    const lengths = await page.evaluate<number[]>(
      `(${DECODE})(${JSON.stringify(await pieces(file, 'sound', 8_000_000, 2))})`,
    );
    assert.equal(lengths[0], 8 * 48_000);
    assert.equal(lengths.length, 2);
  });
});

const BYTES = `const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));`;

const APPEND = `async (pieces) => {
  ${BYTES}
  const video = document.body.appendChild(document.createElement('video'));
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  source.duration = 10;
  const buffer = source.addSourceBuffer('video/webm; codecs="vp8"');
  buffer.mode = 'segments';
  for (const n of [1, 2, 0]) {
    buffer.timestampOffset = n * 4;
    buffer.appendBuffer(bytes(pieces[n]));
    await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
  }
  // Without it the last frames wait for more.
  source.endOfStream();
  const { buffered } = buffer;
  return Array.from({ length: buffered.length }, (_, n) => buffered.start(n).toFixed(3) + '-' + buffered.end(n).toFixed(3));
}`;

const DECODE = `async (pieces) => {
  ${BYTES}
  const context = new OfflineAudioContext(2, 48000, 48000);
  const lengths = [];
  for (const piece of pieces) lengths.push((await context.decodeAudioData(bytes(piece).buffer)).length);
  return lengths;
}`;
