import assert from 'node:assert/strict';
import { link, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportOptions } from '../../../src/session/outcomes.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { SessionError } from '../../../src/session/session-error.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { chat, nemoError, say, scene, SECOND, told, type Scene } from './scripted-cloud.js';

const MINUTE = 60_000;
const section = (from: number, to: number) => ({ in: from * SECOND, out: to * SECOND });
const refused =
  (kind: SessionError['kind'], message: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof SessionError);
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };

describe('a window that crashed', () => {
  let s: Scene;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-crash-'));
    await writeFile(join(folder, 'talk.mp4'), 'the source');
    s = scene({ clip: join(folder, 'talk.mp4') });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What the store holds at this moment, in a new window: the old one ends without a word. */
  const crash = (): TrimSession => {
    const kept = new Map([...s.values].map(([key, value]) => [key, JSON.stringify(value)]));
    const store = {
      get: (key: string): unknown => JSON.parse(kept.get(key) ?? 'null'),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, JSON.stringify(value))),
    };
    const again = new SessionBook({ ...s.ports, store }).get(s.session.id);
    assert.ok(again);
    return again;
  };

  const stored = (): Record<string, unknown> =>
    s.values.get(`videoTrimmer.session.${s.session.id}`) as Record<string, unknown>;

  /** Crashes after this time of the message. */
  const crashDuring = async (
    work: Promise<unknown>,
    milliseconds: number,
    begun: () => boolean = () => true,
  ): Promise<TrimSession> => {
    work.catch(() => undefined);
    // Looking at the folder takes real time, which the simulated clock does not know of.
    while (!begun()) await new Promise((resolve) => setImmediate(resolve));
    await s.clock.run(s.clock.sleep(milliseconds));
    const again = crash();
    // The process is gone: only the test still knows the old session.
    s.session.dispose();
    await s.clock.run(work.catch(() => undefined));
    return again;
  };

  it('while the agent worked: what became of the message is read from the timeline, and nothing is sent again', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }, say('Done.')]];
    const again = await crashDuring(s.session.remove([section(45, 80)]), 5000);
    assert.equal(again.interrupted, true);
    s.cloud.cut(section(45, 80));
    await s.clock.run(again.takeUp());
    assert.equal(
      told(again).at(-1),
      'status: Your last message was carried out while this window was closed. Removed 0:45–1:20; the clip is now 2:25. [export,undo]',
    );
    assert.equal(s.cloud.messages.length, 1);
    assert.equal(again.interrupted, false);
    assert.deepEqual(
      chat(again).filter((line) => /Uploading|Connecting/u.test(line)),
      [],
    );
  });

  it('while the agent worked, and the edit comes late: it is waited for', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    const again = await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    const work = again.takeUp();
    const late = s.clock.sleep(90_000).then(() => s.cloud.cut(section(45, 80)));
    await s.clock.run(Promise.all([work, late]));
    assert.match(told(again).at(-1) ?? '', /^status: Your last message was carried out/u);
    assert.equal(s.cloud.messages.length, 1);
  });

  it('and nothing came of the message: that is said, and it goes out again only when the person wants it', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    const again = await crashDuring(s.session.remove([section(45, 80)]), 5000);
    await assert.rejects(
      s.clock.run(again.takeUp()),
      refused('agent', /interrupted, and the timeline has not changed/u),
    );
    assert.match(told(again).at(-1) ?? '', /not sent again.*\[retry,use-local\]$/u);
    assert.equal(s.cloud.messages.length, 1);
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
    await s.clock.run(again.retry());
    assert.equal(s.cloud.messages.length, 2);
    assert.equal(again.snapshot.draft.duration, 145 * SECOND);
  });

  it('an hour ago is looked after once: no run takes that long', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    const again = await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    await s.clock.run(s.clock.sleep(60 * MINUTE));
    const begun = s.clock.now();
    await assert.rejects(s.clock.run(again.takeUp()), refused('agent', /not sent again/u));
    assert.equal(s.clock.now(), begun);
  });

  it('with a message to cut and export: the file arrives all the same', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    const again = await crashDuring(s.session.say('cut 0:45-1:20 and export it'), 5000);
    s.cloud.cut(section(45, 80));
    const outcome = await s.clock.run(again.takeUp());
    assert.equal(outcome?.outputPath, join(folder, 'talk.trimmed.mp4'));
    assert.equal(s.cloud.messages.length, 1);
  });

  it('and the network is away when it opens again: the message stays noted for the next time', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    const again = await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    s.cloud.fail('state', nemoError('unreachable'));
    await assert.rejects(s.clock.run(again.takeUp()), refused('unreachable', /cannot be reached/u));
    assert.equal(again.interrupted, true);
    s.cloud.cut(section(45, 80));
    await s.clock.run(again.retry());
    assert.match(told(again).at(-1) ?? '', /^status: Your last message was carried out/u);
    assert.equal(s.cloud.messages.length, 1);
  });

  it('while the clip went up for a message: that is said, and both go out when the person wants it', async () => {
    const upload = s.cloud.upload.bind(s.cloud);
    s.cloud.upload = async () => {
      await s.clock.sleep(10_000);
      return [];
    };
    const again = await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    const notSent = 'Your last message was interrupted before it was sent: "cut 0:45-1:20" Try again when you like.';
    await assert.rejects(s.clock.run(again.takeUp()), refused('agent', /before it was sent/u));
    assert.equal(chat(again).at(-1), `error: ${notSent} [retry]`);
    assert.equal(again.snapshot.clip?.uploaded, false);
    s.cloud.upload = upload;
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
    await s.clock.run(again.retry());
    assert.deepEqual(s.cloud.messages, ['cut 0:45-1:20']);
  });

  it('while the clip went up for a message, and it arrived: it is not sent again', async () => {
    const upload = s.cloud.upload.bind(s.cloud);
    s.cloud.upload = async (...args) => {
      const files = await upload(...args);
      await s.clock.sleep(10_000);
      return files;
    };
    const again = await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    await assert.rejects(s.clock.run(again.takeUp()), refused('agent', /before it was sent/u));
    assert.equal(chat(again).at(-2), 'status: talk.mp4 arrived while this window was closed.');
    assert.equal(again.snapshot.clip?.uploaded, true);
    assert.equal(s.cloud.messages.length, 0);
  });

  it('before a section that was marked went out: trying again removes that section', async () => {
    const upload = s.cloud.upload.bind(s.cloud);
    s.cloud.upload = () => new Promise(() => undefined);
    s.session.remove([section(45, 80)]).catch(() => undefined);
    while (stored()['asked'] === undefined) await new Promise((done) => setImmediate(done));
    const again = crash();
    assert.equal(again.interrupted, true);
    await assert.rejects(s.clock.run(again.takeUp()), refused('agent', /before it was sent: "remove the section/u));
    assert.equal(again.interrupted, false);
    s.cloud.upload = upload;
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
    await s.clock.run(again.retry());
    assert.equal(s.cloud.messages.length, 1);
    assert.equal(again.snapshot.draft.duration, 145 * SECOND);
  });

  it('while the clip alone went up: that is said, and it goes up with the next message', async () => {
    s.cloud.upload = async () => {
      await s.clock.sleep(10_000);
      return [];
    };
    const again = await crashDuring(s.session.upload([join(folder, 'talk.mp4')]), 5000);
    await s.clock.run(again.takeUp());
    assert.equal(
      chat(again).at(-1),
      'status: The upload of talk.mp4 was interrupted. It starts again with your next message.',
    );
    assert.equal(again.snapshot.clip?.uploaded, false);
  });

  it('while another file went up: that is said, and it goes up again when the person wants it', async () => {
    await writeFile(join(folder, 'music.mp3'), 'tones');
    const upload = s.cloud.upload.bind(s.cloud);
    s.cloud.upload = async () => {
      await s.clock.sleep(10_000);
      return [];
    };
    const again = await crashDuring(s.session.upload([join(folder, 'music.mp3')]), 5000);
    await assert.rejects(
      s.clock.run(again.takeUp()),
      refused('unreachable', /The upload of music\.mp3 was interrupted/u),
    );
    assert.match(told(again).at(-1) ?? '', /\[retry\]$/u);
    s.cloud.upload = upload;
    await s.clock.run(again.retry());
    assert.match(chat(again).at(-1) ?? '', /^status: Uploaded music\.mp3/u);
  });

  it('before the render was asked for: the export is made', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    let before: TrimSession | undefined;
    const update = s.ports.store.update.bind(s.ports.store);
    s.ports.store.update = async (key, value) => {
      await update(key, value);
      before ??= stored()['asked'] ? crash() : undefined;
    };
    await s.clock.run(s.session.export({ name: 'first', order: 'order-1' }));
    s.ports.store.update = update;
    await rm(join(folder, 'first.mp4'));
    assert.equal(before?.interrupted, true);
    const work = before?.takeUp();
    assert.equal(before?.knowsExport('order-1'), true, 'the queue does not make it beside the session');
    const outcome = await s.clock.run(work ?? Promise.resolve(undefined));
    assert.equal(outcome?.outputPath, join(folder, 'first.mp4'));
    assert.equal(before?.knowsExport('order-1'), true);
  });

  describe('when the file had come whole', () => {
    /** The window as it crashes in the moment before the file gets its name, and that file's temporary name. */
    const crashWhole = async (options: ExportOptions = {}): Promise<{ again: TrimSession; temporary: string }> => {
      s.cloud.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      let again: TrimSession | undefined;
      let temporary = '';
      const update = s.ports.store.update.bind(s.ports.store);
      s.ports.store.update = async (key, value) => {
        await update(key, value);
        const render = stored()['render'] as { finished?: unknown; temporary?: string } | undefined;
        if (render?.finished === undefined) return;
        again ??= crash();
        temporary = render.temporary ?? '';
      };
      await s.clock.run(s.session.export(options));
      assert.ok(again);
      return { again, temporary };
    };

    for (const outputPath of [undefined, 'chosen.mp4']) {
      const name = outputPath ?? 'talk.trimmed.mp4';
      const options = (): ExportOptions => (outputPath === undefined ? {} : { outputPath: join(folder, outputPath) });

      it(`and has its name ${name}: it is not made a second time`, async () => {
        const { again, temporary } = await crashWhole(options());
        // Both names at once, as between the making of the one and the removing of the other.
        await link(join(folder, name), temporary);
        const outcome = await s.clock.run(again.takeUp());
        assert.equal(outcome?.outputPath, join(folder, name));
        assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', name].sort());
        assert.ok(chat(again).some((line) => line.startsWith(`export: Exported ${name}`)));
        assert.equal(s.cloud.renders.length, 1);
      });

      it(`and has not its name ${name}: it gets it, without being received again`, async () => {
        const { again, temporary } = await crashWhole(options());
        await rename(join(folder, name), temporary);
        s.cloud.download = () => Promise.reject(new Error('not again'));
        const outcome = await s.clock.run(again.takeUp());
        assert.equal(outcome?.outputPath, join(folder, name));
        assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', name].sort());
      });
    }

    it('and its name was taken since by an empty file of somebody else: that stays', async () => {
      const { again, temporary } = await crashWhole();
      const name = join(folder, 'talk.trimmed.mp4');
      await rename(name, temporary);
      await writeFile(name, '');
      const outcome = await s.clock.run(again.takeUp());
      assert.equal(outcome?.outputPath, join(folder, 'talk.trimmed-2.mp4'));
    });

    it('and is gone since: the render is received again', async () => {
      const { again } = await crashWhole();
      await rm(join(folder, 'talk.trimmed.mp4'));
      const outcome = await s.clock.run(again.takeUp());
      assert.equal(outcome?.outputPath, join(folder, 'talk.trimmed.mp4'));
      assert.equal(s.cloud.renders.length, 1);
    });
  });

  it('during an export: the render is picked up, and the file arrives from that one', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    s.cloud.statuses = [{ status: 'processing' }];
    const again = await crashDuring(s.session.export(), 40_000, () => s.cloud.renders.length > 0);
    s.cloud.statuses = [{ status: 'completed' }];
    const begun = s.clock.now();
    const shown: unknown[] = [];
    again.onDidChange(() => shown.push(again.snapshot.activity));
    const outcome = await s.clock.run(again.takeUp());
    assert.equal(s.cloud.renders.length, 1);
    assert.equal(outcome?.renderId, s.cloud.renders[0]?.id);
    assert.equal(s.clock.now(), begun, 'a render that had its time is looked at at once');
    const { startedAt } = shown.find((activity) => (activity as { kind: string }).kind === 'exporting') as {
      startedAt: number;
    };
    assert.ok(s.clock.now() - startedAt >= 40_000, 'its age counts from when it was asked for');
    assert.deepEqual(await readdir(folder), ['talk.mp4', 'talk.trimmed.mp4']);
  });

  it('during a download: the half-received file is cleared away, and the file arrives', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    const download = s.cloud.download.bind(s.cloud);
    let receiving = false;
    s.cloud.download = async ({ toFile }) => {
      await writeFile(toFile, 'hal');
      receiving = true;
      // A process that is gone cleans nothing up.
      return await new Promise(() => undefined);
    };
    s.session.export().catch(() => undefined);
    while (!receiving) await s.clock.run(s.clock.sleep(1000));
    const again = crash();
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.part')).length, 1);
    s.cloud.download = download;
    await s.clock.run(again.takeUp());
    assert.deepEqual(await readdir(folder), ['talk.mp4', 'talk.trimmed.mp4']);
    assert.equal(s.cloud.renders.length, 1);
  });

  it('during an export here, which ended with it: it is made again, and that is said', async () => {
    s = scene({ clip: join(folder, 'talk.mp4'), choose: () => Promise.resolve('local') });
    s.local.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    s.local.statuses = [{ status: 'processing' }];
    const again = await crashDuring(s.session.export(), 1000, () => s.local.renders.length > 0);
    s.local.statuses = [{ status: 'completed' }];
    s.local.fail('status', nemoError('refused', 'This export is not known here any more. Export again.'));
    const outcome = await s.clock.run(again.takeUp());
    assert.equal(s.local.renders.length, 2);
    assert.equal(outcome?.renderId, s.local.renders[1]?.id);
    assert.ok(chat(again).some((line) => line.includes('made again')));
  });

  it('is not reported as stopped by the person', async () => {
    s.cloud.scripts = [[{ wait: 20_000 }]];
    await crashDuring(s.session.say('cut 0:45-1:20'), 5000);
    assert.ok(!chat(s.session).some((line) => line.includes('Stopped')));
  });

  it('is not there after an operation that ended: nothing is taken up', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    const again = crash();
    assert.equal(again.interrupted, false);
    const calls = s.cloud.calls.length;
    assert.equal(await again.takeUp(), undefined);
    assert.equal(s.cloud.calls.length, calls);
  });
});

