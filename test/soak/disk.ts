// Faults of the disk and of whoever else writes to it, under the real engines.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MediaError } from '../../src/media/media.js';
import { systemClock } from '../../src/nemo/clock.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { mountSmallDisk, type SmallDisk } from '../media/small-disk.js';
import { LocalBench, type EngineWindow } from '../wire/local-setup.js';
import type { Scenario } from './scenario.js';

const SECOND = 1_000_000;
const CLIP_SECONDS = 6;

/** What all runs share: the engines are started once. */
interface Ground {
  readonly bench: LocalBench;
  /** A second window on the same folders. */
  readonly other: EngineWindow;
  readonly disk: SmallDisk | undefined;
  readonly clip: string;
  readonly size: number;
}

let ground: Promise<Ground> | undefined;

async function open(): Promise<Ground> {
  const bench = await LocalBench.open();
  const other = await bench.openWindow();
  const clip = await bench.makeClip('ground.mp4', CLIP_SECONDS);
  const { size } = await stat(clip);
  const disk = mayMount ? await mountSmallDisk(16 * size) : undefined;
  return { bench, other, disk, clip, size };
}

/** Ends what the scenarios share. */
export async function closeDisks(): Promise<void> {
  if (!ground) return;
  const { bench, other, disk } = await ground;
  ground = undefined;
  await other.close();
  await bench.close();
  await disk?.close();
}

// A disk of a given size takes root.
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A folder with a copy of the clip, judged at the end. */
interface Place extends Ground {
  readonly folder: string;
  readonly source: string;
  readonly session: (client?: NemoClient, beforeCheck?: () => Promise<void>) => TrimSession;
}

type Run = (place: Place, random: () => number) => Promise<readonly string[]>;

