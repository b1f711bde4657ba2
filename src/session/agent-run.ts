import { stripVTControlCharacters } from 'node:util';
import * as l10n from '@vscode/l10n';
import { steadyNow } from '../nemo/clock.js';
import { NemoError, type NemoErrorKind } from '../nemo/errors.js';
import type { AgentEvent } from '../nemo/protocol.js';
import type { Clock } from './ports.js';

const MINUTE = 60_000;
/** Every 2 minutes without anything to show, the person is told that the work goes on. */
const STILL_WORKING_AFTER = 2 * MINUTE;
/** Heartbeats alone keep the stream open, not the person waiting. */
const LONGEST_WITHOUT_PROGRESS = 10 * MINUTE;
const LONGEST_RUN = 15 * MINUTE;
/** Characters of an answer that are kept: a long one has a few thousand, and all of it is read and stored anew each time. */
const LONGEST_TEXT = 50_000;

/** How the agent's stream ended. */
export type RunEnd =
  /** The stream closed in order; `failure` is what it said went wrong. */
  | { readonly kind: 'closed'; readonly failure?: NemoError }
  /** Refused before anything was said: the message was not taken. */
  | { readonly kind: 'refused'; readonly error: NemoError }
  /** Broken on the way: the message may have been taken, so it is never sent again. */
  | { readonly kind: 'broken'; readonly error: NemoError; readonly heard: boolean }
  /** Ended by us; the run may go on at the server. */
  | { readonly kind: 'timed-out'; readonly minutes: number };

export interface RunListener {
  /** The whole text so far. */
  onText(text: string): void;
  onActivity(tool: string): void;
  onStillWorking(minutes: number): void;
  /** Anything at all came, a heartbeat too. */
  onLifeSign(): void;
}

/** Failures that can only be an answer to the request itself: the agent has not begun. */
const REFUSALS: readonly string[] = [
  'unauthorized',
  'session-not-found',
  'no-credits',
  'unsupported-file',
  'too-large',
  'missing-client-id',
  'export-blocked',
  'rate-limited',
  'refused',
];

/**
 * Follows one run of the agent to its end, telling the listener what to show.
 *
 * @param start sends the message; the signal it gets ends the stream
 * @throws the signal's reason when the person stopped it
 */
export async function followRun(
  start: (signal: AbortSignal) => AsyncIterable<AgentEvent>,
  clock: Clock,
  listener: RunListener,
  signal: AbortSignal,
): Promise<{ text: string; end: RunEnd }> {
  const ours = new AbortController();
  const stop = (): void => ours.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const begun = steadyNow(clock);
  let progressAt = begun;
  let toldAt = begun;
  let heard = false;
  let text = '';
  let failure: NemoError | undefined;
  const alarm = new Alarm(clock);
  try {
    signal.throwIfAborted();
    const events = start(ours.signal)[Symbol.asyncIterator]();
    let next = events.next();
    for (;;) {
      const deadline = Math.min(
        toldAt + STILL_WORKING_AFTER,
        progressAt + LONGEST_WITHOUT_PROGRESS,
        begun + LONGEST_RUN,
      );
      const step = await alarm.before(deadline, next);
      const now = steadyNow(clock);
      if (now >= begun + LONGEST_RUN || now >= progressAt + LONGEST_WITHOUT_PROGRESS) {
        next.catch(() => undefined);
        return { text, end: { kind: 'timed-out', minutes: Math.round((now - begun) / MINUTE) } };
      }
      if (now >= toldAt + STILL_WORKING_AFTER) {
        toldAt = now;
        listener.onStillWorking(Math.round((now - begun) / MINUTE));
      }
      if (step === undefined) continue;
      if (step.done === true) break;
      heard = true;
      const event = step.value;
      listener.onLifeSign();
      if (event.type === 'text') {
        progressAt = toldAt = now;
        if (text.length < LONGEST_TEXT) {
          text = shortened(text + visible(event.text));
          listener.onText(text);
        }
      } else if (event.type === 'activity') {
        progressAt = now;
        listener.onActivity(event.tool);
      } else if (event.type === 'error') {
        failure ??= streamFailure(event.code, event.message);
      }
      next = events.next();
    }
    return { text, end: { kind: 'closed', ...(failure ? { failure } : {}) } };
  } catch (error) {
    signal.throwIfAborted();
    const cause =
      error instanceof NemoError
        ? error
        : new NemoError('bad-answer', l10n.t('The answer broke off.'), { cause: error });
    if (!heard && REFUSALS.includes(cause.kind)) return { text, end: { kind: 'refused', error: cause } };
    return { text, end: { kind: 'broken', error: cause, heard } };
  } finally {
    signal.removeEventListener('abort', stop);
    alarm.close();
    // Also ends a stream that still runs after a time-out.
    ours.abort(new DOMException('The run is over.', 'AbortError'));
  }
}

// All but tab and line breaks, and what turns the direction of the text after it, whatever that is.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e]/g;

/** Without what would steer a terminal that shows it, or show it otherwise than it is written. */
function visible(text: string): string {
  return text.search(CONTROL) < 0 ? text : stripVTControlCharacters(text).replace(CONTROL, '');
}

function shortened(text: string): string {
  return text.length < LONGEST_TEXT
    ? text
    : `${text.slice(0, LONGEST_TEXT)}…\n\n${l10n.t('(The answer goes on. What follows is not shown here.)')}`;
}

const STREAM_CODES = new Map<string, NemoErrorKind>([
  ['1001', 'unauthorized'],
  ['1010', 'unauthorized'],
  ['1011', 'unauthorized'],
  ['1002', 'session-not-found'],
  ['2001', 'no-credits'],
  ['4001', 'unsupported-file'],
  ['4002', 'too-large'],
  ['402', 'export-blocked'],
  ['429', 'rate-limited'],
]);

/** The codes of the API come inside the stream too, as codes of the event. */
function streamFailure(code: string | undefined, message: string): NemoError {
  const kind = STREAM_CODES.get(code ?? '');
  return new NemoError(kind ?? 'agent', message, code === undefined ? {} : { code });
}

/** Waits for one thing after the other, each until a deadline, with one timer for all: an agent may say 100,000 things. */
class Alarm {
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #isSet = false;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns undefined when it may be time: deadlines move, so who waits looks at the clock */
  before<T>(deadline: number, next: Promise<T>): Promise<T | undefined> {
    if (!this.#isSet) this.#set(deadline);
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      next.then(resolve, reject);
    });
  }

  close(): void {
    this.#closed.abort();
  }

  #set(deadline: number): void {
    this.#isSet = true;
    const ring = (): void => {
      this.#isSet = false;
      this.#wake();
    };
    this.#clock.sleep(Math.max(0, deadline - steadyNow(this.#clock)), this.#closed.signal).then(ring, () => undefined);
  }
}
