import assert from 'node:assert/strict';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import * as vscode from 'vscode';
import type { CommandDeps } from '../../src/commands/deps.js';
import { openLink, SessionCommands } from '../../src/commands/session.js';
import { TrimCommands } from '../../src/commands/trim.js';
import { createMediaEngine } from '../../src/media/engine.js';
import { parseToHost, parseToPanel, toHostSchema, type ToPanel } from '../../src/messages.js';
import type { SessionBook } from '../../src/session/session-book.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { ClipMedia } from '../../src/views/clip-media.js';
import { MarkStore } from '../../src/views/marks.js';
import type { PanelActions } from '../../src/views/panel-actions.js';
import { PanelHost } from '../../src/views/panel-host.js';
import { anything, mangled, takenBy } from '../unit/messages/schema-arbitrary.js';
import { eventually } from './eventually.js';
import { idleBook, memoryStore, unused } from './idle-book.js';
import { noExports } from './no-exports.js';

describe('a page that somebody has taken over', function () {
  this.timeout(60_000);
  const root = join(import.meta.dirname, '../../..');
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'taken over');
  const media = createMediaEngine({ workerPath: join(root, 'dist/media-worker.mjs') });
  const store = memoryStore();
  let book: SessionBook;

  before(async () => {
    await mkdir(folder, { recursive: true });
    await copyFile(join(root, 'media/sample.mp4'), join(folder, 'interview.mp4'));
    book = idleBook(store);
  });

  after(async () => {
    book.dispose();
    await media.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('reaches the commands with nothing but a message of the protocol, and never keeps the host from going on', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    const calls: [string, ...unknown[]][] = [];
    const take =
      (name: string) =>
      async (...given: unknown[]): Promise<never> => {
        calls.push([name, ...given]);
        return await unused();
      };
    const actions: PanelActions = {
      remove: take('remove'),
      say: take('say'),
      export: take('export'),
      attach: take('attach'),
      drop: take('drop'),
      chooseEngine: take('chooseEngine'),
      act: take('act'),
      copy: take('copy'),
      sessionMenu: take('sessionMenu'),
      openLink: take('openLink'),
    };
    const received: ToPanel[] = [];
    const messages = new vscode.EventEmitter<unknown>();
    const webview = {
      options: {},
      html: '',
      cspSource: 'https://test.source',
      onDidReceiveMessage: messages.event,
      asWebviewUri: (uri: vscode.Uri) => uri,
      postMessage: (message: unknown) => {
        const parsed = parseToPanel(message);
        assert.ok(parsed);
        received.push(parsed);
        return Promise.resolve(true);
      },
    } satisfies vscode.Webview;
    const clips = new ClipMedia(media, () => undefined);
    const marks = new MarkStore(store);
    const host = new PanelHost(webview, 'editor', {
      extension: vscode.Uri.file(root),
      actions,
      clips,
      marks,
      exports: noExports,
      log: () => undefined,
    });
    host.show(session);
    const good = takenBy(toHostSchema);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(good, mangled(good), mangled(good), anything), async (raw) => {
        sent += 1;
        // As VS Code hands it on: what cannot be cloned never arrives.
        let arrived: unknown;
        try {
          arrived = structuredClone(raw);
        } catch {
          return;
        }
        const before = calls.length;
        messages.fire(arrived);
        if (parseToHost(arrived) === undefined) assert.equal(calls.length, before);
        await Promise.resolve();
      }),
      { numRuns: 800 },
    );
    const known = (given: unknown): boolean => given === session || given === undefined || typeof given === 'string';
    for (const [name, ...given] of calls) {
      const plain = name === 'remove' || name === 'drop' ? Array.isArray(given[1]) : true;
      assert.ok(plain && given.every((one) => known(one) || Array.isArray(one)), name);
    }
    assert.ok(sent >= 800 && calls.length > 50, `${sent} messages, ${calls.length} calls`);
    messages.fire({ type: 'copy', id: 4711 });
    await eventually(() => assert.ok(received.some((message) => message.type === 'reply' && message.id === 4711)));
    for (const message of received) {
      if (message.type !== 'reply' || message.error === undefined) continue;
      assert.doesNotMatch(message.error, /TypeError|RangeError|undefined|\bat \//);
    }
    host.dispose();
    // The engine still works for the person.
    assert.equal((await media.probe(join(folder, 'interview.mp4'))).duration, 120_000_000);
  });

  it('opens nothing but web pages', async () => {
    const opened: string[] = [];
    const env = vscode.env as unknown as Record<string, unknown>;
    const real = env['openExternal'];
    env['openExternal'] = (uri: vscode.Uri) => Promise.resolve(void opened.push(uri.toString(true)));
    try {
      for (const url of [
        'command:workbench.action.terminal.new',
        'vscode://evil.ext/run',
        'vscode-insiders://x',
        'file:///etc/passwd',
        'javascript:alert(1)',
        ' javascript:alert(1)',
        'java\nscript:alert(1)',
        'data:text/html,x',
        'vbscript:x',
        'ms-settings:x',
        'search-ms:query=x',
        'smb://evil/share',
        '\\\\evil\\share',
        '//evil.example/x',
        '/etc/passwd',
        'mailto:x@y.z',
        'http:',
        'https://',
        'blob:https://x/y',
        'HTTPS+command:x',
        '',
      ]) {
        await assert.rejects(openLink(url), /^SessionError: Only links to web pages can be opened from here\.$/, url);
      }
      assert.deepEqual(opened, []);
      await openLink('https://nemovideo.com/a?b=c#d');
      assert.deepEqual(opened, ['https://nemovideo.com/a?b=c#d']);
    } finally {
      env['openExternal'] = real;
    }
  });

  it('cannot open files that the window does not show by saying that they were dropped', async () => {
    const opened: string[] = [];
    const editors = { open: (session: TrimSession) => void opened.push(session.snapshot.clip?.path ?? '') };
    const current = { session: undefined, set: () => undefined };
    const deps = { book, current, editors } as unknown as CommandDeps;
    const commands = new SessionCommands(deps, new TrimCommands(deps));
    for (const uri of [
      'file:///etc/secret.mp4',
      'file://evil.example/share/x.mp4',
      'vscode-remote://evil/etc/x.mp4',
      'file:///%2e%2e/x.mp4',
      `file://${encodeURI(folder)}/../../x.mp4`,
      'http://evil.example/x.mp4',
      'command:x.mp4',
      'x.mp4',
      '',
    ]) {
      await assert.rejects(
        commands.drop(undefined, [uri]),
        /^SessionError: (Only files|.*(is not on this machine|is not a video))/,
        uri,
      );
    }
    assert.deepEqual(opened, []);
    await commands.drop(undefined, [vscode.Uri.file(join(folder, 'interview.mp4')).toString()]);
    assert.deepEqual(opened, [join(folder, 'interview.mp4')]);
  });
});
