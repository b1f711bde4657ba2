import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timecode.js';

// "Remove where nothing is said": words of a sentence, English or Chinese, that mean the stretches in which somebody
// speaks or nobody does. They are read for our own engine's grammar, and to be put as times for the cloud's, which has
// no subtitles.

export interface SaidWords {
  readonly kind: 'said' | 'unsaid';
  /** Of stretches in which nobody speaks, the shortest that is meant, where the words say it. */
  readonly minimum?: Microseconds;
  /** Offset in the sentence. */
  readonly at: number;
  readonly text: string;
}

const NUMBER = String.raw`\d+(?:[.,]\d+)?|half an?|half|an?|one|two|three|four|five|six|ten|半|一|两|二|三|四|五|六|十`;
const LENGTH = String.raw`(${NUMBER})[ -]?(?:个)?(m(?:illi)?s(?:ec(?:ond)?s?)?|min(?:ute)?s?|s(?:ec(?:ond)?s?)?|毫秒|分钟|秒钟?)(?![a-z])`;

const APOSTROPHE = "['’]";
const NOBODY = String.raw`(?:nobody|no[ -]?one|none|no (?:person|people|speakers?)|not (?:anyone|anybody))`;
const PERSON = String.raw`(?:someone|somebody|anyone|anybody|people|the (?:speakers?|hosts?|guests?|presenters?)|a person|i|we|he|she|they|you)`;
const SAYING = String.raw`(?:speaking|talking|saying (?:anything|something|a word))`;
const SAYS = String.raw`(?:speaks?|talks?|says? (?:anything|something|a word))`;
const IS = String.raw`(?: (?:is|are|am)|${APOSTROPHE}(?:s|re|m))`;
const SUBTITLES = String.raw`(?:subtitles?|captions?)`;
const SPEECH = String.raw`(?:speech|talk(?:ing)?|speaking|dialog(?:ue)?s?|conversations?|narration|(?:spoken )?words|voices?|${SUBTITLES})`;
const STRETCH = String.raw`(?:everything|anything|stuff|parts?|sections?|segments?|bits?|places?|spots?|moments?|stretch(?:es)?|times?|passages?|scenes?|portions?|pieces?|ranges?)`;
const LEAD = String.raw`(?:\b(?:(?:all|any|each)(?: of)?|every|those|these|the|${STRETCH}|footage|video|clip|recording) )*`;
const WHERE = String.raw`${LEAD}\b(?:where|when(?:ever)?|in which|during which|while) `;
const WHICH = String.raw`${LEAD}\b${STRETCH} (?:that |which )?`;
/** What may follow: more words could say more of who speaks, about what, and that cannot be told. */
const END = String.raw`(?: at all)?(?: by (?:the |its )?${SUBTITLES})?(?: in (?:the|this|my) (?:clip|video|recording|film|movie|footage|interview))?(?=\s*(?:$|[,.;!?<>，。；！？)]|\p{Script=Han}|(?:and|then|but|please|thanks|out|away|off|so that|instead|except|longer|lasting)\b|(?:in|for|from|between|within|before|after|during|until|over|at least|more than|less than|up to) (?:the (?:first|last)\b|(?:at least|over|more than|longer than|about) |[\d<]|an? |half|one|two|three|four|five|six|ten)))`;
const LONGER = String.raw`(?:,? (?:(?:for|that (?:is|are|lasts?)|lasting) )?(?:at least|(?:longer|more) than|over) ${LENGTH}(?: or (?:more|longer))?|,? for ${LENGTH}(?: or (?:more|longer)|\+)?)?`;

const UNSAID_EN = String.raw`${WHERE}(?:(?:nothing|no words?|not a word)(?: is| are| gets?|${APOSTROPHE}s)(?: being)? (?:said|spoken)|${NOBODY}(?:(?:${IS})? ${SAYING}| ${SAYS})|there(?: is| are|${APOSTROPHE}s) (?:no|not any|no more) ${SPEECH}|there(?: is|${APOSTROPHE}s) ${NOBODY} ${SAYING}|${PERSON}(?:${IS} not| (?:is|are)n${APOSTROPHE}t) ${SAYING}|${PERSON} (?:do|does)(?: not|n${APOSTROPHE}t) (?:speak|talk|say (?:anything|a word)))`;
const WITHOUT_EN = String.raw`${WHICH}(?:(?:(?:are|is|lies?|come) )?(?:without|outside(?: of)?|not covered by|between)(?: any| the)? ${SPEECH}|(?:with|have|has|having|contain|contains|containing) no ${SPEECH}|with ${NOBODY} ${SAYING})`;
const GAPS_EN = String.raw`(?:\b(?:(?:all|any|each)(?: of)?|every|the|long) )*\b(?:gaps?|space) (?:between|in)(?: the| its| all)* (?:${SUBTITLES}|dialog(?:ue)?s?|spoken words)`;
const SAID_EN = String.raw`${WHERE}(?:${PERSON}(?:(?:${IS})? ${SAYING}| ${SAYS})|(?:something|anything|words?)(?: is| are| gets?|${APOSTROPHE}s)(?: being)? (?:said|spoken)|there(?: is| are|${APOSTROPHE}s)(?: some| any)? ${SPEECH}|there(?: is|${APOSTROPHE}s) (?:some|any)(?:one|body) ${SAYING})`;
const WITH_EN = String.raw`${WHICH}(?:(?:with|have|has|having|contain|contains|containing|(?:are |is )?covered by)(?: any| the| some)? ${SPEECH}|with (?:someone|somebody|people) ${SAYING})`;
const ONLY_EN = String.raw`(?<=\b(?:keep|leave|except) (?:only |just |for )?)(?:the )?(?:speech|talking|dialog(?:ue)?|spoken words)(?: (?:parts?|sections?|segments?|bits?))?`;

