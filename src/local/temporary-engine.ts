import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaEngine } from '../media/media.js';
import type { Attribution } from '../nemo/attribution.js';
import { createNemoClient, DEFAULT_WEB_URL } from '../nemo/client.js';
import type { NemoClient } from '../nemo/protocol.js';
import { staticTokenSource } from '../nemo/tokens.js';
import { startLocalEngine, type LocalEngine } from './engine.js';

export interface TemporaryEngine {
  readonly client: NemoClient;
  /** Ends what runs and deletes everything it kept. */
  close(): Promise<void>;
}

/** The local engine for programs without a place of their own: all that it keeps is in a temporary folder. */
export async function openTemporaryEngine(
  media: MediaEngine,
  attribution: Attribution,
  signal?: AbortSignal,
): Promise<TemporaryEngine> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'video-trimmer-'));
  let engine: LocalEngine | undefined;
  const close = async (): Promise<void> => {
    await engine?.close();
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    signal?.throwIfAborted();
    engine = await startLocalEngine({ media, dataFolder });
  } catch (error) {
    await close();
    throw error;
  }
  const client = createNemoClient({
    baseUrl: engine.baseUrl,
    webUrl: DEFAULT_WEB_URL,
    tokens: staticTokenSource(engine.token),
    attribution,
    localFiles: true,
  });
  return {
    client,
    close: async () => {
      await client.close();
      await close();
    },
  };
}
