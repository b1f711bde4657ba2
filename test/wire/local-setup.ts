import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalEngine, type LocalEngine, type LocalEngineOptions } from '../../src/local/engine.js';
import { createMediaEngine } from '../../src/media/engine.js';
import type { MediaEngine } from '../../src/media/media.js';
import { createNemoClient, DEFAULT_WEB_URL } from '../../src/nemo/client.js';
import { systemClock } from '../../src/nemo/clock.js';
import type { AgentEvent, NemoClient, RenderStatus } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import type { SessionPorts } from '../../src/session/ports.js';
import { repository } from '../run/paths.js';
import { ATTRIBUTION } from './setup.js';

const run = promisify(execFile);

/** Milliseconds from asking for a render until it is looked at again; polling is what the API offers. */
const POLL = 50;

export interface EngineWindow {
  readonly engine: LocalEngine;
  readonly client: NemoClient;
  close(): Promise<void>;
}

/** The local engine with the real media engine, and the client that the extension uses. */
export class LocalBench {
  readonly media: MediaEngine;
  readonly folder: string;
  engine!: LocalEngine;
  client!: NemoClient;

  private constructor(folder: string) {
    this.folder = folder;
    this.media = createMediaEngine({ workerPath: join(repository, 'dist', 'media-worker.mjs') });
  }

  static async open(): Promise<LocalBench> {
    await run(process.execPath, ['esbuild.mjs', 'worker'], { cwd: repository });
    const bench = new LocalBench(await realpath(await mkdtemp(join(tmpdir(), 'local-engine-'))));
    await bench.start();
    return bench;
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  /** What a session needs that works with this engine alone. @param values what it stores, by key */
  sessionPorts(values = new Map<string, unknown>()): SessionPorts {
    return {
      connectEngine: () => Promise.resolve(this.client),
      chooseEngine: () => Promise.resolve('local'),
      readDuration: async (path) => (await this.media.probe(path)).duration,
      clock: systemClock,
      store: {
        get: (key) => values.get(key),
        update: (key, value) => Promise.resolve(void values.set(key, structuredClone(value))),
      },
      log: () => undefined,
    };
  }

  async start(options: Partial<LocalEngineOptions> = {}): Promise<void> {
    const { engine, client } = await this.openWindow(options);
    this.engine = engine;
    this.client = client;
  }

  /** A further engine on the same folder, as that of another window, and its client. To be closed. */
  async openWindow(options: Partial<LocalEngineOptions> = {}): Promise<EngineWindow> {
    const engine = await startLocalEngine({ media: this.media, dataFolder: this.dataFolder, ...options });
    const client = createNemoClient({
      baseUrl: engine.baseUrl,
      webUrl: DEFAULT_WEB_URL,
      tokens: staticTokenSource(engine.token),
      attribution: ATTRIBUTION,
      localFiles: true,
      environment: {},
    });
    const close = async (): Promise<void> => {
      await client.close();
      await engine.close();
    };
    return { engine, client, close };
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.engine.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.media.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async newSession(...paths: string[]): Promise<string> {
    const { sessionId } = await this.client.createSession({ taskName: 'project', language: 'en' });
    if (paths.length > 0) await this.client.upload(sessionId, paths);
    return sessionId;
  }

  async events(sessionId: string, text: string): Promise<AgentEvent[]> {
    const events: AgentEvent[] = [];
    for await (const event of this.client.run({ sessionId, text })) events.push(event);
    return events;
  }

  /** What the agent answers, as the person reads it. */
  async say(sessionId: string, text: string): Promise<string> {
    const events = await this.events(sessionId, text);
    return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  }

  /** The timeline's source ranges in seconds, as `0-4 6-10`. */
  async timeline(sessionId: string): Promise<string> {
    const { draft } = await this.client.state(sessionId);
    const tracks = (draft as { t: { tt: number; sg: { m: { in_us: number; out_us: number } }[] }[] } | null)?.t ?? [];
    return (tracks[0]?.sg ?? []).map(({ m }) => `${m.in_us / 1e6}-${m.out_us / 1e6}`).join(' ');
  }

  async render(sessionId: string, id: string, format = 'source'): Promise<RenderStatus> {
    const { draft } = await this.client.state(sessionId);
    await this.client.submitRender({ id, sessionId, draft, output: { format, quality: 'high' } });
    return this.finished(id);
  }

  async finished(id: string): Promise<RenderStatus> {
    for (;;) {
      const status = await this.client.renderStatus(id);
      if (status.status !== 'pending' && status.status !== 'processing') return status;
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  /** A request as no client of ours would send it. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.engine.token}`, ...init.headers };
    return fetch(`${this.engine.baseUrl}${path}`, { ...init, headers });
  }

  /**
   * Makes 10 s of moving picture with a tone that is silent from 4 s to 7 s and from 8 s to 8.6 s.
   * `seconds` shortens it from the end.
   */
  async makeClip(name: string, seconds = 10): Promise<string> {
    const path = join(this.folder, name);
    const tone = "aevalsrc='if(between(t,4,7)+between(t,8,8.6),0,0.4*sin(880*t))':s=48000:d=" + String(seconds);
    const picture = `testsrc2=s=320x180:r=25:d=${seconds}`;
    const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone, ...codecs, path]);
    return path;
  }
}

/** Frames that a player shows and the duration in seconds, counted by ffprobe. */
export async function judge(path: string): Promise<{ frames: number; duration: number }> {
  const entries = 'stream=nb_read_frames:format=duration';
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v:0',
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ];
  const { stdout } = await run('ffprobe', args);
  const found = JSON.parse(stdout) as { streams: { nb_read_frames: string }[]; format: { duration: string } };
  return { frames: Number(found.streams[0]?.nb_read_frames), duration: Number(found.format.duration) };
}
