import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishedFile, takeUpFinished, type FinishedFile } from '../../../src/session/finished-file.js';

// On a file system without hard links a name is held by an empty file until the whole one takes its place.
describe('a result whose name was held when the window crashed', () => {
  let folder: string;
  let temporary: string;
  let output: string;
  let finished: FinishedFile;
  const claim = (): Promise<void> => Promise.resolve();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-held-'));
    [temporary, output] = [join(folder, '.talk.part'), join(folder, 'talk.trimmed.mp4')];
    await writeFile(temporary, 'the whole file');
    await writeFile(output, '');
    finished = { ...(await finishedFile(temporary, { output, chosen: false, duration: 1 })), claimed: output };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('takes the place of the empty file', async () => {
    assert.equal(await takeUpFinished(temporary, finished, claim), output);
    assert.equal(await readFile(output, 'utf8'), 'the whole file');
    assert.deepEqual(await readdir(folder), ['talk.trimmed.mp4']);
  });

  it('leaves no empty file when it is gone itself', async () => {
    await rm(temporary);
    assert.equal(await takeUpFinished(temporary, finished, claim), undefined);
    assert.deepEqual(await readdir(folder), []);
  });

  it('gets another name when somebody has written to that one since', async () => {
    await writeFile(output, 'of somebody else');
    assert.equal(await takeUpFinished(temporary, finished, claim), join(folder, 'talk.trimmed-2.mp4'));
    assert.equal(await readFile(output, 'utf8'), 'of somebody else');
  });
});
