import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isHeaderValue } from './attribution.js';

/** Keeps small values; VS Code's Memento has this shape. */
export interface ValueStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface ClientIdOptions {
  /** NEMO_CLIENT_ID. */
  readonly environmentClientId?: string | undefined;
  /** Default `~/.config/nemovideo/client_id`, which NemoVideo's other skills share. */
  readonly clientIdFile?: string;
  readonly store: ValueStore;
}

const STORE_KEY = 'nemovideo.clientId';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The id of this installation, no secret: NemoVideo gives one anonymous token per id and week, so it is made once and
 * kept. From the environment, else the shared file, else the store.
 */
export async function readClientId(options: ClientIdOptions): Promise<{ id: string; own: boolean }> {
  const told = options.environmentClientId?.trim();
  if (told && isHeaderValue(told)) return { id: told, own: false };
  const shared = (await readShared(options.clientIdFile))?.trim();
  if (shared !== undefined && UUID.test(shared)) return { id: shared, own: false };
  const kept = options.store.get(STORE_KEY);
  if (typeof kept === 'string' && UUID.test(kept)) return { id: kept, own: true };
  return { id: await makeClientId(options.store), own: true };
}

/** Makes a new id and keeps it in place of the old one. */
export async function makeClientId(store: ValueStore): Promise<string> {
  const id = crypto.randomUUID();
  await store.update(STORE_KEY, id);
  return id;
}

async function readShared(path = join(homedir(), '.config', 'nemovideo', 'client_id')): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not there for most people.
    return undefined;
  }
}
