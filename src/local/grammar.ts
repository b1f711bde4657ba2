import type { Join } from '../timeline/join.js';
import { hasHan } from '../timeline/phrases.js';
import { findSaidWords, replaceSaidWords } from '../timeline/subtitles/said-words.js';
import { findVerbs, governing, trimMeaning, type Verb, type VerbKind } from './grammar-actions.js';
import { readJoin } from './grammar-joins.js';
import { asRange, markParts, type MarkedPart, type MarkedParts, type Part } from './grammar-parts.js';
import { markTimes, plainText, type MarkedTimes } from './grammar-times.js';
import { wishedSize, wishesIn, withoutSize, wishesMp4, type Wish } from './grammar-wishes.js';

export type Language = 'en' | 'zh';
export type Action = 'remove' | 'keep';

export interface Cut {
  readonly action: Action;
  readonly part: Part;
}

export type Intent =
  /** All parts are those of the timeline as it was before the message. */
  | { readonly kind: 'cut'; readonly cuts: readonly Cut[] }
  /** A cut is wanted, but not which. */
  | { readonly kind: 'ask-section'; readonly action: Action; readonly unclear?: string }
  /** A section is named, but not whether it goes or stays. */
  | { readonly kind: 'ask-action' }
  /** Looks like a time and is none: 0:75. */
  | { readonly kind: 'bad-time'; readonly text: string }
  | { readonly kind: 'none' };

export interface Message {
  readonly language: Language;
  /** Done before the rest of the message. */
  readonly rewind?: 'undo' | 'redo' | 'restore';
  readonly intent: Intent;
  /** What was asked for besides and is not done here. */
  readonly wishes: readonly Wish[];
  /** Frame size that was asked for, as written. */
  readonly size?: string;
  readonly format?: 'mp4';
  /** How the joins are to be from now on, those that are there too. */
  readonly join?: Join;
  /** A dissolve of another length was asked for than there is. */
  readonly joinLimited?: boolean;
}

export interface ReadingContext {
  /** The last answer asked for a section: times alone are the answer. */
  readonly awaited?: Action;
  /** What "trim" and times without a verb mean, once the person was asked. */
  readonly decided?: Action;
  /** Names of files, taken out before times are looked for. */
  readonly names?: readonly string[];
}

/**
 * Reads one message to the cutting agent, in English or Chinese. Pure: it knows neither the clip nor its length.
 * What it does not understand is never guessed into a cut.
 */
export function readMessage(text: string, context: ReadingContext = {}): Message {
  const whole = plainText(withoutNames(text, context.names ?? []));
  const { join, limited, text: rest } = readJoin(whole);
  const spoken = findSaidWords(rest);
  const marks = spoken.map((_, index) => ` <s${index}> `);
  const plain = withoutDescriptions(replaceSaidWords(rest, spoken, marks));
  const language = languageOf(whole);
  const size = wishedSize(plain);
  const times = markTimes(size === undefined ? plain : withoutSize(plain));
  const rewind = readRewind(plain);
  const parts = markParts({ ...times, text: rewind ? withoutRewind(times.text) : times.text }, spoken);
  const clauses = splitClauses(parts.text);
  const intent = readIntent(times, parts, clauses, context, rewind !== undefined);
  const wishes = [...new Set(clauses.flatMap((clause) => wishesOf(clause, parts)))];
  return {
    language,
    intent,
    wishes,
    ...(rewind ? { rewind } : {}),
    ...(size === undefined ? {} : { size }),
    ...(wishesMp4(plain) ? { format: 'mp4' } : {}),
    ...(join ? { join } : {}),
    ...(limited ? { joinLimited: true } : {}),
  };
}

/** Chinese as soon as there is one Han character, else English; names of files have to be out of `text`. */
export function languageOf(text: string): Language {
  return hasHan(text) ? 'zh' : 'en';
}

/** "Remove" or "keep", as the answer to "shall I remove it or keep only it?". */
export function readAction(text: string): Action | undefined {
  const kinds = new Set(findVerbs(plainText(text)).map((verb) => verb.kind));
  if (kinds.has('remove') !== kinds.has('keep')) return kinds.has('remove') ? 'remove' : 'keep';
  return undefined;
}

/** A space stands for each name, so that nothing in a name is read as a time or as a wish. */
export function withoutNames(text: string, names: readonly string[]): string {
  return names.reduce((rest, name) => rest.replaceAll(name, ' '), text);
}

