import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startLocalEngine, type LocalEngine } from '../../src/local/engine.js';
import { createNemoClient, DEFAULT_WEB_URL } from '../../src/nemo/client.js';
import { systemClock } from '../../src/nemo/clock.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { mountSmallDisk, type SmallDisk } from '../media/small-disk.js';
import { LocalBench } from './local-setup.js';
import { ATTRIBUTION } from './setup.js';

const MIB = 2 ** 20;
const FIRST = [{ in: 0, out: 1_000_000 }];

describe('a disk without room', function () {
  this.timeout(120_000);
  let bench: LocalBench;
  let disk: SmallDisk;
  let clip: string;
  let size: number;

  before(async function () {
    const mounted = await mountSmallDisk(24 * MIB);
    if (!mounted) return this.skip();
    disk = mounted;
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4', 10);
    size = (await stat(clip)).size;
  });
  after(async () => {
    await bench?.close();
    await disk?.close();
  });
  afterEach(() => rm(disk.file('.ballast'), { force: true }));

  const sessionFor = (client: NemoClient, beforeCheck?: () => Promise<void>): TrimSession => {
    const values = new Map<string, unknown>();
    const ports: SessionPorts = {
      connectEngine: () => Promise.resolve(client),
      chooseEngine: () => Promise.resolve('local'),
      readDuration: async (path) => {
        await beforeCheck?.();
        return (await bench.media.probe(path)).duration;
      },
      clock: systemClock,
      store: { get: (key) => values.get(key), update: (key, value) => Promise.resolve(void values.set(key, value)) },
      log: () => undefined,
    };
    return new SessionBook(ports).create(clip);
  };
  const fails = (message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, message);
    return true;
  };
  const filesIn = async (folder: string): Promise<string[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isFile() && entry.name !== '.ballast').map(({ name }) => name);
  };

  describe('where the result goes', () => {
    it('is told with what the result takes before it is fetched, and then only fetched, not rendered again', async () => {
      const folder = disk.file('results');
      await mkdir(folder);
      const session = sessionFor(bench.client);
      await session.remove(FIRST);
      const empty = await disk.fill(Math.floor(size / 2));
      await assert.rejects(
        session.export({ folder }),
        fails(
          /^There is not enough free space in the folder "results": the result takes about [\d.]+ [kM]B, and [\d.]+ [kM]B are free\. Free some and export again\.$/,
        ),
      );
      assert.deepEqual(await filesIn(disk.folder), []);
      const rendered = (): Promise<string[]> => filesIn(join(bench.dataFolder, 'renders'));
      const before = await rendered();
      assert.equal(before.length, 1);
      await empty();
      await session.retry();
      assert.deepEqual(await filesIn(disk.folder), ['talk.trimmed.mp4']);
      assert.deepEqual(await rendered(), before);
      await rm(folder, { recursive: true });
    });

    it('is told at once where it is plainly too small', async () => {
      const session = sessionFor(bench.client);
      await session.remove(FIRST);
      const before = await filesIn(join(bench.dataFolder, 'renders'));
      await disk.fill(8192);
      await assert.rejects(
        session.export({ folder: disk.folder }),
        fails(/^There is not enough free space in the folder/),
      );
      assert.deepEqual(await filesIn(join(bench.dataFolder, 'renders')), before);
      assert.deepEqual(await filesIn(disk.folder), []);
    });

    it('that is read-only, or gone, is told before anything is rendered', async () => {
      const session = sessionFor(bench.client);
      await session.remove(FIRST);
      const before = await filesIn(join(bench.dataFolder, 'renders'));
      await disk.setReadOnly(true);
      try {
        await assert.rejects(
          session.export({ folder: disk.folder }),
          fails(/is read-only\. Choose another place for the result\.$/),
        );
      } finally {
        await disk.setReadOnly(false);
      }
      await assert.rejects(
        session.export({ folder: disk.file('not/here') }),
        fails(/^The folder "here" is not there\. Choose another place for the result\.$/),
      );
      assert.deepEqual(await filesIn(join(bench.dataFolder, 'renders')), before);
    });

    for (const fault of ['becomes read-only', 'goes away'] as const) {
      it(`that ${fault} after the file was fetched is told, and the next try fetches it again and leaves nothing else`, async () => {
        const folder = await mkdtemp(disk.file('results-'));
        const harm = (): Promise<void> =>
          fault === 'goes away' ? rm(folder, { recursive: true }) : disk.setReadOnly(true);
        let harmed = false;
        const session = sessionFor(bench.client, async () => {
          if (!harmed) await harm();
          harmed = true;
        });
        await session.remove(FIRST);
        await assert.rejects(session.export({ folder }), (error) => {
          assert.ok(error instanceof SessionError);
          assert.equal(error.kind, 'file', error.message);
          assert.match(error.message, /^The folder "results-\w+" is (read-only|not there)\. Choose another place/);
          return true;
        });
        if (fault === 'goes away') await mkdir(folder);
        else await disk.setReadOnly(false);
        await session.retry();
        assert.deepEqual(await filesIn(folder), ['talk.trimmed.mp4']);
        await rm(folder, { recursive: true });
      });
    }
  });

  describe('where the engine of this machine keeps its things', () => {
    let engine: LocalEngine;
    let client: NemoClient;
    /** Sends the bytes, as another program may. */
    let sender: NemoClient;
    let dataFolder: string;

    before(async () => {
      dataFolder = disk.file('data');
      engine = await startLocalEngine({ media: bench.media, dataFolder });
      const options = {
        baseUrl: engine.baseUrl,
        webUrl: DEFAULT_WEB_URL,
        tokens: staticTokenSource(engine.token),
        attribution: ATTRIBUTION,
        environment: {},
      };
      client = createNemoClient({ ...options, localFiles: true });
      sender = createNemoClient(options);
    });
    after(async () => {
      await client?.close();
      await sender?.close();
      await engine?.close();
    });

    it('keeps an edit from being made, in words, and loses none that was', async () => {
      const session = sessionFor(client);
      await session.remove(FIRST);
      const before = await filesIn(dataFolder);
      const record = join(dataFolder, 'sessions', before.find((name) => name.endsWith('.json')) ?? '');
      const text = await readFile(record, 'utf8');
      const empty = await disk.fill(0);
      await assert.rejects(session.remove([{ in: 2_000_000, out: 3_000_000 }]), fails(/The disk is full/));
      assert.equal(await readFile(record, 'utf8'), text);
      assert.deepEqual(await filesIn(dataFolder), before);
      await assert.rejects(sessionFor(client).connect(), fails(/The disk is full/));
      assert.deepEqual(await filesIn(dataFolder), before);
      await empty();
      const outcome = await session.remove([{ in: 2_000_000, out: 3_000_000 }]);
      assert.equal(outcome.difference?.changed, true);
    });

    it('is told with what a file that is sent takes, and keeps no half of it', async () => {
      const { sessionId } = await client.createSession({ taskName: 'x', language: 'en' });
      for (const left of [8192, Math.floor(size / 2)]) {
        const empty = await disk.fill(left);
        await assert.rejects(
          sender.upload(sessionId, [clip]),
          fails(
            /The disk is full: the file takes [\d.]+ [kM]B, and [\d.]+ [kM]B are free\. Free some space and send the file again\.$/,
          ),
        );
        assert.deepEqual(await filesIn(join(dataFolder, 'uploads')), []);
        await empty();
      }
      const [file] = await sender.upload(sessionId, [clip]);
      assert.equal(file?.duration, 10_000_000);
      await client.forgetSession(sessionId);
    });

    it('is told with what a file of the web takes, said beforehand or not, and keeps no half of it', async () => {
      const bytes = await readFile(clip);
      let said = true;
      const web: Server = createServer((_request, response) => {
        if (said) response.setHeader('Content-Length', bytes.length);
        for (let at = 0; at < bytes.length; at += 65_536) response.write(bytes.subarray(at, at + 65_536));
        response.end();
      });
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      const link = `http://127.0.0.1:${(web.address() as AddressInfo).port}/talk.mp4`;
      const { sessionId } = await client.createSession({ taskName: 'x', language: 'en' });
      try {
        for (said of [true, false]) {
          const empty = await disk.fill(Math.floor(size / 2));
          await assert.rejects(
            client.uploadUrls(sessionId, [link]),
            fails(said ? /The disk is full: the file takes [\d.]+ [kM]B, and/ : /The disk is full\. Free some space/),
          );
          assert.deepEqual(await filesIn(join(dataFolder, 'uploads')), []);
          await empty();
        }
        await client.uploadUrls(sessionId, [link]);
        await client.forgetSession(sessionId);
      } finally {
        web.closeAllConnections();
        web.close();
      }
    });

    it('ends a render in words with what it takes, keeps the edit, and renders when there is room', async () => {
      const folder = await mkdtemp(join(bench.folder, 'out-'));
      const session = sessionFor(client);
      await session.remove(FIRST);
      const empty = await disk.fill(Math.floor(size / 2));
      await assert.rejects(
        session.export({ folder }),
        fails(/The disk is full: the result takes about [\d.]+ [kM]B, and [\d.]+ [kM]B are free\./),
      );
      assert.deepEqual(await filesIn(join(dataFolder, 'renders')), []);
      assert.deepEqual(await readdir(folder), []);
      await empty();
      const { outputPath } = await session.export({ folder });
      assert.ok(Math.abs((await bench.media.probe(outputPath)).duration - 9_000_000) < 60_000);
    });
  });
});
