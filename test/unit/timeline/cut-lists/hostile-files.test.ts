// Files that are damaged, of another kind, or made to do harm: each ends in one of our own errors or in sections that
// lie where sections can lie, and soon.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CutListError,
  LATEST_TIME,
  type CutListFormat,
  type ListedClip,
} from '../../../../src/timeline/cut-lists/cut-list.js';
import { fitSections } from '../../../../src/timeline/cut-lists/fitted-sections.js';
import { clipsOfFile, formatOfFile, readCutList, writeCutList } from '../../../../src/timeline/cut-lists/formats.js';

const S = 1_000_000;
const clip: ListedClip = { name: 'talk.mp4', duration: 120 * S, frameRate: 30_000 / 1001 };
const FORMATS: readonly CutListFormat[] = ['edl', 'csv', 'llc', 'fcpxml', 'chapters'];

/** @returns the problem that was told, or undefined where sections came of it, which are then checked */
function take(format: CutListFormat, text: string): string | undefined {
  try {
    formatOfFile('x', text);
    for (const name of clipsOfFile(format, text)) assert.equal(typeof name, 'string');
    const { parts, lists } = readCutList(format, text, clip);
    assert.ok(parts.length > 0);
    for (const part of parts) {
      assert.ok(Number.isSafeInteger(part.in) && Number.isSafeInteger(part.out), JSON.stringify(part));
      assert.ok(part.out > part.in && part.in >= 0 && part.out <= 2 * LATEST_TIME, JSON.stringify(part));
    }
    const fitted = fitSections(parts, lists === 'removed' ? 'removed' : 'kept', clip.duration, []);
    let end = 0;
    for (const section of fitted.sections) {
      assert.ok(section.in >= end && section.out > section.in && section.out <= clip.duration);
      end = section.out;
    }
    return undefined;
  } catch (error) {
    if (error instanceof CutListError) return error.problem;
    throw error;
  }
}

