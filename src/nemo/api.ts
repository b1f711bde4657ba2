import { attributionHeaders, type Attribution } from './attribution.js';
import { readAnswer, readRefusal, type AnswerContext } from './answers.js';
import type { Clock } from './clock.js';
import { NemoError } from './errors.js';
import { isLasting, networkError, type HttpAnswer, type HttpRequest, type HttpTransport } from './http.js';
import type { TokenSource } from './tokens.js';

/** One call of the API, with what may be done when it fails. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root of the base URL. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** Made anew for each attempt: a stream can be read only once. */
  readonly body?: () => string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  readonly ofSession?: boolean;
  /** Pauses before it is sent again after a broken connection, in ms; without them only reads are. */
  readonly resendPauses?: readonly number[];
  readonly headersTimeout?: HttpRequest['headersTimeout'];
  readonly bodyTimeout?: number;
}

export interface Api {
  readonly context: AnswerContext;
  url(path: string): URL;
  /** The headers of every request to the API, without the token. */
  headers(): Record<string, string>;
  /** Calls and reads the JSON that comes back. */
  json(call: ApiCall): Promise<unknown>;
  /** Calls and gives the answer to `read`, whose failures count as those of the call. */
  call<T>(call: ApiCall, read: (answer: HttpAnswer) => Promise<T>): Promise<T>;
}

export interface ApiOptions {
  readonly baseUrl: string;
  readonly service: string;
  readonly ownWords?: boolean;
  readonly tokens: TokenSource;
  readonly attribution: Attribution;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

/** Pauses before a read is tried again, in ms; up to half as much is added, so that clients do not come in step. */
export const READ_PAUSES: readonly number[] = [1_000, 3_000];
const DEFAULT_RATE_LIMIT_PAUSE = 30;
/** Seconds; a server that asks for more is told to the person instead. */
const LONGEST_RATE_LIMIT_PAUSE = 120;

/**
 * Nothing is sent yet. Each call renews a refused token once, waits once where the server asks for it, and is otherwise
 * sent again only where that does no harm.
 *
 * @throws TypeError when `baseUrl` is no URL
 */
export function createApi(options: ApiOptions): Api {
  const { tokens, transport, clock, service, ownWords = false } = options;
  const base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`);
  const context: AnswerContext = { service, ownWords, origin: base.origin, now: () => clock.now() };
  const url = (path: string): URL => new URL(path.replace(/^\//, ''), base);
  const headers = (): Record<string, string> => attributionHeaders(options.attribution);

  async function attempt<T>(
    call: ApiCall,
    token: string,
    read: (answer: HttpAnswer, context: AnswerContext) => Promise<T>,
  ): Promise<T> {
    const body = call.body?.();
    const request: HttpRequest = {
      method: call.method,
      url: url(call.path),
      headers: {
        accept: 'application/json',
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...call.headers,
        ...headers(),
        authorization: `Bearer ${token}`,
      },
      ...(body === undefined ? {} : { body }),
      signal: call.signal,
      ...(call.headersTimeout === undefined ? {} : { headersTimeout: call.headersTimeout }),
      ...(call.bodyTimeout === undefined ? {} : { bodyTimeout: call.bodyTimeout }),
    };
    const answer = await transport.send(request);
    const here = { ...context, ...(call.ofSession ? { ofSession: true } : {}) };
    if (answer.status >= 300) throw await readRefusal(answer, here);
    return read(answer, here);
  }

  async function callWith<T>(
    call: ApiCall,
    read: (answer: HttpAnswer, context: AnswerContext) => Promise<T>,
  ): Promise<T> {
    const { signal } = call;
    let token = await tokens.token(signal);
    let mayRenew = true;
    let mayWait = true;
    // A read changes nothing, so it can be repeated; everything else is sent again only when it was surely refused, or
    // where the caller says that a second one does no harm.
    const pauses = [...(call.method === 'GET' ? READ_PAUSES : (call.resendPauses ?? []))];
    const mayResend = call.method === 'GET' ? mayPass : isBrokenConnection;
    for (;;) {
      try {
        return await attempt(call, token, read);
      } catch (thrown) {
        const error = networkError(thrown, signal);
        if (!(error instanceof NemoError)) throw error;
        if (error.kind === 'unauthorized' && mayRenew) {
          mayRenew = false;
          token = await tokens.renew(token, signal);
          continue;
        }
        const pause = error.kind === 'rate-limited' && mayWait ? rateLimitPause(error) : undefined;
        if (pause !== undefined) {
          mayWait = false;
          options.log(`${call.path}: asked to wait ${pause} s`);
          await clock.sleep(pause * 1000, signal);
          continue;
        }
        const next = mayResend(error) ? pauses.shift() : undefined;
        if (next === undefined) throw shown(error, service, token);
        options.log(`${call.path}: ${error.kind}, trying again`);
        await clock.sleep(next * (1 + options.random() / 2), signal);
      }
    }
  }

  return {
    context,
    url,
    headers,
    call: callWith,
    json: (call) => callWith(call, readAnswer),
  };
}

/** Seconds to wait after a 429 before the one more try; undefined where the server asks for longer than a person waits. */
export function rateLimitPause(error: NemoError): number | undefined {
  const pause = error.retryAfter ?? DEFAULT_RATE_LIMIT_PAUSE;
  return pause <= LONGEST_RATE_LIMIT_PAUSE ? pause : undefined;
}

/** Failures that may be over in a moment. */
function mayPass(error: NemoError): boolean {
  if (error.kind === 'unreachable') return !isLasting(error.code);
  return error.kind === 'timed-out' || error.kind === 'server';
}

/** A page of a captive portal, which has no code, will only be followed by another one. */
function isBrokenConnection(error: NemoError): boolean {
  return error.kind === 'unreachable' && error.code !== undefined && !isLasting(error.code);
}

/**
 * The error as the person may see it: it names the service, which the transport does not know, and not the token, which
 * a server may repeat.
 */
function shown(error: NemoError, service: string, token: string): NemoError {
  const message = error.message.replace(/^The server(?= )/, service).replaceAll(token, '…');
  if (message === error.message) return error;
  return new NemoError(error.kind, message, {
    ...(error.code === undefined ? {} : { code: error.code }),
    advises: error.advises,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  });
}
