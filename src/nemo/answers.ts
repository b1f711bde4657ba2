import * as l10n from '@vscode/l10n';
import type { HttpAnswer } from './http.js';
import { NemoError, type NemoErrorKind } from './errors.js';
import { parseExactJson } from './exact-json.js';
import { isModestJson } from './modest-json.js';
import { SUPPORTED_EXTENSIONS } from './formats.js';

/** What is asked, as far as it changes what a refusal means. */
export interface AnswerContext {
  /** Who answers, at the start of a sentence: `NemoVideo`. */
  readonly service: string;
  /** Our own engine writes its refusals for the person; those of another server are quoted. */
  readonly ownWords?: boolean;
  /** The route names a session, so a 404 says that the session is unknown. */
  readonly ofSession?: boolean;
  /** The route gives tokens, so a 400 says that the client id is missing. */
  readonly ofToken?: boolean;
  /** Of the API; whoever sends elsewhere is not the API but a network that wants a log-in. */
  readonly origin?: string;
  readonly now: () => number;
}

/** Far more than any draft has; what is parsed takes up to twenty times as much memory. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
/** Ms from the first piece to the last: an answer may not drip for ever. */
const LONGEST_ANSWER = 5 * 60_000;

/**
 * Reads an answer's JSON and looks for a refusal in its HTTP status and in its `code`.
 *
 * @returns the body, long integers as strings; undefined for an empty one
 * @throws NemoError
 */
export async function readAnswer(answer: HttpAnswer, context: AnswerContext): Promise<unknown> {
  const text = await readText(answer.body, context);
  const body = parseAnswer(text);
  const refusal = refusalOf(answer, body, context);
  if (refusal) throw refusal;
  if (body !== undefined || text.trim() === '') return body;
  throw notTheProtocol(text, context);
}

/** The refusal that an answer with an error status stands for. Reads its body. */
export async function readRefusal(answer: HttpAnswer, context: AnswerContext): Promise<NemoError> {
  const text = await readText(answer.body, context);
  return refusalOf(answer, parseAnswer(text), context) ?? notTheProtocol(text, context);
}

/**
 * A whole body as UTF-8.
 *
 * @throws NemoError `bad-answer` above 16 MiB, `timed-out` when it takes longer than five minutes
 */
