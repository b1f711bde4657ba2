import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { ExportQueue, type ExportQueuePorts } from '../../../src/session/export-queue.js';
import type { ExportOptions } from '../../../src/session/outcomes.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { SessionError } from '../../../src/session/session-error.js';
import type { ExportOutcome } from '../../../src/session/snapshot.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { scene, SECOND, type Scene } from './scripted-cloud.js';

/** Exports that a test ends itself. */
class Exports {
  readonly begun: { session: TrimSession; options: ExportOptions; end: (error?: Error) => void }[] = [];

  readonly run = (session: TrimSession, options: ExportOptions): Promise<ExportOutcome> =>
    new Promise((resolve, reject) => {
      const outputPath = `/videos/${options.name ?? 'result'}.mp4`;
      const outcome = { outputPath, duration: SECOND, sourceDuration: SECOND, renderId: 'r', sessionId: session.id };
      this.begun.push({ session, options, end: (error) => (error ? reject(error) : resolve(outcome)) });
    });

  get names(): (string | undefined)[] {
    return this.begun.map(({ options }) => options.name);
  }
}

describe('the queue of exports', () => {
  let s: Scene;
  let exports: Exports;
  let queue: ExportQueue;
  let other: TrimSession;
  let takenUp: Promise<ExportOutcome | undefined>[];

  const open = (book: SessionBook, run: ExportQueuePorts['run']): ExportQueue =>
    new ExportQueue({ book, store: s.ports.store, run, onTakenUp: (_, outcome) => void takenUp.push(outcome) });

  beforeEach(() => {
    s = scene();
    other = s.book.create('/videos/other.mp4');
    exports = new Exports();
    takenUp = [];
    queue = open(s.book, exports.run);
  });

  const waiting = (): string[] => queue.waiting.map(({ file }) => file);

  it('begins the first at once, and each next one when the one before has ended', async () => {
    const first = queue.add(s.session, { name: 'a' }, 'a.mp4');
    const second = queue.add(s.session, { name: 'b' }, 'b.mp4');
    const third = queue.add(other, { name: 'c' }, 'c.mp4');
    assert.deepEqual(exports.names, ['a']);
    assert.deepEqual(waiting(), ['b.mp4', 'c.mp4']);
    exports.begun[0]?.end();
    assert.equal((await first)?.outputPath, '/videos/a.mp4');
    assert.deepEqual(exports.names, ['a', 'b']);
    exports.begun[1]?.end();
    await second;
    exports.begun[2]?.end();
    await third;
    assert.deepEqual(exports.names, ['a', 'b', 'c']);
    assert.deepEqual(waiting(), []);
  });

  it('goes on after one that fails, and tells whoever asked for that one', async () => {
    const broken = queue.add(s.session, { name: 'a' }, 'a.mp4');
    const well = queue.add(s.session, { name: 'b' }, 'b.mp4');
    exports.begun[0]?.end(new SessionError('file', 'The disk is full.'));
    await assert.rejects(broken, /disk is full/u);
    exports.begun[1]?.end();
    assert.equal((await well)?.outputPath, '/videos/b.mp4');
  });

  it('never begins one that was cancelled while it waited', async () => {
    const first = queue.add(s.session, { name: 'a' }, 'a.mp4');
    const second = queue.add(s.session, { name: 'b' }, 'b.mp4');
    const [waits] = queue.waiting;
    queue.cancel(waits?.id ?? '');
    assert.equal(await second, undefined);
    exports.begun[0]?.end();
    await first;
    assert.deepEqual(exports.names, ['a']);
  });

  it('drops those of a session that is deleted', async () => {
    const first = queue.add(s.session, { name: 'a' }, 'a.mp4');
    const second = queue.add(other, { name: 'b' }, 'b.mp4');
    await s.book.remove(other.id);
    assert.equal(await second, undefined);
    exports.begun[0]?.end();
    await first;
    assert.deepEqual(exports.names, ['a']);
  });

  it('survives a reload: what waits is made by the next window, and so is what had not come as far as a render', async () => {
    void queue.add(s.session, { name: 'a', folder: '/elsewhere' }, 'a.mp4');
    void queue.add(other, { name: 'b' }, 'b.mp4');
    await turn();
    queue.dispose();
    s.book.dispose();
    const book = new SessionBook(s.ports);
    const again = new Exports();
    const next = open(book, again.run);
    next.takeUp();
    const { order: _, ...options } = again.begun[0]?.options ?? {};
    assert.deepEqual(options, { name: 'a', folder: '/elsewhere' });
    assert.deepEqual(
      next.waiting.map(({ file }) => file),
      ['b.mp4'],
    );
    again.begun[0]?.end();
    await turn();
    assert.deepEqual(again.names, ['a', 'b']);
    again.begun[1]?.end(new SessionError('refused', 'No.'));
    const results = await Promise.allSettled(takenUp);
    assert.equal(results[0]?.status, 'fulfilled');
    await turn();
    assert.equal((await Promise.allSettled(takenUp))[1]?.status, 'rejected');
  });

  it('does not make one again that had ended when the window crashed', async () => {
    s.cloud.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
    await s.clock.run(s.session.remove([{ in: 45 * SECOND, out: 80 * SECOND }]));
    const folder = await mkdtemp(join(tmpdir(), 'trim-once-'));
    const made = open(s.book, (session, options) => session.export(options));
    const outputPath = join(folder, 'once.mp4');
    // The queue as it was while the export ran, and the session as it is after it.
    const running = made.add(s.session, { outputPath }, 'once.mp4');
    const stored = s.ports.store.get('videoTrimmer.exportQueue');
    await s.clock.run(running);
    await s.ports.store.update('videoTrimmer.exportQueue', stored);
    const again = new Exports();
    open(new SessionBook(s.ports), again.run).takeUp();
    assert.deepEqual(again.names, []);
    await rm(folder, { recursive: true, force: true });
  });

  it('passes over what another version has stored', () => {
    void s.ports.store.update('videoTrimmer.exportQueue', [{ id: 1 }]);
    queue.takeUp();
    assert.deepEqual(exports.names, []);
  });

  it('is refused while the session edits, because which timeline is meant would be unsure', async () => {
    s.cloud.scripts = [[{ wait: 5000 }, { cut: { in: 0, out: SECOND } }]];
    const edit = s.session.remove([{ in: 0, out: SECOND }]);
    await assert.rejects(queue.add(s.session, {}, 'a.mp4'), /Still/u);
    await s.clock.run(edit);
  });
});

describe('an export that has to wait', () => {
  it('exports the timeline as it was when it was asked for', async () => {
    const lengths = [145, 135];
    const s = scene({ resultLength: () => (lengths[s.cloud.renders.length - 1] ?? 0) * SECOND });
    s.cloud.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }], [{ cut: { in: 0, out: 10 * SECOND } }]];
    await s.clock.run(s.session.remove([{ in: 45 * SECOND, out: 80 * SECOND }]));
    const pinned = s.session.pinnedDraft;
    assert.ok(pinned);
    await s.clock.run(s.session.remove([{ in: 0, out: 10 * SECOND }]));
    const folder = await mkdtemp(join(tmpdir(), 'trim-pinned-'));
    try {
      await s.clock.run(s.session.export({ pinned, folder }));
      await s.clock.run(s.session.export({ folder }));
    } finally {
      await rm(folder, { recursive: true });
    }
    assert.deepEqual(
      s.cloud.renders.map(({ draft }) => (draft as { d: number }).d),
      [145_000, 135_000],
    );
  });
});
