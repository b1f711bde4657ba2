import { MICROSECONDS_PER_SECOND, parseTimecode, type Microseconds } from '../timeline/timecode.js';

/** A time or a length found in a sentence. */
export interface TimeWord {
  /** As written, for answers. */
  readonly text: string;
  /** `clock`: 0:45. `units`: 45 s, 1 minute 5 seconds. `bare`: 45, whose unit its neighbours decide. */
  readonly kind: 'clock' | 'units' | 'bare';
  /** Bare numbers count as seconds. Undefined for what looks like a time and is none: 0:75. */
  readonly value: Microseconds | undefined;
  /** Microseconds of the unit, when there is just one; a bare neighbour takes it over, as in "10 to 20 minutes". */
  readonly unit?: Microseconds;
}

export interface MarkedTimes {
  /** The sentence with each time replaced by `<t0>`, `<t1>`, … */
  readonly text: string;
  readonly times: readonly TimeWord[];
}

const MINUTE = 60 * MICROSECONDS_PER_SECOND;
const HOUR = 60 * MINUTE;

const HOURS = '(?:hours?|hrs?|h|个?小时|个?钟头)';
const MINUTES = '(?:minutes?|mins?|m|分钟|分)';
const SECONDS = '(?:seconds?|secs?|s|秒钟|秒)';
const MILLISECONDS = '(?:milliseconds?|msecs?|ms|毫秒)';
const UNIT = `(?:${MILLISECONDS}|${HOURS}|${MINUTES}|${SECONDS})(?![a-z])`;
const NUMBER = String.raw`\d+(?:[.,]\d+)?`;

/**
 * Makes one spelling of the many: full-width forms, dashes, arrows, quotes, comparison signs, letter case.
 * No `<` or `>` is left, so that marks can use them.
 */
