import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { cleanText, isRecord, plainMessage, toldCode } from './answers.js';
import type { AgentEvent } from './protocol.js';

/**
 * The meaning of one message of the agent, in either dialect: events of Google's Agent Development Kit (`content.parts`,
 * camelCase or snake_case) and typed ones (`{"type":"text",…}`).
 */

const text = z.catch(z.optional(z.string()), undefined);
/** A number or text. */
const code = z.catch(z.optional(z.pipe(z.union([z.string(), z.number()]), z.transform(String))), undefined);
const flag = z.catch(z.optional(z.boolean()), undefined);
const call = z.catch(z.optional(z.looseObject({ id: text, name: text, args: z.optional(z.unknown()) })), undefined);
const part = z.catch(
  z.looseObject({
    text,
    thought: flag,
    functionCall: call,
    function_call: call,
    functionResponse: call,
    function_response: call,
  }),
  {},
);
const adkMessage = z.looseObject({
  id: text,
  author: text,
  partial: flag,
  turnComplete: flag,
  turn_complete: flag,
  errorCode: code,
  error_code: code,
  errorMessage: text,
  error_message: text,
  content: z.catch(z.optional(z.looseObject({ role: text, parts: z.catch(z.array(part), []) })), undefined),
});
const typedMessage = z.looseObject({
  type: z.string(),
  content: z.optional(z.unknown()),
  text,
  name: text,
  id: text,
});
type AdkMessage = z.infer<typeof adkMessage>;
type Part = z.infer<typeof part>;

/** Wrappers around a message; a list in a list in a list has no meaning. */
const MOST_WRAPPERS = 8;
const HEARTBEAT: AgentEvent = { type: 'heartbeat' };

export class AgentMessages {
  readonly #log: (line: string) => void;
  /** By author: the partial text that an aggregate will repeat. */
  readonly #partials = new Map<string, string>();
  readonly #seenCalls = new Set<string>();
  readonly #seenAggregates = new Set<string>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** A message, a list of messages, or either under `data`. Always says something, if only that the stream lives. */
  readAny(value: unknown): AgentEvent[] {
    return [...this.readEach(value)].flat();
  }

  /** The same, what each message says at a time. */
  *readEach(value: unknown, wrappers = 0): Generator<AgentEvent[]> {
    if (wrappers > MOST_WRAPPERS) yield [HEARTBEAT];
    else if (Array.isArray(value)) for (const item of value) yield* this.readEach(item, wrappers + 1);
    else if (!isRecord(value)) yield [HEARTBEAT];
    else if (isRecord(value['content']) || typeof value['type'] !== 'string') {
      const wrapped = value['data'] ?? value['events'];
      if (value['content'] === undefined && typeof wrapped === 'object' && wrapped !== null)
        yield* this.readEach(wrapped, wrappers + 1);
      else yield atLeastALifeSign(this.#readAdk(value));
    } else yield atLeastALifeSign(this.#readTyped(value));
  }

  /** The message of an `event: error`, or of anything known to be a failure. */
  readError(value: unknown): AgentEvent {
    const code = toldCode(value);
    const message = typeof value === 'string' ? cleanText(value) : (plainMessage(value) ?? contentText(value));
    return {
      type: 'error',
      ...(code === undefined ? {} : { code }),
      message: message || l10n.t('The agent reported an error without saying which.'),
    };
  }

  #readTyped(value: Record<string, unknown>): AgentEvent[] {
    const { data } = typedMessage.safeParse(value);
    if (!data) return [];
    switch (data.type.toLowerCase()) {
      case 'text':
      case 'message': {
        const shown = typeof data.content === 'string' ? data.content : data.text;
        return shown ? [{ type: 'text', text: shown }] : [];
      }
      case 'tool_call':
      case 'tool_result':
      case 'function_call':
      case 'function_response':
        return [{ type: 'activity', tool: data.name ?? 'tool' }];
      case 'error':
        return [this.readError(value)];
      case 'heartbeat':
        return [];
      default:
        this.#log(`The agent's stream has a message of an unknown type, ${cleanText(data.type).slice(0, 40)}.`);
        return [];
    }
  }

  #readAdk(value: Record<string, unknown>): AgentEvent[] {
    const { data } = adkMessage.safeParse(value);
    if (!data) return [];
    const parts = data.content?.parts ?? [];
    const events = parts.flatMap((item) => this.#readTool(item, data));
    const shown = this.#newText(data, parts);
    const failure = failureOf(value, data, shown);
    const isText = shown !== '' && !(failure && data.author === 'system');
    // Text stands before the calls that the same message makes, as a person would read it.
    if (isText) events.unshift({ type: 'text', text: shown });
    if (failure) return [...events, this.readError(failure)];
    const told = data.errorMessage ?? data.error_message ?? data.errorCode ?? data.error_code;
    if (told) {
      const errorCode = data.errorCode ?? data.error_code;
      events.push({ type: 'error', ...(errorCode ? { code: errorCode } : {}), message: cleanText(told) });
    }
    return events;
  }

  #readTool(item: Part, message: AdkMessage): AgentEvent[] {
    const asked = item.functionCall ?? item.function_call;
    const answered = item.functionResponse ?? item.function_response;
    const tool = asked ?? answered;
    if (!tool?.name) return [];
    // A call without an id is repeated by the aggregate of its own turn, and by nothing else.
    const key = `${asked ? 'call' : 'result'}:${tool.id ?? `${message.author}:${tool.name}:${JSON.stringify(tool.args)}`}`;
    const repeated = this.#seenCalls.has(key);
    if (tool.id !== undefined || message.partial) this.#seenCalls.add(key);
    else this.#seenCalls.delete(key);
    return repeated ? [] : [{ type: 'activity', tool: tool.name }];
  }

