import { NemoError } from '../nemo/errors.js';
import type { NemoClient } from '../nemo/protocol.js';
import { compareDrafts, type DraftDifference } from '../timeline/difference.js';
import type { Draft } from '../timeline/draft.js';
import { summarizeDraft } from '../timeline/summary.js';
import { followRun, type RunEnd } from './agent-run.js';
import type { ChatLog } from './chat-log.js';
import { dropTemporaryIssue, translateGuiTalk, type AskedAction } from './gui-translation.js';
import type { Clock, EngineName } from './ports.js';
import { SessionError } from './session-error.js';
import type { ChatAction } from './snapshot.js';

/** What one message to the agent needs from the session. */
export interface EditSurroundings {
  readonly client: NemoClient;
  readonly sessionId: string;
  readonly engine: EngineName;
  readonly clock: Clock;
  readonly chat: ChatLog;
  /** A quiet line beside the activity. */
  readonly setNote: (note: string | undefined) => void;
  /** The draft before the message. */
  readonly before: Draft;
  /** Reads the state and keeps its draft in the session. */
  readonly readState: () => Promise<Draft>;
  /** Say also in our own words what changed, in source time. */
  readonly tellDifference: boolean;
  readonly log: (line: string) => void;
}

export interface EditResult {
  /** In the agent's words, else ours. */
  readonly answer: string;
  readonly difference: DraftDifference;
  /** What the agent told the person to do in its own interface. */
  readonly asks: readonly AskedAction[];
}

const STILL_WORKING = '⏳ Still working...';
const SECOND = 1000;
/** After a broken stream (WIRE.md): 30 s, then every 60 s, five looks in all. Our own engine answers at once. */
const LOOKS_AFTER_BREAK: Record<EngineName, readonly number[]> = {
  cloud: [30, 60, 60, 60, 60],
  local: [1, 2, 2, 2, 2],
};
/** A silent edit may reach the state a little after the stream has closed. */
const LOOKS_AFTER_SILENCE: Record<EngineName, readonly number[]> = { cloud: [0, 2, 4, 8], local: [0] };

/**
 * Sends one message, exactly once, shows the answer as it comes, and finds out what became of the timeline.
 *
 * @throws NemoError or SessionError; the signal's reason when the person stopped it
 */
export async function sendToAgent(text: string, to: EditSurroundings, signal: AbortSignal): Promise<EditResult> {
  const shown = new ShownAnswer(to);
  try {
    const run = await followRun(
      (ended) => to.client.run({ sessionId: to.sessionId, text }, { signal: ended }),
      to.clock,
      shown,
      signal,
    );
    if (run.end.kind === 'refused') throw run.end.error;
    const { text: answer, asks } = translateGuiTalk(dropTemporaryIssue(run.text));
    const draft = await lookAfter(run.end, answer, to, signal);
    const difference = compareDrafts(to.before, draft ?? to.before);
    reportFailure(run.end, answer, difference, to);
    return { answer: shown.finish(answer, difference, asks, draft !== undefined), difference, asks };
  } finally {
    shown.close();
  }
}

/** The entries that show one answer while it comes. */
class ShownAnswer {
  readonly #to: EditSurroundings;
  #entry: string | undefined;
  #stillWorking: string | undefined;
  #text = '';

  constructor(to: EditSurroundings) {
    this.#to = to;
  }