describe('before it is sent', () => {
  it('every session, upload, message and render is stored', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trim-stored-'));
    const s = scene({ clip: join(folder, 'talk.mp4') });
    const stored = (): Record<string, unknown> =>
      s.values.get(`videoTrimmer.session.${s.session.id}`) as Record<string, unknown>;
    const seen: string[] = [];
    const [createSession, upload, run, submitRender] = [
      s.cloud.createSession.bind(s.cloud),
      s.cloud.upload.bind(s.cloud),
      s.cloud.run.bind(s.cloud),
      s.cloud.submitRender.bind(s.cloud),
    ];
    s.cloud.createSession = () => {
      seen.push(`session: ${String(stored()['title'])}`);
      return createSession();
    };
    s.cloud.upload = (...args) => {
      seen.push(`upload: ${JSON.stringify(stored()['inFlight'])} in ${JSON.stringify(stored()['remote'])}`);
      return upload(...args);
    };
    s.cloud.run = (...args) => {
      const { kind, text } = stored()['inFlight'] as { kind: string; text: string };
      seen.push(`${kind}: ${text}`);
      return run(...args);
    };
    s.cloud.submitRender = (request) => {
      const { id } = stored()['render'] as { id: string };
      seen.push(id === request.id ? 'render' : 'another render');
      return submitRender(request);
    };
    s.cloud.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.say('cut 0:45-1:20 and export it'));
    assert.deepEqual(seen, [
      'session: talk.mp4',
      `upload: ${JSON.stringify({ kind: 'upload', files: [join(folder, 'talk.mp4')] })} in {"taskId":"t1","sessionId":"s1"}`,
      'message: cut 0:45-1:20',
      'render',
    ]);
    assert.equal(stored()['inFlight'], undefined);
    assert.equal(stored()['render'], undefined);
    await rm(folder, { recursive: true, force: true });
  });
});
