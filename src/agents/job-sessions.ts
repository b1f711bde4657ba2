import { memoryStore } from '../session/memory-store.js';
import type { SessionPorts } from '../session/ports.js';
import { SessionBook } from '../session/session-book.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { JobSession } from './agent-tool.js';

/**
 * Sessions for one job each, always on this machine. They are in no list that a person sees, and nothing of them is
 * stored: what an agent did is the file it wrote.
 */
export class JobSessions {
  readonly #book: SessionBook;

  constructor(ports: Omit<SessionPorts, 'chooseEngine' | 'store' | 'ownToken'>) {
    this.#book = new SessionBook({ ...ports, chooseEngine: () => Promise.resolve('local'), store: memoryStore() });
  }

  readonly open = (clip: string, duration: Microseconds): JobSession => {
    const session = this.#book.create(clip);
    session.setClip(clip, duration);
    return { session, close: () => this.#book.remove(session.id) };
  };

  /** Ends every job. Resolves when each has cleaned up. */
  async close(): Promise<void> {
    await Promise.all(this.#book.sessions.map(({ id }) => this.#book.remove(id)));
    this.#book.dispose();
  }
}
