// The player in a real browser under the content policy of a webview: what is seen and heard, and when.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { PanelClip, PanelState } from '../../../../src/messages.js';
import { makeClip } from '../../../media/clips.js';
import { eventually } from '../../../host/eventually.js';
import { repository } from '../../../run/paths.js';
import { expectSoon, expectValue } from '../expect-soon.js';
import { makePieces, servePieces, type PieceServer } from './made-pieces.js';
import { pictureNumber } from './picture-number.js';
import { usePlayerPage } from './player-page.js';
import { playedLog, seen, soundOffsets, tapSound, watchPictures } from './played-log.js';

const SECOND = 1_000_000;
const FRAME = 1000 / 30;
const SAMPLE = join(repository, 'media/sample.mp4');
/** Seconds of the clips that are made here. */
const LENGTH = 40;

describe('the player on a page', function () {
  this.timeout(60_000);
  // What is measured here is real time on a machine that others use too.
  this.retries(2);
  let folder: string;
  let page: Page;
  let problems: string[];
  const player = usePlayerPage(
    { width: 1200, height: 800 },
    {
      folder: (path) => (folder = path),
      page: async (fresh) => {
        page = fresh;
        problems = [];
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        await tapSound(page);
      },
    },
  );
  afterEach(() => assert.deepEqual(problems, []));

  interface Opening {
    readonly clip?: string;
    readonly about?: Partial<PanelClip>;
    readonly state?: Partial<PanelState>;
  }
  const open = async ({ clip = SAMPLE, about = {}, state = {} }: Opening = {}): Promise<void> => {
    await player.open(clip);
    await player.tell(about, state);
    await video().waitFor();
    await watchPictures(page);
  };
  const made = { duration: LENGTH * SECOND, width: 320, height: 180, frameRate: 30 };
  const openMade = async (
    name: string,
    codecs: Partial<PanelClip>,
    opening: Opening = {},
    before?: PieceServer['before'],
  ): Promise<PieceServer> => {
    const clip = join(folder, name);
    const pieces = await servePieces(page, clip, LENGTH * SECOND);
    if (before) pieces.before = before;
    await open({ clip, ...opening, about: { ...made, ...codecs } });
    return pieces;
  };
  const video = () => page.getByTestId('picture');
  const position = () => video().evaluate((element) => (element as HTMLVideoElement).currentTime);
  const ready = (): Promise<void> =>
    expectSoon(() => video().evaluate((element) => (element as HTMLVideoElement).readyState >= 3));
  const focusPlayhead = (): Promise<void> => page.getByRole('slider', { name: 'Playhead' }).focus();
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const startPlaying = async (): Promise<void> => {
    await ready();
    await focusPlayhead();
    await page.keyboard.press(' ');
  };
  const speed = () => page.getByRole('combobox', { name: 'Playback speed' });

  describe('jumps over what is left out', () => {
    it('without showing a frame of it and without a gap, also where the clip has to be read far from a keyframe', async () => {
      const removed = [
        { in: 2 * SECOND, out: 32.9 * SECOND },
        { in: 34 * SECOND, out: 50 * SECOND },
        { in: 51.5 * SECOND, out: 80.5 * SECOND },
      ];
      await open({ state: { removed } });
      await startPlaying();
      await expectSoon(async () => (await position()) > 81);
      await page.keyboard.press(' ');
      const { shown, jumps } = seen(await playedLog(page));
      const inside = shown.filter(({ time }) =>
        removed.some((section) => time * SECOND > section.in - 1000 && time * SECOND < section.out - 1000),
      );
      assert.deepEqual(inside, []);
      assert.equal(jumps.length, 3);
      for (const [n, jump] of jumps.entries()) {
        assert.ok(Math.abs(jump.to * SECOND - (removed[n]?.out ?? 0)) < 1000, `goes on at the out point: ${jump.to}`);
        assert.ok(jump.gap <= 2 * FRAME, `gap of ${jump.gap} ms`);
        assert.ok(jump.onward <= 2 * FRAME + 1, `stands for ${jump.onward} ms`);
      }
      report(
        `picture at joins: ${jumps.map(({ gap, onward }) => `${gap.toFixed(0)} + ${onward.toFixed(0)} ms`).join(', ')}`,
      );
    });

    it('and plays them when the original is asked for', async () => {
      await open({ state: { removed: [{ in: 2 * SECOND, out: 90 * SECOND }] } });
      await ready();
      await button('Original').click();
      await focusPlayhead();
      for (const key of ['ArrowRight', 'ArrowRight', ' ']) await page.keyboard.press(key);
      await expectSoon(async () => (await position()) > 2.4);
      await eventually(async () => assert.ok((await position()) < 10));
    });

    it('and stops on the last frame of the result where it ends before the clip does', async () => {
      await open({ state: { removed: [{ in: SECOND, out: 120 * SECOND }] } });
      await startPlaying();
      await button('Pause').waitFor();
      await button('Play').waitFor();
      await expectSoon(async () => Math.abs((await position()) - 0.967) < 0.01);
    });
  });

  describe('sound that the page cannot play', () => {
    before(async () => {
      const clip = join(folder, 'ac3.mp4');
      await makeClip(clip, { frames: LENGTH * 30, audio: ['-c:a', 'ac3'] });
      await makePieces(clip, ['sound'], LENGTH * SECOND);
    });
    const codecs = { pictureCodec: 'h264', soundCodec: 'ac3' };

    /** Behind the first beep, of which a part would be missed while the device opens. */
    const startBehindBeep = async (): Promise<void> => {
      await ready();
      await focusPlayhead();
      for (let n = 0; n < 6; n += 1) await page.keyboard.press('.');
      await startPlaying();
    };
    const expectInStep = async (what: string, least: number): Promise<void> => {
      const found = soundOffsets(await playedLog(page));
      report(`sound ${what}: ${found.map((offset) => offset.toFixed(0)).join(' ')} ms`);
      assert.ok(found.length >= least, `${found.length} beeps`);
      for (const offset of found) assert.ok(Math.abs(offset) <= 40, `${offset} ms`);
    };

    it('is heard in step with the picture', async () => {
      await openMade('ac3.mp4', codecs);
      await startBehindBeep();
      await expectSoon(async () => (await position()) > 8.6);
      await page.keyboard.press(' ');
      await expectInStep('on its way', 8);
    });

    it('is heard in step at double speed, and where the speed changes', async () => {
      await openMade('ac3.mp4', codecs);
      await startBehindBeep();
      await expectSoon(async () => (await position()) > 2.5);
      await speed().selectOption('2');
      await expectSoon(async () => (await position()) > 12.6);
      await focusPlayhead();
      await page.keyboard.press(' ');
      await expectInStep('at 2×', 11);
    });

    it('is heard in step behind removed sections, whose pieces are there before', async () => {
      const removed = [
        { in: 2.5 * SECOND, out: 17.5 * SECOND },
        { in: 20.5 * SECOND, out: 29.5 * SECOND },
      ];
      const pieces = await openMade('ac3.mp4', codecs, { state: { removed } });
      await expectSoon(() => Promise.resolve(pieces.asked.length === 2));
      assert.deepEqual(pieces.asked, ['sound 0', 'sound 2']);
      await startBehindBeep();
      await expectSoon(async () => (await position()) > 32.6);
      await page.keyboard.press(' ');
      const log = await playedLog(page);
      // 1 and 2, 18 to 20, 30 to 32 of the clip, each a second after the last: of the joins nothing is heard.
      await expectInStep('over two joins', 7);
      const steps = log.onsets.slice(1).map((onset, n) => onset - (log.onsets[n] ?? 0));
      for (const step of steps) assert.ok(Math.abs(step - 1000) < 60, `${step} ms between beeps`);
    });

    it('is heard in step after seeks while it plays', async () => {
      await openMade('ac3.mp4', codecs);
      await startBehindBeep();
      await expectSoon(async () => (await position()) > 1.4);
      for (let n = 0; n < 4; n += 1) await page.keyboard.press('Shift+ArrowRight');
      await expectSoon(async () => (await position()) > 23.6);
      await page.keyboard.press('Shift+ArrowLeft');
      await expectSoon(async () => (await position()) > 20.6 && (await position()) < 23);
      await page.keyboard.press(' ');
      await expectInStep('after seeks', 4);
    });

    it('is as loud as the person wants, and that is remembered', async () => {
      await openMade('ac3.mp4', codecs);
      await ready();
      const volume = page.getByRole('slider', { name: 'Volume' });
      await expectValue(() => volume.inputValue(), '100');
      await volume.focus();
      for (let n = 0; n < 4; n += 1) await page.keyboard.press('ArrowLeft');
      await expectSoon(() => page.evaluate<boolean>('JSON.parse(sessionStorage.state).level === 0.8'));
      await startPlaying();
      await page.keyboard.press('m');
      await button('Sound on').waitFor();
      await expectSoon(async () => (await position()) > 2.4);
      await expectValue(async () => (await playedLog(page)).onsets, []);
      await page.keyboard.press('m');
      await expectSoon(async () => (await playedLog(page)).onsets.length >= 1);
      await expectValue(() => volume.inputValue(), '80');
    });

    it('is told of when it cannot be made, and tried again', async () => {
      const refuse = (): Promise<string> =>
        Promise.resolve('The sound of this clip cannot be read. The picture plays on.');
      const pieces = await openMade('ac3.mp4', codecs, {}, refuse);
      await ready();
      await page.getByText('The sound of this clip cannot be read. The picture plays on.').waitFor();
      pieces.before = () => Promise.resolve(undefined);
      await button('Try again').click();
      await page.getByText('The sound of this clip cannot be read.').waitFor({ state: 'hidden' });
      await startPlaying();
      await expectSoon(async () => (await playedLog(page)).onsets.length >= 1);
    });
  });

  it('makes no sound where the page plays the clip’s own', async () => {
    await makeClip(join(folder, 'own.mp4'), { frames: LENGTH * 30 });
    const pieces = await openMade('own.mp4', { pictureCodec: 'h264', soundCodec: 'aac' });
    await startPlaying();
    await expectSoon(async () => (await position()) > 1.5);
    assert.deepEqual(pieces.asked, []);
    await expectValue(() => video().evaluate((element) => (element as HTMLVideoElement).muted), false);
  });

  describe('a picture that the page cannot show', () => {
    before(async () => {
      const clip = join(folder, 'old.avi');
      const video = ['-c:v', 'mpeg4', '-q:v', '3', '-g', '60'];
      await makeClip(clip, { frames: LENGTH * 30, video, audio: ['-c:a', 'ac3'] });
      await makePieces(clip, ['sound', 'picture'], LENGTH * SECOND);
    });
    const codecs = { pictureCodec: 'mpeg4', soundCodec: 'ac3' };

    const frameNumber = (): Promise<number> => pictureNumber(video());

    it('is shown from pieces, frame by frame, and the quality is told', async () => {
      await openMade('old.avi', codecs);
      await page.getByText('Preview quality').waitFor();
      await expectSoon(async () => (await frameNumber()) === 0);
      await focusPlayhead();
      for (const key of ['ArrowRight', '.', '.']) await page.keyboard.press(key);
      await expectSoon(async () => (await frameNumber()) === 32);
      for (let n = 0; n < 5; n += 1) await page.keyboard.press('Shift+ArrowRight');
      await expectSoon(async () => (await frameNumber()) === 32 + 750);
      await page.keyboard.press('End');
      await expectSoon(async () => (await frameNumber()) === LENGTH * 30 - 1);
      await page.keyboard.press('Home');
      await expectSoon(async () => (await frameNumber()) === 0);
    });

    it('plays in step with its sound, over a removed section too, and ends', async () => {
      await openMade('old.avi', codecs, { state: { removed: [{ in: 3.5 * SECOND, out: 33.5 * SECOND }] } });
      await expectSoon(async () => (await frameNumber()) === 0);
      await startPlaying();
      await expectSoon(async () => (await position()) > 36.6);
      const log = await playedLog(page);
      assert.ok(log.onsets.length >= 5);
      const { shown, jumps } = seen(log);
      assert.deepEqual(
        shown.filter(({ time }) => time > 3.499 && time < 33.499),
        [],
      );
      assert.equal(jumps.length, 1);
      await button('Play').waitFor();
      await expectSoon(async () => (await frameNumber()) === LENGTH * 30 - 1);
    });

    it('is waited for with words, and what went wrong is said', async () => {
      const answers: ((sentence: string) => void)[] = [];
      const wait = (): Promise<string> => new Promise((resolve) => answers.push(resolve));
      const pieces = await openMade('old.avi', { ...codecs, pictureCodec: 'unheard-of' }, {}, wait);
      await focusPlayhead();
      await page.keyboard.press('End');
      await page.getByRole('status').getByText('Preparing the picture…').waitFor();
      pieces.before = () => Promise.resolve('The disk with this clip is gone. Connect it again.');
      for (const answer of answers) answer('The disk with this clip is gone. Connect it again.');
      await page.getByText('The disk with this clip is gone. Connect it again.').waitFor();
      pieces.before = () => Promise.resolve(undefined);
      await button('Try again').click();
      await expectSoon(async () => (await frameNumber()) === LENGTH * 30 - 1);
      await page.getByText('The disk with this clip is gone.').waitFor({ state: 'hidden' });
    });
  });

  describe('keys and buttons', () => {
    it('J and L play backwards and forwards, faster with each press, and K stops', async () => {
      await open();
      await ready();
      await focusPlayhead();
      for (let n = 0; n < 4; n += 1) await page.keyboard.press('Shift+ArrowRight');
      await page.keyboard.press('l');
      await expectSoon(async () => (await position()) > 20.3);
      await expectValue(() => speed().inputValue(), '1');
      await page.keyboard.press('l');
      await page.keyboard.press('l');
      await expectSoon(async () => (await speed().inputValue()) === '4');
      await expectValue(() => video().evaluate((element) => (element as HTMLVideoElement).playbackRate), 4);
      await page.keyboard.press('j');
      await expectSoon(async () => (await speed().inputValue()) === '-1');
      await page.keyboard.press('j');
      await expectSoon(async () => (await speed().inputValue()) === '-2');
      await expectSoon(async () => (await position()) < 19.5);
      await page.keyboard.press('k');
      await button('Play').waitFor();
      await expectSoon(async () => (await speed().inputValue()) === '1');
      const at = await position();
      await page.keyboard.press('.');
      await expectSoon(async () => Math.abs((await position()) - at - 1 / 30) < 0.005);
    });

    it('J leaves out what is removed, and stops at the beginning', async () => {
      await open({ state: { removed: [{ in: SECOND, out: 60 * SECOND }] } });
      await ready();
      await focusPlayhead();
      for (const key of ['ArrowRight', 'j', 'j', 'j']) await page.keyboard.press(key);
      await button('Play').waitFor();
      await expectSoon(async () => (await position()) < 0.01);
      const between = (await playedLog(page)).frames.filter(({ time }) => time > 1.001 && time < 59.99);
      assert.deepEqual(between, []);
    });

    it('R plays around the nearest cut again and again until it is stopped', async () => {
      await open();
      await page.getByRole('textbox', { name: 'In point', exact: true }).fill('0:05');
      await page.getByRole('textbox', { name: 'Out point', exact: true }).fill('1:30');
      await ready();
      await focusPlayhead();
      await page.keyboard.press('r');
      await expectSoon(async () => (await button('Loop the join').getAttribute('aria-pressed')) === 'true');
      // In, back, in again: three jumps.
      await expectSoon(async () => (await playedLog(page)).swaps.length >= 3);
      const { shown } = seen(await playedLog(page));
      const far = shown.filter(({ time }) => time > 0.1 && !((time > 3.99 && time < 5) || (time > 89.99 && time < 91)));
      assert.deepEqual(far, []);
      await button('Loop the join').click();
      await button('Play').waitFor();
      await expectValue(() => button('Loop the join').getAttribute('aria-pressed'), 'false');
    });

    it('there is no loop where nothing is joined', async () => {
      await open({ state: { removed: [{ in: 0, out: SECOND }] } });
      await ready();
      await expectValue(() => button('Loop the join').isDisabled(), true);
      await focusPlayhead();
      await page.keyboard.press('r');
      await expectValue(() => button('Play').isVisible(), true);
    });

    it('T gives the picture the whole width and folds the chat below it, which is remembered', async () => {
      await open();
      await ready();
      const width = (): Promise<number> => video().evaluate((element) => element.getBoundingClientRect().width);
      const before = await width();
      assert.ok(before < 900);
      await focusPlayhead();
      await page.keyboard.press('t');
      await expectSoon(async () => (await width()) > 1100);
      await expectSoon(async () => (await button('Full width').getAttribute('aria-pressed')) === 'true');
      await expectValue(() => button('Show the chat').isVisible(), true);
      await expectValue(() => page.evaluate('JSON.parse(sessionStorage.state).wide'), true);
      await button('Full width').click();
      await expectSoon(async () => (await width()) === before);
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
    });
  });
});

/** Figures that a person may want to see; nothing depends on them. */
function report(line: string): void {
  process.stdout.write(`      (${line})\n`);
}
