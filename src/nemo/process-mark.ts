import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Minutes; the clock of the machine may be set while it runs. */
const SAME_BOOT = 2;

let ownBegin: string | undefined;

/**
 * A name for a file or folder that only this process needs: `<process id>-<when it began>-<UUID>`. When the process was
 * killed, the next one sees that it is nobody's any more, see {@link isOrphan}.
 */
export function markedName(): string {
  return `${process.pid}-${(ownBegin ??= beginOf(process.pid) ?? bootMinute())}-${randomUUID()}`;
}

/** Whether a name tells that its process is gone; false for names that are not marked, and for those of this process. */
export function isOrphan(name: string): boolean {
  const [, id, begin = ''] = /^(\d+)-([tb]\d+)-/.exec(name) ?? [];
  if (id === undefined) return false;
  const pid = Number(id);
  if (!isRunning(pid)) return true;
  // A number is given again: the process that has it now may be another one, as after the machine was started anew.
  if (begin.startsWith('b')) return Math.abs(Number(begin.slice(1)) - Number(bootMinute().slice(1))) > SAME_BOOT;
  const now = beginOf(pid);
  return now !== undefined && now !== begin;
}

/** Where the system tells at once: ticks from its start to that of the process. */
function beginOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in parentheses and may hold anything (proc(5): starttime is the 22nd field).
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? undefined : `t${ticks}`;
  } catch {
    return undefined;
  }
}

/** Elsewhere the start of the machine: processes of an earlier one are gone. */
function bootMinute(): string {
  return `b${Math.round((Date.now() / 1000 - uptime()) / 60)}`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
