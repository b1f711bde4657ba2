// The player in a real browser under the content policy of a webview: what is seen and heard, and when.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PanelClip, PanelState, ToPanel } from '../../../src/messages.js';
import { makeClip } from '../../media/clips.js';
import { openChromium } from '../../run/chromium.js';
import { repository } from '../../run/paths.js';
import { expectSoon } from './expect-soon.js';
import { servePieces, type PieceMaker } from './made-pieces.js';
import { startPageServer, type PageServer } from './page-server.js';
import { playedLog, seen, tapSound, watchPictures } from './played-log.js';
import { scenes } from './scenes.js';

const SECOND = 1_000_000;
const FRAME = 1000 / 30;
const SAMPLE = join(repository, 'media/sample.mp4');
/** Seconds of the clips that are made here. */
const LENGTH = 40;

describe('the player on a page', function () {
  this.timeout(60_000);
  let folder: string;
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let problems: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'player-'));
    browser = await openChromium();
  });
  after(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    problems = [];
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await tapSound(page);
  });
  afterEach(async () => {
    await page.close();
    await server.close();
    assert.deepEqual(problems, []);
  });

  interface Opening {
    readonly clip?: string;
    readonly about?: Partial<PanelClip>;
    readonly state?: Partial<PanelState>;
  }
  const news = (message: ToPanel): Promise<void> =>
    page.evaluate((data) => {
      window.postMessage(data, '*');
    }, message);
  const open = async ({ clip = SAMPLE, about = {}, state = {} }: Opening = {}): Promise<void> => {
    server = await startPageServer({ clip, media: [] });
    const [first] = scenes['fresh'] ?? [];
    assert.ok(first?.type === 'state' && first.state.clip);
    await page.goto(`${server.url}?scene=empty-sidebar`);
    await news({
      type: 'state',
      state: { ...first.state, ...state, clip: { ...first.state.clip, ...about } },
    });
    await video().waitFor();
    await watchPictures(page);
  };
  const made = { duration: LENGTH * SECOND, width: 320, height: 180, frameRate: 30 };
  const openMade = async (name: string, codecs: Partial<PanelClip>, opening: Opening = {}): Promise<PieceMaker> => {
    const clip = join(folder, name);
    const maker = await servePieces(page, clip, LENGTH * SECOND);
    await open({ clip, ...opening, about: { ...made, ...codecs } });
    return maker;
  };
  const video = () => page.getByTestId('picture');
  const position = () => video().evaluate((element) => (element as HTMLVideoElement).currentTime);
  const ready = (): Promise<void> =>
    expectSoon(() => video().evaluate((element) => (element as HTMLVideoElement).readyState >= 3));
  const focusPlayhead = (): Promise<void> => page.getByRole('slider', { name: 'Playhead' }).focus();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const speed = () => page.getByRole('combobox', { name: 'Playback speed' });

  describe('jumps over what is left out', () => {
    it('without showing a frame of it and without a gap, also where the clip has to be read far from a keyframe', async () => {
      const removed = [
        { in: 2 * SECOND, out: 32.9 * SECOND },
        { in: 34 * SECOND, out: 50 * SECOND },
        { in: 51.5 * SECOND, out: 80.5 * SECOND },
      ];
      await open({ state: { removed } });
      await ready();
      await focusPlayhead();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press(' ');
      await expectSoon(async () => (await position()) > 81).catch(async (e) => {
        console.log(
          JSON.stringify(
            await playedLog(page).then((l) => ({ s: l.swaps, f: l.frames.slice(-8), n: l.frames.length })),
          ),
          await page.evaluate(() =>
            [
              ...document
                .querySelector('trimmer-panel')!
                .shadowRoot!.querySelector('trimmer-player')!
                .shadowRoot!.querySelectorAll('video'),
            ].map((v) => [v.currentTime, v.paused, v.seeking, v.readyState, v.hasAttribute('data-front')]),
          ),
        );
        throw e;
      });
      await page.keyboard.press(' ');
      const { shown, jumps } = seen(await playedLog(page));
      console.log(JSON.stringify(jumps));
      const inside = shown.filter(({ time }) =>
        removed.some((section) => time * SECOND > section.in - 1000 && time * SECOND < section.out - 1000),
      );
      assert.deepEqual(inside, []);
      assert.equal(jumps.length, 3);
      for (const [n, jump] of jumps.entries()) {
        assert.ok(Math.abs(jump.to * SECOND - (removed[n]?.out ?? 0)) < 1000, `goes on at the out point: ${jump.to}`);
        assert.ok(jump.gap <= 2 * FRAME, `gap of ${jump.gap} ms`);
        assert.ok(jump.onward <= 2 * FRAME, `stands for ${jump.onward} ms`);
      }
    });
  });

  describe('sound that the page cannot play', () => {
    before(async () => makeClip(join(folder, 'ac3.mp4'), { frames: LENGTH * 30, audio: ['-c:a', 'ac3'] }));
    const codecs = { pictureCodec: 'h264', soundCodec: 'ac3' };

    /** Milliseconds between each beep and the flash of its second, as they came out. */
    const offsets = async (): Promise<number[]> => {
      const log = await playedLog(page);
      const { shown } = seen(log);
      return log.onsets.map((onset) => {
        // The frame that was seen then and how far the clip is behind its beginning.
        const near = shown.reduce((a, b) => (Math.abs(b.at - onset) < Math.abs(a.at - onset) ? b : a));
        const next = shown.find(({ at, element }) => at > near.at && element === near.element);
        const rate = next ? ((next.time - near.time) * 1000) / (next.at - near.at) : 1;
        const second = Math.round(near.time + ((onset - near.at) / 1000) * rate);
        return onset - (near.at + ((second - near.time) * 1000) / rate);
      });
    };

    it('is heard in step with the picture', async () => {
      await openMade('ac3.mp4', codecs);
      await ready();
      await focusPlayhead();
      await page.keyboard.press(' ');
      await expectSoon(async () => (await position()) > 8.5);
      await page.keyboard.press(' ');
      const found = await offsets();
      console.log(JSON.stringify((await playedLog(page)).onsets.length), JSON.stringify(found));
      assert.ok(found.length >= 8, `${found.length} beeps`);
      for (const offset of found) assert.ok(Math.abs(offset) <= 40, `${offset} ms`);
    });
  });
  void button;
  void speed;
});
