import { LONGEST_DISSOLVE, SHORTEST_DISSOLVE, USUAL_DISSOLVE, type Join } from '../timeline/join.js';
import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timeline/timecode.js';

// How a sentence wants the joins: the words for it are taken out, so that what is left is about sections alone.

export interface JoinWish {
  /** The last one that the sentence names; undefined when it says nothing of joins. */
  readonly join?: Join;
  /** Another length was asked for than a dissolve may have. */
  readonly limited?: boolean;
  readonly text: string;
}

const LENGTH = String.raw`(?:\d+(?:[.,]\d+)?[ -]?(?:ms|msecs?|milliseconds?|s|secs?|seconds?)(?![a-z])|(?:a )?half(?: an?)?[ -]second|(?:an? |one )?quarter(?: of)?(?: an?)?[ -]second|three quarters of a second|(?:an?|one|two|three|five)[ -]seconds?(?![a-z]))`;
// A fade alone may be one of the colours, the sound, or to black.
const FADE = String.raw`(?<=^ ?|(?:[,;.]|\b(?:with|an?|add|use|using|apply|or|and|then|it|them|soft|short|smooth|quick|slow|gentle|simple|seconds?|ms|s)) )fad(?:es?|ing)(?! ?-?(?:in|out|to|from|up|down|away|the|it)\b)`;
const CROSS = String.raw`(?:cross-? ?fad(?:es?|ing)|cross-? ?dissolv(?:es?|ing)|dissolv(?:es?|ing))`;
const KIND = String.raw`(?:${CROSS}|${FADE})(?! (?:(?:the|my|its|of|in|out) )*(?:music|audio|sound|volume|video|picture|colou?rs?)\b)`;
const TOLD = String.raw`(?:an? |the |some |all |any |each |every |of |about |around |very |nice |soft |smooth |gentle |short |quick |slow |long |little |simple |longer |shorter |slower |quicker )*`;
// "Make the join …", "add … between the parts".
const LEAD = String.raw`(?:(?:please )?\b(?:use|uses|using|add|adding|apply|insert|put|make|turn|change|set|switch|do|want|give|join|with|and)\b (?:(?:in|it|them|all|the|each|every|this|that|these|those|my|both|joins?|joints?|cuts?|transitions?|edits?|seams?|between|into|to|be|at|from|hard|plain|with|me|there|instead|of|for|as|parts?|two|remaining|rest|together) )*)?`;
const PLACE = '(?:joins?|joints?|cuts?|parts?|sides?|seams?|edits?|pieces?|halves|ends|them|it|other|rest)';
const TAIL = String.raw`(?: (?:transitions?|effects?|joins?)\b)?(?: ?:? (?:of |for |lasting |that lasts |over |at |to |with )(?:about )?(${LENGTH}))?(?:(?: (?:at|on|in|between|for|across|over|into))?(?: (?:the|each|every|all|both|two|remaining|of|them|it|my|other))* ${PLACE}\b)?(?: (?:into )?(?:each other|one another|together)\b)?(?: (?:for|over|lasting|of|in) (?:about )?(${LENGTH}))?(?: ?[,:] (${LENGTH})(?= ?[.!]?$))?(?: (?:instead|please|again)\b)?`;

const ZH_LENGTH = '(?:[\\d.]+ ?(?:毫秒|秒钟?|s|ms)|半秒钟?|四分之一秒|一秒钟?|两秒钟?|一秒半)';
const ZH_KIND = '(?:交叉叠化|交叉淡化|交叉溶解|叠化|溶解|淡入淡出|淡化|转场)';
const ZH_OTHER = '(?:擦除|划像|闪白|闪黑|翻页|推拉|缩放|旋转|百叶窗|马赛克)(?:的|式)?';
const ZH_LEAD =
  '(?:(?:请)?(?:并且|并|然后)?(?:用|使用|加上|加入|添加|加|改成|改为|换成|设为|设成|做|带|以|把|将|给|在)?(?:所有|每个|全部|各个)?(?:的)?(?:拼接处|拼接点|接缝处?|衔接处?|连接处?|剪切点|接点|切点)?(?:都|全)?(?:处|上|中间)?(?:用|使用|加上|加入|添加|加|改成|改为|换成|设为|设成|做成?|带)?(?:一个|一下|个)?)';
