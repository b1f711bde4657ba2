// In a VS Code window: clips that no page can play are seen and heard all the same, and undo keeps to the panel.
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, FrameLocator, Locator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { makeClip } from '../media/clips.js';
import { freshFolder } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { pictureNumber } from './panel-page/player/picture-number.js';
import { playedLog, soundOffsets, tapSound, watchPictures } from './panel-page/player/played-log.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const FRAMES = 180;
const HEVC = {
  frames: FRAMES,
  video: '-c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1'.split(' '),
};
const PRORES = {
  frames: FRAMES,
  video: ['-c:v', 'prores_ks', '-profile:v', '0'],
  audio: ['-c:a', 'pcm_s16le'],
  output: ['-pix_fmt', 'yuv422p10le'],
};

describe('Playing and marking in a VS Code window', function () {
  this.timeout(90_000);
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async function () {
    this.timeout(120_000);
    folder = await freshFolder('playing');
    await makeClip(join(folder, 'phone.mp4'), HEVC);
    await makeClip(join(folder, 'camera.mov'), PRORES);
    await writeFile(join(folder, 'notes.txt'), '');
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1500,
      height: 900,
      env: CLOUD_AWAY,
    });
    await tapSound(workbench.page);
    panel = workbench.webview('editor');
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  const picture = (): Locator => panel.getByTestId('picture');
  const playhead = (where = panel): Locator => where.getByRole('slider', { name: 'Playhead' });
  const shows = (number: number): Promise<void> =>
    eventually(async () => assert.equal(await pictureNumber(picture()), number), 20_000);
  const keys = async (...names: string[]): Promise<void> => {
    for (const name of names) await workbench.page.keyboard.press(name);
  };

  async function document(): Promise<Frame> {
    const frame = await (await panel.owner().elementHandle())?.contentFrame();
    return frame ?? assert.fail('the panel has no page');
  }

  for (const [name, what] of [
    ['phone.mp4', 'HEVC and AAC'],
    ['camera.mov', 'ProRes and PCM'],
  ] as const) {
    it(`shows ${what}, frame by frame, and plays its sound in step`, async function () {
      // What is measured is real time, on a machine that others use too.
      this.retries(2);
      await workbench.explorerMenu([name], 'Trim Middle Section');
      await panel.getByText('Preview quality').waitFor();
      // The command puts the keyboard there, a moment after the panel is seen.
      const inPoint = panel.getByRole('textbox', { name: 'In point', exact: true });
      await eventually(async () => assert.ok(await inPoint.evaluate((field) => field.matches(':focus'))));
      await playhead().focus();
      await keys('Home');
      await shows(0);
      await keys('ArrowRight', '.', '.');
      await shows(32);
      const page = await document();
      await watchPictures(page);
      const heard = (await playedLog(page)).onsets.length;
      await keys(' ');
      let offsets: number[] = [];
      await eventually(async () => {
        const log = await playedLog(page);
        offsets = soundOffsets({ ...log, onsets: log.onsets.slice(heard) });
        // The picture to the last of them may be still to come.
        assert.ok(offsets.length >= 4 && offsets.every(Number.isFinite), offsets.join(' '));
      }, 20_000);
      await keys(' ');
      process.stdout.write(`      (sound of ${what}: ${offsets.map((offset) => offset.toFixed(0)).join(' ')} ms)\n`);
      for (const offset of offsets) assert.ok(Math.abs(offset) <= 40, `${offset} ms`);
    });
  }

  it('shows a clip that was written anew while its panel is open', async () => {
    const other = join(folder, 'other.mov');
    await makeClip(other, { ...PRORES, output: ['-vf', 'negate', ...PRORES.output] });
    await playhead().focus();
    await keys('Home');
    await shows(0);
    await rename(other, join(folder, 'camera.mov'));
    await shows(0xffff);
  });

  describe('undo', () => {
    const field = (name: string, where = panel): Locator => where.getByRole('textbox', { name, exact: true });
    const points = (start: string, end: string, where = panel): Promise<void> =>
      eventually(async () => {
        assert.equal(await field('In point', where).inputValue(), start);
        assert.equal(await field('Out point', where).inputValue(), end);
      });
    const text = (): Locator => workbench.page.locator('.monaco-editor .view-lines');
    const isKept = (): Promise<void> => eventually(async () => assert.equal((await text().innerText()).trim(), 'kept'));

    before(async () => {
      await workbench.runCommand('View: Close All Editors');
      await workbench.explorerFile('notes.txt').dblclick();
      await text().click();
      await workbench.page.keyboard.type('kept');
      await workbench.explorerMenu(['phone.mp4'], 'Trim Middle Section');
      await panel.getByText('0:06').first().waitFor();
      // Beside the text, which would hear what the panel does not take.
      await workbench.runCommand('View: Move Editor into Next Group');
      await text().waitFor();
    });

    it('takes back the marks of the panel that has the keyboard, and no text beside it', async () => {
      await panel.getByText('0:06').first().waitFor();
      await playhead().focus();
      await keys('Home', 'ArrowRight', 'i', 'ArrowRight', 'o');
      await points('0:01', '0:02');
      await keys('ControlOrMeta+z');
      await points('0:01', '');
      await keys('ControlOrMeta+Shift+z');
      await points('0:01', '0:02');
      await isKept();
    });

    it('does the same in the sidebar', async () => {
      await workbench.runCommand('View: Show Video Trimmer');
      const sidebar = workbench.webview('sidebar');
      await points('0:01', '0:02', sidebar);
      await playhead(sidebar).focus();
      await keys('Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'i', 'ArrowRight', 'o');
      await eventually(async () => assert.equal(await field('Out point 2', sidebar).inputValue(), '0:04'));
      await keys('ControlOrMeta+z', 'ControlOrMeta+z');
      await eventually(async () => assert.equal(await field('In point 2', sidebar).count(), 0));
      await points('0:01', '0:02');
      await isKept();
    });

    it('goes on after a reload of the window', async () => {
      await workbench.runCommand('View: Show Explorer');
      await playhead().focus();
      await keys('Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'i', 'ArrowRight', 'o');
      await eventually(async () => assert.equal(await field('Out point 2').inputValue(), '0:04'));
      // Not the browser's own reload, at which VS Code has no time to save.
      const reloaded = workbench.page.waitForEvent('load');
      await workbench.runCommand('Developer: Reload Window');
      await reloaded;
      await eventually(async () => assert.equal(await field('Out point 2').inputValue(), '0:04'), 30_000);
      await playhead().focus();
      await keys('ControlOrMeta+z', 'ControlOrMeta+z');
      await eventually(async () => assert.equal(await field('In point 2').count(), 0));
      await points('0:01', '0:02');
      await isKept();
    });

    it('goes on in a window of its own', async () => {
      await playhead().focus();
      await keys('Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'i', 'ArrowRight', 'o');
      await eventually(async () => assert.equal(await field('Out point 2').inputValue(), '0:04'));
      const opened = workbench.page.context().waitForEvent('page');
      await workbench.runCommand('View: Move Editor into New Window');
      const window = await opened;
      const away = window.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
      await eventually(async () => assert.equal(await field('Out point 2', away).inputValue(), '0:04'), 20_000);
      await playhead(away).focus();
      await window.keyboard.press('ControlOrMeta+z');
      await eventually(async () => assert.equal(await field('Out point 2', away).inputValue(), ''));
      await isKept();
    });
  });
});
