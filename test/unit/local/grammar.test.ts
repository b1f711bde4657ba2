import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAction, readMessage, type Intent, type Message } from '../../../src/local/grammar.js';
import type { Part } from '../../../src/local/grammar-parts.js';
import { formatTimecode } from '../../../src/timeline/timecode.js';

/** An intent in short: `-10..20` removes 10 s to 20 s, `+` keeps. */
function short(message: Message): string {
  return [...(message.rewind ? [message.rewind] : []), ...intentWords(message.intent)].join(' ');
}

function intentWords(intent: Intent): string[] {
  switch (intent.kind) {
    case 'cut':
      return intent.cuts.map(({ action, part }) => `${action === 'remove' ? '-' : '+'}${partWord(part)}`);
    case 'ask-section':
      return [`which to ${intent.action}?`];
    case 'ask-action':
      return ['remove or keep?'];
    case 'bad-time':
      return [`bad ${intent.text}`];
    case 'none':
      return [];
  }
}

function partWord(part: Part): string {
  switch (part.kind) {
    case 'between':
      return `${part.in / 1e6}..${part.out / 1e6}`;
    case 'first':
    case 'last':
      return `${part.kind}(${part.length / 1e6})`;
    case 'first-share':
    case 'last-share':
      return `${part.kind}(${part.share})`;
    case 'after':
    case 'before':
    case 'pause-at':
    case 'pause-after':
    case 'pause-before':
      return `${part.kind}(${part.time / 1e6})`;
    case 'pauses':
      return `pauses(${typeof part.minimum === 'string' ? part.minimum : part.minimum / 1e6})${withinWord(part)}`;
    case 'longest-pause':
      return `pause${withinWord(part)}`;
    case 'said':
    case 'unsaid':
      return `${part.kind}${part.minimum === undefined ? '' : `(${part.minimum / 1e6})`}${withinWord(part)}`;
  }
}

function withinWord({ within }: { readonly within?: { in: number; out: number } }): string {
  return within ? ` within ${within.in / 1e6}..${within.out / 1e6}` : '';
}

function understands(cases: Record<string, string>): void {
  for (const [sentence, expected] of Object.entries(cases)) {
    it(sentence, () => assert.equal(short(readMessage(sentence)), expected));
  }
}

