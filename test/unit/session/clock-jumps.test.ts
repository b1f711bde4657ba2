import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/session/ports.js';
import { SessionBook } from '../../../src/session/session-book.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { heartbeat, say, scene, SECOND, told, type Scene } from './scripted-cloud.js';

const HOUR = 60 * 60_000;
const SECTION = { in: 45 * SECOND, out: 80 * SECOND };

/** The time of day, set by hand, over a clock that nobody sets. */
class SetClock implements Clock {
  readonly #under: Scene['clock'];
  #shift = 0;

  constructor(under: Scene['clock']) {
    this.#under = under;
  }

  set(milliseconds: number): void {
    this.#shift += milliseconds;
  }

  now(): number {
    return this.#under.now() + this.#shift;
  }

  steady(): number {
    return this.#under.now();
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#under.sleep(milliseconds, signal);
  }
}

for (const [what, jump] of [
  ['8 hours forward, as after a night asleep', 8 * HOUR],
  ['1 hour back, as at the end of summer time on a clock that is set wrong', -HOUR],
] as const) {
  describe(`A clock that jumps ${what}`, () => {
    let folder: string;
    let s: Scene;
    let clock: SetClock;
    let session: TrimSession;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'trim-clock-'));
      const clip = join(folder, 'talk.mp4');
      await writeFile(clip, 'the source');
      s = scene({ clip });
      clock = new SetClock(s.clock);
      session = new SessionBook({ ...s.ports, clock }).create(clip);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    /** Lets this time pass, then sets the clock. */
    const jumpAfter = async (milliseconds: number): Promise<void> => {
      await s.clock.sleep(milliseconds);
      clock.set(jump);
    };

    it('while the agent works ends nothing early and nothing late', async () => {
      s.cloud.scripts = [[heartbeat, { wait: 60_000 }, { cut: SECTION }, { wait: 30_000 }, say('Done.')]];
      const begun = s.clock.now();
      void jumpAfter(20_000);
      await s.clock.run(session.remove([SECTION]));
      assert.ok(s.clock.now() - begun < 5 * 60_000, `it took ${(s.clock.now() - begun) / 60_000} minutes`);
      assert.equal(s.cloud.messages.length, 1);
      assert.ok(!told(session).some((line) => line.startsWith('error')), told(session).join('\n'));
    });

    it('while an agent says nothing does not let it go on for ever', async () => {
      s.cloud.scripts = [[heartbeat, { wait: 10 * HOUR }]];
      const begun = s.clock.now();
      void jumpAfter(20_000);
      await assert.rejects(s.clock.run(session.remove([SECTION])), /has given no result after 10 minutes/u);
      assert.ok(s.clock.now() - begun < 15 * 60_000, `it took ${(s.clock.now() - begun) / 60_000} minutes`);
    });

    it('while an export is looked at neither gives it up nor lets it wait', async () => {
      s.cloud.scripts = [[{ cut: SECTION }]];
      await s.clock.run(session.remove([SECTION]));
      s.cloud.statuses = [
        { status: 'pending' },
        { status: 'processing', progress: 0.3 },
        { status: 'processing', progress: 0.6 },
        { status: 'completed' },
      ];
      const exporting = session.export();
      // Looking at the folder takes real time, which the simulated clock does not know of.
      while (s.cloud.renders.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const begun = s.clock.now();
      void jumpAfter(40_000);
      const { outputPath } = await s.clock.run(exporting);
      assert.equal(s.clock.now() - begun, 3_000 + 3 * 30_000);
      assert.equal(s.cloud.renders.length, 1);
      assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', 'talk.trimmed.mp4']);
      assert.equal(outputPath, join(folder, 'talk.trimmed.mp4'));
    });

    it('between two windows lets the second take up the export at once', async () => {
      s.cloud.scripts = [[{ cut: SECTION }]];
      await s.clock.run(session.remove([SECTION]));
      s.cloud.statuses = [{ status: 'processing' }];
      const left = session.export().catch(() => undefined);
      while (s.cloud.renders.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await s.clock.run(s.clock.sleep(5_000));
      session.dispose();
      await left;
      clock.set(jump);
      s.cloud.statuses = [{ status: 'completed' }];
      const again = new SessionBook({ ...s.ports, clock }).get(session.id);
      const begun = s.clock.now();
      await s.clock.run(again?.takeUp() ?? Promise.reject(new Error('no session')));
      assert.ok(s.clock.now() - begun <= 3_000, `it took ${(s.clock.now() - begun) / 1000} s`);
      assert.equal(s.cloud.renders.length, 1);
      assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', 'talk.trimmed.mp4']);
    });
  });
}
