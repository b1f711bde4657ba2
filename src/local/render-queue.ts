import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { MediaError, type CutReport, type MediaEngine } from '../media/media.js';
import { markedName } from '../nemo/process-mark.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { checkUnchanged } from './clip-intake.js';
import type { LocalClock } from './clock.js';
import type { RenderPlan } from './draft-shape.js';
import { plainFailure } from './failures.js';
import { Refusal } from './http.js';

/** The client downloads at once; a file that nobody asked for within the hour is not wanted. */
const KEEP_FINISHED = 60 * 60_000;
/** A client that lost the last bytes on the way comes back for them within seconds. */
const KEEP_FETCHED = 60_000;
const SWEEP_INTERVAL = 60_000;
const MAX_JOBS = 500;

export interface RenderedFile {
  readonly path: string;
  readonly size: number;
  readonly report: CutReport;
}

export interface RenderJob {
  readonly id: string;
  readonly sessionId: string;
  readonly plan: RenderPlan;
  /** Ending of the file, without the point. */
  readonly format: string;
  /** Height in pixels that was asked for. */
  readonly height: number | undefined;
  readonly abort: AbortController;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  /** 0 to 1. */
  progress: number;
  /** What the engine is about to do, and how long it still takes where it says. */
  forecast?: PlannedCut;
  secondsLeft?: number | undefined;
  file?: RenderedFile;
  message?: string;
  /** By the queue's own time, as the next one. */
  finishedAt?: number;
  /** When the last byte of the file was sent. */
  fetchedAt?: number;
}

/**
 * Renders one job after the other. Finished files live in a folder of this process and go with it, or earlier: a minute
 * after they were fetched, an hour after nobody did, with their session.
 */
export class RenderQueue {
  readonly #media: MediaEngine;
  readonly #clock: LocalClock;
  readonly #log: (line: string) => void;
  readonly #folder: string;
  readonly #jobs = new Map<string, RenderJob>();
  readonly #stopSweeping: () => void;
  #time = 0;
  #timeReadAt: number;
  #last: Promise<void> = Promise.resolve();

  constructor(options: { media: MediaEngine; folder: string; clock: LocalClock; log: (line: string) => void }) {
    this.#media = options.media;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#folder = join(options.folder, markedName());
    this.#timeReadAt = this.#clock.now();
    this.#stopSweeping = this.#clock.every(SWEEP_INTERVAL, () => void this.sweep());
  }

  /** @throws Refusal when the id was used before */
  submit(request: Pick<RenderJob, 'id' | 'sessionId' | 'plan' | 'format' | 'height'>): RenderJob {
    if (this.#jobs.has(request.id))
      throw new Refusal(409, 4090, l10n.t('This export was already started. Export again.'));
    const job: RenderJob = { ...request, abort: new AbortController(), status: 'pending', progress: 0 };
    this.#jobs.set(job.id, job);
    this.#last = this.#last.then(() => this.#run(job));
    return job;
  }

  /** @throws Refusal when there is no such job, as after a restart */
  find(id: string): RenderJob {
    const job = this.#jobs.get(id);
    if (!job) throw new Refusal(404, 4040, l10n.t('This export is not known here any more. Export again.'));
    return job;
  }

  cancel(job: RenderJob): void {
    if (job.status !== 'pending' && job.status !== 'processing') return;
    job.abort.abort(new Error('cancelled'));
    this.#end(job, 'cancelled', l10n.t('The export was cancelled. Your edit is kept.'));
  }

  /** The file was sent to its end. */
  fetched(job: RenderJob): void {
    job.fetchedAt = this.#elapsed();
  }

  /** The session was deleted: what is rendered for it ends, and what was is gone. */
  async forget(sessionId: string): Promise<void> {
    for (const job of [...this.#jobs.values()].filter((candidate) => candidate.sessionId === sessionId)) {
      this.cancel(job);
      this.#jobs.delete(job.id);
      await this.#deleteFile(job, l10n.t('The session of this export was deleted.'));
    }
  }

  /** Deletes files that were fetched, or finished long ago, and forgets the oldest jobs. */
  async sweep(): Promise<void> {
    const now = this.#elapsed();
    for (const job of this.#jobs.values()) {
      if (job.finishedAt === undefined) continue;
      const forget = this.#jobs.size > MAX_JOBS;
      const fetched = job.fetchedAt !== undefined && job.fetchedAt <= now - KEEP_FETCHED;
      if (fetched)
        await this.#deleteFile(job, l10n.t('The exported file was deleted after it was fetched. Export again.'));
      else if (forget || job.finishedAt <= now - KEEP_FINISHED) {
        await this.#deleteFile(job, l10n.t('The exported file was deleted after an hour. Export again.'));
      }
      if (forget) this.#jobs.delete(job.id);
    }
  }

  /** Ends running work and deletes all rendered files. */
  async close(): Promise<void> {
    this.#stopSweeping();
    for (const job of this.#jobs.values()) this.cancel(job);
    await this.#last;
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /**
   * Milliseconds that this engine has run. It is looked at every minute, so what is much more passed while the machine
   * slept, or its clock was set: a finished file is not thrown away for that before its client has woken up too.
   */
  #elapsed(): number {
    const now = this.#clock.now();
    this.#time += Math.min(Math.max(0, now - this.#timeReadAt), 2 * SWEEP_INTERVAL);
    this.#timeReadAt = now;
    return this.#time;
  }

  async #run(job: RenderJob): Promise<void> {
    if (job.abort.signal.aborted) return;
    job.status = 'processing';
    const path = join(this.#folder, `${randomUUID()}.${job.format}`);
    const { clip, kept, join: meeting } = job.plan;
    try {
      await mkdir(this.#folder, { recursive: true });
      await checkUnchanged(clip);
      const report = await this.#media.cut(
        {
          input: clip.identity.path,
          output: path,
          kept,
          ...(meeting ? { join: meeting } : {}),
          ...(job.height === undefined ? {} : { height: job.height }),
        },
        {
          signal: job.abort.signal,
          onPlan: (forecast) => {
            job.forecast = forecast;
          },
          onProgress: ({ fraction, secondsLeft }) => {
            job.progress = Math.max(job.progress, Math.min(1, fraction));
            job.secondsLeft = secondsLeft;
          },
        },
      );
      await checkUnchanged(clip);
      const { size } = await stat(path);
      if (job.abort.signal.aborted) throw job.abort.signal.reason;
      job.file = { path, size, report };
      job.status = 'completed';
      job.progress = 1;
      job.secondsLeft = undefined;
      job.finishedAt = this.#elapsed();
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      if (job.abort.signal.aborted) return;
      this.#log(`local: a render failed: ${error instanceof MediaError ? error.code : (error as Error).name}`);
      this.#end(
        job,
        'failed',
        plainFailure(error) ?? l10n.t('The export failed for an unexpected reason. Your edit is kept; try again.'),
      );
    }
  }

  async #deleteFile(job: RenderJob, message: string): Promise<void> {
    if (!job.file) return;
    const { path } = job.file;
    delete job.file;
    this.#end(job, 'failed', message);
    await rm(path, { force: true }).catch(() => undefined);
  }

  #end(job: RenderJob, status: 'failed' | 'cancelled', message: string): void {
    job.status = status;
    job.message = message;
    job.finishedAt = this.#elapsed();
  }
}
