import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/nemo/clock.js';
import { createNemoClient, DEFAULT_WEB_URL } from '../../src/nemo/client.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import type { Clock, SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { judge, LocalBench } from './local-setup.js';
import { ATTRIBUTION } from './setup.js';

/** The cloud's intervals are minutes; here they are long enough when they are 20 ms. */
const hurried: Clock = { now: Date.now, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
const second = (time: number): number => time * 1_000_000;

/** As soon as the render is on its way. */
async function closeSoon(session: TrimSession): Promise<void> {
  while (session.snapshot.activity.kind !== 'exporting') await new Promise((resolve) => setImmediate(resolve));
  session.dispose();
}

describe('a session with the engine on this machine', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  let session: TrimSession;
  let ports: SessionPorts;
  /** The same engine, spoken to as to the cloud: files are uploaded, renders asked for as MP4. */
  let asCloud: NemoClient;
  const values = new Map<string, unknown>();

  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4');
    asCloud = createNemoClient({
      baseUrl: bench.engine.baseUrl,
      webUrl: DEFAULT_WEB_URL,
      tokens: staticTokenSource(bench.engine.token),
      attribution: ATTRIBUTION,
      environment: {},
    });
  });
  after(async () => {
    await asCloud.close();
    await bench.close();
  });
  beforeEach(() => {
    values.clear();
    ports = {
      connectEngine: (engine) => Promise.resolve(engine === 'local' ? bench.client : asCloud),
      chooseEngine: () => Promise.resolve('local'),
      readDuration: async (path) => (await bench.media.probe(path)).duration,
      clock: hurried,
      store: {
        get: (key) => values.get(key),
        update: (key, value) => Promise.resolve(void values.set(key, value)),
      },
      log: () => undefined,
    };
    session = new SessionBook(ports).create(clip);
  });
  afterEach(async () => {
    for (const name of await readdir(bench.folder)) {
      if (name.includes('.trimmed') || name.endsWith('.part')) await rm(join(bench.folder, name));
    }
  });
  const texts = (): string[] => session.snapshot.chat.map(({ kind, text }) => `${kind}: ${text}`);

  it('does the main job: remove, see what changed, export, undo', async () => {
    const { difference } = await session.remove([{ in: second(2), out: second(4) }]);
    assert.deepEqual(difference?.removed, [{ in: second(2), out: second(4) }]);
    assert.equal(session.snapshot.draft.duration, second(8));
    const { outputPath, cut } = await session.export();
    assert.equal(outputPath, join(bench.folder, 'talk.trimmed.mp4'));
    assert.deepEqual(await judge(outputPath).then(({ frames }) => frames), 200);
    assert.equal(cut?.method, 'smart');
    await session.undo();
    assert.equal(session.snapshot.draft.duration, second(10));
    assert.ok(texts().includes('status: Ready.'));
    assert.ok(texts().includes('status: talk.mp4 (0:10) is ready to cut.'));
    assert.ok(texts().some((text) => /^agent: Removed 0:02–0:04 and joined the rest/u.test(text)));
    assert.equal(session.snapshot.chat.at(-1)?.kind, 'agent');
  });

  it('removes several sections with one message, also at times between the frames', async () => {
    await session.remove([
      { in: 1_033_333, out: 2_066_667 },
      { in: second(5), out: second(6) },
      { in: second(8), out: second(8.5) },
    ]);
    assert.equal(session.snapshot.chat.filter(({ kind }) => kind === 'user').length, 1);
    const [video] = session.snapshot.draft.tracks;
    assert.deepEqual(
      video?.segments.map(({ source }) => source),
      [
        { in: 0, out: 1_033_333 },
        { in: 2_066_667, out: second(5) },
        { in: second(6), out: second(8) },
        { in: second(8.5), out: video?.segments.at(-1)?.source?.out },
      ],
    );
  });

  it('keeps the marks right after an earlier cut: they are times of the clip', async () => {
    await session.remove([{ in: second(1), out: second(3) }]);
    await session.remove([{ in: second(6), out: second(7) }]);
    const ranges = session.snapshot.draft.tracks[0]?.segments.map(({ source }) => source);
    assert.deepEqual(ranges?.slice(0, 2), [
      { in: 0, out: second(1) },
      { in: second(3), out: second(6) },
    ]);
    assert.ok(texts().includes('status: Removed 0:06–0:07; the clip is now 0:07.'), texts().join('\n'));
  });

  it('understands "remove the long pause", and exports at the end of the same sentence', async () => {
    const outcome = await session.say('remove the long pause and export it');
    assert.equal(outcome.action, 'agent');
    assert.ok(outcome.exported?.outputPath.endsWith('talk.trimmed.mp4'));
    assert.ok(Math.abs((outcome.exported?.duration ?? 0) - second(7.2)) < second(0.1));
  });

  it('counts dissolves in: no warning after a removal, and an export of the length that the timeline has', async () => {
    await session.remove([{ in: second(1), out: second(2) }]);
    const { difference } = await session.say('make every join a 1-second dissolve');
    // The first second alone can give half of itself.
    assert.equal(difference?.after, second(8.5));
    await session.remove([
      { in: second(4), out: second(4.5) },
      { in: second(7), out: second(7.5) },
    ]);
    assert.equal(session.snapshot.draft.duration, second(8 - 0.5 - 0.5 - 0.625));
    assert.deepEqual(
      texts().filter((text) => text.includes('Check the timeline')),
      [],
    );
    const { outputPath, cut } = await session.export();
    assert.equal(cut?.method, 'smart');
    const { duration } = await judge(outputPath);
    assert.ok(Math.abs(duration - session.snapshot.draft.duration / 1e6) < 0.1, String(duration));
  });

  it('speaks Chinese', async () => {
    await session.say('删除 0:02 到 0:04 之间的片段');
    assert.equal(session.snapshot.draft.duration, second(8));
    assert.match(session.snapshot.chat.at(-1)?.text ?? '', /已删除/u);
    const { exported } = await session.say('导出');
    assert.equal(exported?.sourceDuration, session.snapshot.clip?.duration);
  });

  it('says what it cannot do here, and that nothing changed', async () => {
    const { answer, difference } = await session.say('add some background music');
    assert.match(answer, /cloud/u);
    assert.equal(difference?.changed, false);
  });

  it('goes on over there and here with the same edit', async () => {
    ports = { ...ports, chooseEngine: () => Promise.resolve('cloud') };
    session = new SessionBook(ports).create(clip);
    await session.remove([
      { in: second(2), out: second(4) },
      { in: second(8), out: second(9) },
    ]);
    assert.equal(session.snapshot.engine, 'cloud');
    const before = session.snapshot.draft.tracks[0]?.segments.map(({ source }) => source);
    await session.useEngine('local');
    assert.equal(session.snapshot.engine, 'local');
    assert.deepEqual(
      session.snapshot.draft.tracks[0]?.segments.map(({ source }) => source),
      before,
    );
    const { outputPath } = await session.export();
    assert.equal((await judge(outputPath)).frames, 175);
  });

  it('uploads whole files and exports MP4 when it works as in the cloud', async () => {
    ports = { ...ports, chooseEngine: () => Promise.resolve('cloud') };
    session = new SessionBook(ports).create(clip);
    const seen = new Set<string>();
    session.onDidChange(() => seen.add(session.snapshot.activity.kind));
    await session.remove([{ in: second(2), out: second(4) }]);
    const { outputPath } = await session.export();
    assert.equal((await judge(outputPath)).frames, 200);
    assert.deepEqual([...seen].sort(), ['connecting', 'editing', 'exporting', 'idle', 'uploading']);
  });

  it('goes on after a reload with the same timeline', async () => {
    await session.remove([{ in: second(2), out: second(4) }]);
    const again = new SessionBook(ports).get(session.id);
    assert.equal(again?.snapshot.draft.duration, second(8));
    await again?.say('cut the first 1 seconds');
    assert.equal(again?.snapshot.draft.duration, second(7));
    assert.equal(again?.snapshot.chat.filter(({ text }) => text.includes('ready to cut')).length, 1);
  });

  it('makes the cuts again when the engine has lost its data', async () => {
    await session.remove([{ in: second(2), out: second(4) }]);
    await rm(join(bench.dataFolder, 'sessions'), { recursive: true });
    const { outputPath } = await session.export();
    assert.equal((await judge(outputPath)).frames, 200);
    assert.ok(texts().some((text) => text.includes('old timeline is gone')));
  });

  it('stops an export, and leaves no file', async () => {
    await session.remove([{ in: second(2), out: second(4) }]);
    const before = await readdir(bench.folder);
    const work = session.export();
    await session.stop();
    await assert.rejects(work, (error) => error instanceof SessionError && error.kind === 'stopped');
    assert.deepEqual(await readdir(bench.folder), before);
    assert.equal(session.busy, false);
  });

  it('does the same to several files, and goes on past one that is no video', async () => {
    const short = await bench.makeClip('short.mp4', 3);
    const broken = join(bench.folder, 'broken.mp4');
    await writeFile(broken, 'no video at all');
    session = new SessionBook(ports).create();
    const { files, summary } = await session.batch([clip, broken, short], { text: 'cut the first 1 second' });
    assert.match(
      summary,
      /^2 of 3 videos are done: talk\.trimmed\.mp4 and short\.trimmed\.mp4\. broken\.mp4 is not: /u,
    );
    const frames = await Promise.all(files.flatMap(({ exported }) => (exported ? [judge(exported.outputPath)] : [])));
    assert.deepEqual(
      frames.map((judged) => judged.frames),
      [225, 50],
    );
  });

  it('makes an export anew that ended with its window', async () => {
    await session.remove([{ in: second(2), out: second(4) }]);
    const work = session.export();
    await assert.rejects(Promise.all([work, closeSoon(session)]));
    await bench.stop();
    await bench.start();
    const again = new SessionBook(ports).get(session.id);
    assert.equal(again?.interrupted, true);
    const outcome = await again?.takeUp();
    assert.equal((await judge(outcome?.outputPath ?? '')).frames, 200);
    assert.ok(again?.snapshot.chat.some(({ text }) => text.includes('made again')));
  });

  it('a source that is gone is named in one sentence, and the session stays usable', async () => {
    const short = await bench.makeClip('gone.mp4', 3);
    session = new SessionBook(ports).create(short);
    await session.say('cut the first second');
    await rm(short);
    await assert.rejects(session.export(), (error: Error) => /gone\.mp4/u.test(error.message));
    assert.equal(session.snapshot.chat.at(-1)?.kind, 'error');
    assert.equal(session.busy, false);
  });

  it('a file that is no video is refused in words', async () => {
    session = new SessionBook(ports).create(join(bench.folder, 'nothing-here.mp4'));
    await assert.rejects(session.say('cut the first second'), (error: Error) =>
      /nothing-here\.mp4/u.test(error.message),
    );
  });
});
