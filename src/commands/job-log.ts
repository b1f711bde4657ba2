import type { SessionBook } from '../session/session-book.js';
import type { Activity } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import type { Log } from './journal.js';

interface Job {
  readonly number: number;
  readonly kind: Activity['kind'];
  readonly started: number;
  /** Entries of the chat when it began. */
  readonly entries: number;
}

/**
 * Writes into the log when a session begins and ends to connect, upload, edit or export, and how that went. Of what is
 * said and of which file it is, nothing.
 *
 * @returns stops it
 */
export function logJobs(book: SessionBook, log: Log): () => void {
  const jobs = new WeakMap<TrimSession, Job>();
  let last = 0;
  const follow = (session: TrimSession): void => {
    const { activity, chat, engine } = session.snapshot;
    const job = jobs.get(session);
    if ((job?.kind ?? 'idle') === activity.kind) return;
    if (job) {
      jobs.delete(session);
      const failed = chat.slice(job.entries).some(({ kind }) => kind === 'error');
      const seconds = ((performance.now() - job.started) / 1000).toFixed(1);
      log(`job ${job.number} ${job.kind}: ${failed ? 'failed' : 'ended'} after ${seconds} s`, failed ? 'warn' : 'info');
    }
    if (activity.kind === 'idle') return;
    const next: Job = { number: ++last, kind: activity.kind, started: performance.now(), entries: chat.length };
    jobs.set(session, next);
    log(`job ${next.number} ${next.kind}: begins (${engine ?? 'no engine yet'})`, 'info');
  };
  return book.onDidChange((session) => session && follow(session));
}
