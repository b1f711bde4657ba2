import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionStore } from '../../../src/local/session-store.js';
import { clearUnused, keptFolders } from '../../../src/local/upkeep.js';

describe('what the engine on this machine keeps', () => {
  let folder: string;
  const lines: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-later-'));
    await mkdir(keptFolders(folder).sessions, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('opens as an earlier release has written it', async () => {
    const fixture = new URL('../session/stored/format-1.json', import.meta.url);
    const { engineSessions } = JSON.parse(await readFile(fixture, 'utf8')) as {
      engineSessions: Record<string, { sessionId: string }>;
    };
    const { sessions } = keptFolders(folder);
    for (const [name, record] of Object.entries(engineSessions)) {
      await writeFile(join(sessions, name), JSON.stringify(record));
      const opened = await new SessionStore(sessions, () => undefined).load(record.sessionId);
      assert.deepEqual(opened, record);
      assert.equal(opened.clips[0]?.kept.length, 2);
    }
  });

  it('is left as it is where a later release has written it, with the files that belong to it, and the log says so', async () => {
    const { sessions, uploads } = keptFolders(folder);
    const text = '{"version":2,"sessionId":"51","clips":"in a form that we do not know"}';
    await writeFile(join(sessions, '51.json'), text);
    await mkdir(join(uploads, '51'), { recursive: true });
    const received = join(uploads, '51', 'clip.mp4');
    await writeFile(received, 'a video');
    await utimes(received, new Date(0), new Date(0));
    const store = new SessionStore(sessions, (line) => lines.push(line));
    await assert.rejects(store.load('51'));
    await clearUnused({ sessions, uploads }, store, Date.now());
    assert.equal(await readFile(join(sessions, '51.json'), 'utf8'), text);
    assert.deepEqual([await readdir(sessions), await readdir(join(uploads, '51'))], [['51.json'], ['clip.mp4']]);
    assert.match(lines.join('\n'), /of a later release was left as it is/u);
  });
});
