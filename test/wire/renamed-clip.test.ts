// A clip that gets another name after it was cut, by VS Code or by anybody else, with the real engine and real files.
import assert from 'node:assert/strict';
import { copyFile, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SessionPorts } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import type { TrimSession } from '../../src/session/trim-session.js';
import { judge, LocalBench } from './local-setup.js';

const SECTION = { in: 1_000_000, out: 2_000_000 };

describe('a clip that is renamed after it was cut', function () {
  this.timeout(120_000);
  let bench: LocalBench;
  let source: string;
  let folder: string;
  let clip: string;
  let ports: SessionPorts;
  let session: TrimSession;
  let number = 0;

  before(async () => {
    bench = await LocalBench.open();
    source = await bench.makeClip('source.mp4', 5);
  });
  after(() => bench.close());
  beforeEach(async () => {
    folder = join(bench.folder, String((number += 1)));
    await mkdir(folder);
    clip = join(folder, 'talk.mp4');
    await copyFile(source, clip);
    ports = bench.sessionPorts();
    session = new SessionBook(ports).create(clip);
    await session.remove([SECTION]);
  });
  const inFolder = (name: string): string => join(folder, name);
  const offers = (): string[] =>
    session.snapshot.chat.filter(({ actions }) => actions?.includes('use-renamed')).map(({ text }) => text);

  it('goes on under its new name: the cut is there, more can be cut, undone and exported', async () => {
    await rename(clip, inFolder('speech.mp4'));
    assert.equal(await session.place.follow(inFolder('speech.mp4')), true);
    assert.deepEqual([session.snapshot.title, session.snapshot.clip?.name], ['speech.mp4', 'speech.mp4']);
    const before = await session.export();
    assert.equal(before.outputPath, inFolder('speech.trimmed.mp4'));
    assert.ok(Math.abs((await judge(before.outputPath)).duration - 4) < 0.1);
    await session.remove([{ in: 3_000_000, out: 4_000_000 }]);
    assert.equal(session.snapshot.draft.duration, 3_000_000);
    await session.undo();
    await session.undo();
    assert.equal(session.snapshot.draft.duration, 5_000_000);
  });

  it('goes on in a folder with another name, over a reload, with the subtitles that went along', async () => {
    await writeFile(inFolder('talk.srt'), '1\n00:00:00,500 --> 00:00:01,500\nHello\n');
    const earlier = await session.export();
    const moved = `${folder}-moved`;
    await rename(folder, moved);
    assert.equal(await session.place.follow(join(moved, 'talk.mp4')), true);
    assert.equal(basename(earlier.outputPath), 'talk.trimmed.mp4');
    const entry = session.snapshot.chat.find(({ kind }) => kind === 'export');
    assert.equal(entry?.outputPath, earlier.outputPath, 'what was written before keeps its name in the chat');
    const reopened = new SessionBook(ports).get(session.id);
    assert.equal(reopened?.snapshot.clip?.path, join(moved, 'talk.mp4'));
    const outcome = await reopened?.export();
    assert.equal(outcome?.outputPath, join(moved, 'talk.trimmed-2.mp4'));
    assert.deepEqual(outcome?.subtitles?.written, ['talk.trimmed-2.srt']);
  });

  it('waits with that for what runs', async () => {
    const exported = session.export();
    await rename(clip, inFolder('speech.mp4'));
    const followed = session.place.follow(inFolder('speech.mp4'));
    await exported.catch(() => undefined);
    assert.equal(await followed, true);
    assert.equal((await session.export()).cut?.method, 'smart');
  });

  it('is not followed to another file, or to none', async () => {
    await rm(clip);
    await writeFile(inFolder('other.mp4'), 'another film');
    assert.equal(await session.place.follow(inFolder('other.mp4')), false);
    assert.equal(await session.place.follow(inFolder('nothing.mp4')), false);
    assert.equal(session.snapshot.clip?.path, clip);
  });

  it('by somebody else: the failure offers the new name, and taking it does what was asked', async () => {
    await copyFile(source, inFolder('a-copy.mp4'));
    await rename(clip, inFolder('speech.mp4'));
    const isOffered = (error: unknown): true => {
      assert.ok(error instanceof SessionError);
      assert.deepEqual([error.message, error.actions], ['talk.mp4 was renamed to speech.mp4.', ['use-renamed']]);
      return true;
    };
    await assert.rejects(session.remove([{ in: 3_000_000, out: 4_000_000 }]), isOffered);
    await assert.rejects(session.export(), isOffered);
    assert.equal(await session.place.take(), true, 'it is to be done again');
    assert.deepEqual(offers(), [], 'it is offered no longer');
    const { exported } = await session.retry();
    assert.equal(exported?.outputPath, inFolder('speech.trimmed.mp4'));
    assert.ok(Math.abs((await judge(exported?.outputPath ?? '')).duration - 4) < 0.1);
  });

  it('is offered once where it is only looked at, and taken without doing anything again', async () => {
    await session.place.offer();
    assert.deepEqual(offers(), []);
    await rename(clip, inFolder('speech.mp4'));
    await session.place.offer();
    await session.place.offer();
    assert.deepEqual(offers(), ['talk.mp4 was renamed to speech.mp4.']);
    assert.equal(await session.place.take(), false);
    assert.equal(session.snapshot.clip?.path, inFolder('speech.mp4'));
    assert.deepEqual(offers(), []);
  });

  it('is said to be missing, as before, where nothing in the folder is it', async () => {
    await copyFile(source, inFolder('a-copy.mp4'));
    await rm(clip);
    await session.place.offer();
    assert.deepEqual(offers(), []);
    await assert.rejects(session.export(), /^SessionError: talk\.mp4 was moved, renamed or deleted\./u);
    await assert.rejects(session.place.take(), { kind: 'nothing-to-do' });
  });

  it('is itself and no other of the same content: a copy beside it, or a second name of it, is none of that', async () => {
    await link(clip, inFolder('second-name.mp4'));
    await session.say('cut the last second');
    assert.equal(session.snapshot.draft.duration, 3_000_000);
    const own = await bench.newSession(clip);
    await bench.say(own, 'remove 0:01 to 0:02');
    await bench.client.upload(own, [inFolder('second-name.mp4')]);
    assert.equal(await bench.timeline(own), '0-5', 'a clip of its own, while the first is still there');
  });
});
