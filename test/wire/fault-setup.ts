import { FaultServer } from './fault-server.js';
import { setUp, type Setup } from './setup.js';

/**
 * For each test of the suite a server that fails on demand, and a client of it. Both are closed after the test, and with
 * that the server's log is proven (log-proof.ts).
 */
export function withFaultServer(take: (fresh: Setup & { readonly server: FaultServer }) => void): void {
  let server: FaultServer;
  let setup: Setup;
  beforeEach(async () => {
    server = await FaultServer.start();
    setup = setUp(server.url);
    take({ ...setup, server });
  });
  afterEach(async () => {
    await setup.client.close();
    await server.close();
  });
}
