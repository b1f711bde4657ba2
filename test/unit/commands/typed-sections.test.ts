import assert from 'node:assert/strict';
import { readSections } from '../../../src/commands/typed-sections.js';
import { checkSections } from '../../../src/timeline/sections.js';

const read = (text: string): string[] => readSections(text).map((section) => `${section.in}|${section.out}`);
const said = (text: string): string | undefined => checkSections(readSections(text), 120_000_000).problems[0]?.message;

describe('sections typed into the palette', () => {
  for (const text of [
    '0:45-1:20',
    ' 0:45 - 1:20 ',
    '0:45–1:20',
    '0:45 — 1:20',
    '0:45 to 1:20',
    '0:45到1:20',
    '0:45 至 1:20',
  ]) {
    it(`takes ${text.trim()} for one section`, () => {
      assert.deepEqual(read(text), ['0:45|1:20']);
      assert.equal(said(text), undefined);
    });
  }

  it('takes several sections, whatever comma stands between them', () => {
    for (const comma of [', ', ',', '; ', '，', '；', '、']) {
      assert.deepEqual(read(`0:10-0:20${comma}45.5-1:02:03.250`), ['0:10|0:20', '45.5|1:02:03.250']);
    }
  });

  it('does not mind a comma at the end, which one types on the way to the next section', () => {
    assert.deepEqual(read('0:10-0:20, '), ['0:10|0:20']);
    assert.equal(said('0:10-0:20, '), undefined);
  });

  it('has no section in nothing', () => {
    assert.deepEqual(read('  '), []);
  });

  for (const text of ['0:45', '0:45-', '-1:20', 'the middle', '0:10-0:20-0:30', '0:10-0:20 0:40-0:50', '0:45 1:20']) {
    it(`names ${text} as no section, instead of dropping a part of it`, () => {
      assert.equal(said(text), 'Type a time such as 0:45, 45.5 or 1:02:03.250.');
    });
  }
});
