// A clip that changes on disk while its panel is open: the host gives it another address.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { PanelClip } from '../../../../src/messages.js';
import { makeClip } from '../../../media/clips.js';
import { expectSoon } from '../expect-soon.js';
import { makePieces, servePieces } from './made-pieces.js';
import { pictureNumber } from './picture-number.js';
import { usePlayerPage } from './player-page.js';

const SECOND = 1_000_000;
const RATE = 30;
const LENGTH = 6;
/** All of its numbers are turned round. */
const OTHER = ['-vf', 'negate'];
const turned = (frame: number): number => 0xffff - frame;

describe('a clip that changed on disk', function () {
  this.timeout(60_000);
  let folder: string;
  let page: Page;
  const { open, tell } = usePlayerPage(
    { width: 1200, height: 800 },
    { folder: (path) => (folder = path), page: (fresh) => void (page = fresh) },
  );

  const tellOf = (mediaUri: string, about: Partial<PanelClip>): Promise<void> =>
    tell({ duration: LENGTH * SECOND, width: 320, height: 180, frameRate: RATE, mediaUri, ...about });
  const shows = (number: number): Promise<void> =>
    expectSoon(async () => (await pictureNumber(page.getByTestId('picture'))) === number);

  it('is played from the new file, where the playhead stands', async () => {
    const clip = join(folder, 'own.mp4');
    await makeClip(clip, { frames: LENGTH * RATE });
    await makeClip(join(folder, 'new.mp4'), { frames: LENGTH * RATE, output: OTHER });
    const codecs = { pictureCodec: 'h264', soundCodec: 'aac' };
    await open(clip);
    await tellOf('clip.mp4?one', codecs);
    await shows(0);
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    await page.keyboard.press('ArrowRight');
    await shows(RATE);
    await rename(join(folder, 'new.mp4'), clip);
    await tellOf('clip.mp4?two', codecs);
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
    await tellOf('clip.mp4?one', codecs);
    await shows(0);
    await expectSoon(() => Promise.resolve(pieces.asked.length === 3));
    assert.deepEqual(pieces.asked.toSorted(), ['picture 0', 'picture 1', 'sound 0']);
    await makeClip(clip, { ...coding, output: OTHER });
    await makePieces(clip, ['sound', 'picture'], LENGTH * SECOND);
    await tellOf('clip.mp4?two', codecs);
    await shows(turned(0));
    await expectSoon(() => Promise.resolve(pieces.asked.length === 6));
    assert.deepEqual(pieces.asked.slice(3).toSorted(), ['picture 0', 'picture 1', 'sound 0']);
  });
});
