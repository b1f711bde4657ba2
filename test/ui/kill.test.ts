import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FrameLocator } from 'playwright-core';
import { eventually } from '../host/eventually.js';
import { freshFolder, repository } from '../run/paths.js';
import { startServer, type Server } from '../run/vscode-server.js';
import { ensureVscode } from '../run/vscode-setup.js';
import { randomFrom } from '../soak/scenario.js';
import { packedExtension } from './packed-extension.js';
import { sampleFrames } from './sample-frames.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

/** Kills of each kind; the many are in test/soak, where a window costs less. */
const KILLS = Number(process.env['VIDEO_TRIMMER_KILLS'] ?? 1);
const MARK = 'VIDEO_TRIMMER_KILL_TEST';
const sample = join(repository, 'media/sample.mp4');

// The parts without VS Code are killed hundreds of times in test/soak; here it is seen that VS Code gives them what they
// count on: the processes really are these, and the state is there again.
describe('A VS Code window whose processes are killed', function () {
  this.timeout(180_000);
  const random = randomFrom(6);
  const mark = randomUUID();
  const env = { ...CLOUD_AWAY, [MARK]: mark };
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;
  let servers: Server[];
  let hash: string;

  before(async function () {
    if (process.platform !== 'linux') return this.skip();
    hash = await hashOf(sample);
  });
  beforeEach(async () => {
    servers = [];
    folder = await freshFolder('clips');
    await copyFile(sample, join(folder, 'interview.mp4'));
    workbench = await startWorkbench({ vsix: await packedExtension(), folder, width: 1400, height: 860, env });
    panel = workbench.webview('editor');
  });
  reportFailures(() => workbench);
  afterEach(async () => {
    for (const server of servers) await server.close();
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const cut = async (): Promise<void> => {
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await panel.getByRole('textbox', { name: 'In point', exact: true }).fill('0:45');
    await panel.getByRole('textbox', { name: 'Out point', exact: true }).fill('1:20');
    await panel.getByRole('button', { name: 'Remove section' }).click();
    const question = workbench.page.getByRole('dialog').filter({ hasText: 'Where shall the video be cut?' });
    await question.getByRole('button', { name: 'Cut on This Machine' }).click();
    await panel
      .getByRole('log', { name: 'Chat' })
      .getByText(/Removed 0:45–1:20/)
      .first()
      .waitFor();
  };
  /** In the middle of an export, or close by: once it is said to be under way, it has been taken down. */
  const exportAndWait = async (): Promise<void> => {
    await panel.getByRole('button', { name: 'Export', exact: true }).first().click();
    await panel
      .getByText(/Exporting|Exported/)
      .first()
      .waitFor();
    await delay(random() * 1200);
  };
  const isWhole = async (): Promise<void> => {
    await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
    await eventually(async () => {
      assert.deepEqual((await readdir(folder)).sort(), ['interview.mp4', 'interview.trimmed.mp4']);
    }, 60_000);
    const frames = await sampleFrames(join(folder, 'interview.trimmed.mp4'));
    assert.deepEqual(
      frames,
      Array.from({ length: 3600 }, (_, frame) => frame).filter((frame) => frame < 1350 || frame >= 2400),
    );
    assert.equal(await hashOf(join(folder, 'interview.mp4')), hash, 'the source was touched');
    const chat = panel.getByRole('log', { name: 'Chat' });
    await chat.getByText(/Exported interview\.trimmed\.mp4/).waitFor();
    await eventually(async () =>
      assert.equal(await chat.getByText(/^remove the section between 0:45 and 1:20/).count(), 1),
    );
  };

  for (let number = 1; number <= KILLS; number += 1) {
    it(`finishes the export of an extension host that was killed, once and whole (${number})`, async () => {
      await cut();
      await exportAndWait();
      const killed = await killMarked(mark, /--type=extensionHost/);
      assert.ok(killed > 0, 'there is no extension host to kill');
      await workbench.page.reload();
      await isWhole();
    });

    it(`finishes the export of a VS Code server that was killed with all its processes, once and whole (${number})`, async () => {
      await cut();
      await exportAndWait();
      assert.ok((await killMarked(mark, /./)) > 1, 'there is no server to kill');
      const server = await startServer({
        installation: await ensureVscode('1.139'),
        userDataDir: workbench.userDataDir,
        extensionsDir: join(dirname(workbench.userDataDir), 'extensions'),
        logFile: workbench.log,
        port: Number(new URL(workbench.url).port),
        env,
      });
      servers.push(server);
      await workbench.page.goto(workbench.url);
      await workbench.page.locator('.explorer-folders-view .monaco-list').waitFor({ timeout: 60_000 });
      await isWhole();
    });
  }
});

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Kills the processes of this test's own server, which have its mark in their environment. @returns how many */
async function killMarked(mark: string, command: RegExp): Promise<number> {
  let killed = 0;
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const [environment, line] = await Promise.all(
      ['environ', 'cmdline'].map((name) => readFile(`/proc/${id}/${name}`, 'utf8').catch(() => '')),
    );
    if (!environment?.split('\0').includes(`${MARK}=${mark}`) || !command.test(line?.replaceAll('\0', ' ') ?? ''))
      continue;
    try {
      process.kill(Number(id), 'SIGKILL');
      killed += 1;
    } catch {
      // It was gone already.
    }
  }
  return killed;
}
