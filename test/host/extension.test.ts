import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { say } from './say.js';

const extensionId = 'video-trimmer-in-between.video-trimmer-in-between';

interface Manifest {
  readonly activationEvents?: readonly string[];
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(extensionId);
  assert.ok(found, `${extensionId} is not installed`);
  return found;
}

/** Everything in the host's global object that belongs to undici, whichever version put it there. */
function undiciGlobals(): Map<symbol, unknown> {
  const all = Object.getOwnPropertySymbols(globalThis).filter((symbol) => /undici/i.test(symbol.description ?? ''));
  return new Map(all.map((symbol) => [symbol, Reflect.get(globalThis, symbol) as unknown]));
}

describe('the extension in VS Code', () => {
  // Taken when the file loads, before the first test makes the extension do anything.
  const undiciBefore = undiciGlobals();
  const activeAtStart = extension().isActive;

  before(() => {
    say(`VS Code ${vscode.version}, Node ${process.versions.node}`);
  });

  it('does not activate when VS Code starts', () => {
    assert.equal(activeAtStart, false);
    const { activationEvents = [] } = extension().packageJSON as Manifest;
    assert.deepEqual(
      activationEvents.filter((event) => /^(\*|onStartupFinished)$/.test(event)),
      [],
    );
  });

  it('activates', async () => {
    const start = performance.now();
    await extension().activate();
    say(`activated in ${(performance.now() - start).toFixed(0)} ms`);
    assert.equal(extension().isActive, true);
  });

  it('registers every command that its manifest offers', async () => {
    const { contributes } = extension().packageJSON as Manifest;
    const offered = contributes.commands.map(({ command }) => command);
    assert.ok(offered.length > 0);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      offered.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('leaves the fetch of other extensions alone after a request of its own', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end('{"code":0,"data":{"available":60,"frozen":40,"total":100}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const variables = ['NEMO_API_URL', 'NEMO_TOKEN'] as const;
    const kept = variables.map((name) => [name, process.env[name]] as const);
    process.env['NEMO_API_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env['NEMO_TOKEN'] = 'test-token';
    try {
      await vscode.workspace
        .getConfiguration('videoTrimmer')
        .update('engine', 'cloud', vscode.ConfigurationTarget.Global);
      // The command ends with a message that waits for the person; the request is what is waited for here.
      void vscode.commands.executeCommand('videoTrimmer.checkCredits');
      for (const end = Date.now() + 20_000; !asked.some((url) => url.startsWith('/api/credits'));) {
        assert.ok(Date.now() < end, `no request for the credits; the requests were: ${asked.join(', ') || 'none'}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      for (const [name, value] of kept) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      server.closeAllConnections();
      server.close();
    }
    const after = undiciGlobals();
    assert.deepEqual([...after.keys()], [...undiciBefore.keys()]);
    for (const [symbol, value] of after) {
      // Not assert.equal: its difference of two dispatchers is thousands of lines.
      assert.ok(value === undiciBefore.get(symbol), `${String(symbol)} was replaced`);
    }
  });
});
