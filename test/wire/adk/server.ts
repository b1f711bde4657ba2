// Started by adk-server.ts as a process of its own: the stock ADK server sets process-wide telemetry and prints banners.
import { fileURLToPath } from 'node:url';
import { LogLevel } from '@google/adk';
import { AdkApiServer } from '@google/adk-devtools';

const server = new AdkApiServer({
  host: '127.0.0.1',
  port: 0,
  agentsDir: fileURLToPath(new URL('agents', import.meta.url)),
  // tsx reads the agent as it is.
  agentFileLoadOptions: { compile: false, bundle: false },
  logLevel: LogLevel.ERROR,
});
await server.start();
process.send?.(server.url);
// The parent is gone.
process.on('disconnect', () => process.exit(0));
