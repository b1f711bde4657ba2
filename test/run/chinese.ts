import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { repository } from './paths.js';

/** The sentences as they are shipped. */
export const chineseWords = join(repository, 'l10n/bundle.l10n.zh-cn.json');

/** Within this `describe`, what is said in this process is Chinese, as in a VS Code that speaks it. */
export function inChinese(): void {
  before(async () => l10n.config({ contents: await readFile(chineseWords, 'utf8') }));
  after(() => l10n.config({ contents: {} }));
}

/** What of a text a person would have to know English for. @param names that are the same in both languages */
export function englishLeft(text: string, names: RegExp): string[] {
  return text.replaceAll(names, '').match(/[A-Za-z]{2,}/g) ?? [];
}
