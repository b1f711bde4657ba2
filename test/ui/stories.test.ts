// A dead part is removed as a person would do it, from the Explorer to the new file: by keyboard, by mouse, by saying it.
import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { vscodeVersions } from '../run/vscode-setup.js';
import { packedExtension } from './packed-extension.js';
import { sampleFrames } from './sample-frames.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const FRAME_RATE = 30;
const FRAMES = 3600;

for (const version of vscodeVersions) {
  describe(`The whole story in VS Code ${version}`, function () {
    this.timeout(90_000);
    let folder: string;
    let workbench: Workbench;
    let panel: FrameLocator;

    before(async function () {
      this.timeout(120_000);
      folder = await freshFolder('stories');
      for (const name of ['keys', 'mouse', 'other', 'words']) {
        await copyFile(join(repository, 'media/sample.mp4'), join(folder, `${name}.mp4`));
      }
      workbench = await startWorkbench({
        version,
        vsix: await packedExtension(),
        folder,
        width: 1400,
        height: 860,
        env: CLOUD_AWAY,
      });
      panel = workbench.webview('editor');
      // Else it is asked before the first cut.
      await workbench.runCommand('Video Trimmer: Choose Engine');
      await workbench.answer('This machine');
    });

    after(async () => {
      await workbench?.close();
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    reportFailures(() => workbench);
    afterEach(async () => {
      await workbench.runCommand('Notifications: Clear All Notifications');
      await workbench.runCommand('View: Close All Editors');
    });

    const has = (part: Locator): Promise<boolean> => part.evaluate((element) => element.matches(':focus'));
    const keys = async (...names: string[]): Promise<void> => {
      for (const name of names) await workbench.page.keyboard.press(name);
    };
    /** Presses a key until what is looked for has the focus. */
    async function go(key: string, to: Locator): Promise<void> {
      for (let times = 0; times < 40; times += 1) {
        if (await has(to)) return;
        await keys(key);
      }
      assert.fail(`${key} does not lead to ${String(to)}`);
    }
    const field = (name: string): Locator => panel.getByRole('textbox', { name, exact: true });
    const said = (text: string | RegExp): Locator => panel.getByRole('log', { name: 'Chat' }).getByText(text).first();

    /** The file holds each frame of the clip outside the section, given in seconds, and no other. */
    async function isWithout(file: string, start: number, end: number): Promise<void> {
      await workbench.notification(file).first().waitFor({ timeout: 40_000 });
      const removed = (frame: number): boolean => frame >= start * FRAME_RATE - 0.01 && frame < end * FRAME_RATE - 0.01;
      const expected = Array.from({ length: FRAMES }, (_, frame) => frame).filter((frame) => !removed(frame));
      assert.deepEqual(await sampleFrames(join(folder, file)), expected);
    }

    it('by keyboard alone', async () => {
      const { page } = workbench;
      await workbench.explorerFile('keys.mp4').waitFor();
      const row = workbench.explorerFile('keys.mp4');
      await eventually(async () => {
        await keys('ControlOrMeta+Shift+E', 'Home');
        assert.ok(await row.evaluate((element) => element.classList.contains('focused')), 'the file has no focus');
      });
      await keys('Shift+F10');
      const item = page.locator('.monaco-menu .action-item.focused').filter({ hasText: 'Trim Middle Section' });
      for (let times = 0; (await item.count()) === 0; times += 1) {
        assert.ok(times < 40, 'the menu has no such item');
        await keys('ArrowDown');
      }
      await keys('Enter');
      await field('In point').waitFor();
      await eventually(async () => assert.ok(await has(field('In point')), 'the panel does not take the keyboard'));
      await panel.getByText('2:00').first().waitFor();
      await go('Shift+Tab', panel.getByRole('slider', { name: 'Playhead' }));
      await keys('Shift+ArrowRight', 'Shift+ArrowRight', 'i', 'Shift+ArrowRight', 'Shift+ArrowRight', 'o');
      await eventually(async () => assert.equal(await field('Out point').inputValue(), '0:20'));
      await eventually(async () => assert.equal(await field('In point').inputValue(), '0:10'));
      await keys('x');
      await said(/Removed 0:10–0:20/).waitFor();
      await go('Tab', panel.locator('trimmer-export-bar').getByRole('button', { name: 'Export', exact: true }));
      await keys('Enter');
      await isWithout('keys.trimmed.mp4', 10, 20);
    });

    it('by mouse alone', async () => {
      const { page } = workbench;
      await workbench.explorerMenu(['mouse.mp4'], 'Trim Middle Section');
      await panel.getByText('2:00').first().waitFor();
      const lane = (await panel.locator('trimmer-timeline .lane').boundingBox()) ?? assert.fail('no timeline');
      const at = (seconds: number): [number, number] => [
        lane.x + (lane.width * seconds) / 120,
        lane.y + lane.height * 0.4,
      ];
      await page.mouse.move(...at(10));
      await page.mouse.down();
      await page.mouse.move(...at(20), { steps: 5 });
      await page.mouse.move(...at(30), { steps: 5 });
      await page.mouse.up();
      await panel.getByRole('button', { name: 'Remove section' }).waitFor();
      let [start, end] = ['', ''];
      await eventually(async () => {
        [start, end] = await Promise.all([field('In point').inputValue(), field('Out point').inputValue()]);
        assert.match(`${start} ${end}`, /^0:(09|10)\S* 0:(29|30)\S*$/);
      });
      await panel.getByRole('button', { name: 'Remove section' }).click();
      await said(/Removed/).waitFor();
      await panel.locator('trimmer-export-bar').getByRole('button', { name: 'Export', exact: true }).click();
      const seconds = (text: string): number =>
        text.split(':').reduce((sum, part) => Number((sum * 60 + Number(part)).toFixed(6)), 0);
      await isWithout('mouse.trimmed.mp4', seconds(start), seconds(end));
    });

    it('with a clip dropped from the Explorer, and a reload in the middle', async () => {
      const { page } = workbench;
      await workbench.explorerMenu(['words.mp4'], 'Trim Middle Section');
      await panel.getByText('2:00').first().waitFor();
      const row = (await workbench.explorerFile('other.mp4').boundingBox()) ?? assert.fail('no such file');
      const chat = (await panel.locator('trimmer-chat').boundingBox()) ?? assert.fail('no chat');
      await page.mouse.move(row.x + 40, row.y + row.height / 2);
      await page.mouse.down();
      await page.mouse.move(chat.x - 100, chat.y + 200, { steps: 6 });
      // VS Code keeps what is dragged from a webview until Shift is held.
      await page.keyboard.down('Shift');
      await page.mouse.move(chat.x + chat.width / 2, chat.y + chat.height / 2, { steps: 6 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
      await page.getByRole('tab', { name: 'other.mp4' }).waitFor();
      // The page of the tab behind is gone: nothing keeps it alive unseen.
      await eventually(async () => assert.equal(await page.locator('iframe.webview').count(), 1));
      await panel.getByRole('heading', { name: 'other.mp4' }).waitFor({ state: 'attached' });
      await field('In point').fill('0:30');
      await field('Message').fill('not yet sent');
      // Not the browser's own reload, at which VS Code has no time to save.
      const reloaded = page.waitForEvent('load');
      await workbench.runCommand('Developer: Reload Window');
      await reloaded;
      await page.getByRole('tab', { name: 'words.mp4' }).waitFor();
      await panel.getByRole('heading', { name: 'other.mp4' }).waitFor({ state: 'attached' });
      await eventually(async () => assert.equal(await field('In point').inputValue(), '0:30'));
      await eventually(async () => assert.equal(await field('Message').inputValue(), 'not yet sent'));
    });

    it('by saying it', async () => {
      await workbench.explorerMenu(['words.mp4'], 'Trim Middle Section');
      const message = field('Message');
      await message.fill('remove the section between 0:45 and 1:20 and join the remaining parts smoothly');
      await message.press('Enter');
      await said(/Removed 0:45–1:20/).waitFor();
      await message.fill('export');
      // While the answer is still being written, there is a button that stops it instead.
      await panel.getByRole('button', { name: 'Send', exact: true }).waitFor();
      await message.press('Enter');
      await isWithout('words.trimmed.mp4', 45, 80);
    });
  });
}
