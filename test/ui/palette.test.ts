import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { sampleFrames } from './sample-frames.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const sample = join(repository, 'media/sample.mp4');
/** A name as nobody should give and many do: what means something in addresses, patterns, shells and markup. */
const awkward = `a #1 50% %41 "take"\n[2] {x}?y=1 ü é 视频 🎬 'b'&<i>.mp4`;
/** Of it, without what VS Code's lists show otherwise. */
const unmistakable = '视频 🎬';
/** What needs a session, a timeline, the cloud or a token; the other commands can work at any time. */
const conditional = ['Export Video', 'Open in Browser', 'Show Tracks', 'Sign Out'];

describe('The palette, the sessions and a reload in a VS Code window', function () {
  this.timeout(60_000);
  let folder: string;
  let elsewhere: string;
  let workbench: Workbench;
  let tab: FrameLocator;
  let sidebar: FrameLocator;

  before(async function () {
    this.timeout(120_000);
    [folder, elsewhere] = await Promise.all([freshFolder('palette'), freshFolder('elsewhere')]);
    await mkdir(join(folder, 'talks'));
    await copyFile(sample, join(folder, 'talks/interview.mp4'));
    await copyFile(sample, join(folder, awkward));
    await copyFile(sample, join(elsewhere, 'holiday.mp4'));
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1500,
      height: 900,
      env: CLOUD_AWAY,
    });
    tab = workbench.webview('editor');
    sidebar = workbench.webview('sidebar');
  });

  after(async () => {
    await workbench?.close();
    for (const path of [folder, elsewhere]) if (path) await rm(path, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  /** Which of our conditional commands the palette offers now. */
  async function offered(): Promise<string[]> {
    const { page } = workbench;
    const input = page.locator('.quick-input-widget:visible .quick-input-box input');
    await page.keyboard.press('F1');
    const rows = page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row .label-name');
    const always = rows.getByText('Video Trimmer: New Session', { exact: true });
    const found: string[] = [];
    // Asked for one by one: the list shows no more rows than fit.
    for (const command of conditional) {
      await input.fill('>Video Trimmer: New Session');
      await always.waitFor();
      await input.fill(`>Video Trimmer: ${command}`);
      await always.waitFor({ state: 'hidden' });
      if ((await rows.allInnerTexts()).includes(`Video Trimmer: ${command}`)) found.push(command);
    }
    await page.keyboard.press('Escape');
    await input.waitFor({ state: 'hidden' });
    return found;
  }

  /** The open input box or pick, once it is the one with this title. */
  async function question(title: string | RegExp): Promise<Locator> {
    const widget = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: title });
    await widget.waitFor();
    return widget;
  }

  async function pickRow(title: string | RegExp, row: string | RegExp): Promise<void> {
    await (await question(title)).locator('.monaco-list-row').filter({ hasText: row }).first().click();
  }

  /** VS Code does not always say in its page which webview is the sidebar's: ours says it inside. */
  async function webviewIn(place: 'sidebar' | 'editor'): Promise<FrameLocator> {
    let found: FrameLocator | undefined;
    await eventually(async () => {
      for (const outer of await workbench.page.locator('iframe.webview').all()) {
        const frame = workbench.page
          .frameLocator(`iframe.webview[name="${await outer.getAttribute('name')}"]`)
          .frameLocator('iframe#active-frame');
        if ((await frame.locator(`trimmer-panel[place="${place}"]`).count()) > 0) found = frame;
      }
      assert.ok(found, `there is no ${place}`);
    });
    return found as unknown as FrameLocator;
  }

  async function hasPicture(panel: FrameLocator): Promise<void> {
    const width = await panel.getByTestId('picture').evaluate(async (video: HTMLVideoElement) => {
      const loaded = new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await loaded;
      return video.videoWidth;
    });
    assert.equal(width, 640);
  }

  const chat = (panel: FrameLocator): Locator => panel.getByRole('log', { name: 'Chat' });
  const field = (panel: FrameLocator, name: string): Locator => panel.getByRole('textbox', { name, exact: true });
  const sessions = (): Locator => workbench.page.locator('.pane', { hasText: 'Sessions' }).locator('.monaco-list-row');

  it('offers no command that cannot work yet, once it runs', async () => {
    await workbench.runCommand('Video Trimmer: Choose Engine');
    await pickRow('Where shall videos be cut?', 'This machine');
    await eventually(async () => assert.deepEqual(await offered(), []));
    await eventually(async () => {
      const files = ['User/settings.json', 'Machine/settings.json'].map((name) => join(workbench.userDataDir, name));
      const settings = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
      assert.match(settings.join(''), /"videoTrimmer\.engine":\s*"local"/);
    });
  });

  it('asks for file and section without a selection, says what is wrong while one types, and does it', async () => {
    await workbench.runCommand('Video Trimmer: Trim Middle Section');
    await pickRow('Choose a video', 'interview.mp4');
    const box = await question('Remove from interview.mp4 (2:00)');
    const input = box.locator('.quick-input-box input');
    for (const [typed, said] of [
      ['the middle', 'Type a time such as 0:45, 45.5 or 1:02:03.250.'],
      ['1:20-0:45', 'The out point is before the in point (1:20).'],
      ['0:45-3:00', 'The clip ends at 2:00. Choose an out point up to that.'],
    ] as const) {
      await input.fill(typed);
      await box.getByText(said).waitFor();
    }
    await input.press('Enter');
    await eventually(async () => assert.ok(await box.isVisible(), 'a wrong section was taken'));
    await input.fill('0:45-1:20');
    await box.getByText('The clip ends at').waitFor({ state: 'hidden' });
    await input.press('Enter');
    await chat(tab)
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
    await eventually(async () => assert.deepEqual(await offered(), ['Export Video', 'Show Tracks']));
  });

  it('tells the tracks and the price in words', async () => {
    await workbench.runCommand('Video Trimmer: Show Tracks');
    await workbench.notification('Timeline (2 tracks): 1. Video: interview.mp4 (0-85s)').waitFor();
    await sessions()
      .filter({ hasText: /Video: interview\.mp4\s*1:25/ })
      .waitFor();
    await workbench.runCommand('Video Trimmer: Check Credits');
    await workbench.notification('Cutting on this machine is free and needs no credits.').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('shows one session in the sidebar and in the tab, and a mark in both', async () => {
    await workbench.runCommand('View: Show Video Trimmer');
    await chat(sidebar)
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
    await field(sidebar, 'In point').fill('1:30');
    await field(sidebar, 'Out point').fill('1:35');
    await eventually(async () => {
      assert.equal(await field(tab, 'In point').inputValue(), '1:30');
      assert.equal(await field(tab, 'Out point').inputValue(), '1:35');
    });
  });

  it('comes back after a reload with its tab, its marks and its chat, and goes on', async () => {
    // Not the browser's own reload, at which VS Code has no time to save.
    const reloaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await chat(tab)
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
    await eventually(async () => {
      assert.equal(await field(tab, 'In point').inputValue(), '1:30');
      assert.equal(await field(tab, 'Out point').inputValue(), '1:35');
    });
    await tab.getByRole('button', { name: 'Remove section' }).click();
    await chat(tab)
      .getByText(/Removed/)
      .nth(1)
      .waitFor();
    await tab.getByText('1:20', { exact: true }).first().waitFor();
    await eventually(async () => assert.equal(await field(tab, 'In point').inputValue(), ''));
  });

  it('exports from the palette exactly what was left', async () => {
    await workbench.runCommand('Video Trimmer: Export Video');
    await workbench.notification('Exported interview.trimmed.mp4 (1:20).').waitFor({ timeout: 40_000 });
    const frames = await sampleFrames(join(folder, 'talks/interview.trimmed.mp4'));
    assert.deepEqual([frames.length, frames.includes(45 * 30), frames.includes(90 * 30)], [2400, false, false]);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('plays, cuts and exports a clip whose name is full of special characters', async () => {
    await workbench.runCommand('View: Show Explorer');
    await workbench.explorerMenu([awkward], 'Trim Middle Section');
    await workbench.page.getByRole('tab', { name: awkward }).waitFor();
    await field(tab, 'In point').fill('10');
    await field(tab, 'Out point').fill('1:50');
    await hasPicture(tab);
    await tab.getByRole('button', { name: 'Remove section' }).click();
    await chat(tab)
      .getByText(/Removed 0:10–1:50/)
      .first()
      .waitFor();
    await tab.getByRole('button', { name: 'Export', exact: true }).first().click();
    await workbench.notification('.trimmed.mp4').waitFor({ timeout: 40_000 });
    const output = awkward.replace('\n', '_').replace('.mp4', '.trimmed.mp4');
    assert.deepEqual((await readdir(folder)).sort(), [awkward, output, 'talks'].sort());
    assert.equal((await sampleFrames(join(folder, output))).length, 600);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('shows a clip of another folder in the sidebar', async () => {
    await workbench.runCommand('Video Trimmer: New Session');
    sidebar = await webviewIn('sidebar');
    await sidebar.getByText('Ready when you are.').waitFor();
    await eventually(async () => assert.deepEqual(await offered(), ['Show Tracks']));
    await workbench.runCommand('Video Trimmer: Upload Video');
    await pickRow('Choose a video', 'Browse…');
    const dialog = await question(/Choose a video/);
    // The dialog lists the folder that it begins with, and writes it into the box, a moment after it opens.
    await dialog.locator('.monaco-list-row').filter({ hasText: unmistakable }).first().waitFor();
    await dialog.locator('.quick-input-box input').fill(`${elsewhere}/`);
    await dialog.locator('.monaco-list-row').filter({ hasText: 'holiday.mp4' }).click();
    await sidebar.getByText('holiday.mp4').first().waitFor();
    // Its pictures are read from the clip by the extension, and the clip itself by the page of the tab.
    tab = await webviewIn('editor');
    await hasPicture(tab);
    await sidebar.locator('trimmer-timeline').waitFor();
  });

  it('forgets a session that is deleted in the tree, with its tab, once that is confirmed', async () => {
    await workbench.runCommand('View: Show Video Trimmer');
    const row = sessions().filter({ hasText: unmistakable }).first();
    await row.hover();
    await row.getByRole('button', { name: 'Delete Session' }).click();
    const dialog = workbench.page.getByRole('dialog').filter({ hasText: 'Delete the session' });
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await workbench.page.getByRole('tab', { name: awkward }).waitFor({ state: 'detached' });
    assert.ok((await readdir(folder)).includes(awkward), 'the clip itself must stay');
  });
});
