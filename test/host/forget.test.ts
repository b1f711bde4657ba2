import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { followForgetting, FORGOTTEN } from '../../src/commands/forgotten.js';
import { answering } from './answers.js';
import { copiedBy } from './clipboard.js';
import { eventually } from './eventually.js';

const sample = join(import.meta.dirname, '../../../media/sample.mp4');
const ours = 'video-trimmer-in-between.video-trimmer-in-between';
const name = 'to-be-forgotten.mp4';
const token = 'nmv_usr_to_be_forgotten_0815';

/** Every file that VS Code keeps for us, of all workspaces. */
async function kept(): Promise<string[]> {
  const user = join(process.env['VIDEO_TRIMMER_USER_DATA'] ?? '', 'User');
  const entries = await readdir(user, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.parentPath.includes(ours))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('what the extension keeps', function () {
  this.timeout(60_000);
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'forget');
  const clip = vscode.Uri.file(join(folder, name));
  const environment = process.env['NEMO_TOKEN'];
  const run = (command: string, ...args: unknown[]): Promise<unknown> =>
    Promise.resolve(vscode.commands.executeCommand(`videoTrimmer.${command}`, ...args));
  const setEngine = async (engine: string | undefined): Promise<void> =>
    vscode.workspace.getConfiguration('videoTrimmer').update('engine', engine, vscode.ConfigurationTarget.Global);

  before(async function () {
    // Desktop VS Code keeps it elsewhere.
    if (!process.env['VIDEO_TRIMMER_USER_DATA'] || process.env['VIDEO_TRIMMER_VSCODE'] === 'desktop') this.skip();
    delete process.env['NEMO_TOKEN'];
    await mkdir(folder, { recursive: true });
    await copyFile(sample, clip.fsPath);
    await setEngine('local');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    if (environment !== undefined) process.env['NEMO_TOKEN'] = environment;
    await setEngine(undefined);
    await rm(folder, { recursive: true, force: true });
  });

  it('comes to be without the network: whoever cuts here connects to the engine on this machine and to nobody else', async () => {
    const connected: string[] = [];
    type Call = (...args: unknown[]) => unknown;
    const prototype = Socket.prototype as unknown as { connect: Call; write: Call };
    const { connect, write } = prototype;
    // VS Code's own connections of this process are its own business.
    const isOurs = (): boolean => /extension\.mjs|[\\/]dist[\\/]host[\\/]/u.test(new Error().stack ?? '');
    prototype.connect = function (this: unknown, ...args: unknown[]): unknown {
      const [to] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; path?: string }];
      if (isOurs()) connected.push(to.path ?? to.host ?? '?');
      return connect.apply(this, args);
    };
    // A connection that was there already shows when something is sent.
    prototype.write = function (this: Socket, ...args: unknown[]): unknown {
      if (isOurs() && this.remoteAddress !== undefined) connected.push(this.remoteAddress);
      return write.apply(this, args);
    };
    try {
      await vscode.commands.executeCommand('videoTrimmer.panel.focus');
      await vscode.commands.executeCommand('videoTrimmer.sessions.focus');
      await answering(
        {
          showQuickPick: (items) => (items as { label: string }[]).find(({ label }) => label === name),
          showOpenDialog: () => [clip],
          showInputBox: () => '0:45-1:20',
        },
        async () => {
          await run('trimMiddleSection');
          await run('exportVideo');
        },
      );
      await run('showTracks');
    } finally {
      prototype.connect = connect;
      Reflect.deleteProperty(prototype, 'write');
    }
    assert.ok((await readdir(folder)).includes('to-be-forgotten.trimmed.mp4'));
    assert.ok(connected.length > 0, 'not even the engine was connected to: the test looks in the wrong place');
    assert.deepEqual(
      connected.filter((host) => host !== '127.0.0.1'),
      [],
    );
  });

  it('is not forgotten before the person has read what is deleted and what stays, and says so', async () => {
    await answering({ showInputBox: () => token }, () => run('setToken'));
    await answering({}, () => copiedBy('videoTrimmer.copyMcpConfiguration'));
    await eventually(async () => assert.match((await kept()).join('\n'), /journal[\s\S]*looks|looks[\s\S]*journal/u));
    const [asked, ...more] = await answering({}, () => run('forgetEverything'));
    assert.equal(asked?.text, 'Forget everything that Video Trimmer has stored?');
    assert.equal(more.length, 0);
    const files = await kept();
    assert.ok(files.some((file) => /engine[\\/]sessions/u.test(file)));
    assert.ok(files.some((file) => /mcp[\\/]start\.mjs$/u.test(file)));
  });

  it('is gone afterwards, all of it: sessions, journals, what the engine kept, pictures and token; videos and settings stay', async () => {
    let detail = '';
    const told = await answering(
      {
        showWarningMessage: (_, options) => {
          ({ detail = '' } = options as { detail?: string });
          return 'Forget Everything';
        },
      },
      () => run('forgetEverything'),
    );
    assert.match(detail, /\d+ sessions of this folder[\s\S]*What stays: your videos/u);
    assert.equal(told[1]?.text, 'Everything is forgotten. Your videos are as they were.');
    await eventually(async () => assert.deepEqual(await kept(), []));
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).map(({ label }) => label);
    assert.ok(!tabs.includes(name));
    const [signedOut] = await answering({}, () => run('signOut'));
    assert.equal(signedOut?.text, 'There is no token on this machine.');
    assert.deepEqual((await readdir(folder)).sort(), [name, 'to-be-forgotten.trimmed.mp4']);
    assert.equal(vscode.workspace.getConfiguration('videoTrimmer').get('engine'), 'local');
    // Whatever VS Code itself has written about us, beside its logs.
    const user = join(process.env['VIDEO_TRIMMER_USER_DATA'] ?? '', 'User');
    for (const entry of await readdir(user, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1').catch(() => '');
      assert.ok(!text.includes(token), `the token stands in ${entry.name}`);
      assert.ok(!text.includes(name), `the clip stands in ${entry.name}`);
    }
  });

  it('comes to be anew with the next cut', async () => {
    await run('trimMiddleSection', clip, [clip]);
    await eventually(async () => assert.ok((await kept()).some((file) => file.includes('journal'))));
    await answering({ showWarningMessage: () => 'Forget Everything' }, () => run('forgetEverything'));
    await eventually(async () => assert.deepEqual(await kept(), []));
  });
});

