import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNemoClient } from '../../src/nemo/client.js';
import { MAX_UPLOAD_BYTES } from '../../src/nemo/formats.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';

export const MB = 1024 * 1024;

/** A client of the benchmark's server, which is a process of its own. */
export interface Served {
  readonly client: NemoClient;
  readonly baseUrl: string;
  /** Path of the largest file that may be uploaded. It takes no room on the disk, and is read from none. */
  readonly largeFile: () => Promise<string>;
}

export async function withServer(work: (served: Served) => Promise<void>): Promise<void> {
  const child = fork(fileURLToPath(new URL('wire-server.ts', import.meta.url)), { execArgv: ['--import=tsx'] });
  const [baseUrl] = (await once(child, 'message')) as [string];
  const folder = await mkdtemp(join(tmpdir(), 'bench-wire-'));
  const client = createNemoClient({
    baseUrl,
    webUrl: baseUrl,
    tokens: staticTokenSource('bench'),
    attribution: { version: '0.0.0', platform: 'unknown' },
    environment: {},
  });
  const largeFile = async (): Promise<string> => {
    const path = join(folder, 'large.mp4');
    const file = await open(path, 'wx');
    await file.truncate(MAX_UPLOAD_BYTES);
    await file.close();
    return path;
  };
  try {
    await work({ client, baseUrl, largeFile });
  } finally {
    await client.close();
    await rm(folder, { recursive: true, force: true });
    child.disconnect();
  }
}
