import type { Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { notTheProtocol, parseAnswer, refusalOf, readText } from './answers.js';
import type { Api } from './api.js';
import { NemoError } from './errors.js';
import { createEventDecoder, decodeJsonAnswer } from './event-stream.js';
import { networkError, type HttpAnswer } from './http.js';
import type { AgentEvent, RequestOptions } from './protocol.js';

/** The documented longest run; a server that answers JSON instead of a stream answers only then. */
const LONGEST_RUN = 15 * 60_000;
/** Bytes that are decoded at once. */
const PORTION = 8 * 1024;
/** Ms in which events that have come already are passed on before others have their turn. */
const LONGEST_TURN = 8;
/** Of one answer, signs of life included: what the agent says in a run has a few thousand characters. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The events of an answer in order, as many at once as are quickly decoded. */
type Portions = AsyncIterable<AgentEvent[]> | Iterable<AgentEvent[]>;

/**
 * Sends one message and yields what the agent says. The message goes out once: after a refusal for the token or the
 * rate, which the agent has not seen, it goes out once more; after anything else never, since it would be charged twice.
 */
export async function* runAgent(
  api: Api,
  request: { sessionId: string; text: string },
  options: RequestOptions,
  log: (line: string) => void,
): AsyncGenerator<AgentEvent> {
  const portions = await api.call<Portions>(
    {
      method: 'POST',
      path: '/run_sse',
      headers: { accept: 'text/event-stream' },
      body: () =>
        JSON.stringify({
          app_name: 'nemo_agent',
          user_id: 'me',
          session_id: request.sessionId,
          new_message: { parts: [{ text: request.text }] },
        }),
      signal: options.signal,
      ofSession: true,
      headersTimeout: LONGEST_RUN,
      bodyTimeout: 0,
    },
    (answer) => openAnswer(answer, api, log),
  );
  const turn = new Turn();
  try {
    for await (const events of portions) {
      for (const event of events) {
        yield event;
        // A portion can hold many events; after a stop nothing more is said.
        options.signal?.throwIfAborted();
        if (turn.isLong) await turn.pass();
      }
    }
  } catch (error) {
    const problem = networkError(error, options.signal);
    if (!(problem instanceof NemoError) || problem.kind === 'bad-answer') throw problem;
    const message = l10n.t('The connection broke while {0} was working; the work goes on there.', api.context.service);
    throw new NemoError(problem.kind, message, { ...(problem.code === undefined ? {} : { code: problem.code }) });
  }
}

/** Whoever else lives in this process has a turn too, however much has come already. */
class Turn {
  #since = performance.now();

  get isLong(): boolean {
    return performance.now() - this.#since >= LONGEST_TURN;
  }

  async pass(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

/** The events of a stream. */
async function* decoded(
  stream: AsyncIterable<unknown> | Iterable<unknown>,
  log: (line: string) => void,
): AsyncGenerator<AgentEvent[]> {
  const decoder = createEventDecoder(log);
  let bytes = 0;
  for await (const piece of stream) {
    const chunk = piece as Uint8Array;
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new NemoError('bad-answer', l10n.t('The answer holds more than can be read.'));
    for (let at = 0; at < chunk.length; at += PORTION) yield decoder.feed(chunk.subarray(at, at + PORTION));
  }
  yield decoder.end();
}

async function openAnswer(answer: HttpAnswer, api: Api, log: (line: string) => void): Promise<Portions> {
  const type = String(answer.headers['content-type'] ?? '').toLowerCase();
  if (type.includes('text/event-stream')) return decoded(answer.body, log);
  const { start, whole } = await peek(answer.body);
  // Where the type says neither, the first character does: no line of an event stream begins so.
  if (!type.includes('json') && !/^\s*[{[<]/.test(start)) return decoded(whole, log);

  const context = { ...api.context, ofSession: true };
  const text = await readText(whole, context);
  if (text.trim() === '') return [];
  const body = parseAnswer(text);
  const refusal = refusalOf(answer, body, context);
  if (refusal) throw refusal;
  if (body !== undefined) return decodeJsonAnswer(body, log);
  // Several lines of JSON are events, whatever the server calls them.
  const portions = decoded([Buffer.from(text)], log);
  const turn = new Turn();
  for (;;) {
    const next = await portions.next();
    if (next.done === true) throw notTheProtocol(text, context);
    if (next.value.some(({ type }) => type !== 'heartbeat')) return startingWith(next.value, portions);
    if (turn.isLong) await turn.pass();
  }
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** Looks at a body up to its first visible character, and gives it back whole. */
async function peek(body: Readable): Promise<{ start: string; whole: AsyncIterable<unknown> }> {
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const decoder = new TextDecoder();
  const chunks: Uint8Array[] = [];
  let start = '';
  while (start.trim() === '') {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    start += decoder.decode(next.value, { stream: true });
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      // Whoever stops reading within the first chunks leaves the connection open otherwise.
      body.destroy();
    }
  }
  return { start, whole: whole() };
}
