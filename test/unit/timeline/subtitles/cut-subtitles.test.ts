import assert from 'node:assert/strict';
import fc from 'fast-check';
import { joinOverlaps } from '../../../../src/timeline/join.js';
import { timedRanges, type KeptRange } from '../../../../src/timeline/placement.js';
import { clampSections, type Section } from '../../../../src/timeline/sections.js';
import { cutSubtitles } from '../../../../src/timeline/subtitles/cut-subtitles.js';
import { parseSubtitles, printSubtitles } from '../../../../src/timeline/subtitles/subtitle-file.js';
import { decodeText } from '../../../../src/timeline/subtitles/text-encoding.js';
import { saidSections, unsaidSections } from '../../../../src/timeline/subtitles/unsaid.js';

const S = 1_000_000;
const placed = (kept: readonly Section[], dissolve = 0): KeptRange[] =>
  timedRanges(
    kept.map((range) => ({ start: range.in / S, end: range.out / S })),
    joinOverlaps(kept, { kind: 'dissolve', duration: dissolve }).map((overlap) => overlap / S),
  );
/** Of a minute, [10 s, 20 s) is gone. */
const RANGES = placed([
  { in: 0, out: 10 * S },
  { in: 20 * S, out: 60 * S },
]);

describe('subtitles beside a clip', () => {
  it('srt: what was removed goes, what reaches over the join is clipped, the rest moves; numbers count anew', () => {
    const text = [
      '1',
      '00:00:01,000 --> 00:00:04,000',
      '<i>First</i>, {\\an8}up',
      '',
      '2',
      '00:00:08,500 --> 00:00:12,000 X1:10 X2:20',
      'Over the in point',
      'second line',
      '',
      '3',
      '00:00:12,000 --> 00:00:19,999',
      'Gone',
      '',
      '4',
      '00:00:09,000 --> 00:00:21,000',
      'Over it all',
      '',
      '5',
      '00:00:18,000 --> 00:00:22,250',
      'Over the out point',
      '',
      '6',
      '00:00:50,040 --> 00:00:55,000',
      'Later',
      '',
    ].join('\r\n');
    const cut = cutSubtitles(text, RANGES);
    assert.deepEqual(cut, {
      kept: 5,
      dropped: 1,
      text: [
        '1',
        '00:00:01,000 --> 00:00:04,000',
        '<i>First</i>, {\\an8}up',
        '',
        '2',
        '00:00:08,500 --> 00:00:10,000 X1:10 X2:20',
        'Over the in point',
        'second line',
        '',
        '3',
        '00:00:09,000 --> 00:00:11,000',
        'Over it all',
        '',
        '4',
        '00:00:10,000 --> 00:00:12,250',
        'Over the out point',
        '',
        '5',
        '00:00:40,040 --> 00:00:45,000',
        'Later',
        '',
      ].join('\r\n'),
    });
  });

  it('vtt: head, styles, regions, notes, names and settings stay; words that light up keep their moments', () => {
    const text = `WEBVTT - talk
Kind: captions

STYLE
::cue { color: lime }

REGION
id:fred

NOTE a remark

intro
00:01.000 --> 00:04.000 line:0 align:start
<v Fred>Hello

NOTE before what goes

00:12.000 --> 00:13.000
gone

00:08.000 --> 01:00:22.000 region:fred
<00:08.500>one <00:15.000>two <00:21.000>three
`;
    assert.equal(
      cutSubtitles(text, RANGES)?.text,
      text
        .replace('00:12.000 --> 00:13.000\ngone\n\n', '')
        .replace('--> 01:00:22.000', '--> 00:00:50.000')
        .replace('<00:15.000>', '<00:10.000>')
        .replace('<00:21.000>', '<00:11.000>'),
    );
  });

  it('at a dissolve they change in its middle, as those inside the clip do', () => {
    const ranges = placed(
      [
        { in: 0, out: 10 * S },
        { in: 20 * S, out: 60 * S },
      ],
      S,
    );
    const cut = cutSubtitles('1\n00:00:08,000 --> 00:00:10,000\na\n\n2\n00:00:20,000 --> 00:00:30,000\nb\n', ranges);
    assert.equal(cut?.text, '1\n00:00:08,000 --> 00:00:09,500\na\n\n2\n00:00:09,500 --> 00:00:19,000\nb\n');
  });

  it('without blank lines, numbers, or an end of the last line', () => {
    const text = '00:00:01.5 --> 00:00:02.50\na\n\n00:00:30.000 --> 00:00:31.000\nb, blank line\n\nstill b';
    assert.equal(
      cutSubtitles(text, RANGES)?.text,
      '00:00:01.500 --> 00:00:02.500\na\n\n00:00:20.000 --> 00:00:21.000\nb, blank line\n\nstill b',
    );
    const tight = '7\n00:00:12,000 --> 00:00:13,000\ngone\n8\n00:00:30,000 --> 00:00:31,000\nb';
    assert.equal(cutSubtitles(tight, RANGES)?.text, '1\n00:00:20,000 --> 00:00:21,000\nb');
  });

  it('all of them gone, none at all, and a byte order mark whose cue goes', () => {
    assert.deepEqual(cutSubtitles('1\n00:00:12,000 --> 00:00:13,000\nx\n', RANGES), { text: '', kept: 0, dropped: 1 });
    assert.equal(cutSubtitles('not a subtitle\n', RANGES), undefined);
    assert.equal(cutSubtitles('', RANGES), undefined);
    const marked = '\ufeff1\n00:00:12,000 --> 00:00:13,000\nx\n\n2\n00:00:30,000 --> 00:00:31,000\ny\n';
    assert.equal(cutSubtitles(marked, RANGES)?.text, '\ufeff1\n00:00:20,000 --> 00:00:21,000\ny\n');
  });

  it('of nothing removed comes the same text to the letter, whatever it is', () => {
    const whole = placed([{ in: 0, out: 400_000 * S }]);
    const words = fc.constantFrom(
      '1',
      '12',
      '00:00:01,000 --> 00:00:02,000',
      '00:01.000 --> 00:02.000 line:0',
      '',
      '\n',
      '\r\n',
      '\r',
      'words',
      'WEBVTT',
      'NOTE x',
      ' ',
      '\ufeff',
      '-->',
      '<c>',
    );
    const texts = fc.array(words, { maxLength: 30 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(printSubtitles(parseSubtitles(text).pieces), text);
        const cut = cutSubtitles(text, whole);
        if (!cut) return;
        const plain = (given: string): string => given.replace(/\d+(?=\s*[\r\n])/gu, '#').replaceAll('\ufeff', '');
        assert.equal(plain(cut.text), plain(text));
      }),
      { numRuns: 300 },
    );
  });

  it('any text and any cut end well', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        cutSubtitles(`1\n00:00:01,000 --> 00:00:30,000\n${text}`, RANGES);
        saidSections(text, 60 * S);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the bytes of subtitles', () => {
  const text = '1\r\n00:00:12,000 --> 00:00:13,000\r\n\u00c4rger \u4f60\u597d\r\n';
  const same = (bytes: Uint8Array): void => {
    const decoded = decodeText(bytes);
    assert.ok(decoded);
    assert.ok(Buffer.from(decoded.encode(decoded.text)).equals(Buffer.from(bytes)));
    assert.equal(parseSubtitles(decoded.text).pieces.filter(({ kind }) => kind === 'cue').length, 1);
  };

  it('UTF-8 and UTF-16, with and without a mark, come back as they were', () => {
    same(Buffer.from(text));
    same(Buffer.from(`\ufeff${text}`));
    same(Buffer.from(`\ufeff${text}`, 'utf16le'));
    same(Buffer.from(text, 'utf16le'));
    same(Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
    same(Buffer.from(text, 'utf16le').swap16());
  });

  it('Windows-1252 and GBK are cut without being read: no byte of the words changes', () => {
    const head = '1\r\n00:00:12,000 --> 00:00:13,000\r\n';
    same(Buffer.concat([Buffer.from(head), Buffer.from([0xc4, 0x72, 0x67, 0x80, 0x0d, 0x0a])]));
    same(Buffer.concat([Buffer.from(head), Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0x81, 0x5c, 0x0d, 0x0a])]));
  });

  it('what is no text is refused', () => {
    assert.equal(decodeText(Uint8Array.from([0, 1, 2, 0, 0, 3])), undefined);
    assert.equal(decodeText(Uint8Array.from([0xff, 0xfe, 0x00, 0xd8])), undefined, 'half a character');
    assert.equal(decodeText(Uint8Array.from([]))?.text, '');
  });
});

