import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOpenElsewhere, thisWindow } from '../../../src/session/other-window.js';
import { SessionBook } from '../../../src/session/session-book.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { chat, scene, SECOND, type Scene } from './scripted-cloud.js';

const SECTION = { in: 45 * SECOND, out: 80 * SECOND };

describe('A second window on the same sessions', () => {
  let folder: string;
  let s: Scene;
  let window: ChildProcess;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-window-'));
    const clip = join(folder, 'talk.mp4');
    await writeFile(clip, 'the source');
    s = scene({ clip });
    window = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(window, 'spawn');
  });
  afterEach(async () => {
    if (window.exitCode === null && window.signalCode === null) {
      window.kill('SIGKILL');
      await once(window, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** As another process stores what it has under way. */
  const mark = (): string => {
    const { pid = 0 } = window;
    const [, , begin = ''] = /^(\d+)-([tb]\d+)-/.exec(thisWindow) ?? [];
    if (!begin.startsWith('t')) return `${pid}-${begin}-x`;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${pid}-t${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}-x`;
  };

  /** The first window exports, receives the file, and is not done; the second opens. */
  const exporting = async (): Promise<{ second: TrimSession; part: string }> => {
    s.cloud.scripts = [[{ cut: SECTION }]];
    await s.clock.run(s.session.remove([SECTION]));
    s.cloud.statuses = [{ status: 'processing' }];
    const work = s.session.export().catch(() => undefined);
    while (s.cloud.renders.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const part = join(folder, '.talk.trimmed.mp4.beef.part');
    await writeFile(part, 'half of it');
    const values = new Map(
      [...s.values].map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null && 'render' in value
          ? { ...value, holder: mark(), render: { ...(value.render as object), temporary: part } }
          : value,
      ]),
    );
    s.session.dispose();
    await s.clock.run(work);
    const store = {
      get: (key: string): unknown => values.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    };
    const second = new SessionBook({ ...s.ports, store }).get(s.session.id);
    assert.ok(second);
    return { second, part };
  };

  it('leaves an export to the window that makes it, and its half file alone', async () => {
    const { second, part } = await exporting();
    const before = s.cloud.calls.length;
    assert.equal(second.interrupted, false);
    assert.equal(await second.takeUp(), undefined);
    assert.ok((await readdir(folder)).includes(part.slice(folder.length + 1)));
    assert.equal(s.cloud.calls.length, before, 'nothing is asked or rendered twice');
    assert.ok(!chat(second).some((line) => /Taking up|made again/.test(line)));
  });

  it('takes it up when that window is gone', async () => {
    const { second, part } = await exporting();
    window.kill('SIGKILL');
    await once(window, 'exit');
    s.cloud.statuses = [{ status: 'completed', url: 'https://cdn.example/result.mp4' }];
    assert.equal(second.interrupted, true);
    await s.clock.run(second.takeUp());
    assert.deepEqual((await readdir(folder)).sort(), ['talk.mp4', 'talk.trimmed.mp4']);
    assert.ok(!(await readdir(folder)).includes(part));
    assert.equal(s.cloud.renders.length, 1);
  });

  it('is told from this one, from a process that ended, and from one that got its number', async () => {
    assert.equal(isOpenElsewhere(thisWindow), false);
    assert.equal(isOpenElsewhere(undefined), false);
    const running = mark();
    assert.equal(isOpenElsewhere(running), true);
    if (process.platform === 'linux') assert.equal(isOpenElsewhere(running.replace(/-t\d+-/, '-t1-')), false);
    window.kill('SIGKILL');
    await once(window, 'exit');
    assert.equal(isOpenElsewhere(running), false);
  });
});
