import { hasHan } from '../timeline/phrases.js';
import { keptRanges, type Section } from '../timeline/sections.js';
import { findSaidWords, replaceSaidWords, type SaidWords } from '../timeline/subtitles/said-words.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import type { ReadUnsaid } from './ports.js';
import { toTimelineTime } from './source-ranges.js';

/** A message that speaks of where somebody speaks, for an agent that has no subtitles: with the times instead. */
export interface TimedMessage {
  /** Undefined where somebody speaks all the time, so that there is nothing to send. */
  readonly text: string | undefined;
  /** What it removes, in source time, where that is all that it says. */
  readonly sections: readonly Section[] | undefined;
  /** Names of the subtitles that say so. */
  readonly files: readonly string[];
}

export interface TimedClip {
  /** Absolute. */
  readonly path: string;
  readonly duration: Microseconds;
  /** What of it is on the timeline; undefined: all of it. */
  readonly kept: readonly Section[] | undefined;
}

/** Whether a message speaks of where somebody speaks, or nobody. */
export function speaksOfSaid(message: string): boolean {
  return findSaidWords(message).length > 0;
}

/** Our own engine goes by the sound where there are no subtitles: how to say that. */
export function loudnessSentence(message: string): string | undefined {
  if (!speaksOfSaid(message)) return undefined;
  return hasHan(message) ? '删除停顿' : 'remove the pauses';
}

/** @returns undefined where nothing of the kind is said, or no subtitles lie beside the clip */
export async function timedMessage(
  message: string,
  clip: TimedClip,
  readUnsaid: ReadUnsaid,
): Promise<TimedMessage | undefined> {
  const found = findSaidWords(message);
  const words: string[] = [];
  let files: readonly string[] = [];
  let sections: readonly Section[] | undefined;
  for (const spoken of found) {
    const unsaid = await readUnsaid(clip.path, clip.duration, spoken.minimum);
    if (!unsaid) return undefined;
    files = unsaid.files;
    sections = found.length === 1 && isRemoval(message, spoken) ? unsaid.sections : undefined;
    const meant = spoken.kind === 'unsaid' ? unsaid.sections : keptRanges(unsaid.sections, wholeOf(clip));
    const named = toTimelineTime(meant, clip.kept);
    if (named.length === 0 || unsaid.sections.length === 0) return { files, text: undefined, sections: undefined };
    words.push(hasHan(message) ? inChinese(named) : inEnglish(named));
  }
  return found.length === 0 ? undefined : { text: replaceSaidWords(message, found, words), sections, files };
}

function wholeOf({ duration }: TimedClip): Section {
  return { in: 0, out: duration };
}

function inEnglish(sections: readonly Section[]): string {
  const named = sections.map((section) => `between ${formatTimecode(section.in)} and ${formatTimecode(section.out)}`);
  const last = named.pop() ?? '';
  return named.length === 0 ? `the section ${last}` : `the sections ${named.join(', ')} and ${last}`;
}

function inChinese(sections: readonly Section[]): string {
  const named = sections.map((section) => `${formatTimecode(section.in)}到${formatTimecode(section.out)}`);
  return `${named.join('、')}之间的部分`;
}

const MARK = '§';
const POLITE = String.raw`(?:(?:please|can you|could you|would you|just|now|ok|okay|then)[ ,]+)*`;
const JOINING = String.raw`(?:,? (?:and|then|and then) (?:join|connect) (?:the )?(?:rest|remainder|remaining (?:parts|pieces)|other parts|parts|it|everything)(?: back)?(?: together)?(?: smoothly| seamlessly)?)?`;
const THANKS = String.raw`(?:,? (?:please|thanks|thank you))?[.!]?`;
const VERB = String.raw`(?:remove|delete|cut|take|trim|drop|skip|strip|erase|get rid of)(?: out| away)?`;
const KEEP = String.raw`(?:only |just )?(?:keep|leave)(?: only| just)?`;
const ZH_TAIL =
  '(?:[,，]?(?:并|然后|再)?(?:且)?(?:把|将)?(?:其余|剩下|剩余)的?(?:部分)?(?:平滑|自然)?地?(?:拼接|连接|接)(?:起来|在一起)?)?[。.!！]?';
const ZH_POLITE = '(?:请|麻烦|帮我|给我|把|将)*';
const ZH_VERB = '(?:都|全部|全)?(?:剪掉|剪去|剪除|剪了|删除|删掉|删去|删了|去掉|移除|裁掉|切掉)';
const REMOVALS: Readonly<Record<SaidWords['kind'], RegExp>> = {
  unsaid: new RegExp(
    `^(?:${POLITE}${VERB} ${MARK}(?: out| away)?${JOINING}${THANKS}|${ZH_POLITE}(?:${ZH_VERB}${MARK}|${MARK}${ZH_VERB})${ZH_TAIL})$`,
    'iu',
  ),
  said: new RegExp(
    `^(?:${POLITE}${KEEP} ${MARK}${JOINING}${THANKS}|${ZH_POLITE}(?:只|仅)?(?:保留|留下|留|要)${MARK}${ZH_TAIL})$`,
    'iu',
  ),
};

/** All that the message wants is that what is not said goes. */
function isRemoval(message: string, words: SaidWords): boolean {
  return REMOVALS[words.kind].test(replaceSaidWords(message, [words], [MARK]).trim().replace(/\s+/gu, ' '));
}
