import type { Section } from '../timeline/sections.js';
import type { SaidWords } from '../timeline/subtitles/said-words.js';
import { MICROSECONDS_PER_SECOND, type Microseconds } from '../timeline/timecode.js';
import type { MarkedTimes, TimeWord } from './grammar-times.js';

/** A stretch of the timeline as a sentence names it. Times are those of the timeline as it is now. */
export type Part =
  | { readonly kind: 'between'; readonly in: Microseconds; readonly out: Microseconds }
  | { readonly kind: 'first' | 'last'; readonly length: Microseconds }
  /** 0 to 1 of the whole. */
  | { readonly kind: 'first-share' | 'last-share'; readonly share: number }
  | { readonly kind: 'after' | 'before'; readonly time: Microseconds }
  | { readonly kind: 'longest-pause'; readonly within?: Section }
  | { readonly kind: 'pause-at' | 'pause-after' | 'pause-before'; readonly time: Microseconds }
  /** Where no length is said, `any` or `long`: what that is, the settings say. */
  | { readonly kind: 'pauses'; readonly minimum: Microseconds | 'any' | 'long'; readonly within?: Section }
  /** Where somebody speaks, or nobody for at least `minimum`, by the subtitles; without it the settings say how long. */
  | { readonly kind: 'said' | 'unsaid'; readonly minimum?: Microseconds; readonly within?: Section };

export interface MarkedPart {
  readonly part: Part;
  /** "from A to B" and "A to B" as against "between A and B" and "the section …": "trim" may then mean keep. */
  readonly plainRange: boolean;
  /** The words themselves say what is to stay, as "start at 0:10" does. */
  readonly implied?: 'keep';
}

export interface MarkedParts {
  /** The sentence with each part replaced by `<p0>`, `<p1>`, …; times that belong to none stay marked as times. */
  readonly text: string;
  readonly parts: readonly MarkedPart[];
}

const T = String.raw`(?:the )?(?:第 ?)?<t(\d+)>(?: ?(?:minute |second )?(?:mark|point)\b)?(?: ?(?:处|的位置|位置|的地方|那里))?`;
const TO = String.raw`(?:,? ?(?:up to|to|until|till|til|through|thru|-|直到|一直到|开始到|起到|到|至) ?)`;
const OF_CLIP = String.raw`(?: of (?:the|this|that|my|our) (?:\w+ )?(?:clip|video|recording|film|movie|footage|file|interview|timeline))?`;
const END = String.raw`(?:the )?(?:very )?(?:end|finish)\b${OF_CLIP}`;
const START = String.raw`(?:the )?(?:very )?(?:start|beginning|front|head|top)\b${OF_CLIP}`;
const ALL = String.raw`(?:(?:everything|anything|all|whatever|the rest|the remainder)(?: of it)?(?: that(?:'s| is| comes)?)? )?`;
// "The cough after 0:17" names no stretch: what stands before "after" has to be a verb or a word for a stretch.
const STRETCH = String.raw`parts?|sections?|segments?|portions?|bits?|stuff|contents?|footage|videos?|clips?|films?|recordings?|timeline|end|ending|outro|beginning|start|intro|is|are|comes?|happens|and|or|then|but|just|only|off|out|away|also|please|it|this|that|except|for|than|from|of|want|need|\w*(?:remov|delet|cut|trim|eras|drop|skip|keep|retain|preserv|discard|crop|chop|strip|shorten|los)\w*`;
const OBJECT = String.raw`(?:\b(?:everything|anything|all|whatever|the rest|the remainder)(?: of it)?(?: that(?:'s| is| comes)?)? |(?<=^ ?|[,;:.>\p{Script=Han}] ?|\b(?:${STRETCH}) ))`;
const ZH_CLIP = '(?:整个|这个|这段)?(?:视频|影片|片子|短片)?的?';
const ZH_END = `${ZH_CLIP}(?:结尾|末尾|最后|结束|片尾|终点|尾部)`;
const ZH_START = `${ZH_CLIP}(?:最开始|一开始|开头|开始|片头|起点|头)`;

/**
 * Finds the parts that a sentence names. The rules run from the most to the least specific.
 *
 * @param spoken what `<s0>`, `<s1>`, … stand for
 */
