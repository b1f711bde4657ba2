import type { MarkedPart } from './grammar-parts.js';

/**
 * What a verb does to the part it governs. `trim` may mean either: "trim off the first 5 seconds" removes, "trim to
 * 0:10-0:30" keeps, "trim 0:10-0:30" has to be asked. `other` is work that is no cut: "mute 0:10-0:20".
 */
export type VerbKind = 'remove' | 'keep' | 'trim' | 'other' | 'spare';

export interface Verb {
  readonly kind: VerbKind;
  /** Offset in its clause. */
  readonly at: number;
}

const DETERMINERS = String.raw`(?: (?:the|all|any|my|its|this|that|some|original|existing|unwanted|every))*`;
// Removing these is no cut, unless the word only describes a stretch: "the music part".
const OBJECTS = String.raw`(?: (?:background|foreground))?(?: (?:music|audio|sound|noises?|hum|voices?|echo|watermarks?|logos?|subtitles?|captions?|titles?|text|background|filler words?|ums?|uhs?|person|people|objects?|colou?rs?|effects?|transitions?|black bars?|song|soundtrack))\b(?! (?:parts?|sections?|segments?|bits?|pauses?|gaps?))`;
const REMOVE = String.raw`(?:remov(?:e[sd]?|ing)|delet(?:e[sd]?|ing)|cut(?:s|ting)?|eras(?:e[sd]?|ing)|drop(?:s|ped|ping)?|skip(?:s|ped|ping)?|los(?:e|ing)|omit(?:s|ted|ting)?|strip(?:ped|ping)?|snip(?:ped|ping)?|chop(?:ped|ping)?|discard(?:ed|ing)?|eliminat(?:e[sd]?|ing)|ditch|excis(?:e|ing)|kill|shave|exclud(?:e[sd]?))`;
const CLIP_WORDS = String.raw`(?: (?:it|this|that|the|my|whole|entire|video|clip|film|movie|recording|footage|file|interview|down|back|everything))*`;

