import type { Readable } from 'node:stream';
import { networkError, type HttpAnswer, type HttpRequest, type HttpTransport } from './http.js';
import { NemoError } from './errors.js';

type Log = (line: string, level?: 'warn') => void;

/** Of all clients of this process, so that a number in the log means one request. */
let last = 0;

/**
 * A transport whose every request has a number in the log, with its status, time and sizes. Of an address only the path,
 * of another host than `origin` only the host is told: what leads to a file often stands in the rest. Of headers and
 * bodies nothing but their length.
 */
export function withRequestLog(transport: HttpTransport, origin: string, log: Log): HttpTransport {
  return {
    async send(request) {
      const name = `#${++last} ${request.method} ${shownPlace(request.url, origin)}`;
      const started = performance.now();
      const after = (): string => `after ${Math.round(performance.now() - started)} ms`;
      const sent = sentLength(request);
      try {
        const answer = await transport.send(request);
        const received = receivedLength(answer);
        log(`${name}: ${answer.status} ${after()}, ${sent} B sent, ${received} B to come`);
        const count = countOf(answer.body);
        answer.body.once('close', () => log(`${name}: over ${after()}, ${count()} B came`));
        return answer;
      } catch (thrown) {
        const error = networkError(thrown, request.signal);
        const why = error instanceof NemoError ? [error.kind, error.code].filter(Boolean).join(' ') : 'ended';
        log(`${name}: ${why} ${after()}`, ...(error instanceof NemoError ? (['warn'] as const) : []));
        throw thrown;
      }
    },
    close: () => transport.close(),
  };
}

function shownPlace(url: URL, origin: string): string {
  return url.origin === origin ? url.pathname.slice(1) : `${url.protocol}//${url.host}/…`;
}

function sentLength({ body, headers }: HttpRequest): number | string {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : (headers['content-length'] ?? '?');
}

function receivedLength({ headers }: HttpAnswer): string {
  const told = headers['content-length'];
  return typeof told === 'string' && /^\d+$/.test(told) ? told : '?';
}

/** Counts what is read, without reading anything itself: a stream of the agent says no length beforehand. */
function countOf(body: Readable): () => number {
  // The first bytes may have come with the headers.
  let bytes = body.readableLength;
  const push = body.push.bind(body);
  body.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk instanceof Uint8Array) bytes += chunk.length;
    return push(chunk, encoding);
  };
  return () => bytes;
}
