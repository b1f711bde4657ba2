import * as l10n from '@vscode/l10n';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import type { ChatLog } from './chat-log.js';

/** The product's own example, for clips that are long enough for it. */
const EXAMPLE = { in: 45_000_000, out: 80_000_000 };

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u));
const WISHES = words(`
  better nicer best great good cool cooler amazing awesome perfect pretty prettier beautiful professional interesting
  engaging catchy viral fun cleaner polished pop shine magic improve enhance polish fix optimize optimise beautify
  upgrade clean
`);
const DOING = words('make get do turn improve enhance polish fix optimize optimise beautify upgrade clean edit let');
const FILLER = words(`
  please pls can could would you just i i'd like want need to somehow a an it this that the my our video clip film movie
  footage edit cut and bit little lot much way more really very all some for me us so be is as possible now overall again
  with here look looks looking feel up
`);
const VAGUE_HAN =
  /^(?:请|麻烦)?(?:帮我|给我)?(?:把|让|将)?(?:这个|这段|我的|整个)?(?:视频|片子|影片|短片|它)?(?:做得|变得|弄得|剪得|弄|变|做|剪)?(?:更|再)?(?:好一点|好看一点|好看|好些|好|漂亮|专业|精彩|有趣|高级|美化|优化|改进|提升|完善|润色)(?:一下|一点|一些|些|点)?(?:吧|吗|呢)?[。！!？?]*$/u;

/**
 * "make it better" names nothing that can be cut. The product text advises a concrete instruction instead.
 *
 * @param duration of the timeline, so that the times in the sentence are on it; undefined when it is not known
 * @returns the sentence to send instead; undefined when the message is concrete enough to be tried
 */
export function betterSentence(message: string, duration: Microseconds | undefined): string | undefined {
  const text = message.normalize('NFKC').toLowerCase().replace(/’/gu, "'").trim();
  if (text.length > 120) return undefined;
  const han = VAGUE_HAN.test(text);
  if (!han && !isVague(text)) return undefined;
  const section = duration === undefined || duration > EXAMPLE.out ? EXAMPLE : middleOf(duration);
  const [from, to] = [formatTimecode(section.in), formatTimecode(section.out)];
  return han
    ? `删除${from}到${to}之间的部分，并把其余部分平滑地拼接起来`
    : `remove the section between ${from} and ${to} and join the remaining parts smoothly`;
}

function isVague(text: string): boolean {
  const said = text.split(/[\s,.!?]+/u).filter((word) => word !== '');
  const known = said.every((word) => WISHES.has(word) || DOING.has(word) || FILLER.has(word));
  return known && said.some((word) => WISHES.has(word)) && said.some((word) => DOING.has(word));
}

/** One hint a session: the person knows then. */
export function tellHint(chat: ChatLog, sentence: string): void {
  if (chat.entries.some(({ topic }) => topic === 'hint')) return;
  const text = l10n.t('Concrete instructions give better results: name what to remove, with times.');
  chat.add({ kind: 'status', topic: 'hint', text, sentence });
}

/** Whole seconds where there are any. */
function middleOf(duration: Microseconds): { in: Microseconds; out: Microseconds } {
  const step = duration >= 8_000_000 ? 1_000_000 : 1000;
  const at = (part: number): Microseconds => Math.round((duration * part) / step) * step;
  return { in: at(3 / 8), out: at(5 / 8) };
}
