import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import busboy from 'busboy';

/**
 * A NemoVideo on loopback, as WIRE.md describes it, that fails on demand: `fail(route, …scenarios)` names what happens
 * to the next requests of a route, in order; afterwards the route works again. `requests` is what a test asserts on.
 */
export type Route =
  | 'anonymous-token'
  | 'claim-token'
  | 'create-session'
  | 'run'
  | 'upload'
  | 'credits'
  | 'state'
  | 'submit'
  | 'render-status'
  | 'cancel'
  | 'render-file'
  | 'cdn';

export interface ReceivedRequest {
  readonly route: Route | 'unknown';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Text of the body; empty for multipart. */
  body: string;
  /** Of a multipart body, as busboy reads it. */
  readonly files: { field: string; filename: string | undefined; mimeType: string; bytes: number; sha1: string }[];
}

type Answer = (response: ServerResponse, request: ReceivedRequest, server: FaultServer) => void;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const stream =
  (text: string, after: (response: ServerResponse) => void = (response) => response.end()): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(text, () => after(response));
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

export const SCENARIOS = {
  'token expired, code 1001': json(200, { code: 1001, message: 'token expired' }),
  'token expired, code "1010" as text': json(200, { code: '1010', msg: 'invalid token' }),
  'token expired, HTTP 401 with detail': json(401, { detail: 'Unauthorized' }),
  'session unknown, code 1002': json(200, { code: 1002, message: 'session not found' }),
  'session unknown, HTTP 404': json(404, { error: 'Session not found: 123' }),
  'no credits': json(200, { code: 2001, message: 'insufficient credits' }),
  'unsupported file': json(200, { code: '4001', message: 'unsupported' }),
  'file too large': json(413, { code: 4002, message: 'too large' }),
  'client id missing': json(400, { code: 400, message: 'X-Client-Id required' }),
  'export blocked, HTTP 402': json(402, { message: 'payment required' }),
  'export blocked, code 402': json(200, { code: 402, message: 'subscription required' }),
  'too many requests': json(429, { code: 429, message: 'slow down' }, { 'retry-after': '7' }),
  'too many requests, no Retry-After': json(429, { code: 429 }),
  'too many requests for a day': json(429, { code: 429 }, { 'retry-after': '86400' }),
  'server error 503': json(503, '<html>busy</html>', { 'content-type': 'text/html' }),
  'request time-out 408': json(408, {}),
  'captive portal': json(200, '<!DOCTYPE html><html>Please log in</html>', { 'content-type': 'text/html' }),
  'not JSON': json(200, 'OK!', { 'content-type': 'text/plain' }),
  'redirect to a log-in page': json(302, '', { location: 'https://login.example/?next=x' }),
  'unknown route': json(404, { detail: 'Not Found' }),
  'refused with the token in the text': (response, request, server) =>
    json(200, {
      code: 7777,
      message: `bad header ${request.headers.authorization}, ${request.headers.authorization?.slice(7)} at ${server.url}/x?token=abc`,
    })(response, request, server),
  'connection reset': (response) => response.destroy(),
  silence: () => undefined,
  'empty 200': (response) => response.end(),
  'render id used': json(200, { success: false, message: 'render id exists' }),

  'stream breaks midway': stream('data: {"type":"text","content":"Working on it."}\n\n', (response) =>
    setImmediate(() => response.destroy()),
  ),
  'stream stays open': stream('data: {"type":"heartbeat"}\n\n', () => undefined),
  'JSON instead of a stream': json(200, [
    { author: 'nemo_agent', content: { role: 'model', parts: [{ text: 'Done.' }] } },
  ]),
  'JSON without its content type': json(200, '  {"code":2001,"message":"no credits"}', {
    'content-type': 'text/plain',
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
  'sends another part': (response, _request, server) => {
    response.writeHead(206, { 'content-type': 'video/mp4', 'content-range': `bytes 1-9/${server.file.length}` });
    response.end(server.file.subarray(1, 10));
  },
  'sends without a length': (response, _request, server) => {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    response.write(server.file.subarray(0, 1000));
    response.end(server.file.subarray(1000));
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

export type Scenario = keyof typeof SCENARIOS;

export class FaultServer {
  readonly requests: ReceivedRequest[] = [];
  readonly file = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
  etag = '"v1"';
  /** The text of the stream that `/run_sse` answers. */
  streamText = 'data: {"type":"text","content":"Removed 0:45 to 1:20."}\n\n';
  /** JSON text of the draft in the state, so that a test decides every digit. */
  draftText = '{"t":[{"tt":0,"sg":[{"d":1000}]}]}';
  renderStatus: unknown = {
    status: 'completed',
    progress: 1,
    output: { url: '/cdn/out.mp4', duration: 145, size: 300000 },
  };
  redirectTarget = '';
  tokensGiven = 0;
  readonly #server: Server;
  readonly #planned = new Map<Route, Answer[]>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    // A test that cuts a connection must not end the process.
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  static async start(): Promise<FaultServer> {
    const server = new FaultServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fail(route: Route, ...scenarios: Scenario[]): void {
    const planned = this.#planned.get(route) ?? [];
    planned.push(...scenarios.map((name): Answer => SCENARIOS[name]));
    this.#planned.set(route, planned);
  }

  of(route: Route): ReceivedRequest[] {
    return this.requests.filter((request) => request.route === route);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  rangeOf(request: ReceivedRequest): { start: number; bytes: Buffer } {
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const valid = request.headers['if-range'] === undefined || request.headers['if-range'] === this.etag;
    const start = wanted !== undefined && valid ? Number(wanted) : 0;
    return { start, bytes: this.file.subarray(start) };
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? '';
    const request: ReceivedRequest = {
      route: routeOf(incoming.method ?? '', path),
      method: incoming.method ?? '',
      path,
      headers: incoming.headers,
      body: '',
      files: [],
    };
    this.requests.push(request);
    response.on('error', () => undefined);
    if (request.route === 'unknown') return json(404, { detail: 'Not Found' })(response, request, this);
    const planned = this.#planned.get(request.route)?.shift();
    if (planned === SCENARIOS['answers before the upload is read']) return planned(response, request, this);
    try {
      await readBody(incoming, request);
    } catch {
      return;
    }
    (planned ?? this.#normal(request.route))(response, request, this);
  }

  #normal(route: Route): Answer {
    switch (route) {
      case 'anonymous-token':
        this.tokensGiven += 1;
        return json(200, {
          code: 0,
          data: { token: `nmv_usr_${this.tokensGiven}`, user_id: 'anon_abc123', credits: 100 },
        });
      case 'claim-token':
        return json(200, { code: 0, data: { claim_token: 'clm_1', expires_in: 604800 } });
      case 'create-session':
        return json(200, '{"code":0,"data":{"task_id":17,"session_id":5529798706024415232,"user_id":"u_9"}}');
      case 'run':
        return stream(this.streamText);
      case 'upload':
        return (response, request) => {
          const files = request.files.map(({ filename }) => ({
            filename,
            file_type: 'video',
            duration: 30.5,
            width: 1920,
          }));
          json(200, { code: 0, data: { files, session_state_applied: true } })(response, request, this);
        };
      case 'credits':
        return json(200, { code: 0, data: { available: 60, frozen: 40, total: 100 } });
      case 'state':
        return json(200, `{"code":0,"data":{"session_id":"1","task_id":2,"state":{"draft":${this.draftText}}}}`);
      case 'submit':
        return json(200, { success: true, data: { status: 'pending' } });
      case 'render-status':
        return json(200, this.renderStatus);
      case 'cancel':
        return json(200, { code: 0 });
      case 'render-file':
      case 'cdn':
        return (response, request) => {
          const { start, bytes } = this.rangeOf(request);
          response.writeHead(start > 0 ? 206 : 200, {
            'content-type': 'video/mp4',
            'content-length': String(bytes.length),
            etag: this.etag,
            ...(start > 0 ? { 'content-range': `bytes ${start}-${this.file.length - 1}/${this.file.length}` } : {}),
          });
          response.end(bytes);
        };
    }
  }
}

const ROUTES: readonly (readonly [Route, string, RegExp])[] = [
  ['anonymous-token', 'POST', /^\/api\/auth\/anonymous-token$/],
  ['claim-token', 'POST', /^\/api\/auth\/claim-token$/],
  ['create-session', 'POST', /^\/api\/tasks\/me\/with-session\/nemo_agent$/],
  ['run', 'POST', /^\/run_sse$/],
  ['upload', 'POST', /^\/api\/upload-video\/nemo_agent\/me\/[^/]+$/],
  ['credits', 'GET', /^\/api\/credits\/balance\/simple$/],
  ['state', 'GET', /^\/api\/state\/nemo_agent\/me\/[^/]+\/latest$/],
  ['submit', 'POST', /^\/api\/render\/proxy\/lambda$/],
  ['render-status', 'GET', /^\/api\/render\/proxy\/lambda\/[^/]+$/],
  ['cancel', 'POST', /^\/api\/render\/proxy\/lambda\/[^/]+\/cancel$/],
  ['render-file', 'GET', /^\/api\/render\/proxy\/[^/]+\/download$/],
  ['cdn', 'GET', /^\/cdn\//],
];

function routeOf(method: string, path: string): Route | 'unknown' {
  return ROUTES.find(([, verb, pattern]) => verb === method && pattern.test(path))?.[0] ?? 'unknown';
}

async function readBody(incoming: IncomingMessage, request: ReceivedRequest): Promise<void> {
  if (!(incoming.headers['content-type'] ?? '').startsWith('multipart/')) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    request.body = Buffer.concat(chunks).toString('utf8');
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const parser = busboy({ headers: incoming.headers, defParamCharset: 'utf8' });
    parser.on('file', (field, file, { filename, mimeType }) => {
      const entry = { field, filename, mimeType, bytes: 0, sha1: '' };
      const hash = createHash('sha1');
      request.files.push(entry);
      file.on('data', (chunk: Buffer) => {
        entry.bytes += chunk.length;
        hash.update(chunk);
      });
      file.on('end', () => (entry.sha1 = hash.digest('hex')));
    });
    parser.on('close', resolve).on('error', reject);
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (!incoming.complete) reject(new Error('cut'));
    });
    incoming.pipe(parser);
  });
}
