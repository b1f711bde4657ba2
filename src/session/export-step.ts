import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { NemoError } from '../nemo/errors.js';
import { parseExactDraft } from '../nemo/exact-json.js';
import type { RenderStatus } from '../nemo/protocol.js';
import { isExportable, readDraft, type Draft } from '../timeline/draft.js';
import { plannedCutWords, type PlannedCut } from '../timeline/planned-cut.js';
import { joinSentences } from '../timeline/phrases.js';
import { formatLength } from '../timeline/timecode.js';
import type { Linked } from './engine-link.js';
import { exportDraft, isClosing } from './export.js';
import { takeUpFinished } from './finished-file.js';
import type { ExportOptions } from './outcomes.js';
import type { SessionPorts } from './ports.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session-state.js';
import type { StoredSession } from './stored-session.js';
import type { ChatAction, ExportOutcome } from './snapshot.js';
import { keptOfDraft } from './source-ranges.js';
import { subtitlesSentences } from './subtitles-words.js';

export type PendingRender = NonNullable<StoredSession['render']>;

/** What an export needs from the session. */
export interface ExportSurroundings {
  readonly ports: SessionPorts;
  readonly state: SessionState;
  /** Stores the state: before a render is asked for. */
  readonly persist: () => Promise<void>;
  /** Connects, uploads what is missing, and reads the draft. */
  readonly ready: () => Promise<Linked & { readonly draft: unknown }>;
  /** Connects only. */
  readonly connect: () => Promise<Linked>;
}

/** Ms; the file has arrived already, and only its link is waited for. */
const LONGEST_CLAIM = 10_000;

/**
 * Renders the timeline and writes the result. A render that could not be followed to its end, because of the network or
 * because the window closed, stays in the state: it goes on at the server, and is taken up later.
 *
 * @param resume a render that was asked for before
 */
export async function exportSession(
  options: ExportOptions,
  resume: PendingRender | undefined,
  { ports, state, persist, ready, connect }: ExportSurroundings,
  signal: AbortSignal,
): Promise<ExportOutcome> {
  const clip = state.clip?.path ?? options.outputPath;
  if (clip === undefined) {
    const message = l10n.t('Choose where to save the result: this session has no clip on this machine.');
    throw new SessionError('needs-output', message);
  }
  const { clock, readDuration, outputTemplate, log } = ports;
  if (resume?.temporary !== undefined) {
    const outcome = await whole(resume, resume.temporary, { state, persist });
    if (outcome) return await tell(await withSubtitles(outcome, state.draft, { ports, state }), connect, state, signal);
    await rm(resume.temporary, { force: true }).catch(() => undefined);
  }
  // What is taken up was asked for with the draft of then, and needs no session any more.
  const known = resume !== undefined && isExportable(state.draft);
  const { client, remote, engine, draft } = known ? { ...(await connect()), draft: state.draft.raw } : await ready();
  const pinned = options.pinned?.sessionId === remote.sessionId ? parseExactDraft(options.pinned.draft) : undefined;
  const startedAt = resume?.startedAt ?? clock.now();
  const note = resume === undefined ? {} : { note: l10n.t('Taking up the export…') };
  const told = state.plan;
  let plan: PlannedCut | undefined;
  let receiving = false;
  const show = (fraction?: number, status?: RenderStatus): void => {
    if (status?.plan && JSON.stringify(status.plan) !== JSON.stringify(plan)) {
      plan = status.plan;
      if (status.status !== 'completed') tellWhole(plan, told, state);
    }
    const left = status?.secondsLeft === undefined ? {} : { secondsLeft: status.secondsLeft };
    const shown = {
      ...(fraction === undefined ? {} : { fraction }),
      ...left,
      ...(plan ? { plan } : {}),
      ...(receiving ? { receiving } : {}),
    };
    state.activity = { kind: 'exporting', startedAt, ...note, ...shown };
  };
  show();
  const request = {
    client,
    engine,
    sessionId: remote.sessionId,
    draft: pinned ?? draft,
    readDraft: async () => pinned ?? (await ready()).draft,
    clip,
    sourceDuration: state.clip?.duration,
    resume,
    // Foreseen for the picture's own size and the timeline as it is.
    plan: options.resolution === undefined && pinned === undefined ? state.plan : undefined,
    ...options,
  };
  try {
    const outcome = await exportDraft(
      request,
      {
        clock,
        readDuration,
        outputTemplate,
        log,
        onProgress: show,
        onRender: (id) => {
          state.render = { id, startedAt: clock.now(), ...options };
          return persist();
        },
        onReceive: (temporary) => {
          receiving = true;
          if (state.render) state.render = { ...state.render, temporary };
          return persist();
        },
        onFinished: (finished) => {
          if (state.render) state.render = { ...state.render, finished };
          return persist();
        },
        onRenderAgain: () => {
          const text = l10n.t('The export that was under way has ended with the old window, so it is made again.');
          state.chat.add({ kind: 'status', text });
        },
      },
      signal,
    );
    ended(state, options.order);
    arrived(state);
    const shown = pinned === undefined ? state.draft : readDraft(pinned);
    return await tell(await withSubtitles(outcome, shown, { ports, state }), connect, state, signal);
  } catch (error) {
    if (!isClosing(signal) && (signal.aborted || !isUnfollowed(error))) ended(state, options.order);
    throw error;
  }
}

