import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { startWorkbench, type Workbench } from './workbench.js';

const MANY = 1000;
/** VS Code's own marketplace. */
const OF_VSCODE = /^open-vsx\.org:443$/u;

describe('The sessions’ tree and the status bar in a VS Code window', function () {
  this.timeout(60_000);
  // Each step goes on from the one before.
  this.bail(true);
  let folder: string;
  let workbench: Workbench;
  let tab: FrameLocator;
  let proxy: Server;
  /** What the extension host asked the network for. */
  const asked: string[] = [];

  before(async function () {
    this.timeout(150_000);
    folder = await freshFolder('tree');
    for (const name of ['interview.mp4', 'holiday.mp4']) {
      await copyFile(join(repository, 'media/sample.mp4'), join(folder, name));
    }
    proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(502).end();
    }).on('connect', ({ url }, socket) => {
      asked.push(url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      width: 1500,
      height: 900,
      env: { NEMO_TOKEN: undefined, NEMO_API_URL: undefined, HTTPS_PROXY: address, https_proxy: address },
    });
    tab = workbench.webview('editor');
  });

  after(async () => {
    await workbench?.close();
    proxy?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
  });

  const pane = (): Locator => workbench.page.locator('.pane', { hasText: 'Sessions' });
  const rows = (): Locator => pane().locator('.monaco-list-row');
  const row = (text: string): Locator => rows().filter({ hasText: text }).first();
  const status = (): Locator => workbench.page.locator('.statusbar-item[id*="videoTrimmer.status"]');
  /** A panel that opens takes the keyboard; a person turns back to the tree. */
  const pressInTree = (key: string, brings: Locator): Promise<void> =>
    eventually(async () => {
      await pane().locator('.monaco-list').focus();
      await workbench.page.keyboard.press(key);
      await brings.waitFor({ timeout: 2000 });
    });
  const unfold = async (text: string): Promise<void> => {
    const twistie = row(text).locator('.monaco-tl-twistie');
    if ((await row(text).getAttribute('aria-expanded')) !== 'true') await twistie.click();
  };

  it('takes a video that is dragged from the Explorer: a session of its own, with the file in it', async () => {
    const { page } = workbench;
    await workbench.explorerMenu(['holiday.mp4'], 'Trim Middle Section');
    await page.getByRole('tab', { name: 'holiday.mp4' }).waitFor();
    await workbench.explorerFile('interview.mp4').hover();
    await page.mouse.down();
    // Held over its icon, our view comes to the front.
    await dragTo(page, page.locator('.activitybar .action-label[aria-label^="Video Trimmer"]'));
    await dragTo(page, row('holiday.mp4'));
    await dragTo(page, pane().locator('.pane-body'));
    await page.mouse.up();
    await row('interview.mp4').waitFor();
    await page.getByRole('tab', { name: 'interview.mp4' }).waitFor();
    const where = page.getByRole('dialog').filter({ hasText: 'Where shall the video be cut?' });
    await where.getByRole('button', { name: 'Cut on This Machine' }).click();
    await row('2:00 · this machine').waitFor();
  });

  it('shows tracks and segments of what was cut, and a click on a segment goes to its place', async () => {
    await tab.getByRole('textbox', { name: 'Message' }).fill('remove the section between 0:45 and 1:20');
    await tab.getByRole('button', { name: 'Send' }).click();
    await row('1:25 · this machine').waitFor();
    await row('Video: interview.mp4').waitFor();
    await unfold('Video: interview.mp4');
    await row('1:20–2:00').click();
    const playhead = tab.getByRole('slider', { name: 'Playhead' });
    await eventually(async () => assert.match((await playhead.getAttribute('aria-valuetext')) ?? '', /1:20/u));
    await eventually(async () => {
      const labels = await rows().evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
      assert.ok(labels.includes('Session interview.mp4, 1:25, this machine'), labels.join('\n'));
      assert.ok(labels.includes('Segment 1:20–2:00, 0:40, 0:45–1:25 of the result'), labels.join('\n'));
    });
    await workbench.screenshot('tree-segments');
  });

  it('shows the same rows when the colours change', async () => {
    const words = async (): Promise<string[]> => (await rows().allInnerTexts()).sort();
    const before = await words();
    await workbench.setTheme('Default Light Modern');
    // VS Code paints all rows anew, after the theme.
    await workbench.setTheme('Default Dark Modern');
    assert.deepEqual(await words(), before);
  });

  it('tells in the status bar of an export while it runs, and of nothing afterwards', async () => {
    await eventually(async () => assert.equal(await status().count(), 0));
    const seen = status()
      .locator('[aria-label^="Rendering interview.mp4"], [aria-label^="Saving interview.mp4"]')
      .waitFor();
    await tab.getByRole('region', { name: 'Clip' }).getByRole('button', { name: 'Export', exact: true }).click();
    await seen;
    await workbench.screenshot('tree-export');
    await status().waitFor({ state: 'detached' });
    await workbench.notification('Exported interview.trimmed.mp4').waitFor();
  });

  it('renames with F2 and deletes with the Delete key, once that is confirmed', async () => {
    const { page } = workbench;
    await row('interview.mp4').click();
    await pressInTree('F2', page.locator('.quick-input-widget:visible input'));
    await workbench.answer('First cut');
    await row('First cut').waitFor();
    const dialog = page.getByRole('dialog').filter({ hasText: 'Delete the session First cut?' });
    await pressInTree('Delete', dialog);
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await row('First cut').waitFor({ state: 'detached' });
    assert.deepEqual((await readdir(folder)).sort(), ['holiday.mp4', 'interview.mp4', 'interview.trimmed.mp4']);
  });

  it('has asked nobody on the network for all of that; only what needs the cloud does', async () => {
    assert.deepEqual(
      asked.filter((host) => !OF_VSCODE.test(host)),
      [],
    );
    await workbench.runCommand('Video Trimmer: Check Credits');
    await workbench.pressInNotification('needs no credits', 'Check Cloud Credits');
    await eventually(() => assert.ok(asked.some((host) => /nemo/u.test(host))));
  });

  it('holds a thousand sessions, of which it draws those in sight, and stays at hand', async function () {
    this.timeout(120_000);
    const { page } = workbench;
    await seed(workbench.userDataDir);
    const reloaded = page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await row('talk-0.mp4').waitFor({ timeout: 60_000 });
    await eventually(async () => {
      const drawn = await rows().count();
      assert.ok(drawn > 3 && drawn < 100, `${drawn} rows are drawn`);
    });
    await pane().locator('.monaco-list').focus();
    const start = performance.now();
    await page.keyboard.press('End');
    await row(`talk-${MANY - 1}.mp4`).waitFor();
    process.stdout.write(
      `      the last of ${MANY} sessions is shown ${(performance.now() - start).toFixed(0)} ms after the key\n`,
    );
    await workbench.screenshot('tree-thousand');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: `talk-${MANY - 1}.mp4` }).waitFor();
    // The talk of a session is read when it is opened.
    await tab.getByText('What was said.').first().waitFor();
  });

  it('is empty after Forget Everything, and nothing of ours is left on the disk', async () => {
    const { page } = workbench;
    assert.ok((await ours(workbench.userDataDir)).length > 0);
    await workbench.runCommand('Video Trimmer: Forget Everything…');
    const dialog = page.getByRole('dialog').filter({ hasText: 'Forget everything that Video Trimmer has stored?' });
    await dialog.getByText(`${MANY} sessions of this folder`).waitFor();
    await workbench.screenshot('tree-forget');
    await dialog.getByRole('button', { name: 'Forget Everything' }).click();
    await workbench.notification('Everything is forgotten.').waitFor();
    await row('talk').waitFor({ state: 'detached' });
    await eventually(async () => assert.deepEqual(await ours(workbench.userDataDir), []));
    const reloaded = page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await reloaded;
    await pane().getByText('No session yet').waitFor();
    await eventually(async () => assert.equal(await rows().count(), 0));
  });
});