export function plainText(text: string): string {
  return text
    .replace(/[，、；]/gu, (sign) => (sign === '；' ? ' ; ' : ' , '))
    .replace(/。/gu, ' . ')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’`´]/gu, "'")
    .replace(/\s*(?:→|⇒|-+>|=>)\s*/gu, '-')
    .replace(/[‐‑‒–—―−~〜]/gu, '-')
    .replace(/(?<=[\d秒分s])\s*\.{2,}\s*(?=[\d第])/gu, '-')
    .replace(/>=|≥|>/gu, ' over ')
    .replace(/[<≤]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Finds the times in a sentence that {@link plainText} has made plain. */
export function markTimes(plain: string): MarkedTimes {
  const times: TimeWord[] = [];
  const mark = (word: TimeWord): string => `<t${times.push(word) - 1}>`;
  const text = wordsToDigits(plain)
    // 1'20" is written for 1:20.
    .replace(/(?<![\w.])(\d{1,3})['′](\d{1,2})(?:["″]|'')/gu, '$1:$2')
    .replace(
      /(?<![\w:.])(\d{1,3}(?::\d{1,2}){1,3}(?:[.,]\d{1,6}(?![\d:]))?)(?!\d|:\d)(?:\s*(?:minutes?|mins?|m|seconds?|secs?|s)(?![a-z])|\s*秒)?/gu,
      (_whole, clock: string) => mark({ text: clock, kind: 'clock', value: parseTimecode(clock) }),
    )
    .replace(UNITS, (whole: string, ...groups: unknown[]) => mark(readUnits(whole, groups)))
    .replace(BARE, (whole: string) => {
      const value = Math.round(Number(whole.replace(',', '.')) * MICROSECONDS_PER_SECOND);
      return mark({ text: whole, kind: 'bare', value });
    });
  return { text, times };
}

// "1 h 2 min 3.5 s", "1 minute and 20 seconds", "1m20", "1分05", "1分半". The parts after the first stay below 60.
const AND = String.raw`[\s-]*(?:(?:and|,|又|零)\s*)?`;
const BELOW_60 = String.raw`[0-5]?\d`;
const UNITS = new RegExp(
  String.raw`(?<![\w.:])(?:` +
    String.raw`(${NUMBER})[\s-]*${HOURS}(?![a-z])(?:${AND}(${BELOW_60})[\s-]*${MINUTES}(?![a-z]))?(?:${AND}(${BELOW_60}(?:[.,]\d+)?)[\s-]*${SECONDS}(?![a-z]))?` +
    String.raw`|(${NUMBER})[\s-]*${MINUTES}(?:(半)|(${BELOW_60})(?![\d.:]|\s*${UNIT})|(?![a-z])${AND}(${BELOW_60}(?:[.,]\d+)?)[\s-]*${SECONDS}(?![a-z])|(?![a-z]))` +
    String.raw`|(${NUMBER})[\s-]*${MILLISECONDS}(?![a-z])` +
    String.raw`|(${NUMBER})[\s-]*${SECONDS}(?![a-z])(半)?)`,
  'gu',
);

function readUnits(text: string, groups: unknown[]): TimeWord {
  const [h, hm, hs, m, half, attached, ms, milli, s, halfSecond] = groups as (string | undefined)[];
  const read = (digits: string | undefined): number => Number((digits ?? '0').replace(',', '.'));
  const sum = (value: number): Microseconds => Math.round(value);
  if (h !== undefined) {
    const value = sum(read(h) * HOUR + read(hm) * MINUTE + read(hs) * MICROSECONDS_PER_SECOND);
    return { text, kind: 'units', value, ...(hm === undefined && hs === undefined ? { unit: HOUR } : {}) };
  }
  if (m !== undefined) {
    const rest = half === undefined ? read(attached ?? ms) : 30;
    const single = half === undefined && attached === undefined && ms === undefined;
    const value = sum(read(m) * MINUTE + rest * MICROSECONDS_PER_SECOND);
    return { text, kind: 'units', value, ...(single ? { unit: MINUTE } : {}) };
  }
  if (milli !== undefined) return { text, kind: 'units', value: sum(read(milli) * 1000), unit: 1000 };
  const value = sum((read(s) + (halfSecond === undefined ? 0 : 0.5)) * MICROSECONDS_PER_SECOND);
  return { text, kind: 'units', value, unit: MICROSECONDS_PER_SECOND };
}

// Numbers that count things, name sizes or are parts of names are no times.
const COUNTED =
  'frames?|edits?|steps?|changes?|cuts?|words?|sections?|parts?|pauses?|clips?|videos?|times?|percent|people|fps|k|p|x';
const BARE = new RegExp(
  String.raw`(?<![\w.:#<-])(?<!<t|\bframes? )\d+(?:\.\d+)?(?![\w.:%]*[\w:%])(?!\s*(?:个|段|条|次|句|倍|帧|部分|×))(?!\s*(?:${COUNTED})\b)` +
    // After a dash only when the dash joins it to a time before it: "45-80", "0:45-80".
    String.raw`|(?<=(?:\d|>)\s*-\s*)\d+(?:\.\d+)?(?![\w.:%]*[\w:%])(?!\s*(?:个|段|条|次|句|倍|帧|部分|×))(?!\s*(?:${COUNTED})\b)`,
  'gu',
);

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const BELOW_HUNDRED = `(?:(?:${TENS.join('|')})(?:[\\s-](?:${ONES.slice(1, 10).join('|')}))?|${[...ONES].reverse().join('|')})`;
const ENGLISH_NUMBER = `(?:(?:a|one|two|three) hundred(?: and)?(?: ${BELOW_HUNDRED})?|${BELOW_HUNDRED})`;
const ENGLISH_UNIT = '(?:hours?|hrs?|minutes?|mins?|seconds?|secs?)\\b';
const RANGE_WORD = '(?:to|and|through|until|till|or|-)';
const CHINESE_NUMBER = '[零〇一二两三四五六七八九十百]+';
const CHINESE_UNIT = '(?:个?半?小时|个?半?钟头|分|秒|毫秒)';

/** "ten seconds" → "10 seconds", "一分二十秒" → "1分20秒", "half a minute" → "0.5 minutes". Other words stay. */
function wordsToDigits(text: string): string {
  return (
    text
      .replace(
        new RegExp(`\\b(${ENGLISH_NUMBER})(?=\\s+and a half\\s+${ENGLISH_UNIT}|[\\s-]+${ENGLISH_UNIT})`, 'gu'),
        englishNumber,
      )
      .replace(
        new RegExp(`\\b(${ENGLISH_NUMBER})(?=\\s*${RANGE_WORD}\\s*\\d+[\\s-]+${ENGLISH_UNIT})`, 'gu'),
        englishNumber,
      )
      .replace(new RegExp(`(${CHINESE_NUMBER})(?=${CHINESE_UNIT})`, 'gu'), chineseNumber)
      .replace(new RegExp(`(?<=\\d分)(${CHINESE_NUMBER})`, 'gu'), chineseNumber)
      .replace(new RegExp(`(${CHINESE_NUMBER})(?=(?:到|至|-)第?\\d+${CHINESE_UNIT})`, 'gu'), chineseNumber)
      .replace(/(\d+)个?半(?=小时|钟头|分钟|秒)/gu, '$1.5')
      .replace(/(?<!\d)半个?(?=小时|钟头|分钟|秒)/gu, '0.5')
      .replace(/\b(\d+) and a half (?=hours?|minutes?|seconds?)/gu, '$1.5 ')
      // "From second 10 to second 20" names positions.
      .replace(
        /(?<![\d.][ -]|\b(?:first|last|final|half an?|an?) )\b(second|minute|hour) (\d+)(?![\d:]|\.\d|[ -]*(?:hours?|minutes?|mins?|seconds?|secs?|[hms])\b)/gu,
        '$2 $1s',
      )
      .replace(/\ban? (hour|minute|second) and a half\b/gu, '1.5 $1s')
      .replace(/\b(?:half an?|a half|half) (hour|minute|second)\b/gu, '0.5 $1s')
      .replace(/\b(first|last|final|opening) (hour|minute|second)\b(?! half)/gu, '$1 1 $2')
      .replace(/\b(?:a|an|one) (hour|minute|second)\b(?! (?:section|part|time|clip|video))/gu, '1 $1')
  );
}

function englishNumber(words: string): string {
  let value = 0;
  for (const word of words.split(/[\s-]+/u)) {
    if (word === 'hundred') value = Math.max(1, value) * 100;
    else if (word === 'a') value = 1;
    else if (TENS.includes(word)) value += (TENS.indexOf(word) + 2) * 10;
    else if (ONES.includes(word)) value += ONES.indexOf(word);
  }
  return String(value);
}

function chineseNumber(words: string): string {
  let value = 0;
  let digit = 0;
  for (const sign of words) {
    if (sign === '百') {
      value += (digit || 1) * 100;
      digit = 0;
    } else if (sign === '十') {
      value += (digit || 1) * 10;
      digit = 0;
    } else digit = sign === '两' ? 2 : '零一二三四五六七八九'.indexOf(sign === '〇' ? '零' : sign);
  }
  return String(value + digit);
}