const ZH_TAIL = '(?:的?(?:效果|过渡|转场|方式))?(?:来?(?:拼接|连接|衔接|过渡))?';

const PLAIN_ZH =
  /(?:请)?(?:不要|不用|不需要|去掉|取消|删除|删掉|移除|关闭|别用|无需)(?:所有|全部)?的?(?:拼接处的?)?(?:交叉叠化|交叉淡化|叠化|溶解|淡入淡出|淡化|转场)(?:效果)?|(?:都|改成|改为|换成|用|使用)*(?:硬切|直接切换|直接拼接)(?:吧|的方式)?/gu;
const PLAIN_EN = new RegExp(
  String.raw`${LEAD}${TOLD}(?:hard|plain|straight|simple|direct|normal)[ -]cuts?\b(?: instead of ${TOLD}(?:${LENGTH} )?${KIND})?${TAIL}` +
    String.raw`|\b(?:no|without|not|never|don't|do not|remove|delete|drop|lose|undo|take out|skip|get rid of|instead of|turn off) (?:use )?${TOLD}(?:more )?(?:${LENGTH} )?(?:${CROSS}|fades?(?! ?-?(?:in|out|to)\b))${TAIL}`,
  'gu',
);
const DISSOLVE_EN = new RegExp(String.raw`${LEAD}${TOLD}(?:(${LENGTH}) )?${TOLD}\b${KIND}${TAIL}`, 'gu');
const DISSOLVE_ZH = new RegExp(
  `${ZH_LEAD}(${ZH_LENGTH})?的?(?:平滑|自然|柔和)?的?(?<!(?:${ZH_OTHER}))${ZH_KIND}${ZH_TAIL}(${ZH_LENGTH})?`,
  'gu',
);

/** @param plain as `plainText` gives it */
export function readJoin(plain: string): JoinWish {
  let last: { readonly at: number; readonly join: Join; readonly limited: boolean } | undefined;
  const found = (at: number, join: Join, limited = false): string => {
    if (!last || at >= last.at) last = { at, join, limited };
    return ' , ';
  };
  const dissolve = (_whole: string, ...groups: unknown[]): string => {
    const at = groups.find((group) => typeof group === 'number') ?? 0;
    const wanted = lengthOf(groups.slice(0, groups.indexOf(at)).find((group) => typeof group === 'string'));
    const duration = Math.min(LONGEST_DISSOLVE, Math.max(SHORTEST_DISSOLVE, wanted ?? USUAL_DISSOLVE));
    return found(at, { kind: 'dissolve', duration }, wanted !== undefined && wanted !== duration);
  };
  const text = plain
    .replace(PLAIN_ZH, (_whole: string, at: number) => found(at, { kind: 'cut' }))
    .replace(PLAIN_EN, (...match: unknown[]) =>
      found(match.find((group) => typeof group === 'number') ?? 0, { kind: 'cut' }),
    )
    .replace(DISSOLVE_EN, dissolve)
    .replace(DISSOLVE_ZH, dissolve);
  if (!last) return { text: plain };
  return { text, join: last.join, ...(last.limited ? { limited: true } : {}) };
}

const WORDS: readonly (readonly [RegExp, number])[] = [
  [/three quarters/u, 0.75],
  [/quarter|四分之一/u, 0.25],
  [/一秒半/u, 1.5],
  [/half|半/u, 0.5],
  [/two|两/u, 2],
  [/three/u, 3],
  [/five/u, 5],
];

function lengthOf(words: string | undefined): Microseconds | undefined {
  if (words === undefined) return undefined;
  const digits = /\d+(?:[.,]\d+)?|\.\d+/u.exec(words)?.[0];
  if (digits === undefined) return (WORDS.find(([word]) => word.test(words))?.[1] ?? 1) * MICROSECONDS_PER_SECOND;
  const value = Number(digits.replace(',', '.'));
  return Math.round(value * (/m(?:s|il)|毫/u.test(words) ? 1000 : MICROSECONDS_PER_SECOND));
}
