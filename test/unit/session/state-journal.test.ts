import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyValueStore } from '../../../src/session/ports.js';
import { StateJournal } from '../../../src/session/state-journal.js';

describe('the state of the sessions', () => {
  let folder: string;
  let log: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-journal-'));
    log = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const storeOf = (values: Record<string, unknown>): KeyValueStore & { values: Map<string, unknown> } => {
    const map = new Map(Object.entries(values));
    return {
      values: map,
      get: (key) => map.get(key),
      update: (key, value) => Promise.resolve(void (value === undefined ? map.delete(key) : map.set(key, value))),
    };
  };
  const open = (store: KeyValueStore): StateJournal => new StateJournal(store, folder, (line) => log.push(line));
  /** As if the process that wrote it were gone. */
  const die = async (): Promise<void> => {
    for (const [index, name] of (await readdir(folder)).entries()) {
      if (!name.startsWith('99999999')) await rename(join(folder, name), join(folder, `99999999-t1-${index}-${name}`));
    }
  };

  it('is not lost with a crash before VS Code has written it', async () => {
    await open(storeOf({})).update('session', { text: 'sent' });
    await die();
    const next = storeOf({ session: { text: 'not sent' } });
    assert.deepEqual(open(next).get('session'), { text: 'sent' });
    assert.deepEqual(next.values.get('session'), { text: 'sent' });
    // And not with the next one either.
    await die();
    assert.deepEqual(open(storeOf({})).get('session'), { text: 'sent' });
  });

  it('is forgotten where it was forgotten', async () => {
    const journal = open(storeOf({ session: 1 }));
    await journal.update('session', undefined);
    await die();
    assert.equal(open(storeOf({ session: 1 })).get('session'), undefined);
  });

  it('is the last of several writes, also from several windows that are gone', async () => {
    const first = open(storeOf({}));
    await Promise.all([first.update('a', 1), first.update('a', 2), first.update('b', 1)]);
    await die();
    const later = Date.now() + 1000;
    await mkdir(join(folder, '99999999-t1-later'));
    await writeFile(join(folder, '99999999-t1-later', '1.json'), `{"key":"b","value":3,"time":${later}}`);
    const next = open(storeOf({}));
    assert.deepEqual([next.get('a'), next.get('b')], [2, 3]);
  });

  it('is not put back to what a window wrote that was gone later than the one after it', async () => {
    const store = storeOf({});
    await open(store).update('session', 'older');
    await mkdir(join(folder, 'aside'));
    const [name = ''] = (await readdir(folder)).filter((found) => found !== 'aside');
    await rename(join(folder, name), join(folder, 'aside', name));
    await open(store).update('session', 'newer');
    await rename(join(folder, 'aside', name), join(folder, '99999999-t1-late'));
    assert.equal(open(store).get('session'), 'newer');
    await rm(join(folder, 'aside'), { recursive: true });
  });

  it('takes no room once VS Code has it', async () => {
    await open(storeOf({})).update('session', { text: 'sent' });
    await die();
    open(storeOf({ session: { text: 'sent' } }));
    assert.deepEqual(await readdir(folder), []);
  });

  it('is left alone while its window runs', async () => {
    await open(storeOf({})).update('session', 1);
    assert.equal(open(storeOf({})).get('session'), undefined);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('is kept by VS Code alone where the folder cannot be written, and what is damaged is passed over', async () => {
    await mkdir(join(folder, '99999999-t1-damaged'));
    await writeFile(join(folder, '99999999-t1-damaged', '1.json'), '{"key":');
    const store = storeOf({ a: 1 });
    assert.equal(open(store).get('a'), 1);
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file in its place');
    await open(store).update('a', 2);
    assert.equal(store.values.get('a'), 2);
    assert.deepEqual(log, ['journal: could not be written (ENOTDIR)']);
  });
});
