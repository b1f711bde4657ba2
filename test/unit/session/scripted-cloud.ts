import { writeFile } from 'node:fs/promises';
import { NemoError } from '../../../src/nemo/errors.js';
import type {
  AgentEvent,
  NemoClient,
  NemoSession,
  RenderRequest,
  RenderStatus,
  SessionState,
  UploadedFile,
} from '../../../src/nemo/protocol.js';
import type { Clock, EngineName, SessionPorts } from '../../../src/session/ports.js';
import { SessionBook } from '../../../src/session/session-book.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { keptRanges, totalDuration, type Section } from '../../../src/timeline/sections.js';
import { SimulatedClock } from './simulated-clock.js';

export const SECOND = 1_000_000;
export const CLIP_LENGTH = 180 * SECOND;

/** What the agent does with a message: events, waits (ms), a change of the timeline, or a failure that ends the stream. */
export type Step = AgentEvent | { wait: number } | { cut: Section } | { throws: Error };

/** A draft as the local engine writes it, or, without `sources`, as the cloud may. */
export function draftOf(kept: readonly Section[], { sources = true } = {}): unknown {
  const segments = kept.map((range) => ({
    d: (range.out - range.in) / 1000,
    m: sources ? { title: 'talk.mp4', in_us: range.in, out_us: range.out } : { title: 'talk.mp4' },
  }));
  return {
    t: [{ tt: 0, m: { title: 'talk.mp4' }, sg: segments }],
    d: totalDuration(kept) / 1000,
    unknown: { kept: 1 },
  };
}

/** An engine whose faults and timing a test decides; everything that it was asked is in `calls`. */
export class ScriptedEngine implements NemoClient {
  readonly calls: string[] = [];
  readonly messages: string[] = [];
  readonly renders: RenderRequest[] = [];
  /** One script for each message, in order. */
  scripts: Step[][] = [];
  /** What fails next, by method. */
  readonly failures = new Map<string, (Error | undefined)[]>();
  /** Statuses of the renders, in order; the last one stays. */
  statuses: RenderStatus[] = [{ status: 'completed', url: 'https://cdn.example/result.mp4' }];
  sources = true;
  kept: Section[] | undefined;
  removedOffset = 0;
  register: string | undefined;
  readonly #clock: Clock;
  #sessions = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `undefined`: works that time. */
  fail(method: string, ...errors: (Error | undefined)[]): void {
    this.failures.set(method, errors);
  }

  createSession(): Promise<NemoSession> {
    this.#call('createSession');
    this.#sessions += 1;
    return Promise.resolve({ taskId: `t${this.#sessions}`, sessionId: `s${this.#sessions}` });
  }

  async *run({ text }: { text: string }, { signal }: { signal?: AbortSignal } = {}): AsyncIterable<AgentEvent> {
    this.messages.push(text);
    this.#call('run');
    for (const step of this.scripts.shift() ?? []) {
      signal?.throwIfAborted();
      if ('wait' in step) await this.#clock.sleep(step.wait, signal);
      else if ('cut' in step) this.cut(step.cut);
      else if ('throws' in step) throw step.throws;
      else yield step;
    }
  }

  /** Takes a source section out of the timeline. */
  cut(section: Section): void {
    this.kept = (this.kept ?? []).flatMap((range) => keptRanges([section], range));
  }

  upload(sessionId: string, paths: readonly string[]): Promise<UploadedFile[]> {
    this.#call(`upload ${sessionId}`);
    this.kept = [{ in: 0, out: CLIP_LENGTH }];
    return Promise.resolve(paths.map(() => ({ duration: CLIP_LENGTH })));
  }

  uploadUrls(_sessionId: string, urls: readonly string[]): Promise<UploadedFile[]> {
    this.#call(`uploadUrls ${urls.join()}`);
    this.kept = [{ in: 0, out: CLIP_LENGTH }];
    return Promise.resolve([]);
  }

