import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNemoClient } from '../../src/nemo/client.js';
import { systemClock } from '../../src/nemo/clock.js';
import { stringifyExactJson } from '../../src/nemo/exact-json.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { createTokenSource, type AccountTokens } from '../../src/nemo/tokens.js';
import type { KeyValueStore, SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { FaultServer } from './fault-server.js';
import { judge, LocalBench } from './local-setup.js';
import { ATTRIBUTION, FakeClock } from './setup.js';

const second = (time: number): number => time * 1_000_000;
const SECTION = { in: second(2), out: second(4) };
const SENTENCE = 'remove the section between 0:02 and 0:04 and join the remaining parts smoothly';
const segments = (...lengths: number[]): string => `{"t":[{"tt":0,"sg":[${lengths.map((d) => `{"d":${d}}`).join()}]}]}`;
const WHOLE = segments(10_000);
const CUT = segments(2000, 6000);

describe('a session with a cloud that fails', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let source: string;
  let folder: string;
  let clip: string;
  let server: FaultServer;
  let client: NemoClient;
  let tokens: AccountTokens;
  let ports: SessionPorts;
  let session: TrimSession;
  let values: Map<string, string>;
  /** Waits of the session, in ms; each takes a few real milliseconds. */
  let waits: number[];
  /** The timeline at each look; by default it is cut once the agent was asked. */
  let draft: () => string;
  let resultLength: number;

  before(async () => {
    bench = await LocalBench.open();
    source = await bench.makeClip('talk.mp4');
  });
  after(() => bench.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-faults-'));
    clip = join(folder, 'talk.mp4');
    await copyFile(source, clip);
    server = await FaultServer.start();
    draft = () => (asked().length > 0 ? CUT : server.of('upload').length > 0 ? WHOLE : 'null');
    Object.defineProperty(server, 'draftText', { get: () => draft(), configurable: true });
    resultLength = second(8);
    values = new Map();
    waits = [];
    connectCloud();
    ports = {
      connectEngine: (engine) => Promise.resolve(engine === 'local' ? bench.client : client),
      chooseEngine: () => Promise.resolve('cloud'),
      readDuration: async (path) =>
        path === clip
          ? second(10)
          : session.snapshot.engine === 'local'
            ? (await bench.media.probe(path)).duration
            : resultLength,
      ownToken: async () => ['environment', 'set-by-hand'].includes(await tokens.origin()),
      clock: {
        now: Date.now,
        sleep: (milliseconds, signal) => {
          waits.push(milliseconds);
          return systemClock.sleep(Math.min(milliseconds, 5), signal);
        },
      },
      store: storeOf(values),
      log: () => undefined,
    };
    session = new SessionBook(ports).create(clip);
  });
  afterEach(async () => {
    session.dispose();
    await client.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const connectCloud = (environmentToken?: string): void => {
    const shared = { baseUrl: server.url, attribution: ATTRIBUTION, environment: {} };
    const secrets = new Map<string, string>();
    tokens = createTokenSource({
      ...shared,
      environmentToken,
      environmentClientId: '7f6ee5a5-8b1a-4f0e-9c5d-0a1b2c3d4e5f',
      secrets: {
        get: (key) => Promise.resolve(secrets.get(key)),
        store: (key, value) => Promise.resolve(void secrets.set(key, value)),
        delete: (key) => Promise.resolve(void secrets.delete(key)),
      },
      store: { get: () => undefined, update: () => Promise.resolve() },
    });
    client = createNemoClient({
      ...shared,
      webUrl: 'https://web.example',
      tokens,
      clock: new FakeClock(),
      random: () => 0,
    });
  };
  const storeOf = (kept: Map<string, string>): KeyValueStore => ({
    get: (key): unknown => JSON.parse(kept.get(key) ?? 'null'),
    update: (key, value) =>
      Promise.resolve(void (value === undefined ? kept.delete(key) : kept.set(key, JSON.stringify(value)))),
  });
  /** The messages that reached the agent. */
  const asked = (): string[] =>
    server.of('run').map(({ body }) => {
      const { new_message } = JSON.parse(body || '{"new_message":{"parts":[]}}') as {
        new_message: { parts: { text: string }[] };
      };
      return new_message.parts[0]?.text ?? '';
    });
  const chat = (of = session): string[] =>
    of.snapshot.chat.map(
      ({ kind, text, actions = [] }) => `${kind}: ${text}${actions.length > 0 ? ` [${actions.join()}]` : ''}`,
    );
  const told = (of = session): string =>
    chat(of)
      .filter((line) => !/^status: .*\bcredits\b/u.test(line))
      .at(-1) ?? '';
  const refused = async (work: Promise<unknown>, kind: SessionError['kind'], words: RegExp): Promise<void> => {
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof SessionError, String(error));
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, words);
      return true;
    });
  };
  /** The store as a process that was killed leaves it, in a new window. */
  const crash = (): TrimSession => {
    const again = new SessionBook({ ...ports, store: storeOf(new Map(values)) }).get(session.id);
    assert.ok(again);
    return again;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('an edit without words is told by what it did', async () => {
    server.streamText = 'data: {"type":"tool_call","name":"cut","args":{}}\n\ndata: {"type":"heartbeat"}\n\n';
    await session.remove([SECTION]);
    assert.equal(told(), 'status: Removed 0:02–0:04; the clip is now 0:08. [export,undo]');
    assert.deepEqual(asked(), [SENTENCE]);
  });

  it('an edit without words that did nothing is not called done', async () => {
    server.streamText = 'data: {"type":"heartbeat"}\n\n';
    draft = () => WHOLE;
    const { difference } = await session.remove([SECTION]);
    assert.equal(difference?.changed, false);
    assert.match(told(), /^status: No answer came, and the timeline is unchanged/u);
  });

  it('shows what is left and what an edit costs as quiet lines, never as JSON', async () => {
    await session.remove([SECTION]);
    assert.ok(chat().includes('status: An edit costs about 50 credits; you have 60.'));
    assert.equal(chat().at(-1), 'status: 60 credits available, 40 more reserved by running work.');
    assert.ok(!chat().some((line) => line.includes('{')));
  });

  for (const scenario of ['stream breaks midway', 'stream breaks after its headers', 'connection reset'] as const) {
    it(`"${scenario}": the timeline is looked at after 30 s and then every 60 s, and the message goes out once`, async () => {
      server.fail('run', scenario);
      let looks = 0;
      draft = () => (asked().length > 0 ? ((looks += 1), looks > 3 ? CUT : WHOLE) : WHOLE);
      await session.remove([SECTION]);
      assert.deepEqual(asked(), [SENTENCE]);
      assert.ok(chat().some((line) => line.startsWith('status: Removed 0:02–0:04; the clip is now 0:08.')));
      const after = waits.filter((wait) => wait === 30_000 || wait === 60_000);
      // One that was never heard is also looked for at once: nobody may be there at all.
      assert.deepEqual(after, [30_000, 60_000, 60_000, 60_000].slice(0, scenario === 'stream breaks midway' ? 4 : 3));
    });
  }

  it('a broken stream after which nothing changes in five looks is given up, with an offer to try again', async () => {
    server.fail('run', 'stream breaks midway');
    draft = () => WHOLE;
    await refused(session.remove([SECTION]), 'unreachable', /not changed since\. The message was not sent twice/u);
    assert.deepEqual(
      waits.filter((wait) => wait === 30_000 || wait === 60_000),
      [30_000, 60_000, 60_000, 60_000, 60_000],
    );
    assert.match(told(), /\[retry,use-local\]$/u);
    assert.equal(asked().length, 1);
  });

  it('a stop ends the stream, and says that work may still finish and be charged', async () => {
    server.fail('run', 'stream stays open');
    const work = session.say('make it nicer');
    const ended = refused(work, 'stopped', /may still finish and be charged/u);
    await until(() => server.of('run').length > 0 && session.snapshot.activity.kind === 'editing');
    await session.stop();
    await ended;
    assert.equal(session.busy, false);
    assert.equal(asked().length, 1);
    assert.equal(session.interrupted, false);
  });

  it('an export that the plan blocks (402) arrives from this machine, with the edit', async () => {
    server.fail('submit', 'export blocked, HTTP 402');
    await session.remove([SECTION]);
    await refused(session.export(), 'export-blocked', /^Register or upgrade your plan to unlock export\.$/u);
    assert.match(told(), /\[register,use-local\]$/u);
    assert.equal(session.snapshot.chat.at(-1)?.link, 'https://web.example/register?bind=anon_abc123');
    await session.useEngine('local');
    assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', 'talk.trimmed.mp4']);
    assert.equal((await judge(join(folder, 'talk.trimmed.mp4'))).frames, 200);
    assert.equal(asked().length, 1);
  });

  it('no credits (2001) sends a visitor to register', async () => {
    server.fail('run', 'no credits');
    await refused(session.remove([SECTION]), 'no-credits', /^The free credits are used up\. Register to get more/u);
    assert.equal(session.snapshot.chat.at(-1)?.link, 'https://web.example/register?bind=anon_abc123');
    assert.match(told(), /\[register,use-local\]$/u);
  });

  it('no credits (2001) sends the owner of an account there, though the session names a user', async () => {
    await client.close();
    connectCloud('my-own-token');
    server.fail('run', 'no credits');
    await refused(session.remove([SECTION]), 'no-credits', /Top up credits in your account/u);
    assert.match(told(), /\[use-local\]$/u);
    assert.equal(server.tokensGiven, 0);
  });

  it('a session that is gone (1002) is made anew, which is said, and then the edit is made', async () => {
    await session.connect();
    server.fail('state', 'session unknown, code 1002');
    await session.remove([SECTION]);
    assert.equal(server.of('create-session').length, 2);
    assert.ok(
      chat().includes('status: This session was no longer known, so its old timeline is gone. A new one is made.'),
    );
    assert.equal(asked().length, 1);
  });

  it('a session that is gone (1002) once the agent has the message: the message is not sent again', async () => {
    await session.upload([clip]);
    const before = server.of('state').length;
    draft = () => {
      if (asked().length > 0) server.fail('state', 'session unknown, HTTP 404');
      return WHOLE;
    };
    server.fail('run', 'stream breaks midway');
    await refused(session.remove([SECTION]), 'session-not-found', /was not sent twice/u);
    assert.ok(server.of('state').length > before);
    assert.equal(asked().length, 1);
  });

  it('too many requests (429): the message waits its time, and the agent has it once', async () => {
    server.fail('run', 'too many requests');
    await session.remove([SECTION]);
    assert.equal(server.of('run').filter(({ scenario }) => scenario === undefined).length, 1);
    assert.ok(chat().some((line) => line.startsWith('status: Removed 0:02–0:04')));
  });

  it('too many requests for a day: the person is told how long', async () => {
    server.fail('run', 'too many requests for a day');
    await refused(session.remove([SECTION]), 'rate-limited', /Wait 1 day and try again/u);
    assert.match(told(), /\[retry,use-local\]$/u);
  });

  it("no free token this week: one's own token or this machine are offered", async () => {
    server.fail('anonymous-token', 'too many requests for a day');
    await refused(session.remove([SECTION]), 'rate-limited', /no further free token/u);
    assert.match(told(), /\[set-token,use-local\]$/u);
  });

  it("one's own token that is refused (1001) is said to be, and never replaced", async () => {
    await client.close();
    connectCloud('my-own-token');
    server.fail('create-session', 'token expired, code 1001');
    await refused(session.remove([SECTION]), 'unauthorized', /NEMO_TOKEN/u);
    assert.match(told(), /\[set-token,use-local\]$/u);
    assert.equal(server.tokensGiven, 0);
  });

  it('a render that fails is asked for once more under a new id, and the file arrives', async () => {
    const states = [{ status: 'failed' }, { status: 'processing', progress: 40 }];
    Object.defineProperty(server, 'renderStatus', {
      get: () => states.shift() ?? { success: true, data: { status: 'completed', outputUrl: '/cdn/out.mp4' } },
    });
    await session.remove([SECTION]);
    const { outputPath, link } = await session.export();
    const ids = server.of('submit').map(({ body }) => (JSON.parse(body) as { id: string }).id);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 2);
    assert.equal(outputPath, join(folder, 'talk.trimmed.mp4'));
    assert.equal(link, 'https://web.example/workspace/claim?ct=clm_1');
    assert.deepEqual(
      waits.filter((wait) => wait === 3_000 || wait === 30_000),
      [3_000, 3_000, 30_000],
    );
  });

  it('a render that somebody cancelled is said to be, and not asked for again', async () => {
    server.renderStatus = { success: true, data: { status: 'cancelled' } };
    await session.remove([SECTION]);
    await refused(session.export(), 'refused', /^The export was cancelled\. Your edit is kept\.$/u);
    assert.match(told(), /^error: .*\[export,use-local\]$/u);
    assert.equal(server.of('submit').length, 1);
    assert.deepEqual(await readdir(folder), ['talk.mp4']);
  });

  it('the link to the project is left out where it cannot be had', async () => {
    server.fail('claim-token', 'server error 503');
    await session.remove([SECTION]);
    await session.export();
    assert.equal(told(), 'export: Exported talk.trimmed.mp4: 0:30.5 → 0:08. [open-output,reveal-output]');
  });

  for (const [how, write] of [
    ['JSON text', (text: string) => JSON.stringify(text)],
    ['an object', (text: string) => text],
  ] as const) {
    it(`a draft that comes as ${how} goes back with every digit`, async () => {
      const exact =
        '{"t":[{"tt":0,"id":5529798706024415232,"sg":[{"d":2000,"x":1.50},{"d":6000}]}],"z":{"v":9007199254740993}}';
      draft = () => (asked().length > 0 ? write(exact) : WHOLE);
      await session.remove([SECTION]);
      await session.export();
      assert.ok(server.of('submit')[0]?.body.includes(`"draft":${exact}`), server.of('submit')[0]?.body);
    });

    it(`a draft that came as ${how} goes back with every digit after a reload too`, async () => {
      const exact = '{"t":[{"tt":0,"sg":[{"d":2000,"x":1.50},{"d":6000}]}],"z":9007199254740993, "e":1E2}';
      draft = () => (asked().length > 0 ? write(exact) : WHOLE);
      await session.remove([SECTION]);
      const again = crash();
      assert.equal(stringifyExactJson(again.snapshot.draft.raw), exact);
      await again.export();
      assert.ok(server.of('submit')[0]?.body.includes(`"draft":${exact}`), server.of('submit')[0]?.body);
    });
  }

  it('a window that crashes while the agent works: what was done is found in the timeline, and nothing is sent again', async () => {
    server.fail('run', 'stream stays open');
    draft = () => WHOLE;
    session.remove([SECTION]).catch(() => undefined);
    await until(() => server.of('run').length > 0);
    const again = crash();
    draft = () => CUT;
    await again.takeUp();
    assert.match(
      told(again),
      /^status: Your last message was carried out .*Removed 0:02–0:04; the clip is now 0:08\./u,
    );
    assert.equal(asked().length, 1);
    assert.equal(server.of('create-session').length, 1);
    assert.equal(server.of('upload').length, 1);
  });

  it('a window that crashes while the agent works, and nothing comes of it: that is said, and nothing is sent again', async () => {
    server.fail('run', 'stream stays open');
    draft = () => WHOLE;
    session.remove([SECTION]).catch(() => undefined);
    await until(() => server.of('run').length > 0);
    const again = crash();
    await refused(again.takeUp(), 'agent', /It was not sent again/u);
    assert.equal(asked().length, 1);
  });

  it('a window that crashes during an export: the file arrives from the same render', async () => {
    server.renderStatus = { status: 'processing' };
    await session.remove([SECTION]);
    session.export().catch(() => undefined);
    await until(() => server.of('render-status').length > 0);
    const again = crash();
    // The old process takes part no more; its polls only see a render that goes on.
    session.dispose();
    server.renderStatus = { code: 0, data: { status: 'completed', output: { url: '/cdn/out.mp4' } } };
    const outcome = await again.takeUp();
    assert.equal(outcome?.outputPath, join(folder, 'talk.trimmed.mp4'));
    assert.equal(server.of('submit').length, 1);
    assert.equal(server.of('run').length, 1);
  });

  it('several files, one of which fails: one session, one render each, one line at the end', async () => {
    const paths = ['a.mp4', 'b.mp4', 'c.mp4'].map((name) => join(folder, name));
    for (const path of paths) await copyFile(source, path);
    const whole = ports;
    ports = {
      ...whole,
      readDuration: (path) => (paths.includes(path) ? Promise.resolve(second(10)) : whole.readDuration(path)),
    };
    session = new SessionBook(ports).create();
    draft = () => (asked().length > 0 ? CUT : WHOLE);
    server.fail('upload', 'empty 200', 'unsupported file');
    const { summary } = await session.batch(paths, { sections: [SECTION] });
    assert.match(
      summary,
      /^1 of 3 videos is done: c\.trimmed\.mp4\. a\.mp4 is not: .* b\.mp4 is not: NemoVideo cannot read this file/u,
    );
    assert.equal(server.of('create-session').length, 1);
    assert.equal(server.of('submit').length, 1);
    assert.equal(chat().filter((line) => line.includes('videos is done')).length, 1);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('trimmed')),
      ['c.trimmed.mp4'],
    );
  });
});
