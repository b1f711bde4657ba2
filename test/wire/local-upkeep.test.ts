import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { clearAfterCrash, keptFolders } from '../../src/local/upkeep.js';
import { systemClock } from '../../src/nemo/clock.js';
import { markedName } from '../../src/nemo/process-mark.js';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { FaultServer } from './fault-server.js';
import { LocalBench } from './local-setup.js';
import { setUp } from './setup.js';

const MINUTE = 60_000;
/** Bytes; more than the buffers on the way hold. */
const SENT = 3_000_000;
const DAY = 24 * 60 * MINUTE;

describe('what the engine on this machine keeps on the disk', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  let web: Server;
  let link: string;

  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4', 3);
    const bytes = await readFile(clip);
    web = createServer((_request, response) => response.end(bytes));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    link = `http://127.0.0.1:${(web.address() as AddressInfo).port}/talk.mp4`;
  });
  after(async () => {
    web.closeAllConnections();
    web.close();
    await bench.close();
  });

  const kept = async (folder: 'sessions' | 'uploads' | 'renders'): Promise<string[]> => {
    const entries = await readdir(join(bench.dataFolder, folder), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  const record = (sessionId: string): string => join(bench.dataFolder, 'sessions', `${sessionId}.json`);
  const received = (sessionId: string): string => join(bench.dataFolder, 'uploads', sessionId);
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  /** As if written this long ago. */
  const age = (path: string, milliseconds: number): Promise<void> => {
    const then = new Date(Date.now() - milliseconds);
    return utimes(path, then, then);
  };
  /** The engine as it is after a restart, on a clock of the test's. */
  const restart = async (): Promise<{ pass: (milliseconds: number) => void }> => {
    let now = Date.now();
    const ticks = new Set<() => void>();
    await bench.stop();
    await bench.start({
      clock: {
        now: () => now,
        every: (_milliseconds, work) => {
          ticks.add(work);
          return () => ticks.delete(work);
        },
      },
    });
    return {
      pass: (milliseconds) => {
        now += milliseconds;
        for (const work of ticks) work();
      },
    };
  };

  it('is nothing of a session that the person deletes: no record, no received file, no rendered one', async () => {
    const ports: SessionPorts = {
      connectEngine: () => Promise.resolve(bench.client),
      chooseEngine: () => Promise.resolve('local'),
      readDuration: async (path) => (await bench.media.probe(path)).duration,
      clock: systemClock,
      store: { get: () => undefined, update: () => Promise.resolve() },
      log: () => undefined,
    };
    const book = new SessionBook(ports);
    const session = book.create();
    await session.upload(new URL(link));
    await session.say('cut the first second');
    const outputPath = join(bench.folder, 'short.mp4');
    const { sessionId } = await session.export({ outputPath });
    assert.deepEqual(
      [await isThere(record(sessionId)), (await readdir(received(sessionId))).length, (await kept('renders')).length],
      [true, 1, 1],
    );
    await book.remove(session.id);
    assert.deepEqual([await isThere(record(sessionId)), await isThere(received(sessionId))], [false, false]);
    assert.deepEqual(await kept('renders'), []);
    assert.ok(await isThere(outputPath), 'the exported file is the person’s');
  });

  it('is nothing of a deleted session whose export is still under way', async () => {
    const sessionId = await bench.newSession(clip);
    const { draft } = await bench.client.state(sessionId);
    const output = { format: 'source', quality: 'high' };
    await bench.client.submitRender({ id: 'render_deleted', sessionId, draft, output });
    await bench.client.forgetSession(sessionId);
    assert.equal(await isThere(record(sessionId)), false);
    // The next render waits for the end of the one before.
    const other = await bench.newSession(clip);
    await bench.render(other, 'render_after');
    assert.equal((await kept('renders')).length, 1);
    await bench.client.forgetSession(other);
    assert.deepEqual(await kept('renders'), []);
  });

  it('is not asked to forget a session twice in vain, nor anything that is no session', async () => {
    await bench.client.forgetSession(await bench.newSession());
    await bench.client.forgetSession('5000000000000000001');
    await assert.rejects(bench.client.forgetSession('../../talk'));
    assert.ok(await isThere(clip));
  });

  it('is no rendered file a minute after it was fetched', async () => {
    const { pass } = await restart();
    const sessionId = await bench.newSession(clip);
    const { url = '' } = await bench.render(sessionId, 'render_fetched');
    await bench.client.download({ renderId: 'render_fetched', url, toFile: join(bench.folder, 'fetched.mp4') });
    pass(MINUTE / 2);
    assert.equal((await kept('renders')).length, 1, 'a client that lost the last bytes may come back');
    pass(MINUTE);
    assert.match((await bench.client.renderStatus('render_fetched')).message ?? '', /deleted after it was fetched/);
    while ((await kept('renders')).length > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is, after a start, no session that was not edited for 90 days, with all it received', async () => {
    const old = await bench.newSession();
    await bench.client.uploadUrls(old, [link]);
    const young = await bench.newSession();
    await bench.client.uploadUrls(young, [link]);
    const damaged = `${record('123')}.unreadable`;
    await writeFile(damaged, '{');
    await age(record(old), 91 * DAY);
    await age(damaged, 91 * DAY);
    await age(record(young), 89 * DAY);
    for (const name of await readdir(received(old))) await age(join(received(old), name), 91 * DAY);
    await restart();
    assert.deepEqual(
      [await isThere(record(old)), await isThere(received(old)), await isThere(damaged)],
      [false, false, false],
    );
    assert.equal((await readdir(received(young))).length, 1);
    await bench.say(young, 'cut the first second');
    assert.equal((await bench.render(young, 'render_young')).status, 'completed');
  });

  it('is, after a start, no received file that no session names, unless it may still be on its way', async () => {
    const sessionId = await bench.newSession();
    await bench.client.uploadUrls(sessionId, [link]);
    const [claimed = ''] = await readdir(received(sessionId));
    const orphan = join(bench.dataFolder, 'uploads', '5000000000000000002');
    await mkdir(orphan);
    const [left, arriving, ofNobody, half] = [
      join(received(sessionId), 'left.mp4'),
      join(received(sessionId), 'arriving.mp4'),
      join(orphan, 'of-nobody.mp4'),
      `${record(sessionId)}.half.tmp`,
    ];
    for (const path of [left, arriving, ofNobody, half]) await writeFile(path, 'bytes');
    for (const path of [left, ofNobody, half, join(received(sessionId), claimed)]) await age(path, 61 * MINUTE);
    await restart();
    assert.deepEqual((await readdir(received(sessionId))).sort(), ['arriving.mp4', claimed].sort());
    assert.deepEqual([await isThere(orphan), await isThere(half)], [false, false]);
  });

  it('is, when the next window opens, nothing half done by a process that was killed, be its number given again', async () => {
    const sessionId = await bench.newSession();
    await bench.client.uploadUrls(sessionId, [link]);
    const [claimed = ''] = await readdir(received(sessionId));
    // No process has the first number; the second is ours, and was that of another process before.
    const [gone, again, alive] = ['99999999-t1-x', `${process.pid}-b1-x`, markedName()];
    const left = [gone, again].flatMap((owner) => [
      join(received(sessionId), `${owner}.mp4`),
      `${record(sessionId)}.${owner}.tmp`,
      join(bench.dataFolder, 'renders', owner, 'half.mp4'),
    ]);
    const kept = [
      join(received(sessionId), claimed),
      join(received(sessionId), `${alive}.mp4`),
      `${record(sessionId)}.${alive}.tmp`,
      join(bench.dataFolder, 'renders', alive, 'half.mp4'),
    ];
    for (const path of [...left, ...kept.slice(1)]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'bytes');
    }
    const locks = [gone, again, alive].map(
      (owner) => `${record(owner === alive ? '1' : owner === gone ? '2' : '3')}.lock`,
    );
    for (const [index, owner] of [gone, again, alive].entries()) await writeFile(locks[index] ?? '', owner);
    await clearAfterCrash(keptFolders(bench.dataFolder), () => undefined);
    assert.deepEqual(await Promise.all([...left, ...kept].map(isThere)), [
      ...left.map(() => false),
      ...kept.map(() => true),
    ]);
    assert.deepEqual(await Promise.all(locks.map(isThere)), [false, false, true]);
    for (const path of [...kept.slice(1), locks[2] ?? '']) await rm(path);
  });

  it('is no file of a sender that goes away, whenever that is', async () => {
    const sessionId = await bench.newSession();
    const { baseUrl, token } = bench.engine;
    const part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n';
    const end = '\r\n--b--\r\n';
    for (let pause = 0; pause < 90; pause += 1) {
      const sending = request(`${baseUrl}/api/upload-video/nemo_agent/me/${sessionId}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': String(part.length + SENT + end.length),
        },
      });
      sending.on('error', () => undefined);
      // A part, or all of it: what has come need not have been read.
      sending.write(part + 'x'.repeat(pause % 3 === 0 ? 1000 : SENT) + (pause % 3 === 1 ? end : ''));
      // So long as the engine needs for its first steps; after that it waits for the rest.
      for (let turn = 0; turn < pause; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      sending.destroy();
    }
    // A request of its own, which the engine has answered after those.
    await bench.client.state(sessionId);
    const left = async (): Promise<string[]> => readdir(received(sessionId)).catch(() => []);
    for (let look = 0; look < 500 && (await left()).length > 0; look += 1)
      await new Promise((done) => setTimeout(done, 20));
    assert.deepEqual(await left(), []);
  });

  it('is not the cloud’s: there, deleting a session sends nothing', async () => {
    const server = await FaultServer.start();
    const { client } = setUp(server.url);
    await client.forgetSession('5529798706024415232');
    assert.deepEqual(server.requests, []);
    await client.close();
    await server.close();
  });
});
