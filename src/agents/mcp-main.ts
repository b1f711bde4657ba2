import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTemporaryEngine, type TemporaryEngine } from '../local/temporary-engine.js';
import { createMediaEngine } from '../media/engine.js';
import { systemClock } from '../nemo/clock.js';
import { programAttribution } from '../nemo/program-attribution.js';
import { JobSessions } from './job-sessions.js';
import { createMcpServer } from './mcp-server.js';

/**
 * `node mcp-server.mjs [FOLDER]…`: the tools for agents over standard input and output. With folders, only files in
 * them. Where the client names its roots, only files in those too. Else any file of the person who runs it.
 */

// Standard output belongs to the protocol: whoever writes there breaks it.
console.log = console.info = console.debug = console.error;

const media = createMediaEngine({ workerPath: fileURLToPath(new URL('./media-worker.mjs', import.meta.url)) });
const attribution = await programAttribution(import.meta.url);
let engine: Promise<TemporaryEngine> | undefined;
const jobs = new JobSessions({
  connectEngine: async () => {
    // The first job starts it; a client that only lists the tools has no use for it.
    engine ??= openTemporaryEngine(media, attribution);
    return (await engine).client;
  },
  readDuration: async (path) => (await media.probe(path)).duration,
  clock: systemClock,
  log: () => undefined,
});
const server = createMcpServer({
  version: attribution.version,
  folders: process.argv.slice(2).map((folder) => resolve(folder)),
  ports: { media, openSession: jobs.open },
});

let closing: Promise<void> | undefined;
function close(): Promise<void> {
  closing ??= (async () => {
    // Jobs first: what they have written by half goes with them.
    await jobs.close().catch(() => undefined);
    await (await engine?.catch(() => undefined))?.close().catch(() => undefined);
    await media.close().catch(() => undefined);
    process.exit(0);
  })();
  return closing;
}
server.onclose = () => void close();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void close());
// The client went away: its end of the pipe is closed.
process.stdin.on('end', () => void close()).on('close', () => void close());
process.stdout.on('error', () => void close());

await server.connect(new StdioServerTransport());