export function markParts(marked: MarkedTimes, spoken: readonly SaidWords[] = []): MarkedParts {
  const parts: MarkedPart[] = [];
  const { times } = marked;
  let { text } = marked;
  const add = (part: Part, details: Partial<MarkedPart> = {}): string =>
    ` <p${parts.push({ part, plainRange: false, ...details }) - 1}> `;
  const rule = (pattern: string, make: (found: Found) => string | undefined): void => {
    text = text.replace(new RegExp(pattern, 'gu'), (whole: string, ...groups: unknown[]) => {
      const captured = groups.slice(
        0,
        groups.findIndex((group) => typeof group === 'number'),
      ) as (string | undefined)[];
      return make(new Found(whole, captured, times)) ?? whole;
    });
  };
  const between = (found: Found, details: Partial<MarkedPart> = {}): string | undefined => {
    const range = found.range();
    return range && add({ kind: 'between', ...range }, details);
  };
  const ends = (f: Found): string =>
    add({ kind: 'first', length: f.value(0) }) + add({ kind: 'last', length: f.value(0) });
  const timed =
    (kind: 'after' | 'before', details: Partial<MarkedPart> = {}) =>
    (found: Found) =>
      add({ kind, time: found.value(0) }, details);
  const length = (kind: 'first' | 'last') => (found: Found) => add({ kind, length: found.value(0) });

  rule('<s(\\d+)>', (f) => {
    const words = spoken[Number(f.word(0))];
    return words && add({ kind: words.kind, ...(words.minimum === undefined ? {} : { minimum: words.minimum }) });
  });

  // "5 seconds and the last 5 seconds" in one breath.
  rule(`(?:the )?first and (?:the )?last ${T}`, ends);
  rule(
    String.raw`${T} (?:from|off|at|of)(?: of)? (?:both|the two|each|either) (?:ends?|sides?)\b`,
    (f) => `off ${ends(f)}`,
  );
  rule(`掐头去尾(?:各|各自)?${T}`, (f) => `删${ends(f)}`);
  rule(
    `(?:首尾|前后|头尾|开头和?结尾|片头和?片尾)(?:的|都)?([删剪去裁切][掉除去])?各?自?([删剪去裁切][掉除去])?的?${T}`,
    (f) => {
      const time = f.value(2);
      return `${f.word(0) ?? f.word(1) ?? ''}${add({ kind: 'first', length: time })}${add({ kind: 'last', length: time })}`;
    },
  );

  // In and out points, each with its own words.
  rule(
    String.raw`\b(?:start|begin)\w* (?:at|from|on) ${T},? ?(?:and )?(?:(?:until|till|to)|(?:end|stop|finish)\w* (?:at|by|on)) ${T}`,
    (f) => between(f, { implied: 'keep' }),
  );
  rule(String.raw`\bin(?:[ -]point)?(?: at| is|:)? ?${T}[ ,]*(?:and )?out(?:[ -]point)?(?: at| is|:)? ?${T}`, (f) =>
    between(f),
  );
  rule(`入点(?:是|在|:)? ?${T}[ ,]*出点(?:是|在|:)? ?${T}`, (f) => between(f));

  // Ranges. After "between", further pairs may go on with "and".
  rule(
    String.raw`\b(?:in )?between ${T} and ${T}(?:,? (?:and )?(?:between )?<t\d+> and (?:the )?<t\d+>(?!${TO}<t))*`,
    (f) => {
      const pairs = f.pairs();
      return pairs && pairs.map((range) => add({ kind: 'between', ...range })).join(' and ');
    },
  );
  rule(`(?:从|在|自|由)? ?${T} ?(?:和|与|跟) ?${T} ?(?:之间|中间)`, (f) => between(f));
  rule(String.raw`\b(?:in )?between ${T}${TO}${T}`, (f) => between(f));
  rule(String.raw`(?:\bfrom |从|在|自|由)? ?${T}${TO}${T}(?: ?(?:结束|之间|中间|期间|这段|这一段))?`, (f) =>
    between(f, { plainRange: true }),
  );

  markPausesAt(rule, add);

  // A length that starts or ends at a time.
  rule(
    String.raw`<t(\d+)>(?: (?:long )?(?:starting|beginning) (?:at|from)| from| (?:right |just |immediately )?(?:after|following)) ${T}`,
    (f) => (f.isLength(0) ? add({ kind: 'between', in: f.value(1), out: f.value(1) + f.value(0) }) : undefined),
  );
  rule(String.raw`<t(\d+)> (?:right |just |immediately )?before ${T}`, (f) =>
    f.isLength(0) && f.value(1) >= f.value(0)
      ? add({ kind: 'between', in: f.value(1) - f.value(0), out: f.value(1) })
      : undefined,
  );
  rule(`从?${T}(?:开始|起|之后|以后|后面|后)(?:的|往后|接下来的|持续)<t(\\d+)>`, (f) =>
    f.isLength(1) ? add({ kind: 'between', in: f.value(0), out: f.value(0) + f.value(1) }) : undefined,
  );
  rule(`${T}(?:之前|以前|前面|前)的<t(\\d+)>`, (f) =>
    f.isLength(1) && f.value(0) >= f.value(1)
      ? add({ kind: 'between', in: f.value(0) - f.value(1), out: f.value(0) })
      : undefined,
  );

  // To the end, from the start.
  rule(String.raw`${ALL}(?:\bfrom )?${T}${TO}${END}`, timed('after'));
  rule(`从?${T}${TO}${ZH_END}`, timed('after'));
  rule(String.raw`${ALL}(?:\bfrom )?${START}${TO}${T}`, timed('before'));
  rule(`从?${ZH_START}${TO}${T}`, timed('before'));
  rule(String.raw`${ALL}(?:\bfrom )?${T} (?:on(?:wards?)?|forwards?)\b`, timed('after'));
  rule(
    String.raw`(?:everything|anything|all|the rest|the remainder|the part|the section) (?:\w+ )?(?:from|since|starting at|beginning at|starting from) ${T}`,
    timed('after'),
  );
  rule(String.raw`${OBJECT}\b(?:after|past|beyond|following) ${T}`, timed('after'));
  rule(String.raw`${OBJECT}\b(?:before|prior to|until|till|up to|ahead of|preceding) ${T}`, timed('before'));
  rule(`从?${T}(?:开始|起|往后|之后|以后|后面|后)(?!各)`, timed('after'));
  rule(`${T}(?:之前|以前|前面|往前|前)`, timed('before'));

  // Lengths at the start and the end.
  rule(String.raw`\b(?:first|initial|opening|starting|beginning) ${T}`, length('first'));
  rule(String.raw`\b(?:last|final|closing|ending|trailing) ${T}`, length('last'));
  // "Take 5 seconds off the end": the verb needs its "off" back.
  const taken = (kind: 'first' | 'last') => (found: Found) =>
    length(kind)(found) + (/^(?:off|from)$/u.test(found.word(1) ?? '') ? 'off ' : '');
  rule(String.raw`${T} (from|off|at|of|in)(?: of)? ${START}`, taken('first'));
  rule(String.raw`${T} (from|off|at|of|in)(?: of)? ${END}`, taken('last'));
  rule(String.raw`${T} (from|off|at|of)(?: of)? (?:the )?(?:back|tail)\b`, taken('last'));
  rule(`(?:${ZH_START}|最前面?|前面?)(?:处|部)?的? ?(?:那 ?)?${T}`, length('first'));
  rule(`(?:${ZH_END}|最后面?|最末|后面?)(?:处|部)?的? ?(?:那 ?)?${T}`, length('last'));
  rule(String.raw`\bfirst half\b${OF_CLIP}|前半段|前半部分|前一半|上半段|上半部分|前半`, () =>
    add({ kind: 'first-share', share: 0.5 }),
  );
  rule(String.raw`\b(?:second|last|latter) half\b${OF_CLIP}|后半段|后半部分|后一半|下半段|下半部分|后半`, () =>
    add({ kind: 'last-share', share: 0.5 }),
  );
  rule('第 ?<t(\\d+)>', (f) => (f.isOneUnit(0) ? add({ kind: 'first', length: f.value(0) }) : undefined));
  rule(
    String.raw`\b(?:start|begin)s?(?: it| (?:the|this|my) (?:clip|video))? (?:at|from) ${T}`,
    timed('after', { implied: 'keep' }),
  );
  rule(
    String.raw`\b(?:end|stop|finish)(?:es|s)?(?: it| (?:the|this|my) (?:clip|video))? at ${T}`,
    timed('before', { implied: 'keep' }),
  );

  markPauses(rule, add);
  // "All pauses between 0:10 and 0:50".
  rule(String.raw`<p(\d+)> (?:in |within |from |during |inside |里的|内的|中的|之间的|的)?\s*<p(\d+)>`, (f) => {
    const indexes = [Number(f.word(0)), Number(f.word(1))];
    const found = indexes.map((index) => parts[index]?.part);
    const pause = found.find((part) => part !== undefined && isSought(part));
    const range = found.find((part) => part?.kind === 'between');
    if (pause === undefined || range === undefined) return undefined;
    return add({ ...pause, within: { in: range.in, out: range.out } });
  });
  return { text: text.replace(/ +/gu, ' ').trim(), parts };
}

