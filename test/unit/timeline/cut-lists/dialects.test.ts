// Dialects of EDL and tables, each in the form in which files written by the program that is named have it: the columns,
// reels, comments, speeds and paddings were taken from such files, the numbers and names are our own.
import assert from 'node:assert/strict';
import JSON5 from 'json5';
import { isShownByYouTube, writeResultChapters } from '../../../../src/timeline/cut-lists/chapters.js';
import { CutListError } from '../../../../src/timeline/cut-lists/cut-list.js';
import { clipsOfFile, readCutList, writeCutList } from '../../../../src/timeline/cut-lists/formats.js';
import { textOfList } from '../../../../src/timeline/cut-lists/list-text.js';
import { notes, read, S, seconds, talk } from './reading.js';

const edl = (...lines: string[]): string => ['TITLE: x', 'FCM: NON-DROP FRAME', '', ...lines].join('\r\n');
const lines = (list: string, event: string): string => edl(event, `* FROM CLIP NAME: ${list}`);

describe('EDL, as programs write it', () => {
  it('Avid: names of files in a line of their own, and what is said of other clips is not said of this one', () => {
    const text = edl(
      '001  TALK_TAP V     C        00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00 ',
      '* FROM CLIP NAME:  THE TALK.NEW.01 ',
      '* SOURCE FILE: talk',
      '002  OTHER_TA V     C        09:18:30:00 09:18:38:00 01:00:10:00 01:00:18:00 ',
      'M2   OTHER_TA       050.0                09:18:30:00 ',
      '* FROM CLIP NAME:  OTHER.NEW.01 ',
      '* SOURCE FILE: OTHER',
    );
    const list = read('x.edl', text);
    assert.deepEqual(seconds(list), [[10, 20]]);
    assert.equal(notes(list), 'other-clips 1', 'the other clip’s change of speed is none of ours');
  });

  it('Avid: each source drops numbers or not by the line above it, and so does a record that alone has semicolons', () => {
    const clip = { ...talk, duration: 7200 * S, frameRate: 30_000 / 1001 };
    const text = [
      'TITLE:   x ',
      'FCM: NON-DROP FRAME',
      '001  TALK     V     C        01:00:00:00 01:00:10:00 01:00:00:00 01:00:10:00 ',
      '* FROM CLIP NAME:  TALK.MP4',
      'FCM: DROP FRAME',
      '002  TALK     V     C        01:00:00:00 01:00:10:00 01:00:10:00 01:00:20:00 ',
      '* FROM CLIP NAME:  TALK.MP4',
      '003  TALK     V     C        01:00:00:00 01:00:10:00 01:00:20;00 01:00:30;00 ',
      '* FROM CLIP NAME:  TALK.MP4',
    ].join('\n');
    assert.deepEqual(
      read('x.edl', text, clip).parts.map((part) => part.in),
      [3_603_600_000, 3_599_996_400, 3_603_600_000],
    );
  });

  it('Avid: a dissolve whose letter was lost on the way is a dissolve', () => {
    const text = edl(
      '005  TALK_ONE V     C        00:00:10:00 00:00:10:00 01:00:03:01 01:00:03:01 ',
      '005  TALK_TWO V      008 00:01:01:10 00:01:02:10 01:00:03:01 01:00:04:01 ',
      '* FROM CLIP NAME:  OTHER.MOV ',
      '* TO CLIP NAME:  TALK.MP4 ',
    );
    const list = read('x.edl', text);
    assert.deepEqual(seconds(list), [[61.4, 62.4]]);
    assert.equal(notes(list), 'transitions 1');
  });

  it('Avid lists as much of a clip at another speed as it uses, Final Cut as much as it lasts: both use the same', () => {
    const avid = lines(
      'talk.mp4',
      '001  TALK  V  C  00:00:10:00 00:00:30:00 01:00:00:00 01:00:10:00\r\nM2  TALK  050.0  00:00:10:00',
    );
    const finalCut = lines(
      'talk.mp4',
      '001  TALK  V  C  00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00\r\nM2  TALK  050.0  00:00:10:00',
    );
    for (const text of [avid, finalCut]) {
      const list = read('x.edl', text);
      assert.deepEqual(seconds(list), [[10, 30]]);
      assert.equal(notes(list), 'speed 1');
    }
    const slow = lines(
      'talk.mp4',
      '001  TALK  V  C  00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00\r\nM2  TALK  012.5  00:00:10:00',
    );
    assert.deepEqual(seconds(read('x.edl', slow)), [[10, 15]]);
    const frozen = lines(
      'talk.mp4',
      '001  TALK  V  C  00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00\r\nM2  TALK  000.0  00:00:10:00',
    );
    assert.deepEqual(seconds(read('x.edl', frozen)), [[10, 10.04]]);
    const same = lines(
      'talk.mp4',
      '001  TALK  V  C  00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00\r\nM2  TALK  025.0  00:00:10:00',
    );
    assert.equal(notes(read('x.edl', same)), '', 'its own speed is no change of speed');
  });

  it('Final Cut Pro 7: a clip of 40 seconds, played backwards in whole, is that clip', () => {
    const text = lines(
      'BARS_40S.MOV',
      '001  FOO      V     C        01:00:39:23 01:01:19:23 01:00:00:00 01:00:40:00  \r\nM2   FOO           -025.0                01:00:39:23',
    );
    const list = read('x.edl', text, { ...talk, name: 'bars_40s.mov', duration: 40 * S });
    assert.deepEqual(seconds(list), [[0, 40]]);
  });

  it('Final Cut Pro 7: keys, reels with another name, and a file that is filled up to its last block', () => {
    const text = edl(
      '002        AX V     K B      00:01:06:00 00:01:08:00 01:00:04:10 01:00:06:10  ',
      '002        AX V     K    000 00:00:03:08 00:00:03:08 01:00:04:10 01:00:04:10  ',
      '* FROM CLIP NAME:  talk.mp4',
      '* KEY CLIP NAME:  title.mov',
      '003  006I     V     C        00:00:42:14 00:00:43:13 01:00:02:00 01:00:02:24  ',
      'FINAL CUT PRO REEL: talk REPLACED BY: 006I',
    );
    const bytes = Uint8Array.from([...new TextEncoder().encode(text), 0x1a, 0x1a, ...new Uint8Array(151)]);
    const list = read('x.edl', textOfList(bytes) ?? '');
    assert.deepEqual(seconds(list), [
      [66, 68],
      [42.56, 43.52],
    ]);
    assert.equal(textOfList(Uint8Array.from([0x50, 0x4b, 0, 0, 3, 0, 7])), undefined, 'other files are still no text');
  });

  it('programs that write no reel, or a file’s whole name for one, and comments without an asterisk', () => {
    // The information writer of OBS.
    const bare = edl(
      '001  START V     C        00:00:00:00 00:00:20:00 00:00:00:00 00:00:20:00',
      '002        V     C        00:00:40:00 00:00:55:00 00:00:20:00 00:00:35:00',
    );
    assert.deepEqual(seconds(read('x.edl', bare)), [
      [0, 20],
      [40, 55],
    ]);
    const reels = edl(
      '0001  Z125C001_220217_ROLX    V     C         00:00:58:10 00:01:02:15 00:00:00:00 00:00:04:05',
      '0002  the best talk    V     C         00:00:10:00 00:00:12:00 00:00:04:05 00:00:06:05',
    );
    assert.deepEqual(clipsOfFile('edl', reels), ['Z125C001_220217_ROLX', 'the best talk']);
    assert.deepEqual(seconds(read('x.edl', reels, { ...talk, name: 'Z125C001_220217_ROLX.mov' })), [[58.4, 62.6]]);
    assert.deepEqual(seconds(read('x.edl', reels, { ...talk, name: 'The Best Talk.mov' })), [[10, 12]]);
    for (const comment of ['FROM CLIP NAME: talk', '* FROM FILE: S:/shots/talk.mp4', '* FROM CLIP: talk.mp4']) {
      const text = edl(
        '001  SHOT1    V     C        00:00:10:00 00:00:11:00 00:00:00:00 00:00:01:00 ',
        comment,
        '002  SHOT2    V     C        23:00:00:00 23:00:01:00 00:00:01:16 00:00:02:16 ',
        'FROM CLIP NAME: shot2',
      );
      assert.deepEqual(seconds(read('x.edl', text)), [[10, 11]], comment);
    }
  });

  it('Resolve’s markers: those with a length are sections that the person is asked about, the others are points', () => {
    const marker = (number: number, at: string, name: string, frames: number): string[] => [
      `00${number}  001      V     C        01:00:${at}:00 01:00:${at}:01 01:00:${at}:00 01:00:${at}:01  `,
      ` |C:ResolveColorBlue |M:${name} |D:${frames}`,
      '',
    ];
    const text = edl(...marker(1, '05', 'Intro', 1), ...marker(2, '10', 'Ads, out', 250), ...marker(3, '50', '', 25));
    const list = read('Timeline 1.edl', text);
    assert.equal(list.lists, 'unsaid');
    assert.deepEqual(
      list.parts.map((part) => [part.in / S, part.out / S, part.name]),
      [
        [10, 20, 'Ads, out'],
        [50, 51, undefined],
      ],
    );
    assert.equal(notes(list), 'markers 1, timecode 1');
    assert.throws(() => read('x.edl', edl(...marker(1, '05', 'Intro', 1))), { problem: 'nothing-in-it' });
    const both = edl(
      '001  AX       V     C        00:00:20:00 00:00:30:00 01:00:00:00 01:00:10:00',
      ...marker(2, '05', 'Look', 1),
    );
    assert.deepEqual([seconds(read('x.edl', both)), notes(read('x.edl', both))], [[[20, 30]], 'markers 1']);
  });

  it('a clip of 60 frames a second in a timeline of 30: the list counts as the timeline does', () => {
    const clip = { ...talk, frameRate: 60 };
    const two = (value: number): string => String(value).padStart(2, '0');
    const events = Array.from({ length: 8 }, (_, n) => {
      const [from, to] = [`00:00:${two(n * 5)}:${two(n * 3)}`, `00:00:${two(n * 5 + 2)}:${two(n * 3 + 8)}`];
      return `${two(n + 1).padStart(3, '0')}  AX       V     C        ${from} ${to} ${from} ${to}`;
    });
    const list = read('x.edl', edl(...events), clip);
    assert.deepEqual(
      seconds(list)[1],
      [5.1, 7 + 11 / 30].map((time) => Math.round(time * S) / S),
    );
    assert.equal(notes(list), 'other-rate 1');
    assert.equal(notes(read('x.edl', edl(...events.slice(0, 2)), clip)), '', 'a few numbers prove nothing');
  });

  it('a clip of 60 frames a second in a timeline of 30: lengths that agree at 30 alone prove it by one event', () => {
    const event = '001  AX       V     C        00:00:10:20 00:00:12:05 01:00:00:00 01:00:01:15';
    const list = read('x.edl', edl(event), { ...talk, frameRate: 60 });
    assert.deepEqual(seconds(list), [[10.666667, 12.166667]]);
    assert.equal(notes(list), 'other-rate 1');
  });

  it('a clip of 60 frames a second of which we name no frame of the upper half: our own list counts as its clip', () => {
    const clip = { ...talk, frameRate: 60 };
    const kept = Array.from({ length: 15 }, (_, n) => ({
      in: Math.round(((n * 7 * 60 + n) / 60) * S),
      out: Math.round((((n * 7 + 3) * 60 + n) / 60) * S),
    }));
    const list = read('x.edl', writeCutList('edl', kept, clip).text, clip);
    assert.deepEqual([list.parts.map(({ in: from, out: to }) => ({ in: from, out: to })), notes(list)], [kept, '']);
  });
});

