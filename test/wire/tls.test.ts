import assert from 'node:assert/strict';
import { connect, type AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { HttpSettings } from '../../src/nemo/http.js';
import { CERTIFICATES } from './certificates.js';
import { FaultServer } from './fault-server.js';
import { collect, ofKind, setUp, type Setup } from './setup.js';

/** The fault server behind TLS. */
async function startTls(target: FaultServer, pair: { key: string; cert: string }): Promise<tls.Server> {
  const server = tls.createServer(pair, (socket) => {
    const upstream = connect(Number(new URL(target.url).port), '127.0.0.1');
    upstream.pipe(socket).pipe(upstream);
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('A connection that should be secure', () => {
  let target: FaultServer;
  const closing: (() => Promise<unknown>)[] = [];
  const real = tls.createSecureContext;

  beforeEach(async () => {
    target = await FaultServer.start();
  });
  afterEach(async () => {
    Object.assign(tls, { createSecureContext: real });
    for (const close of closing.splice(0)) await close();
    await target.close();
  });

  async function clientOf(pair: { key: string; cert: string }, http: HttpSettings = {}): Promise<Setup> {
    const server = await startTls(target, pair);
    const { port } = server.address() as AddressInfo;
    const setup = setUp(`https://localhost:${port}`, { http: () => http });
    closing.push(
      () => setup.client.close(),
      () => new Promise((resolve) => server.close(resolve)),
    );
    return setup;
  }

  for (const [name, pair] of Object.entries(CERTIFICATES)) {
    it(`is refused, at once and for every request, by a certificate that is ${name}; no token leaves`, async () => {
      const { client, clock } = await clientOf(pair);
      // As if an authority vouched for it: what is wrong is only what the name says.
      if (name !== 'self-signed') {
        Object.assign(tls, {
          createSecureContext: (given: tls.SecureContextOptions) => real({ ...given, ca: pair.cert }),
        });
      }
      const insecure = ofKind('unreachable', /not secure: the certificate .* was not accepted/);
      await assert.rejects(client.credits(), insecure);
      await assert.rejects(collect(client.run({ sessionId: '1', text: 'hi' })), insecure);
      await assert.rejects(client.uploadUrls('1', ['https://example.com/a.mp4']), insecure);
      assert.deepEqual(clock.sleeps, [], 'it does not pass by itself');
      assert.deepEqual(target.requests, []);
    });
  }

  it('is made all the same where the person has switched the check off (http.proxyStrictSSL)', async () => {
    const { client } = await clientOf(CERTIFICATES['self-signed'], { strictSSL: false });
    assert.equal((await client.credits()).available, 60);
  });

  it('is told from a server that speaks plain HTTP there', async () => {
    const { client } = setUp(target.url.replace('http:', 'https:'));
    closing.push(() => client.close());
    await assert.rejects(client.credits(), ofKind('unreachable'));
    await assert.rejects(collect(client.run({ sessionId: '1', text: 'hi' })), ofKind('unreachable'));
    assert.deepEqual(target.requests, []);
  });

  it('is told from a server that speaks TLS where plain HTTP was meant', async () => {
    const server = await startTls(target, CERTIFICATES['self-signed']);
    const { client } = setUp(`http://localhost:${(server.address() as AddressInfo).port}`);
    closing.push(
      () => client.close(),
      () => new Promise((resolve) => server.close(resolve)),
    );
    await assert.rejects(client.credits(), ofKind('unreachable'));
    assert.deepEqual(target.requests, []);
  });
});