describe('cutting sentences in English', () => {
  describe('a section between two times', () =>
    understands({
      'remove the section between 0:45 and 1:20 and join the remaining parts smoothly': '-45..80',
      'Remove the sections between 0:45 and 1:20 and between 2:00 and 2:10 and join the remaining parts smoothly':
        '-45..80 -120..130',
      'remove the sections between 0:45 and 1:20, 2:00 and 2:10 and 2:30 and 2:40': '-45..80 -120..130 -150..160',
      'cut from 0:10 to 0:20': '-10..20',
      'cut 0:10 to 0:20': '-10..20',
      'cut 0:10 - 0:20 please': '-10..20',
      'Delete 0:10-0:20.': '-10..20',
      'delete 0:10–0:20': '-10..20',
      'delete 0:10 — 0:20': '-10..20',
      'delete 0:10->0:20': '-10..20',
      'delete 0:10...0:20': '-10..20',
      'take out 10s to 20s': '-10..20',
      'take 10s to 20s out': '-10..20',
      'take the part from 0:10 to 0:20 out of the video': '-10..20',
      'cut out the part between 1 minute 5 seconds and 1:20': '-65..80',
      'cut out the part between 1 minute and 5 seconds and 1:20': '-65..80',
      'get rid of everything between 10 and 20 seconds': '-10..20',
      'Could you please erase the bit from 10 to 20 seconds?': '-10..20',
      'remove from 1 to 2 minutes': '-60..120',
      'remove 1-2 min': '-60..120',
      'remove seconds 10-20': '-10..20',
      'remove second 10 to second 20': '-10..20',
      'drop 45-80': '-45..80',
      'skip from the 1:00 mark to the 1:30 mark': '-60..90',
      'skip from the 1-minute mark to the 2-minute mark': '-60..120',
      'remove 1:02:03.250 to 1:02:04': '-3723.25..3724',
      'remove 0:10.5 until 0:20.75': '-10.5..20.75',
      'remove 1m20s through 1m30s': '-80..90',
      'remove 1m20 to 2m': '-80..120',
      'remove 1h2m3s to 1h 2m 10s': '-3723..3730',
      'remove 500ms to 1500 ms': '-0.5..1.5',
      'cut ten seconds to twenty seconds': '-10..20',
      'cut from ten to twenty-five seconds': '-10..25',
      'remove between one and two minutes': '-60..120',
      'remove from half a minute to a minute and a half': '-30..90',
      'remove from one and a half minutes to 2 minutes': '-90..120',
      'I want a version without 0:10-0:20': '-10..20',
      "I don't want the part from 0:10 to 0:20": '-10..20',
      '0:10 to 0:20 should be removed': '-10..20',
      'remove the section starting at 0:45 and ending at 1:20': '-45..80',
      'remove, in point 0:45, out point 1:20': '-45..80',
      'leave out 0:10 to 0:20': '-10..20',
      'trim out 0:10-0:20': '-10..20',
      'trim the section between 0:45 and 1:20': '-45..80',
      'remove 10 seconds starting at 0:45': '-45..55',
      'cut the 5 seconds after 0:45': '-45..50',
      'cut the 5 seconds before 0:45': '-40..45',
      'ＤＥＬＥＴＥ ０：１０－０：２０': '-10..20',
      'remove the section between 0:45 and 1:20 (35 seconds)': '-45..80',
      'remove the section between 0:45 and 1:20 and close the gap': '-45..80',
      'remove only 0:10-0:20': '-10..20',
    }));

  describe('several sections', () =>
    understands({
      'remove 0:10-0:20 and 0:30-0:40': '-10..20 -30..40',
      'remove 0:10-0:20, 0:30-0:40, and 0:50 to 1:00': '-10..20 -30..40 -50..60',
      'remove 0:10-0:20,0:30-0:40': '-10..20 -30..40',
      'remove from 0:10 to 0:20 and from 0:30 to 0:40': '-10..20 -30..40',
      'delete the first 5 seconds and the last 10 seconds': '-first(5) -last(10)',
      'remove the first and last 5 seconds': '-first(5) -last(5)',
      'cut 0:10-0:20, then remove the long pause': '-10..20 -pause',
      'remove 0:10-0:20; delete everything after 2:00': '-10..20 -after(120)',
      'remove 0:10-0:20 but keep 0:30-0:40': '-10..20 +30..40',
    }));

  describe('the ends of the clip', () =>
    understands({
      'remove the first 5 seconds': '-first(5)',
      'remove the first five seconds': '-first(5)',
      'trim the first 5 seconds': '-first(5)',
      'trim 5 seconds off the start': '-first(5)',
      'cut 1.5 seconds from the beginning': '-first(1.5)',
      'cut the first minute': '-first(60)',
      'cut the first half': '-first-share(0.5)',
      'delete the second half of the video': '-last-share(0.5)',
      'remove the last 10s': '-last(10)',
      'take ten seconds off the end': '-last(10)',
      'cut the final 10 seconds of the clip': '-last(10)',
      'remove the first 30 seconds of the video': '-first(30)',
      'remove everything after 1:30': '-after(90)',
      'delete all after 90 seconds': '-after(90)',
      'remove from 1:30 to the end': '-after(90)',
      'cut 1:30 to the end of the video': '-after(90)',
      'cut from 1:30 onwards': '-after(90)',
      'remove everything from 1:30 on': '-after(90)',
      'remove everything before 0:10': '-before(10)',
      'remove from the start to 0:10': '-before(10)',
      'remove everything up to 0:10': '-before(10)',
      'make the video start at 0:10': '+after(10)',
      'end the video at 1:00': '+before(60)',
      'start at 0:05 and end at 0:50': '+5..50',
      'trim 5 seconds from both ends': '-first(5) -last(5)',
      'remove everything before 0:10 and after 0:50': '-before(10) -after(50)',
      'cut off the end after 1:30': '-after(90)',
    }));

  describe('what is to stay', () =>
    understands({
      'keep only 0:10 to 0:30': '+10..30',
      'keep 0:10-0:30 and remove the rest': '+10..30',
      'keep the part from 0:10 to 0:30 and delete everything else': '+10..30',
      'keep 0:10-0:20 and 0:30-0:40': '+10..20 +30..40',
      'trim to 0:10–0:30': '+10..30',
      'trim the clip to 0:10-0:30': '+10..30',
      'trim it down to the first 30 seconds': '+first(30)',
      'cut the video to 0:10 - 0:30': '+10..30',
      'only the first ten seconds': '+first(10)',
      'I only want 0:10 to 0:30': '+10..30',
      'just keep everything after 0:20': '+after(20)',
      'keep the last 10 seconds': '+last(10)',
      'extract 0:10 to 0:30': '+10..30',
      'remove everything except 0:10 to 0:30': '+10..30',
      'delete everything but the first 10 seconds': '+first(10)',
      'remove everything outside 0:10-0:30': '+10..30',
      'keep everything except 0:10-0:20': '-10..20',
      "don't keep 0:10-0:20": '-10..20',
      'keep all except for the part between 0:10 and 0:20': '-10..20',
    }));

  describe('pauses', () =>
    understands({
      'remove the long pause': '-pause',
      'remove the long pause in the middle': '-pause',
      'cut out the longest silence': '-pause',
      'edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4': '-pause',
      'get rid of the dead air': '-pause',
      'remove all pauses over 2 seconds': '-pauses(2)',
      'remove all pauses longer than 1.5s': '-pauses(1.5)',
      'remove every pause that is longer than two seconds': '-pauses(2)',
      'delete silences > 2s': '-pauses(2)',
      'cut pauses of 3 seconds or more': '-pauses(3)',
      'remove all 2-second pauses': '-pauses(2)',
      'remove all pauses': '-pauses(any)',
      'remove all the long pauses': '-pauses(long)',
      'remove the silent parts': '-pauses(any)',
      'remove the pause at 0:17': '-pause-at(17)',
      'remove the 10 second pause in the middle': '-pause',
      'remove the awkward silence after 0:17': '-pause-after(17)',
      'remove the pause before 0:40': '-pause-before(40)',
      'remove all pauses between 0:10 and 0:50': '-pauses(any) within 10..50',
      'remove the long pause between 0:10 and 0:50': '-pause within 10..50',
      'remove silence': '-pauses(any)',
      'remove pauses longer than 2 seconds': '-pauses(2)',
      'cut out all the silences of the clip': '-pauses(any)',
      'remove pauses and the first 5 seconds': '-pauses(any) -first(5)',
    }));

  describe('going back', () =>
    understands({
      undo: 'undo',
      'Undo that, please': 'undo',
      'undo the last cut': 'undo',
      'undo the removal of 0:10-0:20': 'undo',
      redo: 'redo',
      'start over': 'restore',
      'restore everything': 'restore',
      'restore the original': 'restore',
      'undo everything': 'restore',
      'undo that and remove 0:10-0:20 instead': 'undo -10..20',
      'start over and cut the first 5 seconds': 'restore -first(5)',
    }));

  describe('what has to be asked', () =>
    understands({
      'cutting out unwanted middle sections from a video and rejoining the remaining parts for content creators':
        'which to remove?',
      'remove the middle': 'which to remove?',
      'cut out the boring part': 'which to remove?',
      'cut from 0:45': 'which to remove?',
      'remove 0:10-0:20 and 0:30': 'which to remove?',
      'keep only the good part': 'which to keep?',
      'remove the second 0:75 to 1:20': 'bad 0:75',
      'remove 00:00:10:12 to 00:00:20:00': 'bad 00:00:10:12',
      'remove the cough after 0:17': 'which to remove?',
      'remove 0:10-0:20, 30': 'which to remove?',
      'remove frames 10 to 20': 'which to remove?',
      'trim 0:10-0:30': 'remove or keep?',
      'trim from 0:10 to 0:30': 'remove or keep?',
      '0:10 to 0:30': 'remove or keep?',
    }));

  describe('what is no cut', () =>
    understands({
      hello: '',
      'make it look better': '',
      'add music from 0:10 to 0:20': '',
      'mute 0:10 to 0:20': '',
      'speed up the part between 0:10 and 0:20': '',
      'remove the background music': '',
      'remove the background noise between 0:10 and 0:20': '',
      "don't remove 0:10-0:20": '',
      'crop to 9:16': '',
      'make a 30-second clip': '',
      'put the title "One to Ten" on it': '',
      'keep the audio quality': 'which to keep?',
    }));
});

