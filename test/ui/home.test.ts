import assert from 'node:assert/strict';
import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

describe('At home in a VS Code window', function () {
  this.timeout(60_000);
  let folder: string;
  let workbench: Workbench;

  before(async function () {
    this.timeout(120_000);
    folder = await freshFolder('home');
    await copyFile(join(repository, 'media/sample/interview.mp4'), join(folder, 'talk.mp4'));
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1500,
      height: 900,
      env: CLOUD_AWAY,
      settings: { 'explorer.confirmDelete': false, 'files.enableTrash': false },
    });
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  const tabs = (name: string): Locator => workbench.page.getByRole('tab', { name });
  const field = (panel: FrameLocator, name: string): Locator => panel.getByRole('textbox', { name, exact: true });
  const shows = async (panel: FrameLocator, point: string, value: string): Promise<void> =>
    eventually(async () => assert.equal(await field(panel, point).inputValue(), value));
  /** The pages in the editor area, from left to right. */
  const editorPage = (index = 0): FrameLocator =>
    workbench.page
      .locator('iframe.webview:not([src*="purpose=webviewView"])')
      .nth(index)
      .contentFrame()
      .locator('iframe#active-frame')
      .contentFrame();
  const pick = (row: string): Locator =>
    workbench.page.locator('.quick-input-widget:visible .monaco-list-row').filter({ hasText: row }).first();

  it('says in the empty list of sessions what to do', async () => {
    await workbench.runCommand('View: Show Video Trimmer');
    const sessions = workbench.page.locator('.pane', { hasText: 'Sessions' });
    await sessions.getByText('No session yet: right-click a video in the Explorer, or choose one here.').waitFor();
    await sessions.getByRole('button', { name: 'Trim a Video' }).waitFor();
    await sessions.getByRole('button', { name: 'Open Sample Video' }).waitFor();
    await workbench.screenshot('welcome-empty');
    await workbench.runCommand('Video Trimmer: Check Credits');
    await sessions.getByText('The NemoVideo cloud cannot be reached; this machine can cut without it.').waitFor();
    await workbench.screenshot('welcome-offline');
    await workbench.runCommand('Notifications: Clear All Notifications');
    await workbench.runCommand('View: Show Explorer');
  });

  it('opens a video by "Open With…", where it plays, and forgets whoever only looked', async () => {
    await workbench.explorerMenu(['talk.mp4'], 'Open With...');
    await pick('Video Trimmer In Between').waitFor();
    await workbench.screenshot('open-with');
    await pick('Video Trimmer In Between').click();
    const picture = editorPage().getByTestId('picture');
    await picture.waitFor();
    await picture.evaluate(async (video: HTMLVideoElement) => {
      if (video.readyState < 2) await new Promise((loaded) => video.addEventListener('loadeddata', loaded));
    });
    await editorPage().getByText('0:36').first().waitFor();
    await workbench.screenshot('file-editor');
    await workbench.runCommand('View: Close Editor');
    await tabs('talk.mp4').waitFor({ state: 'detached' });
    await eventually(async () => assert.equal(await workbench.offersCommand('Video Trimmer: Show Tracks'), false));
  });

  it('shows the same marks in both halves of a split, and "Trim Middle Section" shows the one that is open', async () => {
    await workbench.explorerMenu(['talk.mp4'], 'Open With...');
    await pick('Video Trimmer In Between').click();
    await field(editorPage(), 'In point').fill('0:12');
    await field(editorPage(), 'Out point').fill('0:24');
    await workbench.runCommand('View: Split Editor');
    await shows(editorPage(1), 'In point', '0:12');
    await field(editorPage(1), 'Out point').fill('0:20');
    await shows(editorPage(), 'Out point', '0:20');
    await workbench.screenshot('file-editor-split');
    await workbench.runCommand('View: Close Editor');
    await eventually(async () => assert.equal(await tabs('talk.mp4').count(), 1));
    await workbench.explorerMenu(['talk.mp4'], 'Trim Middle Section');
    await shows(editorPage(), 'Out point', '0:20');
    await eventually(async () => assert.equal(await tabs('talk.mp4').count(), 1));
  });

  it('comes back after a reload, and "Trim Middle Section" finds it before it was looked at', async () => {
    await workbench.runCommand('File: New Untitled Text File');
    await tabs('Untitled-1').waitFor();
    const reloaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await tabs('Untitled-1').waitFor();
    await workbench.explorerMenu(['talk.mp4'], 'Trim Middle Section');
    await shows(editorPage(), 'Out point', '0:20');
    await eventually(async () => assert.equal(await tabs('talk.mp4').count(), 1));
  });

  it('goes along with a file that is renamed, and says so when it is gone', async () => {
    await workbench.runCommand('View: Show Explorer');
    await workbench.explorerMenu(['talk.mp4'], 'Rename...');
    const name = workbench.page.locator('.explorer-folders-view input');
    await name.fill('speech.mp4');
    await name.press('Enter');
    // For a moment there are two: VS Code opens the file anew before it closes the old tab.
    await eventually(async () => assert.equal(await tabs('speech.mp4').count(), 1));
    await eventually(async () => assert.equal(await tabs('talk.mp4').count(), 0));
    await shows(editorPage(), 'In point', '0:12');
    await shows(editorPage(), 'Out point', '0:20');
    await rename(join(folder, 'speech.mp4'), join(folder, 'elsewhere.bin'));
    const gone = editorPage()
      .getByText(/speech\.mp4.*not found/i)
      .first();
    await gone.waitFor();
    await workbench.screenshot('file-editor-gone');
    await rename(join(folder, 'elsewhere.bin'), join(folder, 'speech.mp4'));
    await gone.waitFor({ state: 'hidden' });
    await editorPage().getByTestId('picture').waitFor();
  });
});
