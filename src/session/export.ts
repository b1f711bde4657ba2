import { randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { NemoError } from '../nemo/errors.js';
import type { NemoClient, RenderStatus } from '../nemo/protocol.js';
import { isExportable, readDraft, type Draft } from '../timeline/draft.js';
import { leastBytes, type PlannedCut } from '../timeline/planned-cut.js';
import { formatLength, MICROSECONDS_PER_SECOND, type Microseconds } from '../timeline/timecode.js';
import { finishedFile, giveName, type FinishedFile } from './finished-file.js';
import { checkOutputName, formatOfName, outputCandidates, temporaryName } from './output-name.js';
import { nameFromTemplate } from './output-template.js';
import type { Clock, EngineName, ReadDuration } from './ports.js';
import { checkFolder, checkRoom, diskFull, fileProblem } from './publish.js';
import { SessionError } from './session-error.js';
import type { ExportOutcome } from './snapshot.js';

export interface ExportRequest {
  readonly client: NemoClient;
  readonly engine: EngineName;
  readonly sessionId: string;
  /** As it came from the state; sent back verbatim. */
  readonly draft: unknown;
  /** Reads the draft anew: of a render that is taken up, only a copy is at hand, and a second one needs the original. */
  readonly readDraft: () => Promise<unknown>;
  /** Absolute path: its name and folder give the result's. */
  readonly clip: string;
  readonly sourceDuration: Microseconds | undefined;
  /** Refused when it exists. */
  readonly outputPath?: string | undefined;
  /** Where the result goes when no path is given; the clip's own folder without it. */
  readonly folder?: string | undefined;
  /** Name of the result without its ending; what the template gives without it. */
  readonly name?: string | undefined;
  /** `mp4`, …, or `source`: the clip's own container, which the local engine knows. */
  readonly format?: string | undefined;
  /** `1080p`, …: what the picture is scaled down to. */
  readonly resolution?: string | undefined;
  /** A render that was asked for before: taken up instead of asking again. */
  readonly resume?: { readonly id: string; readonly startedAt: number } | undefined;
  /** What the engine foresees: about how large the result will be. */
  readonly plan?: PlannedCut | undefined;
}

export interface ExportPorts {
  readonly clock: Clock;
  readonly readDuration: ReadDuration;
  readonly outputTemplate?: (() => string | undefined) | undefined;
  readonly log: (line: string) => void;
  /** 0 to 1; undefined while the server does not say. */
  readonly onProgress: (fraction: number | undefined, status?: RenderStatus) => void;
  /** Told, and stored, before the render is asked for: a crash then loses nothing. */
  readonly onRender: (renderId: string) => Promise<void>;
  /** Told, and stored, before the file is received. */
  readonly onReceive: (temporary: string) => Promise<void>;
  /** Told, and stored, before the whole file gets its name. */
  readonly onFinished: (file: FinishedFile) => Promise<void>;
  /** A render that was taken up is gone, and another one is made. */
  readonly onRenderAgain: () => void;
}

/**
 * Ms from when a render is asked for to the first look. A short clip is done within seconds, and 27 of the 30 s that the
 * product text lets pass would be waited for nothing; sooner than 3 s the cloud has hardly taken the job from its queue.
 */
const FIRST_POLL: Record<EngineName, number> = { cloud: 3_000, local: 250 };
/** The product text polls the cloud every 30 s; our own engine is asked often: a cut is done within the second. */
const POLL_INTERVAL: Record<EngineName, number> = { cloud: 30_000, local: 250 };
/** Cloud renders take 30 to 90 s. Our own engine says itself when it gives up. */
const LONGEST_RENDER: Record<EngineName, number> = { cloud: 30 * 60_000, local: Number.POSITIVE_INFINITY };
/** Polls that may fail in a row before the render is given up. */
const FAILED_POLLS = 5;

/** Why a session ends that is only put away: its render goes on and is taken up later. */
const CLOSING = 'SessionClosing';

/** To abort work with when the session is put away, not stopped. */
export function closingReason(): DOMException {
  return new DOMException('The session is put away.', CLOSING);
}

/** Whether that is why the work ends: the render is then left to go on. */
export function isClosing(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof DOMException && signal.reason.name === CLOSING;
}

let lastRenderTime = 0;

/** `render_<ms>`; no two are alike, also within one millisecond: the server refuses a repeated one. */
export function newRenderId(now: number): string {
  lastRenderTime = Math.max(now, lastRenderTime + 1);
  return `render_${lastRenderTime}`;
}

/**
 * Renders the draft, downloads the result beside the clip, makes sure that it is whole, and only then gives it its
 * name. Nothing is ever overwritten, the source is not touched, and on any failure nothing is left behind.
 *
 * @throws SessionError or NemoError; the signal's reason when aborted
 */
export async function exportDraft(
  request: ExportRequest,
  ports: ExportPorts,
  signal: AbortSignal,
): Promise<ExportOutcome> {
  const draft = readDraft(request.draft);
  if (!isExportable(draft)) {
    throw new SessionError(
      'nothing-to-do',
      l10n.t('There is nothing to export yet: the timeline is empty. Add a video first.'),
    );
  }
  const format = chosenFormat(request);
  const intended = request.outputPath ?? first(namesFor(request, ports, 'mp4'));
  await checkFolder(intended, request.outputPath !== undefined);
  await checkRoom(intended, leastBytes(request.plan));
  const { renderId, status } = await render(request, format, ports, signal);
  await checkRoom(intended, status.size ?? 0);
  const temporary = temporaryName(intended, randomBytes(6).toString('hex'));
  await ports.onReceive(temporary);
  try {
    await request.client.download(
      {
        renderId,
        toFile: temporary,
        shownName: basename(intended),
        ...(status.url === undefined ? {} : { url: status.url }),
      },
      {
        signal,
        onProgress: ({ receivedBytes, totalBytes }) => ports.onProgress(downloadShare(receivedBytes, totalBytes)),
      },
    );
    const duration = await verify(temporary, draft, status, ports.readDuration);
    signal.throwIfAborted();
    const best = request.outputPath ?? first(candidates(request, ports, format, status));
    const chosen = request.outputPath !== undefined;
    const finished = await finishedFile(temporary, { output: best, chosen, duration });
    await ports.onFinished(finished);
    const claim = (claimed: string): Promise<void> => ports.onFinished({ ...finished, claimed });
    const outputPath = await giveName(temporary, finished, claim);
    return {
      outputPath,
      duration,
      sourceDuration: request.sourceDuration,
      renderId,
      sessionId: request.sessionId,
      ...(status.cut ? { cut: status.cut } : {}),
    };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (isDiskFull(error)) throw await diskFull(intended, status.size, error);
    throw error instanceof Error && 'syscall' in error && !(error instanceof NemoError)
      ? fileProblem(error, intended)
      : error;
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

function chosenFormat({ format, outputPath, engine }: ExportRequest): string {
  const named = outputPath === undefined ? undefined : formatOfName(outputPath);
  if (outputPath !== undefined) checkOutputName(outputPath);
  const wanted = format ?? (named === 'm4v' ? 'mp4' : named) ?? (engine === 'local' ? 'source' : 'mp4');
  if (engine === 'cloud' && wanted !== 'mp4') {
    throw new SessionError(
      'refused',
      l10n.t('NemoVideo exports MP4. Choose a name that ends in .mp4, or cut on this machine.'),
      {
        actions: ['use-local'],
      },
    );
  }
  return wanted;
}

function candidates(
  request: ExportRequest,
  ports: ExportPorts,
  format: string,
  status: RenderStatus,
): Iterable<string> {
  return namesFor(request, ports, format === 'source' ? renderedFormat(status, request.clip) : format);
}

function namesFor(
  { clip, folder, name, resolution }: ExportRequest,
  ports: ExportPorts,
  ending: string,
): Iterable<string> {
  const facts = { clip, ending, resolution, now: ports.clock.now() };
  return outputCandidates(clip, ending, folder, name ?? nameFromTemplate(ports.outputTemplate?.(), facts));
}

/** With `source` the engine decides, and the ending of its address tells what it became. */
function renderedFormat(status: RenderStatus, clip: string): string {
  const path = status.url !== undefined && URL.canParse(status.url) ? new URL(status.url).pathname : '';
  const ending = extname(path).slice(1).toLowerCase();
  return /^[a-z0-9]{2,5}$/u.test(ending) ? ending : (formatOfName(clip) ?? 'mp4');
}

/** A render that fails is asked for once more, under a new id; a failure that our own engine explains is final. */
async function render(
  request: ExportRequest,
  format: string,
  ports: ExportPorts,
  signal: AbortSignal,
): Promise<{ renderId: string; status: RenderStatus }> {
  for (let attempt = 1; ; attempt += 1) {
    const resumed = attempt === 1 ? request.resume : undefined;
    const renderId = resumed?.id ?? newRenderId(ports.clock.now());
    try {
      if (resumed === undefined) {
        await ports.onRender(renderId);
        const draft = request.resume === undefined ? request.draft : await request.readDraft();
        const { resolution } = request;
        const output = { format, quality: 'high', ...(resolution === undefined ? {} : { resolution }) };
        await request.client.submitRender({ id: renderId, sessionId: request.sessionId, draft, output }, { signal });
      }
      const status = await pollRender(request, renderId, resumed?.startedAt, ports, signal);
      if (status.status === 'completed') return { renderId, status };
      const explained = request.engine === 'local' && resumed === undefined && status.message !== undefined;
      // Somebody ended it: making it again would be against their will.
      const cancelled = status.status === 'cancelled' || /\bcancell?ed\b/iu.test(status.message ?? '');
      if (attempt > 1 || explained || cancelled)
        throw renderFailure(request.engine, cancelled ? undefined : status.message, cancelled);
    } catch (error) {
      if (signal.aborted) {
        if (!isClosing(signal)) await cancel(request.client, renderId);
        signal.throwIfAborted();
      }
      if (attempt > 1 || !mayWorkAgain(error, request, resumed?.id)) throw error;
    }
    if (resumed !== undefined) ports.onRenderAgain();
    ports.log(`export: ${renderId} failed, once more under a new id`);
  }
}

function mayWorkAgain(error: unknown, request: ExportRequest, resumed: string | undefined): boolean {
  if (!(error instanceof NemoError)) return false;
  // `refused`: the cloud has had this id, or our own engine was started anew and does not know the old one.
  return error.kind === 'refused'
    ? request.engine === 'cloud' || resumed !== undefined
    : ['server', 'bad-answer'].includes(error.kind);
}

async function pollRender(
  request: ExportRequest,
  renderId: string,
  startedAt: number | undefined,
  ports: ExportPorts,
  signal: AbortSignal,
): Promise<RenderStatus> {
  const firstPoll = FIRST_POLL[request.engine];
  // One that was asked for a while ago is looked at without a wait; the clock may have been set back since.
  const age = Math.max(0, ports.clock.now() - (startedAt ?? ports.clock.now()));
  let wait = Math.max(0, firstPoll - age);
  let failed = 0;
  // Summed up from the waits: a machine that slept, or whose clock was set, has not waited that long.
  let waited = 0;
  for (;;) {
    await ports.clock.sleep(wait, signal);
    waited += wait;
    wait = POLL_INTERVAL[request.engine];
    try {
      const status = await request.client.renderStatus(renderId, { signal });
      failed = 0;
      ports.onProgress(status.progress === undefined ? undefined : status.progress * RENDER_SHARE, status);
      if (status.status !== 'pending' && status.status !== 'processing') return status;
    } catch (error) {
      signal.throwIfAborted();
      failed += 1;
      const mayPass =
        error instanceof NemoError &&
        ['unreachable', 'timed-out', 'server', 'bad-answer', 'rate-limited'].includes(error.kind);
      if (!mayPass || failed >= FAILED_POLLS) throw error;
    }
    if (waited > LONGEST_RENDER[request.engine]) {
      throw new SessionError(
        'timed-out',
        l10n.t('The export is not finished after 30 minutes. Your edit is kept; export again later.'),
        { actions: ['export'] },
      );
    }
  }
}

function renderFailure(engine: EngineName, told: string | undefined, cancelled: boolean): SessionError {
  const message =
    told ??
    (cancelled
      ? l10n.t('The export was cancelled. Your edit is kept.')
      : l10n.t('The export failed. Your edit is kept.'));
  return new SessionError('refused', message, { actions: engine === 'cloud' ? ['export', 'use-local'] : ['export'] });
}

async function cancel(client: NemoClient, renderId: string): Promise<void> {
  await client.cancelRender(renderId, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
}

const RENDER_SHARE = 0.9;

function downloadShare(received: number, total: number | undefined): number {
  return RENDER_SHARE + (1 - RENDER_SHARE) * (total === undefined || total === 0 ? 0 : Math.min(1, received / total));
}

/** Opens the file and compares its length with the timeline's. */
async function verify(
  file: string,
  draft: Draft,
  status: RenderStatus,
  readDuration: ReadDuration,
): Promise<Microseconds> {
  const broken = l10n.t('The exported file is not whole, so it was not kept. Your edit is kept; export again.');
  const duration = await readDuration(file).catch(async (error: unknown) => {
    // It may be gone, with its folder or its disk: the file system says so.
    await stat(file);
    throw new SessionError('bad-answer', broken, { actions: ['export'], cause: error });
  });
  const expected = draft.duration > 0 ? draft.duration : (status.duration ?? duration);
  if (duration <= 0 || Math.abs(duration - expected) > tolerance(expected, draft)) {
    const message = l10n.t(
      'The exported file is {0} long instead of {1}, so it was not kept. Your edit is kept; export again.',
      formatLength(duration),
      formatLength(expected),
    );
    throw new SessionError('bad-answer', message, { actions: ['export'] });
  }
  return duration;
}

/** A frame at each join (slow ones are a fifth of a second), sound that ends a little after the picture. */
function tolerance(expected: Microseconds, draft: Draft): Microseconds {
  const joins = Math.max(1, ...draft.tracks.map((track) => track.segments.length));
  return Math.max(
    0.5 * MICROSECONDS_PER_SECOND + joins * 200_000,
    Math.min(expected * 0.02, 5 * MICROSECONDS_PER_SECOND),
  );
}

function first(names: Iterable<string>): string {
  for (const name of names) return name;
  return '';
}
