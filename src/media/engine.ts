import { fork, type ChildProcess } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import * as l10n from '@vscode/l10n';
import type * as z from 'zod/mini';

import { aboutSize } from '../timeline/about-size.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import {
  DEFAULT_PAUSES,
  MediaError,
  type CutOptions,
  type CutReport,
  type CutRequest,
  type MediaEngine,
  type PauseSettings,
  type Progress,
  type Thumbnail,
  type WorkOptions,
} from './media.js';
import { SpeedMemory, type SpeedStore } from './speed-memory.js';
import { SMALL_HEAP, workerEnvironment } from './worker-environment.js';
import {
  partSchemas,
  resultSchemas,
  workerReplySchema,
  type WorkerReply,
  type WorkerRequest,
  type WorkRequest,
} from './worker-messages.js';
import { usualLimits, WorkerWatch, type WatchedWork, type WorkLimits } from './worker-watch.js';

export interface MediaEngineOptions {
  /** Absolute path of the bundled worker, `dist/media-worker.mjs`. */
  readonly workerPath: string;
  /** Absolute path of the bundle with the sentences in the person's language; default: English. */
  readonly words?: string | undefined;
  /** Node or a runtime that can act as Node; default is the running one. */
  readonly execPath?: string;
  /** Receives what the worker writes to its error output, line by line; for the log, not for the person. */
  readonly log?: (line: string) => void;
  /** Absolute path of a folder of our own for what looking at clips gave, at most 64 MB; default: nothing is kept. */
  readonly cacheFolder?: string;
  /** Where it is kept how fast this machine is; default: it is forgotten. */
  readonly speeds?: SpeedStore;
  /** The person's settings for pauses, asked for each time. */
  readonly pauses?: () => PauseSettings;
  /** How far work on one file may go; default is what this machine can spare. */
  readonly limits?: Partial<WorkLimits>;
}

type Kind = WorkRequest['kind'];
type Args<K extends Kind> = Extract<WorkRequest, { kind: K }>['args'];
type Result<K extends Kind> = z.infer<(typeof resultSchemas)[K]>;

interface Job extends WatchedWork {
  readonly kind: Kind;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: WorkOptions['onProgress'];
  readonly onPart: ((part: unknown) => void) | undefined;
  readonly onPlan: CutOptions['onPlan'];
  readonly output: string | undefined;
  /** The process that has the work. */
  child: ChildProcess | undefined;
  /** The output file is ours: the worker created it. */
  created: boolean;
  /** Why the work was cancelled; the promise settles when the worker has cleaned up. */
  aborted: { readonly reason: unknown } | undefined;
  /** Why we ended the process that had it. */
  ended: MediaError | undefined;
  megabytes: number;
}

// A person waits for the answer that tells the plan.
const PLAN_MS = 1_500;
// A worker that is not needed for this long gives its memory back.
const IDLE_MS = 60_000;
// Cancelled native work yields every few milliseconds. One that does not by now hangs, and only the end helps.
const CANCEL_MS = 3_000;

/** An engine whose worker process starts with the first work. Creating it costs nothing. */
export function createMediaEngine(options: MediaEngineOptions): MediaEngine {
  const worker = new Worker(options);
  const { cacheFolder, pauses: pauseSettings = () => DEFAULT_PAUSES } = options;
  return {
    probe: (path, work) => worker.run('probe', { path }, work),
    cut: (request, work): Promise<CutReport> =>
      worker.run('cut', { ...cutArgs(request), speeds: worker.speeds }, work, {
        output: request.output,
        onPlan: work?.onPlan,
      }),
    plan: (request, work): Promise<PlannedCut> =>
      worker.run(
        'plan',
        {
          ...cutArgs(request),
          speeds: worker.speeds,
          timeLimit: work?.timeLimit ?? PLAN_MS,
          sampled: work?.sampled ?? false,
        },
        work,
      ),
    pauseSettings,
    pauses: (path, search = {}, work) => {
      const { threshold, minimum } = { ...pauseSettings(), ...search };
      return worker.run('pauses', { path, threshold, minimum, cacheFolder }, work);
    },
    sound: (path, onPart, work) =>
      worker.run('sound', { path, cacheFolder }, work, {
        onPart: (part) => onPart(partSchemas.sound.parse(part)),
      }),
    thumbnails: async (path, { count, height, within }, onMade, work) => {
      const made: Thumbnail[] = [];
      const onPart = (part: unknown): void => {
        const picture = partSchemas.thumbnails.parse(part);
        made.push(picture);
        onMade?.(picture);
      };
      await worker.run('thumbnails', { path, count, height, within, cacheFolder }, work, { onPart });
      return made.sort((a, b) => a.time - b.time);
    },
    playable: (path, { track, start, length }, work) => worker.run('playable', { path, track, start, length }, work),
    keyframes: (path, most, work) => worker.run('keyframes', { path, most }, work),
    extras: (path, work) => worker.run('extras', { path }, work),
    close: () => worker.close(),
  };
}

