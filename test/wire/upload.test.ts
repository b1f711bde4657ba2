import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MAX_UPLOAD_BYTES, SUPPORTED_EXTENSIONS } from '../../src/nemo/formats.js';
import type { NemoClient, UploadProgress } from '../../src/nemo/protocol.js';
import type { FaultServer } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { ofKind, setUp, type Setup } from './setup.js';

describe('Uploading', () => {
  let server: FaultServer;
  let setup: Setup;
  let client: NemoClient;
  let folder: string;

  withFaultServer((fresh) => {
    setup = fresh;
    ({ server, client, folder } = fresh);
  });

  async function file(name: string, bytes: number): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, server.file.subarray(0, bytes));
    return path;
  }

  /** A file of any size that takes no room on the disk. */
  async function sparse(name: string, bytes: number): Promise<string> {
    const path = join(folder, name);
    const handle = await open(path, 'wx');
    await handle.truncate(bytes);
    await handle.close();
    return path;
  }

  it('sends every file whole, in the field the server expects, with its name and type', async () => {
    const paths = [await file('a "quoted" é 片.mp4', 300_000), await file('B.MOV', 10)];
    const uploaded = await client.upload('55', paths);
    const request = server.of('upload')[0];
    assert.equal(request?.path, '/api/upload-video/nemo_agent/me/55');
    assert.equal(request?.headers.authorization, 'Bearer token-1');
    const sha1 = (bytes: number): string => createHash('sha1').update(server.file.subarray(0, bytes)).digest('hex');
    assert.deepEqual(request?.files, [
      {
        field: 'files',
        filename: 'a %22quoted%22 é 片.mp4',
        mimeType: 'video/mp4',
        bytes: 300_000,
        sha1: sha1(300_000),
      },
      { field: 'files', filename: 'B.MOV', mimeType: 'video/quicktime', bytes: 10, sha1: sha1(10) },
    ]);
    assert.equal(request?.headers['transfer-encoding'], undefined);
    assert.deepEqual(uploaded[1], { filename: 'B.MOV', fileType: 'video', duration: 30_500_000, width: 1920 });
  });

  it('says how far it is, and ends at the whole', async () => {
    const progress: UploadProgress[] = [];
    await client.upload('1', [await sparse('long.mp4', 8_000_000)], { onProgress: (now) => progress.push(now) });
    const sent = progress.map(({ sentBytes }) => sentBytes);
    assert.deepEqual(
      sent,
      [...sent].sort((a, b) => a - b),
    );
    assert.ok(sent.length > 10, `${sent.length} reports`);
    assert.deepEqual([sent[0], progress.at(-1)], [0, { sentBytes: 8_000_000, totalBytes: 8_000_000 }]);
  });

  it('mixes up no bytes of long files, several at a time, and of many short ones', async () => {
    const contents = [12_000_001, 5_000_000, 1, 2, 3, 4, 5].map((size) => randomBytes(size));
    const paths = await Promise.all(
      contents.map(async (bytes, index) => {
        const path = join(folder, `${index}.mp4`);
        await writeFile(path, bytes);
        return path;
      }),
    );
    await Promise.all([client.upload('1', paths), client.upload('2', [...paths].reverse())]);
    const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
    const wanted = contents.map(sha1);
    for (const { path, files } of server.of('upload')) {
      const got = files.map((sent) => sent.sha1);
      assert.deepEqual(got, path.endsWith('/1') ? wanted : [...wanted].reverse());
    }
  });

  it('needs no more memory for a large file than for a small one', async function () {
    this.timeout(20_000);
    const path = await sparse('large.mp4', 100 * 1024 * 1024);
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    await client.upload('1', [path], {
      onProgress: () => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)),
    });
    assert.equal(server.of('upload')[0]?.files[0]?.bytes, 100 * 1024 * 1024);
    // Buffers that are held no more count until V8 collects them, which it does every 32 MB or so.
    assert.ok(most < 64 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MB held`);
  });

  it('sends the whole file again when the token was refused', async () => {
    server.fail('upload', 'token expired, code 1001');
    await client.upload('1', [await file('a.mp4', 1000)]);
    assert.deepEqual(
      server.of('upload').map(({ files, headers }) => [files[0]?.bytes, headers.authorization]),
      [
        [1000, 'Bearer token-1'],
        [1000, 'Bearer token-2'],
      ],
    );
  });

  for (const scenario of ['connection reset', 'reset before the request is read', 'reset after the headers'] as const) {
    it(`starts again, once, after a broken connection: ${scenario}`, async () => {
      const path = await sparse('a.mp4', 3_000_000);
      server.fail('upload', scenario);
      const progress: number[] = [];
      await client.upload('1', [path], { onProgress: ({ sentBytes }) => progress.push(sentBytes) });
      assert.deepEqual([server.of('upload').length, server.of('upload')[1]?.files[0]?.bytes], [2, 3_000_000]);
      assert.deepEqual(setup.clock.sleeps, [1000]);
      assert.equal(progress.at(-1), 3_000_000);
      server.fail('upload', scenario, scenario);
      await assert.rejects(client.upload('1', [path]), ofKind('unreachable'));
      assert.equal(server.of('upload').length, 4);
    });
  }

  for (const scenario of ['server error 503', 'request time-out 408', 'no credits', 'captive portal'] as const) {
    it(`does not send the file again when it was answered: ${scenario}`, async () => {
      server.fail('upload', scenario);
      await assert.rejects(client.upload('1', [await file('a.mp4', 1000)]));
      assert.equal(server.of('upload').length, 1);
    });
  }

  it('sends addresses of media as JSON, and does not repeat them after a broken connection', async () => {
    const urls = ['https://example.com/a.mp4?x=1&y=2', 'https://example.com/片.mp3'];
    await client.uploadUrls('55', urls);
    const request = server.of('upload')[0];
    assert.deepEqual(JSON.parse(request?.body ?? ''), { urls, source_type: 'url' });
    assert.match(String(request?.headers['content-type']), /^application\/json/);
    server.fail('upload', 'connection reset');
    await assert.rejects(client.uploadUrls('55', urls), ofKind('unreachable'));
    assert.equal(server.of('upload').length, 2);
  });

  for (const name of SUPPORTED_EXTENSIONS.map((extension) => `a.${extension}`)) {
    it(`takes ${name}`, async () => {
      const uploaded = await client.upload('1', [await file(name, 10)]);
      assert.equal(uploaded[0]?.filename, name);
      assert.match(server.of('upload')[0]?.files[0]?.mimeType ?? '', /^(?:video|image|audio)\//);
    });
  }

  it('takes a file of exactly 500 MB for one that may be sent', async () => {
    server.fail('upload', 'answers before the upload is read');
    const path = await sparse('largest.mp4', MAX_UPLOAD_BYTES);
    await assert.rejects(client.upload('1', [path]), ofKind('too-large', /for NemoVideo/));
    assert.equal(server.of('upload').length, 1);
  });

  it('understands a refusal that comes while it is still sending', async () => {
    server.fail('upload', 'answers before the upload is read');
    await assert.rejects(client.upload('1', [await sparse('a.mp4', 20_000_000)]), ofKind('too-large'));
  });

  it('stops in the middle when the person cancels', async () => {
    const stop = new AbortController();
    const onProgress = ({ sentBytes }: UploadProgress): void => {
      if (sentBytes > 0) stop.abort(new Error('cancelled by the person'));
    };
    const path = await sparse('a.mp4', 50_000_000);
    await assert.rejects(client.upload('1', [path], { signal: stop.signal, onProgress }), /cancelled by the person/);
  });

  describe('refuses, before a byte is sent,', () => {
    afterEach(() => assert.equal(server.requests.length, 0));

    it('a file over 500 MB, and says what to do', async () => {
      const path = await sparse('huge.mp4', MAX_UPLOAD_BYTES + 1);
      await assert.rejects(
        client.upload('1', [path]),
        ofKind('too-large', /^huge\.mp4 has 501 MB; .*Compress or trim it/),
      );
    });

    it('a kind of file that NemoVideo does not take, and lists those it takes', async () => {
      const path = await file('notes.txt', 10);
      await assert.rejects(client.upload('1', [path]), ofKind('unsupported-file', /\.txt files.*mp4, mov, avi/));
    });

    it('a file that is not there', async () => {
      await assert.rejects(
        client.upload('1', [join(folder, 'gone.mp4')]),
        ofKind('file', /^gone\.mp4 was not found\.$/),
      );
    });

    it('a folder', async () => {
      await mkdir(join(folder, 'folder.mp4'));
      await assert.rejects(client.upload('1', [join(folder, 'folder.mp4')]), ofKind('file', /not a file/));
    });

    it('an empty file', async () => {
      await assert.rejects(client.upload('1', [await file('empty.mp4', 0)]), ofKind('file', /is empty/));
    });
  });

  it('says so when the file is cut short while it is being sent', async () => {
    const path = await sparse('shrinking.mp4', 30_000_000);
    const handle = await open(path, 'r+');
    let cut: Promise<void> | undefined;
    const sending = client.upload('1', [path], { onProgress: () => void (cut ??= handle.truncate(1000)) });
    await assert.rejects(sending, ofKind('file', /became shorter/));
    await handle.close();
  });

  describe('to the engine on this machine', () => {
    it('hands over the address of the file, of any size, without copying', async () => {
      const path = await sparse('huge é.mp4', MAX_UPLOAD_BYTES + 1);
      const local = setUp(server.url, { localFiles: true });
      const progress: UploadProgress[] = [];
      await local.client.upload('1', [path], { onProgress: (now) => progress.push(now) });
      await local.client.close();
      assert.deepEqual(JSON.parse(server.of('upload')[0]?.body ?? ''), {
        urls: [pathToFileURL(path).href],
        source_type: 'url',
      });
      assert.equal(progress.at(-1)?.sentBytes, MAX_UPLOAD_BYTES + 1);
    });
  });
});
