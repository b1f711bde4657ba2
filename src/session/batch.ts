import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { LENGTH_TOLERANCE } from '../timeline/difference.js';
import { dissolvedLength } from '../timeline/draft.js';
import { hasHan, joinSentences, joinWords } from '../timeline/phrases.js';
import { checkSections, mergeSections, totalDuration, type Section } from '../timeline/sections.js';
import { formatLength, formatTimecode, type Microseconds } from '../timeline/timecode.js';
import { isClosing } from './export.js';
import { removalInstruction } from './instruction.js';
import type { SessionPorts } from './ports.js';
import { SessionError, type SessionErrorKind } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { SessionWork } from './session-work.js';
import type { ChatAction, ExportOutcome } from './snapshot.js';

/** The same for each file: sections in source time, or words. */
export type BatchOrder = { readonly sections: readonly Section[] } | { readonly text: string };

export interface BatchFile {
  /** Absolute. */
  readonly path: string;
  readonly exported?: ExportOutcome;
  /** Why there is no result, in one sentence. */
  readonly problem?: SessionError;
}

export interface BatchOutcome {
  readonly files: readonly BatchFile[];
  /** One or two sentences for the person; it stands in the chat already. */
  readonly summary: string;
}

interface BatchParts {
  readonly ports: SessionPorts;
  readonly state: SessionState;
  readonly work: SessionWork;
  readonly persist: () => Promise<void>;
  readonly explain: (error: unknown) => Promise<SessionError>;
}

/** Failures that every other file would meet too, some of them after it has cost credits. */
const OF_ALL_FILES: readonly SessionErrorKind[] = ['dismissed', 'unauthorized', 'no-credits', 'export-blocked'];

/**
 * Several files, one after the other, in one session of the engine: each is uploaded, edited with one message and
 * exported beside itself. A file that fails is told and does not stop the rest.
 *
 * @throws the signal's reason when stopped; what was exported until then stays
 */
export async function runBatch(
  paths: readonly string[],
  order: BatchOrder,
  { ports, state, work, persist, explain }: BatchParts,
  signal: AbortSignal,
): Promise<BatchOutcome> {
  const unique = [...new Set(paths)];
  const files: BatchFile[] = [];
  // What an earlier try left on a timeline would be in the way.
  if (state.link.hasSession) state.forgetRemote();
  state.uploads = [];
  // Stored with each step: after a crash, what is not done can be named.
  const remember = (next: number): Promise<void> => {
    const failed = files.flatMap(({ exported, path }) => (exported ? [] : [path]));
    state.batch = { order: stored(order), left: [...failed, ...unique.slice(next)], total: unique.length };
    return persist();
  };
  let ofAll: SessionError | undefined;
  try {
    await remember(0);
    // Where to cut is asked before anything else; without an answer nothing begins.
    await work.connect(signal);
    state.title = unique.length === 1 ? basename(unique[0] ?? '') : l10n.t('{0} videos', unique.length);
    for (const [index, path] of unique.entries()) {
      if (ofAll) {
        files.push({ path, problem: ofAll });
        continue;
      }
      state.chat.add({ kind: 'status', text: l10n.t('{0} of {1}: {2}', index + 1, unique.length, basename(path)) });
      try {
        files.push({ path, exported: await trimOne(path, order, index === 0, { ports, state, work }, signal) });
      } catch (error) {
        signal.throwIfAborted();
        const problem = await explain(error);
        ports.log(`batch: a file failed with ${problem.kind}`);
        if (OF_ALL_FILES.includes(problem.kind)) ofAll = problem;
        else state.chat.add({ kind: 'error', text: `${basename(path)}: ${problem.message}` });
        files.push({ path, problem });
      }
      await remember(index + 1);
    }
  } finally {
    if (!isClosing(signal)) state.batch = undefined;
  }
  const summary = summarize(files);
  tellSummary(files, summary, state);
  return { files, summary };
}

async function trimOne(
  path: string,
  order: BatchOrder,
  first: boolean,
  { ports, state, work }: Pick<BatchParts, 'ports' | 'state' | 'work'>,
  signal: AbortSignal,
): Promise<ExportOutcome> {
  const length = await ports.readDuration(path).catch(() => undefined);
  signal.throwIfAborted();
  if ('sections' in order && length !== undefined) checkLength(order.sections, length);
  state.removed = [];
  state.takeClip(path, length, false);
  await work.upload([path], signal);
  const duration = length ?? state.clip?.duration;
  if ('sections' in order && length === undefined && duration !== undefined) checkLength(order.sections, duration);
  const timed = 'text' in order ? await work.timed(order.text, signal) : undefined;
  const instruction = 'sections' in order ? removalInstruction(order.sections) : (timed?.text ?? order.text);
  // The cloud may have put the file beside the ones before it.
  const text = first || state.link.engine === 'local' ? instruction : onlyThis(path, instruction);
  const asked = 'sections' in order ? order.sections : (timed?.sections ?? []);
  const { exported, answer } = await work.edit(
    text,
    { asked, thenExport: true, check: () => checkTimeline(state, order, duration) },
    signal,
  );
  if (!exported) throw new SessionError('agent', l10n.t('Nothing was exported: {0}', answer));
  return exported;
}

