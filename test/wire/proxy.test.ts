import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { attributionHeaders } from '../../src/nemo/attribution.js';
import { createHttpTransport, type HttpSettings } from '../../src/nemo/http.js';
import { FaultServer } from './fault-server.js';
import { ATTRIBUTION, ofKind, setUp } from './setup.js';

/** An HTTP proxy that tunnels every name to one server, and notes what it was asked. */
class Proxy {
  readonly asked: { target: string; authorization: string | undefined }[] = [];
  password: string | undefined;
  /** What it answers instead of making a tunnel; empty: nothing at all. */
  refusal: string | undefined;
  readonly #server: Server;

  private constructor(target: FaultServer) {
    this.#server = createServer();
    this.#server.on('connect', (request, socket) => {
      const authorization = request.headers['proxy-authorization'];
      this.asked.push({ target: request.url ?? '', authorization });
      if (this.password !== undefined && authorization !== this.password) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      if (this.refusal !== undefined) {
        if (this.refusal !== '') socket.end(this.refusal);
        socket
          .on('error', () => undefined)
          .on('end', () => socket.destroy())
          .resume();
        return;
      }
      const { port } = new URL(target.url);
      const upstream = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      socket.on('close', () => upstream.destroy());
    });
  }

  static async start(target: FaultServer): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('Behind a proxy', () => {
  const far = 'http://nemo.invalid';
  let server: FaultServer;
  let proxy: Proxy;
  const opened: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    server = await FaultServer.start();
    proxy = await Proxy.start(server);
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
    await proxy.close();
    await server.close();
  });

  function clientWith(http: () => HttpSettings, environment: Record<string, string> = {}, url = far) {
    const { client } = setUp(url, { http, environment });
    opened.push(() => client.close());
    return client;
  }

  it('uses the proxy of the settings, with its authorization', async () => {
    const client = clientWith(() => ({ proxy: proxy.url, proxyAuthorization: 'Basic abc' }));
    assert.equal((await client.credits()).available, 60);
    assert.deepEqual(proxy.asked, [{ target: 'nemo.invalid:80', authorization: 'Basic abc' }]);
    assert.equal(server.of('credits')[0]?.headers['proxy-authorization'], undefined);
  });

  for (const name of ['http_proxy', 'HTTP_PROXY']) {
    it(`uses the proxy of the environment (${name}), with the password in its address`, async () => {
      const client = clientWith(() => ({}), { [name]: proxy.url.replace('//', '//me:secret@') });
      await client.credits();
      assert.equal(proxy.asked[0]?.authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`);
    });
  }

  it('never sends loopback through the proxy, where our own engine is', async () => {
    const client = clientWith(() => ({ proxy: proxy.url }), {}, server.url);
    await client.credits();
    assert.deepEqual(proxy.asked, []);
  });

  it('goes directly where the settings or the environment say so', async () => {
    for (const [settings, environment] of [
      [{ proxy: proxy.url, noProxy: ['.invalid'] }, {}],
      [{ proxy: proxy.url }, { no_proxy: 'nemo.invalid' }],
      [{ proxy: proxy.url }, { NO_PROXY: '*' }],
      [{ proxy: false }, { http_proxy: proxy.url }],
    ] as const) {
      await assert.rejects(clientWith(() => settings, environment).credits(), ofKind('unreachable'));
    }
    assert.deepEqual(proxy.asked, []);
  });

  it('uses a changed setting from the next request on', async () => {
    let settings: HttpSettings = { proxy: false };
    const client = clientWith(() => settings);
    await assert.rejects(client.credits(), ofKind('unreachable'));
    settings = { proxy: proxy.url };
    await client.credits();
    assert.equal(proxy.asked.length, 1);
  });

  it('says what to check when the proxy wants a password', async () => {
    proxy.password = 'Basic right';
    await assert.rejects(
      clientWith(() => ({ proxy: proxy.url })).credits(),
      ofKind('unreachable', /proxy asks for a password/),
    );
  });

  it('asks no second time with a wrong password: the account would be locked; the right one works from then on', async () => {
    proxy.password = 'Basic right';
    let proxyAuthorization = 'Basic wrong';
    const client = clientWith(() => ({ proxy: proxy.url, proxyAuthorization }));
    await assert.rejects(client.credits(), ofKind('unreachable', /proxy asks for a password/));
    await assert.rejects(client.uploadUrls('1', ['https://example.com/a.mp4']), ofKind('unreachable'));
    assert.deepEqual(
      proxy.asked.map(({ authorization }) => authorization),
      ['Basic wrong', 'Basic wrong'],
    );
    proxyAuthorization = 'Basic right';
    assert.equal((await client.credits()).available, 60);
    assert.equal(server.requests.length, 1);
  });

  it('says so when the proxy does not let the connection through, and asks no second time', async () => {
    proxy.refusal = 'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>No</html>';
    const client = clientWith(() => ({ proxy: proxy.url }));
    await assert.rejects(client.credits(), ofKind('unreachable', /does not let the connection through \(403\)/));
    assert.equal(proxy.asked.length, 1);
  });

  it('tries a read three times when the proxy does not find the server', async () => {
    proxy.refusal = 'HTTP/1.1 502 Bad Gateway\r\n\r\n';
    const client = clientWith(() => ({ proxy: proxy.url }));
    await assert.rejects(client.credits(), ofKind('unreachable', /cannot be reached/));
    assert.equal(proxy.asked.length, 3);
  });

  it('gives up a proxy that takes the connection and says nothing', async () => {
    proxy.refusal = '';
    const { client } = setUp(far, {
      http: () => ({ proxy: proxy.url }),
      patience: { connect: 100, answer: 100, work: 100 },
    });
    opened.push(() => client.close());
    await assert.rejects(
      client.submitRender({ id: 'r', sessionId: '1', draft: {}, output: { format: 'mp4', quality: 'high' } }),
      ofKind('timed-out'),
    );
    assert.equal(proxy.asked.length, 1);
  });

  it('says what to check when the proxy address is none, without repeating its password', async () => {
    const rejected = clientWith(() => ({ proxy: 'me:secret@proxy' })).credits();
    await assert.rejects(rejected, (error: Error) => {
      assert.match(error.message, /proxy address/);
      assert.doesNotMatch(JSON.stringify([error, String(error.cause), error.stack]), /secret/);
      return true;
    });
  });

  it('gives up a server that says nothing', async () => {
    server.fail('credits', 'silence');
    const transport = createHttpTransport(() => ({}), {});
    opened.push(() => transport.close());
    const url = new URL(`${server.url}/api/credits/balance/simple`);
    const headers = { ...attributionHeaders(ATTRIBUTION), authorization: 'Bearer token-1' };
    await assert.rejects(transport.send({ method: 'GET', url, headers, headersTimeout: 1 }), ofKind('timed-out'));
  });
});