/** @param run gives the names that must be in the folder beside the source afterwards, each a whole video, and no other */
function scenario(name: string, run: Run, where: 'disk' | 'folder' = 'folder'): Scenario {
  return {
    name,
    part: 'disk',
    run: async (random, signal) => {
      signal.throwIfAborted();
      const shared = await (ground ??= open());
      const folder = await mkdtemp(
        join(where === 'disk' && shared.disk ? shared.disk.folder : shared.bench.folder, 'run-'),
      );
      const source = join(folder, 'talk.mp4');
      await copyFile(shared.clip, source);
      const before = await digest(source);
      try {
        const session: Place['session'] = (client = shared.bench.client, beforeCheck = () => Promise.resolve()) =>
          sessionOn(source, client, async (path) => {
            await beforeCheck();
            return (await shared.bench.media.probe(path)).duration;
          });
        const left = await run({ ...shared, folder, source, session }, random);
        assert.deepEqual((await readdir(folder)).sort(), [basename(source), ...left].sort());
        for (const result of left) {
          const { duration } = await shared.bench.media.probe(join(folder, result));
          assert.ok(duration > 0 && duration < CLIP_SECONDS * SECOND, `${result} is ${duration} long`);
        }
        assert.equal(await digest(source), before, 'the source is another');
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function sessionOn(clip: string, client: NemoClient, readDuration: SessionPorts['readDuration']): TrimSession {
  const values = new Map<string, unknown>();
  return new SessionBook({
    connectEngine: () => Promise.resolve(client),
    chooseEngine: () => Promise.resolve('local'),
    readDuration,
    clock: systemClock,
    store: {
      get: (key) => values.get(key),
      update: (key, value) => Promise.resolve(void values.set(key, structuredClone(value))),
    },
    log: () => undefined,
  }).create(clip);
}

async function digest(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

function between(random: () => number, least: number, most: number): number {
  return least + random() * (most - least);
}

function one<Item>(random: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}

/** A section of the clip, so that something is left on both sides. */
function section(random: () => number): { in: number; out: number } {
  const from = between(random, 0.5, CLIP_SECONDS - 2);
  return { in: Math.round(from * SECOND), out: Math.round(between(random, from + 0.3, CLIP_SECONDS - 0.5) * SECOND) };
}

const ROADS = [
  { ending: 'mp4', height: undefined },
  { ending: 'mkv', height: undefined },
  { ending: 'mp4', height: 90 },
] as const;

function plain(error: unknown, kinds: readonly string[]): true {
  assert.ok(error instanceof MediaError || error instanceof SessionError, String(error));
  const kind = error instanceof MediaError ? error.code : error.kind;
  assert.ok(kinds.includes(kind), `${kind}: ${error.message}`);
  assert.match(error.message, /^[^\n]+\.$/u);
  return true;
}

const diskFull: Run = async ({ bench, disk, size, source, folder }, random) => {
  if (!disk) throw new Error('no disk');
  const { ending, height } = one(random, ROADS);
  const cut = section(random);
  const kept = [
    { in: 0, out: cut.in },
    { in: cut.out, out: CLIP_SECONDS * SECOND },
  ];
  const request = { input: source, kept, ...(height === undefined ? {} : { height }) };
  const empty = await disk.fill(Math.floor(between(random, 0, size / 4)));
  try {
    await assert.rejects(bench.media.cut({ ...request, output: join(folder, `full.${ending}`) }), (error) =>
      plain(error, ['no-space']),
    );
    assert.deepEqual(await readdir(folder), [basename(source)]);
  } finally {
    await empty();
  }
  await bench.media.cut({ ...request, output: join(folder, `roomy.${ending}`) });
  return [`roomy.${ending}`];
};

const folderHarmed: Run = async ({ disk, folder, source, session }, random) => {
  const results = join(folder, '..', `results-${basename(folder)}`);
  await mkdir(results);
  const readOnly = disk !== undefined && random() < 0.5;
  let harmed = false;
  const victim = session(undefined, async () => {
    if (harmed) return;
    harmed = true;
    await (readOnly ? disk.setReadOnly(true) : rm(results, { recursive: true }));
  });
  try {
    await victim.remove([section(random)]);
    await assert.rejects(victim.export({ folder: results }), (error) => plain(error, ['file']));
    if (readOnly) await disk.setReadOnly(false);
    else await mkdir(results);
    await victim.retry();
    assert.deepEqual(await readdir(results), ['talk.trimmed.mp4']);
    assert.ok((await stat(source)).size > 0);
  } finally {
    if (readOnly) await disk.setReadOnly(false);
    await rm(results, { recursive: true, force: true });
  }
  return [];
};

const sourceChanges: Run = async ({ bench, source, folder }, random) => {
  const original = await readFile(source);
  const { ending } = one(random, ROADS);
  const when = between(random, 0, 0.9);
  const harm = one<() => Promise<void>>(random, [
    () => appendFile(source, 'x'),
    () => utimes(source, 1, 1),
    () => rm(source),
    async () => {
      await rm(source);
      await writeFile(source, original.subarray(0, original.length / 2));
    },
  ]);
  let harmed: Promise<void> | undefined;
  const output = join(folder, `changed.${ending}`);
  const kept = [{ in: 0, out: 4 * SECOND }];
  // Encoded whole, which lasts long enough to be disturbed.
  const work = bench.media.cut(
    { input: source, output, kept, height: 90 },
    {
      onProgress: ({ fraction }) => {
        if (fraction > when) harmed ??= harm();
      },
    },
  );
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await harmed;
  // Told, and nothing written; or all of it had been read and checked before the change.
  if (error !== undefined) plain(error, ['source-changed', 'not-found', 'unreadable', 'not-media']);
  const written = (await readdir(folder)).includes(basename(output));
  assert.equal(written, error === undefined, String(error));
  if (written) await rm(output);
  await writeFile(source, original);
  return [];
};

const marksOlder: Run = async ({ bench, source, session }, random) => {
  const original = await readFile(source);
  const victim = session();
  if (random() < 0.5) await victim.remove([section(random)]);
  else victim.setClip(source, CLIP_SECONDS * SECOND);
  // What was seen is remembered a moment later.
  await bench.media.probe(source);
  await rm(source);
  await writeFile(source, original);
  const work = (): Promise<unknown> => victim.remove([section(random)]);
  await assert.rejects(work(), (error) => {
    plain(error, ['refused']);
    assert.match((error as Error).message, /has changed since it was opened here/u);
    return true;
  });
  await work();
  const { outputPath } = await victim.export();
  return [basename(outputPath)];
};

const nameTaken: Run = async ({ folder, session }, random) => {
  const taken = join(folder, 'talk.trimmed.mp4');
  const victim = session();
  await victim.remove([section(random)]);
  const wait = between(random, 0, 400);
  const writing = new Promise((resolve) => setTimeout(resolve, wait)).then(() =>
    writeFile(taken, 'of another program', { flag: 'wx' }).then(
      () => true,
      () => false,
    ),
  );
  const { outputPath } = await victim.export();
  const first = await writing;
  assert.equal(basename(outputPath), first && outputPath !== taken ? 'talk.trimmed-2.mp4' : 'talk.trimmed.mp4');
  if (outputPath !== taken) {
    assert.equal(await readFile(taken, 'utf8'), 'of another program');
    await rm(taken);
  }
  return [basename(outputPath)];
};

const exportsAtOnce: Run = async ({ bench, other, folder, session }, random) => {
  const clients = [bench.client, other.client, bench.client];
  const victims = clients.map((client) => session(client));
  for (const victim of victims) await victim.remove([section(random)]);
  const chosen = random() < 0.5;
  const options = chosen ? { outputPath: join(folder, 'chosen.mp4') } : { name: 'same' };
  const results = await Promise.allSettled(victims.map((victim) => victim.export(options)));
  if (!chosen) {
    assert.ok(results.every(({ status }) => status === 'fulfilled'));
    return ['same.mp4', 'same-2.mp4', 'same-3.mp4'];
  }
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) if (result.status === 'rejected') plain(result.reason, ['exists']);
  return ['chosen.mp4'];
};

const windowsAtOnce: Run = async ({ bench, other, source }, random) => {
  const { sessionId } = await bench.client.createSession({ taskName: 'x', language: 'en' });
  await bench.client.upload(sessionId, [source]);
  const edits = 2 + Math.floor(random() * 8);
  const say = async (client: NemoClient, n: number): Promise<void> => {
    const from = (n * 0.3).toFixed(1);
    for await (const event of client.run({ sessionId, text: `remove ${from}s to ${(n * 0.3 + 0.1).toFixed(1)}s` })) {
      assert.notEqual(event.type, 'error');
    }
  };
  await Promise.all(Array.from({ length: edits }, (_, n) => say(random() < 0.5 ? bench.client : other.client, n)));
  const file = join(bench.dataFolder, 'sessions', `${sessionId}.json`);
  const record = JSON.parse(await readFile(file, 'utf8')) as { clips: { past: unknown[] }[] };
  assert.equal(record.clips[0]?.past.length, edits, 'an edit was lost');
  await bench.client.forgetSession(sessionId);
  return [];
};

const LETTERS = [...' "\'-%#?&;=+@!$`*[]{}()<>|:~^,\\\n\té\u0301ß漢字אב\u202e👩🏽‍🎬𝕍..'];

const oddName: Run = async ({ bench, source, folder }, random) => {
  const length = 1 + Math.floor(random() ** 2 * 60);
  const name = Array.from({ length }, () => one(random, LETTERS)).join('');
  const clip = join(folder, `${name}.mp4`);
  await copyFile(source, clip);
  const victim = sessionOn(clip, bench.client, async (path) => (await bench.media.probe(path)).duration);
  await victim.remove([section(random)]);
  const { outputPath } = await victim.export();
  assert.equal(await digest(clip), await digest(source));
  assert.equal((await readdir(folder)).length, 3);
  await rm(clip);
  return [basename(outputPath)];
};

/** Faults of the disk, of other programs and of other windows. */
export const diskScenarios: readonly Scenario[] = [
  ...(mayMount ? [scenario('the disk is full', diskFull, 'disk')] : []),
  scenario('the folder of the result goes away or becomes read-only', folderHarmed, 'disk'),
  scenario('the source changes while it is cut', sourceChanges),
  scenario('the source changes after it was marked', marksOlder),
  scenario('another program takes the name of the result', nameTaken),
  scenario('several exports at once to one name', exportsAtOnce),
  scenario('two windows edit one session', windowsAtOnce),
  scenario('a file has an odd name', oddName),
];