function onlyThis(path: string, instruction: string): string {
  const name = basename(path);
  return hasHan(instruction)
    ? `只处理 ${name}，并把其他视频移出时间线。在 ${name} 中，${instruction}`
    : `Work on ${name} alone and take the other videos off the timeline. In ${name}, ${instruction}`;
}

/** @throws SessionError with the first section that this file does not have */
function checkLength(sections: readonly Section[], duration: Microseconds): void {
  const typed = sections.map((section) => ({
    in: formatTimecode(section.in, { digits: 6 }),
    out: formatTimecode(section.out, { digits: 6 }),
  }));
  const [problem] = checkSections(typed, duration).problems;
  if (problem) throw new SessionError('nothing-to-do', problem.message);
}

/** Whether the timeline holds what this file should have become, and not a neighbour too. @throws SessionError */
function checkTimeline({ draft }: SessionState, order: BatchOrder, duration: Microseconds | undefined): void {
  if (duration === undefined) return;
  const is = draft.duration;
  const left = 'sections' in order ? duration - totalDuration(mergeSections(order.sections)) : undefined;
  const expected = left === undefined ? undefined : left - dissolvedLength(draft);
  const wrong = expected === undefined ? is > duration + LENGTH_TOLERANCE : Math.abs(is - expected) > LENGTH_TOLERANCE;
  if (!wrong) return;
  const length = formatLength(is);
  const message =
    expected === undefined
      ? l10n.t(
          'The timeline became {0} long instead of at most {1}, so it was not exported.',
          length,
          formatLength(duration),
        )
      : l10n.t('The timeline became {0} long instead of {1}, so it was not exported.', length, formatLength(expected));
  throw new SessionError('agent', message);
}

/** `2 of 3 videos are done: a.trimmed.mp4 and b.trimmed.mp4. c.mp4 is not: …` */
export function summarize(files: readonly BatchFile[]): string {
  const done = files.flatMap(({ exported }) => (exported ? [basename(exported.outputPath)] : []));
  const failed = files.filter(({ exported }) => !exported);
  const count = countInWords(done.length, files.length);
  const named = done.length === 0 ? l10n.t('{0}.', count) : l10n.t('{0}: {1}.', count, joinWords(done));
  const messages = new Set(failed.map(({ problem }) => problem?.message ?? ''));
  if (messages.size === 1 && failed.length > 1) {
    const names = joinWords(failed.map(({ path }) => basename(path)));
    return joinSentences(named, l10n.t('{0} are not: {1}', names, [...messages].join('')));
  }
  const why = failed.map(({ path, problem }) => l10n.t('{0} is not: {1}', basename(path), problem?.message ?? ''));
  return joinSentences(named, ...why);
}

function countInWords(done: number, total: number): string {
  if (done === total) return total === 1 ? l10n.t('The video is done') : l10n.t('All {0} videos are done', total);
  return done === 1 ? l10n.t('1 of {0} videos is done', total) : l10n.t('{0} of {1} videos are done', done, total);
}

function tellSummary(files: readonly BatchFile[], summary: string, { chat }: SessionState): void {
  const done = files.find(({ exported }) => exported)?.exported;
  const problems = files.flatMap(({ problem }) => (problem ? [problem] : []));
  const actions: ChatAction[] = done ? ['reveal-output'] : [];
  if (problems.length > 0) actions.push('retry');
  for (const action of ['use-local', 'register', 'set-token'] as const) {
    if (problems.some((problem) => problem.actions.includes(action))) actions.push(action);
  }
  const link = problems.find((problem) => problem.link !== undefined)?.link;
  chat.add({
    kind: done ? 'export' : 'error',
    text: summary,
    actions,
    ...(done ? { outputPath: done.outputPath } : {}),
    ...(link === undefined ? {} : { link }),
  });
}

function stored(order: BatchOrder): NonNullable<SessionState['batch']>['order'] {
  return 'sections' in order ? { sections: [...order.sections] } : { text: order.text };
}

/**
 * Of a batch that was under way when the window closed: says what is done by now, and offers the rest.
 *
 * @param currentArrived the file that was being worked on has been exported since
 * @returns the files that are left
 */
export function tellBatchLeft(
  batch: NonNullable<SessionState['batch']>,
  currentArrived: boolean,
  state: SessionState,
): readonly string[] {
  const left = batch.left.filter((path) => !currentArrived || path !== state.clip?.path);
  state.batch = undefined;
  const done = l10n.t('{0}.', countInWords(batch.total - left.length, batch.total));
  if (left.length === 0) state.chat.add({ kind: 'status', text: done });
  else {
    const names = joinWords(left.map((path) => basename(path)));
    const text = joinSentences(done, l10n.t('Not done when the window closed: {0}.', names));
    state.chat.add({ kind: 'status', text, actions: ['retry'] });
  }
  return left;
}

/** The order as it was stored; undefined when it cannot be read. */
export function storedOrder({ order }: NonNullable<SessionState['batch']>): BatchOrder | undefined {
  if (order.sections !== undefined && order.sections.length > 0) return { sections: order.sections };
  return order.text === undefined ? undefined : { text: order.text };
}