  credits(): Promise<{ available: number; frozen: number; total: number }> {
    this.#call('credits');
    return Promise.resolve({ available: 60, frozen: 40, total: 100 });
  }

  state(sessionId: string): Promise<SessionState> {
    this.#call(`state ${sessionId}`);
    const draft = this.kept ? draftOf(this.kept, { sources: this.sources }) : null;
    return Promise.resolve({ draft, raw: {} });
  }

  submitRender(request: RenderRequest): Promise<void> {
    this.renders.push(request);
    this.#call(`submit`);
    return Promise.resolve();
  }

  renderStatus(): Promise<RenderStatus> {
    this.#call('status');
    const [next] = this.statuses.length > 1 ? this.statuses.splice(0, 1) : this.statuses;
    return Promise.resolve(next ?? { status: 'pending' });
  }

  cancelRender(id: string): Promise<void> {
    this.calls.push(`cancel ${id}`);
    return Promise.resolve();
  }

  async download({ toFile }: { toFile: string }): Promise<{ bytes: number }> {
    this.#call('download');
    await writeFile(toFile, 'the result');
    return { bytes: 10 };
  }

  claimLink({ taskId, sessionId }: NemoSession): Promise<string> {
    this.#call('claim');
    return Promise.resolve(`https://web.example/workspace/claim?ct=${taskId}-${sessionId}`);
  }

  forgetSession(sessionId: string): Promise<void> {
    this.#call(`forget ${sessionId}`);
    return Promise.resolve();
  }

  registrationLink(): string | undefined {
    return this.register;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #call(name: string): void {
    this.calls.push(name);
    const failure = this.failures.get(name.split(' ')[0] ?? name)?.shift();
    if (failure) throw failure;
  }
}

export interface Scene {
  readonly clock: SimulatedClock;
  readonly cloud: ScriptedEngine;
  readonly local: ScriptedEngine;
  readonly book: SessionBook;
  readonly values: Map<string, unknown>;
  readonly ports: SessionPorts;
  session: TrimSession;
}

export function scene(
  options: { clip?: string; choose?: () => Promise<EngineName | undefined>; resultLength?: () => number } = {},
): Scene {
  const clock = new SimulatedClock();
  const cloud = new ScriptedEngine(clock);
  const local = new ScriptedEngine(clock);
  const values = new Map<string, unknown>();
  const engines = { cloud, local };
  const ports: SessionPorts = {
    connectEngine: (engine) => Promise.resolve(engines[engine]),
    chooseEngine: options.choose ?? (() => Promise.resolve('cloud')),
    readDuration: () => Promise.resolve(options.resultLength?.() ?? totalDuration(cloud.kept ?? local.kept ?? [])),
    clock,
    // Looking at the disk takes real time, which the simulated clock does not know of.
    stateOfFile: () => Promise.resolve(undefined),
    store: {
      get: (key) => values.get(key),
      update: (key, value) => {
        if (value === undefined) values.delete(key);
        else values.set(key, value);
        return Promise.resolve();
      },
    },
    log: () => undefined,
  };
  const book = new SessionBook(ports);
  const session = book.create(options.clip ?? '/videos/talk.mp4');
  return { clock, cloud, local, book, values, ports, session };
}

export const say = (text: string): Step => ({ type: 'text', text });
export const heartbeat: Step = { type: 'heartbeat' };
export const nemoError = (kind: NemoError['kind'], message = 'A server said this.', code?: string): NemoError =>
  new NemoError(kind, message, code === undefined ? {} : { code });

/** The chat without the quiet lines about credits. */
export function told(session: TrimSession): string[] {
  return chat(session).filter((line) => !/^status: .*\bcredits\b/u.test(line));
}

/** Chat as a person reads it: `kind: text [actions]`. */
export function chat(session: TrimSession): string[] {
  return session.snapshot.chat.map(
    ({ kind, text, actions, streaming }) =>
      `${kind}${streaming ? '…' : ''}: ${text}${actions?.length ? ` [${actions.join()}]` : ''}`,
  );
}