describe('cut lists that are none, or mean harm', () => {
  it('any text at all', () => {
    const words = fc.constantFrom(
      '0:00',
      '1:00 a',
      '001  AX  V  C  ',
      '00:00:01:00 ',
      '\n',
      ',',
      '"',
      '{',
      '}',
      '[',
      '<a>',
      'NaN',
      '-5',
      '1e309',
      '99:99:99:99',
      '\u0000',
      'TITLE: ',
      '*',
      "'",
      '0/0s',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(words, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), text, (format, given) => void take(format, given)),
      { numRuns: 300 },
    );
  }).timeout(60_000);

  it('lists of ours with bytes changed', () => {
    const kept = [
      { in: 0, out: 10 * S },
      { in: 20 * S, out: 120 * S },
    ];
    const changes = fc.array(fc.tuple(fc.nat(2000), fc.string({ unit: 'grapheme', minLength: 0, maxLength: 3 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), changes, (format, all) => {
        let { text } = writeCutList(format, kept, clip);
        for (const [at, put] of all) text = text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1);
        take(format, text);
      }),
      { numRuns: 200 },
    );
  });

  it('times that are none: negative, reversed, endless, overlapping', () => {
    const llc = (start: string, end: string): string =>
      `{version: 1, cutSegments: [{start: ${start}, end: ${end}, name: ''}]}`;
    const cases: [string, string, string | undefined][] = [
      ['-5', '5', undefined],
      ['10', '5', 'nothing-in-it'],
      ['NaN', '5', 'nothing-in-it'],
      ['0', 'Infinity', 'nothing-in-it'],
      ['0', '1e300', 'nothing-in-it'],
      ['"0"', '5', 'nothing-in-it'],
      ['-1e300', '5', 'nothing-in-it'],
    ];
    for (const [start, end, problem] of cases) assert.equal(take('llc', llc(start, end)), problem, `${start} ${end}`);
    assert.equal(take('csv', '-1,NaN\n'), 'not-this');
    assert.equal(take('csv', '10,5\n20,10\n'), 'nothing-in-it');
    assert.equal(take('fcpxml', fcpxml('<asset-clip ref="r1" start="-5s" duration="1/0s"/>')), 'nothing-in-it');
    const overlapping = readCutList('csv', '0.5,50\n40,60\n40,45\n10,200\n300,310\n', clip);
    const {
      sections,
      overlapping: over,
      clipped,
      outside,
    } = fitSections(overlapping.parts, 'removed', clip.duration, []);
    assert.deepEqual([sections, over, clipped, outside], [[{ in: 500_000, out: 120 * S }], 3, 1, 1]);
  });

  it('keys that reach for the prototypes of objects', () => {
    const keys = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'];
    for (const key of keys) {
      take(
        'llc',
        `{version: 1, ${key}: {polluted: 1}, cutSegments: [{start: 1, end: 2, name: '', ${key}: {polluted: 1}}]}`,
      );
      take('fcpxml', fcpxml(`<${key} ${key}="1"><asset-clip ref="r1" ${key}="x" start="0s" duration="5s"/></${key}>`));
      take('fcpxml', fcpxml(`<asset-clip ref="${key}" start="0s" duration="5s"/>`));
      take('csv', `${key},Start,End\n${key},1,2\n`);
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('XML that grows: entities, and elements without end', () => {
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE fcpxml [<!ENTITY l0 "lol">${laughs}]><fcpxml version="1.9"><resources><asset id="r1" name="&l9;" start="0s" duration="9s"/></resources>${body('<asset-clip ref="r1" name="&l9;" start="0s" duration="5s"/>')}</fcpxml>`;
    const begun = Date.now();
    take('fcpxml', bomb);
    const secret = bomb.replace('"lol"', 'SYSTEM "file:///etc/passwd"');
    take('fcpxml', secret);
    for (const name of clipsOfFile('fcpxml', secret)) assert.doesNotMatch(name, /root/);
    assert.equal(take('fcpxml', `<fcpxml>${'<a>'.repeat(100_000)}`), 'not-this');
    assert.equal(take('fcpxml', `<fcpxml>${'<spine>'.repeat(1000)}${'</spine>'.repeat(1000)}</fcpxml>`), 'not-this');
    assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
  });

  it('10 MB of each, and more than that is refused at once', () => {
    const long: [CutListFormat, string][] = [
      ['edl', '001  AX  V  C  00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n'],
      ['edl', '001 '.padEnd(100_000, ' ')],
      ['edl', '* FROM CLIP NAME: '.padEnd(100_000, ' ')],
      ['csv', '1,2,name\n'],
      ['csv', '"'],
      ['chapters', '0:01 Intro\n'],
      ['chapters', ' '.repeat(100_000)],
      ['llc', '['],
      ['llc', '{"a":'],
      ['fcpxml', '<fcpxml>'],
      ['fcpxml', '<!DOCTYPE '],
    ];
    for (const [format, piece] of long) {
      const begun = Date.now();
      take(format, piece.repeat(Math.ceil(10_000_000 / piece.length)));
      assert.ok(Date.now() - begun < 20_000, `${format} ${piece.slice(0, 10)}: ${Date.now() - begun} ms`);
    }
    const many = `{version: 1, cutSegments: [${'{start:1,end:2,name:""},'.repeat(20_100)}]}`;
    assert.equal(take('llc', many), 'too-large');
    for (const format of FORMATS) assert.equal(take(format, ' '.repeat(17_000_000)), 'too-large');
  }).timeout(60_000);
});

function body(spine: string): string {
  return `<library><event><project><sequence format="r0"><spine>${spine}</spine></sequence></project></event></library>`;
}

function fcpxml(spine: string): string {
  return `<fcpxml version="1.9"><resources><asset id="r1" name="talk.mp4" start="0s" duration="120s"/></resources>${body(spine)}</fcpxml>`;
}