  onText(text: string): void {
    this.#text = text;
    this.#to.setNote(undefined);
    this.#dropStillWorking();
    const entry = { kind: 'agent', text, streaming: true } as const;
    if (this.#entry === undefined) this.#entry = this.#to.chat.add(entry);
    else this.#to.chat.set(this.#entry, entry);
  }

  onActivity(_tool: string): void {
    this.#to.setNote('Editing the timeline…');
  }

  onStillWorking(minutes: number): void {
    const text = minutes > 2 ? `${STILL_WORKING} (${minutes} minutes)` : STILL_WORKING;
    this.#to.setNote(STILL_WORKING);
    if (this.#stillWorking === undefined) this.#stillWorking = this.#to.chat.add({ kind: 'status', text });
    else this.#to.chat.set(this.#stillWorking, { kind: 'status', text });
  }

  /** @returns what the chat says in the end */
  finish(answer: string, difference: DraftDifference, asks: readonly AskedAction[], stateKnown: boolean): string {
    const actions: ChatAction[] = difference.changed ? ['export', 'undo'] : asks.includes('export') ? ['export'] : [];
    const said = answer === '' ? silentAnswer(difference, stateKnown) : answer;
    const kind = answer === '' ? 'status' : 'agent';
    const entry = { kind, text: said, ...(actions.length > 0 ? { actions } : {}) } as const;
    if (this.#entry === undefined) this.#to.chat.add(entry);
    else this.#to.chat.set(this.#entry, entry);
    this.#entry = undefined;
    // The cloud's agent tells what it meant to do; the timeline tells what it did.
    if (answer !== '' && difference.changed && this.#to.tellDifference) {
      this.#to.chat.add({ kind: 'status', text: difference.text });
    }
    if (asks.includes('state') && !difference.changed) {
      this.#to.chat.add({ kind: 'status', text: summarizeDraft(this.#to.before) });
    }
    return said;
  }

  /** What came before a failure stays readable, and nothing goes on streaming. */
  close(): void {
    this.#dropStillWorking();
    if (this.#entry === undefined) return;
    const { text } = translateGuiTalk(this.#text);
    if (text === '') this.#to.chat.remove(this.#entry);
    else this.#to.chat.set(this.#entry, { kind: 'agent', text });
    this.#entry = undefined;
  }

  #dropStillWorking(): void {
    if (this.#stillWorking !== undefined) this.#to.chat.remove(this.#stillWorking);
    this.#stillWorking = undefined;
  }
}

function silentAnswer(difference: DraftDifference, stateKnown: boolean): string {
  if (difference.changed) return difference.text;
  return stateKnown
    ? 'No answer came and the timeline is unchanged. Say it in other words, with times such as 0:45.'
    : 'No answer came, and the timeline could not be read. Type "status" to see it.';
}

/** @returns the draft after the run; undefined when it could not be read */
async function lookAfter(
  end: RunEnd,
  answer: string,
  to: EditSurroundings,
  signal: AbortSignal,
): Promise<Draft | undefined> {
  if (end.kind === 'broken') return await lookAfterBreak(end, to, signal);
  const silent = end.kind === 'closed' && end.failure === undefined && answer === '';
  return await lookForChange(silent ? LOOKS_AFTER_SILENCE[to.engine] : [0], to, signal);
}

/** The run goes on at the server, and is charged there: it is looked for, never asked for again. */
async function lookAfterBreak(
  { error, heard }: RunEnd & { kind: 'broken' },
  to: EditSurroundings,
  signal: AbortSignal,
): Promise<Draft | undefined> {
  to.log(`edit: the stream broke (${error.kind})`);
  // Nobody there at all: the person need not wait minutes to hear that.
  if (!heard && error.kind === 'unreachable') await to.readState();
  to.setNote('The connection broke off; looking whether the edit was made…');
  const draft = await lookForChange(LOOKS_AFTER_BREAK[to.engine], to, signal);
  if (draft !== undefined && compareDrafts(to.before, draft).changed) return draft;
  const message =
    draft === undefined
      ? 'The connection broke off, and the timeline could not be read since. The message was not sent twice; check the network, then type "status".'
      : 'The connection broke off, and the timeline has not changed since. The message was not sent twice; try again when you like.';
  throw new SessionError('unreachable', message, {
    actions: to.engine === 'cloud' ? ['retry', 'use-local'] : ['retry'],
    cause: error,
  });
}

/** Reads the state after each of the waits (seconds) until it differs from before. */
async function lookForChange(
  waits: readonly number[],
  to: EditSurroundings,
  signal: AbortSignal,
): Promise<Draft | undefined> {
  let draft: Draft | undefined;
  for (const wait of waits) {
    if (wait > 0) await to.clock.sleep(wait * SECOND, signal);
    try {
      draft = await to.readState();
      if (compareDrafts(to.before, draft).changed) return draft;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NemoError) || error.kind === 'session-not-found') throw error;
      to.log(`edit: the state could not be read (${error.kind})`);
    }
  }
  return draft;
}

/** Throws what the run failed with, after what it did to the timeline is told. */
function reportFailure(end: RunEnd, answer: string, difference: DraftDifference, to: EditSurroundings): void {
  const done = difference.changed;
  if (end.kind === 'timed-out') {
    if (done) return;
    const message = `NemoVideo has given no result after ${end.minutes} minutes, and the timeline is unchanged. It may still finish: type "status" in a while before you try again.`;
    throw new SessionError('timed-out', message, {
      actions: to.engine === 'cloud' ? ['retry', 'use-local'] : ['retry'],
    });
  }
  if (end.kind !== 'closed' || end.failure === undefined) return;
  const passing = /temporary (?:issue|problem|error)/iu.test(end.failure.message);
  if (passing && (done || answer !== '')) return;
  if (done) to.chat.add({ kind: 'status', text: difference.text, actions: ['export', 'undo'] });
  throw end.failure;
}
