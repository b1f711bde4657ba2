import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NemoClient } from '../../src/nemo/protocol.js';
import type { Scenario } from './fault-scenarios.js';
import { FaultServer } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { ofKind, type Setup } from './setup.js';

describe('Downloading the finished video', () => {
  let server: FaultServer;
  let elsewhere: FaultServer;
  let setup: Setup;
  let client: NemoClient;
  let folder: string;
  let toFile: string;

  withFaultServer(
    async (fresh) => {
      setup = fresh;
      ({ server, client, folder } = fresh);
      elsewhere = await FaultServer.start();
      elsewhere.isForeign = true;
      toFile = join(folder, 'out.mp4');
      server.redirectTarget = `${elsewhere.url}/cdn/out.mp4?signature=1`;
    },
    () => elsewhere.close(),
  );

  const fromCdn = (): { renderId: string; url: string; toFile: string } => ({
    renderId: 'render_1',
    url: `${server.url}/cdn/out.mp4`,
    toFile,
  });

  async function assertWhole(): Promise<void> {
    assert.ok((await readFile(toFile)).equals(server.file), 'the file differs');
  }
  async function assertNothingLeft(): Promise<void> {
    assert.deepEqual(await readdir(folder), []);
  }

  it('writes the file and says how far it is', async () => {
    const seen: { receivedBytes: number; totalBytes?: number }[] = [];
    const { bytes } = await client.download(fromCdn(), { onProgress: (now) => seen.push(now) });
    assert.equal(bytes, 300_000);
    assert.deepEqual(seen.at(-1), { receivedBytes: 300_000, totalBytes: 300_000 });
    await assertWhole();
  });

  it('goes on where a broken connection stopped', async () => {
    server.fail('cdn', 'breaks after half', 'breaks after half');
    await client.download(fromCdn());
    await assertWhole();
    const [first, second, third] = server.of('cdn').map(({ headers }) => headers.range);
    assert.equal(first, undefined);
    assert.match(second ?? '', /^bytes=[1-9]\d*-$/);
    assert.match(third ?? '', /^bytes=[1-9]\d*-$/);
    assert.equal(server.of('cdn')[1]?.headers['if-range'], '"v1"');
    assert.ok(setup.clock.sleeps.every((pause) => pause === 1000));
  });

  it('names the file that the person waits for, not the temporary one, when it cannot be written', async () => {
    const request = { ...fromCdn(), toFile: join(folder, 'gone', '.out.part'), shownName: 'out.mp4' };
    await assert.rejects(client.download(request), { name: 'NemoError', message: 'out.mp4 was not found.' });
  });

  for (const scenario of [
    'ignores the range',
    'sends another part',
    'sends the part of another version',
    'sends the part of a longer file',
  ] as const) {
    it(`never glues wrong parts together: a server that ${scenario}`, async () => {
      server.fail('cdn', 'breaks after half', scenario);
      await client.download(fromCdn());
      await assertWhole();
    });
  }

  it('starts again when the file has changed since', async () => {
    server.fail('cdn', 'breaks after half');
    let changed = false;
    await client.download(fromCdn(), {
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes === 0 || changed) return;
        changed = true;
        server.etag = '"v2"';
        server.file.fill(7);
      },
    });
    await assertWhole();
  });

  it('asks the API when the range is refused for good', async () => {
    server.fail('cdn', 'breaks after half', 'refuses the range');
    await client.download(fromCdn());
    await assertWhole();
    assert.equal(server.of('render-file')[0]?.headers.range, undefined);
  });

  it('takes the bytes that there are when more were announced only once', async () => {
    server.fail('cdn', 'says more bytes than there are');
    await client.download(fromCdn());
    await assertWhole();
  });

  it('does not take a file for whole when more bytes were announced every time', async () => {
    server.fail('cdn', ...Array<Scenario>(20).fill('says more bytes than there are'));
    server.fail('render-file', ...Array<Scenario>(20).fill('says more bytes than there are'));
    await assert.rejects(client.download(fromCdn()), ofKind('unreachable'));
    await assertNothingLeft();
  });

  it('takes a file that a gateway compressed on the way', async () => {
    server.fail('cdn', 'sends it compressed');
    await client.download(fromCdn());
    await assertWhole();
  });

  it('starts a compressed file again when its connection breaks, as its bytes cannot be counted', async () => {
    server.fail('cdn', 'sends it compressed, and breaks after half');
    await client.download(fromCdn());
    await assertWhole();
    assert.equal(server.of('cdn')[1]?.headers.range, undefined);
  });

  it('takes a file without a stated length', async () => {
    server.fail('cdn', 'sends without a length');
    await client.download(fromCdn());
    await assertWhole();
  });

  it('gives up a connection that brings nothing, and leaves no file', async () => {
    server.fail('cdn', ...Array<Scenario>(4).fill('breaks at once'));
    server.fail('render-file', ...Array<Scenario>(4).fill('breaks at once'));
    await assert.rejects(client.download(fromCdn()), ofKind('unreachable'));
    await assertNothingLeft();
  });

  describe('sends the token', () => {
    it('to its own origin, with the name of the skill', async () => {
      await client.download(fromCdn());
      const headers = server.of('cdn')[0]?.headers ?? assert.fail('the file was not asked for');
      assert.equal(headers.authorization, 'Bearer token-1');
      assert.equal(headers['x-skill-source'], 'video-trimmer-in-between');
    });

    it('not along a redirect to another origin', async () => {
      server.fail('cdn', 'redirects to the other origin');
      await client.download(fromCdn());
      await assertWhole();
      assert.equal(elsewhere.requests.length, 1);
      assert.equal(elsewhere.requests[0]?.headers.authorization, undefined);
    });

    it('not to a foreign address of the status', async () => {
      await client.download({ ...fromCdn(), url: `${elsewhere.url}/cdn/out.mp4` });
      assert.equal(elsewhere.requests[0]?.headers.authorization, undefined);
      assert.equal(server.requests.length, 0);
    });
  });

  describe('asks the fallback route', () => {
    afterEach(() => assert.equal(server.of('render-file')[0]?.headers.authorization, 'Bearer token-1'));

    it('when the status has no address', async () => {
      await client.download({ renderId: 'render_1', toFile });
      assert.equal(server.of('render-file')[0]?.path, '/api/render/proxy/render_1/download');
      await assertWhole();
    });

    for (const scenario of ['address has expired', 'captive portal', 'sends nothing', 'redirects for ever'] as const) {
      it(`when the address fails: ${scenario}`, async () => {
        server.fail('cdn', ...Array<Scenario>(6).fill(scenario));
        await client.download(fromCdn());
        await assertWhole();
      });
    }

    it('when the address is none', async () => {
      await client.download({ ...fromCdn(), url: 'file:///etc/passwd' });
      await assertWhole();
    });

    it('and follows the address that it names', async () => {
      server.fail('render-file', 'JSON that names the address');
      await client.download({ renderId: 'render_1', toFile });
      await assertWhole();
      assert.equal(server.of('cdn').length, 1);
    });

    it('and renews a refused token once', async () => {
      server.fail('render-file', 'token expired, HTTP 401 with detail');
      await client.download({ renderId: 'render_1', toFile });
      await assertWhole();
      assert.equal(server.of('render-file')[1]?.headers.authorization, 'Bearer token-2');
    });

    it('and understands its refusal, leaving no file', async () => {
      server.fail('render-file', 'export blocked, HTTP 402');
      await assert.rejects(client.download({ renderId: 'render_1', toFile }), ofKind('export-blocked'));
      await assertNothingLeft();
    });
  });

  it('leaves no file when the person cancels', async () => {
    const stop = new AbortController();
    server.fail('cdn', 'breaks after half');
    const downloading = client.download(fromCdn(), {
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 0) stop.abort(new Error('cancelled by the person'));
      },
    });
    await assert.rejects(downloading, /cancelled by the person/);
    await assertNothingLeft();
  });

  it('never writes over a file that is there', async () => {
    await writeFile(toFile, 'mine');
    await assert.rejects(client.download(fromCdn()), ofKind('file', /^out\.mp4 exists already\.$/));
    assert.equal(await readFile(toFile, 'utf8'), 'mine');
    assert.equal(server.requests.length, 0);
  });

  it('says so when the folder is gone', async () => {
    await assert.rejects(client.download({ ...fromCdn(), toFile: join(folder, 'no', 'out.mp4') }), ofKind('file'));
  });
});
