import assert from 'node:assert/strict';

import { cutUserData } from '../../../../src/media/isobmff/chapters.js';
import { box, words } from './synthetic-movie.js';

function chapters(...list: readonly (readonly [number, string])[]): Buffer {
  const entries = list.map(([seconds, title]) => {
    const entry = Buffer.alloc(9);
    entry.writeBigUInt64BE(BigInt(seconds * 1e7));
    entry[8] = title.length;
    return Buffer.concat([entry, Buffer.from(title)]);
  });
  return box('chpl', words(0x100_0000, 0), Buffer.from([list.length]), ...entries);
}

// 10 to 20 s and 30 to 40 s are removed.
const RANGES = [
  { start: 0, outStart: 0, outEnd: 10 },
  { start: 20, outStart: 10, outEnd: 20 },
  { start: 40, outStart: 20, outEnd: 60 },
];

describe('User data of a cut movie', () => {
  it('has the chapters that are left, each where its first kept moment is', () => {
    const was = chapters(
      [0, 'a'],
      [8, 'b'],
      [12, 'gone'],
      [15, 'c'],
      [25, 'd'],
      [32, 'gone too'],
      [39, 'e'],
      [50, 'f'],
    );
    const now = chapters([0, 'a'], [8, 'b'], [10, 'c'], [15, 'd'], [20, 'e'], [30, 'f']);
    const name = box('name', Buffer.from('a film'));
    const cut = Buffer.concat(cutUserData(box('udta', was, name), RANGES));
    assert.deepEqual(cut, box('udta', now, name));
  });

  it('loses the old priming and keeps title and cover', () => {
    const hdlr = box('hdlr', words(0, 0), Buffer.from('mdirappl'), words(0, 0, 0));
    const title = box('\xa9nam', box('data', words(1, 0), Buffer.from('A title')));
    const gapless = box('----', box('mean', words(0)), box('name', words(0), Buffer.from('iTunSMPB')));
    const meta = (...items: Buffer[]): Buffer => box('meta', words(0), hdlr, box('ilst', ...items));
    const cut = Buffer.concat(cutUserData(box('udta', meta(title, gapless)), RANGES));
    assert.deepEqual(cut, box('udta', meta(title)));
  });

  it('keeps the zeros at the end that QuickTime writes', () => {
    const udta = box('udta', box('name', Buffer.from('x')), words(0));
    assert.deepEqual(Buffer.concat(cutUserData(udta, RANGES)), udta);
  });
});
