import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { MediaEngine } from '../../src/media/media.js';
import { parseToPanel, type ToHost, type ToPanel } from '../../src/messages.js';
import type { KeyValueStore } from '../../src/session/ports.js';
import type { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import { ClipMedia } from '../../src/views/clip-media.js';
import { MarkStore } from '../../src/views/marks.js';
import type { PanelActions } from '../../src/views/panel-actions.js';
import { idleActions, idleBook, memoryStore, unused } from './idle-book.js';
import { noExports } from './no-exports.js';
import { PanelHost } from '../../src/views/panel-host.js';
import { eventually } from './eventually.js';

/** VS Code's side of a page: keeps what the host says and lets the test speak as the page. */
class Page {
  readonly received: ToPanel[] = [];
  readonly #messages = new vscode.EventEmitter<unknown>();
  readonly webview: vscode.Webview = {
    options: {},
    html: '',
    cspSource: 'https://test.source',
    onDidReceiveMessage: this.#messages.event,
    asWebviewUri: (uri) => vscode.Uri.parse(`https://test.source/file?${encodeURIComponent(uri.path)}`),
    postMessage: (message: unknown) => {
      const parsed = parseToPanel(message);
      assert.ok(parsed, `the panel would not understand ${JSON.stringify(message)}`);
      this.received.push(parsed);
      return Promise.resolve(true);
    },
  };

  send(message: ToHost): void {
    this.#messages.fire(message);
  }

  sendRaw(message: unknown): void {
    this.#messages.fire(message);
  }

  get states(): Extract<ToPanel, { type: 'state' }>[] {
    return this.received.filter((message) => message.type === 'state');
  }

  async reply(id: number): Promise<Extract<ToPanel, { type: 'reply' }>> {
    return await eventuallyFound(() =>
      this.received.find((message): message is Extract<ToPanel, { type: 'reply' }> => {
        return message.type === 'reply' && message.id === id;
      }),
    );
  }
}

async function eventuallyFound<T>(find: () => T | undefined): Promise<T> {
  let found: T | undefined;
  await eventually(() => assert.ok((found = find()) !== undefined));
  return found as T;
}

describe('the panel’s host', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  let store: KeyValueStore;
  const calls: string[] = [];
  let outcome: () => Promise<boolean> = () => Promise.resolve(true);
  const actions: PanelActions = {
    ...idleActions,
    remove: (_session, sections) => {
      calls.push(`remove ${JSON.stringify(sections)}`);
      return outcome();
    },
    say: (session, text) => Promise.resolve(void calls.push(`say ${session?.id ?? 'without'} ${text}`)),
  };
  let book: SessionBook;
  let page: Page;
  let host: PanelHost;

  beforeEach(() => {
    store = memoryStore();
    calls.length = 0;
    outcome = () => Promise.resolve(true);
    book = idleBook(store);
    page = new Page();
    const extension = vscode.Uri.file(join(import.meta.dirname, '../../..'));
    // No clip of these tests is there, so the media engine is never reached.
    const media = { probe: unused } as Partial<MediaEngine> as MediaEngine;
    const clips = new ClipMedia(media, () => undefined);
    host = new PanelHost(page.webview, 'editor', {
      extension,
      actions,
      clips,
      marks: new MarkStore(store),
      exports: noExports,
      log: () => undefined,
    });
  });

  afterEach(() => {
    host.dispose();
    book.dispose();
  });

  it('lets the page load our bundles and the folder of the clip, and nothing else', () => {
    host.show(book.create(join(folder, 'talks/interview.mp4')));
    const roots = page.webview.options.localResourceRoots?.map((root) => root.path) ?? [];
    assert.equal(roots.length, 2);
    assert.ok(roots[0]?.endsWith('/dist'));
    assert.equal(roots[1], vscode.Uri.file(join(folder, 'talks')).path);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page.webview.html) ?? [];
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w+/]{24}'; /);
    assert.doesNotMatch(policy, /unsafe|\*|https?:(?!\/\/test\.source)/);
  });

  it('gives every page a nonce of its own', () => {
    host.show(undefined);
    const other = new Page();
    const second = new PanelHost(other.webview, 'sidebar', {
      extension: vscode.Uri.file('/x'),
      actions,
      clips: new ClipMedia({} as MediaEngine, () => undefined),
      marks: new MarkStore(store),
      exports: noExports,
      log: () => undefined,
    });
    second.show(undefined);
    const nonce = (html: string): string | undefined => /nonce="([^"]+)"/.exec(html)?.[1];
    assert.ok(nonce(page.webview.html));
    assert.notEqual(nonce(page.webview.html), nonce(other.webview.html));
    second.dispose();
  });

  it('says nothing before the page is ready, and then everything, each time', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    host.show(session);
    host.focus('in');
    session.setClip(join(folder, 'interview.mp4'), 120_000_000);
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.deepEqual(page.received, []);
    page.send({ type: 'ready' });
    assert.equal(page.states[0]?.state.title, 'interview.mp4');
    assert.deepEqual(page.received.at(-1), { type: 'focus', target: 'in' });
    page.received.length = 0;
    page.send({ type: 'ready' });
    assert.equal(page.states.length, 1);
    assert.deepEqual(
      page.received.filter(({ type }) => type === 'focus'),
      [],
      'a page that loads again must not take the keyboard away',
    );
  });

  it('tells the page the clip’s name and never where it is', () => {
    host.show(book.create(join(folder, 'secret-project/interview.mp4')));
    page.send({ type: 'ready' });
    assert.equal(page.states[0]?.state.clip?.name, 'interview.mp4');
    assert.ok(!JSON.stringify(page.states[0]).includes('secret-project'));
  });

  it('says why a clip that is gone cannot be shown', async () => {
    host.show(book.create(join(folder, 'gone.mp4')));
    page.send({ type: 'ready' });
    await eventually(() => assert.match(page.states.at(-1)?.state.clip?.problem ?? '', /gone\.mp4/));
  });

  it('drops what is no message of the page', () => {
    host.show(book.create());
    page.send({ type: 'ready' });
    page.received.length = 0;
    for (const raw of [
      undefined,
      'say',
      { type: 'say', id: 1 },
      { type: 'eval', id: 2 },
      { type: 'say', id: 3, text: '' },
    ]) {
      page.sendRaw(raw);
    }
    assert.deepEqual([calls, page.received], [[], []]);
  });

  it('answers a refused request with its sentence, and keeps the marks', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    host.show(session);
    page.send({ type: 'ready' });
    const sections = [{ in: '0:45', out: '1:20' }];
    outcome = () => Promise.reject(new SessionError('unreachable', 'NemoVideo cannot be reached.'));
    page.send({ type: 'remove', id: 7, revision: 3, sections });
    assert.deepEqual(await page.reply(7), { type: 'reply', id: 7, error: 'NemoVideo cannot be reached.' });
    assert.deepEqual(page.states.at(-1)?.state.marked, sections);
    assert.equal(page.states.at(-1)?.state.markedRevision, 3);
  });

  it('empties the marks when the section is gone, before it answers; not when the agent only asked back', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    host.show(session);
    page.send({ type: 'ready' });
    const sections = [{ in: '0:45', out: '1:20' }];
    outcome = () => Promise.resolve(false);
    page.send({ type: 'remove', id: 1, revision: 1, sections });
    assert.equal((await page.reply(1)).error, undefined);
    assert.deepEqual(page.states.at(-1)?.state.marked, sections);
    outcome = () => Promise.resolve(true);
    page.send({ type: 'remove', id: 2, revision: 2, sections });
    await page.reply(2);
    assert.deepEqual(page.states.at(-1)?.state.marked, []);
    assert.ok(
      page.received.findLastIndex(({ type }) => type === 'state') <
        page.received.findIndex((m) => m.type === 'reply' && m.id === 2),
    );
  });

  it('shows marks again in a page that comes back', () => {
    const session = book.create(join(folder, 'interview.mp4'));
    host.show(session);
    page.send({ type: 'mark', revision: 4, sections: [{ in: '0:10', out: '' }] });
    const marks = new MarkStore(store);
    assert.deepEqual(marks.get(session.id).sections, [{ in: '0:10', out: '' }]);
  });

  it('draws a burst of changes once', async () => {
    const session = book.create(join(folder, 'take-0.mp4'));
    host.show(session);
    page.send({ type: 'ready' });
    page.received.length = 0;
    for (let index = 1; index <= 50; index += 1) session.setClip(join(folder, `take-${index}.mp4`));
    await eventually(() => assert.equal(page.states.at(-1)?.state.title, 'take-50.mp4'));
    assert.ok(page.states.length <= 3, `${page.states.length} states`);
  });

  it('lets the page read the folder of a clip that comes later', () => {
    const session = book.create();
    host.show(session);
    page.send({ type: 'ready' });
    assert.equal(page.webview.options.localResourceRoots?.length, 1);
    const { html } = page.webview;
    session.setClip(join(folder, 'later/interview.mp4'));
    page.send({ type: 'ready' });
    assert.equal(page.webview.options.localResourceRoots?.[1]?.path, vscode.Uri.file(join(folder, 'later')).path);
    assert.notEqual(page.webview.html, html, 'the page must load anew for its options to count');
  });

  it('says what to do when there is no session to act on', async () => {
    host.show(undefined);
    page.send({ type: 'ready' });
    page.send({ type: 'export', id: 5 });
    assert.equal((await page.reply(5)).error, 'There is no video here yet. Choose one first.');
    page.send({ type: 'say', id: 6, text: 'hello' });
    await page.reply(6);
    assert.deepEqual(calls, ['say without hello']);
  });
});
