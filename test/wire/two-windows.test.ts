import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { SessionBook } from '../../src/session/session-book.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { LocalBench, type EngineWindow } from './local-setup.js';

describe('two windows on one workspace', function () {
  this.timeout(120_000);
  let bench: LocalBench;
  let clip: string;
  let other: EngineWindow;

  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4', 10);
    other = await bench.openWindow();
  });
  after(async () => {
    await other?.close();
    await bench?.close();
  });

  const sessionIn = (client: NemoClient, values = new Map<string, unknown>()): TrimSession => {
    const ports = { ...bench.sessionPorts(values), connectEngine: () => Promise.resolve(client) };
    return new SessionBook(ports).create(clip);
  };
  const say = async (client: NemoClient, sessionId: string, text: string): Promise<void> => {
    for await (const event of client.run({ sessionId, text })) assert.notEqual(event.type, 'error');
  };

  it('that edit one session at the same time lose no edit', async () => {
    const sessionId = await bench.newSession(clip);
    const edits = Array.from(
      { length: 16 },
      (_, n) => `remove ${(n * 0.3).toFixed(1)}s to ${(n * 0.3 + 0.2).toFixed(1)}s`,
    );
    await Promise.all(
      [bench.client, other.client].map(async (client, window) => {
        for (const edit of edits.filter((_, n) => n % 2 === window)) {
          await say(client, sessionId, edit);
        }
      }),
    );
    const record = JSON.parse(await readFile(join(bench.dataFolder, 'sessions', `${sessionId}.json`), 'utf8')) as {
      clips: { past: unknown[] }[];
    };
    assert.equal(record.clips[0]?.past.length, edits.length);
    const left = await readdir(join(bench.dataFolder, 'sessions'));
    assert.deepEqual(
      left.filter((name) => !name.endsWith('.json')),
      [],
    );
  });

  it('of which one was killed while it held the session: the other waits no longer than for a living one', async () => {
    const sessionId = await bench.newSession(clip);
    const lock = join(bench.dataFolder, 'sessions', `${sessionId}.json.lock`);
    await writeFile(lock, '');
    await utimes(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    await say(other.client, sessionId, 'remove the first second');
    assert.equal(await bench.timeline(sessionId), '1-10');
  });

  it('of which one deletes the session that the other edits does not see it come back', async () => {
    const sessionId = await bench.newSession(clip);
    const edits = ['remove 1s to 2s', 'remove 3s to 4s', 'undo', 'redo'];
    await Promise.allSettled([
      (async () => {
        for (const edit of edits) await say(bench.client, sessionId, edit);
      })(),
      other.client.forgetSession(sessionId),
    ]);
    await assert.rejects(bench.client.state(sessionId));
    assert.ok(!(await readdir(join(bench.dataFolder, 'sessions'))).includes(`${sessionId}.json`));
  });

  it('that export one clip at the same time get two files, each whole, and leave nothing else', async () => {
    const folder = await mkdtemp(join(bench.folder, 'out-'));
    const sessions = [sessionIn(bench.client), sessionIn(other.client), sessionIn(bench.client)];
    for (const [n, session] of sessions.entries()) await session.remove([{ in: 0, out: (n + 1) * 1_000_000 }]);
    const outcomes = await Promise.all(sessions.map((session) => session.export({ folder, name: 'talk.trimmed' })));
    assert.deepEqual((await readdir(folder)).sort(), ['talk.trimmed-2.mp4', 'talk.trimmed-3.mp4', 'talk.trimmed.mp4']);
    for (const [n, { outputPath }] of outcomes.entries()) {
      const { duration } = await bench.media.probe(outputPath);
      assert.ok(Math.abs(duration - (9 - n) * 1_000_000) < 60_000, `${n}: ${duration}`);
    }
  });

  it('that export to one chosen name: one gets it, the other is told, and its file is not mixed into the first', async () => {
    const folder = await mkdtemp(join(bench.folder, 'out-'));
    const outputPath = join(folder, 'chosen.mp4');
    const sessions = [sessionIn(bench.client), sessionIn(other.client)];
    for (const [n, session] of sessions.entries()) await session.remove([{ in: 0, out: (n + 1) * 1_000_000 }]);
    const results = await Promise.allSettled(sessions.map((session) => session.export({ outputPath })));
    const won = results.findIndex(({ status }) => status === 'fulfilled');
    const lost = results.find(({ status }) => status === 'rejected');
    assert.ok(won >= 0 && lost?.status === 'rejected');
    assert.match(String(lost.reason), /chosen\.mp4 is there already and was left as it is\. Choose another name/);
    assert.deepEqual(await readdir(folder), ['chosen.mp4']);
    const { duration } = await bench.media.probe(outputPath);
    assert.ok(Math.abs(duration - (9 - won) * 1_000_000) < 60_000);
  });

  it('takes the next name when another program took the planned one meanwhile', async () => {
    const folder = await mkdtemp(join(bench.folder, 'out-'));
    const session = sessionIn(bench.client);
    await session.remove([{ in: 0, out: 1_000_000 }]);
    const taken = join(folder, 'talk.trimmed.mp4');
    let wrote: Promise<void> | undefined;
    session.onDidChange(() => {
      if (session.snapshot.activity.kind === 'exporting') wrote ??= writeFile(taken, 'of another program');
    });
    const { outputPath } = await session.export({ folder });
    await wrote;
    assert.equal(outputPath, join(folder, 'talk.trimmed-2.mp4'));
    assert.equal(await readFile(taken, 'utf8'), 'of another program');
  });

  it('never takes a folder or a link of that name for a free one', async () => {
    const folder = await mkdtemp(join(bench.folder, 'out-'));
    await mkdir(join(folder, 'talk.trimmed.mp4'));
    await symlink(join(folder, 'nowhere'), join(folder, 'talk.trimmed-2.mp4'));
    const session = sessionIn(bench.client);
    await session.remove([{ in: 0, out: 1_000_000 }]);
    assert.equal((await session.export({ folder })).outputPath, join(folder, 'talk.trimmed-3.mp4'));
    for (const name of ['talk.trimmed.mp4', 'talk.trimmed-2.mp4']) {
      await assert.rejects(session.export({ outputPath: join(folder, name) }), /is there already/);
    }
  });
});