describe('LosslessCut, as it writes itself', () => {
  const segments = [
    { start: 0, end: 10.01, name: 'Intro, with "quotes"', tags: undefined, selected: true },
    { start: 20.353666666666665, end: 40.04, name: '第二段', tags: { camera: 'A' }, selected: true },
    { start: 45.5, end: undefined, name: 'a marker', tags: undefined, selected: true },
    { start: 60, end: 90.123456, name: "it's\nof two lines", tags: {}, selected: false },
  ];

  it('the project of 3.65 and later, by the very library and options that write it', () => {
    const text = JSON5.stringify({ version: 2, mediaFileName: 'talk.mp4', cutSegments: segments }, null, 2);
    const list = read('talk-proj.llc', text);
    assert.deepEqual(seconds(list), [
      [0, 10.01],
      [20.353667, 40.04],
    ]);
    assert.equal(notes(list), 'markers 1, switched-off 1');
  });

  it('its table in seconds has all digits that a number has, and `undefined` for the end of a marker', () => {
    const text =
      'Start,End,Name,camera\n0,10.01,"Intro, with ""quotes""",\n20.353666666666665,40.04,第二段,A\n45.5,undefined,a marker,\n60,90.123456,"it\'s\nof two lines",\n';
    const list = read('talk.csv', text);
    assert.deepEqual(seconds(list), [
      [0, 10.01],
      [20.353667, 40.04],
      [60, 90.123456],
    ]);
    assert.equal(notes(list), 'markers 1');
  });

  it('what we write opens there: times of FCPXML are fractions, each of them', () => {
    const kept = [
      { in: 0, out: 10 * S },
      { in: 20 * S, out: 40 * S },
    ];
    const { text } = writeCutList('fcpxml', kept, talk);
    const times = [...text.matchAll(/ (?:start|offset|duration|tcStart|frameDuration)="([^"]*)"/gu)].map(
      ([, time]) => time,
    );
    assert.ok(times.length > 10);
    for (const time of times) assert.match(time ?? '', /^\d+\/\d+s$/u);
    assert.deepEqual(readCutList('fcpxml', text, talk).parts, kept);
  });
});

