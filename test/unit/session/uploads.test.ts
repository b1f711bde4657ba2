import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { UploadProgress } from '../../../src/nemo/protocol.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { SessionError } from '../../../src/session/session-error.js';
import type { Activity } from '../../../src/session/snapshot.js';
import { chat, nemoError, scene, type Scene } from './scripted-cloud.js';

describe('several files on their way', () => {
  let s: Scene;
  let folder: string;
  /** What the cloud got to see: the file and the end of its sending. */
  let sent: string[];

  const path = (name: string): string => join(folder, name);
  const uploading = (): Extract<Activity, { kind: 'uploading' }> => {
    const { activity } = s.session.snapshot;
    assert.ok(activity.kind === 'uploading', activity.kind);
    return activity;
  };
  const idOf = (name: string): string => uploading().files.find((file) => file.name === name)?.id ?? '';
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-uploads-'));
    s = scene({ clip: path('talk.mp4') });
    sent = [];
    for (const [name, bytes] of [
      ['talk.mp4', 3_000_000],
      ['music.m4a', 1_000_000],
      ['logo.png', 1_000_000],
    ] as const) {
      await writeFile(path(name), Buffer.alloc(bytes));
    }
    const upload = s.cloud.upload.bind(s.cloud);
    // Each takes ten seconds, and is half there after five of them.
    s.cloud.upload = async (
      id: string,
      paths: readonly string[],
      { signal, onProgress }: { signal?: AbortSignal; onProgress?: (now: UploadProgress) => void } = {},
    ) => {
      const name = paths.map((one) => basename(one)).join();
      sent.push(name);
      await s.clock.sleep(5000, signal);
      onProgress?.({ sentBytes: 5, totalBytes: 10 });
      await s.clock.sleep(5000, signal);
      sent.push(`${name} arrived`);
      return await upload(id, paths);
    };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('go up one after the other, each with its own share, and all of them by their bytes', async () => {
    const seen: string[] = [];
    s.session.onDidChange(() => {
      const { activity } = s.session.snapshot;
      if (activity.kind !== 'uploading') return;
      const files = activity.files.map(({ name, fraction }) => `${name} ${fraction}`).join(', ');
      seen.push(`${activity.fraction}: ${files}`);
    });
    await s.clock.run(s.session.upload([path('talk.mp4'), path('music.m4a')]));
    assert.deepEqual(
      [...new Set(seen)],
      ['0: talk.mp4 0, music.m4a 0', '0.375: talk.mp4 0.5, music.m4a 0', '0.75: music.m4a 0', '0.875: music.m4a 0.5'],
    );
    assert.deepEqual(sent, ['talk.mp4', 'talk.mp4 arrived', 'music.m4a', 'music.m4a arrived']);
    assert.equal(chat(s.session).at(-1), 'status: Uploaded talk.mp4 and music.m4a.');
    assert.deepEqual(s.session.snapshot.attached, ['music.m4a']);
    assert.equal(s.session.snapshot.clip?.uploaded, true);
  });

  it('can each be left out by itself: the one under way, and one that still waits', async () => {
    const work = s.session.upload([path('talk.mp4'), path('music.m4a'), path('logo.png')]);
    await until(() => sent.length === 1);
    await s.session.cancelUpload(idOf('logo.png'));
    assert.deepEqual(
      uploading().files.map(({ name }) => name),
      ['talk.mp4', 'music.m4a'],
    );
    await s.clock.run(until(() => sent.includes('music.m4a')));
    await s.session.cancelUpload(idOf('music.m4a'));
    await s.clock.run(work);
    assert.deepEqual(sent, ['talk.mp4', 'talk.mp4 arrived', 'music.m4a']);
    assert.equal(chat(s.session).at(-1), 'status: Uploaded talk.mp4 (3:00). music.m4a and logo.png were left out.');
    assert.deepEqual(s.session.snapshot.attached, []);
  });

  it('may lose the clip itself: the others arrive, and it goes up when it is needed', async () => {
    const work = s.session.upload([path('talk.mp4'), path('music.m4a')]);
    await until(() => sent.length === 1);
    await s.session.cancelUpload(idOf('talk.mp4'));
    await s.clock.run(work);
    const { clip, attached } = s.session.snapshot;
    assert.deepEqual([clip?.name, clip?.uploaded, attached], ['talk.mp4', false, ['music.m4a']]);
    await s.clock.run(s.session.say('upload'));
    assert.deepEqual(sent.slice(-2), ['talk.mp4', 'talk.mp4 arrived']);
  });

  it('end with the last one: that is the same as to stop', async () => {
    const work = s.session.upload([path('talk.mp4'), path('music.m4a')]);
    const stopped = assert.rejects(work, (error: unknown) => error instanceof SessionError && error.kind === 'stopped');
    await until(() => sent.length === 1);
    await s.session.cancelUpload(idOf('music.m4a'));
    await s.clock.run(s.session.cancelUpload(idOf('talk.mp4')));
    await stopped;
    assert.equal(s.session.busy, false);
    assert.equal(chat(s.session).at(-1), 'status: Stopped.');
  });

  it('that cannot be sent do not keep the others back, and are all that is tried again', async () => {
    const upload = s.cloud.upload.bind(s.cloud);
    let refuses = true;
    s.cloud.upload = async (id, paths, ...more) => {
      if (refuses && paths[0]?.endsWith('.m4a')) throw nemoError('file', 'music.m4a is empty.');
      return await upload(id, paths, ...more);
    };
    const work = s.session.upload([path('talk.mp4'), path('music.m4a'), path('logo.png')]);
    await assert.rejects(s.clock.run(work), /music\.m4a is empty/u);
    const [uploaded = '', failed = ''] = chat(s.session).slice(-2);
    assert.equal(uploaded, 'status: Uploaded talk.mp4 and logo.png.');
    assert.match(failed, /^error: music\.m4a is empty\./u);
    refuses = false;
    sent = [];
    await s.clock.run(s.session.retry());
    assert.deepEqual(sent, ['music.m4a', 'music.m4a arrived']);
    assert.deepEqual(s.session.snapshot.attached, ['logo.png', 'music.m4a']);
  });

  it('all go up again in the new session when the old one is gone in the middle, but for those left out', async () => {
    const work = s.session.upload([path('talk.mp4'), path('music.m4a'), path('logo.png')]);
    await until(() => sent.length === 1);
    await s.session.cancelUpload(idOf('logo.png'));
    await s.clock.run(until(() => sent.includes('talk.mp4 arrived')));
    s.cloud.fail('upload', nemoError('session-not-found'));
    await s.clock.run(work);
    assert.deepEqual(sent.slice(-4), ['talk.mp4', 'talk.mp4 arrived', 'music.m4a', 'music.m4a arrived']);
    assert.ok(!sent.includes('logo.png'));
  });

  it('that a crash cut off are named one by one: what arrived, and what did not', async () => {
    const work = s.session.upload([path('talk.mp4'), path('music.m4a'), path('logo.png')]);
    work.catch(() => undefined);
    await s.clock.run(until(() => sent.includes('music.m4a')));
    const kept = new Map([...s.values].map(([key, value]) => [key, JSON.stringify(value)]));
    const store = {
      get: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
      update: () => Promise.resolve(),
    };
    const again = new SessionBook({ ...s.ports, store }).get(s.session.id);
    s.session.dispose();
    await s.clock.run(work.catch(() => undefined));
    assert.ok(again);
    assert.equal(again.snapshot.clip?.uploaded, true);
    await s.clock.run(
      assert.rejects(again.takeUp(), /^SessionError: The upload of music\.m4a and logo\.png was interrupted/),
    );
    assert.equal(
      chat(again).at(-1),
      'error: The upload of music.m4a and logo.png was interrupted. Try again when you like. [retry]',
    );
  });
});
