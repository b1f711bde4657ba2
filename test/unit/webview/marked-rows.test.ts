import assert from 'node:assert/strict';
import { MarkedRows } from '../../../webview/marked-rows.js';

const SECTION = { in: '0:45', out: '1:20' };
const BLANK = { in: '', out: '' };

describe('marks that the person and the host both write', () => {
  it('starts with one empty row to type into', () => {
    assert.deepEqual(new MarkedRows().rows, [BLANK]);
  });

  it('keeps what is typed while the host echoes what was typed before', () => {
    const marks = new MarkedRows();
    marks.edit([{ in: '0:4', out: '' }]);
    const first = marks.nextRevision();
    marks.edit([{ in: '0:45', out: '' }]);
    const second = marks.nextRevision();
    assert.equal(marks.adopt([{ in: '0:4', out: '' }], first), false);
    assert.equal(marks.adopt([{ in: '0:45', out: '' }], second), false);
    assert.deepEqual(marks.rows, [{ in: '0:45', out: '' }]);
  });

  it('takes the empty list after the host removed the sections', () => {
    const marks = new MarkedRows();
    marks.edit([SECTION]);
    assert.equal(marks.adopt([], marks.nextRevision()), true);
    assert.deepEqual(marks.rows, [BLANK]);
  });

  it('takes the marks of the host after a reload and goes on counting from there', () => {
    const marks = new MarkedRows();
    assert.equal(marks.adopt([SECTION], 7), true);
    assert.equal(marks.nextRevision(), 8);
    assert.equal(marks.adopt([], 7), false);
    assert.deepEqual(marks.rows, [SECTION]);
  });

  it('leaves a blank row alone when the marks are the same', () => {
    const marks = new MarkedRows();
    marks.edit([SECTION, BLANK]);
    assert.equal(marks.adopt([SECTION], marks.nextRevision()), false);
    assert.deepEqual(marks.rows, [SECTION, BLANK]);
  });
});
