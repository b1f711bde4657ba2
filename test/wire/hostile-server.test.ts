import assert from 'node:assert/strict';
import dns from 'node:dns';
import { readFile, readdir, stat } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { constants, createBrotliCompress, createGzip, gzipSync } from 'node:zlib';
import type { AgentEvent, NemoClient } from '../../src/nemo/protocol.js';
import { CloudScene } from './cloud-scene.js';
import { json } from './fault-scenarios.js';
import { FaultServer, type Route } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { collect, ofKind, setUp, type Setup } from './setup.js';

const MB = 1024 * 1024;
// What moves a terminal's cursor, or shows a line otherwise than it is written.
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

/** Sends the piece again and again until the client hangs up, or has taken `most` bytes. */
function pour(response: ServerResponse, piece: Buffer, most: number): void {
  let poured = 0;
  const go = (): void => {
    while (poured < most && !response.destroyed) {
      poured += piece.length;
      if (!response.write(piece)) {
        response.once('drain', go);
        return;
      }
    }
    response.end();
  };
  go();
}

/** Most that the heap and its buffers grew by while the work ran. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, used() - before)), 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, used() - before);
}

describe('A hostile server', function () {
  this.timeout(30_000);
  let server: FaultServer;
  let setup: Setup;
  let client: NemoClient;
  let folder: string;
  /** Bytes that left for the client on the last connection. */
  let sent: () => number;

  withFaultServer((fresh) => {
    setup = fresh;
    ({ server, client, folder } = fresh);
  });

  const run = (): Promise<AgentEvent[]> => collect(client.run({ sessionId: '1', text: 'hi' }));
  const answerBy = (
    route: Route,
    headers: Record<string, string>,
    write: (response: ServerResponse) => void,
    status = 200,
  ): void => {
    server.answers.set(route, (response) => {
      const { socket } = response;
      const before = socket?.bytesWritten ?? 0;
      sent = () => (socket?.bytesWritten ?? 0) - before;
      response.writeHead(status, headers);
      write(response);
    });
  };
  const JSON_TYPE = { 'content-type': 'application/json' };
  const STREAM = { 'content-type': 'text/event-stream' };

  describe('with names', () => {
    const names = [
      '../../x.mp4',
      '/etc/x.mp4',
      'C:\\x.mp4',
      'CON',
      'NUL.mp4',
      '\u001b[31mred\u001b]0;title\u0007\u009b2J',
      'a\u0000b.mp4',
      '\u202egpj.exe',
      'line\r\nbreak\u2028x',
      'x'.repeat(300),
      '__proto__',
    ];
    for (const name of names) {
      it(`chooses neither where we write nor what a log or terminal shows: ${JSON.stringify(name).slice(0, 40)}`, async () => {
        const scene = await CloudScene.open();
        try {
          const title = JSON.stringify(name);
          scene.draftText = () => {
            const lengths = scene.asked.length > 0 ? [2000, 6000] : [10_000];
            const segments = lengths.map((d) => `{"d":${d},"m":{"title":${title}}}`);
            return `{"t":[{"tt":0,"m":{"title":${title}},"sg":[${segments.join()}]}]}`;
          };
          scene.server.streamText = `data: ${JSON.stringify({ type: 'text', content: `Cut ${name} as asked.` })}\n\n`;
          const files = [{ filename: name, file_type: name, cdn_url: name, duration: 10 }];
          scene.server.answers.set('upload', json(200, { code: 0, data: { files } }));
          scene.server.renderStatus = {
            status: 'completed',
            message: name,
            output: { url: `${scene.server.url}/cdn/${encodeURIComponent(name)}`, filename: name },
          };
          scene.server.answers.set('cdn', (response, _request, { file }) => {
            response.writeHead(200, {
              'content-type': 'video/mp4',
              'content-disposition': `attachment; filename="x"; filename*=UTF-8''${encodeURIComponent(name)}`,
            });
            response.end(file);
          });
          await scene.session.say('remove 0:02-0:04');
          await scene.session.say('status');
          const { outputPath } = await scene.session.export();
          assert.equal(outputPath, join(scene.folder, 'talk.trimmed.mp4'));
          assert.deepEqual(await scene.files(), ['talk.mp4', 'talk.trimmed.mp4']);
          assert.ok((await readFile(scene.clip)).equals(scene.clipBytes), 'the source changed');
          const { title: shown, draft } = scene.session.snapshot;
          const lines = [...scene.chat, ...scene.log, shown, ...draft.tracks.map((track) => track.title)].join('\n');
          assert.doesNotMatch(lines, STEERING);
          assert.ok(draft.tracks.every((track) => track.title.length <= 300));
        } finally {
          await scene.close();
        }
      });
    }

    it('is told from a session id that is one: no path, no header, no text that cannot be sent', async () => {
      for (const id of ['..', '.', '../../credits', '1\r\nX-Evil: 1', '\ud800', 'a b', 'x'.repeat(300), '']) {
        server.answers.set('create-session', json(200, { code: 0, data: { session_id: id, task_id: 1 } }));
        const created = client.createSession({ taskName: 'project', language: 'en' });
        if (id === '../../credits') assert.equal((await created).sessionId, id);
        else await assert.rejects(created, ofKind('bad-answer'), JSON.stringify(id));
      }
      // It is one part of the path, whatever it holds.
      await client.state('../../credits');
      assert.equal(server.requests.at(-1)?.path, '/api/state/nemo_agent/me/..%2F..%2Fcredits/latest');
    });
  });

  describe('that sends elsewhere', () => {
    let victim: FaultServer;
    let outside: Setup;
    let toFile: string;
    const realLookup = dns.lookup;

    /** Names as a public resolver could give them. */
    beforeEach(async () => {
      victim = await FaultServer.start();
      victim.isForeign = true;
      const addresses: Record<string, string> = {
        // The API itself, which is out there.
        'nemo.invalid': '127.0.0.1',
        'rebinding.invalid': '127.0.0.1',
        'metadata.invalid': '169.254.169.254',
        'six.invalid': '::ffff:127.0.0.1',
      };
      Object.assign(dns, {
        lookup: (host: string, options: dns.LookupOptions, done: (...args: unknown[]) => void) => {
          const address = addresses[host];
          if (address === undefined) return realLookup(host, options, done as never);
          const family = address.includes(':') ? 6 : 4;
          process.nextTick(() => (options.all ? done(null, [{ address, family }]) : done(null, address, family)));
        },
      });
      syncBuiltinESMExports();
      outside = setUp(server.url.replace('127.0.0.1', 'nemo.invalid'));
      toFile = join(folder, 'out.mp4');
    });
    afterEach(async () => {
      Object.assign(dns, { lookup: realLookup });
      syncBuiltinESMExports();
      await outside.client.close();
      await victim.close();
    });

    const inner = (port: string): string[] => [
      `http://127.0.0.1:${port}/cdn/x`,
      `http://127.1:${port}/cdn/x`,
      `http://2130706433:${port}/cdn/x`,
      `http://0x7f.0.0.1:${port}/cdn/x`,
      `http://0.0.0.0:${port}/cdn/x`,
      `http://localhost:${port}/cdn/x`,
      `http://LOCALHOST.:${port}/cdn/x`,
      `http://any.localhost:${port}/cdn/x`,
      `http://[::1]:${port}/cdn/x`,
      `http://[::ffff:127.0.0.1]:${port}/cdn/x`,
      `http://[fe80::1]:${port}/cdn/x`,
      'http://169.254.169.254/latest/meta-data/',
      `http://rebinding.invalid:${port}/cdn/x`,
      `http://six.invalid:${port}/cdn/x`,
      'http://metadata.invalid/latest/meta-data/',
      'file:///etc/passwd',
      'data:text/plain,x',
      'javascript:alert(1)',
      'ftp://example.com/x',
      '//',
    ];

    it('is not followed to this machine, to what only it reaches, or to a file, by the address of a render', async () => {
      for (const url of inner(new URL(victim.url).port)) {
        await outside.client.download({ renderId: 'render_1', url, toFile: join(folder, 'out.mp4') });
        // The API's own route has it.
        assert.ok((await readFile(toFile)).equals(server.file), url);
        await import('node:fs/promises').then(({ rm }) => rm(toFile));
      }
      assert.deepEqual(victim.requests, []);
    });

    it('is not followed there by a redirect or by the JSON that names a file; nothing is left', async () => {
      for (const target of inner(new URL(victim.url).port)) {
        server.redirectTarget = target;
        server.fail('render-file', 'redirects to the other origin');
        await assert.rejects(
          outside.client.download({ renderId: 'render_1', toFile }),
          ofKind('bad-answer'),
          `redirect to ${target}`,
        );
        server.answers.set('render-file', json(200, { status: 'completed', output: { url: target } }));
        await assert.rejects(
          outside.client.download({ renderId: 'render_1', toFile }),
          ofKind('bad-answer'),
          `JSON with ${target}`,
        );
        server.answers.delete('render-file');
      }
      assert.deepEqual(victim.requests, []);
      assert.deepEqual(await readdir(folder), []);
    });

    it('gets no redirect of a request followed at all, of a read, a message or an upload', async () => {
      server.redirectTarget = victim.url;
      for (const route of ['credits', 'run', 'create-session'] as const) {
        server.fail(route, ...Array<'redirects to the other origin'>(3).fill('redirects to the other origin'));
      }
      await assert.rejects(client.credits(), ofKind('unreachable', /log in/));
      await assert.rejects(run(), ofKind('unreachable', /log in/));
      await assert.rejects(client.createSession({ taskName: 'project', language: 'en' }), ofKind('unreachable'));
      assert.deepEqual(victim.requests, []);
    });

    it('gets no token back by way of another host', async () => {
      victim.answers.set('cdn', (response) => {
        response.writeHead(302, { location: `${server.url}/cdn/back` });
        response.end();
      });
      server.asksWithoutToken = /^\/cdn\/back/;
      server.redirectTarget = `${victim.url}/cdn/away`;
      server.fail('cdn', 'redirects to the other origin');
      await client.download({ renderId: 'render_1', url: `${server.url}/cdn/out.mp4`, toFile });
      assert.deepEqual(
        server.of('cdn').map(({ path, headers }) => [path, headers.authorization]),
        [
          ['/cdn/out.mp4', 'Bearer token-1'],
          ['/cdn/back', undefined],
        ],
      );
      assert.equal(victim.requests[0]?.headers.authorization, undefined);
    });
  });

  describe('with JSON', () => {
    const huge: [string, () => Buffer][] = [
      ['50 MB of text', () => Buffer.alloc(MB, 'x')],
      ['50 MB of empty lists', () => Buffer.alloc(MB, '[],')],
      ['50 MB of one list in another', () => Buffer.alloc(MB, '[')],
    ];
    for (const [name, piece] of huge) {
      it(`of ${name} is refused in bounded memory, and not even fetched whole`, async () => {
        answerBy('state', JSON_TYPE, (response) => pour(response, piece(), 50 * MB));
        const grown = await growth(() => assert.rejects(client.state('1'), ofKind('bad-answer', /too large/)));
        assert.ok(sent() < 24 * MB, `${sent() / MB} MB were sent`);
        assert.ok(grown < 128 * MB, `${grown / MB} MB`);
        assert.equal(server.of('state').length, 1);
      });
    }

    const odd: [string, string][] = [
      ['100,000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
      ['100,000 objects deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      ['a draft 100,000 levels deep', `{"code":0,"data":{"state":{"draft":${'['.repeat(1e5)}${']'.repeat(1e5)}}}}`],
      [
        'a draft as text 100,000 levels deep',
        JSON.stringify({ code: 0, data: { state: { draft: `${'['.repeat(1e5)}${']'.repeat(1e5)}` } } }),
      ],
      ['an error 100,000 levels deep', `{"code":9,"detail":${'['.repeat(1e5)}"x"${']'.repeat(1e5)}}`],
      ['15 MB of empty lists', `[${'[],'.repeat(5 * MB)}[]]`],
    ];
    for (const [name, text] of odd) {
      it(`of ${name} is refused as what cannot be read`, async () => {
        server.answers.set('state', json(200, text));
        const grown = await growth(() => assert.rejects(client.state('1'), ofKind('bad-answer')));
        assert.ok(grown < 128 * MB, `${grown / MB} MB`);
        assert.equal(server.of('state').length, 1);
      });

      it(`of ${name} in the agent's stream ends nothing, and is shown to nobody`, async () => {
        server.streamText = `data: ${text}\n\ndata: {"type":"text","content":"Done."}\n\n`;
        const events = await run();
        assert.deepEqual(events.at(-1), { type: 'text', text: 'Done.' });
        assert.ok(events.slice(0, -1).every(({ type }) => type === 'heartbeat'));
      });
    }

    it('whose draft is named __proto__, constructor and toString changes nothing but itself, and goes back verbatim', async () => {
      const draft =
        '{"__proto__":{"polluted":1,"t":[{"sg":[{"d":1}]}]},"constructor":{"prototype":{"polluted":1}},"toString":"x","t":[{"tt":0,"__proto__":{"sg":[{"d":9}]},"sg":[{"d":1000,"hasOwnProperty":1}]}]}';
      server.draftText = draft;
      const { draft: read } = await client.state('1');
      await client.submitRender({
        id: 'render_1',
        sessionId: '1',
        draft: read,
        output: { format: 'mp4', quality: 'high' },
      });
      assert.ok(server.of('submit')[0]?.body.includes(`"draft":${draft}`));
      const { readDraft } = await import('../../src/timeline/draft.js');
      assert.deepEqual(
        readDraft(read).tracks.map(({ duration }) => duration),
        [1_000_000],
      );
      assert.equal(({} as { polluted?: number }).polluted, undefined);
      assert.equal(Object.keys(Object.prototype).length, 0);
    });

    it('whose words are names of every object is one with unknown words', async () => {
      for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        server.answers.set('credits', json(200, { code: word, message: word, [word]: 1 }));
        await assert.rejects(client.credits(), ofKind('refused'), word);
        server.renderStatus = `{"status":"${word}","__proto__":{"status":"completed"},"output":{"__proto__":{"url":"x"}}}`;
        assert.deepEqual(await client.renderStatus('render_1'), { status: 'processing' });
        const messages = [{ type: word }, { type: 'error', code: word, message: 'no' }, { author: word, content: {} }];
        server.streamText = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join('');
        const scene = await CloudScene.open();
        scene.server.streamText = server.streamText;
        scene.draftText = () => '{"t":[{"tt":0,"sg":[{"d":10000}]}]}';
        await assert.rejects(scene.session.say('cut 0:01-0:02'), {
          kind: 'agent',
          message: /^NemoVideo could not do this: no\.$/,
        });
        await scene.close();
      }
      assert.equal(Object.keys(Object.prototype).length, 0);
    });
  });

  describe('that packs a bomb', () => {
    const zeros = (make: () => NodeJS.ReadWriteStream, bytes: number) => (response: ServerResponse) => {
      const packer = make();
      packer.pipe(response);
      response.on('close', () => packer.unpipe());
      const piece = Buffer.alloc(MB);
      let left = bytes / MB;
      const go = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= 1;
          if (!packer.write(piece)) return void packer.once('drain', go);
        }
        packer.end();
      };
      go();
    };
    const packers = {
      gzip: () => createGzip(),
      br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    };

    for (const [encoding, make] of Object.entries(packers)) {
      it(`into JSON is refused in bounded memory (${encoding})`, async () => {
        answerBy('credits', { ...JSON_TYPE, 'content-encoding': encoding }, zeros(make, 200 * MB));
        const grown = await growth(() => assert.rejects(client.credits(), ofKind('bad-answer')));
        assert.ok(grown < 96 * MB, `${grown / MB} MB`);
        assert.equal(server.of('credits').length, 1);
      });

      it(`into a video never fills the disk (${encoding})`, async () => {
        answerBy('cdn', { 'content-type': 'video/mp4', 'content-encoding': encoding }, zeros(make, 200 * MB));
        const toFile = join(folder, 'out.mp4');
        let largest = 0;
        server.fail('render-file', 'export blocked, HTTP 402');
        const asked = client.download(
          { renderId: 'render_1', url: `${server.url}/cdn/x`, toFile },
          {
            onProgress: ({ receivedBytes }) => {
              largest = Math.max(largest, receivedBytes);
            },
          },
        );
        await assert.rejects(asked, ofKind('export-blocked'));
        assert.ok(largest < 24 * MB, `${largest / MB} MB`);
        assert.deepEqual(await readdir(folder), []);
      });

      it(`into the agent's answer is refused in bounded memory (${encoding})`, async () => {
        answerBy('run', { ...STREAM, 'content-encoding': encoding }, zeros(make, 200 * MB));
        const grown = await growth(() => assert.rejects(run(), ofKind('bad-answer')));
        assert.ok(grown < 128 * MB, `${grown / MB} MB`);
        assert.equal(server.of('run').length, 1);
      });
    }

    it('with one in the other is not opened', async () => {
      const text = '{"code":0,"data":{"available":60}}';
      const packed = (times: number): Buffer =>
        Array.from({ length: times }).reduce<Buffer>((all) => gzipSync(all), Buffer.from(text));
      for (const [times, opens] of [
        [2, true],
        [3, false],
        [50, false],
      ] as const) {
        const encoding = Array.from({ length: times }, () => 'gzip').join(', ');
        answerBy('credits', { ...JSON_TYPE, 'content-encoding': encoding }, (response) => response.end(packed(times)));
        if (opens) assert.equal((await client.credits()).available, 60);
        else await assert.rejects(client.credits(), ofKind('bad-answer', /packed/));
      }
    });

    it('that is none at all is a broken answer', async () => {
      for (const encoding of ['gzip', 'br', 'deflate']) {
        answerBy('submit', { ...JSON_TYPE, 'content-encoding': encoding }, (response) =>
          response.end('{"code":0} no packing'),
        );
        const output = { format: 'mp4', quality: 'high' };
        const asked = client.submitRender({ id: `render_${encoding}`, sessionId: '1', draft: {}, output });
        await assert.rejects(asked, ofKind('unreachable'), encoding);
      }
    });
  });

  describe('that never ends', () => {
    it('one line of its stream: the line is given up, in bounded memory, and the message went out once', async () => {
      answerBy('run', STREAM, (response) => pour(response, Buffer.alloc(64 * 1024, 'data: x'), 200 * MB));
      const grown = await growth(() => assert.rejects(run(), ofKind('bad-answer')));
      assert.ok(sent() < 32 * MB, `${sent() / MB} MB were sent`);
      assert.ok(grown < 128 * MB, `${grown / MB} MB`);
      assert.equal(server.of('run').length, 1);
    });

    it('one event of many lines', async () => {
      answerBy('run', STREAM, (response) =>
        pour(response, Buffer.from(`data: ${'x'.repeat(1000)}\n`.repeat(64)), 200 * MB),
      );
      await assert.rejects(run(), ofKind('bad-answer'));
      assert.ok(sent() < 64 * MB, `${sent() / MB} MB were sent`);
    });

    it('its stream of events: it is given up after more than any agent says', async () => {
      const piece = Buffer.from(`: ${'ping '.repeat(40)}\n\n`.repeat(1000));
      answerBy('run', STREAM, (response) => pour(response, piece, 200 * MB));
      let events = 0;
      await assert.rejects(async () => {
        for await (const event of client.run({ sessionId: '1', text: 'hi' })) {
          assert.equal(event.type, 'heartbeat');
          events += 1;
        }
      }, ofKind('bad-answer'));
      assert.ok(events > 300_000 && sent() < 80 * MB, `${events} events, ${sent() / MB} MB`);
    });

    it('its JSON, a little at a time: it is given up after five minutes', async () => {
      answerBy('credits', JSON_TYPE, (response) => {
        const timer = setInterval(() => {
          setup.clock.time += 60_000;
          response.write(' ');
        }, 2);
        response.on('close', () => clearInterval(timer));
      });
      await assert.rejects(client.credits(), ofKind('timed-out'));
      assert.equal(server.of('credits').length, 3);
    });

    it('its head', async () => {
      server.answers.set('credits', (response) => {
        response.socket?.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => response.socket?.write(`x-${'a'.repeat(1000)}: ${'b'.repeat(1000)}\r\n`), 1);
        response.socket?.on('close', () => clearInterval(timer));
      });
      await assert.rejects(client.credits(), ofKind('unreachable'));
    });

    it('breaking a download after one byte: it is given up', async () => {
      server.answers.set('cdn', (response, request) => {
        const { start } = server.rangeOf(request);
        response.writeHead(206, {
          'content-type': 'video/mp4',
          etag: server.etag,
          'content-range': `bytes ${start}-299999/300000`,
        });
        response.write(server.file.subarray(start, start + 1), () => setImmediate(() => response.destroy()));
      });
      server.fail('render-file', 'export blocked, HTTP 402');
      const toFile = join(folder, 'out.mp4');
      await assert.rejects(
        client.download({ renderId: 'render_1', url: `${server.url}/cdn/x`, toFile }),
        ofKind('export-blocked'),
      );
      assert.equal(server.of('cdn').length, 4);
    });

    it('changing the file each time a download goes on: it is given up', async () => {
      server.answers.set('cdn', (response, request) => {
        server.etag = `"v${server.of('cdn').length}"`;
        const { start } = server.rangeOf(request);
        const total = server.file.length;
        const range =
          request.headers.range === undefined ? {} : { 'content-range': `bytes ${start}-${total - 1}/${total}` };
        response.writeHead(request.headers.range === undefined ? 200 : 206, {
          'content-type': 'video/mp4',
          'content-length': String(total - start),
          etag: server.etag,
          ...range,
        });
        response.write(server.file.subarray(start, start + 100_000), () => setImmediate(() => response.destroy()));
      });
      server.fail('render-file', 'export blocked, HTTP 402');
      const toFile = join(folder, 'out.mp4');
      await assert.rejects(
        client.download({ renderId: 'render_1', url: `${server.url}/cdn/x`, toFile }),
        ofKind('export-blocked'),
      );
      assert.ok(server.of('cdn').length <= 12, `asked ${server.of('cdn').length} times`);
    });
  });

  it('cannot make one answer out of two: what comes beyond the stated length is no answer to the next request', async () => {
    server.answers.set('credits', (response) => {
      const body = '{"code":0,"data":{"available":1}}';
      const smuggled = '{"code":0,"data":{"available":666}}';
      const answer = (text: string): string =>
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
      response.socket?.write(answer(body) + answer(smuggled));
    });
    assert.equal((await client.credits()).available, 1);
    server.answers.delete('credits');
    assert.equal((await client.credits()).available, 60);
  });

  it('cannot have its text read as ours: a long answer is cut, and said to be', async () => {
    const scene = await CloudScene.open();
    scene.server.streamText = `data: ${JSON.stringify({ type: 'text', content: `${' '.repeat(60_000)}${'word '.repeat(2_000_000)}` })}\n\n`;
    await scene.session.say('cut 0:02-0:04');
    const said = scene.session.snapshot.chat.find(({ kind }) => kind === 'agent')?.text ?? '';
    assert.ok(said.length < 51_000, `${said.length} characters`);
    assert.match(said, /\(The answer goes on\. What follows is not shown here\.\)$/u);
    const { size } = await stat(scene.clip);
    assert.equal(size, scene.clipBytes.length);
    await scene.close();
  });
});
