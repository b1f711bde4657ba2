import assert from 'node:assert/strict';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { startLocalEngine, type LocalEngine } from '../../src/local/engine.js';
import { createMediaEngine } from '../../src/media/engine.js';
import { createNemoClient } from '../../src/nemo/client.js';
import { systemClock } from '../../src/nemo/clock.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import { memoryStore } from './idle-book.js';
import { SessionBook } from '../../src/session/session-book.js';
import { jobsOf } from '../../src/views/jobs.js';
import { SessionTree, type SessionNode } from '../../src/views/session-tree.js';
import { StatusBar } from '../../src/views/status-bar.js';
import { eventually } from './eventually.js';
import { say } from './say.js';

describe('the tree of sessions', function () {
  this.timeout(60_000);
  const root = join(import.meta.dirname, '../../..');
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'tree');
  const media = createMediaEngine({ workerPath: join(root, 'dist/media-worker.mjs') });
  const waiting: { id: string; session: string; file: string }[] = [];
  const noQueue = { waiting, cancel: (): void => undefined };
  let engine: LocalEngine;
  let book: SessionBook;
  let tree: SessionTree;

  before(async () => {
    await mkdir(folder, { recursive: true });
    await copyFile(join(root, 'media/sample.mp4'), join(folder, 'interview.mp4'));
    engine = await startLocalEngine({ media, dataFolder: join(folder, 'engine') });
    const client = createNemoClient({
      baseUrl: engine.baseUrl,
      webUrl: 'http://127.0.0.1:9',
      tokens: staticTokenSource(engine.token),
      attribution: { version: '0.0.0', platform: 'unknown' },
      localFiles: true,
    });
    book = new SessionBook({
      connectEngine: () => Promise.resolve(client),
      chooseEngine: () => Promise.resolve('local'),
      readDuration: async (path) => (await media.probe(path)).duration,
      clock: systemClock,
      store: memoryStore(),
      log: () => undefined,
    });
    tree = new SessionTree(book, noQueue);
  });

  after(async () => {
    tree.dispose();
    book.dispose();
    await engine.close();
    await media.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('lists a session without tracks as one line', () => {
    book.create(join(folder, 'interview.mp4'));
    const [node, ...others] = tree.getChildren();
    assert.ok(node && others.length === 0);
    const item = tree.getTreeItem(node);
    assert.deepEqual(
      [item.label, item.description, item.collapsibleState, item.contextValue],
      ['interview.mp4', '', vscode.TreeItemCollapsibleState.None, 'session'],
    );
    assert.deepEqual(tree.getChildren(node), []);
  });

  it('puts the tracks under it, with what an edit made of them, and draws no more often than they change', async () => {
    let drawn = 0;
    const listening = tree.onDidChangeTreeData(() => (drawn += 1));
    const [session] = book.sessions;
    assert.ok(session);
    await session.say('remove the section between 0:45 and 1:20 and join the remaining parts smoothly');
    listening.dispose();
    const [node] = tree.getChildren();
    assert.ok(node);
    const item = tree.getTreeItem(node);
    assert.equal(item.description, '1:25 · this machine');
    assert.equal(item.contextValue, 'session.draft');
    assert.equal(item.tooltip, undefined);
    const { tooltip } = tree.resolveTreeItem(item, node);
    assert.match(tooltip as string, /interview\.mp4\nTimeline \(2 tracks\): 1\. Video: interview\.mp4 \(0-85s\)/);
    const tracks = tree.getChildren(node).map((track) => tree.getTreeItem(track));
    assert.deepEqual(
      tracks.map(({ label, description, contextValue }) => [label, description, contextValue]),
      [
        ['Video: interview.mp4', '1:25', 'track'],
        ['Sound: interview.mp4', '1:25', 'track'],
      ],
    );
    // A question, an answer, four kinds of work: each once, with what is beneath.
    assert.ok(drawn > 0 && drawn <= 12, `${drawn} times`);
  });

  it('puts the segments under a track, each with its place in the clip, and a click goes there', () => {
    const [session] = tree.getChildren();
    const [video] = tree.getChildren(session);
    const segments = tree.getChildren(video).map((segment) => tree.getTreeItem(segment));
    assert.deepEqual(
      segments.map(({ label, description, tooltip }) => [label, description, tooltip]),
      [
        ['0:00–0:45', '0:45', 'interview.mp4 0:00–0:45\n0:00–0:45 of the result'],
        ['1:20–2:00', '0:40', 'interview.mp4 1:20–2:00\n0:45–1:25 of the result'],
      ],
    );
    const [node] = segments[1]?.command?.arguments as SessionNode[];
    assert.deepEqual([segments[1]?.command?.command, node?.kind], ['videoTrimmer.openSession', 'segment']);
  });

  it('says each row as a whole to a screen reader, and names each by an id that stays', () => {
    const rows = (): vscode.TreeItem[] => {
      const beneath = (node?: SessionNode): SessionNode[] =>
        tree.getChildren(node).flatMap((child) => [child, ...beneath(child)]);
      return beneath().map((node) => tree.getTreeItem(node));
    };
    assert.deepEqual(
      rows()
        .slice(0, 3)
        .map(({ accessibilityInformation }) => accessibilityInformation?.label),
      [
        'Session interview.mp4, 1:25, this machine',
        'Track Video: interview.mp4, 1:25, 2 segments',
        'Segment 0:00–0:45, 0:45, 0:00–0:45 of the result',
      ],
    );
    const ids = rows().map(({ id }) => id);
    assert.equal(new Set(ids).size, 7);
    tree.refresh();
    assert.deepEqual(
      rows().map(({ id }) => id),
      ids,
    );
  });

  it('shows a job with its progress beneath its session while it runs, and one that waits', async () => {
    const [session] = book.sessions;
    assert.ok(session);
    const [node] = tree.getChildren();
    const seen = new Set<string>();
    const status = new StatusBar(book, noQueue);
    const items: vscode.StatusBarItem[] = [];
    const { createStatusBarItem } = vscode.window;
    (vscode.window as { createStatusBarItem: unknown }).createStatusBarItem = (...given: [string]) => {
      const item = createStatusBarItem(...given);
      items.push(item);
      return item;
    };
    const shown = new Set<string>();
    const listening = tree.onDidChangeTreeData(() => {
      for (const child of tree.getChildren(node)) {
        const { label, contextValue, accessibilityInformation } = tree.getTreeItem(child);
        if (contextValue === 'job') seen.add(`${label as string} | ${accessibilityInformation?.label}`);
      }
      for (const { text, accessibilityInformation } of items) {
        shown.add(`${text} | ${accessibilityInformation?.label}`);
      }
    });
    waiting.push({ id: 'later', session: session.id, file: 'interview.trimmed.mp4' });
    tree.queueChanged();
    assert.deepEqual(
      [...seen],
      ['Export of interview.trimmed.mp4 | Export of interview.trimmed.mp4, waits for its turn'],
    );
    try {
      const exported = session.export();
      await eventually(() =>
        assert.ok([...seen].some((line) => line.startsWith('Rendering… | Rendering interview.mp4'))),
      );
      await exported;
      await eventually(() => assert.ok([...seen].some((line) => line.startsWith('Saving… | Saving interview.mp4'))));
      const words = [...shown].join('\n');
      assert.match(words, /^\$\(loading~spin\) Rendering interview\.mp4( \d+%)? \| Rendering interview\.mp4/mu);
    } finally {
      listening.dispose();
      (vscode.window as { createStatusBarItem: unknown }).createStatusBarItem = createStatusBarItem;
      status.dispose();
    }
    const beneath = tree.getChildren(node).map((child) => tree.getTreeItem(child).contextValue);
    assert.deepEqual(beneath, ['job', 'track', 'track']);
    waiting.length = 0;
    tree.queueChanged();
    assert.deepEqual(
      tree.getChildren(node).map((child) => tree.getTreeItem(child).contextValue),
      ['track', 'track'],
    );
  });

  it('calls a running job off, and the session stays as it was', async () => {
    const [session] = book.sessions;
    assert.ok(session);
    const stopped = assert.rejects(session.export(), { kind: 'stopped' });
    await eventually(() => {
      const [job] = jobsOf(session, noQueue);
      assert.ok(job);
      job.cancel();
    });
    await stopped;
    assert.deepEqual([jobsOf(session, noQueue).length, session.snapshot.timelineLength], [0, 85_000_000]);
  });

  it('tells in the status bar of the cloud’s credits when they run low, and of none otherwise', () => {
    const status = new StatusBar(book, noQueue);
    const items: Pick<vscode.StatusBarItem, 'text' | 'command' | 'accessibilityInformation'>[] = [];
    const { createStatusBarItem } = vscode.window;
    (vscode.window as { createStatusBarItem: unknown }).createStatusBarItem = () => {
      const item = {
        text: '',
        command: '',
        show: () => undefined,
        dispose: () => void items.splice(0),
        accessibilityInformation: undefined,
      };
      items.push(item);
      return item;
    };
    const shown = [1000, 60, 40, 100].map((available) => {
      status.takeCredits({ available, frozen: 0, total: 1000 });
      const [item] = items;
      return [
        item?.text,
        item?.accessibilityInformation?.label,
        (item?.command as vscode.Command | undefined)?.command,
      ];
    });
    (vscode.window as { createStatusBarItem: unknown }).createStatusBarItem = createStatusBarItem;
    status.dispose();
    const nothing = [undefined, undefined, undefined];
    assert.deepEqual(shown, [
      nothing,
      ['$(credit-card) 60 credits left', 'Video Trimmer, 60 credits left', 'videoTrimmer.checkCredits'],
      ['$(credit-card) 40 credits left', 'Video Trimmer, 40 credits left', 'videoTrimmer.checkCredits'],
      nothing,
    ]);
  });

  it('holds a thousand sessions without looking into any of their timelines', () => {
    const values = new Map<string, unknown>();
    const ids = Array.from({ length: 1000 }, (_, index) => `session-${index}`);
    let read = 0;
    const draft = new Proxy({}, { get: () => void (read += 1), has: () => Boolean((read += 1)) });
    values.set('videoTrimmer.sessions', ids);
    for (const id of ids) {
      const session = { version: 2, id, title: id, createdAt: 0, uploads: [], removed: [], chat: [], draft };
      values.set(`videoTrimmer.session.${id}`, { ...session, engine: 'local', timeline: { duration: 60_000_000 } });
    }
    const many = new SessionBook({
      connectEngine: () => Promise.reject(new Error('not to be asked for')),
      chooseEngine: () => Promise.resolve(undefined),
      readDuration: () => Promise.resolve(0),
      clock: systemClock,
      store: { get: (key) => values.get(key), update: () => Promise.resolve() },
      log: () => undefined,
    });
    const large = new SessionTree(many, noQueue);
    const start = performance.now();
    const items = large.getChildren().map((node) => large.getTreeItem(node));
    say(`a thousand rows in ${(performance.now() - start).toFixed(0)} ms`);
    assert.deepEqual([items.length, read], [1000, 0]);
    assert.ok(items.every(({ description }) => description === '1:00 · this machine'));
    const { Expanded } = vscode.TreeItemCollapsibleState;
    assert.equal(items.filter(({ collapsibleState }) => collapsibleState === Expanded).length, 1);
    // One that changes has its own row drawn, not the other 999.
    const drawn: unknown[] = [];
    const listening = large.onDidChangeTreeData((rows) => drawn.push(rows));
    many.sessions[7]?.rename('Another name');
    assert.deepEqual(drawn, [large.getChildren()[7]]);
    listening.dispose();
    large.dispose();
    many.dispose();
  });

  it('forgets a session that is deleted', async () => {
    const [session] = book.sessions;
    assert.ok(session);
    await book.remove(session.id);
    assert.deepEqual(tree.getChildren(), []);
  });
});
