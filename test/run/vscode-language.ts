// Another language for a VS Code that runs offline. What decides `vscode.env.language`, and with it the words of every
// extension, is an installed language pack: VS Code lists those in `languagepacks.json`, and takes the words of the
// workbench from the files named there. This is such a pack, with as few words of its own as show that it is in use.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const workbench: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'vs/workbench/contrib/files/browser/explorerViewlet': { explore: '资源管理器' },
  'vs/workbench/contrib/files/browser/fileActions': { delete: '删除' },
  'vs/workbench/contrib/files/browser/fileActions.contribution': { openToSide: '在侧边打开' },
};

/** Makes the server that is started with `--locale` and this user data folder speak the language. */
export async function writeLanguagePack(userDataDir: string, language: 'zh-cn'): Promise<void> {
  await mkdir(userDataDir, { recursive: true });
  const words = join(userDataDir, `language-pack-${language}.json`);
  await writeFile(words, JSON.stringify({ version: '1.0.0', contents: workbench }));
  const extensions = [{ extensionIdentifier: { id: 'tests.language-pack' }, version: '1.0.0' }];
  const pack = { hash: 'tests', label: '中文(简体)', extensions, translations: { vscode: words } };
  await writeFile(join(userDataDir, 'languagepacks.json'), JSON.stringify({ [language]: pack }));
}
