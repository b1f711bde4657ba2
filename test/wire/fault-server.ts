import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import busboy from 'busboy';
import { BEFORE_THE_BODY, json, SCENARIOS, stream, type Answer, type Scenario } from './fault-scenarios.js';
import { assertCleanLog } from './log-proof.js';

/**
 * A NemoVideo on loopback, as WIRE.md describes it, that fails on demand: `fail(route, …scenarios)` names what happens
 * to the next requests of a route, in order; afterwards the route works again. `requests` is what a test asserts on; what
 * must hold after every test (log-proof.ts) is asserted when the server closes.
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
  /** What happened to it; undefined where the route worked. */
  readonly scenario: Scenario | undefined;
  /** Text of the body; empty for multipart. */
  body: string;
  /** Of a multipart body, as busboy reads it. */
  readonly files: { field: string; filename: string | undefined; mimeType: string; bytes: number; sha1: string }[];
}

export class FaultServer {
  readonly requests: ReceivedRequest[] = [];
  file = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
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
  /** For `breaks where the test says`: bytes of the stream that still leave; below 0, not even the headers. */
  breakPoints: number[] = [];
  tokensGiven = 0;
  /** A client id gets one a week: a test in which weeks pass, or in which the person signs out, says so. */
  tokensAClientMayTake = 1;
  /** What a route answers instead of working. */
  readonly answers = new Map<Route, Answer>();
  /** Whoever is led back here by a stranger comes without a token. */
  asksWithoutToken: RegExp | undefined;
  /** Not the API but some other host, which must not see a token. */
  isForeign = false;
  readonly #server: Server;
  readonly #planned = new Map<Route, Scenario[]>();

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

  /** Each request comes over a connection of its own. */
  closeAfterEach(): void {
    this.#server.maxRequestsPerSocket = 1;
  }

  fail(route: Route, ...scenarios: Scenario[]): void {
    const planned = this.#planned.get(route) ?? [];
    this.#planned.set(route, [...planned, ...scenarios]);
  }

  /** Forgets the failures that are still to come. */
  forgive(): void {
    this.#planned.clear();
  }

  of(route: Route): ReceivedRequest[] {
    return this.requests.filter((request) => request.route === route);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    assertCleanLog(this);
  }

  rangeOf(request: ReceivedRequest): { start: number; bytes: Buffer } {
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const valid = request.headers['if-range'] === undefined || request.headers['if-range'] === this.etag;
    const start = wanted !== undefined && valid ? Number(wanted) : 0;
    return { start, bytes: this.file.subarray(start) };
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? '';
    const route = routeOf(incoming.method ?? '', path);
    const scenario = route === 'unknown' ? undefined : this.#planned.get(route)?.shift();
    const request: ReceivedRequest = {
      route,
      scenario,
      method: incoming.method ?? '',
      path,
      headers: incoming.headers,
      body: '',
      files: [],
    };
    this.requests.push(request);
    response.on('error', () => undefined);
    if (route === 'unknown') return json(404, { detail: 'Not Found' })(response, request, this);
    const answer = scenario === undefined ? (this.answers.get(route) ?? this.#normal(route)) : SCENARIOS[scenario];
    if (scenario !== undefined && BEFORE_THE_BODY.has(scenario)) return answer(response, request, this);
    try {
      await readBody(incoming, request);
    } catch {
      return;
    }
    answer(response, request, this);
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
        // Another id each time, as a number with more digits than JavaScript's numbers hold.
        return json(
          200,
          `{"code":0,"data":{"task_id":17,"session_id":${5529798706024415231n + BigInt(this.of(route).length)},"user_id":"u_9"}}`,
        );
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
