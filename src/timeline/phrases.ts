import * as l10n from '@vscode/l10n';

/** Whether there is a Chinese character in a text: what is said in answer to it is Chinese then. */
export function hasHan(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  if (words.length < 2) return last;
  const others = words.slice(0, -1).reduce((said, word) => l10n.t('{0}, {1}', said, word));
  return l10n.t('{0} and {1}', others, last);
}

/** Whole sentences, one after the other; empty ones are left out. */
export function joinSentences(...sentences: readonly string[]): string {
  const said = sentences.filter((sentence) => sentence !== '');
  return said.length === 0 ? '' : said.reduce((before, sentence) => l10n.t('{0} {1}', before, sentence));
}

/** `"Lo-fi"` */
export function quoted(text: string): string {
  return l10n.t('"{0}"', text);
}
