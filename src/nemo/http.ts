// An import cannot bring ambient types along, and not every tsconfig that reaches this file includes them.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./undici-parts.d.ts" />
import type { LookupFunction } from 'node:net';
import { pipeline, Transform, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import * as l10n from '@vscode/l10n';
import type { Dispatcher } from 'undici';
// Not from 'undici': its main entry changes `globalThis`, and with it `fetch` for every other extension in the host.
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import DispatcherBase from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { NemoError } from './errors.js';
import { isInnerHost, lookupOutside, refuseInner } from './inner-addresses.js';

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
  /** Milliseconds from the request's last byte to the answer's first line; `work`: as long as the patience with that. */
  readonly headersTimeout?: number | 'work';
  /** Milliseconds between two pieces of the answer; 0 for a stream with a watchdog of its own. Default one minute. */
  readonly bodyTimeout?: number;
  /** A server named the address: one that only this machine can reach is not asked. */
  readonly namedByServer?: boolean;
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

/** How long is waited for whom, in ms. */
export interface HttpPatience {
  /** For a connection, through its encryption. */
  readonly connect: number;
  /** For an answer, and between two pieces of one. */
  readonly answer: number;
  /** For the answer to something that the server has to work on, and until it takes the next piece of a body. */
  readonly work: number;
}

const PATIENCE: HttpPatience = { connect: 10_000, answer: 60_000, work: 5 * 60_000 };

/**
 * @param settings read before each request; when the answer changes, new connections are made by the new settings and
 *   requests under way finish by the old ones
 */
export function createHttpTransport(
  settings: () => HttpSettings = () => ({}),
  environment: Readonly<Record<string, string | undefined>> = process.env,
  patience: HttpPatience = PATIENCE,
): HttpTransport {
  let current: { readonly key: string; readonly open: Dispatcher; guarded?: Dispatcher } | undefined;
  let closed = false;

  function dispatcher(namedByServer: boolean): Dispatcher {
    const route = routeOf(settings(), environment);
    const key = JSON.stringify(route);
    if (current?.key !== key) {
      const next = { key, open: createDispatcher(route, patience) };
      current?.open.close().catch(() => undefined);
      current?.guarded?.close().catch(() => undefined);
      current = next;
    }
    if (!namedByServer) return current.open;
    return (current.guarded ??= createDispatcher(route, patience, lookupOutside));
  }

  return {
    async send({ method, url, headers, body, signal, headersTimeout, bodyTimeout, namedByServer = false }) {
      signal?.throwIfAborted();
      if (closed) throw new NemoError('unreachable', l10n.t('The connection was closed.'));
      if (namedByServer && isInnerHost(url.hostname)) throw refuseInner();
      try {
        const answer = await dispatcher(namedByServer).request({
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers,
          headersTimeout: headersTimeout === 'work' ? patience.work : (headersTimeout ?? patience.answer),
          bodyTimeout: bodyTimeout ?? patience.answer,
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
      await Promise.all([current?.open.destroy(), current?.guarded?.destroy()]);
    },
  };
}

// Like a browser: what came is decoded at once, also when the compressor never wrote its end.
const GZIP = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** Around one answer; a gateway adds one to what the server has done. */
const MOST_ENCODINGS = 2;
/** Bytes that any answer may unpack to; beyond, not more than so many times what came over the wire. */
const UNPACKED_FREELY = 16 * 1024 * 1024;
const UNPACKED_TIMES = 100;

/** We ask for no compression, but a gateway may compress all the same. */
function decompressed(answer: HttpAnswer): HttpAnswer {
  const told = answer.headers['content-encoding'];
  const encodings = (Array.isArray(told) ? told.join() : (told ?? '')).split(',').map((name) => name.trim());
  const decoders = encodings.reverse().flatMap((encoding) => decoderOf(encoding.toLowerCase()) ?? []);
  const [first] = decoders;
  if (!first) return answer;
  if (decoders.length > MOST_ENCODINGS) {
    answer.body.destroy();
    throw new NemoError('bad-answer', l10n.t('The server packed its answer too often to be read.'));
  }
  let unpacked = 0;
  const guard = new Transform({
    transform(chunk: Uint8Array, _, done) {
      unpacked += chunk.length;
      const isBomb = unpacked > UNPACKED_FREELY && unpacked > first.bytesWritten * UNPACKED_TIMES;
      if (isBomb) done(new NemoError('bad-answer', l10n.t('The server sent an answer too large to unpack.')));
      else done(null, chunk);
    },
  });
  // Errors reach the reader through the last one; one without a reader ends nothing.
  const body = pipeline([answer.body, ...decoders, guard], () => undefined) as unknown as Readable;
  body.on('error', () => undefined);
  return { ...answer, body, compressed: true };
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

/** @param lookup finds the addresses of hosts that are reached directly */
function createDispatcher(route: Route, patience: HttpPatience, lookup?: LookupFunction): Dispatcher {
  const tls = { rejectUnauthorized: route.strict, timeout: patience.connect };
  try {
    return new EnvHttpProxyAgent({
      httpProxy: route.httpProxy,
      httpsProxy: route.httpsProxy,
      noProxy: route.noProxy,
      ...(route.authorization === undefined ? {} : { token: route.authorization }),
      connect: { ...tls, ...(lookup ? { lookup } : {}) },
      requestTls: tls,
      proxyTls: tls,
      // For the way through the proxy; requests bring their own.
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: patience.connect }),
    });
  } catch {
    // Without the cause: its text can hold the proxy's password.
    const message = l10n.t('The proxy address is not a valid URL; check the http.proxy setting.');
    throw new NemoError('unreachable', message, { advises: true });
  }
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const NETWORK =
  /^(?:UND_ERR_|HPE_|Z_|ERR_SSL|ERR_SOCKET|ERR_BROTLI|ERR__ERROR_|EAI_|EHOST|ENET|ECONN|EADDR|ENOTFOUND$|ENODATA$|ESERVFAIL$|EPIPE$|EPROTO$|ERR_STREAM_PREMATURE_CLOSE$)/;
const CERTIFICATE = /CERT|_TLS|SELF_SIGNED|UNABLE_TO_/;
/** Codes of ours, for what a proxy refuses for good. */
const PROXY_REFUSALS = /^PROXY_/;

/**
 * The `NemoError` for a failure of the network; what is none (an error of the file being sent, of our own code) comes
 * back as it is, and the signal's reason when the request was aborted.
 */
export function networkError(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof NemoError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (TIMEOUTS.has(code)) return new NemoError('timed-out', l10n.t('The server did not answer in time.'), { code });
  if (CERTIFICATE.test(code)) {
    const message = l10n.t(
      'The connection is not secure: the certificate of the server or proxy was not accepted. Check the network and the http.proxy settings.',
    );
    return new NemoError('unreachable', message, { code, advises: true });
  }
  const [, refusal] = /^Proxy response \((4\d\d)\)/.exec(error.message) ?? [];
  if (refusal !== undefined) {
    const message =
      refusal === '407'
        ? l10n.t('The proxy asks for a password; check the http.proxy settings.')
        : l10n.t('The proxy does not let the connection through ({0}); check the http.proxy settings.', refusal);
    return new NemoError('unreachable', message, { code: `PROXY_${refusal}`, advises: true });
  }
  if (!NETWORK.test(code)) return error;
  return new NemoError('unreachable', l10n.t('The server cannot be reached; check the network connection.'), { code });
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  // undici names most of them, but not an answer in chunks that ends before its last one.
  if (error.name === 'HTTPParserError') return 'HPE_BROKEN';
  // Node tries the addresses of a host in turn and throws what happened with each.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return error.cause instanceof Error ? codeOf(error.cause) : undefined;
}

/** Does not pass by itself: trying again would only cost time, and with a wrong password of the proxy the account. */
export function isLasting(code: string | undefined): boolean {
  return code !== undefined && (CERTIFICATE.test(code) || PROXY_REFUSALS.test(code));
}
