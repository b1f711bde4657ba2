import assert from 'node:assert/strict';
import fs, { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../../../src/nemo/replace-file.js';

describe('a finished file that takes the place of another', () => {
  const { rename } = fs;
  let folder: string;
  let finished: string;
  let place: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-replace-'));
    [finished, place] = [join(folder, 'new.tmp'), join(folder, 'session.json')];
    await writeFile(finished, 'new');
    await writeFile(place, 'old');
  });
  afterEach(async () => {
    refuse(0, '');
    await rm(folder, { recursive: true, force: true });
  });

  /** As Windows does while another program has one of the files open. */
  function refuse(times: number, code: string): void {
    let left = times;
    fs.rename = (...names) =>
      left-- > 0 ? Promise.reject(Object.assign(new Error('in use'), { code })) : rename(...names);
    if (times === 0) fs.rename = rename;
    syncBuiltinESMExports();
  }

  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    it(`waits on Windows until no other program has it open any more (${code})`, async () => {
      refuse(3, code);
      await replaceFile(finished, place, 'win32');
      assert.deepEqual([await readdir(folder), await readFile(place, 'utf8')], [['session.json'], 'new']);
    });
  }

  it('waits for a reader that is really there, where the system asks for that', async () => {
    const reader = await open(place, 'r');
    const replaced = replaceFile(finished, place);
    await new Promise((resolve) => setImmediate(resolve));
    await reader.close();
    await replaced;
    assert.deepEqual([await readdir(folder), await readFile(place, 'utf8')], [['session.json'], 'new']);
  });

  it('is refused at once where that tells what is wrong', async () => {
    refuse(1, 'EPERM');
    await assert.rejects(replaceFile(finished, place, 'linux'), { code: 'EPERM' });
    refuse(1, 'ENOSPC');
    await assert.rejects(replaceFile(finished, place, 'win32'), { code: 'ENOSPC' });
    assert.equal(await readFile(place, 'utf8'), 'old');
  });
});
