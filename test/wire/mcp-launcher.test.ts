// What "Copy MCP Configuration" gives other clients, started by the official SDK's client: it lasts through updates.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { writeLauncher, type LauncherPlaces, type McpCommand } from '../../src/agents/mcp-launcher.js';
import { repository } from '../run/paths.js';

const run = promisify(execFile);
const TOOLS = ['trim_video', 'export_video', 'find_pauses', 'probe_video'];
const NAME = 'video-trimmer-in-between.video-trimmer-in-between';

describe('The launcher of the MCP server', function () {
  this.timeout(60_000);
  let home: string;
  let extensions: string;
  let places: LauncherPlaces;

  before(() => run(process.execPath, ['esbuild.mjs', 'mcp'], { cwd: repository }));
  beforeEach(async () => {
    // As a person may be called.
    home = join(await mkdtemp(join(tmpdir(), 'launcher-')), "Zoë O'Hara $HOME");
    extensions = join(home, 'extensions');
    const server = await install('0.9.0-linux-x64');
    places = { folder: join(home, 'global storage', 'mcp'), node: process.execPath, server };
  });
  afterEach(() => rm(join(home, '..'), { recursive: true, force: true }));

  /** As VS Code installs a version. @returns the path of its MCP server */
  async function install(version: string): Promise<string> {
    const folder = join(extensions, `${NAME}-${version}`);
    const server = join(folder, 'dist', 'mcp-server.mjs');
    await mkdir(join(folder, 'dist'), { recursive: true });
    await copyFile(join(repository, 'dist', 'mcp-server.mjs'), server);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version }));
    return server;
  }

  /** @returns the version that answers */
  async function start({ command, args, env = {} }: McpCommand, folders: readonly string[] = []): Promise<string> {
    const client = new Client({ name: 'test', version: '1' });
    const strange: Error[] = [];
    client.onerror = (error) => strange.push(error);
    const environment = { PATH: process.env['PATH'] ?? '', ...env };
    await client.connect(new StdioClientTransport({ command, args: [...args, ...folders], env: environment }));
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      TOOLS,
    );
    if (folders.length > 0) {
      const refused = await client.callTool({ name: 'probe_video', arguments: { path: '/elsewhere/talk.mp4' } });
      assert.match(JSON.stringify(refused.content), /lies outside/u);
    }
    const version = client.getServerVersion()?.version ?? '';
    await client.close();
    assert.deepEqual(strange, [], 'standard output carries messages and nothing else');
    return version;
  }

  it('starts the tools, for a client on any system', async () => {
    assert.equal(await start(await writeLauncher(places)), '0.9.0-linux-x64');
    const windows = await writeLauncher({ ...places, platform: 'win32' });
    assert.deepEqual(windows, {
      command: process.execPath,
      args: [join(places.folder, 'start.mjs')],
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
    assert.equal(await start(windows), '0.9.0-linux-x64');
  });

  it('hands on the folders that limit it', async () => {
    await start(await writeLauncher(places), [home]);
  });

  it('is the same after an update, and then starts the new version', async () => {
    const before = await writeLauncher(places);
    const server = await install('0.10.0');
    assert.deepEqual(await writeLauncher({ ...places, server }), before);
    assert.equal(await start(before), '0.10.0');
    assert.deepEqual((await readdir(places.folder)).sort(), ['start.mjs', 'start.sh']);
  });

  it('finds the newest version by itself, when the one that wrote it is gone', async () => {
    const command = await writeLauncher(places);
    await install('0.10.0-linux-x64');
    await rename(join(extensions, `${NAME}-0.9.0-linux-x64`), join(extensions, `${NAME}-0.8.0-linux-x64`));
    assert.equal(await start(command), '0.10.0-linux-x64');
  });

  it('makes do with another Node, when VS Code has moved its own', async () => {
    const command = await writeLauncher({ ...places, node: join(home, 'server-1.139', 'node') });
    assert.equal(await start(command), '0.9.0-linux-x64');
  });

  it('says that nothing is installed, where nothing is', async () => {
    const { command, args } = await writeLauncher(places);
    await rm(extensions, { recursive: true });
    const ended = run(command, [...args]);
    await assert.rejects(ended, ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, /^Video Trimmer is not installed any more\. .*\n$/u);
      return true;
    });
  });

  it('is not written anew where nothing has changed', async () => {
    await writeLauncher(places);
    const times = (): Promise<number[]> =>
      Promise.all(['start.mjs', 'start.sh'].map(async (file) => (await stat(join(places.folder, file))).mtimeMs));
    const before = await times();
    await writeLauncher(places);
    assert.deepEqual(await times(), before);
  });
});
