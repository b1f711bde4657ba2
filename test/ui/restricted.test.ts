import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { reportFailures, startWorkbench, type Workbench } from './workbench.js';

describe('A folder that nobody has trusted yet, in a VS Code window', function () {
  this.timeout(60_000);
  const sentence = 'In Restricted Mode no video is opened or sent. Trust this folder, then try again.';
  const asked: string[] = [];
  const evil = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"code":0,"data":{}}');
  });
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async function () {
    this.timeout(120_000);
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    folder = await freshFolder('restricted');
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'interview.mp4'));
    await mkdir(join(folder, '.vscode'));
    const settings = { apiUrl: address, webUrl: address, engine: 'cloud', outputName: '../escaped' };
    const named = Object.entries(settings).map(([key, value]) => [`videoTrimmer.${key}`, value]);
    const text = JSON.stringify({ ...Object.fromEntries(named), 'http.proxy': address, 'http.proxySupport': 'on' });
    await writeFile(join(folder, '.vscode/settings.json'), text);
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      workspaceTrust: true,
      env: { NEMO_TOKEN: 'nmv_usr_of_the_person', NEMO_API_URL: undefined, NEMO_CLIENT_ID: undefined },
    });
    panel = workbench.webview('editor');
    await workbench.runCommand('Video Trimmer: Choose Engine');
    await workbench.answer('This machine');
  });

  after(async () => {
    await workbench?.close();
    evil.closeAllConnections();
    evil.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  /** Programs that were started from the extension of this window. */
  async function workers(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
    const profile = join(workbench.userDataDir, '..');
    return lines.filter((line) => line.includes(profile) && line.includes('media-worker'));
  }

  it('is told why nothing happens, by every command on files, and no program is started for them', async () => {
    const refused = async (): Promise<void> => {
      await workbench.notification(sentence).waitFor();
      await workbench.runCommand('Notifications: Clear All Notifications');
      await workbench.notification(sentence).waitFor({ state: 'hidden' });
    };
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await refused();
    for (const item of ['Open in Video Trimmer', 'Upload Video']) {
      await workbench.explorerMenu(['interview.mp4'], 'Video Trimmer', item);
      await refused();
    }
    for (const command of ['Trim Middle Section', 'Trim Several Videos…', 'Upload Video', 'Open Sample Video']) {
      assert.equal(await workbench.offersCommand(`Video Trimmer: ${command}`), false, command);
    }
    assert.deepEqual(await workers(), []);
  });

  it('is told so in the chat too, where nothing is sent', async () => {
    await workbench.runCommand('View: Show Video Trimmer');
    const sessions = workbench.page.locator('.pane', { hasText: 'Sessions' });
    await sessions.getByText('In Restricted Mode no video is opened, cut or sent.').waitFor();
    await sessions.getByRole('button', { name: 'Manage Workspace Trust' }).waitFor();
    await workbench.screenshot('welcome-restricted');
    await workbench.runCommand('Video Trimmer: New Session');
    const sidebar = workbench.webview('sidebar');
    const message = sidebar.getByRole('textbox', { name: 'Message' });
    await message.fill('remove the first 5 seconds');
    await message.press('Enter');
    await sidebar.getByText(sentence).first().waitFor();
    assert.deepEqual([await workers(), asked], [[], []]);
    await workbench.screenshot('restricted-mode');
  });

  it('keeps what the workspace says about addresses, engine and proxy out', async () => {
    await workbench.runCommand('Video Trimmer: Check Credits');
    await workbench.notification('Cutting on this machine is free and needs no credits.').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    assert.deepEqual(asked, []);
  });

  it('works once the folder is trusted, without a reload, and the result lies beside the clip', async () => {
    await workbench.runCommand('View: Show Explorer');
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await workbench.pressInNotification(sentence, 'Manage Workspace Trust');
    const trust = workbench.page.locator('.workspace-trust-editor');
    await trust.getByRole('button', { name: 'Trust', exact: true }).click();
    await trust
      .getByText(/You trust this folder/)
      .first()
      .waitFor();
    // It lies over the window.
    await workbench.page.locator('.monaco-modal-editor-block .codicon-close').first().click();
    await trust.waitFor({ state: 'hidden' });
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:10');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('1:50');
    await panel.getByRole('button', { name: 'Remove section' }).click();
    await panel
      .getByText(/Removed 0:10–1:50/)
      .first()
      .waitFor();
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await workbench.notification('Exported interview.trimmed.mp4 (0:20).').waitFor({ timeout: 40_000 });
    assert.equal((await workers()).length, 1);
    assert.deepEqual((await readdir(folder)).sort(), ['.vscode', 'interview.mp4', 'interview.trimmed.mp4']);
    assert.deepEqual(asked, []);
  });

  it('has a panel whose content policy stops what does not belong, and that is seen', async () => {
    assert.deepEqual(workbench.violations, []);
    await panel.locator('trimmer-panel').evaluate((element) => {
      const { ownerDocument } = element;
      const script = ownerDocument.createElement('script');
      script.textContent = 'window.ran = true';
      ownerDocument.body.append(script);
      element.setAttribute('style', 'color: red');
      const image = ownerDocument.createElement('img');
      image.src = 'https://evil.example/x.png';
      ownerDocument.body.append(image);
    });
    await eventually(() => assert.ok(workbench.violations.length >= 3, workbench.console.slice(-10).join('\n')));
    for (const kind of [/script/, /style/, /image|img/]) {
      assert.ok(
        workbench.violations.some((text) => kind.test(text)),
        workbench.violations.join('\n'),
      );
    }
    await eventually(async () =>
      assert.equal(await panel.locator('body').evaluate(() => (window as { ran?: boolean }).ran), undefined),
    );
    // Not at once: what a test itself evaluates may do that.
    const said = await panel.locator('body').evaluate(
      () =>
        new Promise<string>((resolve) =>
          setTimeout(() => {
            try {
              resolve(String((globalThis as { eval: (text: string) => unknown }).eval('1 + 1')));
            } catch (error) {
              resolve(String(error));
            }
          }),
        ),
    );
    assert.match(said, /unsafe-eval|Content Security Policy/);
    // Else the end of this window would count them as the panel's own.
    workbench.violations.length = 0;
  });
});