type Sought = Extract<Part, { readonly within?: Section }>;

/** Only a look into the clip tells where it is. */
function isSought(part: Part): part is Sought {
  return ['pauses', 'longest-pause', 'said', 'unsaid'].includes(part.kind);
}

const ADJECTIVES = String.raw`(?:(?:the|a|an|one|that|this|these|those|my|very|really|overly|too|long|longer|longest|big|bigger|biggest|huge|large|largest|awkward|inner|middle|main|only|unwanted|unnecessary|boring|annoying) )*`;
const QUIET = '(?:silent|quiet|soundless|empty)';
const MANY = `(?:pauses|silences|gaps|breaks in speech|${QUIET} (?:parts|sections|bits|moments|passages|spots))`;
const ONE = `(?:pause|silence(?! ?<p)|(?<=(?:remove|delete|cut|out|of|the|this|that|any|all|long|longest) )silence|gap|dead air|${QUIET} (?:part|section|bit|moment|passage|spot))`;
const OVER = String.raw`(?:,? ?(?:that|which)?(?: ?(?:are|is|last|lasts|lasting))? ?(?:over|longer than|more than|above|exceeding|greater than|of at least|at least|of over|of more than|of|beyond))`;
const OR_MORE = String.raw`(?: ?(?:or|and) (?:more|longer|over|above|up)|\+| plus)?(?: long)?`;
const MIDDLE = String.raw`(?: (?:right )?in (?:the|its) middle${OF_CLIP}| in between)?`;
const ZH_PAUSE = '(?:停顿|静音|空白|沉默|冷场|无声|没有?声音|没说话)(?:的)?(?:时间|部分|片段|段落|地方|处|段)?';
const ZH_EACH = '(?:所有|全部|每个|每段|每处|每一处|每一个|一切|各个|各处)的?';

