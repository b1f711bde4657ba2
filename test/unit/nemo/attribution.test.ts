import assert from 'node:assert/strict';
import { skillPlatform } from '../../../src/nemo/attribution.js';
import { contentTypeOf, isSupportedFile, SUPPORTED_EXTENSIONS } from '../../../src/nemo/formats.js';

describe('Attribution', () => {
  it('tells the platform by a folder of the install path', () => {
    assert.equal(skillPlatform('/home/a/.clawhub/extensions/x', {}), 'clawhub');
    assert.equal(skillPlatform('C:\\Users\\a\\.cursor\\extensions\\x', {}), 'cursor');
    assert.equal(skillPlatform('/home/a/.vscode/extensions/my.cursor', {}), 'unknown');
  });

  it('believes SKILL_SOURCE first, unless it cannot stand in a header', () => {
    assert.equal(skillPlatform('/home/a/.cursor/x', { SKILL_SOURCE: ' clawhub ' }), 'clawhub');
    assert.equal(skillPlatform('/home/a/.cursor/x', { SKILL_SOURCE: 'a\r\nb' }), 'cursor');
    assert.equal(skillPlatform('/x', { SKILL_SOURCE: '' }), 'unknown');
  });
});

describe('Supported files', () => {
  it('are those of the product text, in any case', () => {
    assert.equal(SUPPORTED_EXTENSIONS.join(' '), 'mp4 mov avi webm mkv jpg png gif webp mp3 wav m4a aac');
    assert.ok(isSupportedFile('/a.b/INTERVIEW.MP4'));
    for (const name of ['mp4', 'a.mp4/b', 'a.mp4.txt', 'a.']) assert.ok(!isSupportedFile(name), name);
    assert.equal(contentTypeOf('a.MOV'), 'video/quicktime');
    assert.equal(contentTypeOf('a'), 'application/octet-stream');
  });
});
