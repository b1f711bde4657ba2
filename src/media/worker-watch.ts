import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How far the work on a file may go that anybody may have made. */
export interface WorkLimits {
  /** Bytes of the worker's memory, what was swapped out included. */
  readonly memory: number;
  /** Milliseconds without any step of the work. */
  readonly still: number;
  /** Milliseconds of steps that lead nowhere: no progress, no part of the result. */
  readonly endless: number;
  /** Milliseconds more of both for each megabyte of the file: slow disks, and files that are written once more at the end. */
  readonly perMegabyte: number;
}

const MINUTE = 60_000;
const GIBIBYTE = 2 ** 30;

/** What work on an ordinary file stays far below: encoding the largest pictures takes a few gigabytes. */
export function usualLimits(): WorkLimits {
  const confined = process.constrainedMemory();
  const memory = Math.min(os.totalmem(), confined > 0 ? confined : Number.POSITIVE_INFINITY);
  return {
    memory: Math.min(8 * GIBIBYTE, Math.max(1.5 * GIBIBYTE, memory / 2)),
    still: 5 * MINUTE,
    endless: 30 * MINUTE,
    perMegabyte: 1_000,
  };
}

/** Work that is watched. */
export interface WatchedWork {
  /** Milliseconds since a step was made, and since it came forward; set to 0 by whoever hears of that. */
  still: number;
  endless: number;
  /** Of its file. */
  readonly megabytes: number;
}

// Time is counted in ticks, not read from a clock: a machine that slept has not worked meanwhile.
const TICK_MS = 1_000;
// Asking another program for the memory costs more than reading a file.
const TICKS_BETWEEN_PROGRAMS = 5;

/** Looks after a worker process while it works. */
export class WorkerWatch {
  readonly #pid: number;
  readonly #limits: WorkLimits;
  readonly #work: () => Iterable<WatchedWork>;
  readonly #onMemory: (bytes: number) => void;
  readonly #onTime: (work: WatchedWork) => void;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  /** @param work what the process has to do at the moment; without any, nothing is looked at */
  constructor(options: {
    readonly pid: number;
    readonly limits: WorkLimits;
    readonly work: () => Iterable<WatchedWork>;
    readonly onMemory: (limit: number) => void;
    readonly onTime: (work: WatchedWork) => void;
  }) {
    this.#pid = options.pid;
    this.#limits = options.limits;
    this.#work = options.work;
    this.#onMemory = options.onMemory;
    this.#onTime = options.onTime;
    const tick = Math.min(TICK_MS, options.limits.still / 4, options.limits.endless / 4);
    this.#timer = setInterval(() => void this.#look(tick), tick);
    this.#timer.unref();
    void volunteer(this.#pid);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(passed: number): Promise<void> {
    const all = [...this.#work()];
    if (all.length === 0) return;
    for (const work of all) {
      work.still += passed;
      work.endless += passed;
      const { still, endless, perMegabyte } = this.#limits;
      const more = work.megabytes * perMegabyte;
      if (work.still > still + more || work.endless > endless + more) {
        this.stop();
        return this.#onTime(work);
      }
    }
    const bytes = await this.#memory();
    if (bytes === undefined || bytes <= this.#limits.memory || !this.#timer) return;
    this.stop();
    this.#onMemory(this.#limits.memory);
  }

  async #memory(): Promise<number | undefined> {
    if (process.platform === 'linux') return await memoryOnLinux(this.#pid);
    if (this.#ticks++ % TICKS_BETWEEN_PROGRAMS > 0) return undefined;
    return process.platform === 'win32' ? await memoryOnWindows(this.#pid) : await memoryByPs(this.#pid);
  }
}

/** When memory runs out all the same, Linux is to end the worker, and not whoever has most: that would be the editor. */
async function volunteer(pid: number): Promise<void> {
  if (process.platform === 'linux') await writeFile(`/proc/${pid}/oom_score_adj`, '800').catch(() => undefined);
}

async function memoryOnLinux(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => undefined);
  if (status === undefined) return undefined;
  const kilobytes = (field: string): number =>
    Number(new RegExp(String.raw`^${field}:\s*(\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return (kilobytes('VmRSS') + kilobytes('VmSwap')) * 1024;
}

async function memoryByPs(pid: number): Promise<number | undefined> {
  const told = await run('/bin/ps', ['-o', 'rss=', '-p', String(pid)], { timeout: 5_000 }).catch(() => undefined);
  const kilobytes = Number(told?.stdout.trim() || Number.NaN);
  return Number.isFinite(kilobytes) ? kilobytes * 1024 : undefined;
}

async function memoryOnWindows(pid: number): Promise<number | undefined> {
  // By its whole path: a program of that name beside the work must not be taken for it.
  const program = path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'tasklist.exe');
  const options = ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'];
  const told = await run(program, options, { timeout: 5_000, windowsHide: true }).catch(() => undefined);
  return told && memoryInList(told.stdout);
}

/**
 * Bytes in a line of Windows' list of processes: `"node.exe","4711","Console","1","123,456 K"`. The digits are grouped
 * as the person's language does, with points, commas or spaces.
 */
export function memoryInList(line: string): number | undefined {
  const last = /"([^"]*)"\s*$/.exec(line.trim())?.[1];
  const digits = last?.replace(/\D/g, '') ?? '';
  return digits === '' ? undefined : Number(digits) * 1024;
}
