import * as l10n from '@vscode/l10n';
import { NemoError } from '../nemo/errors.js';
import type { NemoClient } from '../nemo/protocol.js';
import { compareDrafts, type DraftDifference, lengths, withoutTracks } from '../timeline/difference.js';
import type { Draft, Track } from '../timeline/draft.js';
import type { Section } from '../timeline/sections.js';
import { followRun, type RunEnd } from './agent-run.js';
import type { ChatLog } from './chat-log.js';
import { dropTemporaryIssue, isTemporaryIssue, translateGuiTalk, type AskedAction } from './gui-translation.js';
import type { Clock, EngineName } from './ports.js';
import { madeNewClip, unaskedTracks } from './second-stage.js';
import { SessionError } from './session-error.js';
import { ShownAnswer } from './shown-answer.js';

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
  /** Source ranges that the message asks to remove, where they are known. */
  readonly asked: readonly Section[];
  /** Reads the state and keeps its draft in the session. */
  readonly readState: () => Promise<Draft>;
  /** What the person may say instead, where the message is too vague to do much. */
  readonly sentence?: string | undefined;
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
  /** Tracks that came without being asked for. */
  readonly additions: readonly Track[];
  /** A new clip was made, and nothing was added to it yet: that may follow. */
  readonly awaitsAdditions: boolean;
}

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
 * @throws NemoError or SessionError; the signal's reason when the person stopped it. A NemoError `session-not-found`
 *   comes only where the agent has not had the message
 */
export async function sendToAgent(text: string, to: EditSurroundings, signal: AbortSignal): Promise<EditResult> {
  const shown = new ShownAnswer(text, to);
  try {
    const run = await followRun(
      (ended) => to.client.run({ sessionId: to.sessionId, text }, { signal: ended }),
      to.clock,
      shown,
      signal,
    );
    if (run.end.kind === 'refused') throw run.end.error;
    return await afterRun(text, run, shown, to, signal).catch((error: unknown) => {
      throw isGone(error) ? goneMeanwhile(error) : error;
    });
  } finally {
    await shown.close();
  }
}

async function afterRun(
  message: string,
  run: Awaited<ReturnType<typeof followRun>>,
  shown: ShownAnswer,
  to: EditSurroundings,
  signal: AbortSignal,
): Promise<EditResult> {
  const said = dropTemporaryIssue(run.text);
  const { text: answer, asks } = isTemporaryIssue(said) ? { text: '', asks: [] } : translateGuiTalk(said);
  const draft = await lookAfter(run.end, answer, to, signal);
  const after = draft ?? to.before;
  const difference = compareDrafts(to.before, after, to.asked);
  reportFailure(run.end, said, answer, difference, to);
  const additions = to.engine === 'cloud' ? unaskedTracks(message, to.before, after) : [];
  const main = additions.length === 0 ? difference.text : mainChange(to, withoutTracks(after, additions));
  const ending = {
    answer,
    said: run.text.trim() !== '',
    asks,
    main,
    difference,
    after,
    stateKnown: draft !== undefined,
  };
  const awaitsAdditions =
    to.engine === 'cloud' && additions.length === 0 && madeNewClip(message, to.before, after) && draft !== undefined;
  return { answer: await shown.finish(ending), difference, asks, additions, awaitsAdditions };
}

/** What changed beside the additions; empty when that is nothing. */
function mainChange({ before, asked }: EditSurroundings, rest: Draft): string {
  return compareDrafts({ ...before, raw: before.tracks }, { ...rest, raw: rest.tracks }, asked).text;
}

function isGone(error: unknown): error is NemoError {
  return error instanceof NemoError && error.kind === 'session-not-found';
}

function goneMeanwhile(cause: NemoError): SessionError {
  const message = l10n.t(
    'NemoVideo ended this session while it worked, and its timeline is gone. The message was not sent twice; try again to begin anew.',
  );
  return new SessionError('session-not-found', message, { actions: ['retry', 'use-local'], cause });
}

/** @returns the draft after the run; undefined when it could not be read */
async function lookAfter(
  end: RunEnd,
  answer: string,
  to: EditSurroundings,
  signal: AbortSignal,
): Promise<Draft | undefined> {
  if (end.kind === 'broken') return await lookAfterBreak(end, to, signal);
  const failed = end.kind === 'closed' && end.failure !== undefined && !isPassing(end.failure);
  const silent = end.kind === 'closed' && !failed && answer === '';
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
  to.setNote(l10n.t('The connection broke off; looking whether the edit was made…'));
  const draft = await lookForChange(LOOKS_AFTER_BREAK[to.engine], to, signal);
  if (draft !== undefined && compareDrafts(to.before, draft).changed) return draft;
  throw unchangedAfterBreak(draft !== undefined, to.engine, error);
}

/** What is said when the connection broke and no change was seen since. */
export function unchangedAfterBreak(stateKnown: boolean, engine: EngineName, cause?: unknown): SessionError {
  const message = stateKnown
    ? l10n.t(
        'The connection broke off, and the timeline has not changed since. The message was not sent twice; try again when you like.',
      )
    : l10n.t(
        'The connection broke off, and the timeline could not be read since. The message was not sent twice; check the network, then type "status".',
      );
  const actions = engine === 'cloud' ? (['retry', 'use-local'] as const) : (['retry'] as const);
  return new SessionError('unreachable', message, { actions, cause });
}

/** Reads the state until it differs from before, as often as after a broken stream. @throws NemoError, the signal's reason */
export async function lookForInterrupted(
  to: Pick<EditSurroundings, 'engine' | 'clock' | 'before' | 'readState' | 'log'>,
  signal: AbortSignal,
): Promise<Draft | undefined> {
  const [, ...later] = LOOKS_AFTER_BREAK[to.engine];
  return await lookForChange([0, ...later], to, signal);
}

/** Reads the state after each of the waits (seconds) until it differs from before. */
async function lookForChange(
  waits: readonly number[],
  to: Pick<EditSurroundings, 'clock' | 'before' | 'readState' | 'log'>,
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

function isPassing(failure: NemoError): boolean {
  return /temporary (?:issue|problem|error)/iu.test(failure.message);
}

/** Throws what the run failed with, after what it did to the timeline is told. */
function reportFailure(
  end: RunEnd,
  said: string,
  answer: string,
  difference: DraftDifference,
  to: EditSurroundings,
): void {
  const done = difference.changed;
  const actions = to.engine === 'cloud' ? (['retry', 'use-local'] as const) : (['retry'] as const);
  if (end.kind === 'timed-out') {
    if (done) return;
    const message = l10n.t(
      'NemoVideo has given no result after {0} minutes, and the timeline is unchanged. It may still finish: type "status" in a while before you try again.',
      end.minutes,
    );
    throw new SessionError('timed-out', message, { actions });
  }
  if (end.kind !== 'closed') return;
  const passing = end.failure === undefined ? isTemporaryIssue(said) : isPassing(end.failure);
  if (passing) {
    if (done || answer !== '') return;
    const message = l10n.t('NemoVideo had a passing problem, and the timeline is unchanged. Try again in a moment.');
    throw new SessionError('agent', message, { actions, cause: end.failure });
  }
  if (end.failure === undefined) return;
  if (done) {
    const change = lengths(difference);
    to.chat.add({ kind: 'status', topic: 'edited', change, text: difference.text, actions: ['export', 'undo'] });
  }
  throw end.failure;
}
