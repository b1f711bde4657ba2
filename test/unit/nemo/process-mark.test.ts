import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { isOrphan, markedName } from '../../../src/nemo/process-mark.js';

describe('a name marked with its process', () => {
  it('is nobody’s once that process is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    assert.equal(isOrphan(`${pid}-t1-x.mp4`), true);
  });

  it('is its process’s as long as that runs, this one or another', () => {
    assert.equal(isOrphan(markedName()), false);
    assert.notEqual(markedName(), markedName());
  });

  it('is nobody’s when the number of its process was given again', () => {
    // On systems that tell no more than when the machine was started, an earlier start shows it.
    assert.equal(isOrphan(`${process.pid}-b1-x`), true);
    if (process.platform === 'linux') assert.equal(isOrphan(`${process.pid}-t1-x`), true);
  });

  it('is told from names that no process has marked', () => {
    for (const name of ['talk.mp4', '1-a.mp4', '99999999-talk.mp4', '2b7c9a52-61f1-4d0c-8f9c-0a1b2c3d4e5f.mp4']) {
      assert.equal(isOrphan(name), false, name);
    }
  });
});
