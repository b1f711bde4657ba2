// A clip that changes on disk while its panel is open: the host gives it another address.
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PanelClip } from '../../../../src/messages.js';
import { makeClip } from '../../../media/clips.js';
import { openChromium } from '../../../run/chromium.js';
import { expectSoon } from '../expect-soon.js';
import { startPageServer, type PageServer } from '../page-server.js';
import { scenes } from '../scenes.js';
import { makePieces, servePieces } from './made-pieces.js';
import { pictureNumber } from './picture-number.js';

const SECOND = 1_000_000;
const RATE = 30;
const LENGTH = 6;
/** All of its numbers are turned round. */
const OTHER = ['-vf', 'negate'];
const turned = (frame: number): number => 0xffff - frame;

describe('a clip that changed on disk', function () {
  this.timeout(60_000);
  let folder: string;
  let browser: Browser;
  let server: PageServer;
  let page: Page;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'changed-'));
    browser = await openChromium();
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  });
  afterEach(async () => {
    await page.close();
    await server.close();
  });

  const tell = async (mediaUri: string, about: Partial<PanelClip>): Promise<void> => {
    const [first] = scenes['fresh'] ?? [];
    assert.ok(first?.type === 'state' && first.state.clip);
    const made = { duration: LENGTH * SECOND, width: 320, height: 180, frameRate: RATE, mediaUri };
    const state = { ...first.state, clip: { ...first.state.clip, ...made, ...about } };
    await page.evaluate((message) => window.postMessage(message, '*'), { type: 'state', state });
  };
  const open = async (clip: string): Promise<void> => {
    server = await startPageServer({ clip, media: [] });
    await page.goto(`${server.url}?scene=empty-sidebar`);
  };
  const shows = (number: number): Promise<void> =>
    expectSoon(async () => (await pictureNumber(page.getByTestId('picture'))) === number);

  it('is played from the new file, where the playhead stands', async () => {
    const clip = join(folder, 'own.mp4');
    await makeClip(clip, { frames: LENGTH * RATE });
    await makeClip(join(folder, 'new.mp4'), { frames: LENGTH * RATE, output: OTHER });
    const codecs = { pictureCodec: 'h264', soundCodec: 'aac' };
    await open(clip);
    await tell('clip.mp4?one', codecs);
    await shows(0);
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    await page.keyboard.press('ArrowRight');
    await shows(RATE);
    await rename(join(folder, 'new.mp4'), clip);
    await tell('clip.mp4?two', codecs);
    await shows(turned(RATE));
  });

  it('has its sound and its picture made anew', async () => {
    const clip = join(folder, 'old.avi');
    const coding = { frames: LENGTH * RATE, video: ['-c:v', 'mpeg4', '-q:v', '3'], audio: ['-c:a', 'ac3'] };
    await makeClip(clip, coding);
    await makePieces(clip, ['sound', 'picture'], LENGTH * SECOND);
    const pieces = await servePieces(page, clip, LENGTH * SECOND);
    const codecs = { pictureCodec: 'mpeg4', soundCodec: 'ac3' };
    await open(clip);
    await tell('clip.mp4?one', codecs);
    await shows(0);
    await expectSoon(() => Promise.resolve(pieces.asked.length === 3));
    assert.deepEqual(pieces.asked.toSorted(), ['picture 0', 'picture 1', 'sound 0']);
    await makeClip(clip, { ...coding, output: OTHER });
    await makePieces(clip, ['sound', 'picture'], LENGTH * SECOND);
    await tell('clip.mp4?two', codecs);
    await shows(turned(0));
    await expectSoon(() => Promise.resolve(pieces.asked.length === 6));
    assert.deepEqual(pieces.asked.slice(3).toSorted(), ['picture 0', 'picture 1', 'sound 0']);
  });
});