describe('cutting sentences in Chinese', () => {
  understands({
    '删除0:45到1:20之间的部分并平滑拼接': '-45..80',
    '删除 0:45 到 1:20 之间的部分，并把剩余部分平滑拼接起来': '-45..80',
    '删除0：45到1：20之间的部分': '-45..80',
    剪掉从10秒到20秒: '-10..20',
    剪掉10到20秒: '-10..20',
    剪掉第10秒到第20秒的内容: '-10..20',
    '把0:10到0:20剪掉': '-10..20',
    把10秒到20秒的片段删掉: '-10..20',
    '请去掉０：１０－０：２０': '-10..20',
    '去掉0:10~0:20': '-10..20',
    '去掉0:10至0:20': '-10..20',
    '去掉0:10和0:20之间的内容': '-10..20',
    剪掉十秒到二十秒: '-10..20',
    剪掉十到二十五秒: '-10..25',
    删除1分5秒到1分20秒: '-65..80',
    删除一分零五秒到一分二十秒: '-65..80',
    删除一分半到两分钟: '-90..120',
    删除1分05到1分20: '-65..80',
    删除半分钟到1个半小时: '-30..5400',
    '不要0:10到0:20的部分': '-10..20',
    去掉前5秒: '-first(5)',
    把前5秒的视频删掉: '-first(5)',
    去掉开头的五秒: '-first(5)',
    去掉最后10秒: '-last(10)',
    剪掉结尾10秒钟: '-last(10)',
    去掉后5秒: '-last(5)',
    首尾各剪掉5秒: '-first(5) -last(5)',
    去掉前5秒和最后10秒: '-first(5) -last(10)',
    删除第一分钟: '-first(60)',
    删掉前半段: '-first-share(0.5)',
    '只保留0:10到0:30': '+10..30',
    '保留0:10到0:30，其余删掉': '+10..30',
    只要前10秒: '+first(10)',
    '剪到0:10-0:30': '+10..30',
    删掉1分5秒之后的内容: '-after(65)',
    '删除0:30以后的所有内容': '-after(30)',
    '从1:30剪到结尾': 'which to remove?',
    '删除1:30到结尾': '-after(90)',
    删掉10秒之前的部分: '-before(10)',
    '删除从开头到0:10': '-before(10)',
    '从0:45开始的10秒删掉': '-45..55',
    '删除0:10到0:20、0:30到0:40': '-10..20 -30..40',
    '删除0:10到0:20，0:30到0:40': '-10..20 -30..40',
    '把0:10到0:20剪掉，保留0:30到0:40': '-10..20 +30..40',
    '除了0:10到0:20以外，其他都删掉': '+10..20',
    '除了0:10到0:20之外全部保留': '-10..20',
    删除长停顿: '-pause',
    删除中间的长停顿: '-pause',
    去掉最长的停顿: '-pause',
    删除所有超过2秒的停顿: '-pauses(2)',
    删除超过两秒的静音: '-pauses(2)',
    去掉所有2秒以上的停顿: '-pauses(2)',
    删除所有停顿: '-pauses(any)',
    删掉停顿: '-pauses(any)',
    删除长于2秒的停顿: '-pauses(2)',
    去掉中间那个长停顿: '-pause',
    把停顿超过2秒的部分删掉: '-pauses(2)',
    '删除0:10到0:50之间的停顿': '-pauses(any) within 10..50',
    '删除0:17之后的长停顿': '-pause-after(17)',
    从10秒开始到20秒结束的部分删掉: '-10..20',
    掐头去尾各5秒: '-first(5) -last(5)',
    '不保留0:10到0:20': '-10..20',
    删除所有长停顿: '-pauses(long)',
    撤销: 'undo',
    撤销上一步: 'undo',
    重做: 'redo',
    重新开始: 'restore',
    恢复原样: 'restore',
    '撤销，然后删除0:10到0:20': 'undo -10..20',
    剪掉中间: 'which to remove?',
    '0:10到0:20': 'remove or keep?',
    '裁剪0:10到0:20': 'remove or keep?',
    '别删0:10到0:20': '',
    '给0:10到0:20加字幕': '',
    加背景音乐: '',
    去掉背景音乐: '',
    你好: '',
    把这段3分钟的采访视频里的长停顿去掉: '-pause',
  });

  it('answers in the language of the message', () => {
    assert.equal(readMessage('去掉前5秒').language, 'zh');
    assert.equal(readMessage('remove 0:10-0:20').language, 'en');
    assert.equal(readMessage('remove 0:10-0:20 from 采访.mp4', { names: ['采访.mp4'] }).language, 'en');
  });
});

