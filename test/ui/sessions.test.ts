import assert from 'node:assert/strict';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

describe('Sessions in a VS Code window', function () {
  this.timeout(90_000);
  let folder: string;
  let workbench: Workbench;
  let tab: FrameLocator;

  before(async function () {
    this.timeout(150_000);
    folder = await freshFolder('sessions');
    for (const name of ['interview.mp4', 'holiday.mp4']) {
      await copyFile(join(repository, 'media/sample.mp4'), join(folder, name));
    }
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1500,
      height: 900,
      env: CLOUD_AWAY,
    });
    await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    tab = workbench.webview('editor');
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  const sessions = (): Locator => workbench.page.locator('.pane', { hasText: 'Sessions' }).locator('.monaco-list-row');
  const chat = (): Locator => tab.getByRole('log', { name: 'Chat' });
  const clipboard = (): Promise<string> => workbench.page.evaluate('navigator.clipboard.readText()');

  it('offers the next step after an edit, and a click does it', async () => {
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await tab.getByRole('textbox', { name: 'Message' }).fill('remove the section between 0:45 and 1:20');
    await tab.getByRole('button', { name: 'Send' }).click();
    const where = workbench.page.getByRole('dialog').filter({ hasText: 'Where shall the video be cut?' });
    await where.getByRole('button', { name: 'Cut on This Machine' }).click();
    await chat()
      .getByText(/2:00 →\s*to 1:25 \(−0:35\)/u)
      .waitFor();
    const pause = chat().getByRole('button', { name: /^Remove the next pause/u });
    await pause.click();
    await chat()
      .getByText(/1:25 →\s*to 1:22\.8/u)
      .waitFor();
    // The older card no longer undoes.
    await eventually(async () => assert.equal(await chat().getByRole('button', { name: 'Undo' }).count(), 1));
    await workbench.screenshot('chat-next-steps');
  });

  it('renames a session in the tree, in its tab too, and the name stays over a reload', async () => {
    await workbench.explorerMenu(['holiday.mp4'], 'Trim Middle Section');
    await workbench.page.getByRole('tab', { name: 'holiday.mp4' }).waitFor();
    // A tab comes back after a reload once its page has been there.
    await tab.getByRole('heading', { name: 'Try saying:' }).waitFor();
    await workbench.runCommand('View: Show Video Trimmer');
    await sessions().filter({ hasText: 'interview.mp4' }).first().click({ button: 'right' });
    const item = workbench.page.locator('.monaco-menu .action-menu-item').getByText('Rename Session…', { exact: true });
    await item.hover();
    await item.click();
    await workbench.answer('First cut of the talk');
    await workbench.page.getByRole('tab', { name: 'First cut of the talk' }).waitFor();
    // Not the browser's own reload, at which VS Code has no time to save.
    const reloaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await workbench.page.getByRole('tab', { name: 'First cut of the talk' }).waitFor({ timeout: 60_000 });
    await sessions().filter({ hasText: 'First cut of the talk' }).first().waitFor();
  });

  it('finds a session by what was said in it, and opens it with its whole talk', async () => {
    await workbench.page.getByRole('tab', { name: 'holiday.mp4' }).click();
    // A panel that opens takes the keyboard, and VS Code's list of sessions closes when it loses it.
    await tab.getByText('Try saying:').waitFor();
    await workbench.runCommand('Video Trimmer: Search Sessions…');
    const pick = workbench.page.locator('.quick-input-widget:visible');
    const rows = pick.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: 'holiday.mp4' }).waitFor();
    await pick.locator('.quick-input-box input').fill('between section');
    await rows.filter({ hasText: 'holiday.mp4' }).waitFor({ state: 'detached' });
    await eventually(async () =>
      assert.match(await rows.innerText(), /First cut of the talk[\s\S]*remove the section between/u),
    );
    await workbench.page.keyboard.press('Enter');
    await eventually(async () => {
      const shown = workbench.page.getByRole('tab', { name: 'First cut of the talk' });
      assert.equal(await shown.getAttribute('aria-selected'), 'true');
    });
    await chat().getByText('remove the section between 0:45 and 1:20', { exact: true }).waitFor();
  });

  it('copies the whole talk as markdown, and one answer', async () => {
    await workbench.runCommand('Video Trimmer: Copy Chat as Markdown');
    await eventually(async () => {
      const text = await clipboard();
      assert.match(
        text,
        /^# First cut of the talk\n[\s\S]*\*\*You:\*\* remove the section[\s\S]*\*\*NemoVideo:\*\*\n\nRemoved 0:45–1:20/u,
      );
    });
    await chat().getByRole('button', { name: 'Copy this answer' }).first().click();
    await eventually(async () => assert.match(await clipboard(), /^Removed 0:45–1:20 and joined the rest\./u));
  });

  it('deletes a session from the chat’s menu once that is confirmed, and says what stays', async () => {
    await tab.getByRole('button', { name: 'More about this session' }).click();
    await tab.getByRole('menuitem', { name: 'Delete session…' }).click();
    const dialog = workbench.page.getByRole('dialog').filter({ hasText: 'Delete the session First cut of the talk?' });
    await dialog.getByText('Your video and what you exported stay.').waitFor();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await workbench.page.getByRole('tab', { name: 'First cut of the talk' }).waitFor({ state: 'detached' });
    await sessions().filter({ hasText: 'First cut of the talk' }).waitFor({ state: 'detached' });
    assert.deepEqual((await readdir(folder)).sort(), ['holiday.mp4', 'interview.mp4']);
  });
});
