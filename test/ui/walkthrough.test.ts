import assert from 'node:assert/strict';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { freshFolder, repository } from '../run/paths.js';
import { vscodeVersions } from '../run/vscode-setup.js';
import { packedExtension } from './packed-extension.js';
import { readmeShot } from './readme-shot.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const NEWEST = vscodeVersions.at(-1);

for (const version of vscodeVersions) {
  describe(`The walkthrough in VS Code ${version}`, function () {
    this.timeout(90_000);
    let folder: string;
    let workbench: Workbench;

    before(async function () {
      this.timeout(120_000);
      folder = await freshFolder('walkthrough');
      // It is featured for folders with videos.
      await copyFile(join(repository, 'media/sample/interview.mp4'), join(folder, 'talk.mp4'));
      workbench = await startWorkbench({
        version,
        vsix: await packedExtension(),
        folder,
        width: 1500,
        height: 900,
        env: CLOUD_AWAY,
      });
    });

    after(async () => {
      await workbench?.close();
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    reportFailures(() => workbench);

    const tab = (name: string): Locator => workbench.page.getByRole('tab', { name });
    const field = (panel: FrameLocator, name: string): Locator => panel.getByRole('textbox', { name, exact: true });

    it('leads through a first cut on the sample, and ticks off what was done', async () => {
      const { page } = workbench;
      await workbench.runCommand('Welcome: Open Walkthrough...');
      const list = page.locator('.quick-input-widget:visible');
      // Older versions list many, of which a few are drawn.
      await list.locator('.quick-input-box input').fill('Cut Your First');
      await list.locator('.monaco-list-row.focused').filter({ hasText: 'Cut Your First Video' }).waitFor();
      // Not by mouse: it rests where a hover comes up.
      await page.keyboard.press('Enter');
      const steps = page.locator('.getting-started-step');
      const done = (title: string): Locator =>
        steps.filter({ hasText: title }).locator('.codicon-getting-started-step-checked');
      await steps.first().waitFor();
      // The picture of the step is a page of its own.
      const picture = page.locator('iframe.webview').first().contentFrame().locator('iframe#active-frame');
      await picture.contentFrame().locator('svg').waitFor();
      await workbench.screenshot(version === NEWEST ? readmeShot('walkthrough') : `walkthrough-${version}`);
      await page.getByRole('button', { name: 'Open Sample Video' }).click();
      const panel = workbench.webview('editor');
      await panel.getByText('0:36').first().waitFor();
      await field(panel, 'In point').fill('0:12');
      await field(panel, 'Out point').fill('0:24');
      await panel.getByRole('button', { name: 'Remove section' }).click();
      const where = page.getByRole('dialog').getByRole('button', { name: /this machine/i });
      await where.click();
      await panel
        .getByText(/Removed 0:12–0:24/)
        .first()
        .waitFor();
      // The answer is still being written then.
      await panel.getByRole('button', { name: 'Export', exact: true }).first().waitFor();
      await panel.locator('trimmer-timeline').first().press('Control+Shift+S');
      await workbench.notification('Exported interview.trimmed.mp4 (0:24).').waitFor({ timeout: 40_000 });
      const sample = join(
        workbench.userDataDir,
        'User/globalStorage/video-trimmer-in-between.video-trimmer-in-between/sample',
      );
      assert.deepEqual((await readdir(sample)).sort(), ['interview.mp4', 'interview.trimmed.mp4']);
      await tab('Welcome').click();
      for (const title of ['Open a Video', 'Mark What Has to Go', 'Remove It', 'Export the Result', 'Choose Where']) {
        await done(title).first().waitFor();
      }
      await workbench.screenshot(`walkthrough-done-${version}`);
    });
  });
}