describe('the answer to a question', () => {
  const answer = (text: string): string => short(readMessage(text, { awaited: 'remove' }));
  for (const [text, expected] of Object.entries({
    '0:45 to 1:20': '-45..80',
    '45 to 80': '-45..80',
    '45-80': '-45..80',
    '0:45 1:20': '-45..80',
    '0:45 and 1:20': '-45..80',
    'between 0:45 and 1:20': '-45..80',
    '从0:45到1:20': '-45..80',
    '0:45，1:20': '-45..80',
    'the first 5 seconds': '-first(5)',
    'keep 0:45 to 1:20 instead': '+45..80',
    '0:45': 'which to remove?',
    undo: 'undo',
    hello: '',
  })) {
    it(`"${text}"`, () => assert.equal(answer(text), expected));
  }

  it('"remove" and "keep" decide what "trim 0:10-0:30" meant', () => {
    assert.equal(readAction('remove it'), 'remove');
    assert.equal(readAction('只保留'), 'keep');
    assert.equal(readAction('hm'), undefined);
    assert.equal(short(readMessage('trim 0:10-0:30', { decided: 'keep' })), '+10..30');
    assert.equal(short(readMessage('0:10-0:30', { decided: 'remove' })), '-10..30');
  });
});

describe('what is asked for besides a cut', () => {
  const wishes = (text: string): readonly string[] => readMessage(text).wishes;

  it('is kept apart from the cut', () => {
    const message = readMessage('remove 0:10-0:20, add upbeat music and a title, and make it brighter');
    assert.equal(short(message), '-10..20');
    assert.deepEqual([...message.wishes].sort(), ['colour', 'music', 'titles']);
  });

  it('is nothing for the sentences of the product text', () => {
    assert.deepEqual(wishes('remove the section between 0:45 and 1:20 and join the remaining parts smoothly'), []);
    assert.deepEqual(wishes('edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4'), []);
    assert.deepEqual(wishes('删除0:45到1:20之间的部分并平滑过渡'), []);
    assert.deepEqual(wishes('remove 0:10-0:20 with a smooth transition'), []);
  });

  it('is named by its kind', () => {
    assert.deepEqual(wishes('add background music'), ['music']);
    assert.deepEqual(wishes('加字幕'), ['subtitles']);
    assert.deepEqual(wishes('speed it up'), ['speed']);
    assert.deepEqual(wishes('remove 0:10-0:20 with a star wipe'), ['transitions']);
    assert.deepEqual(wishes('fade to black at the end'), ['transitions']);
    assert.deepEqual(wishes('加一个擦除转场'), ['transitions']);
    assert.deepEqual(wishes('generate a video of a cat'), ['generation']);
    assert.deepEqual(wishes('translate it'), ['subtitles']);
    assert.deepEqual(wishes('split it at 0:10'), ['other']);
    assert.deepEqual(wishes('convert it into a gif'), ['format']);
  });

  it('does not take a description of what is cut for a wish', () => {
    assert.deepEqual(wishes('remove the part with music between 0:10 and 0:20'), []);
    assert.deepEqual(wishes('cut the slow part from 0:10 to 0:20'), []);
  });

  it('notes the size and the container that were asked for', () => {
    const message = readMessage('edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4');
    assert.equal(message.size, '1080p');
    assert.equal(message.format, 'mp4');
    assert.equal(readMessage('remove 0:10-0:20 from talk.mp4', { names: ['talk.mp4'] }).format, undefined);
  });
});

