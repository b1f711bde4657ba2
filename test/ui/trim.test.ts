import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { sampleFrames } from './sample-frames.js';
import { packedExtension } from './packed-extension.js';
import { readmeShot } from './readme-shot.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const sample = join(repository, 'media/sample.mp4');

/** The frames that remain when [in, out) is taken from the sample's 3600 at 30 frames a second. */
function without(...sections: readonly (readonly [number, number])[]): number[] {
  const removed = (frame: number): boolean => sections.some(([start, end]) => frame >= start * 30 && frame < end * 30);
  return Array.from({ length: 3600 }, (_, frame) => frame).filter((frame) => !removed(frame));
}

describe('Trimming in a VS Code window', function () {
  this.timeout(180_000);
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async () => {
    folder = await freshFolder('clips');
    await mkdir(join(folder, 'notes'));
    await copyFile(sample, join(folder, 'interview.mp4'));
    await copyFile(sample, join(folder, 'Demo day.MP4'));
    await copyFile(join(repository, 'LICENSE'), join(folder, 'readme.txt'));
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1400,
      height: 860,
      env: CLOUD_AWAY,
    });
    panel = workbench.webview('editor');
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  it('offers "Trim Middle Section" on videos of any case, and on nothing else', async () => {
    await workbench.explorerFile('interview.mp4').waitFor();
    assert.ok((await workbench.explorerMenuItems(['Demo day.MP4'])).includes('Trim Middle Section'));
    assert.ok(!(await workbench.explorerMenuItems(['readme.txt'])).includes('Trim Middle Section'));
    assert.ok(!(await workbench.explorerMenuItems(['notes'])).includes('Trim Middle Section'));
  });

  it('opens the panel on the clip, with its picture', async () => {
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    const picture = panel.getByTestId('picture');
    await picture.waitFor();
    await picture.evaluate(async (video: HTMLVideoElement) => {
      if (video.readyState < 2) await new Promise((loaded) => video.addEventListener('loadeddata', loaded));
    });
    await eventually(async () =>
      assert.equal(await picture.evaluate((video: HTMLVideoElement) => video.videoWidth), 640),
    );
    await panel.getByText('2:00').first().waitFor();
  });

  it('says at the field, in words, what is wrong with an in or out point', async () => {
    const inPoint = panel.getByRole('textbox', { name: 'In point', exact: true });
    const outPoint = panel.getByRole('textbox', { name: 'Out point', exact: true });
    const remove = panel.getByRole('button', { name: 'Remove section' });
    await inPoint.fill('soon');
    await panel.getByText('Type a time such as').waitFor();
    await inPoint.fill('1:20');
    await outPoint.fill('0:45');
    await panel.getByText('before the in point').waitFor();
    await eventually(async () => assert.ok(await remove.isDisabled()));
    await inPoint.fill('0:45');
    await outPoint.fill('3:00');
    await panel.getByText('The clip ends at 2:00').waitFor();
    await workbench.screenshot('field-problem');
    await outPoint.fill('1:20');
    await panel.getByText('The clip ends at').waitFor({ state: 'detached' });
    await eventually(async () => assert.ok(await remove.isEnabled()));
  });

  it('asks once where to cut, then removes the section and says so', async () => {
    await workbench.screenshot(readmeShot('panel-marked'));
    await panel.getByRole('button', { name: 'Remove section' }).click();
    const question = workbench.page.getByRole('dialog').filter({ hasText: /this machine/i });
    await question.waitFor();
    await workbench.screenshot('engine-question');
    await question.getByRole('button', { name: /this machine/i }).click();
    const chat = panel.getByRole('log', { name: 'Chat' });
    await chat.getByText('remove the section between 0:45 and 1:20 and join the remaining parts smoothly').waitFor();
    await chat
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
    await panel.getByText('1:25').first().waitFor();
    const settings = await readFile(join(workbench.userDataDir, 'User/settings.json'), 'utf8').catch(() => '');
    const machine = await readFile(join(workbench.userDataDir, 'Machine/settings.json'), 'utf8').catch(() => '');
    assert.match(settings + machine, /"videoTrimmer\.engine":\s*"local"/);
    await workbench.screenshot('panel-removed');
  });

  it('exports beside the source with exactly the frames outside the section, and the source untouched', async () => {
    const before = await readFile(join(folder, 'interview.mp4'));
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await workbench.notification('interview.trimmed.mp4').waitFor({ timeout: 60_000 });
    await workbench.screenshot(readmeShot('panel-exported'));
    assert.deepEqual(await sampleFrames(join(folder, 'interview.trimmed.mp4')), without([45, 80]));
    assert.ok(before.equals(await readFile(join(folder, 'interview.mp4'))));
  });

  it('writes -2 when the name is taken, and leaves nothing else behind', async () => {
    const message = panel.getByRole('textbox', { name: 'Message' });
    await message.fill('export');
    await message.press('Enter');
    await workbench.notification('interview.trimmed-2.mp4').waitFor({ timeout: 60_000 });
    const files = (await readdir(folder)).sort();
    assert.deepEqual(files, [
      'Demo day.MP4',
      'interview.mp4',
      'interview.trimmed-2.mp4',
      'interview.trimmed.mp4',
      'notes',
      'readme.txt',
    ]);
  });

  it('opens the written file from the notification', async () => {
    await workbench.pressInNotification('interview.trimmed-2.mp4', 'Reveal in Explorer');
    await workbench.page
      .locator('.explorer-folders-view .monaco-list-row.selected')
      .getByText('interview.trimmed-2.mp4')
      .waitFor();
  });

  it('takes several sections in one message', async () => {
    await workbench.runCommand('View: Close All Editors');
    await workbench.explorerMenu(['Demo day.MP4'], 'Trim Middle Section');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('10');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('20.5');
    await panel.getByRole('button', { name: 'Add section' }).click();
    await panel.getByRole('textbox', { name: 'In point 2' }).fill('0:45');
    await panel.getByRole('textbox', { name: 'Out point 2' }).fill('1:20');
    await panel.getByRole('button', { name: 'Remove 2 sections' }).click();
    const chat = panel.getByRole('log', { name: 'Chat' });
    await chat
      .getByText(/Removed .*0:10–0:20\.5/)
      .first()
      .waitFor();
    await eventually(async () => assert.equal(await chat.getByText(/^remove the sections between/).count(), 1));
    await workbench.runCommand('Video Trimmer: Export Video');
    await workbench
      .notification('Demo day.trimmed.mp4')
      .or(workbench.notification('Demo day.trimmed.MP4'))
      .waitFor({ timeout: 60_000 });
    const written = (await readdir(folder)).find((name) => name.startsWith('Demo day.trimmed'));
    assert.ok(written);
    assert.deepEqual(await sampleFrames(join(folder, written)), without([10, 20.5], [45, 80]));
  });

  it('shows the sessions with their tracks in the sidebar, and the chat beside them', async () => {
    await workbench.runCommand('View: Show Video Trimmer');
    const tree = workbench.page.getByRole('treeitem');
    await tree.filter({ hasText: 'interview.mp4' }).first().waitFor();
    await tree.filter({ hasText: 'Video: interview.mp4' }).first().waitFor();
    await workbench.webview('sidebar').getByRole('textbox', { name: 'Message' }).waitFor();
    await workbench.webview('sidebar').getByRole('button', { name: 'Export', exact: true }).first().waitFor();
    await workbench.screenshot(readmeShot('sidebar'));
  });

  it('understands a sentence in the chat', async () => {
    const message = panel.getByRole('textbox', { name: 'Message' });
    await message.fill('remove the first 5 seconds');
    await message.press('Enter');
    await panel
      .getByRole('log', { name: 'Chat' })
      .getByText(/Removed 0:00–0:05/)
      .first()
      .waitFor();
  });
});

describe('The empty sidebar', function () {
  this.timeout(120_000);

  it('shows the greeting and the three suggestions of the product, and nothing that cannot work', async () => {
    const folder = await freshFolder('empty');
    await copyFile(sample, join(folder, 'interview.mp4'));
    const workbench = await startWorkbench({ vsix: await packedExtension(), folder });
    try {
      await workbench.runCommand('View: Show Video Trimmer');
      const panel = workbench.webview('sidebar');
      await panel
        .getByText('Ready when you are. Drop your video clips here or describe what you want to make.')
        .waitFor();
      for (const suggestion of [
        'edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4',
        'remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
        'cutting out unwanted middle sections from a video and rejoining the remaining parts for content creators',
      ]) {
        await panel.getByRole('button', { name: suggestion }).waitFor();
      }
      await workbench.screenshot('sidebar-empty');
      await eventually(async () =>
        assert.equal(await workbench.offersCommand('Video Trimmer: Trim Middle Section'), true),
      );
      assert.equal(await workbench.offersCommand('Video Trimmer: Export Video'), false);
      assert.equal(await workbench.offersCommand('Video Trimmer: Sign Out'), false);
    } finally {
      await workbench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
