import assert from 'node:assert/strict';
import { copyFile, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { judge, LocalBench } from './local-setup.js';

const SECTION = { in: 1_000_000, out: 2_000_000 };

describe('a clip that becomes another file', function () {
  this.timeout(120_000);
  let bench: LocalBench;
  let long: string;
  let short: string;
  let clip: string;
  let ports: SessionPorts;
  let values: Map<string, unknown>;
  let number = 0;

  before(async () => {
    bench = await LocalBench.open();
    long = await bench.makeClip('long.mp4', 5);
    short = await bench.makeClip('short.mp4', 4);
  });
  after(() => bench.close());

  beforeEach(async () => {
    clip = join(bench.folder, `talk-${number++}.mp4`);
    await copyFile(long, clip);
    values = new Map();
    ports = bench.sessionPorts(values);
  });

  /** A session whose clip the person has looked at: what it saw is stored. */
  const opened = async (): Promise<TrimSession> => {
    const session = new SessionBook(ports).create();
    session.setClip(clip);
    const isSeen = (): boolean => JSON.stringify([...values.values()]).includes('"seen"');
    while (!isSeen()) await new Promise((resolve) => setImmediate(resolve));
    return session;
  };
  const replace = async (): Promise<void> => {
    await rm(clip);
    await copyFile(short, clip);
  };
  const older = (error: unknown): true => {
    assert.ok(error instanceof SessionError, String(error));
    assert.equal(error.kind, 'refused');
    assert.match(
      error.message,
      /^talk-\d+\.mp4 has changed since it was opened here, so the sections were marked on an older file\. Nothing was cut; look at it again and mark them anew\.$/,
    );
    return true;
  };
  const results = async (): Promise<string[]> =>
    (await readdir(bench.folder)).filter((name) => name.startsWith(`talk-${number - 1}.t`) || name.endsWith('.part'));

  it('after it was marked and before it is cut: that is said, nothing is cut, and marked anew it is', async () => {
    const session = await opened();
    await replace();
    await assert.rejects(session.remove([SECTION]), older);
    await session.remove([SECTION]);
    const { outputPath } = await session.export();
    assert.ok(Math.abs((await judge(outputPath)).duration - 3) < 0.1);
  });

  it('after a reload of the window, too', async () => {
    const before = await opened();
    await replace();
    const session = new SessionBook(ports).get(before.id);
    assert.ok(session);
    await assert.rejects(session.remove([SECTION]), older);
  });

  it('between the cut and the export: that is said, nothing is written, and it can be cut anew', async () => {
    const session = await opened();
    await session.remove([SECTION]);
    await replace();
    await assert.rejects(session.export(), older);
    assert.deepEqual(await results(), []);
    await session.remove([{ in: 0, out: 1_000_000 }]);
    const { outputPath } = await session.export();
    assert.ok(Math.abs((await judge(outputPath)).duration - 3) < 0.1);
  });

  it('only by its date: that is said as well, because its content might be another', async () => {
    const session = await opened();
    await utimes(clip, 1, 1);
    await assert.rejects(session.say('cut the first second'), older);
  });

  it('that is gone: the export says so and writes nothing', async () => {
    const session = await opened();
    await session.remove([SECTION]);
    await rm(clip);
    await assert.rejects(
      session.export(),
      /talk-\d+\.mp4 was moved, renamed or deleted\. Put it back, or open it again/,
    );
    assert.deepEqual(await results(), []);
    await copyFile(long, clip);
  });
});
