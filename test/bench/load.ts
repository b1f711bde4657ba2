import { systemClock } from '../../src/nemo/clock.js';
import { MAX_UPLOAD_BYTES } from '../../src/nemo/formats.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { SessionBook } from '../../src/session/session-book.js';
import type { KeyValueStore, SessionPorts } from '../../src/session/ports.js';
import { print } from './figures.js';
import { watchLoop } from './own-time.js';
import { MB, withServer, type Served } from './served.js';
import { EVENTS } from './wire-server.js';

const UPLOADS = 10;
const WINDOWS = 20;
const SESSIONS = 1_000;

/** The host under load, in this process; the server is another one. Prints figures; judges nothing. */
export async function run(): Promise<void> {
  await withServer(async (served) => {
    await uploads(served);
    await events(served.client);
    await messages(served.client);
    await sessions(served.client);
    await stores(served.client);
  });
}

/** Prints how long the event loop was held up while the work ran, by us and by all, and what the memory did. */
async function watched<T>(name: string, work: () => Promise<T>): Promise<T> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  const loop = watchLoop();
  const begun = performance.now();
  try {
    return await work();
  } finally {
    const told = loop();
    clearInterval(sampling);
    const took = (performance.now() - begun) / 1000;
    print(`  ${name}: ${took.toFixed(1)} s, ${told}, memory +${((most - before) / MB).toFixed(0)} MB`);
  }
}

async function uploads({ client, largeFile }: Served): Promise<void> {
  const path = await largeFile();
  print(
    `${UPLOADS} uploads of ${MAX_UPLOAD_BYTES / MB} MB in a row (goals: memory flat, 99 % of the delays under 50 ms)`,
  );
  for (let index = 1; index <= UPLOADS; index += 1) {
    await watched(`upload ${index}`, () => client.upload('1', [path]));
  }
}

function portsFor(client: NemoClient, store: KeyValueStore): SessionPorts {
  return {
    // The benchmark's server has no timeline: enough is answered for the chat.
    connectEngine: () =>
      Promise.resolve({
        ...client,
        createSession: () => Promise.resolve({ taskId: '1', sessionId: '1' }),
        credits: () => Promise.resolve({ available: 1, frozen: 0, total: 1 }),
        state: () => Promise.resolve({ draft: { t: [{ tt: 0, sg: [{ d: 10_000 }] }] }, raw: {} }),
      }),
    chooseEngine: () => Promise.resolve('cloud'),
    readDuration: () => Promise.resolve(10_000_000),
    clock: systemClock,
    store,
    log: () => undefined,
  };
}

/** As VS Code's Memento: each value as JSON. */
function memento(values = new Map<string, string>()): KeyValueStore & { readonly bytes: () => number } {
  return {
    get: (key): unknown => JSON.parse(values.get(key) ?? 'null'),
    update: (key, value) =>
      Promise.resolve(void (value === undefined ? values.delete(key) : values.set(key, JSON.stringify(value)))),
    bytes: () => [...values.values()].reduce((sum, text) => sum + text.length, 0),
  };
}

async function events(client: NemoClient): Promise<void> {
  print(`${EVENTS} events of the agent, into the chat of a session`);
  const book = new SessionBook(portsFor(client, memento()));
  const session = book.create();
  await session.connect();
  let changes = 0;
  session.onDidChange(() => (changes += 1));
  for (let index = 1; index <= 3; index += 1) await watched(`stream ${index}`, () => session.say('cut all'));
  print(`  ${changes} changes shown`);
  book.dispose();
}

async function messages(client: NemoClient): Promise<void> {
  print('messages of 10 MB');
  const text = 'remove the part where nothing is said '.repeat((10 * MB) / 38);
  const count = async (): Promise<void> => {
    for await (const _ of client.run({ sessionId: '1', text: `paced ${text}` })) continue;
  };
  await watched('sent', count);
}

async function sessions(client: NemoClient): Promise<void> {
  print(`${SESSIONS} sessions in one window`);
  const book = new SessionBook(portsFor(client, memento()));
  let told = 0;
  book.onDidChange(() => (told += 1));
  await watched('made', async () => {
    for (let index = 0; index < SESSIONS; index += 1) {
      book.create(`/videos/${index}.mp4`);
      if (index % 50 === 49) await new Promise((done) => setImmediate(done));
    }
  });
  print(`  ${told} changes told`);
  book.dispose();
}

async function stores(client: NemoClient): Promise<void> {
  print(`what ${WINDOWS} windows keep, 50 sessions each with 200 lines and a timeline of 500 segments`);
  const chat = Array.from({ length: 200 }, (_, id) => ({
    id: `${id}`,
    kind: 'agent',
    text: 'What was said. '.repeat(20),
  }));
  const draft = JSON.stringify({
    t: [{ tt: 0, sg: Array.from({ length: 500 }, () => ({ d: 1000, m: { title: 'a.mp4' } })) }],
  });
  const stores = Array.from({ length: WINDOWS }, () => {
    const values = new Map<string, string>();
    const ids = Array.from({ length: 50 }, (_, index) => `session-${index}`);
    values.set('videoTrimmer.sessions', JSON.stringify(ids));
    for (const id of ids) {
      const session = { version: 1, id, title: id, createdAt: 0, uploads: [], draft, removed: [], chat };
      values.set(`videoTrimmer.session.${id}`, JSON.stringify(session));
    }
    return memento(values);
  });
  print(`  ${((stores[0]?.bytes() ?? 0) / MB).toFixed(1)} MB in each`);
  await watched('opened, one after the other', async () => {
    for (const store of stores) {
      const start = performance.now();
      const book = new SessionBook(portsFor(client, store));
      if (book.sessions.length !== 50) throw new Error(`${book.sessions.length} sessions`);
      if (store === stores.at(-1)) print(`  the last took ${(performance.now() - start).toFixed(0)} ms`);
      await new Promise((done) => setImmediate(done));
      book.dispose();
    }
  });
}
