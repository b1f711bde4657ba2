// The parts of the extension below VS Code, joined as in src/extension.ts, in a process that is going to be killed.
import childProcess from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { startLocalEngine, type LocalEngine } from '../../src/local/engine.js';
import { clearAfterCrash, keptFolders } from '../../src/local/upkeep.js';
import { createMediaEngine } from '../../src/media/engine.js';
import { createNemoClient } from '../../src/nemo/client.js';
import { systemClock } from '../../src/nemo/clock.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import { ExportQueue } from '../../src/session/export-queue.js';
import type { Clock } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { StateJournal } from '../../src/session/state-journal.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import {
  MESSAGES_LOG,
  STATE_FILE,
  type HostEvent,
  type HostOrder,
  type Job,
  type SessionReport,
} from './kill-orders.js';
import { KillPoints, withoutHardLinks } from './kill-points.js';
import { LateStore } from './kill-store.js';

const order = JSON.parse(process.argv[2] ?? '{}') as HostOrder;
const tell = (event: HostEvent): void => void process.send?.(event, () => undefined);
const points = new KillPoints(order.killAt, () =>
  process.kill(order.killGroup ? -process.pid : process.pid, 'SIGKILL'),
);
await points.watch();
if (!order.hardLinks) withoutHardLinks();

const fork = childProcess.fork;
childProcess.fork = ((...args: Parameters<typeof fork>) => {
  const child = fork(...args);
  points.wrap(child, ['send']);
  if (child.pid !== undefined) tell({ at: 'worker', pid: child.pid });
  return child;
}) as typeof fork;
syncBuiltinESMExports();

diagnostics.subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: { url?: string } };
  if (request.url === '/run_sse') appendFileSync(join(order.storage, MESSAGES_LOG), 'message\n');
});

// The cloud's waits are minutes, and here fractions of a second. A render is given up after sixty of the longest, which
// has to be long enough for a machine that does other things too.
const LONGEST_WAITS = 30_000;
const clock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => systemClock.sleep(ms < LONGEST_WAITS ? Math.min(ms, 20) : 400, signal),
};
const log = (): void => undefined;
const media = createMediaEngine({ workerPath: order.workerPath, log });
const late = new LateStore(join(order.storage, STATE_FILE), order.lag);
let isKept = (_stored: string): boolean => false;
const journal = new StateJournal(
  {
    get: (key) => late.get(key),
    update: async (key, value) => {
      points.pass();
      await late.update(key, value);
      points.pass();
    },
  },
  join(order.storage, 'journal'),
  log,
);
const store = {
  get: (key: string): unknown => journal.get(key),
  update: async (key: string, value: unknown): Promise<void> => {
    await journal.update(key, value);
    if (isKept(JSON.stringify(value) ?? '')) tell({ at: 'kept' });
  },
};

const opened: (() => Promise<void>)[] = [];
let local: Promise<{ engine: LocalEngine; client: NemoClient }> | undefined;
const attribution = { version: '0.1.0', platform: 'soak' };
const openLocal = async (): Promise<{ engine: LocalEngine; client: NemoClient }> => {
  const engine = await startLocalEngine({ media, dataFolder: join(order.storage, 'engine'), log });
  const tokens = staticTokenSource(engine.token);
  const shared = { webUrl: 'https://web.example', attribution, environment: {}, clock, random: () => 0 };
  const client = createNemoClient({ ...shared, baseUrl: engine.baseUrl, tokens, localFiles: true });
  opened.push(
    () => engine.close(),
    () => client.close(),
  );
  return { engine, client };
};
const openCloud = (): NemoClient => {
  const tokens = staticTokenSource('token-of-the-person');
  const shared = { webUrl: 'https://web.example', attribution, environment: {}, clock, random: () => 0 };
  const client = createNemoClient({ ...shared, baseUrl: order.cloudUrl, tokens });
  opened.push(() => client.close());
  return client;
};
let cloud: NemoClient | undefined;