export async function readText(body: AsyncIterable<unknown>, context: AnswerContext): Promise<string> {
  const decoder = new TextDecoder();
  const latest = context.now() + LONGEST_ANSWER;
  let text = '';
  let bytes = 0;
  for await (const piece of body) {
    const chunk = piece as Uint8Array;
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) {
      throw new NemoError('bad-answer', l10n.t('{0} sent an answer too large to read.', context.service));
    }
    if (context.now() > latest) throw new NemoError('timed-out', l10n.t('The server did not answer in time.'));
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The JSON of an answer, long integers as strings; undefined when it is none, or none that anybody would send. */
export function parseAnswer(text: string): unknown {
  try {
    return isModestJson(text) ? parseExactJson(text) : undefined;
  } catch {
    return undefined;
  }
}

/** For an answer that is no JSON. A web page is taken for that of a network that wants a log-in: `unreachable`. */
export function notTheProtocol(text: string, context: AnswerContext): NemoError {
  if (/^\s*</.test(text)) return wantsLogin(context);
  return new NemoError('bad-answer', l10n.t('{0} gave an answer that cannot be read.', context.service));
}

function wantsLogin({ service }: AnswerContext): NemoError {
  const message = l10n.t("A web page came instead of {0}'s answer: log in to the network or check the proxy.", service);
  return new NemoError('unreachable', message, { advises: true });
}

const KIND_OF_CODE = new Map<string, NemoErrorKind>([
  ['1001', 'unauthorized'],
  ['1010', 'unauthorized'],
  ['1011', 'unauthorized'],
  ['401', 'unauthorized'],
  ['1002', 'session-not-found'],
  ['2001', 'no-credits'],
  ['4001', 'unsupported-file'],
  ['415', 'unsupported-file'],
  ['4002', 'too-large'],
  ['413', 'too-large'],
  ['402', 'export-blocked'],
  ['429', 'rate-limited'],
  ['408', 'server'],
]);

const FINE = new Set(['0', '200', '201', '202', '204', 'ok', 'success']);

/** The error that an HTTP status and a body stand for, or undefined when they say that all is well. */
export function refusalOf(
  answer: Pick<HttpAnswer, 'status' | 'headers'>,
  body: unknown,
  context: AnswerContext,
): NemoError | undefined {
  const told = toldCode(body);
  const status = String(answer.status);
  const failed = answer.status >= 300 || (told !== undefined && !FINE.has(told.toLowerCase())) || saysFailure(body);
  if (!failed) return undefined;
  // 511, Network Authentication Required: said by the network, never by the server.
  if (answer.status === 511 || leadsElsewhere(answer, context)) return wantsLogin(context);
  if (answer.status >= 300 && answer.status < 400) {
    return new NemoError('bad-answer', l10n.t('{0} moved to another address; check the API address.', context.service));
  }
  // A code that we know says more than the status; an unknown one less.
  const code = told !== undefined && (isKnown(told) || answer.status < 400) ? told : status;
  const message = plainMessage(body);
  const kind =
    context.ofSession && /\bsession not found\b/i.test(message ?? '') ? 'session-not-found' : kindOf(code, context);
  const retryAfter = retryAfterOf(answer.headers['retry-after'], context.now());
  return new NemoError(kind, sentenceFor(kind, context, message, code), {
    code,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

function leadsElsewhere(
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  { origin }: AnswerContext,
): boolean {
  const location = String(headers['location'] ?? '');
  if (status < 300 || status >= 400 || origin === undefined || !URL.canParse(location, origin)) return false;
  return new URL(location, origin).origin !== origin;
}

function kindOf(code: string, context: AnswerContext): NemoErrorKind {
  if (code === '400' && context.ofToken) return 'missing-client-id';
  if (code === '404' && context.ofSession) return 'session-not-found';
  return KIND_OF_CODE.get(code) ?? (isKnown(code) ? 'server' : 'refused');
}

function isKnown(code: string): boolean {
  return KIND_OF_CODE.has(code) || /^5\d\d$/.test(code);
}

/** `code` of the body, or of the `error` or `detail` inside; a number or a string. */
export function toldCode(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const inside = [body['error'], body['detail']].find((value) => isRecord(value) && value['code'] !== undefined);
  const code = body['code'] ?? body['error_code'] ?? (isRecord(inside) ? inside['code'] : undefined);
  return typeof code === 'number' || typeof code === 'string' ? String(code).trim() : undefined;
}

function saysFailure(body: unknown): boolean {
  if (!isRecord(body)) return false;
  // A failed render is an answer, not a refusal: it has a status.
  if (isRecord(body['data'])) return body['success'] === false && body['data']['status'] === undefined;
  return body['success'] === false || (Boolean(body['error']) && body['status'] === undefined);
}

/** What the server says, wherever it says it, short and without secrets; undefined when it says nothing. */
export function plainMessage(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  for (const key of ['message', 'msg', 'detail', 'error', 'error_message', 'errorMessage']) {
    const text = messageText(body[key]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function messageText(value: unknown): string | undefined {
  if (typeof value === 'string') return cleanText(value) || undefined;
  if (Array.isArray(value)) return messageText(value[0]);
  return isRecord(value) ? plainMessage(value) : undefined;
}

// With them a line would not read as it is written.
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One line of at most 300 characters, without tokens and URL queries: a server may repeat what it was sent. */
export function cleanText(text: string): string {
  const clean = text
    .slice(0, 2000)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(DIRECTION_MARKS, '')
    .replace(/\bBearer\s+\S+/gi, 'Bearer …')
    .replace(/\b(?:nmv|clm)_[^\s"'<>()[\]{},;]+/g, '…')
    .replace(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    .trim();
  return clean.length > 300 ? `${clean.slice(0, 299)}…` : clean;
}

/** Seconds, from a Retry-After header of either form. */
export function retryAfterOf(header: string | string[] | undefined, now: number): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function sentenceFor(
  kind: NemoErrorKind,
  { service, ownWords }: AnswerContext,
  told: string | undefined,
  code: string,
): string {
  switch (kind) {
    case 'unauthorized':
      return l10n.t('{0} did not accept the access token.', service);
    case 'session-not-found':
      return l10n.t('{0} does not know this session any more.', service);
    case 'no-credits':
      return l10n.t('There are no {0} credits left for this.', service);
    case 'unsupported-file':
      return l10n.t('{0} does not take this kind of file. It takes {1}.', service, SUPPORTED_EXTENSIONS.join(', '));
    case 'too-large':
      return l10n.t('The file is too large for {0}: 500 MB at most. Compress or trim it first.', service);
    case 'missing-client-id':
      return l10n.t('{0} did not accept the client id of this installation.', service);
    case 'export-blocked':
      return l10n.t('Register or upgrade your plan to unlock export.');
    case 'rate-limited':
      return l10n.t('{0} asks for a pause: too many requests.', service);
    case 'server':
      return l10n.t('{0} has a problem at the moment ({1}); try again later.', service, code);
    default:
      if (told === undefined) return l10n.t('{0} refused the request ({1}).', service, code);
      return ownWords ? told : l10n.t('{0} refused the request: {1}', service, told);
  }
}

/** An object as JSON has it: neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