describe('YouTube’s rules for chapters', () => {
  it('three at least, each of ten seconds or more, the first at 0:00', () => {
    assert.ok(isShownByYouTube('0:00 a\n0:10 b\n0:20 c\n', 30 * S));
    assert.ok(!isShownByYouTube('0:00 a\n0:10 b\n', 30 * S), 'two');
    assert.ok(!isShownByYouTube('0:00 a\n0:09 b\n0:20 c\n', 30 * S), 'a short one');
    assert.ok(!isShownByYouTube('0:00 a\n0:10 b\n0:25 c\n', 30 * S), 'the last one is short');
    assert.ok(!isShownByYouTube('0:01 a\n0:11 b\n0:21 c\n', 60 * S), 'it begins later');
    const kept = [0, 40, 80].map((at) => ({ in: at * S, out: (at + 20) * S }));
    assert.ok(isShownByYouTube(writeResultChapters(kept).text, 60 * S));
  });
});

describe('cut lists that are made to take long', () => {
  it('lines that a pattern could be lost in', () => {
    const evil = [
      `FINAL CUT PRO REEL:${' '.repeat(900)}x`,
      `* FROM CLIP NAME:${' a'.repeat(450)}`,
      `M2 ${'1 '.repeat(480)}`,
      `|C:x |M:${' |M:'.repeat(240)}`,
      '\n'.repeat(100),
    ];
    const event = '001  AX       V     C        00:00:20:00 00:00:30:00 01:00:00:00 01:00:10:00';
    const begun = process.cpuUsage().user;
    for (const line of evil) {
      try {
        readCutList('edl', `${event}\n${`${line}\n`.repeat(2000)}`, talk);
      } catch (error) {
        assert.ok(error instanceof CutListError);
      }
    }
    const spent = (process.cpuUsage().user - begun) / 1000;
    assert.ok(spent < 5000, `${spent} ms`);
  }).timeout(60_000);
});
