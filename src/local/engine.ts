import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { MediaEngine } from '../media/media.js';
import { systemClock, type LocalClock } from './clock.js';
import { createLimitedServer, LIMITS, type Limits } from './http.js';
import { RenderQueue } from './render-queue.js';
import { createRouter } from './routes.js';
import type { LanguageModel } from './sections-from-words.js';
import { SessionStore } from './session-store.js';
import { clearAfterCrash, clearUnused, keptFolders } from './upkeep.js';

export interface LocalEngineOptions {
  readonly media: MediaEngine;
  /**
   * Absolute path of a folder of our own: sessions, received files, renders. It is made when missing, and kept small: see
   * upkeep.ts and render-queue.ts.
   */
  readonly dataFolder: string;
  readonly clock?: LocalClock;
  readonly limits?: Limits;
  /** For instructions in free speech; without it, those that the grammar cannot read are not understood. */
  readonly model?: LanguageModel;
  /** Lines without paths, messages or tokens; `debug` where no level is given. */
  readonly log?: (line: string, level?: 'warn' | 'error') => void;
}

export interface LocalEngine {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly baseUrl: string;
  /** Bearer token that every request must carry; new for each start. */
  readonly token: string;
  /** Ends running work and deletes rendered files. Sessions stay until they are deleted. The media engine is left open: it is the caller's. */
  close(): Promise<void>;
}

/** Starts the NemoVideo-compatible server on a free port of this machine, reachable from this machine only. */
export async function startLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const { media, dataFolder, model, clock = systemClock, limits = LIMITS, log = () => undefined } = options;
  const token = `nmv_local_${randomBytes(32).toString('base64url')}`;
  const folders = keptFolders(dataFolder);
  const { uploads } = folders;
  const store = new SessionStore(folders.sessions, log);
  const renders = new RenderQueue({ media, folder: folders.renders, clock, log });
  await clearAfterCrash(folders, log);
  await clearUnused(folders, store, clock.now());
  const closing = new AbortController();
  const server = createLimitedServer(limits);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  server.on(
    'request',
    createRouter({
      port,
      baseUrl,
      token,
      media,
      store,
      renders,
      uploads,
      clock,
      model,
      limits,
      log,
      signal: closing.signal,
    }),
  );
  // The server alone must not keep a command-line program alive.
  server.unref();
  return {
    baseUrl,
    token,
    async close() {
      closing.abort(new Error('The local engine was closed.'));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, renders.close()]);
    },
  };
}
