import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNemoClient, DEFAULT_WEB_URL, type NemoClientOptions } from '../../src/nemo/client.js';
import type { Clock } from '../../src/nemo/clock.js';
import { NemoError, type NemoErrorKind } from '../../src/nemo/errors.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import type { TokenSource } from '../../src/nemo/tokens.js';

export const ATTRIBUTION = { version: '0.1.0', platform: 'cursor' };

/** Time that passes only where somebody sleeps, and notes how long. */
export class FakeClock implements Clock {
  time = Date.parse('2026-03-11T00:00:00Z');
  readonly sleeps: number[] = [];

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(milliseconds);
    this.time += milliseconds;
    return signal?.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
  }
}

/** `token-1`, and after each renewal the next. */
export class CountingTokens implements TokenSource {
  count = 1;
  readonly renewed: string[] = [];

  token(): Promise<string> {
    return Promise.resolve(`token-${this.count}`);
  }

  renew(refused: string): Promise<string> {
    this.renewed.push(refused);
    this.count += 1;
    return this.token();
  }

  userId(): string | undefined {
    return undefined;
  }
}

export interface Setup {
  readonly client: NemoClient;
  readonly clock: FakeClock;
  readonly tokens: CountingTokens;
  readonly log: string[];
}

export function setUp(baseUrl: string, options: Partial<NemoClientOptions> = {}): Setup {
  const clock = new FakeClock();
  const tokens = new CountingTokens();
  const log: string[] = [];
  const client = createNemoClient({
    baseUrl,
    webUrl: DEFAULT_WEB_URL,
    tokens,
    attribution: ATTRIBUTION,
    clock,
    random: () => 0,
    environment: {},
    log: (line) => log.push(line),
    ...options,
  });
  return { client, clock, tokens, log };
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'nemo-wire-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** For `assert.rejects`: a NemoError of this kind, whose sentence is fit to be shown. */
export function ofKind(kind: NemoErrorKind, text?: RegExp): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof NemoError)) throw error;
    if (error.kind !== kind) throw new Error(`kind is ${error.kind}, not ${kind}: ${error.message}`);
    if (text && !text.test(error.message)) throw new Error(`the message is: ${error.message}`);
    if (/token-\d|nmv_|Bearer \w|\?token|\n|undici/.test(error.message))
      throw new Error(`not to be shown: ${error.message}`);
    return /[.…]$|: ./.test(error.message);
  };
}

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}
