// An import cannot bring ambient types along, and not every tsconfig that reaches this file includes them.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./undici-parts.d.ts" />
import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
// Not from 'undici': its main entry changes `globalThis`, and with it `fetch` for every other extension in the host.
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import DispatcherBase from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import { NemoError } from './errors.js';

// The main entry does this too; a proxy agent connects through it.
Object.assign(DispatcherBase.prototype, { request, connect });

/** How to reach the network, from VS Code's `http.*` settings or the command line; the environment fills the gaps. */
export interface HttpSettings {
  /** `http.proxy`: URL of an HTTP(S) or SOCKS5 proxy. `false`: none, whatever the environment says. */
  readonly proxy?: string | false | undefined;
  /** `http.noProxy`: hosts that are reached directly. Loopback always is. */
  readonly noProxy?: readonly string[] | undefined;
  /** `http.proxyAuthorization`: the whole header value, such as `Basic …`. */
  readonly proxyAuthorization?: string | undefined;
  /** `http.proxyStrictSSL`: false accepts certificates that no authority vouches for. */
  readonly strictSSL?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the request's last byte to the answer's first line. Default one minute. */
  readonly headersTimeout?: number;
  /** Milliseconds between two pieces of the answer; 0 for a stream with a watchdog of its own. Default one minute. */
  readonly bodyTimeout?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As the server meant it: a compression on the way is undone. */
  readonly body: Readable;
  /** It was compressed on the way, so lengths and byte ranges in the headers do not count the bytes of `body`. */
  readonly compressed?: true;
}

/** Sends single requests: no redirects, no retries, no meaning. */
export interface HttpTransport {
  /** @throws NemoError of kind `unreachable` or `timed-out`; the signal's reason when aborted */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT = 10_000;
const ANSWER_TIMEOUT = 60_000;

/**
 * @param settings read before each request; when the answer changes, new connections are made by the new settings and
 *   requests under way finish by the old ones
 */
export function createHttpTransport(
  settings: () => HttpSettings = () => ({}),
  environment: Readonly<Record<string, string | undefined>> = process.env,
): HttpTransport {
  let current: { key: string; dispatcher: Dispatcher } | undefined;
  let closed = false;

  function dispatcher(): Dispatcher {
    const route = routeOf(settings(), environment);
    const key = JSON.stringify(route);
    if (current?.key !== key) {
      const next = { key, dispatcher: createDispatcher(route) };
      current?.dispatcher.close().catch(() => undefined);
      current = next;
    }
    return current.dispatcher;
  }

  return {
    async send({ method, url, headers, body, signal, headersTimeout, bodyTimeout }) {
      signal?.throwIfAborted();
      if (closed) throw new NemoError('unreachable', 'The connection was closed.');
      try {
        const answer = await dispatcher().request({
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers,
          headersTimeout: headersTimeout ?? ANSWER_TIMEOUT,
          bodyTimeout: bodyTimeout ?? ANSWER_TIMEOUT,
          ...(body === undefined ? {} : { body: body as string }),
          ...(signal ? { signal } : {}),
        });
        // A body that breaks while nobody reads it must not end the process; whoever reads it still sees the error.
        answer.body.on('error', () => undefined);
        return decompressed({ status: answer.statusCode, headers: answer.headers, body: answer.body });
      } catch (error) {
        throw networkError(error, signal);
      }
    },
    async close() {
      closed = true;
      await current?.dispatcher.destroy();
    },
  };
}

// Like a browser: what came is decoded at once, also when the compressor never wrote its end.
const GZIP = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** We ask for no compression, but a gateway may compress all the same. */
function decompressed(answer: HttpAnswer): HttpAnswer {
  const told = answer.headers['content-encoding'];
  const encodings = (Array.isArray(told) ? told.join() : (told ?? '')).split(',').map((name) => name.trim());
  let { body } = answer;
  for (const encoding of encodings.reverse()) {
    const decoder = decoderOf(encoding.toLowerCase());
    // Errors reach the reader through the decoder; one without a reader ends nothing.
    if (decoder) body = pipeline(body, decoder, () => undefined).on('error', () => undefined);
  }
  return body === answer.body ? answer : { ...answer, body, compressed: true };
}

function decoderOf(encoding: string): ReturnType<typeof createGunzip> | undefined {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(GZIP);
    case 'deflate':
      return createInflate(GZIP);
    case 'br':
      return createBrotliDecompress(BROTLI);
    default:
      return undefined;
  }
}

interface Route {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  readonly authorization: string | undefined;
  readonly strict: boolean;
}

function routeOf(settings: HttpSettings, environment: Readonly<Record<string, string | undefined>>): Route {
  const read = (name: string): string => environment[name] || environment[name.toUpperCase()] || '';
  const none = settings.proxy === false;
  const set = settings.proxy || undefined;
  const direct = [...(settings.noProxy ?? []), ...read('no_proxy').split(/[,\s]+/)].filter((host) => host !== '');
  return {
    httpProxy: none ? '' : (set ?? read('http_proxy')),
    httpsProxy: none ? '' : (set ?? read('https_proxy')),
    noProxy: direct.includes('*') ? '*' : ['localhost', '127.0.0.1', '[::1]', ...direct].join(','),
    authorization: settings.proxyAuthorization || undefined,
    strict: settings.strictSSL ?? true,
  };
}

function createDispatcher(route: Route): Dispatcher {
  const tls = { rejectUnauthorized: route.strict, timeout: CONNECT_TIMEOUT };
  try {
    return new EnvHttpProxyAgent({
      httpProxy: route.httpProxy,
      httpsProxy: route.httpsProxy,
      noProxy: route.noProxy,
      ...(route.authorization === undefined ? {} : { token: route.authorization }),
      connect: tls,
      requestTls: tls,
      proxyTls: tls,
    });
  } catch {
    // Without the cause: its text can hold the proxy's password.
    throw new NemoError('unreachable', 'The proxy address is not a valid URL; check the http.proxy setting.');
  }
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const NETWORK =
  /^(?:UND_ERR_|HPE_|Z_|ERR_SSL|ERR_SOCKET|EAI_|EHOST|ENET|ECONN|EADDR|ENOTFOUND$|EPIPE$|EPROTO$|ERR_STREAM_PREMATURE_CLOSE$)/;
const CERTIFICATE = /CERT|_TLS|SELF_SIGNED|UNABLE_TO_/;

/**
 * The `NemoError` for a failure of the network; what is none (an error of the file being sent, of our own code) comes
 * back as it is, and the signal's reason when the request was aborted.
 */
export function networkError(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof NemoError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (TIMEOUTS.has(code)) return new NemoError('timed-out', 'The server did not answer in time.', { code });
  if (isCertificateError(code)) {
    const message = 'The connection is not secure: the certificate of the server or proxy was not accepted.';
    return new NemoError('unreachable', message, { code });
  }
  if (error.message.startsWith('Proxy response (407)')) {
    return new NemoError('unreachable', 'The proxy asks for a password; check the http.proxy settings.', { code });
  }
  if (!NETWORK.test(code)) return error;
  return new NemoError('unreachable', 'The server cannot be reached; check the network connection.', { code });
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  // Node tries the addresses of a host in turn and throws what happened with each.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return error.cause instanceof Error ? codeOf(error.cause) : undefined;
}

/** Nothing that passes by itself: trying again would only cost time. */
export function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && CERTIFICATE.test(code);
}