const ZH_LEAD = '(?:(?:视频|影片|片子|片段|录像)?(?:里面?|中|当中)?的?(?:所有|全部|每段|每个|一切|任何)的?)?';
const ZH_WHO = '(?:我|你|他|她|我们|他们|大家|主持人|演讲者|讲者|嘉宾|说话人)?';
const ZH_SAY = '(?:说话|讲话|发言|开口|出声|交谈|谈话|说|讲)';
const ZH_SPEECH = '(?:说话声?|讲话声?|对白|台词|语音|人声|旁白|对话|解说|话语|字幕)';
const ZH_STRETCH = '(?:部分|片段|段落|地方|时候|时间段?|时段|区间|画面|内容|空隙|空白|间隙|镜头|段|处)';
const ZH_END = `(?:的${ZH_STRETCH}|${ZH_STRETCH}|时|的(?=[都全]?[删剪去切裁保留掉吧]|$|[\\s,.!?;，。！？；]))`;
const ZH_LONGER = `(?:的?(?:时间|时长)?(?:超过|大于|长于|多于|至少|不少于|达到?|over)\\s*${LENGTH}(?:以上)?|${LENGTH}以上)?`;
const ZH_FROM = `(?:(?:超过|大于|长于|多于|至少|不少于|over)\\s*${LENGTH}(?:以上)?的?|${LENGTH}以上的?)?`;

const UNSAID_ZH = `(?:没有?(?:任何)?人|无人|谁[也都](?:没有?|不))(?:在)?${ZH_SAY}|(?:什么|啥)[也都](?:没有?|不)(?:说|讲)|${ZH_WHO}(?:没有?|不|未)(?:在)?(?:说话|讲话|发言|开口|出声)|(?:没有?|无|不含|不带|缺少)(?:任何)?${ZH_SPEECH}(?:覆盖|出现|内容)?|(?:没有?|未|不)被?字幕(?:所)?覆盖|字幕(?:没有?|未)(?:覆盖|出现|显示)`;
const GAPS_ZH = `字幕(?:和字幕|与字幕)?(?:之间|间|中间)?的?(?:空隙|间隙|空白|空档|空当|间隔)(?:部分|片段|处)?|(?:字幕|对白|人声)(?:以外|之外)的?(?:部分|片段|内容)`;
const SAID_ZH = `有人(?:在)?${ZH_SAY}|(?<!没)(?:有|含|带)${ZH_SPEECH}(?:覆盖|出现|内容)?|(?<!未|没|没有|不)被?字幕(?:所)?覆盖|${ZH_WHO}(?<![不没未有])(?:在)?(?:说话|讲话|发言)(?=的?${ZH_STRETCH})`;

const RULES: readonly (readonly [SaidWords['kind'], string])[] = [
  ['unsaid', `(?:${UNSAID_EN}|${WITHOUT_EN}|${GAPS_EN})${LONGER}${END}`],
  ['unsaid', `${ZH_LEAD}(?:${ZH_FROM}(?:${UNSAID_ZH})${ZH_LONGER}${ZH_END}|${GAPS_ZH})`],
  ['said', `(?:${SAID_EN}|${WITH_EN}|${ONLY_EN})${END}`],
  ['said', `${ZH_LEAD}(?:${SAID_ZH})${ZH_END}`],
];
/** "The pauses where nobody speaks" are heard, not read. */
const HEARD = /(?:pauses?|silences?|gaps|停顿|静音)[ 的]*$/iu;

/** All such words of a sentence, in order. */
export function findSaidWords(sentence: string): SaidWords[] {
  const found: SaidWords[] = [];
  for (const [kind, pattern] of RULES) {
    for (const match of sentence.matchAll(new RegExp(pattern, 'giu'))) {
      const [text] = match;
      const at = match.index;
      if (HEARD.test(sentence.slice(0, at))) continue;
      if (found.some((other) => at < other.at + other.text.length && at + text.length > other.at)) continue;
      const minimum = lengthIn(match.slice(1).filter((group): group is string => group !== undefined));
      found.push({ kind, at, text, ...(minimum === undefined ? {} : { minimum }) });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The sentence with other words for those that were found. */
export function replaceSaidWords(sentence: string, found: readonly SaidWords[], words: readonly string[]): string {
  let done = 0;
  const parts = found.map(({ at, text }, index) => {
    const part = sentence.slice(done, at) + (words[index] ?? text);
    done = at + text.length;
    return part;
  });
  return parts.join('') + sentence.slice(done);
}

const NUMBERS: Readonly<Record<string, number>> = {
  ...{ a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, ten: 10 },
  ...{ 半: 0.5, 一: 1, 两: 2, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6, 十: 10 },
};

/** @param words a number and its unit */
function lengthIn([number, unit]: readonly string[]): Microseconds | undefined {
  if (number === undefined || unit === undefined) return undefined;
  const word = number.toLowerCase();
  const value = word.startsWith('half') ? 0.5 : (NUMBERS[word] ?? Number(word.replace(',', '.')));
  const seconds = /^(?:ms|milli|毫)/iu.test(unit) ? 0.001 : /^(?:min|分)/iu.test(unit) ? 60 : 1;
  return Math.round(value * seconds * MICROSECONDS_PER_SECOND);
}