describe('a workspace that was closed while everything was forgotten', function () {
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'other');
  const memento = (
    values: Record<string, unknown>,
  ): vscode.ExtensionContext['globalState'] & { readonly values: Map<string, unknown> } => {
    const map = new Map(Object.entries(values));
    return {
      values: map,
      keys: () => [...map.keys()],
      get: <T>(key: string): T | undefined => map.get(key) as T | undefined,
      update: (key: string, value: unknown) =>
        Promise.resolve(void (value === undefined ? map.delete(key) : map.set(key, value))),
      setKeysForSync: () => undefined,
    };
  };
  const stored = (): Record<string, unknown> => ({
    'videoTrimmer.sessions': ['new', 'old'],
    'videoTrimmer.session.old': { version: 2, createdAt: 100 },
    'videoTrimmer.session.new': { version: 2, createdAt: 300 },
    'videoTrimmer.marks.old': [],
    'videoTrimmer.marks.new': [],
    'videoTrimmer.exportFolder': '/videos',
  });
  const open = async (asked: number | undefined, values: Record<string, unknown>): Promise<Map<string, unknown>> => {
    await mkdir(join(folder, 'engine'), { recursive: true });
    await copyFile(sample, join(folder, 'engine', 'upload.mp4'));
    const workspaceState = memento(values);
    const globalState = memento(asked === undefined ? {} : { [FORGOTTEN]: asked });
    followForgetting({ globalState, workspaceState, storageUri: vscode.Uri.file(folder) });
    return workspaceState.values;
  };
  const files = (): Promise<string[]> => readdir(folder).catch(() => []);
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('forgets when it is opened next, once', async () => {
    const values = await open(400, stored());
    assert.deepEqual([...values], [[FORGOTTEN, 400]]);
    assert.deepEqual(await files(), []);
    const again = await open(400, { ...stored(), [FORGOTTEN]: 400 });
    assert.equal(again.size, 7);
    assert.deepEqual(await files(), ['engine']);
  });

  it('keeps what was made in it since', async () => {
    const values = await open(200, stored());
    assert.deepEqual(
      [...values].sort(([a], [b]) => a.localeCompare(b)),
      [
        [FORGOTTEN, 200],
        ['videoTrimmer.marks.new', []],
        ['videoTrimmer.session.new', { version: 2, createdAt: 300 }],
        ['videoTrimmer.sessions', ['new']],
      ],
    );
    assert.deepEqual(await files(), ['engine']);
  });

  it('stays as it is where nobody has forgotten anything', async () => {
    assert.equal((await open(undefined, stored())).size, 6);
    assert.deepEqual(await files(), ['engine']);
  });
});
