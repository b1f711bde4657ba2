import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { answering } from './answers.js';
import { copiedBy } from './clipboard.js';

const copied = (): Promise<string> => copiedBy('videoTrimmer.copyDiagnostics');

describe('Copy Diagnostics', () => {
  const token = 'nmv_usr_for_diagnostics_0815';
  const names = ['NEMO_TOKEN', 'NEMO_API_URL'] as const;
  const kept = names.map((name) => [name, process.env[name]] as const);

  before(() => {
    process.env['NEMO_TOKEN'] = token;
    process.env['NEMO_API_URL'] = `http://somebody:password@127.0.0.1:9/?key=${token}`;
  });
  after(() => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  it('names the versions, the engines, the worker and the sessions', async () => {
    const text = await copied();
    const { version } = vscode.extensions.getExtension('video-trimmer-in-between.video-trimmer-in-between')
      ?.packageJSON as {
      version: string;
    };
    for (const fact of [
      `Video Trimmer In Between ${version} (with`,
      `VS Code ${vscode.version}, `,
      `Node ${process.versions.node}, ${process.platform} ${process.arch}, `,
      'Workspace: trusted, folders: 1',
      'cloud: an address of your own, signed in by environment; proxy: ',
      'Media jobs: ',
      'the worker stopped ',
      'Sessions: ',
    ]) {
      assert.ok(text.includes(fact), `${fact} is missing in\n${text}`);
    }
  });

  it('tells the last faults without who, where and what', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    // Asked only where this machine is chosen for the work.
    await answering({ showInformationMessage: () => 'Check Cloud Credits' }, () =>
      Promise.resolve(vscode.commands.executeCommand('videoTrimmer.checkCredits')),
    );
    const hostile = vscode.Uri.file(`${folder}/private ${token}.mp4`);
    // VS Code itself fails here, in a way that the extension does not foresee.
    const window = vscode.window as unknown as { showInputBox: unknown };
    const real = window.showInputBox;
    window.showInputBox = () => {
      throw new TypeError(`boo at ${homedir()}/x with ${hostile.fsPath} and Bearer ${token}`);
    };
    const told = await answering({}, async () => {
      const asked = (vscode.window as unknown as { showInputBox: unknown }).showInputBox;
      window.showInputBox = () => {
        throw new TypeError(`boo at ${homedir()}/x with ${hostile.fsPath} and Bearer ${token}`);
      };
      await vscode.commands.executeCommand('videoTrimmer.setToken');
      window.showInputBox = asked;
    });
    window.showInputBox = real;
    assert.match(told[0]?.text ?? '', /^Something went wrong in the extension itself/);
    const text = await copied();
    assert.match(text, /Last warnings and errors:/);
    assert.match(text, /\[warn\] #\d+ GET api\/credits\/balance\/simple: unreachable ECONNREFUSED after \d+ ms/);
    assert.match(text, /\[error\] command setToken: TypeError: boo at /);
    for (const hidden of [token, homedir(), folder, 'private', 'password', '127.0.0.1', 'somebody']) {
      assert.ok(!text.includes(hidden), `${hidden} is in\n${text}`);
    }
  });
});
