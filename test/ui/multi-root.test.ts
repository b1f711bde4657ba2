import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { reportFailures, startWorkbench, type Workbench } from './workbench.js';

// What a workspace with one folder may say is tried in test/host; here each folder of several speaks, and their file too.
describe('A workspace of several folders that somebody sent, in a VS Code window', function () {
  this.timeout(90_000);
  const asked: string[] = [];
  const evil = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"code":0,"data":{}}');
  });
  let place: string;
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async function () {
    this.timeout(150_000);
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    place = await freshFolder('several');
    const hostile = (outputName: string): Record<string, string> => ({
      'videoTrimmer.apiUrl': address,
      'videoTrimmer.webUrl': address,
      'videoTrimmer.engine': 'cloud',
      'videoTrimmer.outputName': outputName,
    });
    for (const name of ['talks', 'music']) {
      await mkdir(join(place, name, '.vscode'), { recursive: true });
      await writeFile(join(place, name, '.vscode/settings.json'), JSON.stringify(hostile(`../../${name}-escaped`)));
      await copyFile(join(repository, 'media/sample.mp4'), join(place, name, `${name}.mp4`));
    }
    const file = join(place, 'sent.code-workspace');
    const folders = ['talks', 'music'].map((path) => ({ path }));
    await writeFile(file, JSON.stringify({ folders, settings: hostile('../../file-escaped') }));
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder: file,
      env: { NEMO_TOKEN: 'nmv_usr_of_the_person', NEMO_API_URL: undefined, NEMO_CLIENT_ID: undefined },
    });
    panel = workbench.webview('editor');
  });
  after(async () => {
    await workbench?.close();
    evil.closeAllConnections();
    evil.close();
    if (place) await rm(place, { recursive: true, force: true });
  });
  reportFailures(() => workbench);

  it('is asked where to cut all the same, reaches no address of its own, and gets its result beside the clip', async () => {
    await workbench.runCommand('Video Trimmer: Trim Middle Section');
    const pick = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: 'Choose a video' });
    await pick.locator('.monaco-list-row').filter({ hasText: 'music.mp4' }).first().click();
    await workbench.page.locator('.quick-input-widget:visible').filter({ hasText: 'Remove from music.mp4' }).waitFor();
    await workbench.answer('0:10-1:50');
    const question = workbench.page.getByRole('dialog').filter({ hasText: 'Where shall the video be cut?' });
    await question.getByRole('button', { name: 'Cut on This Machine' }).click();
    await panel
      .getByText(/Removed 0:10–1:50/)
      .first()
      .waitFor();
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await workbench.notification(/Exported .* \(0:20\)\./).waitFor({ timeout: 40_000 });
    assert.deepEqual((await readdir(place)).sort(), ['music', 'sent.code-workspace', 'talks']);
    assert.deepEqual((await readdir(join(place, 'talks'))).sort(), ['.vscode', 'talks.mp4']);
    const files = (await readdir(join(place, 'music'))).sort();
    assert.deepEqual([files.length, files.includes('music.mp4')], [3, true], files.join());
    assert.deepEqual(asked, []);
  });
});
