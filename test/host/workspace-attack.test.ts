import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { DEFAULT_PAUSES } from '../../src/media/media.js';
import { readPauseSettings } from '../../src/views/pause-settings.js';
import { answering, type Asked } from './answers.js';
import { eventually } from './eventually.js';

const sample = join(import.meta.dirname, '../../../media/sample.mp4');

/** Answers like NemoVideo and keeps what it was asked; also as a proxy. */
async function listen(seen: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end('{"code":0,"data":{"available":60,"frozen":0,"total":60}}');
  });
  server.on('connect', (request, socket) => {
    seen.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('a workspace that somebody sent', function () {
  this.timeout(60_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const settingsFile = join(folder, '.vscode/settings.json');
  const [good, evil]: [string[], string[]] = [[], []];
  let servers: Server[];
  const environment = ['NEMO_API_URL', 'NEMO_WEB_URL', 'NEMO_TOKEN', 'NEMO_CLIENT_ID'] as const;
  const kept = environment.map((name) => [name, process.env[name]] as const);
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('videoTrimmer');
  const own = async (values: Record<string, unknown>): Promise<void> => {
    for (const [key, value] of Object.entries(values)) {
      await settings().update(key, value, vscode.ConfigurationTarget.Global);
    }
  };
  const run = (command: string, ...args: unknown[]): Promise<Asked[]> =>
    answering({}, () => Promise.resolve(vscode.commands.executeCommand(`videoTrimmer.${command}`, ...args)));
  let written = 0;
  /** Writes the settings of the workspace, and waits until VS Code has read them. */
  const workspaceSays = async (values: Record<string, unknown>): Promise<void> => {
    const mark = (written += 1);
    await mkdir(dirname(settingsFile), { recursive: true });
    await writeFile(settingsFile, JSON.stringify({ ...values, 'videoTrimmer.mark': mark }));
    await eventually(() => assert.equal(settings().get('mark'), mark));
  };

  before(async () => {
    servers = [await listen(good), await listen(evil)];
    for (const name of environment) Reflect.deleteProperty(process.env, name);
    process.env['NEMO_TOKEN'] = 'nmv_usr_of_the_person';
    await own({ apiUrl: addressOf(servers[0] as Server), engine: 'cloud' });
  });

  beforeEach(() => {
    good.length = evil.length = 0;
  });

  after(async () => {
    await rm(dirname(settingsFile), { recursive: true, force: true });
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await own({ apiUrl: undefined, engine: undefined });
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('does not move the API, the engine or a proxy, whatever its settings say', async () => {
    const address = addressOf(servers[1] as Server);
    await workspaceSays({
      'videoTrimmer.apiUrl': address,
      'videoTrimmer.webUrl': address,
      'videoTrimmer.engine': 'local',
      'http.proxy': address,
      'http.proxySupport': 'override',
      'http.noProxy': [],
      'http.proxyAuthorization': 'Basic eDp5',
      'http.proxyStrictSSL': false,
      NEMO_API_URL: address,
      '[plaintext]': { 'videoTrimmer.apiUrl': address, 'videoTrimmer.engine': 'local' },
    });
    const told = await run('checkCredits');
    assert.match(told[0]?.text ?? '', /^60 credits available/);
    assert.deepEqual([good, evil], [['/api/credits/balance/simple'], []]);
    // An address that is not on this machine would go through a proxy.
    await own({ apiUrl: 'http://nemo.invalid' });
    const [failed] = await run('checkCredits');
    assert.equal(failed?.how, 'showErrorMessage');
    assert.deepEqual(evil, []);
    await own({ apiUrl: addressOf(servers[0] as Server) });
  });

  it('does not do so either where VS Code would let it: our own code reads the person’s settings only', async () => {
    const address = addressOf(servers[1] as Server);
    const workspace = vscode.workspace as unknown as { getConfiguration: typeof vscode.workspace.getConfiguration };
    const real = workspace.getConfiguration;
    const hostile: Record<string, unknown> = { apiUrl: address, webUrl: address, engine: 'local', proxy: address };
    workspace.getConfiguration = (...asked) => {
      const configuration = real(...asked);
      return {
        ...configuration,
        get: (key: string, otherwise?: unknown) => hostile[key] ?? configuration.get(key, otherwise),
        inspect: (key: string) => ({
          key,
          ...configuration.inspect(key),
          ...(key in hostile ? { workspaceValue: hostile[key], workspaceFolderValue: hostile[key] } : {}),
        }),
      } as vscode.WorkspaceConfiguration;
    };
    try {
      const told = await run('checkCredits');
      assert.match(told[0]?.text ?? '', /^60 credits available/);
      assert.deepEqual([good, evil], [['/api/credits/balance/simple'], []]);
    } finally {
      workspace.getConfiguration = real;
    }
  });

  it('says in the manifest what VS Code is to keep from it', () => {
    const { contributes, capabilities } = vscode.extensions.getExtension(
      'video-trimmer-in-between.video-trimmer-in-between',
    )?.packageJSON as {
      contributes: { configuration: readonly { properties: Record<string, { scope: string }> }[] };
      capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
    };
    const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
    const scopes = settings.map(([key, { scope }]) => [key, scope] as const);
    const machine = scopes.filter(([, scope]) => scope === 'machine').map(([key]) => key);
    assert.deepEqual(machine, [
      'videoTrimmer.engine',
      'videoTrimmer.apiUrl',
      'videoTrimmer.webUrl',
      'videoTrimmer.agents.askModel',
      'videoTrimmer.agents.mcpServer',
    ]);
    assert.deepEqual(capabilities.untrustedWorkspaces.restrictedConfigurations, machine);
    assert.equal(capabilities.untrustedWorkspaces.supported, 'limited');
    // Nothing names a program, a folder or an address but those.
    assert.deepEqual(
      scopes.map(([key]) => key).filter((key) => /path|folder|exec|command|env|args|url|worker|node|ffmpeg/i.test(key)),
      ['videoTrimmer.apiUrl', 'videoTrimmer.webUrl'],
    );
  });

  it('cannot make pauses of what is no number', async () => {
    const wrong: unknown[] = ['5', null, [2], {}, true, -1, 1e300];
    for (const value of wrong) {
      await workspaceSays({
        'videoTrimmer.pauses.minimumLength': value,
        'videoTrimmer.pauses.margin': value,
        'videoTrimmer.pauses.threshold': value,
      });
      const { minimum, margin, threshold } = readPauseSettings();
      assert.ok(
        minimum >= 200_000 && minimum <= 60e6 && Number.isSafeInteger(minimum),
        JSON.stringify([value, minimum]),
      );
      assert.ok(margin >= 0 && margin <= 5e6 && Number.isSafeInteger(margin), JSON.stringify([value, margin]));
      assert.ok(threshold === 'auto' || (threshold >= -90 && threshold <= -10), JSON.stringify([value, threshold]));
    }
    for (const whole of ['x', null, ['a']]) {
      await workspaceSays({ 'videoTrimmer.pauses': whole });
      assert.deepEqual(readPauseSettings(), DEFAULT_PAUSES);
    }
  });

  it('cannot lead an export out of the folder of the clip by the name of the result', async () => {
    const clips = join(folder, 'sent');
    const outside = join(folder, '..');
    await mkdir(join(clips, 'deep'), { recursive: true });
    await copyFile(sample, join(clips, 'deep/talk.mp4'));
    await symlink(outside, join(clips, 'deep/link'));
    const before = await readdir(outside);
    await own({ engine: 'local' });
    try {
      const names = [
        '../../escaped',
        '/tmp/escaped',
        '..\\..\\escaped',
        'link/escaped',
        '${name}/../x',
        '${env:HOME}',
        '~/x',
      ];
      await vscode.commands.executeCommand(
        'videoTrimmer.trimMiddleSection',
        vscode.Uri.file(join(clips, 'deep/talk.mp4')),
      );
      const choosing: Parameters<typeof answering>[0] = {
        showQuickPick: (items) => (items as { label: string }[]).find(({ label }) => label === 'talk.mp4'),
        showOpenDialog: () => [vscode.Uri.file(join(clips, 'deep/talk.mp4'))],
        showInputBox: () => '0:10-1:55',
      };
      await answering(choosing, () =>
        Promise.resolve(vscode.commands.executeCommand('videoTrimmer.trimMiddleSection')),
      );
      for (const name of [...names, 7, ['x']]) {
        await workspaceSays({ 'videoTrimmer.outputName': name });
        const told = await answering({}, () =>
          Promise.resolve(vscode.commands.executeCommand('videoTrimmer.exportVideo')),
        );
        assert.match(told[0]?.text ?? '', /^Exported /, JSON.stringify(name));
      }
      assert.deepEqual((await readdir(outside)).sort(), before.sort());
      assert.deepEqual((await readdir(clips)).sort(), ['deep']);
      const made = (await readdir(join(clips, 'deep'))).filter((name) => name !== 'link' && name !== 'talk.mp4');
      assert.equal(made.length, names.length + 2);
      assert.deepEqual(
        made.filter((name) => !/^(talk\.trimmed(-\d+)?|\$\{env:HOME\}|~escaped)\.mp4$/.test(name)),
        [],
      );
    } finally {
      await rm(clips, { recursive: true, force: true });
      await own({ engine: 'cloud' });
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });

  it('gets a sentence from every command that it calls with what VS Code would not give', async () => {
    const trap = new Proxy({}, { get: () => assert.fail('a trap was touched and did not close') });
    const secret = { scheme: 'file', path: '/x.mp4', fsPath: '/etc/passwd', toString: () => 'file:///x.mp4' };
    const strange: unknown[] = [
      null,
      0,
      '',
      'videoTrimmer',
      {},
      [],
      true,
      () => 1,
      Symbol('x'),
      10n,
      trap,
      secret,
      [secret],
      { session: 'x' },
      { session: {} },
      { session: { id: 'x', snapshot: { title: 'x' } } },
      { kind: 'session' },
      {
        get session() {
          throw new Error('boo');
        },
      },
      JSON.parse('{"__proto__":{"session":{}},"session":null}'),
      vscode.Uri.file('/etc/passwd'),
      vscode.Uri.parse('command:workbench.action.quit'),
      vscode.Uri.parse('http://x/y.mp4'),
      vscode.Uri.parse('untitled:x.mp4'),
      Array.from({ length: 10_000 }, () => 'x'),
    ];
    const { contributes } = vscode.extensions.getExtension('video-trimmer-in-between.video-trimmer-in-between')
      ?.packageJSON as { contributes: { commands: { command: string }[] } };
    const commands = contributes.commands.map(({ command }) => command.replace('videoTrimmer.', ''));
    assert.ok(commands.length > 15);
    // It opens a list that waits for the person, and takes no arguments.
    for (const command of commands.filter((name) => name !== 'searchSessions')) {
      for (const first of strange) {
        for (const rest of [[], [[first], first]]) {
          for (const { how, text } of await run(command, first, ...rest)) {
            if (how !== 'showErrorMessage') continue;
            // A sentence may begin with the name of the file.
            assert.match(
              text,
              /^(?:[A-Z]|(?:passwd|[xy]\.mp4|workbench\.action\.quit) )[^{}]*[.?…]$/,
              `${command}: ${text}`,
            );
            assert.doesNotMatch(text, /TypeError|undefined|\bat \/|in the extension itself/, `${command}: ${text}`);
          }
        }
      }
    }
  });

  it('cannot open or delete a session by commands that the palette hides', async () => {
    for (const command of ['openSession', 'deleteSession']) {
      for (const args of [[], [undefined], [null], ['x'], [{}], [{ session: {} }]]) {
        const told = await run(command, ...args);
        assert.deepEqual(
          told.map(({ how, text }) => [how, text]),
          [['showErrorMessage', 'Choose a session in the Sessions view for that.']],
        );
      }
    }
  });
});
