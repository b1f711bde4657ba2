import assert from 'node:assert/strict';
import dns from 'node:dns';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { NemoErrorKind } from '../../src/nemo/errors.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { CloudScene, SECTION } from './cloud-scene.js';
import { FaultProxy, type Break, type Fault } from './fault-proxy.js';
import type { Answer, Scenario } from './fault-scenarios.js';
import { FaultServer, type Route } from './fault-server.js';
import { withFaultPlace } from './fault-setup.js';
import { collect, ofKind, setUp, type Setup } from './setup.js';

const render = { id: 'render_1', sessionId: '1', draft: {}, output: { format: 'mp4', quality: 'high' } };

const SILENCES: readonly string[] = [
  'state as it is made',
  'state in the body of the answer',
  'upload in the body of the request',
  'upload after the request',
  'submit after the request',
  'download in the body of the answer',
];

describe('On a bad network', function () {
  this.timeout(30_000);
  let server: FaultServer;
  let proxy: FaultProxy;
  let setup: Setup;
  let client: NemoClient;
  let folder: string;
  let clip: string;

  withFaultPlace(
    async (fresh) => {
      ({ server, folder } = fresh);
      server.file = server.file.subarray(0, 20_000);
      server.closeAfterEach();
      proxy = await FaultProxy.start(server.url);
      setup = setUp(proxy.url, { patience: { connect: 150, answer: 150, work: 300 } });
      client = setup.client;
      clip = join(folder, 'talk.mp4');
      await writeFile(clip, server.file);
    },
    async () => {
      await client.close();
      // Nothing of ours stays connected.
      await until(() => proxy.open === 0);
      await proxy.close();
    },
  );

  const until = async (condition: () => boolean): Promise<void> => {
    for (let left = 2000; !condition() && left > 0; left -= 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(condition(), String(condition));
  };

  interface Call {
    readonly route: Route;
    readonly call: (signal?: AbortSignal) => Promise<unknown>;
    /** How often it may go out when the connection breaks; and when the server says nothing. */
    readonly tries: number;
    readonly patientTries: number;
  }
  const options = (signal?: AbortSignal): { signal?: AbortSignal } => (signal ? { signal } : {});
  const calls: Record<'state' | 'run' | 'upload' | 'submit' | 'download', Call> = {
    state: { route: 'state', tries: 3, patientTries: 3, call: (signal) => client.state('1', options(signal)) },
    run: {
      route: 'run',
      tries: 1,
      patientTries: 1,
      call: (signal) => collect(client.run({ sessionId: '1', text: 'hi' }, options(signal))),
    },
    upload: {
      route: 'upload',
      tries: 2,
      patientTries: 1,
      call: (signal) => client.upload('1', [clip], options(signal)),
    },
    submit: {
      route: 'submit',
      tries: 1,
      patientTries: 1,
      call: (signal) => client.submitRender(render, options(signal)),
    },
    download: {
      route: 'render-file',
      tries: 4,
      patientTries: 4,
      call: (signal) => client.download({ renderId: 'render_1', toFile: join(folder, 'out.mp4') }, options(signal)),
    },
  };

  for (const [name, fault] of [
    ['that is slow', { latency: 25 }],
    ['that brings one byte at a time', { pieces: 1 }],
    ['that is slow and brings 100 bytes at a time', { latency: 1, pieces: 100 }],
  ] as const) {
    it(`${name}, everything arrives whole, and once`, async () => {
      proxy.faults = Array<Fault>(20).fill(fault);
      await client.close();
      ({ client } = setup = setUp(proxy.url));
      await client.createSession({ taskName: 'project', language: 'en' });
      for (const { call } of Object.values(calls)) await call();
      assert.deepEqual(await collect(client.run({ sessionId: '1', text: 'again' })), [
        { type: 'text', text: 'Removed 0:45 to 1:20.' },
      ]);
      assert.ok((await readFile(join(folder, 'out.mp4'))).equals(server.file));
      assert.equal(server.of('upload')[0]?.files[0]?.bytes, server.file.length);
      assert.deepEqual(setup.clock.sleeps, []);
      assert.equal(server.requests.length, 7);
    });
  }

  const places: [string, Fault][] = [
    ['as it is made', { phase: 'connect' }],
    ['at the first byte of the request', { phase: 'request head', after: 1 }],
    ['in the head of the request', { phase: 'request head', after: 60 }],
    ['after the head of the request', { phase: 'request body', after: 0 }],
    ['in the body of the request', { phase: 'request body', after: 30 }],
    ['after the request', { phase: 'before the answer' }],
    ['at the first byte of the answer', { phase: 'answer head', after: 1 }],
    ['in the head of the answer', { phase: 'answer head', after: 40 }],
    ['after the head of the answer', { phase: 'answer body', after: 0 }],
    ['in the body of the answer', { phase: 'answer body', after: 30 }],
  ];
  const kinds: Record<Break, NemoErrorKind> = { reset: 'unreachable', end: 'unreachable', silence: 'timed-out' };
  const words: Record<Break, string> = { reset: 'is reset', end: 'is closed', silence: 'says nothing more' };

  for (const how of ['reset', 'end', 'silence'] as const) {
    for (const [where, fault] of places) {
      for (const [name, { route, call, tries, patientTries }] of Object.entries(calls)) {
        const isRead = name === 'state' || name === 'download';
        if (isRead && fault.phase === 'request body') continue;
        // The stream of the agent has a watchdog of its own: see the session below.
        // Each silence takes a second: undici's timers know no shorter one.
        if (how === 'silence' && !SILENCES.includes(`${name} ${where}`)) continue;
        it(`${name}: a connection that ${words[how]} ${where}: told plainly, sent no more often than it may`, async () => {
          proxy.faults = Array<Fault>(20).fill({ ...fault, how });
          await assert.rejects(call(), ofKind(kinds[how]));
          const allowed = how === 'silence' ? patientTries : tries;
          assert.ok(proxy.connections <= allowed, `${proxy.connections} connections`);
          assert.ok(server.of(route).length <= allowed);
          assert.deepEqual(await readdir(folder), ['talk.mp4'], 'something is left');
          // Once the line is well again, so are we.
          proxy.faults = [];
          if (name !== 'run' && name !== 'submit') await call();
        });
      }
    }
  }

  for (const [where, after, seen] of [
    ['between two events', '"one"}\n\n', 1],
    ['inside an event', '"two', 1],
    ['before the trailer', '"two"}\n\n', 2],
  ] as const) {
    for (const how of ['reset', 'end'] as const) {
      it(`a stream that breaks ${where} (${how}) keeps what came, and is not asked for again`, async () => {
        server.answers.set('run', (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-end' });
          response.write('data: {"type":"text","content":"one"}\n\ndata: {"type":"text","content":"two"}\n\n');
          response.addTrailers({ 'x-end': '1' });
          response.end();
        });
        proxy.faults = [{ phase: 'answer body', after, how }];
        const texts: string[] = [];
        await assert.rejects(
          async () => {
            for await (const event of client.run({ sessionId: '1', text: 'hi' })) {
              if (event.type === 'text') texts.push(event.text);
            }
          },
          ofKind('unreachable', /the work goes on there/),
        );
        assert.deepEqual(texts, ['one', 'two'].slice(0, seen));
        assert.equal(server.of('run').length, 1);
      });
    }
  }

  it('a download that breaks at every 4,000 bytes arrives whole, each byte once', async () => {
    server.file = Buffer.concat(Array.from({ length: 10 }, (_, index) => Buffer.alloc(20_000, index + 1)));
    proxy.faults = Array.from({ length: 3 }, () => ({ phase: 'answer body', after: 60_000, how: 'reset' }) as const);
    await client.download({ renderId: 'render_1', toFile: join(folder, 'out.mp4') });
    assert.ok((await readFile(join(folder, 'out.mp4'))).equals(server.file));
    assert.ok(
      server
        .of('render-file')
        .slice(1)
        .every(({ headers }) => /^bytes=\d+-$/.test(headers.range ?? '')),
    );
  });

  describe('a stop works at once', () => {
    for (const [where, fault] of places) {
      it(`while a connection says nothing ${where}`, async () => {
        for (const [name, { call }] of Object.entries(calls)) {
          if ((name === 'state' || name === 'download') && fault.phase === 'request body') continue;
          const before = proxy.connections;
          // undici may connect anew after a stop, and then asks nothing.
          proxy.faults = Array<Fault>(5).fill({ ...fault, how: 'silence' });
          const stop = new AbortController();
          const asked = call(stop.signal);
          asked.catch(() => undefined);
          await until(() => proxy.connections > before);
          await new Promise((resolve) => setTimeout(resolve, 20));
          const stopped = performance.now();
          stop.abort(new Error('stopped by the person'));
          await assert.rejects(asked, /stopped by the person/, name);
          // Of itself the silence ends after a second.
          assert.ok(performance.now() - stopped < 500, `${name}: ${performance.now() - stopped} ms`);
        }
        assert.deepEqual(await readdir(folder), ['talk.mp4']);
      });
    }
  });

  describe('an answer of a wrong length', () => {
    const raw =
      (head: string, body: string, end = true): Answer =>
      (response) => {
        response.socket?.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}\r\n\r\n${body}`);
        if (end) response.socket?.end();
      };
    const body = '{"code":0,"data":{"available":60,"frozen":40,"total":100}}';
    const cases: [string, Answer][] = [
      ['more announced than came', raw('content-length: 5000', body)],
      ['less announced than came', raw('content-length: 20', body)],
      ['a length that is no number', raw('content-length: many', body)],
      ['a negative length', raw('content-length: -1', body)],
      ['two different lengths', raw('content-length: 58\r\ncontent-length: 20', body)],
      ['a length beside chunks', raw('content-length: 58\r\ntransfer-encoding: chunked', `3a\r\n${body}\r\n0\r\n\r\n`)],
      ['a chunk size that is no number', raw('transfer-encoding: chunked', `zz\r\n${body}\r\n0\r\n\r\n`)],
      ['a chunk larger than what came', raw('transfer-encoding: chunked', `fff\r\n${body}\r\n0\r\n\r\n`)],
      ['a chunk smaller than what came', raw('transfer-encoding: chunked', `5\r\n${body}\r\n0\r\n\r\n`)],
      ['a chunk size beyond all numbers', raw('transfer-encoding: chunked', `ffffffffffffffffff\r\n${body}`)],
      ['no last chunk', raw('transfer-encoding: chunked', `3a\r\n${body}\r\n`)],
    ];
    for (const [name, answer] of cases) {
      it(`is no answer: ${name}`, async () => {
        server.answers.set('credits', answer);
        server.answers.set('submit', answer);
        const plain = (error: unknown): boolean =>
          ['unreachable', 'bad-answer'].includes((error as { kind: string }).kind);
        await assert.rejects(client.credits(), plain);
        assert.ok(server.of('credits').length <= 3);
        await assert.rejects(client.submitRender(render), plain);
        assert.equal(server.of('submit').length, 1);
      });
    }
  });

  describe('of which the server is overwhelmed (a storm of 5xx)', () => {
    for (const scenario of ['server error 503', 'server error 500', 'gateway time-out 504'] as const) {
      it(`${scenario} for ever: every route is given up soon, and what costs went out once`, async () => {
        for (const { route } of Object.values(calls)) server.fail(route, ...Array<Scenario>(50).fill(scenario));
        for (const [name, { call, route, tries }] of Object.entries(calls)) {
          await assert.rejects(call(), ofKind('server'), name);
          const most = name === 'upload' ? 1 : tries;
          assert.ok(server.of(route).length <= most, `${name}: ${server.of(route).length}`);
        }
        assert.ok(setup.clock.sleeps.reduce((sum, pause) => sum + pause, 0) < 60_000);
      });
    }
  });

  describe('whose names are gone (DNS)', () => {
    const realLookup = dns.lookup;
    afterEach(() => {
      Object.assign(dns, { lookup: realLookup });
      syncBuiltinESMExports();
    });
    for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA']) {
      it(`${code} is told plainly after three tries of a read, one of a message; when names are back, so are we`, async () => {
        let asked = 0;
        Object.assign(dns, {
          lookup: (_host: string, _given: dns.LookupOptions, done: (...args: unknown[]) => void) => {
            asked += 1;
            const error = new Error(`getaddrinfo ${code} nemo.invalid`);
            process.nextTick(done, Object.assign(error, { code, syscall: 'getaddrinfo' }));
          },
        });
        syncBuiltinESMExports();
        const far = setUp(server.url.replace('127.0.0.1', 'nemo.invalid'));
        await assert.rejects(
          far.client.credits(),
          ofKind('unreachable', /^NemoVideo cannot be reached; check the network/),
        );
        assert.equal(asked, 3);
        await assert.rejects(collect(far.client.run({ sessionId: '1', text: 'hi' })), ofKind('unreachable'));
        assert.equal(asked, 4);
        Object.assign(dns, {
          lookup: (_host: string, given: dns.LookupOptions, done: (...args: unknown[]) => void) =>
            process.nextTick(() =>
              given.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
            ),
        });
        assert.equal((await far.client.credits()).available, 60);
        await far.client.close();
      });
    }
  });

  describe('that wants a log-in first (a captive portal)', () => {
    const page = '<!DOCTYPE html><html>Please log in</html>';
    const answer =
      (status: number, headers: Record<string, string> = {}): Answer =>
      (response) => {
        response.writeHead(status, { 'content-type': 'text/html', ...headers });
        response.end(page);
      };
    for (const [name, portal] of [
      ['200 with a page', answer(200)],
      ['302 to a page', answer(302, { location: 'http://portal.invalid/login' })],
      ['307 to a page', answer(307, { location: 'https://portal.invalid/login' })],
      ['511', answer(511)],
    ] as const) {
      it(`${name}: says to log in to the network, whatever was asked; nothing is followed, nothing is sent twice`, async () => {
        for (const { route } of Object.values(calls)) server.answers.set(route, portal);
        for (const [what, { call, route, tries }] of Object.entries(calls)) {
          const wanted =
            what === 'download'
              ? (error: unknown): boolean => ['unreachable', 'bad-answer'].includes((error as { kind: string }).kind)
              : ofKind('unreachable', /log in to the network/);
          await assert.rejects(call(), wanted, what);
          const most = what === 'upload' ? 1 : tries;
          assert.ok(server.of(route).length <= most, `${what}: ${server.of(route).length}`);
        }
        assert.deepEqual(await readdir(folder), ['talk.mp4']);
      });
    }
  });
});

describe('A session on a bad network', function () {
  this.timeout(30_000);
  let scene: CloudScene;
  let proxy: FaultProxy;

  beforeEach(async () => {
    const server = await FaultServer.start();
    server.closeAfterEach();
    proxy = await FaultProxy.start(server.url);
    scene = await CloudScene.open({ baseUrl: proxy.url }, server);
  });
  afterEach(async () => {
    assert.ok((await readFile(scene.clip)).equals(scene.clipBytes), 'the source changed');
    await scene.close();
    await proxy.close();
  });

  it('that swallows the message: it is looked for, told, kept, and not sent again', async () => {
    await scene.session.upload([scene.clip]);
    // The answer's head comes, and then nothing: heartbeats are missing for ten minutes.
    proxy.faults = [{}, {}, {}, { phase: 'answer body', after: 0, how: 'silence' }];
    scene.draftText = () => '{"t":[{"tt":0,"sg":[{"d":10000}]}]}';
    await assert.rejects(scene.session.remove([SECTION]), { name: 'SessionError' });
    assert.ok(scene.asked.length <= 1);
    assert.match(scene.chat.at(-1) ?? '', /^error: .*(?:retry).*\]$/u);
    assert.equal(scene.session.busy, false);
  });

  it('that wants a log-in: says so, what is kept, and what can be done', async () => {
    const portal: Answer = (response) => {
      response.writeHead(302, { location: 'http://portal.invalid/' });
      response.end();
    };
    scene.server.answers.set('create-session', portal);
    await assert.rejects(scene.session.remove([SECTION]), { kind: 'unreachable' });
    assert.equal(
      scene.chat.at(-1),
      "error: A web page came instead of NemoVideo's answer: log in to the network or check the proxy. Your clip and your edits are kept. You can also cut on this machine instead. [use-local,retry]",
    );
  });

  it('that is gone: says so, what is kept, and what can be done; then it is tried again', async () => {
    proxy.faults = [{ phase: 'connect' }];
    await assert.rejects(scene.session.remove([SECTION]), { kind: 'unreachable' });
    assert.equal(
      scene.chat.at(-1),
      'error: NemoVideo cannot be reached; your clip and your edits are kept. Check the network and try again, or cut on this machine instead. [use-local,retry]',
    );
    await scene.session.retry();
    assert.equal(scene.asked.length, 1);
    assert.deepEqual(scene.session.snapshot.draft.duration, 8_000_000);
  });
});