const book = new SessionBook({
  connectEngine: async (engine) =>
    engine === 'local' ? (await (local ??= openLocal())).client : (cloud ??= openCloud()),
  chooseEngine: () => Promise.resolve(order.engine),
  ownToken: () => Promise.resolve(true),
  readDuration: async (path) => (await media.probe(path)).duration,
  clock,
  store,
  log,
});
const left: Promise<unknown>[] = [];
const queue = new ExportQueue({
  book,
  store,
  run: (session, options) => session.export(options),
  onTakenUp: (_, outcome) => left.push(outcome),
});
book.onDidChange((session) => {
  const activity = session?.snapshot.activity;
  if (!activity) return;
  tell({ at: 'activity', kind: activity.kind, fraction: 'fraction' in activity ? (activity.fraction ?? 0) : 0 });
});

const folders = keptFolders(join(order.storage, 'engine'));
left.push(clearAfterCrash(folders, log));
for (const session of book.sessions.filter(({ interrupted }) => interrupted)) left.push(session.takeUp());
queue.takeUp();

if (order.job) {
  const problem = await perform(order.job).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  tell({ at: 'ended', points: points.passed, ...(problem === undefined ? {} : { problem }) });
} else {
  points.arm();
  await settled();
  if (order.retry === true) for (const session of book.sessions) await follow(session).catch(() => undefined);
  const sessions = book.sessions.map(reportOf);
  await close();
  tell({ at: 'settled', points: points.passed, sessions });
  process.disconnect();
  process.exit(0);
}

process.on('message', () => {
  void close().then(() => process.exit(0));
});

async function perform(job: Job): Promise<void> {
  const [clip = ''] = order.clips;
  const session =
    job.kind === 'batch' || (job.kind === 'upload' && job.link !== undefined) ? book.create() : book.create(clip);
  const name = `${basename(clip, '.mp4')}.trimmed.mp4`;
  if (job.kind === 'render') await session.remove([job.section]);
  points.arm();
  tell({ at: 'armed' });
  switch (job.kind) {
    case 'trim':
      isKept = (stored) => stored.includes('"text":"remove the section');
      await session.remove([job.section]);
      await queue.add(session, {}, name);
      return;
    case 'message':
      isKept = (stored) => stored.includes(job.text);
      await session.say(job.text);
      return;
    case 'upload':
      isKept = (stored) => stored.includes('"kind":"upload"');
      await session.upload(job.link === undefined ? [clip] : new URL(job.link));
      return;
    case 'render':
      isKept = (stored) => stored.includes('"begun"') || stored.includes('"render":{');
      await queue.add(session, job.resolution === undefined ? {} : { resolution: job.resolution }, name);
      return;
    case 'batch':
      isKept = (stored) => stored.includes('"batch":{');
      await session.batch(order.clips, { sections: [job.section] });
      return;
  }
}

/** Nothing is under way any more, and nothing waits. */
async function settled(): Promise<void> {
  for (;;) {
    await Promise.allSettled(left);
    if (queue.promised.length === 0 && book.sessions.every(({ busy }) => !busy)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Does what the last entry of the chat offers. */
async function follow(session: TrimSession): Promise<void> {
  const { actions = [] } = session.snapshot.chat.at(-1) ?? {};
  if (actions.includes('retry')) await session.retry();
}

function reportOf(session: TrimSession): SessionReport {
  const { id, chat, draft, clip, attached } = session.snapshot;
  return {
    id,
    chat: chat.map(({ kind, text, actions = [], outputPath }) => ({
      kind,
      text,
      actions: [...actions],
      ...(outputPath === undefined ? {} : { outputPath }),
    })),
    duration: draft.duration,
    uploaded: clip?.uploaded ?? false,
    attached: attached.length,
    interrupted: session.interrupted,
  };
}

async function close(): Promise<void> {
  queue.dispose();
  book.dispose();
  for (const end of opened.reverse()) await end();
  await media.close();
  late.flush();
}
