import type { ServerResponse } from 'node:http';
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib';
import type { FaultServer, ReceivedRequest } from './fault-server.js';

/** What happens to one request. */
export type Answer = (response: ServerResponse, request: ReceivedRequest, server: FaultServer) => void;

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };

export const stream =
  (text: string | Buffer, after: (response: ServerResponse) => void = (response) => response.end()): Answer =>
  (response) => {
    response.writeHead(200, EVENT_STREAM);
    response.write(text, () => after(response));
  };

/** The connection breaks when these bytes have left. */
const breakingStream = (text: string | Buffer): Answer =>
  stream(text, (response) => setImmediate(() => response.destroy()));

const typed = (content: string): string => `data: ${JSON.stringify({ type: 'text', content })}\n\n`;

/** JSON of the normal answer of these routes, compressed: what `credits` and `run` answer. */
const compressedJson =
  (encoding: string, compress: (text: string) => Buffer): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
    response.end(compress('{"code":0,"data":{"available":60,"frozen":40,"total":100}}'));
  };

const partOfFile =
  (share: number): Answer =>
  (response, request, server) => {
    const { start, bytes } = server.rangeOf(request);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-type': 'video/mp4',
      'content-length': String(bytes.length),
      etag: server.etag,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${server.file.length - 1}/${server.file.length}` } : {}),
    });
    response.write(bytes.subarray(0, Math.floor(bytes.length * share)), () => {
      // The bytes must have left before the connection breaks.
      setImmediate(() => response.destroy());
    });
  };

/** Codes of WIRE.md, each told in every way a server may choose: `code 2001 as text`, … */
const CODES = ['1001', '1002', '1010', '1011', '2001', '4001', '4002', '402', '429', '408', '503'] as const;
type CodeScenario =
  `code ${(typeof CODES)[number]} as ${'a number' | 'text' | 'part of the error' | 'part of the detail'}`;

const CODE_SCENARIOS = Object.fromEntries(
  CODES.flatMap((code): [CodeScenario, Answer][] => [
    [`code ${code} as a number`, json(200, { code: Number(code), message: 'no' })],
    [`code ${code} as text`, json(200, { code, msg: 'no', data: null })],
    [`code ${code} as part of the error`, json(400, { error: { code: Number(code), message: 'no' } })],
    [`code ${code} as part of the detail`, json(400, { detail: { code: Number(code), message: 'no' } })],
  ]),
) as Record<CodeScenario, Answer>;

const NAMED = {
  'token expired, code 1001': json(200, { code: 1001, message: 'token expired' }),
  'token expired, code "1010" as text': json(200, { code: '1010', msg: 'invalid token' }),
  'token expired, HTTP 401 with detail': json(401, { detail: 'Unauthorized' }),
  'session unknown, code 1002': json(200, { code: 1002, message: 'session not found' }),
  'session unknown, HTTP 404': json(404, { error: 'Session not found: 123' }),
  'session unknown, HTTP 404 with detail': json(404, { detail: 'Session not found' }),
  'no credits': json(200, { code: 2001, message: 'insufficient credits' }),
  'unsupported file': json(200, { code: '4001', message: 'unsupported' }),
  'unsupported file, HTTP 415': json(415, ''),
  'file too large': json(413, { code: 4002, message: 'too large' }),
  'file too large, said by a gateway': json(413, '<html>413</html>', { 'content-type': 'text/html' }),
  'client id missing': json(400, { code: 400, message: 'X-Client-Id required' }),
  'export blocked, HTTP 402': json(402, { message: 'payment required' }),
  'export blocked, code 402': json(200, { code: 402, message: 'subscription required' }),
  'too many requests': json(429, { code: 429, message: 'slow down' }, { 'retry-after': '7' }),
  'too many requests, until a date': json(429, {}, { 'retry-after': 'Wed, 11 Mar 2026 00:00:09 GMT' }),
  'too many requests, no Retry-After': json(429, { code: 429 }),
  'too many requests for a day': json(429, { code: 429 }, { 'retry-after': '86400' }),
  'server error 503': json(503, '<html>busy</html>', { 'content-type': 'text/html' }),
  'server error 500': json(500, { detail: 'Internal Server Error' }),
  'gateway time-out 504': json(504, '', { 'content-type': 'text/html' }),
  'request time-out 408': json(408, {}),
  'captive portal': json(200, '<!DOCTYPE html><html>Please log in</html>', { 'content-type': 'text/html' }),
  'not JSON': json(200, 'OK!', { 'content-type': 'text/plain' }),
  'redirect to a log-in page': json(302, '', { location: 'https://login.example/?next=x' }),
  'redirect that keeps the method': json(307, '', { location: '/elsewhere' }),
  'unknown route': json(404, { detail: 'Not Found' }),
  'unknown method': json(405, { detail: 'Method Not Allowed' }),
  'refused with the token in the text': (response, request, server) =>
    json(200, {
      code: 7777,
      message: `bad header ${request.headers.authorization}, ${request.headers.authorization?.slice(7)} at ${server.url}/x?token=abc`,
    })(response, request, server),
  'connection reset': (response) => response.destroy(),
  'reset before the request is read': (response) => response.destroy(),
  'reset after the headers': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.flushHeaders();
    setImmediate(() => response.destroy());
  },
  silence: () => undefined,
  'empty 200': (response) => response.end(),
  'render id used': json(200, { success: false, message: 'render id exists' }),
  'render id used, with data': json(200, { success: false, error: 'render id exists', data: { id: 'render_1' } }),
  'JSON wrapped twice': json(200, { code: 0, data: { code: 0, data: { available: 60, frozen: 40, total: 100 } } }),
  'JSON not wrapped': json(200, { available: 60, frozen: 40, total: 100 }),
  'JSON without data': json(200, { code: 0, message: 'ok' }),
  'JSON with data null': json(200, { code: 0, data: null }),
  'gzip JSON': compressedJson('gzip', gzipSync),
  'brotli JSON': compressedJson('br', brotliCompressSync),
  'gzip JSON that is damaged': compressedJson('gzip', (text) => gzipSync(text).fill(1, 12, 20)),

  'ADK stream in camelCase': stream(
    'data: {"id":"1","invocationId":"e-1","author":"nemo_agent","content":{"role":"model","parts":[{"text":"Cut"}]},"partial":true,"actions":{"stateDelta":{}}}\n\n' +
      'data: {"id":"2","author":"nemo_agent","content":{"role":"model","parts":[{"text":"Hm","thought":true},{"text":"Cut"},{"functionCall":{"id":"c","name":"cut","args":{}}}]}}\n\n' +
      'data: {"id":"3","author":"nemo_agent","content":{"role":"user","parts":[{"functionResponse":{"id":"c","name":"cut","response":{}}}]}}\n\n',
  ),
  'ADK stream in snake_case': stream(
    'data: {"partial":true,"content":{"parts":[{"text":"Cut"}],"role":"model"},"author":"nemo_agent","invocation_id":"e-1","id":"1","timestamp":1767225600.25}\n\n' +
      'data: {"content":{"parts":[{"thought":true,"text":"Hm"},{"text":"Cut"},{"function_call":{"name":"cut","args":{},"id":"c"}}],"role":"model"},"partial":false,"author":"nemo_agent","id":"2"}\n\n' +
      'data: {"content":{"parts":[{"function_response":{"response":{},"name":"cut","id":"c"}}],"role":"user"},"author":"nemo_agent","id":"3"}\n\n',
  ),
  'typed stream': stream(
    `${typed('Cut')}data: {"args":{},"name":"cut","type":"tool_call"}\n\ndata: {"type":"tool_result","name":"cut","result":{}}\n\n`,
  ),
  'stream breaks midway': breakingStream(typed('Working on it.')),
  'stream breaks after its headers': (response) => {
    response.writeHead(200, EVENT_STREAM);
    response.flushHeaders();
    setImmediate(() => response.destroy());
  },
  'stream breaks inside an event': breakingStream(`${typed('Working on it.')}data: {"type":"te`),
  'stream breaks inside a character': breakingStream(Buffer.from(`${typed('Working on it.')}data: 片`).subarray(0, -1)),
  'stream breaks before its end': (response, request, server) =>
    breakingStream(server.streamText)(response, request, server),
  'breaks where the test says': (response, _request, server) => {
    const at = server.breakPoints.shift() ?? 0;
    if (at < 0) return response.destroy();
    response.writeHead(200, EVENT_STREAM);
    response.flushHeaders();
    const bytes = Buffer.from(server.streamText).subarray(0, at);
    response.write(bytes, () => setImmediate(() => response.destroy()));
  },
  'stream stays open': stream('data: {"type":"heartbeat"}\n\n', () => undefined),
  'stream of heartbeats': stream(': ping\n\nevent: heartbeat\ndata: {}\n\ndata: heartbeat\n\ndata:\n\n'),
  'stream with lines that are not JSON': stream(
    `data: not JSON\n\ndata: {"type":"text",\n\n${typed('Still here.')}data: {"error": "bad "thing""}\n\n${typed('And here.')}`,
  ),
  'stream with CRLF, a byte order mark and U+2028': stream(`\ufeff${typed('a\u2028b').replaceAll('\n', '\r\n')}`),
  'stream with an event of 5 MB': stream(typed('片'.repeat(1_700_000))),
  'stream that tells an error by number': stream('data: {"errorCode":2001,"errorMessage":"no credits"}\n\n'),
  'empty stream': stream(''),
  'gzip stream that stays open': (response) => {
    response.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => response.write(chunk));
    gzip.write(typed('First.'));
    gzip.flush();
  },
  'gzip stream': (response, _request, server) => {
    response.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' });
    response.end(gzipSync(server.streamText));
  },
  'gzip stream of nothing': (response) => {
    response.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' });
    response.end();
  },
  'gzip stream that breaks': (response) => {
    response.writeHead(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => response.write(chunk));
    gzip.write(typed('Working on it.'));
    gzip.flush(() => setImmediate(() => response.destroy()));
  },
  'JSON instead of a stream': json(200, [
    { author: 'nemo_agent', content: { role: 'model', parts: [{ text: 'Done.' }] } },
  ]),
  'JSON without its content type': json(200, '  {"code":2001,"message":"no credits"}', {
    'content-type': 'text/plain',
  }),
  'JSON in an event stream': stream('{"code":2001,"message":"no credits"}\n'),
  'lines of JSON': json(200, '{"type":"text","content":"A"}\n{"type":"text","content":"B"}\n', {
    'content-type': 'application/x-ndjson',
  }),
  'event stream without its content type': (response) => {
    response.writeHead(200);
    response.end('\n\ndata: {"type":"text","content":"Plain."}\n\n');
  },

  'answers before the upload is read': (response) => {
    response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
    response.end('{"code":4002,"message":"too large"}');
  },

  'breaks after half': partOfFile(0.5),
  'breaks at once': partOfFile(0),
  'ignores the range': (response, _request, server) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(server.file.length) });
    response.end(server.file);
  },
  'refuses the range': (response, _request, server) => {
    response.writeHead(416, { 'content-range': `bytes */${server.file.length}` });
    response.end();
  },
  'sends another part': (response, _request, server) => {
    response.writeHead(206, { 'content-type': 'video/mp4', 'content-range': `bytes 1-9/${server.file.length}` });
    response.end(server.file.subarray(1, 10));
  },
  'sends the part of another version': (response, request, server) => {
    const { start } = server.rangeOf(request);
    const other = Buffer.alloc(server.file.length, 9);
    response.writeHead(206, {
      'content-type': 'video/mp4',
      'content-range': `bytes ${start}-${other.length - 1}/${other.length}`,
      etag: '"v2"',
    });
    response.end(other.subarray(start));
  },
  'sends the part of a longer file': (response, request, server) => {
    const { start } = server.rangeOf(request);
    const other = Buffer.alloc(server.file.length + 5, 9);
    response.writeHead(206, {
      'content-type': 'video/mp4',
      'content-range': `bytes ${start}-${other.length - 1}/${other.length}`,
    });
    response.end(other.subarray(start));
  },
  'says more bytes than there are': (response, _request, server) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(server.file.length + 100) });
    response.write(server.file, () => setImmediate(() => response.destroy()));
  },
  'sends without a length': (response, _request, server) => {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    response.write(server.file.subarray(0, 1000));
    response.end(server.file.subarray(1000));
  },
  'sends it compressed': (response, _request, server) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-encoding': 'gzip', etag: server.etag });
    response.end(gzipSync(server.file));
  },
  'sends it compressed, and breaks after half': (response, _request, server) => {
    const bytes = gzipSync(server.file, { level: 0 });
    response.writeHead(200, {
      'content-type': 'video/mp4',
      'content-encoding': 'gzip',
      'content-length': String(bytes.length),
      etag: server.etag,
    });
    response.write(bytes.subarray(0, bytes.length / 2), () => setImmediate(() => response.destroy()));
  },
  'sends nothing': (response) => {
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '0' });
    response.end();
  },
  'address has expired': (response) => {
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code></Error>');
  },
  'redirects to the other origin': (response, _request, server) => {
    response.writeHead(302, { location: server.redirectTarget });
    response.end();
  },
  'redirects for ever': (response, request) => {
    response.writeHead(302, { location: request.path });
    response.end();
  },
  'JSON that names the address': (response, request, server) =>
    json(200, { success: true, data: { status: 'completed', output: { url: `${server.url}/cdn/out.mp4` } } })(
      response,
      request,
      server,
    ),
} satisfies Record<string, Answer>;

export type Scenario = keyof typeof NAMED | CodeScenario;

export const SCENARIOS: Record<Scenario, Answer> = { ...NAMED, ...CODE_SCENARIOS };

/** The server answers without having read the body. */
export const BEFORE_THE_BODY: ReadonlySet<Scenario> = new Set([
  'answers before the upload is read',
  'reset before the request is read',
]);

/** The server did nothing with the request: sending it once more does not repeat it. */
export function surelyRefused(scenario: Scenario): boolean {
  return /^(?:token expired|too many requests|code (?:1001|1010|1011|429) )/.test(scenario);
}