const CLIP_NOUNS =
  'clips?|videos?|recordings?|interviews?|files?|footage|movies?|films?|vlogs?|podcasts?|episodes?|lectures?|talks?|tutorials?|reels?|shorts?';
const NUMBER_WORD =
  '\\d+(?:[.,]\\d+)?|a|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|fifty|sixty';
// "A 3-minute interview clip", "一段3分钟的视频" and "9:16" describe; they name no section.
const DESCRIPTIONS: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:${NUMBER_WORD})[ -](?:second|minute|hour|sec|min)[ -](?:long[ -])?(?:(?!of\b|from\b|off\b|in\b|at\b|to\b|and\b|pause|silence|gap|section|part|segment)[a-z]+ ){0,2}?(?=(?:${CLIP_NOUNS})\b)`,
    'gu',
  ),
  /(?<=一段|一个|一条|这段|这个|这条|我的|[将成为])(?:约|大约)?[\d.一二两三四五六七八九十半]+个?(?:秒钟?|分钟|分|小时)(?:长|左右)?的?(?=[^,.;\d前后到至]{0,6}(?:视频|短片|影片|录像|采访|片子))/gu,
  /(?<![\d:])(?:16:9|9:16|4:3|3:4|1:1|4:5|21:9)(?![\d:])(?=.*(?:ratio|aspect|vertical|portrait|比例|画幅|竖屏|横屏))|(?<=(?:ratio|aspect|crop|vertical|portrait|比例|画幅|竖屏|横屏).*)(?<![\d:])(?:16:9|9:16|4:3|3:4|1:1|4:5|21:9)(?![\d:])/gu,
  // "Close the gap" is what joining does; "(35 s)" explains.
  /\b(?:clos(?:e|es|ing)|fill(?:ing)?|without|no|avoid(?:ing)?)(?: (?:the|any|a|all|leaving))* (?:gaps?|jumps?)\b|不留?(?:任何)?(?:空白|空隙|黑屏)/gu,
];

function withoutDescriptions(plain: string): string {
  return DESCRIPTIONS.reduce((rest, words) => rest.replace(words, ' '), plain);
}

const RESTORE =
  /\b(?:start (?:over|again|afresh)|reset|from scratch|undo (?:everything|all)|revert (?:everything|all|to the original)|restore (?:everything|all|it all|the (?:original|whole|full|entire)\b.*|the (?:clip|video))|(?:discard|drop|forget|undo) all (?:my |the )?(?:edits|changes|cuts)|back to the (?:original|start|beginning))\b|重新开始|从头再来|从头开始|恢复(?:全部|所有|原样|原状|原始|原片|到?最初|整个)|全部(?:恢复|撤销|还原)|撤销(?:全部|所有)|还原|重置/u;
const REDO = /\bredo\b|重做|恢复(?:刚才的)?撤销|取消撤销/u;
const UNDO =
  /\b(?:undo|revert|take (?:that|it) back|go back(?: one step)?|put (?:it|that) back)\b|撤销|撤消|撤回|回退|上一步|反悔|取消(?:刚才|上次|上一|这次)|^(?:restore|恢复|恢复一下)[.!]?$/u;

function readRewind(plain: string): Message['rewind'] {
  if (RESTORE.test(plain)) return 'restore';
  if (REDO.test(plain)) return 'redo';
  return UNDO.test(plain) ? 'undo' : undefined;
}

function withoutRewind(text: string): string {
  return [RESTORE, REDO, UNDO].reduce((rest, words) => rest.replace(words, ' , '), text);
}

/** Clauses share no verb unless the later has none: "remove A and B", "cut A, keep B". */
function splitClauses(text: string): string[] {
  return text
    .replace(/\b(everything|all|anything|nothing|whole \w+|the rest|it all) but\b/gu, '$1 except')
    .split(
      /[,;.!?\n]|\b(?:and|then|also|plus|but|while|afterwards)\b|然后|接着|并且|并|而且|同时|还有|以及|另外|但是|不过|再|和|但/u,
    )
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}

function readIntent(
  times: MarkedTimes,
  marked: MarkedParts,
  clauses: readonly string[],
  context: ReadingContext,
  rewinds: boolean,
): Intent {
  const bad = times.times.find((time) => time.value === undefined);
  if (bad) return { kind: 'bad-time', text: bad.text };
  const verbs = clauses.map(findVerbs);
  const wants = verbs.flat().some(({ kind }) => kind === 'remove' || kind === 'keep' || kind === 'trim');
  // "Undo the removal of 0:10-0:20" has nothing more to do.
  if (rewinds && !wants) return { kind: 'none' };
  if (marked.parts.length > 0) {
    const stray = strayTime(times, clauses, verbs);
    const action = context.awaited ?? 'remove';
    if (stray !== undefined) return { kind: 'ask-section', action, unclear: stray };
    return resolve(marked.parts, clauses, verbs, context);
  }
  // "0:45 1:20" or "45, 80", right after the question.
  const [from, to, ...more] = times.times;
  const wanted = verbs.flat().find((verb) => verb.kind === 'remove' || verb.kind === 'keep' || verb.kind === 'trim');
  if (context.awaited && from && to && more.length === 0) {
    const range = asRange(from, to);
    const action = wanted?.kind === 'keep' || wanted?.kind === 'remove' ? wanted.kind : context.awaited;
    if (range) return { kind: 'cut', cuts: [{ action, part: { kind: 'between', ...range } }] };
  }
  if (context.awaited && from) return { kind: 'ask-section', action: context.awaited, unclear: from.text };
  if (rewinds || !wanted) return { kind: 'none' };
  return { kind: 'ask-section', action: wanted.kind === 'keep' ? 'keep' : 'remove' };
}

/** A time that no rule took, in a clause that cuts: half of the sentence was not understood, so nothing is cut. */
function strayTime(
  times: MarkedTimes,
  clauses: readonly string[],
  verbs: readonly (readonly Verb[])[],
): string | undefined {
  for (const [index, clause] of clauses.entries()) {
    const stray = [...clause.matchAll(/(?<!\( ?)<t(\d+)>(?! ?\))/gu)].map((match) => times.times[Number(match[1])]);
    const cutting = !(verbs[index] ?? []).some((verb) => verb.kind === 'other' || verb.kind === 'spare');
    const alone = /^<t\d+>$/u.test(clause);
    const word = stray.find((time) => time && (alone || time.kind !== 'bare'));
    if (cutting && word) return word.text;
  }
  return undefined;
}

function resolve(
  parts: readonly MarkedPart[],
  clauses: readonly string[],
  verbs: readonly (readonly Verb[])[],
  context: ReadingContext,
): Intent {
  const cuts: Cut[] = [];
  let unclear = false;
  for (const [index, clause] of clauses.entries()) {
    for (const match of clause.matchAll(/<p(\d+)>/gu)) {
      const marked = parts[Number(match[1])];
      if (!marked) continue;
      const own = governing(clause, verbs[index] ?? [], match.index, match[0]);
      const kind = own.verb ?? neighbour(verbs, index);
      const action = actionOf(kind, marked, clause, context);
      if (action === 'unclear') unclear = true;
      else if (action) cuts.push({ action: own.except ? opposite(action) : action, part: marked.part });
    }
  }
  if (unclear) return { kind: 'ask-action' };
  return cuts.length > 0 ? { kind: 'cut', cuts } : { kind: 'none' };
}

/** The verb that a clause without one shares: the last before it, else the first after it. */
function neighbour(verbs: readonly (readonly Verb[])[], index: number): VerbKind | undefined {
  return verbs.slice(0, index).flat().at(-1)?.kind ?? verbs.slice(index + 1).flat()[0]?.kind;
}

function actionOf(
  kind: VerbKind | undefined,
  marked: MarkedPart,
  clause: string,
  context: ReadingContext,
): Action | 'unclear' | undefined {
  switch (kind) {
    case 'remove':
    case 'keep':
      return kind;
    case 'trim':
      return trimMeaning(clause, marked) === 'remove' ? 'remove' : (context.decided ?? 'unclear');
    case 'other':
    case 'spare':
      return undefined;
    case undefined:
      if (marked.implied) return marked.implied;
      if (context.awaited) return context.awaited;
      // A pause that is mentioned is a pause too many.
      if (marked.part.kind === 'longest-pause' || marked.part.kind === 'pauses') return 'remove';
      return context.decided ?? 'unclear';
  }
}

function opposite(action: Action): Action {
  return action === 'remove' ? 'keep' : 'remove';
}

function wishesOf(clause: string, marked: MarkedParts): Wish[] {
  const verbs = findVerbs(clause);
  const cuts = verbs.some((verb) => verb.kind === 'remove' || verb.kind === 'keep' || verb.kind === 'trim');
  const other = verbs.some((verb) => verb.kind === 'other');
  const hasPart = marked.parts.length > 0 && /<p\d+>/u.test(clause);
  const wishes = wishesIn(clause, (cuts || hasPart) && !other);
  return wishes.length === 0 && other ? ['other'] : wishes;
}
