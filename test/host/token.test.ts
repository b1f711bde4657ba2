import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { answering } from './answers.js';

const token = 'nmv_usr_typed_by_hand_4711';

describe('the API token', () => {
  const seen: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const { url = '', headers } = request;
    seen.push({ url, authorization: headers.authorization });
    response.setHeader('content-type', 'application/json');
    const answers: Record<string, string> = {
      '/api/auth/anonymous-token': '{"code":0,"data":{"token":"nmv_usr_anonymous"}}',
      '/api/credits/balance/simple': '{"code":0,"data":{"available":60,"frozen":40,"total":100}}',
    };
    response.end(answers[url] ?? '{"code":1}');
  });
  const environment = ['NEMO_API_URL', 'NEMO_TOKEN', 'NEMO_CLIENT_ID'] as const;
  const kept = environment.map((name) => [name, process.env[name]] as const);

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env['NEMO_API_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    delete process.env['NEMO_TOKEN'];
    process.env['NEMO_CLIENT_ID'] = '7b1c9c52-0b6c-4c55-8d4e-2f6a7f0a9d11';
    await vscode.workspace
      .getConfiguration('videoTrimmer')
      .update('engine', 'cloud', vscode.ConfigurationTarget.Global);
  });

  after(async () => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    server.closeAllConnections();
    server.close();
    await vscode.workspace
      .getConfiguration('videoTrimmer')
      .update('engine', undefined, vscode.ConfigurationTarget.Global);
  });

  const run = async (
    command: string,
    answers: Parameters<typeof answering>[0] = {},
  ): Promise<{ text: string; options: unknown }[]> => {
    seen.length = 0;
    return await answering(answers, () => Promise.resolve(vscode.commands.executeCommand(`videoTrimmer.${command}`)));
  };

  it('is asked for in a field that hides it, and is what the service gets from then on', async () => {
    const [asked] = await run('setToken', { showInputBox: () => `Bearer ${token}\n` });
    assert.equal((asked?.options as vscode.InputBoxOptions).password, true);
    const told = await run('checkCredits');
    assert.deepEqual(seen, [{ url: '/api/credits/balance/simple', authorization: `Bearer ${token}` }]);
    assert.match(told[0]?.text ?? '', /^60 credits available\. 40 more are reserved/);
  });

  it('stands in no setting and in no file of the workspace', async () => {
    const settings = JSON.stringify(vscode.workspace.getConfiguration());
    assert.ok(!settings.includes(token));
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('.mp4')) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      assert.ok(!text.includes(token), entry.name);
    }
  });

  it('is refused in words when it cannot be one, and the old one stays', async () => {
    const told = await run('setToken', { showInputBox: () => 'two words' });
    assert.equal(told[1]?.text, 'This is not an API token: it must be one word without spaces.');
    await run('checkCredits');
    assert.equal(seen[0]?.authorization, `Bearer ${token}`);
  });

  it('stays when Sign Out is not confirmed, and is forgotten when it is', async () => {
    await run('signOut');
    await run('checkCredits');
    assert.equal(seen[0]?.authorization, `Bearer ${token}`);
    await run('signOut', { showWarningMessage: () => 'Sign Out' });
    await run('checkCredits');
    assert.deepEqual(
      seen.map(({ url, authorization }) => [url, authorization]),
      [
        ['/api/auth/anonymous-token', undefined],
        ['/api/credits/balance/simple', 'Bearer nmv_usr_anonymous'],
      ],
    );
    await run('signOut', { showWarningMessage: () => 'Sign Out' });
  });
});
