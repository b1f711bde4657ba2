import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LIMITS } from '../../src/local/http.js';
import { LocalBench } from './local-setup.js';

const CREDITS = '/api/credits/balance/simple';
/** Short, so that a test sees the end of the patience. */
const IMPATIENT = { ...LIMITS, headersTime: 400, bodySilence: 400 };

/** Everything that came until the other side closed. */
function conversation(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

describe('a program or page on this machine that wants into the engine', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  let port: number;
  let token: string;
  const log: string[] = [];

  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4', 6);
    await bench.stop();
    await bench.start({ limits: IMPATIENT, log: (line, level) => log.push(`${level ?? 'debug'} ${line}`) });
    port = Number(new URL(bench.engine.baseUrl).port);
    token = bench.engine.token;
  });
  after(() => bench.close());
  afterEach(async () => {
    assert.ok((await bench.client.credits()).available > 0, 'the engine must go on for its own client');
    assert.ok(!log.join('\n').includes(token), 'the token is in the log');
  });

  const open = (): Socket => connect(port, '127.0.0.1');
  /** Sends these bytes as they are and gives what came back, once the connection is over. */
  const send = async (bytes: string | Buffer): Promise<string> => {
    const socket = open();
    const heard = conversation(socket);
    socket.write(bytes);
    return await heard;
  };
  const authorization = (): string => `Authorization: Bearer ${token}`;
  const ask = async (line: string, ...headers: readonly string[]): Promise<number> => {
    const answer = await send(`${line}\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
    if (status !== 200) assertEmptyHanded(answer);
    return status;
  };
  /** No answer at the door says more than that it is closed, and none invites a page. */
  const assertEmptyHanded = (answer: string): void => {
    assert.doesNotMatch(answer, /access-control-|available|nmv_local|session_id/i);
    assert.ok(!answer.includes(token));
  };

  it('gets nothing without the whole token, in whatever way it is written', async () => {
    const host = `Host: 127.0.0.1:${port}`;
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, authorization()), 200);
    const wrong = [
      [],
      ['Authorization:'],
      ['Authorization: Bearer'],
      ['Authorization: Bearer '],
      [`Authorization: ${token}`],
      [`Authorization: Basic ${Buffer.from(`:${token}`).toString('base64')}`],
      [`Authorization: Bearer ${token.slice(0, -1)}`],
      [`Authorization: Bearer ${token}x`],
      [`Authorization: Bearer ${token.toUpperCase()}`],
      [`Authorization: Bearer ${encodeURIComponent(`${token} `)}`],
      [`Authorization: Bearer ${token}, Bearer other`],
      [`Cookie: token=${token}`],
      [`X-Authorization: Bearer ${token}`],
      [`Proxy-Authorization: Bearer ${token}`],
    ];
    for (const headers of wrong) {
      assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, ...headers), 401, headers.join());
    }
    assert.equal(await ask(`GET ${CREDITS}?token=${token} HTTP/1.1`, host), 401);
    assert.equal(await ask(`GET ${CREDITS}?authorization=Bearer%20${token} HTTP/1.1`, host), 401);
  });

  it('gets nothing under a name that a page can point at 127.0.0.1', async () => {
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1:${port}.evil.example`,
      `evil.example@127.0.0.1:${port}`,
      `127.0.0.1:${port}@evil.example`,
      `[::1]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
      `2130706433:${port}`,
      `0x7f000001:${port}`,
      `127.0.0.2:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}/`,
      `127.0.0.1:${port},evil.example`,
      'localhost',
    ];
    for (const host of hosts) {
      assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, `Host: ${host}`, authorization()), 403, host);
    }
  });

  it('gets nothing without a host, with two, or with one in the address', async () => {
    const [host, auth] = [`Host: 127.0.0.1:${port}`, authorization()];
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, auth), 400);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.0`, auth), 403);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, 'Host:', auth), 403);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, 'Host: evil.example', auth), 403);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, auth, 'Authorization: Bearer other'), 403);
    for (const address of [
      `http://evil.example${CREDITS}`,
      `http://evil.example:${port}${CREDITS}`,
      `http://127.0.0.1:${port}${CREDITS}`,
      `//evil.example${CREDITS}`,
      `///${CREDITS}`,
      `file://${CREDITS}`,
      `\\\\evil.example${CREDITS}`,
      '*',
      'http://[',
    ]) {
      const status = await ask(`GET ${address} HTTP/1.1`, host, auth);
      assert.ok([400, 403].includes(status), `${address}: ${status}`);
    }
  });

  it('is refused when a page asks, also ahead of its real question, and nothing says that pages may', async () => {
    const [host, auth] = [`Host: 127.0.0.1:${port}`, authorization()];
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port}`, 'vscode-webview://x', '']) {
      assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, auth, `Origin: ${origin}`), 403, origin);
      const method = 'Access-Control-Request-Method: POST';
      assert.equal(await ask('OPTIONS /run_sse HTTP/1.1', host, `Origin: ${origin}`, method), 403, origin);
    }
    assert.equal(await ask('OPTIONS /run_sse HTTP/1.1', host, auth), 405);
    const served = await bench.fetch(CREDITS);
    assert.deepEqual(
      [...served.headers.keys()].filter((name) => name.startsWith('access-control-')),
      [],
    );
  });

  it('finds the engine on no other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address))
      .filter((address) => address !== '127.0.0.1');
    for (const address of ['::1', '127.0.0.2', ...others]) {
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect({ port, host: address });
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('close', () => socket.destroy());
      });
      assert.equal(reached, false, address);
    }
    if (process.platform !== 'linux') return;
    // Addresses stand in it byte by byte backwards: 127.0.0.1 is 0100007F.
    const listening = (await readFile('/proc/net/tcp', 'latin1')).split('\n').filter((line) => / 0A /.test(line));
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    assert.deepEqual(
      listening.map((line) => line.trim().split(/\s+/)[1]).filter((local) => local?.endsWith(`:${hex}`)),
      [`0100007F:${hex}`],
    );
    assert.doesNotMatch(await readFile('/proc/net/tcp6', 'latin1').catch(() => ''), new RegExp(`:${hex} .* 0A `));
  });

  it('gets no file but what was rendered, by whatever path it asks', async () => {
    await writeFile(join(bench.folder, 'secret.txt'), 'the secret of this machine');
    const up = ['..', '%2e%2e', '%2E%2E%2F%2e%2e', '..%2f..', '..%5c..', '%252e%252e', '....//', '.%00.'];
    const targets = ['secret.txt', 'etc/passwd', 'data/sessions', 'result.mp4'];
    const roots = ['/files', '/files/x', '/api/render/proxy', '/api/state/nemo_agent/me', ''];
    for (const root of roots) {
      for (const dots of up) {
        for (const target of targets) {
          for (const ending of ['', '/download', '/latest']) {
            const path = `${root}/${dots}/${dots}/${target}${ending}`;
            const answer = await send(
              `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${authorization()}\r\nConnection: close\r\n\r\n`,
            );
            assert.match(answer, /^HTTP\/1\.1 (400|403|404|405) /, path);
            assert.doesNotMatch(answer, /the secret|root:/);
          }
        }
      }
    }
  });

  it('cannot name a session or a render so that another file is read, written or removed', async () => {
    const before = await readdir(bench.folder, { recursive: true });
    const ids = [
      '../../talk',
      '..%2f..%2ftalk',
      '5%2f..%2f..',
      '%00',
      '.',
      '..',
      'a'.repeat(5000),
      '__proto__',
      '１２',
    ];
    for (const id of ids) {
      const part = id.includes('%') ? id : encodeURIComponent(id);
      for (const [method, path] of [
        ['GET', `/api/state/nemo_agent/me/${part}/latest`],
        ['DELETE', `/api/tasks/me/with-session/nemo_agent/${part}`],
        ['POST', `/api/upload-video/nemo_agent/me/${part}`],
        ['GET', `/api/render/proxy/lambda/${part}`],
        ['POST', `/api/render/proxy/lambda/${part}/cancel`],
        ['GET', `/api/render/proxy/${part}/download`],
      ] as const) {
        const body = path.includes('upload') ? { body: JSON.stringify({ urls: ['file:///etc/passwd'] }) } : {};
        const answer = await bench.fetch(path, { method, ...body });
        assert.ok([400, 403, 404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
      }
    }
    assert.deepEqual((await readdir(bench.folder, { recursive: true })).sort(), before.sort());
  });

  it('takes a file only by its own address on this machine or the web', async () => {
    const sessionId = await bench.newSession();
    for (const url of [
      'file://evil.example/share/x.mp4',
      'file:///etc/passwd',
      'file:///dev/zero',
      'file:///proc/self/environ',
      'file:///%2e%2e/%00',
      `file://${encodeURI(bench.folder)}`,
      'ftp://127.0.0.1/x.mp4',
      'data:video/mp4;base64,AAAA',
      'concat:/etc/passwd|/etc/group',
      'subfile,,start,0,end,9,,:/etc/passwd',
      'javascript:alert(1)',
      'C:\\x.mp4',
      '',
    ]) {
      const path = `/api/upload-video/nemo_agent/me/${sessionId}`;
      const answer = await bench.fetch(path, { method: 'POST', body: JSON.stringify({ urls: [url] }) });
      assert.ok([415, 422].includes(answer.status), `${url}: ${answer.status}`);
      assert.match(((await answer.json()) as { message: string }).message, /^[^{}]+\.$/);
    }
    assert.equal(await bench.timeline(sessionId), '');
  });

  it('is refused when a body, a message or a line is too long', async () => {
    const [host, auth] = [`Host: 127.0.0.1:${port}`, authorization()];
    const long = await bench.fetch('/run_sse', { method: 'POST', body: 'x'.repeat(5 * 1024 * 1024) });
    assert.equal(long.status, 413);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, auth, `X-Long: ${'x'.repeat(20_000)}`), 431);
    assert.equal(await ask(`GET /${'x'.repeat(20_000)} HTTP/1.1`, host, auth), 431);
    const many = Array.from({ length: 200 }, (_, index) => `X-${index}: 1`);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, auth, ...many), 431);
    assert.equal(await ask(`GET ${CREDITS} HTTP/1.1`, host, auth, 'Content-Length: 5'), 413);
    const depth = 100_000;
    for (const body of [
      `${'['.repeat(depth)}${']'.repeat(depth)}`,
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      '[]',
      'null',
      '"x"',
      '{"session_id":{},"new_message":{"parts":[{}]}}',
      '\u0000',
    ]) {
      for (const path of ['/run_sse', '/api/render/proxy/lambda', '/api/tasks/me/with-session/nemo_agent']) {
        const answer = await bench.fetch(path, { method: 'POST', body });
        assert.ok(answer.status < 500, `${path} ${body.slice(0, 20)}: ${answer.status}`);
      }
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('cannot send a stranger’s body at all: the connection ends with the answer', async () => {
    const socket = open();
    const heard = conversation(socket);
    socket.write(`POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000000000\r\n\r\n`);
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024);
    while (!socket.destroyed && sent < 200 * 1024 * 1024) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      sent += piece.length;
    }
    assert.match(await heard, /^HTTP\/1\.1 401 /);
    assert.ok(sent < 50 * 1024 * 1024, `${sent} bytes were taken`);
  });

  it('cannot keep a connection by sending nothing, or a byte now and then', async () => {
    const started = performance.now();
    const silent = open();
    const slow = open();
    const stuck = open();
    const all = Promise.all([silent, slow, stuck].map(conversation));
    slow.write(`GET ${CREDITS} HTTP/1.1\r\n`);
    const drip = setInterval(() => slow.write('X'), 50);
    stuck.write(
      `POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${authorization()}\r\nContent-Length: 50\r\n\r\n{`,
    );
    await all;
    clearInterval(drip);
    assert.ok(performance.now() - started < 10_000);
  });

  it('cannot crowd out the engine’s own client for long', async () => {
    const crowd = Array.from({ length: LIMITS.connections + 50 }, open);
    const ends = Promise.all(crowd.map(conversation));
    // Whoever is too many is turned away at once, the others when their patience is over.
    await ends;
    assert.ok((await bench.client.credits()).available > 0);
  });

  it('with the token gets only so many answers at once, and is told to come back', async () => {
    const body = `POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${authorization()}\r\nContent-Length: 50\r\n\r\n{`;
    const waiting = Array.from({ length: LIMITS.requests }, () => {
      const socket = open();
      socket.write(body);
      return { socket, over: conversation(socket) };
    });
    let answer: Response;
    do answer = await bench.fetch(CREDITS);
    while (answer.status === 200);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '1']);
    for (const { socket } of waiting) socket.destroy();
    await Promise.all(waiting.map(({ over }) => over));
  });

  it('that speaks no HTTP at all is shown out', async () => {
    const tls = Buffer.from('1603010200010001fc0303', 'hex');
    const openings = [
      tls,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'EHLO evil\r\n',
      'CONNECT evil.example:443 HTTP/1.1\r\n\r\n',
    ];
    for (const bytes of openings) assert.doesNotMatch(await send(bytes), /HTTP\/1\.1 2/);
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'];
    assert.equal(await ask('GET / HTTP/1.1', `Host: 127.0.0.1:${port}`, ...upgrade), 401);
    for (let round = 0; round < 100; round += 1) {
      const answer = await send(randomBytes(1 + Math.floor(Math.random() * 3000)));
      assert.doesNotMatch(answer, /HTTP\/1\.1 2/);
    }
  });

  it('that mangles a good request gets a refusal or nothing', async () => {
    const good = `POST /run_sse HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
    const mangle = fc.record({
      at: fc.nat(good.length - 1),
      cut: fc.nat(20),
      put: fc.string({ unit: 'binary', maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mangle, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = changes.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), good);
        const socket = open();
        const heard = conversation(socket);
        socket.end(Buffer.from(bytes, 'latin1'));
        const answer = await heard;
        assert.doesNotMatch(answer, /HTTP\/1\.1 2/);
        assertEmptyHanded(answer);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves a line in the log, and not one for each try', () => {
    const told = log.filter((line) => line.includes('strangers refused'));
    assert.ok(told.length > 1 && told.length < 8, told.join('\n'));
    assert.match(told[0] ?? '', /^warn local: 1 strangers refused so far$/);
    assert.deepEqual(
      log.filter((line) => line.includes('unexpected')),
      [],
    );
  });

  it('does nothing to the clip that is open meanwhile', async () => {
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 1s to 2s');
    assert.equal(await bench.timeline(sessionId), '0-1 2-6');
  });
});
