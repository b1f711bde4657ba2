import * as l10n from '@vscode/l10n';
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser';
import { AgentMessages } from './agent-messages.js';
import { cleanText } from './answers.js';
import { NemoError } from './errors.js';
import { isModestJson } from './modest-json.js';
import type { AgentEvent } from './protocol.js';

/**
 * Decodes the answer of `/run_sse` as it comes in: bytes to events.
 *
 * Whatever a stream holds, decoding never ends before the stream does: what cannot be read is a sign of life and a debug
 * line. Only an event without end is not waited for.
 */
export interface EventDecoder {
  /** @throws NemoError `bad-answer` for an event of more than 16 million characters */
  feed(chunk: Uint8Array): AgentEvent[];
  /** The stream is over: what its last line says, even without the blank line that should follow. */
  end(): AgentEvent[];
}

const LONGEST_EVENT = 16 * 1024 * 1024;
const HEARTBEAT: AgentEvent = { type: 'heartbeat' };
const LIFE_SIGNS = /^(?:heartbeat|keep-?alive|ping|\[DONE\])?$/i;
// Old builds put a message with unescaped quotes into `{"error": "…"}`.
const BROKEN_ERROR = /^\{\s*"error"\s*:\s*"?([\s\S]*?)"?\s*\}$/;

/** @param log debug lines, without the text of the conversation */
export function createEventDecoder(log: (line: string) => void = () => undefined): EventDecoder {
  // Takes the byte order mark away and joins characters that a chunk splits.
  const utf8 = new TextDecoder();
  const messages = new AgentMessages(log);
  let events: AgentEvent[] = [];

  const parser = createParser({
    onEvent: (message) => events.push(...decodeMessage(message, messages, log)),
    onComment: () => events.push(HEARTBEAT),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') {
        throw new NemoError('bad-answer', l10n.t('The answer holds more than can be read.'));
      }
      events.push(...decodeOddLine(error, messages));
    },
    maxBufferSize: LONGEST_EVENT,
  });
  function take(text: string): AgentEvent[] {
    events = [];
    // An empty string must not reach the parser: it looks for a byte order mark in the first chunk.
    if (text !== '') parser.feed(text);
    return events;
  }
  return {
    feed: (chunk) => take(utf8.decode(chunk, { stream: true })),
    end: () => take(`${utf8.decode()}\n\n`),
  };
}

/**
 * Decodes an answer that is JSON instead of a stream: one message, a list of them, or either under `data`. One message at
 * a time, since a list can hold a hundred thousand.
 */
export function decodeJsonAnswer(
  body: unknown,
  log: (line: string) => void = () => undefined,
): Generator<AgentEvent[]> {
  return new AgentMessages(log).readEach(body);
}

/** A line of no known field: a bare `heartbeat`, or JSON of a server that leaves out `data:`. */
function decodeOddLine({ line }: ParseError, messages: AgentMessages): AgentEvent[] {
  const value = line?.trimStart().startsWith('{') ? parse(line) : undefined;
  return value === undefined ? [HEARTBEAT] : messages.readAny(value);
}

function decodeMessage(
  { event, data }: EventSourceMessage,
  messages: AgentMessages,
  log: (line: string) => void,
): AgentEvent[] {
  const name = event?.trim().toLowerCase();
  const value = parse(data);
  if (name === 'error') return [messages.readError(value ?? data)];
  if (name === 'heartbeat' || name === 'ping' || LIFE_SIGNS.test(data.trim())) return [HEARTBEAT];
  if (value !== undefined) return messages.readAny(value);

  // Some servers leave out the blank line between two events, so their data comes as one text of several lines.
  const lines = data.split('\n').map((line) => (LIFE_SIGNS.test(line.trim()) ? null : parse(line)));
  if (lines.length > 1 && !lines.includes(undefined)) return lines.flatMap((line) => messages.readAny(line));

  const broken = BROKEN_ERROR.exec(data.trim());
  if (broken?.[1] !== undefined) return [{ type: 'error', message: cleanText(broken[1]) }];
  log(`The agent's stream has a line of ${data.length} characters that is not JSON.`);
  return [HEARTBEAT];
}

function parse(text: string): unknown {
  try {
    return isModestJson(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
