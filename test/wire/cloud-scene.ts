import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NemoClientOptions } from '../../src/nemo/client.js';
import { createNemoClient } from '../../src/nemo/client.js';
import type { Clock } from '../../src/nemo/clock.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { FaultServer } from './fault-server.js';
import { ATTRIBUTION } from './setup.js';

const WHOLE = '{"t":[{"tt":0,"sg":[{"d":10000}]}]}';
const CUT = '{"t":[{"tt":0,"sg":[{"d":2000},{"d":6000}]}]}';
export const CLIP_LENGTH = 10_000_000;
export const CUT_LENGTH = 8_000_000;
/** What the main job asks for, source time in microseconds. */
export const SECTION = { in: 2_000_000, out: 4_000_000 };

/** Real time, that many times faster: 10 minutes are 3 s. */
export const HURRY = 200;

/** A clock on which real time passes faster, and a patience to go with it. */
export function hurriedClock(): Clock {
  const begun = performance.now();
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds / HURRY);
      signal?.addEventListener('abort', stop, { once: true });
    });
  return { now: () => Math.round(Date.UTC(2026, 2, 11) + (performance.now() - begun) * HURRY), sleep };
}

export const HURRIED_PATIENCE = { connect: 200, answer: 60_000 / HURRY, work: 300_000 / HURRY };

/**
 * A session of the extension with a cloud on loopback: real files, real client, real server. The clip's bytes are no
 * video, so the lengths are told: 10 s, and 8 s once the agent was asked to cut.
 */
export class CloudScene {
  readonly server: FaultServer;
  readonly client: NemoClient;
  readonly folder: string;
  readonly clip: string;
  readonly clipBytes: Buffer;
  readonly values = new Map<string, string>();
  readonly log: string[] = [];
  readonly ports: SessionPorts;
  readonly book: SessionBook;
  readonly session: TrimSession;

  private constructor(server: FaultServer, folder: string, clipBytes: Buffer, options: Partial<NemoClientOptions>) {
    this.server = server;
    this.folder = folder;
    this.clip = join(folder, 'talk.mp4');
    this.clipBytes = clipBytes;
    const clock = options.clock ?? hurriedClock();
    this.client = createNemoClient({
      baseUrl: server.url,
      webUrl: 'https://web.example',
      tokens: staticTokenSource('token-1'),
      attribution: ATTRIBUTION,
      environment: {},
      random: () => 0,
      clock,
      patience: HURRIED_PATIENCE,
      log: (line) => this.log.push(line),
      ...options,
    });
    this.ports = {
      connectEngine: () => Promise.resolve(this.client),
      chooseEngine: () => Promise.resolve('cloud'),
      // As the media engine does it: a file that is not whole does not open.
      readDuration: async (path) => {
        if (path === this.clip) return CLIP_LENGTH;
        if (!(await readFile(path)).equals(server.file)) throw new Error('not whole');
        return CUT_LENGTH;
      },
      clock,
      store: {
        get: (key): unknown => JSON.parse(this.values.get(key) ?? 'null'),
        update: (key, value) =>
          Promise.resolve(
            void (value === undefined ? this.values.delete(key) : this.values.set(key, JSON.stringify(value))),
          ),
      },
      log: (line) => this.log.push(line),
    };
    this.book = new SessionBook(this.ports);
    this.session = this.book.create(this.clip);
    Object.defineProperty(server, 'draftText', { get: () => this.draftText(), configurable: true });
  }

  /** The timeline at each look: cut once the agent has had the message. */
  draftText: () => string = () => (this.asked.length > 0 ? CUT : this.server.of('upload').length > 0 ? WHOLE : 'null');

  static async open(options: Partial<NemoClientOptions> = {}, server?: FaultServer): Promise<CloudScene> {
    const [used, folder] = await Promise.all([server ?? FaultServer.start(), mkdtemp(join(tmpdir(), 'cloud-scene-'))]);
    const videos = join(folder, 'videos');
    await mkdir(videos);
    const bytes = Buffer.alloc(100_000, 'the source ');
    await writeFile(join(videos, 'talk.mp4'), bytes);
    return new CloudScene(used, videos, bytes, options);
  }

  /** Messages that the agent may have read. */
  get asked(): string[] {
    return this.server.of('run').flatMap(({ body }) => {
      if (body === '') return [];
      const { new_message } = JSON.parse(body) as { new_message: { parts: { text: string }[] } };
      return [new_message.parts[0]?.text ?? ''];
    });
  }

  /** What the person reads, line by line. */
  get chat(): string[] {
    return this.session.snapshot.chat.map(
      ({ kind, text, actions = [] }) => `${kind}: ${text}${actions.length > 0 ? ` [${actions.join()}]` : ''}`,
    );
  }

  files(): Promise<string[]> {
    return readdir(this.folder).then((names) => names.sort());
  }

  async close(): Promise<void> {
    this.book.dispose();
    await this.client.close();
    await this.server.close();
    await rm(join(this.folder, '..'), { recursive: true, force: true });
  }
}