/** Noted with the end of the render, in one write: a file of a batch that has arrived is not left to be done. */
function arrived(state: SessionState): void {
  const { batch, clip } = state;
  if (batch && clip) state.batch = { ...batch, left: batch.left.filter((path) => path !== clip.path) };
}

function ended(state: SessionState, order: string | undefined): void {
  state.render = undefined;
  if (order !== undefined) state.lastExport = order;
}

/** The file had come whole before the window closed: it has its name, or gets it. */
async function whole(
  { id, order, finished }: PendingRender,
  temporary: string,
  { state, persist }: Pick<ExportSurroundings, 'state' | 'persist'>,
): Promise<ExportOutcome | undefined> {
  if (!finished) return undefined;
  const claim = (claimed: string): Promise<void> => {
    if (state.render) state.render = { ...state.render, finished: { ...finished, claimed } };
    return persist();
  };
  let outputPath: string | undefined;
  try {
    outputPath = await takeUpFinished(temporary, finished, claim);
  } catch (error) {
    // The chosen name is taken, or the folder is gone: the person has to say where it goes, and exports again.
    await rm(temporary, { force: true }).catch(() => undefined);
    ended(state, order);
    throw error;
  }
  if (outputPath === undefined) return undefined;
  ended(state, order);
  arrived(state);
  const sourceDuration = state.clip?.duration;
  const sessionId = state.link.remote?.sessionId ?? '';
  return { outputPath, duration: finished.duration, sourceDuration, renderId: id, sessionId };
}

/** The render itself may be well: only the way to it, or the place for the file, is not. */
function isUnfollowed(error: unknown): boolean {
  return (
    (error instanceof NemoError || error instanceof SessionError) &&
    ['unreachable', 'timed-out', 'server', 'rate-limited', 'unauthorized', 'file'].includes(error.kind)
  );
}

/** Cuts the subtitles beside the clip along with it. The result is there: nothing that happens here takes it back. */
async function withSubtitles(
  outcome: ExportOutcome,
  draft: Draft,
  { ports, state }: Pick<ExportSurroundings, 'ports' | 'state'>,
): Promise<ExportOutcome> {
  const { clip, removed } = state;
  if (!clip || ports.cutsSubtitles?.() === false) return outcome;
  const { outputPath: output, duration } = outcome;
  const whole = clip.duration === undefined ? undefined : [{ in: 0, out: clip.duration }];
  const kept = keptOfDraft(draft, removed, clip.duration) ?? whole;
  try {
    const { cutSideSubtitles } = await import('./side-subtitles.js');
    const subtitles = await cutSideSubtitles({ clip: clip.path, output, kept, join: draft.join, duration });
    return subtitles ? { ...outcome, subtitles } : outcome;
  } catch (error) {
    ports.log(`subtitles beside the clip: ${error instanceof Error ? error.name : 'unknown'}`, 'warn');
    const note = l10n.t('The subtitles beside the clip could not be cut along.');
    return { ...outcome, subtitles: { written: [], notes: [note] } };
  }
}

/** Says where the file is, and then, for the cloud, offers the project in the browser: where that cannot be, silently not. */
async function tell(
  outcome: ExportOutcome,
  connect: () => Promise<Linked>,
  { chat, link: { engine } }: SessionState,
  signal: AbortSignal,
): Promise<ExportOutcome> {
  const actions: ChatAction[] = ['open-output', 'reveal-output'];
  const entry = { kind: 'export', text: exportedText(outcome), outputPath: outcome.outputPath } as const;
  const id = chat.add({ ...entry, actions });
  if (engine !== 'cloud') return outcome;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_CLAIM)]);
    const { client, remote } = await connect();
    const link = await client.claimLink(remote, { signal: limited });
    chat.set(id, { ...entry, actions: [...actions, 'open-in-browser'], link });
    return { ...outcome, link };
  } catch {
    return outcome;
  }
}

/** Says that the whole picture is encoded anew, unless the edit's answer has said so. */
function tellWhole(plan: PlannedCut, told: PlannedCut | undefined, { chat }: SessionState): void {
  const known = told?.method === 'reencode' && told.reason === plan.reason;
  const text = plannedCutWords(plan);
  if (plan.method === 'reencode' && !known && text !== undefined)
    chat.add({ kind: 'status', text: l10n.t('{0}.', text) });
}

function exportedText({ outputPath, duration, sourceDuration, cut, subtitles }: ExportOutcome): string {
  const length = formatLength(duration);
  const lengths = sourceDuration === undefined ? length : `${formatLength(sourceDuration)} → ${length}`;
  const exported = l10n.t('Exported {0}: {1}.', basename(outputPath), lengths);
  return joinSentences(exported, ...(cut?.notes ?? []), ...subtitlesSentences(subtitles));
}
