// A page that has no time at a join: what stands on the screen meanwhile, told by the browser's compositor.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makeClip } from '../../../media/clips.js';
import { expectSoon, expectValue } from '../expect-soon.js';
import { usePlayerPage } from './player-page.js';
import { filmPicture, type SeenFrame } from './seen-frames.js';

const SECOND = 1_000_000;
const RATE = 30;
const FRAME = 1000 / RATE;
const LENGTH = 20;
/** Milliseconds: how long before a join the page begins to stand still, and for how long. */
const STALLS = [
  [50, 30],
  [60, 60],
  [60, 100],
  [200, 400],
] as const;

describe('joins of a page that stands still', function () {
  this.timeout(60_000);
  // Other work on the machine may keep the browser itself from its joins.
  this.retries(2);
  let clip: string;
  let page: Page;
  const { open, tell } = usePlayerPage(
    { width: 720, height: 600 },
    {
      folder: (path) => (clip = join(path, 'numbers.mp4')),
      page: async (fresh) => {
        page = fresh;
        await page.addInitScript({ content: 'globalThis.__name = (thing) => thing;' });
      },
    },
  );
  before(() => makeClip(clip, { frames: LENGTH * RATE }));

  const joins = [1, 3, 5, 7, 9, 11, 13, 15].map((start) => ({ in: start * SECOND, out: (start + 1) * SECOND }));
  const removed = [...joins, { in: 17 * SECOND, out: LENGTH * SECOND }];
  /** Milliseconds before each of them, and for how long. */
  const stalls = removed.map((section, n) => {
    const [before, length] = STALLS[n % STALLS.length] ?? [0, 0];
    return { at: section.in / SECOND - before / 1000, length };
  });

  it('show no frame that is left out, and go on where the next section begins', async () => {
    const about = { duration: LENGTH * SECOND, width: 320, height: 180, frameRate: RATE, pictureCodec: 'h264' };
    await open(clip);
    await tell(about, { removed });
    const video = page.getByTestId('picture');
    await expectSoon(() => video.evaluate((element) => (element as HTMLVideoElement).readyState >= 3));
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    await leaveOnlyPicture(page);
    const stop = await filmPicture(page);
    await standStill(page, stalls);
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor({ timeout: 30_000 });
    const seen = await stop();
    await expectValue(() => page.evaluate('window.stalls'), stalls.length, 'the page stood still at each join');

    const numbers = seen.flatMap(({ number }) => (number === undefined ? [] : [number]));
    const isRemoved = (frame: number): boolean =>
      removed.some((section) => frame >= (section.in / SECOND) * RATE && frame < (section.out / SECOND) * RATE);
    assert.deepEqual(numbers.filter(isRemoved), []);
    for (const { out } of joins) {
      const next = (out / SECOND) * RATE;
      const goesOn = numbers.some((number) => number >= next && number < next + RATE);
      assert.ok(goesOn, `goes on at ${out / SECOND} s`);
    }
    assert.equal(numbers.at(-1), 17 * RATE - 1, 'the last frame of the result stays');
    const blind = seen.filter(({ number }) => number === undefined).length;
    assert.ok(blind <= seen.length / 20, `${blind} of ${seen.length} pictures without a frame`);
    const found = gaps(seen, joins);
    const [middle = NaN] = found.toSorted((a, b) => a - b).slice(found.length / 2);
    assert.ok(middle <= 2 * FRAME, `${middle} ms between two pictures at a join`);
    const told = found.map((gap, n) => `${gap} (${stalls[n]?.length ?? 0})`);
    process.stdout.write(
      `      (${seen.length} pictures; between two at a join, and stalled: ${told.join(', ')} ms)\n`,
    );
  });
});

/** What is filmed is thinned out to the rate of what changes most: that has to be the picture. */
async function leaveOnlyPicture(page: Page): Promise<void> {
  await page.evaluate(() => {
    const stage = document.querySelector('trimmer-panel')?.shadowRoot?.querySelector('.stage');
    const player = stage?.querySelector('trimmer-player');
    const others = [...(stage?.children ?? []), player?.shadowRoot?.querySelector('.transport')];
    for (const other of others) if (other && other !== player) (other as HTMLElement).style.opacity = '0';
  });
}

/** Milliseconds between the last picture before each join and the first one after. */
function gaps(seen: readonly SeenFrame[], joins: readonly { out: number }[]): number[] {
  return joins.map(({ out }) => {
    const after = seen.findIndex(({ number }) => number !== undefined && number >= (out / SECOND) * RATE);
    return Math.round((seen[after]?.at ?? NaN) - (seen[after - 1]?.at ?? NaN));
  });
}

/** Keeps a page busy when its clip comes to some positions. @param stalls seconds of the clip, and milliseconds */
async function standStill(page: Page, stalls: readonly { at: number; length: number }[]): Promise<void> {
  await page.evaluate((stalls) => {
    const player = document.querySelector('trimmer-panel')?.shadowRoot?.querySelector('trimmer-player');
    const left = [...stalls];
    const told = Object.assign(window, { stalls: 0 });
    const look = (): void => {
      const front = player?.shadowRoot?.querySelector<HTMLVideoElement>('video[data-front]');
      const [next] = left;
      if (front && next && !front.paused && front.currentTime >= next.at) {
        left.shift();
        const end = performance.now() + next.length;
        while (performance.now() < end);
        told.stalls += 1;
      }
      if (left.length > 0) setTimeout(look);
    };
    look();
  }, stalls);
}