type Rule = (pattern: string, make: (found: Found) => string | undefined) => void;

function markPausesAt(rule: Rule, add: (part: Part) => string): void {
  const at = (kind: 'pause-at' | 'pause-after' | 'pause-before') => (found: Found) =>
    add({ kind, time: found.value(0) });
  rule(String.raw`${ADJECTIVES}\b${ONE} (?:at|around|near|about) ${T}`, at('pause-at'));
  rule(String.raw`${ADJECTIVES}\b${ONE} (?:right |just )?(?:after|following|from) ${T}`, at('pause-after'));
  rule(String.raw`${ADJECTIVES}\b${ONE} (?:right |just )?(?:before|until) ${T}`, at('pause-before'));
  rule(`(?:在)?${T}(?:附近|左右)的(?:长|那个|那段|的)*${ZH_PAUSE}`, at('pause-at'));
  // A clock says where; "2秒的停顿" says how long.
  rule(`(?:在)?${T}的(?:长|那个|那段|的)*${ZH_PAUSE}`, (f) => (f.isLength(0) ? undefined : at('pause-at')(f)));
  rule(`(?:在)?${T}(?:之后|以后|后面|后)的(?:第一个|长|那个|那段|的)*${ZH_PAUSE}`, at('pause-after'));
  rule(`(?:在)?${T}(?:之前|以前|前面|前)的(?:长|那个|那段|的)*${ZH_PAUSE}`, at('pause-before'));
}

