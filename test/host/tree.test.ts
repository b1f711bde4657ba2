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
import { SessionTree } from '../../src/views/session-tree.js';

describe('the tree of sessions', function () {
  this.timeout(30_000);
  const root = join(import.meta.dirname, '../../..');
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'tree');
  const media = createMediaEngine({ workerPath: join(root, 'dist/media-worker.mjs') });
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
    tree = new SessionTree(book);
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
    assert.match(item.tooltip as string, /interview\.mp4\nTimeline \(2 tracks\): 1\. Video: interview\.mp4 \(0-85s\)/);
    assert.deepEqual(
      tree.getChildren(node).map((track) => tree.getTreeItem(track).label),
      ['Video: interview.mp4 (0-85s)', 'Sound: interview.mp4 (0-85s)'],
    );
    assert.ok(drawn > 0 && drawn <= 8, `${drawn} times`);
  });

  it('forgets a session that is deleted', async () => {
    const [session] = book.sessions;
    assert.ok(session);
    await book.remove(session.id);
    assert.deepEqual(tree.getChildren(), []);
  });
});
