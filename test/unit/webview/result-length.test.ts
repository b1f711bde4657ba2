import assert from 'node:assert/strict';
import { resultLength } from '../../../webview/result-length.js';

const SECOND = 1_000_000;
const section = (from: number, to: number) => ({ in: from * SECOND, out: to * SECOND });

describe('the length of what Export will make', () => {
  const removed = [section(10, 20)];

  it('is that of the timeline, without what is marked and still there', () => {
    const state = { removed, resultDuration: 50 * SECOND, join: 0 };
    assert.equal(resultLength(state, [], 60 * SECOND), 50 * SECOND);
    assert.equal(resultLength(state, [section(15, 25), section(30, 31)], 60 * SECOND), 44 * SECOND);
  });

  it('is that of the clip before the first edit, and unknown without its length', () => {
    assert.equal(resultLength({ removed: [] }, [section(50, 60)], 60 * SECOND), 50 * SECOND);
    assert.equal(resultLength({ removed: [] }, [], undefined), undefined);
  });

  it('is shorter by each new join that is dissolved, and not by a cut at the end', () => {
    const state = { removed, resultDuration: 49.5 * SECOND, join: SECOND / 2 };
    assert.equal(resultLength(state, [section(30, 40)], 60 * SECOND), 39 * SECOND);
    assert.equal(resultLength(state, [section(50, 60)], 60 * SECOND), 39.5 * SECOND);
  });
});