function cutArgs({ input, output, kept, height, join }: CutRequest): Omit<Args<'cut'>, 'speeds'> {
  const ranges = kept.map((range) => ({ in: range.in, out: range.out }));
  return { input, output, kept: ranges, ...(height === undefined ? {} : { height }), ...(join ? { join } : {}) };
}

interface OwnOptions {
  readonly onPlan?: CutOptions['onPlan'];
  /** The file that the work creates. */
  readonly output?: string;
  /** @throws for what is no such part */
  readonly onPart?: (part: unknown) => void;
}

class Worker {
  readonly #options: MediaEngineOptions;
  readonly #jobs = new Map<number, Job>();
  readonly #memory: SpeedMemory;
  #child: ChildProcess | undefined;
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: MediaEngineOptions) {
    this.#options = options;
    this.#memory = new SpeedMemory(options.speeds);
  }

  get speeds(): Record<string, number> {
    return { ...this.#memory.speeds };
  }

  async run<K extends Kind>(kind: K, args: Args<K>, work: WorkOptions = {}, own: OwnOptions = {}): Promise<Result<K>> {
    const { signal, onProgress } = work;
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    let onAbort: (() => void) | undefined;
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        const job: Job = {
          kind,
          resolve,
          reject,
          onProgress,
          onPart: own.onPart,
          onPlan: own.onPlan,
          output: own.output,
          child: undefined,
          created: false,
          aborted: undefined,
          ended: undefined,
          still: 0,
          endless: 0,
          megabytes: 0,
        };
        const file = 'input' in args ? args.input : args.path;
        // Of a file that is not there the worker says so.
        void stat(file).then(
          ({ size }) => (job.megabytes = size / 1e6),
          () => undefined,
        );
        this.#jobs.set(id, job);
        onAbort = () => this.#cancel(id, job, signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        onProgress?.({ fraction: 0 });
        job.child = this.#send({ id, kind, args } as WorkRequest);
      });
      return resultSchemas[kind].parse(result) as Result<K>;
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    // Work that comes from now on gets a worker of its own.
    this.#child = undefined;
    clearTimeout(this.#idle);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#holdProcess(child, true);
    if (child.connected) child.disconnect();
    const overdue = setTimeout(() => child.kill('SIGKILL'), CANCEL_MS);
    await ended;
    clearTimeout(overdue);
  }

  #send(request: WorkRequest): ChildProcess {
    clearTimeout(this.#idle);
    const child = this.#child?.connected ? this.#child : this.#start();
    this.#child = child;
    this.#holdProcess(child, true);
    // A failure to send shows as the worker's exit, which settles the job.
    child.send(request, () => undefined);
    return child;
  }

  #cancel(id: number, job: Job, reason: unknown): void {
    if (!this.#jobs.has(id)) return;
    job.aborted = { reason };
    const { child } = job;
    if (child?.connected) child.send({ id, kind: 'cancel' } satisfies WorkerRequest, () => undefined);
    const overdue = setTimeout(() => {
      if (this.#jobs.has(id)) child?.kill('SIGKILL');
    }, CANCEL_MS);
    overdue.unref();
  }

  #start(): ChildProcess {
    const { workerPath, words, execPath = process.execPath, log } = this.#options;
    const child = fork(workerPath, [], {
      execPath,
      execArgv: SMALL_HEAP,
      env: workerEnvironment(words),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let line = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) log?.(whole);
    });
    child.on('message', (message) => {
      const parsed = workerReplySchema.safeParse(message);
      if (parsed.success) this.#receive(parsed.data);
      else log?.('The media worker sent a message that was not understood.');
    });
    const watch = this.#watch(child);
    let ended = false;
    const onEnd = (why: string): void => {
      if (ended) return;
      ended = true;
      watch?.stop();
      log?.(`The media worker ended (${why}).`);
      if (this.#child === child) this.#child = undefined;
      void this.#abandon(child);
    };
    child.on('error', (error) => onEnd(error.message));
    child.on('exit', (code, signal) => onEnd(signal ?? `code ${code ?? 0}`));
    return child;
  }

  /** Ends the process when a file makes it take what the machine needs, or work without an end. */
  #watch(child: ChildProcess): WorkerWatch | undefined {
    const { pid } = child;
    if (pid === undefined) return undefined;
    const limits = { ...usualLimits(), ...this.#options.limits };
    const end = (jobs: readonly Job[], message: string): void => {
      for (const job of jobs) job.ended = new MediaError('over-limit', message);
      child.kill('SIGKILL');
    };
    const jobs = (): Job[] => [...this.#jobs.values()].filter((job) => job.child === child);
    return new WorkerWatch({
      pid,
      limits,
      work: jobs,
      onMemory: (limit) =>
        end(
          jobs(),
          l10n.t(
            'The work on this file took more than {0} of memory and was ended. Your file is unchanged and nothing was written; a copy of it in another format may work.',
            aboutSize(limit),
          ),
        ),
      onTime: (late) =>
        end(
          jobs().filter((job) => job === late),
          l10n.t(
            'The work on this file came to a stand and was ended. Your file is unchanged and nothing was written; a copy of it in another format may work.',
          ),
        ),
    });
  }

  #receive(reply: WorkerReply): void {
    const job = this.#jobs.get(reply.id);
    if (!job) return;
    this.#seen(job, reply);
    switch (reply.kind) {
      case 'alive':
        return;
      case 'progress':
        if (!job.aborted) job.onProgress?.(progressOf(reply));
        return;
      case 'planned':
        if (!job.aborted) job.onPlan?.(reply.plan);
        return;
      case 'measured':
        this.#memory.learn(reply.cuts, reply.ratio);
        return;
      case 'part':
        this.#takePart(reply.id, job, reply.part);
        return;
      case 'created':
        job.created = true;
        return;
      case 'done':
        this.#settle(reply.id);
        // Aborted too late: the work was done already, so what it wrote goes.
        if (job.aborted) void this.#discard(job, job.aborted.reason);
        else job.resolve(reply.result);
        return;
      case 'cancelled':
        this.#settle(reply.id);
        job.reject(job.aborted?.reason);
        return;
      case 'failed':
        this.#settle(reply.id);
        if (reply.detail !== '') this.#options.log?.(reply.detail);
        job.reject(job.aborted ? job.aborted.reason : new MediaError(reply.code, reply.message));
        return;
    }
  }

  #seen(job: Job, { kind }: WorkerReply): void {
    // Steps are counted for the process as a whole.
    for (const other of this.#jobs.values()) if (other.child === job.child) other.still = 0;
    if (kind !== 'alive') job.endless = 0;
  }

  #settle(id: number): void {
    this.#jobs.delete(id);
    const child = this.#child;
    if (this.#jobs.size > 0 || !child) return;
    this.#holdProcess(child, false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.close(), IDLE_MS);
    this.#idle.unref();
  }

  /** The worker is gone: everything it had under way fails, and what it left behind is removed. */
  async #abandon(child: ChildProcess): Promise<void> {
    const lost = [...this.#jobs].filter(([, job]) => job.child === child);
    for (const [id] of lost) this.#jobs.delete(id);
    const jobs = lost.map(([, job]) => job);
    await Promise.all(
      jobs.map((job) => {
        const message = l10n.t(
          'The media part stopped unexpectedly. Your file is unchanged and nothing was written; try again.',
        );
        const error = job.ended ?? new MediaError('worker-crashed', message);
        return this.#discard(job, job.aborted ? job.aborted.reason : error);
      }),
    );
  }

  #takePart(id: number, job: Job, part: unknown): void {
    if (job.aborted) return;
    try {
      job.onPart?.(part);
    } catch (error) {
      this.#cancel(id, job, error);
    }
  }

  async #discard(job: Job, error: unknown): Promise<void> {
    if (job.created && job.output !== undefined) await rm(job.output, { force: true }).catch(() => undefined);
    job.reject(error);
  }

  /** An idle worker must not keep a command-line process alive; a busy one must. */
  #holdProcess(child: ChildProcess, hold: boolean): void {
    const handles = [child, child.channel, child.stderr as Socket | null];
    for (const handle of handles) {
      if (hold) handle?.ref();
      else handle?.unref();
    }
  }
}

function progressOf({ fraction, secondsLeft }: WorkerReply & { kind: 'progress' }): Progress {
  return { fraction, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
}