describe('any section written in any of the usual ways', () => {
  const time = fc.integer({ min: 0, max: 3_599_999 }).map((milliseconds) => milliseconds * 1000);
  const spell = fc.constantFrom<(t: number) => string>(
    (t) => formatTimecode(t),
    (t) => `${t / 1e6} seconds`,
    (t) => `${t / 1e6}s`,
    (t) => formatTimecode(t, { digits: 3 }),
  );
  const frame = fc.constantFrom<(a: string, b: string) => string>(
    (a, b) => `remove the section between ${a} and ${b} and join the remaining parts smoothly`,
    (a, b) => `cut from ${a} to ${b}`,
    (a, b) => `delete ${a} - ${b}`,
    (a, b) => `删除${a}到${b}之间的部分并平滑拼接`,
    (a, b) => `把${a}至${b}剪掉。`,
  );

  it('is read to the microsecond', () => {
    fc.assert(
      fc.property(time, time, spell, spell, frame, (from, to, a, b, words) => {
        const sentence = words(a(from), b(to));
        assert.equal(short(readMessage(sentence)), `-${from / 1e6}..${to / 1e6}`, sentence);
      }),
      { numRuns: 500 },
    );
  });

  it('reads any text at all without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        readMessage(text);
        readMessage(text, { awaited: 'remove' });
      }),
      { numRuns: 300 },
    );
  });
});

