import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { SessionError } from '../../src/session/session-error.js';
import { CloudScene, CUT_LENGTH, SECTION } from '../wire/cloud-scene.js';
import { FaultProxy, type Fault, type Phase } from '../wire/fault-proxy.js';
import type { Scenario as ServerFault } from '../wire/fault-scenarios.js';
import { FaultServer, type Route } from '../wire/fault-server.js';
import type { Scenario } from './scenario.js';

type Random = () => number;

const PHASES: readonly Phase[] = [
  'connect',
  'request head',
  'request body',
  'before the answer',
  'answer head',
  'answer body',
];
const ROUTES: readonly Route[] = [
  'create-session',
  'run',
  'upload',
  'credits',
  'state',
  'submit',
  'render-status',
  'render-file',
  'cdn',
  'claim-token',
];
/** Connections that one job makes, with what it tries again. */
const CONNECTIONS = 40;

const pick = <T>(random: Random, all: readonly T[]): T => {
  const chosen = all[Math.floor(random() * all.length)];
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
};

export interface Job {
  readonly scene: CloudScene;
  readonly proxy: FaultProxy;
  /** Ends the faults: the network is well again. */
  heal(): void;
}

/**
 * The main job over a bad network: upload, one message, export. Whatever breaks is told with a next step and loses
 * nothing; when the network is well again, the job comes to its end.
 */
export async function job(signal: AbortSignal, harm: (job: Job) => void): Promise<void> {
  const server = await FaultServer.start();
  server.closeAfterEach();
  const proxy = await FaultProxy.start(server.url);
  const scene = await CloudScene.open({ baseUrl: proxy.url }, server);
  const heal = (): void => {
    proxy.faults = [];
    server.forgive();
  };
  const stop = (): void => void scene.session.stop();
  signal.addEventListener('abort', stop, { once: true });
  const step = async (work: () => Promise<unknown>, isEdit: boolean): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      assertTold(scene, error);
      heal();
      // What the agent may have read is looked for, and never said again.
      if (isEdit && scene.asked.length > 0) await scene.session.refresh();
      else await scene.session.retry();
    }
  };
  try {
    harm({ scene, proxy, heal });
    await step(() => scene.session.remove([SECTION]), true);
    assert.equal(scene.session.snapshot.draft.duration, CUT_LENGTH, 'the edit is not there');
    assert.equal(new Set(scene.asked).size, 1);
    await step(() => scene.session.export(), false);
    await assertDone(scene);
  } finally {
    signal.removeEventListener('abort', stop);
    heal();
    await scene.close();
    for (let left = 1000; proxy.open > 0 && left > 0; left -= 1) await new Promise((done) => setTimeout(done, 10));
    const open = proxy.open;
    await proxy.close();
    assert.equal(open, 0, `${open} connections stayed open`);
  }
}

function assertTold(scene: CloudScene, error: unknown): void {
  assert.ok(error instanceof SessionError, String(error));
  assert.ok(!/in the extension itself/u.test(error.message), `${error.message} ${String(error.cause)}`);
  assert.match(error.message, /^[A-Z].*[.!?]$/su);
  assert.doesNotMatch(error.message, /token-1|undici|ECONN|\n/u);
  assert.match(scene.chat.at(-1) ?? '', /^(?:error|status): .*\]$/u, 'no next step is offered');
  assert.equal(scene.session.busy, false);
}

async function assertDone(scene: CloudScene): Promise<void> {
  assert.deepEqual(await scene.files(), ['talk.mp4', 'talk.trimmed.mp4']);
  assert.ok((await readFile(scene.clip)).equals(scene.clipBytes), 'the source changed');
  const result = await readFile(scene.clip.replace('talk.mp4', 'talk.trimmed.mp4'));
  assert.ok(result.equals(scene.server.file), 'the result is not whole');
}

/** A place for a fault, anywhere in a request and its answer. */
function place(random: Random): Pick<Fault, 'phase' | 'after'> {
  const phase = pick(random, PHASES);
  const most = phase.endsWith('head') ? 120 : phase === 'request body' ? 50_000 : 200_000;
  // Small places are as likely as large ones: most bodies are short.
  return { phase, after: Math.floor(most ** random()) };
}

/** @param share of the connections that break */
const breaking =
  (share: number, how: Fault['how']) =>
  (random: Random) =>
  ({ proxy }: Job): void => {
    proxy.faults = Array.from({ length: CONNECTIONS }, () =>
      random() < share ? { ...place(random), ...(how ? { how } : {}) } : {},
    );
  };

const storm =
  (...faults: ServerFault[]) =>
  (random: Random) =>
  ({ scene: { server } }: Job): void => {
    for (const route of ROUTES) {
      const length = Math.floor(random() * 6);
      if (random() < 0.6) server.fail(route, ...Array.from({ length }, () => pick(random, faults)));
    }
  };

export const networkFaults: readonly [string, (random: Random) => (job: Job) => void][] = [
  ['connections that are reset anywhere', breaking(0.4, 'reset')],
  ['connections that are closed anywhere', breaking(0.4, 'end')],
  ['connections that fall silent anywhere', breaking(0.15, 'silence')],
  [
    'no connection at all for a while',
    () =>
      ({ proxy }) => {
        proxy.faults = Array<Fault>(12).fill({ phase: 'connect' });
      },
  ],
  [
    'a slow line in small pieces, that breaks',
    (random) =>
      ({ proxy }) => {
        proxy.faults = Array.from({ length: CONNECTIONS }, () => ({
          latency: Math.floor(random() * 3),
          pieces: 500 + Math.floor(random() * 5000),
          ...(random() < 0.2 ? { ...place(random), how: 'reset' as const } : {}),
        }));
      },
  ],
  ['a storm of 5xx', storm('server error 503', 'server error 500', 'gateway time-out 504')],
  ['a log-in page that comes and goes', storm('captive portal', 'redirect to a log-in page')],
  ['too many requests', storm('too many requests', 'too many requests, no Retry-After')],
  ['broken and empty answers', storm('not JSON', 'empty 200', 'reset after the headers', 'gzip JSON that is damaged')],
];

/** Everything that a network does to us, each with a session of the extension over it. */
export const networkScenarios: readonly Scenario[] = networkFaults.map(([name, harm]) => ({
  name,
  part: 'network',
  run: (random, signal) => job(signal, harm(random)),
}));
