import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FrameLocator, Locator } from 'playwright-core';
import { startLocalEngine, type LocalEngine } from '../../src/local/engine.js';
import { createMediaEngine } from '../../src/media/engine.js';
import type { MediaEngine } from '../../src/media/media.js';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.js';
import { keepMessages, SecretSearch } from './secret-search.js';
import { sampleFrames } from './sample-frames.js';
import { reportFailures, startWorkbench, type Workbench } from './workbench.js';

// NemoVideo's place is taken by our own engine: it has the same endpoints. The extension takes it for the cloud, so it
// asks first, uploads the files itself, sends a token typed by the person, and looks after a render as rarely as there.
describe('Trimming in the cloud in a VS Code window', function () {
  this.timeout(60_000);
  let folder: string;
  let cloudFolder: string;
  let media: MediaEngine;
  let cloud: LocalEngine;
  let proxy: RecordingProxy;
  let temporary: string;
  /** With characters that look different in an address. */
  const token = `nmv_usr_${randomBytes(30).toString('base64')}+/=%&`;
  let workbench: Workbench;
  let panel: FrameLocator;
  let chat: Locator;

  before(async function () {
    this.timeout(120_000);
    [folder, cloudFolder, temporary] = await Promise.all(
      ['clips', 'cloud', 'temporary'].map(freshFolder) as [Promise<string>, Promise<string>, Promise<string>],
    );
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'interview.mp4'));
    const tone = ['-f', 'lavfi', '-i', 'sine=f=440:d=4', '-c:a', 'aac'];
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...tone, join(folder, 'music.m4a')]);
    media = createMediaEngine({ workerPath: join(repository, 'dist/media-worker.mjs') });
    cloud = await startLocalEngine({ media, dataFolder: cloudFolder });
    proxy = await startRecordingProxy(token, cloud);
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1400,
      height: 860,
      env: { NEMO_TOKEN: undefined, NEMO_CLIENT_ID: undefined, NEMO_API_URL: proxy.url, TMPDIR: temporary },
    });
    await workbench.page.context().addInitScript(keepMessages);
    panel = workbench.webview('editor');
    chat = panel.getByRole('log', { name: 'Chat' });
  });

  const type = async (text: string): Promise<void> => {
    const message = panel.getByRole('textbox', { name: 'Message' });
    await message.fill(text);
    await message.press('Enter');
  };
  /** The files that the cloud was sent. */
  const uploads = async (): Promise<string[]> => {
    const entries = await readdir(join(cloudFolder, 'uploads'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };
  const showsFile = async (sentence: string): Promise<void> => {
    const toast = workbench.notification(sentence);
    // The first look at a render comes after 3 s; on a machine that is too busy for that, the next one 30 s later.
    await toast.waitFor({ timeout: 45_000 });
    for (const button of ['Open', 'Reveal in Explorer']) await toast.getByText(button, { exact: true }).waitFor();
    // It lies over the buttons of the panel.
    await workbench.runCommand('Notifications: Clear All Notifications');
    await toast.waitFor({ state: 'hidden' });
  };

  reportFailures(() => workbench);
  after(async () => {
    await workbench?.close();
    await proxy?.close();
    await cloud?.close();
    await media?.close();
    for (const path of [folder, cloudFolder, temporary]) if (path) await rm(path, { recursive: true, force: true });
  });

  it('takes the API token in a field that hides it, and offers to sign out from then on', async () => {
    await workbench.runCommand('Video Trimmer: Set API Token');
    const box = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: 'NemoVideo API Token' });
    await eventually(async () =>
      assert.equal(await box.locator('.quick-input-box input').getAttribute('type'), 'password'),
    );
    await workbench.answer(token);
    await workbench.notification('The API token is set.').waitFor();
    await eventually(async () => assert.equal(await workbench.offersCommand('Video Trimmer: Sign Out'), true));
    // What is kept out of the log has to be kept out of all of it.
    await workbench.runCommand('Developer: Set Log Level...');
    await workbench.answer('Video Trimmer');
    await workbench.answer('Trace');
  });

  it('asks once where to cut, uploads the clip, and shows what the cloud made of it', async () => {
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:45');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('1:20');
    await panel.getByRole('button', { name: 'Remove section' }).click();
    const question = workbench.page.getByRole('dialog').filter({ hasText: 'Where shall the video be cut?' });
    await question.getByRole('button', { name: 'Use the NemoVideo Cloud' }).click();
    await chat.getByText('Uploaded interview.mp4 (2:00).').waitFor();
    await chat
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
    assert.equal((await uploads()).length, 1);
    await eventually(async () => assert.equal(await workbench.offersCommand('Video Trimmer: Open in Browser'), true));
  });

  it('downloads the export beside the source, with exactly the frames outside the section', async () => {
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await showsFile('Exported interview.trimmed.mp4 (1:25).');
    assert.deepEqual((await readdir(folder)).sort(), ['interview.mp4', 'interview.trimmed.mp4', 'music.m4a']);
    const frames = await sampleFrames(join(folder, 'interview.trimmed.mp4'));
    const expected = Array.from({ length: 3600 }, (_, frame) => frame).filter((frame) => frame < 1350 || frame >= 2400);
    assert.deepEqual(frames, expected);
  });

  it('shows the file of a failed export that is tried again in the panel as that of the command', async () => {
    const [uploaded = ''] = await uploads();
    await rename(uploaded, `${uploaded}.away`);
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await chat
      .getByText(/interview\.mp4 was moved, renamed or deleted/)
      .first()
      .waitFor();
    await rename(`${uploaded}.away`, uploaded);
    await chat.getByRole('button', { name: 'Retry', exact: true }).last().click();
    await showsFile('Exported interview.trimmed-2.mp4 (1:25).');
  });

  it('shows the file of an export that was typed as that of the command', async () => {
    await type('export');
    await showsFile('Exported interview.trimmed-3.mp4 (1:25).');
  });

  it('puts a further file, sound too, into the same session', async () => {
    await type('upload');
    const dialog = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: 'Choose files to add' });
    // The dialog lists the folder that it begins with, and writes it into the box, a moment after it opens.
    await dialog.locator('.monaco-list-row').first().waitFor();
    await dialog.locator('.quick-input-box input').fill(join(folder, 'music.m4a'));
    await dialog.locator('.quick-input-box input').press('Enter');
    await chat.getByText('Uploaded music.m4a (0:04).').waitFor();
    assert.equal((await readdir(join(cloudFolder, 'uploads'))).length, 1, 'one session');
    assert.equal((await uploads()).length, 2);
  });

  it('tells what a careless server says, without the token that it repeats', async () => {
    proxy.repeatToken();
    await workbench.runCommand('Video Trimmer: Check Credits');
    const toast = workbench.notification(/No credits for/);
    await eventually(async () => assert.match(await toast.innerText(), /No credits for Bearer … \(…\)\./));
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('cuts on this machine too, whose engine has a token of its own', async () => {
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'talk.mp4'));
    // As the person who edits the settings of this machine: no session goes along, and the window stays.
    const settings = join(workbench.userDataDir, 'Machine/settings.json');
    await writeFile(settings, (await readFile(settings, 'utf8')).replace('"cloud"', '"local"'));
    await workbench.explorerMenu(['talk.mp4'], 'Trim Middle Section');
    // Until then the tab of the clip before may be the one in front.
    await panel.getByText('2:00').first().waitFor();
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:10');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('1:50');
    await panel.getByRole('button', { name: 'Remove section' }).click();
    await chat
      .getByText(/Removed 0:10–1:50/)
      .first()
      .waitFor();
  });

  it('keeps the tokens out of every file, page, message, address, process and log: only the secret storage has it', async () => {
    const { page } = workbench;
    const search = new SecretSearch([token, cloud.token], /nmv_local_[\w-]{20,}/);
    // Not the bundle itself, which says how such a token begins.
    assert.ok((await search.files(workbench.userDataDir)) > 20);
    assert.ok((await search.files(folder)) > 3);
    await search.files(temporary);
    const processes = await search.processes();
    assert.ok(
      processes.some((line) => line.includes('media-worker.mjs')),
      'the worker was not among the processes',
    );
    await search.pages(page);
    search.look('the output of VS Code', await readFile(workbench.log, 'utf8'));
    search.look('the console', workbench.console.join('\n'));
    const stored = JSON.stringify(await page.context().storageState({ indexedDB: true }));
    search.look('the storage of the window', stored);
    search.look('what the window remembers', await page.evaluate(() => JSON.stringify(sessionStorage)));
    for (const { line, headers, body } of proxy.seen) {
      search.look(`the address ${line}`, line);
      search.look(`the body of ${line}`, body);
      const others = Object.entries(headers).filter(([name]) => name !== 'authorization');
      search.look(`a header of ${line}`, JSON.stringify(others));
    }
    assert.deepEqual(search.found, []);
    // Proof that the search reached what it is about: the session, its messages to the page, and the requests.
    assert.match(stored, /interview\.mp4/);
    const read = page.frames().map((frame) => frame.evaluate<string[]>('window.messagesRead ?? []').catch(() => []));
    assert.ok((await Promise.all(read)).flat().some((message) => message.includes('"type":"state"')));
    assert.ok(proxy.seen.filter(({ headers }) => headers.authorization === `Bearer ${token}`).length > 10);
    const seeing = new SecretSearch([token]);
    for (const { headers } of proxy.seen) seeing.look('a request', JSON.stringify(headers));
    assert.ok(seeing.found.length > 10);
  });

  it('leaves a log of requests and jobs with numbers, times and sizes, and without what was said or which file', async () => {
    const files = await readdir(join(workbench.userDataDir, 'logs'), { recursive: true });
    const ours = files.find((file) => file.endsWith('Video Trimmer.log'));
    assert.ok(ours, files.join('\n'));
    const log = await readFile(join(workbench.userDataDir, 'logs', ours), 'utf8');
    for (const line of [
      /\[debug\] #\d+ GET api\/credits\/balance\/simple: 200 after \d+ ms, 0 B sent, \d+ B to come/,
      /\[debug\] #\d+ POST run_sse: 200 after \d+ ms, \d+ B sent, \? B to come/,
      /\[debug\] #\d+ POST api\/upload-video\/nemo_agent\/me\/\d+: 200 after \d+ ms, \d{6,} B sent/,
      /\[debug\] media m\d+ probe: done after \d+ ms/,
      /\[info\] job \d+ uploading: begins \(cloud\)/,
      /\[info\] job \d+ exporting: ended after [\d.]+ s/,
      /\[warning\] job \d+ exporting: failed after [\d.]+ s/,
    ]) {
      assert.match(log, line);
    }
    assert.doesNotMatch(log, /interview|music\.m4a|remove|first 5 seconds|Bearer [^…]/i);
    assert.ok(!log.includes(folder));
  });

  it('signs out once that is confirmed, and offers it no longer', async () => {
    await workbench.runCommand('Video Trimmer: Sign Out');
    const question = workbench.page.getByRole('dialog').filter({ hasText: 'Sign out of NemoVideo?' });
    await question.getByRole('button', { name: 'Sign Out' }).click();
    await workbench.notification('Signed out.').waitFor();
    await eventually(async () => assert.equal(await workbench.offersCommand('Video Trimmer: Sign Out'), false));
  });
});