describe('how the parts are to be joined', () => {
  const SENTENCES: Record<string, string> = {
    'remove 0:45 to 1:20 with a dissolve': '-45..80 dissolve 0.5',
    'remove 0:45 to 1:20 with a fade': '-45..80 dissolve 0.5',
    'Remove 0:45-1:20 with a half-second dissolve.': '-45..80 dissolve 0.5',
    'remove 0:45 to 1:20 and join them with a crossfade of half a second': '-45..80 dissolve 0.5',
    'remove the section between 0:45 and 1:20 and join the remaining parts with a 1 s cross-fade': '-45..80 dissolve 1',
    'remove 0:45 to 1:20, dissolve between the two parts for 250 ms': '-45..80 dissolve 0.25',
    'keep 0:10-0:20 and 0:30-0:40 with a one-second crossfade between them': '+10..20 +30..40 dissolve 1',
    'remove the long pause and crossfade the parts into each other': '-pause dissolve 0.5',
    'make the join a dissolve': 'dissolve 0.5',
    'make every join a 0.25-second dissolve': 'dissolve 0.25',
    'change the dissolve to 1 second': 'dissolve 1',
    'use a plain cut at every join': 'cut',
    'use a hard cut instead': 'cut',
    'no dissolve please': 'cut',
    'remove the dissolve': 'cut',
    'remove 0:45 to 1:20 without a crossfade': '-45..80 cut',
    'remove 0:45 to 1:20 with a hard cut': '-45..80 cut',
    '删除0:45到1:20，用叠化': '-45..80 dissolve 0.5',
    '删除0:45到1:20，用1秒叠化拼接': '-45..80 dissolve 1',
    '删除0:45到1:20并加上半秒的淡入淡出': '-45..80 dissolve 0.5',
    把拼接处改成四分之一秒的叠化: 'dissolve 0.25',
    加转场: 'dissolve 0.5',
    改成硬切: 'cut',
    不要转场: 'cut',
    // Nothing of joins.
    'remove the section between 0:45 and 1:20 and join the remaining parts smoothly': '-45..80',
    'add a fade in at the start': '',
    'remove 0:45 to 1:20 and fade out the music': '-45..80',
    加一个擦除转场: '',
  };
  for (const [sentence, expected] of Object.entries(SENTENCES)) {
    it(sentence, () => {
      const message = readMessage(sentence);
      const { join } = message;
      const words = join?.kind === 'dissolve' ? [`dissolve ${join.duration / 1e6}`] : join ? ['cut'] : [];
      assert.equal([...intentWords(message.intent), ...words].join(' '), expected);
      // What is done is no wish that was not met.
      if (join) assert.deepEqual(message.wishes, []);
    });
  }

  it('takes no more than a second, and tells', () => {
    const message = readMessage('remove 0:45 to 1:20 with a 3 second dissolve');
    assert.deepEqual(message.join, { kind: 'dissolve', duration: 1_000_000 });
    assert.equal(message.joinLimited, true);
  });
});
