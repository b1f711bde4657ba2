// The languages that the panel is shown in: ours, and one that is made up.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { repository } from '../../run/paths.js';

/** `pseudo`: English in brackets and longer by two fifths, as a language may be that is yet to come. */
export const LANGUAGES = ['en', 'zh-cn', 'pseudo'] as const;
export type Language = (typeof LANGUAGES)[number];

const LONGER = 0.4;

/** The words as the host writes them into the page; undefined for English, which needs none. */
export async function readWords(language: Language): Promise<Record<string, string> | undefined> {
  if (language === 'en') return undefined;
  const text = await readFile(join(repository, 'l10n/bundle.l10n.zh-cn.json'), 'utf8');
  const chinese = JSON.parse(text) as Record<string, string>;
  if (language === 'zh-cn') return chinese;
  return Object.fromEntries(Object.keys(chinese).map((sentence) => [sentence, pseudo(sentence)]));
}

/** `Remove {0}` becomes `⟦Remmovve {0}~⟧`: what stands in braces is left as it is. */
function pseudo(sentence: string): string {
  let missing = 0;
  const longer = sentence.replaceAll(/\{\d\}|./gu, (part) => {
    if (part.startsWith('{')) return part;
    missing += LONGER;
    if (missing < 1 || !/\p{L}/u.test(part)) return part;
    missing -= 1;
    return part + part.toLowerCase();
  });
  return `⟦${longer}${'~'.repeat(Math.ceil(missing))}⟧`;
}

/** Where the host says something of its own: names, sentences, labels. */
const HOST_WORDS = 'text title label name file folder note problem planned reason sentence error attached'.split(' ');

/** What the host sends with brackets around all it says itself: words without any are the panel's, and forgotten. */
export function markHostWords<Sent>(sent: Sent): Sent {
  const mark = (key: string, value: unknown): unknown => {
    if (!HOST_WORDS.includes(key)) return value;
    if (Array.isArray(value)) return value.map((one) => mark(key, one));
    return typeof value === 'string' && value !== '' ? `⟦${value}⟧` : value;
  };
  return JSON.parse(JSON.stringify(sent), mark) as Sent;
}

/** What a test sends to a page in the host's place. */
export async function asHost<Sent>(page: Page, sent: Sent): Promise<Sent> {
  return (await page.locator('html').getAttribute('lang')) === 'pseudo' ? markHostWords(sent) : sent;
}

/** An English sentence of the panel as the page says it: for what finds a control by its name. */
export async function said(page: Page, english: string): Promise<string | RegExp> {
  const sentence = await page.evaluate((key) => {
    const words = JSON.parse(document.getElementById('words')?.textContent ?? '{}') as Record<string, string>;
    return words[key] ?? key;
  }, english);
  if (!/\{\d\}/.test(sentence)) return sentence;
  const literal = sentence.split(/\{\d\}/).map((part) => part.replaceAll(/[$()*+./?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'u');
}
