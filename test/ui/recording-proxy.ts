import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What came in: everything a server of NemoVideo and those between would see. */
export interface Recorded {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** The beginning of it. */
  readonly body: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly seen: readonly Recorded[];
  /** The next request for the credits is refused in words that repeat its token, as careless servers do. */
  repeatToken(): void;
  close(): Promise<void>;
}

const KEPT = 100_000;

/** Stands before an engine: takes `token`, and hands on what comes with it under the engine's own. */
export async function startRecordingProxy(
  token: string,
  engine: { baseUrl: string; token: string },
): Promise<RecordingProxy> {
  const seen: Recorded[] = [];
  let repeats = false;
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.length < 20 && chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1').slice(0, KEPT);
      seen.push({ line: `${method} ${url}`, headers, body });
    });
    if (repeats && url.includes('credits')) {
      repeats = false;
      incoming.resume();
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 4242, message: `No credits for ${headers.authorization} (${token}).` }));
      return;
    }
    const host = new URL(engine.baseUrl).host;
    const known = headers.authorization === `Bearer ${token}`;
    const authorization = known ? { authorization: `Bearer ${engine.token}` } : {};
    const onward = request(new URL(url, engine.baseUrl), { method, headers: { ...headers, ...authorization, host } });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    repeatToken: () => (repeats = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
