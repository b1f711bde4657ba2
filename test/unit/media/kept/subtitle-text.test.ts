import assert from 'node:assert/strict';

import { decodeCue, encodeCue } from '../../../../src/media/kept/subtitle-text.js';

describe('The text of a cue', () => {
  it('stays the same from SubRip to the text of MP4 and back', () => {
    for (const text of ['Plain', 'Two\nlines', 'An <i>Ümläut</i> 👍 & <b>more</b> of it', 'a < b > c']) {
      assert.equal(decodeCue('mov_text', encodeCue('mov_text', text)), text);
    }
    const nested = decodeCue('mov_text', encodeCue('mov_text', '<b>one <u>two</u></b>'));
    assert.equal(nested, '<b>one </b><b><u>two</u></b>');
  });

  it('has its marks in WebVTT as entities', () => {
    assert.equal(encodeCue('webvtt', 'a < b & <i>c</i>').toString(), 'a &lt; b &amp; <i>c</i>');
    assert.equal(decodeCue('webvtt', Buffer.from('<v Ann>a &lt; b &amp; <i.loud>c</i>')), 'a < b & <i>c</i>');
    assert.equal(encodeCue('webvtt', 'a\n\n\nb').toString(), 'a\nb');
  });

  it('loses fonts and positions of SubRip', () => {
    assert.equal(decodeCue('subrip', Buffer.from('{\\an8}<font color="#fff">Up</font>\r\n')), 'Up');
  });

  it('comes out of styled subtitles with breaks, bold and italic, without drawings', () => {
    const event = (text: string): string => decodeCue('ass', Buffer.from(`3,0,Default,,0,0,0,,${text}`));
    assert.equal(event('{\\an8\\i1}One{\\i0},\\Ntwo{\\b700}'), '<i>One</i>,\ntwo<b>');
    assert.equal(event('{\\p1}m 0 0 l 1 1'), '');
  });

  it('is empty for damaged samples', () => {
    assert.equal(decodeCue('mov_text', Buffer.alloc(0)), '');
    assert.equal(decodeCue('mov_text', Buffer.from([0, 9, 65])), 'A');
    assert.equal(decodeCue('mov_text', Buffer.from([0, 1, 65, 0, 0, 0, 99, 115, 116, 121, 108])), 'A');
  });

  it('is read in UTF-16 where it says so', () => {
    const wide = Buffer.from('\ufeffÜ', 'utf16le').swap16();
    assert.equal(decodeCue('mov_text', Buffer.concat([Buffer.from([0, wide.length]), wide])), 'Ü');
  });
});