describe('where nothing is said', () => {
  it('is between the cues, for as long as the settings ask; empty cues say nothing', () => {
    const text =
      '1\n00:00:05,000 --> 00:00:10,000\na\n\n2\n00:00:09,000 --> 00:00:12,000\nb\n\n3\n00:00:20,000 --> 00:00:25,000\n<i> </i>\n\n4\n00:00:40,000 --> 00:00:41,000\nc\n\n5\n00:00:41,500 --> 00:02:00,000\nd\n';
    const said = saidSections(text, 60 * S);
    assert.deepEqual(unsaidSections(said, 60 * S, { minimum: S, margin: 0 }), [
      { in: 0, out: 5 * S },
      { in: 12 * S, out: 40 * S },
    ]);
    assert.equal(unsaidSections(said, 60 * S, { minimum: S / 2, margin: 0 }).length, 3);
  });

  it('leaves a margin at each side that somebody speaks on, and never takes a word at an end of the clip', () => {
    const said = [
      { in: 0, out: 0.2 * S },
      { in: 5 * S, out: 6 * S },
      { in: 9.9 * S, out: 10 * S },
    ];
    assert.deepEqual(unsaidSections(said, 10 * S, { minimum: S, margin: 0.1 * S }), [
      { in: 0.3 * S, out: 4.9 * S },
      { in: 6.1 * S, out: 9.8 * S },
    ]);
    assert.deepEqual(unsaidSections(said.slice(1, 2), 10 * S, { minimum: S, margin: 0.1 * S }), [
      { in: 0, out: 4.9 * S },
      { in: 6.1 * S, out: 10 * S },
    ]);
  });

  it('lies in the gaps alone, whatever is said and whatever the settings are', () => {
    const moment = fc.integer({ min: 0, max: 60 * S });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(moment, moment), { maxLength: 12 }),
        fc.integer({ min: 0, max: 5 * S }),
        fc.integer({ min: 0, max: S }),
        (cues, minimum, margin) => {
          const said = clampSections(
            cues.map(([a, b]) => ({ in: Math.min(a, b), out: Math.max(a, b) })),
            { in: 0, out: 60 * S },
          );
          for (const gap of unsaidSections(said, 60 * S, { minimum, margin })) {
            assert.ok(gap.in >= 0 && gap.in < gap.out && gap.out <= 60 * S);
            for (const cue of said) assert.ok(cue.out + margin <= gap.in || cue.in - margin >= gap.out);
          }
        },
      ),
    );
  });
});
