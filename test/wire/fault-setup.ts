import { FaultServer } from './fault-server.js';
import { setUp, temporaryFolder, type Setup } from './setup.js';

export interface FaultPlace {
  readonly server: FaultServer;
  /** Path of an empty folder. */
  readonly folder: string;
}

/**
 * For each test of the suite a server that fails on demand, and a folder. Both go after the test, and with that the
 * server's log is proven (log-proof.ts).
 *
 * @param close ends before them what the test opened
 */
export function withFaultPlace(take: (fresh: FaultPlace) => unknown, close?: () => Promise<unknown>): void {
  let server: FaultServer;
  let folder: { path: string; remove: () => Promise<void> };
  beforeEach(async () => {
    [server, folder] = await Promise.all([FaultServer.start(), temporaryFolder()]);
    await take({ server, folder: folder.path });
  });
  afterEach(async () => {
    await close?.();
    await Promise.all([server.close(), folder.remove()]);
  });
}

/** The same, with a client of the server. */
export function withFaultServer(take: (fresh: FaultPlace & Setup) => unknown, close?: () => Promise<unknown>): void {
  let setup: Setup;
  withFaultPlace(
    (place) => {
      setup = setUp(place.server.url);
      return take({ ...setup, ...place });
    },
    async () => {
      await setup.client.close();
      await close?.();
    },
  );
}
