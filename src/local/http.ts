import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as l10n from '@vscode/l10n';
import type * as z from 'zod/mini';

/** Bodies are small here: the largest is a draft with many segments. Files come as `file:` URLs or multipart. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** What callers can take of this engine, however they behave. Times in milliseconds. */
export interface Limits {
  readonly connections: number;
  /** Requests of callers with the token that are answered at the same time. */
  readonly requests: number;
  readonly headers: number;
  /** From the connection, or the answer before, to the end of the headers. */
  readonly headersTime: number;
  /** Without a byte of a body that is on its way. */
  readonly bodySilence: number;
}

/** Far above what the windows of one person need: one engine serves one window. */
export const LIMITS: Limits = {
  connections: 128,
  requests: 64,
  headers: 64,
  headersTime: 10_000,
  bodySilence: 30_000,
};

/** A server that does not wait for those who do not go on. */
export function createLimitedServer({ connections, headersTime }: Limits): Server {
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersTime,
    connectionsCheckingInterval: Math.min(headersTime, 5_000),
    // Large uploads take their time; a body that stands still is ended by `limitBody`.
    requestTimeout: 0,
    // A pooled connection of the client must not close under its next request.
    keepAliveTimeout: 60_000,
  });
  server.maxConnections = connections;
  return server;
}

/** Ends the connection of a caller that stops in the middle of a body. @throws Refusal for a body where none belongs */
export function limitBody(request: IncomingMessage, response: ServerResponse, { bodySilence }: Limits): void {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (!hasBody) return;
  if (request.method === 'GET' || request.method === 'HEAD') {
    throw new Refusal(413, 4130, 'This request has no body.');
  }
  request.setTimeout(bodySilence);
  request.once('end', () => {
    // After the answer the connection's own time runs, which must stay.
    if (!response.writableEnded) request.setTimeout(0);
  });
}

/** A request that is refused. `message` is one plain sentence for the person; `code` as in the NemoVideo API. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** 404 with the API's code 1002, at which the client makes a session anew. */
export function sessionNotFound(): Refusal {
  return new Refusal(404, 1002, l10n.t('This session does not exist on this machine.'));
}

/** Answers with `body` and ends the response; no cache may keep it. @param status of HTTP */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** @throws Refusal when the body is too long, no JSON, or not what the schema asks for */
export async function readJson<Schema extends z.ZodMiniType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop early must not destroy the connection: the answer still has to go out on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new Refusal(413, 4130, 'The request is too long.');
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new Refusal(422, 4220, 'The request is not JSON.', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new Refusal(422, 4220, `The request is incomplete or malformed${where === '' ? '' : ` at "${where}"`}.`);
  }
  return parsed.data;
}

/**
 * Lets in only programs that were given the token. The Host check stops web pages that point a name of theirs at
 * 127.0.0.1 (DNS rebinding); browsers send Origin with every cross-origin request, our client never does.
 *
 * @throws Refusal
 */
export function checkCaller(request: IncomingMessage, port: number, token: string, limits: Limits): void {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  if (names.length > limits.headers) throw new Refusal(431, 4310, 'The request has too many headers.');
  // Of two, one could be meant for us and the other for whoever stands before us.
  const twice = ['host', 'authorization'].some((name) => names.indexOf(name) !== names.lastIndexOf(name));
  // An address with a host of its own, as a proxy is asked, goes before the Host header.
  const elsewhere = !/^\/(?!\/)/.test(request.url ?? '');
  if (twice || elsewhere) throw new Refusal(403, 4030, 'This address is not served here.');
  const host = request.headers.host?.toLowerCase();
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw new Refusal(403, 4030, 'This address is not served here.');
  }
  if (request.headers.origin !== undefined) throw new Refusal(403, 4030, 'Web pages are not served here.');
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(given), digest(token))) throw new Refusal(401, 1001, 'The token is not valid.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The API asks for these three on every request and answers 402 to an export without them. */
export function hasAttribution(request: IncomingMessage): boolean {
  return ['x-skill-source', 'x-skill-version', 'x-skill-platform'].every((name) => {
    const value = request.headers[name];
    return typeof value === 'string' && value !== '';
  });
}