// The order matters: an earlier rule wins where two begin at the same place.
const RULES: readonly (readonly [VerbKind, RegExp])[] = [
  // Not to be touched.
  [
    'spare',
    new RegExp(
      String.raw`\b(?:don't|do not|never|not to|must not|without) (?:\w+ ){0,2}?(?:${REMOVE}|removing|trim(?:ming)?|touch(?:ing)?|chang(?:e|ing)|los(?:e|ing))\b`,
      'gu',
    ),
  ],
  ['spare', /(?:不要|别|勿|不能|不可以|不想|不)(?:再)?(?:删除?|剪|去掉|移除|裁|切|动)(?:[掉除去])?/gu],
  ['remove', /\b(?:don't|do not|never) (?:keep|retain|leave)\b|不(?:要)?(?:保留|留)/gu],
  // "Cut it to 0:10-0:30".
  [
    'keep',
    new RegExp(
      String.raw`\b(?:trim|cut|crop|shorten|clip|narrow|reduc|limit)\w*${CLIP_WORDS} to(?: (?:be|just|only|the|part|section|range|from))* ?(?=<p)`,
      'gu',
    ),
  ],
  ['keep', /(?:剪辑?|裁剪?|修剪|缩短|截)(?:到|成|为|至)(?= ?<p)/gu],
  ['other', new RegExp(String.raw`\b(?:${REMOVE}|take out|get rid of|clean up)${DETERMINERS}${OBJECTS}`, 'gu')],
  [
    'other',
    /(?:删除|删掉|去掉|去除|移除|消除|清除)(?:所有|全部|掉)?的?(?:背景)?(?:音乐|噪音|杂音|人声|字幕|水印|标题|文字|标志|背景|声音)(?!的?(?:部分|片段|段落|停顿))/gu,
  ],
  ['remove', new RegExp(String.raw`\b${REMOVE}\b`, 'gu')],
  [
    'remove',
    /\b(?:tak(?:e|es|ing)|leav(?:e|ing)|throw(?:ing)?|crop(?:ping)?|edit(?:ing)?|clip(?:ping)?|rip(?:ping)?|slic(?:e|ing)|trim(?:s|med|ming)?)\b(?=(?:(?!\b(?:and|then)\b|,).)*? (?:out|away|off)\b)/gu,
  ],
  [
    'remove',
    /\b(?:got|get|gets|getting) rid of\b|\b(?:don't|do not|no longer) (?:want|need|like)\b|\bwithout\b|\bminus\b/gu,
  ],
  [
    'remove',
    /(?:删除|删掉|删去|删了|剪掉|剪去|剪除|剪切|剪了|去掉|去除|去了|移除|移掉|裁掉|裁去|裁切掉|切掉|切去|切除|拿掉|拿走|截掉|砍掉|清除|丢掉|扔掉|跳过|略过|不要|不需要|不想要|掐掉|剔除|消除|抹掉|减掉|去除掉)|(?<![裁修])剪(?![辑接裁])|删/gu,
  ],
  ['trim', /\btrim(?:s|med|ming)?\b|修剪|裁剪/gu],
  [
    'keep',
    /\b(?:keep(?:s|ing)?|kept|retain\w*|preserv\w+|extract\w*|sav(?:e|ing) only|leav(?:e|ing)(?: me)?(?: with)?(?: (?:only|just))?|only (?:want|need|use|take)|(?:want|need|use) (?:only|just)|just (?:want|need)|nothing but)\b/gu,
  ],
  ['keep', /(?:仅|只)?(?:保留|留下|留住|留着)|只留|截取|提取|只要|只想要|只需要|仅要/gu],
  [
    'other',
    /(?<!\b(?:the|an?|this|that|my|your|our|of|with|any|all|some) )\b(?:add|put|insert|overlay|place|apply|mute|blur|zoom|speed|slow(?= down)|slow(?= it)|fade|rotate|flip|brighten|darken|colou?r|grade|replace|swap|move|copy|duplicate|loop|reverse|generate|create|translate|transcribe|subtitle|caption|denoise|stabili[sz]e|boost|lower|raise|increase|decrease|split|restore|bring back|silence|show|play|preview|convert)(?:s|es|d|ed|ing|ting|ping)?\b/gu,
  ],
  [
    'other',
    /添加|加上|加入|加(?=音乐|背景音|配乐|字幕|标题|文字|滤镜|特效)|插入|配上|静音(?= ?<p)|模糊|放大|加速|减速|慢放|快放|旋转|调色|调亮|调暗|替换|换成|生成|制作|翻译|倒放|复制|移动|分割|恢复|播放|转换|给(?= ?<p)/gu,
  ],
];

// Said of a part without any other verb: "only the first ten seconds", "I want 0:10-0:20".
const WEAK: readonly (readonly [VerbKind, RegExp])[] = [
  ['keep', /\b(?:only|just)\b(?= (?:(?:the|a|section|part|range|from) )*<p)|\bi (?:want|need)\b|只(?= ?<p)|我想?要/gu],
];

/** The verbs of a clause, in order. Verbs that lie inside another, longer one are left out. */
export function findVerbs(clause: string): Verb[] {
  const strong = matches(clause, RULES);
  return strong.length > 0 ? strong : matches(clause, WEAK);
}

function matches(clause: string, rules: readonly (readonly [VerbKind, RegExp])[]): Verb[] {
  const found: { kind: VerbKind; at: number; end: number }[] = [];
  for (const [kind, words] of rules) {
    for (const match of clause.matchAll(words)) {
      const [at, end] = [match.index, match.index + match[0].length];
      if (!found.some((other) => at < other.end && end > other.at)) found.push({ kind, at, end });
    }
  }
  return found.sort((a, b) => a.at - b.at).map(({ kind, at }) => ({ kind, at }));
}

// "Remove everything except 0:10-0:20" keeps it.
const EXCEPT_BEFORE =
  /\b(?:except(?:ing)?(?: for)?|other than|apart from|aside from|besides|outside(?: of)?|excluding|with the exception of)(?: (?:the|for|from|in|section|part|range|between))* ?$/u;
const EXCEPT_BEFORE_ZH = /除了? ?$/u;
const EXCEPT_AFTER_ZH = /^ ?(?:的?(?:部分|内容|片段))? ?(?:以外|之外|外)/u;

export interface Governed {
  /** Undefined when the clause has no verb of its own. */
  readonly verb: VerbKind | undefined;
  /** The part is named as the exception. */
  readonly except: boolean;
}

/** Which verb of its clause governs the part marked at `at`: the one before it, else the one after it. */
export function governing(clause: string, verbs: readonly Verb[], at: number, mark: string): Governed {
  const before = clause.slice(0, at);
  const after = clause.slice(at + mark.length);
  const except = EXCEPT_BEFORE.test(before) || (EXCEPT_BEFORE_ZH.test(before) && EXCEPT_AFTER_ZH.test(after));
  const verb = verbs.filter((candidate) => candidate.at < at).at(-1) ?? verbs.find((candidate) => candidate.at > at);
  return { verb: verb?.kind, except };
}

/** "Trim" says which way only with some parts: nobody trims to the first five seconds without saying "to". */
export function trimMeaning(clause: string, marked: MarkedPart): 'remove' | 'unclear' {
  const section = /\b(?:sections?|parts?|segments?|middle|bits?|portions?)\b|部分|片段|中间|段/u.test(clause);
  return marked.plainRange && !section ? 'unclear' : 'remove';
}
