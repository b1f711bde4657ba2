import assert from 'node:assert/strict';
import { copyFile, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createMediaEngine } from '../../src/media/engine.js';
import { parseToPanel, type PanelState, type ToHost, type ToPanel } from '../../src/messages.js';
import type { SessionBook } from '../../src/session/session-book.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { ClipMedia } from '../../src/views/clip-media.js';
import { MarkStore } from '../../src/views/marks.js';
import type { PanelActions } from '../../src/views/panel-actions.js';
import { idleActions, idleBook, memoryStore } from './idle-book.js';
import { noExports } from './no-exports.js';
import { PanelHost } from '../../src/views/panel-host.js';
import { readPauseSettings } from '../../src/views/pause-settings.js';
import { eventually } from './eventually.js';

/** VS Code's side of a page: as strict as VS Code is with a panel that was closed. */
class Page {
  readonly received: ToPanel[] = [];
  closed = false;
  readonly #messages = new vscode.EventEmitter<unknown>();
  readonly webview: vscode.Webview = {
    options: {},
    html: '',
    cspSource: 'https://test.source',
    onDidReceiveMessage: this.#messages.event,
    asWebviewUri: (uri) => vscode.Uri.from({ scheme: 'https', authority: 'test.source', path: uri.path }),
    postMessage: (message: unknown) => {
      assert.ok(!this.closed, 'a closed page was sent something');
      const parsed = parseToPanel(message);
      assert.ok(parsed, `the panel would not understand ${JSON.stringify(message)}`);
      this.received.push(parsed);
      return Promise.resolve(true);
    },
  };

  send(message: ToHost): void {
    this.#messages.fire(message);
  }

  get state(): PanelState | undefined {
    return this.received.findLast((message) => message.type === 'state')?.state;
  }

  get replies(): number[] {
    return this.received.flatMap((message) => (message.type === 'reply' ? [message.id] : []));
  }
}