  /** The text of a message that the user has not seen yet. */
  #newText(message: AdkMessage, parts: readonly Part[]): string {
    const author = message.author ?? '';
    const answers = parts.some((item) => (item.functionResponse ?? item.function_response) !== undefined);
    if (answers || author === 'user' || message.content?.role === 'user') {
      // The model's turn is over; its partials have had their aggregate, or never get one.
      if (answers) this.#partials.delete(author);
      return '';
    }
    const whole = parts.map((item) => (item.thought ? '' : (item.text ?? ''))).join('');
    const before = this.#partials.get(author) ?? '';
    if (message.partial) {
      this.#partials.set(author, before + whole);
      return whole;
    }
    if (message.turnComplete ?? message.turn_complete) this.#partials.delete(author);
    if (whole === '' || this.#isSecondAggregate(message, whole)) return '';
    this.#partials.delete(author);
    return before === '' ? whole : this.#restOfAggregate(author, before, whole);
  }

  #isSecondAggregate(message: AdkMessage, whole: string): boolean {
    if (message.id === undefined) return false;
    const key = `${message.id}:${whole}`;
    const seen = this.#seenAggregates.has(key);
    this.#seenAggregates.add(key);
    return seen;
  }

  #restOfAggregate(author: string, before: string, whole: string): string {
    const [shown, told] = [before.trim(), whole.trim()];
    if (shown.endsWith(told)) return '';
    if (shown.startsWith(told)) {
      // It repeats the first part only: another aggregate will come for the rest.
      this.#partials.set(author, shown.slice(told.length));
      return '';
    }
    return told.startsWith(shown) ? whole.trimStart().slice(shown.length) : whole;
  }
}

function failureOf(value: Record<string, unknown>, message: AdkMessage, shown: string): unknown {
  if (value['error']) {
    return typeof value['error'] === 'object' ? value : { ...value, message: value['error'] };
  }
  if (message.author === 'system' && /^\s*Error:/i.test(shown)) return shown.replace(/^\s*Error:\s*/i, '');
  // The envelope of the other routes, inside a stream: `{"code":2001,"message":"…"}`.
  const told = message.content === undefined ? toldCode(value) : undefined;
  const isAdkField = message.errorCode !== undefined || message.error_code !== undefined;
  if (told !== undefined && !isAdkField && !/^(?:0|200|ok|success)$/i.test(told)) return value;
  return typeof value['detail'] === 'string' && message.content === undefined ? value : undefined;
}

function contentText(value: unknown): string | undefined {
  return isRecord(value) && typeof value['content'] === 'string' ? cleanText(value['content']) : undefined;
}

function atLeastALifeSign(events: AgentEvent[]): AgentEvent[] {
  return events.length > 0 ? events : [HEARTBEAT];
}
