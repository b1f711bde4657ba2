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

type Opened = { readonly stream: AsyncIterable<unknown> } | { readonly events: AgentEvent[] };

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
  const opened = await api.call<Opened>(
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
  if ('events' in opened) {
    yield* opened.events;
    return;
  }
  const decoder = createEventDecoder(log);
  let bytes = 0;
  let since = performance.now();
  try {
    for await (const piece of opened.stream) {
      const chunk = piece as Uint8Array;
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw new NemoError('bad-answer', l10n.t('The answer holds more than can be read.'));
      for (let at = 0; at < chunk.length; at += PORTION) {
        for (const event of decoder.feed(chunk.subarray(at, at + PORTION))) {
          yield event;
          // One chunk can hold many events; after a stop nothing more is said.
          options.signal?.throwIfAborted();
          if (performance.now() - since < LONGEST_TURN) continue;
          // Whoever else lives in this process has a turn too.
          await new Promise((resolve) => setImmediate(resolve));
          since = performance.now();
        }
      }
    }
  } catch (error) {
    const problem = networkError(error, options.signal);
    if (!(problem instanceof NemoError) || problem.kind === 'bad-answer') throw problem;
    const message = l10n.t('The connection broke while {0} was working; the work goes on there.', api.context.service);
    throw new NemoError(problem.kind, message, { ...(problem.code === undefined ? {} : { code: problem.code }) });
  }
  yield* decoder.end();
}

async function openAnswer(answer: HttpAnswer, api: Api, log: (line: string) => void): Promise<Opened> {
  const type = String(answer.headers['content-type'] ?? '').toLowerCase();
  if (type.includes('text/event-stream')) return { stream: answer.body };
  const { start, whole } = await peek(answer.body);
  // Where the type says neither, the first character does: no line of an event stream begins so.
  if (!type.includes('json') && !/^\s*[{[<]/.test(start)) return { stream: whole };

  const context = { ...api.context, ofSession: true };
  const text = await readText(whole, context);
  if (text.trim() === '') return { events: [] };
  const body = parseAnswer(text);
  const refusal = refusalOf(answer, body, context);
  if (refusal) throw refusal;
  if (body !== undefined) return { events: decodeJsonAnswer(body, log) };
  // Several lines of JSON are events, whatever the server calls them.
  const decoder = createEventDecoder(log);
  const events = [...decoder.feed(Buffer.from(text)), ...decoder.end()];
  if (events.every(({ type }) => type === 'heartbeat')) throw notTheProtocol(text, context);
  return { events };
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