describe('a panel among others, closed panels and moving clips', () => {
  const root = join(import.meta.dirname, '../../..');
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'moving clips');
  const media = createMediaEngine({ workerPath: join(root, 'dist/media-worker.mjs'), pauses: readPauseSettings });
  const section = { in: '0:45', out: '1:20' };
  let finish: (changed: boolean) => void = () => undefined;
  const actions: PanelActions = {
    ...idleActions,
    remove: () => new Promise((resolve) => (finish = resolve)),
    export: () => new Promise((resolve) => (finish = () => resolve())),
  };
  let book: SessionBook;
  let clips: ClipMedia;
  let marks: MarkStore;
  let hosts: PanelHost[];

  before(async () => {
    await mkdir(folder, { recursive: true });
    await copyFile(join(root, 'media/sample.mp4'), join(folder, 'interview.mp4'));
  });

  beforeEach(() => {
    const store = memoryStore();
    book = idleBook(store);
    clips = new ClipMedia(media, () => undefined);
    marks = new MarkStore(store);
    hosts = [];
  });

  afterEach(() => {
    for (const host of hosts) host.dispose();
    book.dispose();
  });

  after(async () => {
    await media.close();
    await rm(folder, { recursive: true, force: true });
  });

  function open(session: TrimSession, place: PanelState['place']): Page & { host: PanelHost } {
    const page = new Page();
    const extension = vscode.Uri.file(root);
    const host = new PanelHost(page.webview, place, {
      extension,
      actions,
      clips,
      marks,
      exports: noExports,
      log: () => undefined,
    });
    hosts.push(host);
    host.show(session);
    page.send({ type: 'ready' });
    return Object.assign(page, { host });
  }

  it('shows a mark in the sidebar too that was set in the tab of the same session, and the other way round', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    const [tab, sidebar] = [open(session, 'editor'), open(session, 'sidebar')];
    tab.send({ type: 'mark', revision: 1, sections: [section] });
    await eventually(() => assert.deepEqual(sidebar.state?.marked, [section]));
    assert.equal(sidebar.state?.markedRevision, 1);
    sidebar.send({ type: 'mark', revision: 2, sections: [] });
    await eventually(() => assert.deepEqual([tab.state?.marked, tab.state?.markedRevision], [[], 2]));
  });

  it('fills in waveform, pictures and pauses, finer where the page looks, and pauses as the settings say', async () => {
    const tab = open(book.create(join(folder, 'interview.mp4')), 'editor');
    const peaks = (layer: string) =>
      tab.received.findLast((message) => message.type === 'peaks' && message.layer === layer);
    const pauses = () =>
      tab.received
        .findLast((message) => message.type === 'pauses')
        ?.sections.map(({ in: from }) => Math.round(from / 1e5));
    const pictures = () => tab.received.flatMap((message) => (message.type === 'thumbnails' ? message.pictures : []));
    await eventually(() => assert.deepEqual(pauses(), [439, 1178]));
    await eventually(() => {
      const whole = peaks('whole');
      assert.ok(whole?.type === 'peaks' && Math.abs(whole.values.length * whole.step - 120e6) < 1e6);
      assert.ok(
        pictures().length > 5 && pictures().every(({ height, dataUri }) => height === 88 && dataUri.length > 500),
      );
    });
    tab.send({ type: 'look', start: 10e6, end: 12e6, width: 800, tiles: 1200 });
    await eventually(() => {
      const near = peaks('near');
      assert.ok(near?.type === 'peaks' && near.step === 2500 && near.offset * near.step <= 10e6);
    });
    const settings = vscode.workspace.getConfiguration('videoTrimmer.pauses');
    try {
      await settings.update('minimumLength', 10, vscode.ConfigurationTarget.Global);
      await settings.update('margin', 0.5, vscode.ConfigurationTarget.Global);
      clips.findPausesAnew();
      await eventually(() => assert.deepEqual(pauses(), [443]));
    } finally {
      await settings.update('minimumLength', undefined, vscode.ConfigurationTarget.Global);
      await settings.update('margin', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('keeps what is marked while a removal runs', async () => {
    const tab = open(book.create(join(folder, 'interview.mp4')), 'editor');
    const next = { in: '1:30', out: '1:35' };
    tab.send({ type: 'remove', id: 1, revision: 1, sections: [section] });
    tab.send({ type: 'mark', revision: 2, sections: [section, next] });
    finish(true);
    await eventually(() => assert.deepEqual(tab.replies, [1]));
    assert.deepEqual([tab.state?.marked, tab.state?.markedRevision], [[next], 2]);
  });

  it('does not answer a page that was loaded anew for what the one before had asked', async () => {
    const tab = open(book.create(join(folder, 'interview.mp4')), 'editor');
    tab.send({ type: 'remove', id: 1, revision: 1, sections: [section] });
    tab.send({ type: 'ready' });
    finish(true);
    await eventually(() => assert.deepEqual(tab.state?.marked, []));
    assert.deepEqual(tab.replies, []);
  });

  it('ends quietly when the panel is closed while a removal runs, and takes the marks away all the same', async () => {
    const session = book.create(join(folder, 'interview.mp4'));
    const tab = open(session, 'editor');
    tab.send({ type: 'remove', id: 1, revision: 1, sections: [section] });
    tab.host.dispose();
    tab.closed = true;
    finish(true);
    await eventually(() => assert.deepEqual(marks.get(session.id).sections, []));
  });

  it('says that the clip is gone while its panel is open, and shows it again when it is back', async () => {
    const [here, away] = [join(folder, 'interview.mp4'), join(folder, 'elsewhere.mp4')];
    const tab = open(book.create(here), 'editor');
    await eventually(() => assert.equal(tab.state?.clip?.duration, 120_000_000));
    await rename(here, away);
    await eventually(() => assert.match(tab.state?.clip?.problem ?? '', /^interview\.mp4 .*\.$/));
    assert.equal(tab.state?.clip?.mediaUri, undefined);
    await rename(away, here);
    await eventually(() => assert.ok(tab.state?.clip?.mediaUri));
    assert.equal(tab.state?.clip?.problem, undefined);
  });

  it('gives a clip that was written anew another address, and keeps that of one that was not', async () => {
    const clip = join(folder, 'interview.mp4');
    const tab = open(book.create(clip), 'editor');
    await eventually(() => assert.equal(tab.state?.clip?.duration, 120_000_000));
    const address = tab.state?.clip?.mediaUri ?? '';
    assert.ok(address.startsWith('https://test.source/') && address.includes('interview.mp4?'));
    await clips.refresh(clip);
    assert.equal(open(book.create(clip), 'editor').state?.clip?.mediaUri, address);
    await utimes(clip, new Date(), new Date());
    await eventually(() => assert.notEqual(tab.state?.clip?.mediaUri ?? address, address));
    await eventually(() => assert.equal(tab.state?.clip?.duration, 120_000_000));
  });
});