/** Moves what is held: a drag is told of where it is only when it moves. */
async function dragTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const { x, y, width, height } = (await target.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
  await page.mouse.move(x + width / 2 + 2, y + height / 2 + 2, { steps: 2 });
}

/** Files that VS Code keeps for us in its user data, beside the log. */
async function ours(userData: string): Promise<string[]> {
  const entries = await readdir(join(userData, 'User'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath.includes('video-trimmer-in-between'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** As if a window with a thousand sessions had been killed: the next one takes them over from its journal. */
async function seed(userData: string): Promise<void> {
  const journal = (await ours(userData)).find((path) => /[\\/]journal[\\/]/u.test(path));
  assert.ok(journal);
  const left = join(dirname(dirname(journal)), '99999999-t1-00000000-0000-4000-8000-000000000000');
  await mkdir(left);
  const ids = Array.from({ length: MANY }, (_, index) => `talk-${index}`);
  const segments = Array.from({ length: 50 }, () => ({ d: 1000, m: { title: 'talk.mp4' } }));
  const draft = JSON.stringify({ t: [{ tt: 0, m: { title: 'talk.mp4' }, sg: segments }] });
  const chat = Array.from({ length: 20 }, (_, id) => ({
    id: `${id}`,
    kind: 'agent',
    text: 'What was said. '.repeat(5),
  }));
  const time = Date.now() + 60_000;
  const write = async (key: string, value: unknown, index: number): Promise<void> =>
    writeFile(join(left, `${index}.json`), JSON.stringify({ key, value, time }));
  await write('videoTrimmer.sessions', ids, 0);
  for (const [index, id] of ids.entries()) {
    const session = {
      version: 2,
      timeline: { duration: 50_000_000 },
      id,
      title: `${id}.mp4`,
      createdAt: 1,
      uploads: [],
      removed: [],
      engine: 'local',
      draft,
      chat,
    };
    await write(`videoTrimmer.session.${id}`, session, index + 1);
  }
}
