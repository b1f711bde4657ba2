// Starting other programs, and ending exactly those again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File that takes stdout and stderr; without it both are the caller's own. */
  readonly logFile?: string;
  /** Ends the program after this time. */
  readonly timeoutMs?: number;
  /** Ends with the program, where it is ended, everything it has started. Needs `onStop`. Default: it alone. */
  readonly group?: true;
}

/** Runs a program to its end and returns its exit code (128 when a signal ended it). Never throws for a non-zero code. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: options.group === true,
    stdio: ['ignore', log ? 'pipe' : 'inherit', log ? 'pipe' : 'inherit'],
  });
  const end = options.group ? () => signalGroup(child.pid, 'SIGTERM') : () => child.kill('SIGTERM');
  running.add(end);
  child.once('close', () => running.delete(end));
  if (log) {
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
  }
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          process.stderr.write(`${args.at(-1) ?? command} did not end within ${(options.timeoutMs ?? 0) / 1000} s.\n`);
          if (options.group) void endGroup(child);
          else child.kill('SIGTERM');
        }, options.timeoutMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  if (log) await finished(log.end());
  return code ?? 128;
}

const running = new Set<() => void>();
/** What must be ended when this process is told to stop: each entry ends one thing it started. */
const endings = new Set<() => Promise<void>>();
let stopping = false;

/** Registers a clean-up for SIGINT, SIGTERM and SIGHUP; the returned function takes it off again. */
export function onStop(end: () => Promise<void>): () => void {
  if (endings.size === 0) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  endings.add(end);
  return () => endings.delete(end);
}

function stop(signal: NodeJS.Signals): void {
  if (stopping) return;
  stopping = true;
  for (const end of running) end();
  void Promise.allSettled([...endings].map((end) => end())).then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
}

/**
 * Ends a process that was started with `detached: true`, and everything it started in its turn (its process group).
 * Asks first, and insists after three seconds.
 */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const closed = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
  signalGroup(child.pid, 'SIGTERM');
  const insist = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3000);
  await closed;
  clearTimeout(insist);
  // The leader is gone; what it left in its group (an extension host that is still writing) goes now.
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is empty already.
  }
}
