import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { NemoErrorKind } from '../../../src/nemo/errors.js';
import type { StoredSession } from '../../../src/session/stored-session.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { SessionError } from '../../../src/session/session-error.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { totalDuration } from '../../../src/timeline/sections.js';
import { chat, CLIP_LENGTH, nemoError, say, scene, SECOND, type Scene, type ScriptedEngine } from './scripted-cloud.js';

const section = (from: number, to: number) => ({ in: from * SECOND, out: to * SECOND });
const ORDER = { sections: [section(45, 80)] };
const SENTENCE = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';

describe('several videos with one instruction', () => {
  let s: Scene;
  let folder: string;
  let paths: string[];
  let session: TrimSession;
  /** Lengths of clips that are not as long as the others. */
  let lengths: Record<string, number>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-batch-'));
    paths = ['a.mp4', 'b.mp4', 'c.mp4'].map((name) => join(folder, name));
    for (const path of paths) await writeFile(path, 'a source');
    lengths = {};
    open('cloud');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (engine: 'cloud' | 'local'): void => {
    s = scene({ choose: () => Promise.resolve(engine) });
    const readDuration = (path: string): Promise<number> =>
      Promise.resolve(
        paths.includes(path)
          ? (lengths[basename(path)] ?? CLIP_LENGTH)
          : totalDuration(session.snapshot.engine === 'local' ? (s.local.kept ?? []) : (s.cloud.kept ?? [])),
      );
    session = new SessionBook({ ...s.ports, readDuration }).create();
  };
  const cuts = (engine: ScriptedEngine, times = 3): void => {
    engine.scripts = Array.from({ length: times }, () => [{ cut: section(45, 80) }, say('Cut.')]);
  };
  const results = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.includes('trimmed'));

  it('are done one after the other in one session, with one message and one render each, and told in one line', async () => {
    cuts(s.cloud);
    const { files, summary } = await s.clock.run(session.batch(paths, ORDER));
    assert.deepEqual(await results(), ['a.trimmed.mp4', 'b.trimmed.mp4', 'c.trimmed.mp4']);
    assert.equal(s.cloud.calls.filter((call) => call === 'createSession').length, 1);
    assert.equal(s.cloud.calls.filter((call) => call === 'upload s1').length, 3);
    assert.equal(s.cloud.messages.length, 3);
    assert.equal(new Set(s.cloud.renders.map(({ id }) => id)).size, 3);
    assert.equal(summary, 'All 3 videos are done: a.trimmed.mp4, b.trimmed.mp4 and c.trimmed.mp4.');
    assert.equal(chat(session).at(-1), `export: ${summary} [reveal-output]`);
    assert.equal(files.length, 3);
    assert.equal(session.snapshot.title, '3 videos');
    assert.equal(chat(session)[0], `user: In each of 3 videos: ${SENTENCE}`);
    assert.ok(chat(session).includes('status: 2 of 3: b.mp4'));
  });

  it('in the cloud name the file that is meant, once there are others', async () => {
    cuts(s.cloud);
    await s.clock.run(session.batch(paths, ORDER));
    assert.equal(s.cloud.messages[0], SENTENCE);
    assert.equal(
      s.cloud.messages[1],
      `Work on b.mp4 alone and take the other videos off the timeline. In b.mp4, ${SENTENCE}`,
    );
  });

  it('here are said as they are: each file has its own timeline', async () => {
    open('local');
    cuts(s.local);
    await s.clock.run(session.batch(paths, { text: 'remove the long pause' }));
    assert.deepEqual(s.local.messages, ['remove the long pause', 'remove the long pause', 'remove the long pause']);
    assert.equal((await results()).length, 3);
  });

  it('go on when one fails; the summary says which and why, and that one can be tried again alone', async () => {
    cuts(s.cloud);
    s.cloud.statuses = [
      { status: 'completed' },
      { status: 'failed', message: 'The renderer is out of memory.' },
      { status: 'failed', message: 'The renderer is out of memory.' },
      { status: 'completed' },
    ];
    const { summary } = await s.clock.run(session.batch(paths, ORDER));
    assert.equal(
      summary,
      '2 of 3 videos are done: a.trimmed.mp4 and c.trimmed.mp4. b.mp4 is not: The renderer is out of memory.',
    );
    assert.match(chat(session).at(-1) ?? '', /\[reveal-output,retry,use-local\]$/u);
    cuts(s.cloud, 1);
    await s.clock.run(session.retry());
    assert.deepEqual(await results(), ['a.trimmed.mp4', 'b.trimmed.mp4', 'c.trimmed.mp4']);
    assert.equal(s.cloud.messages.length, 4);
  });

  it('that failed in the cloud can go on here, and only those', async () => {
    cuts(s.cloud, 2);
    s.cloud.fail('upload', undefined, nemoError('too-large', 'no', '4002'));
    await s.clock.run(session.batch(paths.slice(0, 2), ORDER));
    cuts(s.local, 1);
    await s.clock.run(session.useEngine('local'));
    assert.deepEqual(s.local.messages, [SENTENCE]);
    assert.deepEqual(await results(), ['a.trimmed.mp4', 'b.trimmed.mp4']);
  });

  it('that are too short for the section are told before they are uploaded', async () => {
    lengths['b.mp4'] = 30 * SECOND;
    cuts(s.cloud, 2);
    const { summary } = await s.clock.run(session.batch(paths, ORDER));
    assert.match(summary, /b\.mp4 is not: The clip ends at 0:30\. Choose an in point before that\.$/u);
    assert.equal(s.cloud.calls.filter((call) => call.startsWith('upload')).length, 2);
  });

  it('are not exported when the timeline is not what it should have become', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }], [{ cut: section(0, 5) }]];
    const { summary } = await s.clock.run(session.batch(paths.slice(0, 2), ORDER));
    assert.match(summary, /b\.mp4 is not: The timeline became 2:55 long instead of 2:25, so it was not exported\.$/u);
    assert.deepEqual(await results(), ['a.trimmed.mp4']);
  });

  it('whose edit changes nothing are not exported', async () => {
    s.cloud.scripts = [[say('Which part?')], [{ cut: section(45, 80) }, say('Cut.')]];
    const { summary } = await s.clock.run(session.batch(paths.slice(0, 2), { text: 'remove the long pause' }));
    assert.equal(summary, '1 of 2 videos is done: b.trimmed.mp4. a.mp4 is not: Nothing was exported: Which part?');
  });

  for (const kind of ['no-credits', 'unauthorized', 'export-blocked'] as NemoErrorKind[]) {
    it(`stop costing when all of them would fail the same way (${kind})`, async () => {
      cuts(s.cloud);
      s.cloud.fail(kind === 'export-blocked' ? 'submit' : 'run', nemoError(kind, 'No.', '1'));
      const { files, summary } = await s.clock.run(session.batch(paths, ORDER));
      assert.equal(s.cloud.messages.length, 1);
      assert.equal(files.length, 3);
      assert.match(summary, /^0 of 3 videos are done\. a\.mp4, b\.mp4 and c\.mp4 are not: /u);
      assert.match(chat(session).at(-1) ?? '', /^error: .*use-local/u);
    });
  }

  it('can be stopped; what is done by then stays', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }], [{ wait: 600_000 }]];
    const work = session.batch(paths, ORDER);
    const stopped = (async () => {
      while (s.cloud.messages.length < 2) await s.clock.sleep(1000);
      await session.stop();
    })();
    const rejected = assert.rejects(work, (error) => error instanceof SessionError && error.kind === 'stopped');
    await s.clock.run(Promise.all([rejected, stopped]));
    assert.deepEqual(await results(), ['a.trimmed.mp4']);
    assert.equal(session.interrupted, false);
  });

  it('are not begun when the question where to cut is dismissed', async () => {
    s = scene({ choose: () => Promise.resolve(undefined) });
    session = s.book.create();
    await assert.rejects(session.batch(paths, ORDER), (error) => (error as SessionError).kind === 'dismissed');
    assert.deepEqual(s.cloud.calls, []);
    assert.equal(session.interrupted, false);
  });

  it('named twice are done once', async () => {
    cuts(s.cloud, 1);
    const { files } = await s.clock.run(session.batch([paths[0] ?? '', paths[0] ?? ''], ORDER));
    assert.equal(files.length, 1);
    assert.deepEqual(await results(), ['a.trimmed.mp4']);
  });

  it('whose window crashed: the render is picked up, and the rest is offered, not sent', async () => {
    cuts(s.cloud, 2);
    s.cloud.statuses = [{ status: 'completed' }, { status: 'processing' }];
    const work = session.batch(paths, ORDER);
    work.catch(() => undefined);
    while (s.cloud.renders.length < 2) await s.clock.run(s.clock.sleep(1000));
    const kept = new Map([...s.values].map(([key, value]) => [key, JSON.stringify(value)]));
    const madeAndLeft: string[] = [];
    const store = {
      get: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
      update: (key: string, value: unknown) => {
        // What has arrived is noted with the end of its render: no second crash makes it one that is left to be done.
        const { batch, chat: told = [] } = (value ?? {}) as Pick<StoredSession, 'batch'> & Partial<StoredSession>;
        const made = told.flatMap(({ outputPath }) => outputPath?.replace('.trimmed', '') ?? []);
        madeAndLeft.push(...(batch?.left ?? []).filter((path) => made.includes(path)));
        return Promise.resolve(void kept.set(key, JSON.stringify(value)));
      },
    };
    session.dispose();
    await s.clock.run(work.catch(() => undefined));
    const readDuration = (path: string): Promise<number> =>
      Promise.resolve(paths.includes(path) ? CLIP_LENGTH : totalDuration(s.cloud.kept ?? []));
    const again = new SessionBook({ ...s.ports, store, readDuration }).get(session.id);
    assert.ok(again?.interrupted);
    s.cloud.statuses = [{ status: 'completed' }];
    await s.clock.run(again.takeUp());
    assert.deepEqual(await results(), ['a.trimmed.mp4', 'b.trimmed.mp4']);
    assert.equal(s.cloud.renders.length, 2);
    assert.deepEqual(madeAndLeft, []);
    assert.equal(chat(again).at(-1), 'status: 2 of 3 videos are done. Not done when the window closed: c.mp4. [retry]');
    cuts(s.cloud, 1);
    await s.clock.run(again.retry());
    assert.deepEqual(await results(), ['a.trimmed.mp4', 'b.trimmed.mp4', 'c.trimmed.mp4']);
  });
});
