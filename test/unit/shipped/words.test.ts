import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { repository } from '../../run/paths.js';

const CHINESE = 'l10n/bundle.l10n.zh-cn.json';
const MANIFEST_WORDS = ['package.nls.json', 'package.nls.zh-cn.json'] as const;

/** What is the same in both languages: names, addresses, a lone placeholder. */
const SAME = /^(Video Trimmer In Between|\W*(\{\d\}\W*)+)$/;

/** A sentence that stands where one for a person is expected. */
const BARE = [
  /new (?:SessionError|NemoError|MediaError)\(\s*'[\w-]+',\s*['"`][^'"`]*/g,
  /\b(?:message|text|detail|question|tooltip|label|title|placeholder|prompt|answer|note|sentence|summary|problem|why)(?:: string)? ?[:=]\s*(?:[^;,\n]*\? )?['"`][^'"`\n]*[a-z] [a-z$][^'"`\n]*/g,
  /show(?:Information|Warning|Error)Message\(\s*['"`][^'"`]*/g,
];
/** What is sent to the agent, and what only the log gets. */
const NOT_FOR_READING = /^webview\/next-steps\.ts: sentence|'a request that is none/;

describe('The words of two languages', function () {
  this.timeout(60_000);

  it('have a Chinese sentence for every English one in the sources, and none that nothing says', async () => {
    const said = Object.keys(await saidInSources());
    const translated = Object.keys(await wordsIn(CHINESE));
    assert.deepEqual(without(said, translated), [], 'sentences that have no Chinese');
    assert.deepEqual(without(translated, said), [], 'Chinese for sentences that nothing says');
  });

  it('are asked of the bundle wherever an error, a message or a label is made', async () => {
    const bare: string[] = [];
    for (const [path, source] of await sources()) {
      const code = source.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*/g, '');
      const found = BARE.flatMap((pattern) => [...code.matchAll(pattern)].map(([text]) => `${path}: ${text}`));
      bare.push(...found.filter((text) => !NOT_FOR_READING.test(text)));
    }
    assert.deepEqual(bare, []);
  });

  it('are Chinese, with the same values in them as the English', async () => {
    for (const [english, chinese] of Object.entries(await wordsIn(CHINESE))) {
      assert.deepEqual(placeholders(chinese), placeholders(english), english);
      assertChinese(chinese, english);
    }
  });

  it('stand in order, so that two people who add one rarely meet', async () => {
    const keys = Object.keys(await wordsIn(CHINESE));
    assert.deepEqual(keys, keys.toSorted());
  });

  it('of the manifest are there in both languages, each used, and each that is used is there', async () => {
    const manifest = await readFile(join(repository, 'package.json'), 'utf8');
    const used = new Set([...manifest.matchAll(/"%([^"%]+)%"/g)].map(([, key = '']) => key));
    assert.doesNotMatch(manifest.replaceAll(/"%[^"%]+%"/g, ''), /%[\w.]+%/, 'a key that VS Code would not look up');
    for (const file of MANIFEST_WORDS) {
      const keys = Object.keys(await wordsIn(file));
      assert.deepEqual(without([...used], keys), [], `missing in ${file}`);
      assert.deepEqual(without(keys, [...used]), [], `used by nothing in ${file}`);
    }
  });

  it('of the manifest are Chinese, with the same commands and settings named as in the English', async () => {
    const [english, chinese] = await Promise.all(MANIFEST_WORDS.map(wordsIn));
    const named = (text = ''): string[] => [...text.matchAll(/\(command:[^)]+\)|`[^`]+`|#[\w.]+#/g)].map(String).sort();
    for (const [key, sentence] of Object.entries(chinese ?? {})) {
      assertChinese(sentence, english?.[key] ?? '');
      assert.deepEqual(named(sentence), named(english?.[key]), key);
    }
  });
});

/** Sources in which somebody is spoken to; the command line speaks English. */
async function sources(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of ['src', 'webview']) {
    for (const file of await readdir(join(repository, folder), { recursive: true })) {
      if (!file.endsWith('.ts') || /^cli\b/.test(file)) continue;
      const path = `${folder}/${file.replaceAll('\\', '/')}`;
      files.set(path, await readFile(join(repository, path), 'utf8'));
    }
  }
  return files;
}

const IMPORT = /^import \* as (?:l10n from '@vscode\/l10n'|vscode from 'vscode');\n/gm;

/**
 * What VS Code's own extractor finds; a sentence that is not a literal makes it fail. It goes through a file once for
 * each import and takes long to begin: so it gets one file with the two imports that there are.
 */
async function saidInSources(): Promise<Record<string, unknown>> {
  const bodies: string[] = [];
  for (const [path, source] of await sources()) {
    if (!source.includes('l10n.t(')) continue;
    const body = source.replaceAll(IMPORT, '');
    assert.notEqual(body, source, `${path} imports l10n in another way, and would be passed over`);
    bodies.push(body);
  }
  const imports = "import * as l10n from '@vscode/l10n';\nimport * as vscode from 'vscode';\n";
  return getL10nJson([{ contents: imports + bodies.join('\n'), extension: '.ts' }]);
}

async function wordsIn(file: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(repository, file), 'utf8')) as Record<string, string>;
}

function without(all: readonly string[], some: readonly string[]): string[] {
  return all.filter((one) => !some.includes(one));
}

/** How often each value is used does not matter; which are, does. */
function placeholders(sentence: string): string[] {
  return [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();
}

function assertChinese(chinese: string, english: string): void {
  if (SAME.test(english)) return;
  assert.match(chinese, /\p{Script=Han}/u, `not translated: ${english}`);
}
