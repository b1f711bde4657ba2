// Exports as a person makes them: other size, container and name, and several in a row.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FrameLocator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

const LONG = 120_000;
/** Seconds of the clip: an export at another size has to last until two more have been asked for. */
const LENGTH = 60;

interface Probed {
  readonly streams: readonly { readonly codec_type: string; readonly height?: number }[];
  readonly format: { readonly format_name: string; readonly duration: string };
}

/** A clip whose pictures take a while to encode. */
async function makeClip(file: string, seconds = LENGTH): Promise<void> {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...picture, ...sound, '-t', String(seconds), ...coding, file]);
}

async function probe(file: string): Promise<Probed> {
  const options = ['-v', 'error', '-print_format', 'json', '-show_streams', '-show_format', file];
  return JSON.parse((await promisify(execFile)('ffprobe', options)).stdout) as Probed;
}

describe('Exporting from the panel', function () {
  this.timeout(300_000);
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async () => {
    folder = await freshFolder('exports');
    await makeClip(join(folder, 'interview.mkv'));
    await makeClip(join(folder, 'short.mp4'), 4);
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1400,
      height: 900,
      settings: { 'videoTrimmer.outputName': '${name} short' },
      env: CLOUD_AWAY,
    });
    panel = workbench.webview('editor');
    await workbench.explorerMenu(['interview.mkv'], 'Trim Middle Section');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:10');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('0:30');
    await panel.getByRole('button', { name: 'Remove section' }).click();
    const question = workbench.page.getByRole('dialog').filter({ hasText: /this machine/i });
    await question.getByRole('button', { name: /this machine/i }).click();
    await panel.getByText(/frames encoded anew/).waitFor({ timeout: LONG });
  });
  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  reportFailures(() => workbench);

  const written = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name !== 'interview.mkv' && name !== 'short.mp4').sort();
  const options = () => panel.getByRole('group', { name: 'Export options' });
  const exportByKey = () => panel.locator('trimmer-timeline').first().press('Control+Shift+S');
  const exportNow = () => panel.getByRole('button', { name: 'Export', exact: true }).first().click();

  it('names the file after the setting, and says why a container cannot be chosen', async () => {
    await panel.getByRole('button', { name: 'Export options' }).click();
    await options().getByText('It will be interview short.mkv.').waitFor();
    const name = options().getByRole('textbox', { name: 'Name' });
    await eventually(async () => assert.equal(await name.inputValue(), 'interview short'));
    const webm = options().locator('option[value=webm]');
    await eventually(async () => assert.match((await webm.textContent()) ?? '', /cannot hold H\.264/u));
    await name.fill('../elsewhere');
    await options().getByText('A name cannot have / or').waitFor();
    await eventually(async () =>
      assert.ok(await panel.getByRole('button', { name: 'Export', exact: true }).first().isDisabled()),
    );
    assert.deepEqual(await written(), []);
  });

  it('writes the size, the container and the name that were chosen', async () => {
    await options().getByRole('combobox', { name: 'Format' }).selectOption('mp4');
    await options().getByRole('combobox', { name: 'Quality' }).selectOption('480p');
    await options().getByRole('textbox', { name: 'Name' }).fill('Wörk, first cut');
    await options().getByText('It will be Wörk, first cut.mp4.').waitFor();
    await panel.getByText(/≈ .* · .* · the whole picture is encoded anew: it is scaled to 854×480/).waitFor();
    await workbench.screenshot('export-options');
    await exportNow();
    await workbench.notification('Wörk, first cut.mp4').waitFor({ timeout: LONG });
    assert.deepEqual(await written(), ['Wörk, first cut.mp4']);
    const { format, streams } = await probe(join(folder, 'Wörk, first cut.mp4'));
    assert.match(format.format_name, /mp4/u);
    assert.ok(Math.abs(Number(format.duration) - (LENGTH - 20)) < 0.2, format.duration);
    assert.equal(streams.find(({ codec_type }) => codec_type === 'video')?.height, 480);
  });

  it('makes those that were asked for meanwhile one after the other, without the one that is cancelled', async () => {
    await exportNow();
    const waiting = panel.getByRole('list', { name: 'Exports that wait' });
    await panel.getByText('Next export').waitFor();
    await options().getByRole('textbox', { name: 'Name' }).fill('unwanted');
    await options().getByText('It will be unwanted.mp4.').waitFor();
    await exportNow();
    await waiting.getByText('unwanted.mp4').waitFor();
    // Quickly done, once it is its turn.
    await options().getByRole('combobox', { name: 'Quality' }).selectOption('source');
    await options().getByRole('textbox', { name: 'Name' }).fill('last');
    await options().getByText('It will be last.mp4.').waitFor();
    await exportByKey();
    await panel.getByText('2 waiting').waitFor();
    await workbench.screenshot('export-queue');
    await waiting.getByRole('button', { name: 'Cancel unwanted.mp4' }).click();
    await panel.getByText('1 waiting').waitFor();
    await workbench.notification('last.mp4').waitFor({ timeout: LONG });
    assert.deepEqual(await written(), ['Wörk, first cut-2.mp4', 'Wörk, first cut.mp4', 'last.mp4']);
    await waiting.waitFor({ state: 'detached' });
  });

  it('removes what is marked with the export, as the figures beside the button said', async () => {
    if ((await options().count()) === 0) await panel.getByRole('button', { name: 'Export options' }).click();
    await options().getByRole('combobox', { name: 'Format' }).selectOption('mp4');
    await options().getByRole('textbox', { name: 'Name' }).fill('marked');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:40');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('0:50');
    await options().getByText('It will be marked.mp4.').waitFor();
    // 30 frames a second, without what was removed before and what is marked.
    await panel.getByText(/of 900 frames encoded anew/).waitFor({ timeout: LONG });
    await panel.getByText(/Result\s+0:30/).waitFor();
    await workbench.screenshot('export-marked');
    await panel.getByRole('button', { name: 'Remove and export', exact: true }).first().click();
    await workbench.notification('marked.mp4').waitFor({ timeout: LONG });
    const { format } = await probe(join(folder, 'marked.mp4'));
    assert.ok(Math.abs(Number(format.duration) - (LENGTH - 30)) < 0.2, format.duration);
    await eventually(async () =>
      assert.equal(await panel.getByRole('textbox', { name: 'In point', exact: true }).inputValue(), ''),
    );
  });

  it('has format, size and name as they were chosen after a reload', async () => {
    await options().getByRole('combobox', { name: 'Quality' }).selectOption('480p');
    await options().getByRole('textbox', { name: 'Name' }).fill('kept');
    await options().getByText('It will be kept.mp4.').waitFor();
    // Not the browser's own reload, at which VS Code has no time to save.
    const reloaded = workbench.page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await panel.getByRole('button', { name: 'Export options' }).click({ timeout: LONG });
    await options().getByText('It will be kept.mp4.').waitFor();
    const chosen = (name: string) => options().getByRole('combobox', { name });
    await eventually(async () => assert.equal(await chosen('Format').inputValue(), 'mp4'));
    await eventually(async () => assert.equal(await chosen('Quality').inputValue(), '480p'));
    await eventually(async () =>
      assert.equal(await options().getByRole('textbox', { name: 'Name' }).inputValue(), 'kept'),
    );
  });

  it('does by its key what its button does, and asks for a section where none is marked', async () => {
    await workbench.explorerMenu(['short.mp4'], 'Trim Middle Section');
    await panel.getByText('0:04').first().waitFor();
    await exportByKey();
    await workbench.notification('Mark a section first.').waitFor();
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:01');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('0:02');
    await panel.getByRole('button', { name: 'Remove and export', exact: true }).first().waitFor();
    await exportByKey();
    await workbench.notification('short short.mp4').waitFor({ timeout: LONG });
    const { format } = await probe(join(folder, 'short short.mp4'));
    assert.ok(Math.abs(Number(format.duration) - 3) < 0.1, format.duration);
  });
});
