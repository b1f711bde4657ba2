import assert from 'node:assert/strict';
import { nameFromTemplate, nameProblem, tidyName } from '../../../src/session/output-template.js';

const NOW = new Date(2026, 10, 3, 9, 5).getTime();
const facts = { clip: '/videos/Talk at noon.mov', ending: 'mp4', now: NOW };

describe('the name of a result', () => {
  it('comes from a template, whose parts stand for source, day, time, ending and size', () => {
    const name = (template: string | undefined): string => nameFromTemplate(template, facts, 'linux');
    assert.equal(name(undefined), 'Talk at noon.trimmed');
    assert.equal(name('${name} ${date} ${time}'), 'Talk at noon 2026-11-03 09-05');
    assert.equal(name('cut-${ext}-${quality}'), 'cut-mp4-source');
    assert.equal(
      nameFromTemplate('${name} ${quality}', { ...facts, resolution: '720p' }, 'linux'),
      'Talk at noon 720p',
    );
  });

  it('is not trimmed twice, and has its ending once', () => {
    assert.equal(nameFromTemplate(undefined, { ...facts, clip: '/v/talk.trimmed-3.mp4' }, 'linux'), 'talk.trimmed');
    assert.equal(nameFromTemplate('${name}.${ext}', facts, 'linux'), 'Talk at noon');
  });

  for (const template of [
    '../${name}',
    'a/b',
    'a\\b',
    '${nmae}',
    'CON',
    'con.${name}',
    '   ',
    '..',
    'a\u0007',
    '\u202egpj',
  ])
    it(`is the usual one where the template would give no possible name: ${JSON.stringify(template)}`, () => {
      assert.equal(nameFromTemplate(template, facts, 'linux'), 'Talk at noon.trimmed');
    });

  it('leaves out what the name of the source has and no result should', () => {
    const of = (clip: string, platform: NodeJS.Platform): string =>
      nameFromTemplate(undefined, { ...facts, clip }, platform);
    assert.equal(of('/v/a\nb\u202e.mp4', 'linux'), 'a_b_.trimmed');
    assert.equal(of('/v/what?.mp4', 'linux'), 'what?.trimmed');
    assert.equal(of('/v/what?.mp4', 'win32'), 'what_.trimmed');
    assert.equal(of('/v/aux.mp4', 'linux'), 'trimmed');
    assert.ok(Buffer.byteLength(of(`/v/${'ü'.repeat(120)}.mp4`, 'linux')) < 200);
  });
});

describe('a name that is typed', () => {
  for (const [name, problem] of [
    ['', /Type a name/u],
    ['..', /Type a name/u],
    ['a/b', /\/ or \\/u],
    ['..\\b', /\/ or \\/u],
    ['a\u0000b', /control characters/u],
    ['a\u2028b', /control characters/u],
    ['a\u202eb', /control characters/u],
    ['nul', /Windows keeps the name nul/u],
    ['COM1.old', /Windows keeps the name COM1/u],
    ['lpt²', /Windows keeps/u],
    ['x'.repeat(201), /too long/u],
    ['音'.repeat(67), /too long/u],
  ] as const) {
    it(`cannot be ${JSON.stringify(name.slice(0, 20))}, and says why`, () => {
      assert.match(nameProblem(name, 'linux') ?? '', problem);
    });
  }

  it('can be any other, in any language', () => {
    for (const name of [
      'talk',
      'Vortrag – Teil 1',
      '会议 第一部分',
      'مقطع',
      '.hidden',
      'console',
      'com10',
      'a.b.c',
      "it's",
    ]) {
      assert.equal(nameProblem(name, 'win32'), undefined, name);
    }
    assert.equal(nameProblem('why?', 'linux'), undefined);
    assert.match(nameProblem('why?', 'win32') ?? '', /: \* \?/u);
  });

  it('is taken as it is meant: without its ending, spaces around it and points behind it', () => {
    assert.equal(tidyName('  talk.MP4 ', 'mp4'), 'talk');
    assert.equal(tidyName('talk.mkv', 'mp4'), 'talk.mkv');
    assert.equal(tidyName('talk. . ', 'mp4'), 'talk');
  });
});
