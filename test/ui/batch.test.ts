import assert from 'node:assert/strict';
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { sampleFrames } from './sample-frames.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

describe('Trimming several videos in a VS Code window', function () {
  this.timeout(120_000);
  let folder: string;
  let workbench: Workbench;

  before(async () => {
    folder = await freshFolder('batch');
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'a.mp4'));
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'b.MP4'));
    await writeFile(join(folder, 'broken.mp4'), 'no video at all');
    // The first click opens a preview, and showing that one in the Explorer would undo the selection.
    const settings = { 'explorer.autoReveal': false };
    workbench = await startWorkbench({ vsix: await packedExtension(), folder, env: CLOUD_AWAY, settings });
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  it('asks once, trims one after the other, and one broken file does not stop the rest', async () => {
    await workbench.explorerMenu(['a.mp4', 'b.MP4', 'broken.mp4'], 'Video Trimmer', 'Trim Several Videos…');
    await workbench.answer('0:10-1:50');
    await workbench.page
      .getByRole('dialog')
      .getByRole('button', { name: /this machine/i })
      .click();
    const summary = workbench.notification('2 of 3 videos are done: a.trimmed.mp4 and b.trimmed.mp4.');
    await summary.waitFor({ timeout: 60_000 });
    await eventually(async () => assert.match(await summary.innerText(), /broken\.mp4 is not: /));
    await workbench.screenshot('batch');
    const files = (await readdir(folder)).sort();
    assert.deepEqual(files, ['a.mp4', 'a.trimmed.mp4', 'b.MP4', 'b.trimmed.mp4', 'broken.mp4']);
    const kept = [...Array(300).keys(), ...Array.from({ length: 300 }, (_, frame) => 3300 + frame)];
    assert.deepEqual(await sampleFrames(join(folder, 'a.trimmed.mp4')), kept);
    assert.deepEqual(await sampleFrames(join(folder, 'b.trimmed.mp4')), kept);
  });
});