function markPauses(rule: Rule, add: (part: Part) => string): void {
  const pauses = (found: Found): string => add({ kind: 'pauses', minimum: found.value(0) });
  const unnumbered = (found: Found): string =>
    add({
      kind: 'pauses',
      minimum: /\b(?:long|longer|big|huge|large)\b|长/u.test(found.whole) ? 'long' : 'any',
    });
  rule(
    String.raw`(?:\b(?:all|every|each|any) (?:of )?)?${ADJECTIVES}\b(?:${MANY}|${ONE})${OVER} ${T}${OR_MORE}`,
    pauses,
  );
  rule(String.raw`(?:\b(?:all|every|each|any) (?:of )?)?${ADJECTIVES}${T}${OR_MORE}[ -](?:long )?(?:${MANY})`, pauses);
  // Said of one pause, a length only describes it.
  rule(String.raw`${ADJECTIVES}${T}[ -](?:long )?${ONE}\b${MIDDLE}`, () => add({ kind: 'longest-pause' }));
  rule(
    `(?:${ZH_EACH})?(?:时长|长度)?(?:超过|大于|长于|多于|不少于|不短于|至少|超出|高于|over) ?${T}(?:以上|及以上)?的?(?:长|所有|全部|的)*${ZH_PAUSE}`,
    pauses,
  );
  rule(`(?:${ZH_EACH})?${T}(?:以上|及以上|或以上|或更长)的?(?:长|所有|全部|的)*${ZH_PAUSE}`, pauses);
  rule(String.raw`\b(?:all|every|each|any) (?:of )?${ADJECTIVES}(?:${MANY}|${ONE})\b${MIDDLE}`, unnumbered);
  rule(String.raw`${ADJECTIVES}\b${MANY}\b${MIDDLE}`, unnumbered);
  rule(`${ZH_EACH}(?:很?长)?的?${ZH_PAUSE}`, unnumbered);
  rule(
    `${ZH_PAUSE}(?:时间|时长)?(?:超过|大于|长于|多于|不少于|不短于|至少|超出|高于|over) ?${T}(?:以上|及以上)?的?(?:部分|地方|片段|内容)?`,
    pauses,
  );
  // Without an article, or a word that picks one, all of them are meant.
  rule(
    String.raw`(?<=\b(?:remove|delete|cut|cut out|trim|strip|drop|skip|out|of|any) )(?:silence|dead air)\b`,
    unnumbered,
  );
  rule(String.raw`${ADJECTIVES}\b${ONE}\b${MIDDLE}`, () => add({ kind: 'longest-pause' }));
  rule(`(?:(?:中间|那个|这个|那段|这段|一个|一段|最长|很长|较长|长时间|长)的?)+${ZH_PAUSE}`, () =>
    add({ kind: 'longest-pause' }),
  );
  rule(`${T}的(?:长|那个|那段|的)*${ZH_PAUSE}`, () => add({ kind: 'longest-pause' }));
  rule(ZH_PAUSE, unnumbered);
}

/** What a rule found, with the times it captured. */
class Found {
  readonly #groups: readonly (string | undefined)[];
  readonly #times: readonly TimeWord[];

  constructor(
    readonly whole: string,
    groups: readonly (string | undefined)[],
    times: readonly TimeWord[],
  ) {
    this.#groups = groups;
    this.#times = times;
  }

  word(group: number): string | undefined {
    return this.#groups[group];
  }

  value(group: number): Microseconds {
    return this.#time(group)?.value ?? 0;
  }

  /** A clock names a position, so only units make a length here. */
  isLength(group: number): boolean {
    return this.#time(group)?.kind === 'units';
  }

  isOneUnit(group: number): boolean {
    const time = this.#time(group);
    return time?.unit !== undefined && time.value === time.unit;
  }

  range(): { in: Microseconds; out: Microseconds } | undefined {
    return asRange(this.#time(0), this.#time(1));
  }

  /** All times of the text that was found, two by two. */
  pairs(): { in: Microseconds; out: Microseconds }[] | undefined {
    const found = [...this.whole.matchAll(/<t(\d+)>/gu)].map((match) => this.#times[Number(match[1])]);
    const ranges: { in: Microseconds; out: Microseconds }[] = [];
    for (let index = 0; index + 1 < found.length; index += 2) {
      const range = asRange(found[index], found[index + 1]);
      if (!range) return undefined;
      ranges.push(range);
    }
    return ranges;
  }

  #time(group: number): TimeWord | undefined {
    return this.#times[Number(this.#groups[group])];
  }
}

/** "10 to 20 minutes": the bare number takes the unit of the other, where that does not turn the range around. */
export function asRange(
  from: TimeWord | undefined,
  to: TimeWord | undefined,
): { in: Microseconds; out: Microseconds } | undefined {
  if (from?.value === undefined || to?.value === undefined) return undefined;
  const scaled = (bare: TimeWord, other: TimeWord): Microseconds | undefined =>
    bare.kind === 'bare' && other.unit !== undefined
      ? Math.round(((bare.value ?? 0) / MICROSECONDS_PER_SECOND) * other.unit)
      : undefined;
  const start = scaled(from, to);
  const end = scaled(to, from);
  return {
    in: start !== undefined && start < to.value ? start : from.value,
    out: end !== undefined && end > from.value ? end : to.value,
  };
}
