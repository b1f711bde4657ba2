import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Section } from '../../src/timeline/sections.js';
import { freshFolder, repository } from '../run/paths.js';
import { KillCloud } from './kill-cloud.js';
import { MESSAGES_LOG, type HostOrder, type Job, type SessionReport } from './kill-orders.js';
import { chatOf, endOfJob, filesIn, hashOf, leftByEngine, playedFrames } from './kill-verdict.js';
import { Window } from './kill-window.js';
import type { Scenario } from './scenario.js';

const FRAME = 40_000;
const FRAMES = 200;

type Victim = 'host' | 'server' | 'worker' | 'engine';

/** What all kills share: the programs, a clip, a cloud. */
class Bench {
  readonly folder: string;
  readonly cloud: KillCloud;
  readonly clip: string;
  readonly hash: string;
  readonly workerPath = join(repository, 'dist/media-worker.mjs');
  /** Steps that a job of a kind has when nothing disturbs it. */
  readonly steps = new Map<string, number>();

  private constructor(folder: string, cloud: KillCloud, clip: string, hash: string) {
    this.folder = folder;
    this.cloud = cloud;
    this.clip = clip;
    this.hash = hash;
  }

  static async open(): Promise<Bench> {
    const folder = await freshFolder('kill');
    const programs = join(repository, 'dist/test/soak');
    const requireInModules =
      "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
    await Promise.all([
      build({
        entryPoints: ['kill-host.ts', 'kill-engine.ts'].map((name) => join(repository, 'test/soak', name)),
        outdir: programs,
        outExtension: { '.js': '.mjs' },
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node20',
        external: ['node-av', 'node-av/*'],
        banner: { js: requireInModules },
        logLevel: 'warning',
      }),
      ...(process.env['VIDEO_TRIMMER_BUILT'] === '1'
        ? []
        : [promisify(execFile)(process.execPath, ['esbuild.mjs', 'worker'], { cwd: repository })]),
    ]);
    const clip = join(folder, 'clip.mp4');
    const picture = 'testsrc2=s=480x270:r=25:d=8,noise=alls=12:allf=t';
    const tone = "aevalsrc='0.3*sin(880*t)':s=48000:d=8";
    const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone];
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...inputs, ...codecs, '-shortest', clip]);
    const workerPath = join(repository, 'dist/media-worker.mjs');
    const cloud = await KillCloud.start(join(programs, 'kill-engine.mjs'), workerPath, join(folder, 'cloud'));
    return new Bench(folder, cloud, clip, await hashOf(clip));
  }

  window(order: HostOrder): Window {
    return new Window(join(repository, 'dist/test/soak/kill-host.mjs'), order);
  }

  async close(): Promise<void> {
    await this.cloud.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

let bench: Promise<Bench> | undefined;

/** Ends what the kills of this process share. */
export async function closeKills(): Promise<void> {
  const opened = bench;
  bench = undefined;
  await (await opened)?.close();
}

interface Fault {
  readonly job: (random: () => number, bench: Bench) => Promise<Job> | Job;
  readonly engines: readonly ('local' | 'cloud')[];
  readonly victim: Victim;
}

let runs = 0;

async function kill({ job: draw, engines, victim }: Fault, random: () => number, signal: AbortSignal): Promise<void> {
  const shared = await (bench ??= Bench.open());
  signal.throwIfAborted();
  const folder = join(shared.folder, `run-${(runs += 1)}`);
  const [clips, storage] = [join(folder, 'clips'), join(folder, 'storage')];
  await Promise.all([mkdir(clips, { recursive: true }), mkdir(storage, { recursive: true })]);
  const job = await draw(random, shared);
  const engine = pick(engines, random);
  const sources = (job.kind === 'batch' ? ['talk.mp4', 'second.mp4'] : ['talk.mp4']).map((name) => join(clips, name));
  for (const source of sources) await copyFile(shared.clip, source);
  // What the extension host alone takes with it is nothing of the window's; with everything else the last writes go.
  const lag = victim === 'server' ? pick([0, 30, 100, 1000, 60_000], random) : 0;
  const hardLinks = random() < 0.8;
  const order: HostOrder = {
    workerPath: shared.workerPath,
    clips: sources,
    storage,
    engine,
    cloudUrl: shared.cloud.url,
    lag,
    hardLinks,
    killGroup: victim === 'server',
  };
  const dies = victim === 'host' || victim === 'server';
  const steps = dies && random() < 0.6 ? await stepsOf(shared, `${engine} ${job.kind}`, { ...order, job }) : undefined;
  const heardBefore = shared.cloud.messages.length;
  const story = [`${victim} killed, ${engine}, ${JSON.stringify(job)}, state ${lag} ms late, hard links ${hardLinks}`];
  try {
    const window = await killOnce(shared, { ...order, job }, victim, steps, random, story);
    const kept = window.find('kept') !== undefined;
    // A second one while the first is taken up.
    if (random() < 0.25) {
      const again = shared.window({ ...order, killAt: 1 + Math.floor(random() * 40) });
      await again.ended();
      story.push(`killed again while it was taken up: ${again.find('settled') === undefined}`);
    }
    const after = shared.window(order);
    await after.ended();
    story.push(after.told);
    const report = after.find('settled');
    assert.ok(report, 'the window after it did not come to rest');
    const messages = shared.cloud.messages.slice(heardBefore);
    await judge({ shared, sources, storage, clips, job, sessions: report.sessions, messages, kept, window });
    if (random() < 0.3) {
      const retried = shared.window({ ...order, retry: true });
      await retried.ended();
      const then = retried.find('settled');
      assert.ok(then, 'the window in which it was tried again did not come to rest');
      await judgeFiles(shared, sources, clips, job);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    // What is left of it must not stand in the way of those that come.
    await closeKills();
    if (error instanceof Error) error.message = `${error.message}\n${story.filter((line) => line !== '').join('\n')}`;
    throw error;
  }
}

/** The window in which the job is begun, until it is gone. */
async function killOnce(
  shared: Bench,
  order: HostOrder & { readonly job: Job },
  victim: Victim,
  steps: number | undefined,
  random: () => number,
  story: string[],
): Promise<Window> {
  const dies = victim === 'host' || victim === 'server';
  const killAt = steps === undefined ? undefined : 1 + Math.floor(random() * steps);
  const window = shared.window({ ...order, ...(killAt === undefined ? {} : { killAt }) });
  const [phase, lead, wait] = [random(), random(), Math.round(random() ** 2 * 250)];
  if (killAt !== undefined) {
    story.push(`at step ${killAt} of about ${steps ?? 0}`);
    if (await window.until(({ at }) => at === 'ended')) window.kill(order.killGroup);
  } else {
    const kinds = ['uploading', 'editing', 'exporting', 'exporting', 'downloading', 'armed'];
    const wanted = kinds[Math.floor(phase * kinds.length)] ?? 'armed';
    story.push(`${wait} ms after ${wanted}`);
    await window.until(
      (event) =>
        event.at === 'ended' ||
        (event.at === 'armed' && wanted === 'armed') ||
        (window.find('armed') !== undefined &&
          event.at === 'activity' &&
          (event.kind === wanted || (wanted === 'downloading' && event.kind === 'exporting' && event.fraction >= 0.9))),
    );
    if (lead < 0.7) await delay(wait);
    if (dies) window.kill(order.killGroup);
    else if (victim === 'worker') window.killWorker();
    else {
      await shared.cloud.killEngine();
      await delay(Math.round(random() * 100));
      await shared.cloud.startEngine();
    }
  }
  if (!dies) {
    await window.until(({ at }) => at === 'ended');
    story.push(`it said: ${window.find('ended')?.problem ?? 'done'}`);
    await window.close();
  }
  await window.ended();
  assert.equal(window.fell, false, `the window fell by itself: ${window.told}`);
  return window;
}

async function stepsOf(shared: Bench, kind: string, order: HostOrder): Promise<number> {
  const known = shared.steps.get(kind);
  if (known !== undefined) return known;
  const trial = join(shared.folder, `trial-${shared.steps.size}`);
  await Promise.all([
    mkdir(join(trial, 'clips'), { recursive: true }),
    mkdir(join(trial, 'storage'), { recursive: true }),
  ]);
  const clips = order.clips.map((clip) => join(trial, 'clips', basename(clip)));
  for (const clip of clips) await copyFile(shared.clip, clip);
  const window = shared.window({ ...order, clips, storage: join(trial, 'storage'), lag: 0 });
  assert.ok(await window.until(({ at }) => at === 'ended'), `the trial ended: ${window.told}`);
  const end = window.find('ended');
  assert.equal(end?.problem, undefined, 'undisturbed, the job is done');
  await window.close();
  shared.steps.set(kind, end?.points ?? 1);
  await rm(trial, { recursive: true, force: true });
  return end?.points ?? 1;
}

interface Evidence {
  readonly shared: Bench;
  readonly sources: readonly string[];
  readonly storage: string;
  readonly clips: string;
  readonly job: Job;
  readonly sessions: readonly SessionReport[];
  readonly messages: readonly string[];
  readonly kept: boolean;
  readonly window: Window;
}

async function judge(evidence: Evidence): Promise<void> {
  const { shared, sources, storage, clips, job, sessions, messages, kept } = evidence;
  const results = await judgeFiles(shared, sources, clips, job);
  const session = sessions[0];
  const told = `the chat:\n${chatOf(session)}`;

  const inside = await readFile(join(storage, MESSAGES_LOG), 'utf8').catch(() => '');
  const sent = messages.length + inside.split('\n').filter((line) => line !== '').length;
  const meant = job.kind === 'batch' ? 2 : job.kind === 'upload' ? 0 : 1;
  assert.ok(sent <= meant, `${sent} messages were sent instead of ${meant}: ${messages.join(' | ')}`);

  for (const { interrupted } of sessions) assert.equal(interrupted, false, `something is still under way; ${told}`);
  // What has an effect must be remembered, also where the kill came before anybody was told that it is.
  if (kept || results.length > 0 || (sent > 0 && job.kind !== 'render')) {
    assert.ok(session, 'the session is gone');
    const done = isDone(job, session, results.length);
    assert.ok(done || endOfJob(session) !== undefined, `neither done nor reported; ${told}`);
  }
  for (const entry of session?.chat ?? []) {
    if (entry.kind !== 'export' || entry.outputPath === undefined) continue;
    assert.ok(results.includes(basename(entry.outputPath)), `${basename(entry.outputPath)} is told and not there`);
  }
  const left = await leftByEngine(join(storage, 'engine'));
  assert.deepEqual(left, [], 'the engine of the window has left files');
  await eventuallyNone(() => leftByEngine(shared.cloud.dataFolder));
}

function isDone(job: Job, session: SessionReport, results: number): boolean {
  switch (job.kind) {
    case 'trim':
    case 'render':
      return results === 1;
    case 'message':
      return job.thenExport ? results === 1 : session.chat.some(({ kind }) => kind === 'agent');
    case 'upload':
      return session.uploaded || session.attached > 0;
    case 'batch':
      return results === 2;
  }
}

/** @returns the names of the results */
async function judgeFiles(shared: Bench, sources: readonly string[], clips: string, job: Job): Promise<string[]> {
  for (const source of sources) assert.equal(await hashOf(source), shared.hash, 'the source was touched');
  const own = sources.map((source) => basename(source));
  const results = (await filesIn(clips)).filter((name) => !own.includes(name));
  const temporary = results.filter((name) => !/^(talk|second)\.trimmed(-\d)?\.mp4$/.test(name));
  assert.deepEqual(temporary, [], 'temporary files are left');
  const planned = job.kind === 'upload' ? 0 : FRAMES - removedFrames(job);
  for (const name of results)
    assert.equal(await playedFrames(join(clips, name)), planned, `${name} is not what was planned`);
  assert.ok(results.length <= (job.kind === 'batch' ? 2 : 1), `there is more than was asked for: ${results.join()}`);
  return results;
}

function removedFrames(job: Job): number {
  if (job.kind === 'upload') return 0;
  if (job.kind === 'message') return 50;
  return (job.section.out - job.section.in) / FRAME;
}

/** The cloud clears away on its own what a window that died has left half sent. */
async function eventuallyNone(look: () => Promise<string[]>): Promise<void> {
  let left = await look();
  for (let tries = 0; left.length > 0 && tries < 200; tries += 1) {
    await delay(50);
    left = await look();
  }
  assert.deepEqual(left, [], 'the engine has left files');
}

function anySection(random: () => number): Section {
  const first = 10 + Math.floor(random() * 90);
  const length = 10 + Math.floor(random() * 80);
  return { in: first * FRAME, out: (first + length) * FRAME };
}

function pick<T>(of: readonly T[], random: () => number): T {
  return of[Math.floor(random() * of.length)] as T;
}

const both = ['local', 'cloud'] as const;
const trim: Fault['job'] = (random) => ({ kind: 'trim', section: anySection(random) });
const message: Fault['job'] = (random) => {
  const from = 1 + Math.floor(random() * 4);
  const thenExport = random() < 0.5;
  const text = `remove 0:0${from} to 0:0${from + 2}${thenExport ? ' and export it' : ''}`;
  return { kind: 'message', text, thenExport };
};
const upload: Fault['job'] = () => ({ kind: 'upload' });
const linked: Fault['job'] = async (_random, { cloud, clip }) => ({
  kind: 'upload',
  link: cloud.link(await readFile(clip)),
});
const render: Fault['job'] = (random) => ({
  kind: 'render',
  section: anySection(random),
  ...(random() < 0.4 ? { resolution: '120p' } : {}),
});
const batch: Fault['job'] = (random) => ({ kind: 'batch', section: anySection(random) });

const faults: readonly (readonly [string, Fault])[] = [
  ['the extension host is killed during a trim', { victim: 'host', job: trim, engines: both }],
  ['the VS Code server is killed during a trim', { victim: 'server', job: trim, engines: both }],
  ['the media worker is killed during a trim', { victim: 'worker', job: trim, engines: ['local'] }],
  ['the engine is killed during a trim', { victim: 'engine', job: trim, engines: ['cloud'] }],
  ['the extension host is killed during a message', { victim: 'host', job: message, engines: both }],
  ['the VS Code server is killed during a message', { victim: 'server', job: message, engines: both }],
  ['the engine is killed during a message', { victim: 'engine', job: message, engines: ['cloud'] }],
  ['the extension host is killed during an upload', { victim: 'host', job: upload, engines: both }],
  ['the VS Code server is killed during an upload', { victim: 'server', job: upload, engines: ['cloud'] }],
  ['the engine is killed during an upload', { victim: 'engine', job: upload, engines: ['cloud'] }],
  ['the VS Code server is killed while a link is fetched', { victim: 'server', job: linked, engines: ['local'] }],
  ['the extension host is killed during a render', { victim: 'host', job: render, engines: both }],
  ['the VS Code server is killed during a render', { victim: 'server', job: render, engines: both }],
  ['the media worker is killed during a render', { victim: 'worker', job: render, engines: ['local'] }],
  ['the engine is killed during a render or download', { victim: 'engine', job: render, engines: ['cloud'] }],
  ['the VS Code server is killed during a download', { victim: 'server', job: render, engines: ['cloud'] }],
  ['the VS Code server is killed during a batch', { victim: 'server', job: batch, engines: both }],
];

/** Processes that are killed, at moments drawn at random, and what has to be there after the next start. */
export const killScenarios: readonly Scenario[] = faults.map(([name, fault]) => ({
  name,
  part: 'kill',
  run: (random, signal) => kill(fault, random, signal),
}));
