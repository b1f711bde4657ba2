// The layer rule of the design, held by ESLint: files that break it, as they could be written, must be refused.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const repository = resolve(import.meta.dirname, '../..');

describe('layer rule', function () {
  this.timeout(30_000);
  // The rule reads imports only: without type information the check of one text takes milliseconds.
  const eslint = new ESLint({ cwd: repository, overrideConfig: [tseslint.configs.disableTypeChecked] });

  async function complaints(filePath: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: join(repository, filePath) });
    assert.ok(result, `ESLint ignores ${filePath}`);
    assert.deepEqual(
      result.messages.filter(({ fatal }) => fatal),
      [],
    );
    return result.messages.filter(({ ruleId }) => ruleId === 'project/layers').map(({ message }) => message);
  }

  /** A module that exists in a layer, as an import path from `<one folder>/x.ts` of the root. */
  function moduleOf(layer: string): string {
    const file = readdirSync(join(repository, 'src', layer)).find((name) => name.endsWith('.ts'));
    assert.ok(file, `src/${layer} has no file to import`);
    return `${layer}/${file.replace(/\.ts$/, '.js')}`;
  }

  const upwards: [from: string, to: string][] = [
    ['timeline', 'nemo'],
    ['timeline', 'media'],
    ['nemo', 'session'],
    ['nemo', 'local'],
    ['media', 'nemo'],
    ['media', 'local'],
    ['session', 'local'],
    ['session', 'media'],
    ['local', 'session'],
    ['session', 'agents'],
    ['local', 'agents'],
    ['agents', 'views'],
    ['agents', 'commands'],
  ];
  for (const [from, to] of upwards) {
    it(`src/${from} may not import src/${to}`, async () => {
      const module = JSON.stringify(`../${moduleOf(to)}`);
      for (const code of [
        `import * as x from ${module};\nx;\n`,
        `import type * as X from ${module};\nexport type Y = typeof X;\n`,
        `export * from ${module};\n`,
        `export const x = () => import(${module});\n`,
        `export type X = import(${module}).X;\n`,
      ]) {
        assert.notDeepEqual(await complaints(`src/${from}/virtual.ts`, code), [], code);
      }
    });
  }

  for (const [from, to] of [
    ['session', 'nemo'],
    ['session', 'timeline'],
    ['local', 'media'],
    ['nemo', 'timeline'],
    ['agents', 'session'],
    ['agents', 'local'],
    ['commands', 'agents'],
  ] as const) {
    it(`src/${from} may import src/${to}`, async () => {
      assert.deepEqual(await complaints(`src/${from}/virtual.ts`, `export * from '../${moduleOf(to)}';\n`), []);
    });
  }

  for (const file of [
    'src/session/virtual.ts',
    'src/nemo/virtual.ts',
    'src/agents/virtual.ts',
    'src/cli.ts',
    'webview/virtual.ts',
  ]) {
    it(`${file} may not import vscode`, async () => {
      const [said] = await complaints(file, `import * as vscode from 'vscode';\nvscode;\n`);
      assert.match(said ?? '', /vscode/);
      assert.notDeepEqual(await complaints(file, `export const x = () => import('vscode');\n`), []);
    });
  }

  for (const file of ['src/extension.ts', 'src/commands/virtual.ts', 'src/views/virtual.ts']) {
    it(`${file} may import vscode`, async () => {
      assert.deepEqual(await complaints(file, `import * as vscode from 'vscode';\nvscode;\n`), []);
    });
  }

  for (const file of ['webview/virtual.ts', 'src/timeline/virtual.ts', 'src/messages.ts']) {
    it(`${file} may not import Node modules`, async () => {
      for (const name of ['node:fs', 'fs', 'node:fs/promises', 'path']) {
        assert.notDeepEqual(await complaints(file, `import * as x from '${name}';\nx;\n`), [], name);
      }
    });
  }

  it('webview may import the timeline and the messages of the host, and no other part of it', async () => {
    for (const allowed of [moduleOf('timeline'), 'messages.js']) {
      assert.deepEqual(await complaints('webview/virtual.ts', `export * from '../src/${allowed}';\n`), []);
    }
    for (const forbidden of ['nemo', 'session', 'media', 'local']) {
      const code = `export * from '../src/${moduleOf(forbidden)}';\n`;
      assert.notDeepEqual(await complaints('webview/virtual.ts', code), [], forbidden);
    }
  });

  it('only webview/toolkit.ts imports the toolkit', async () => {
    const code = `import { vsCodeButton } from '@vscode/webview-ui-toolkit';\nvsCodeButton;\n`;
    assert.deepEqual(await complaints('webview/toolkit.ts', code), []);
    for (const file of ['webview/virtual.ts', 'src/views/virtual.ts']) {
      assert.notDeepEqual(await complaints(file, code), [], file);
      const deep = `import * as x from '@vscode/webview-ui-toolkit/dist/toolkit.js';\nx;\n`;
      assert.notDeepEqual(await complaints(file, deep), [], file);
    }
  });

  it('is what ARCHITECTURE.md tells', async () => {
    const rule = (await import(pathToFileURL(join(repository, 'eslint-layers.mjs')).href)) as {
      layers: Record<string, { pattern: string; mayImport: string[] }>;
    };
    const text = readFileSync(join(repository, 'ARCHITECTURE.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `((?:src|webview)\S*)` \|[^|]+\|([^|]*)\|$/gm)];
    const told = rows.map(([, pattern = '', names = '']) => `${pattern}: ${names.trim()}`);
    const held = Object.values(rule.layers).map(({ pattern, mayImport }) => `${pattern}: ${mayImport.join(', ')}`);
    assert.deepEqual(
      told.toSorted(),
      // A single file in front of the toolkit, named in words.
      held.filter((line) => !line.startsWith('webview/toolkit.ts')).toSorted(),
    );
  });

  it('a file outside every layer is refused', async () => {
    assert.notDeepEqual(await complaints('src/utils/virtual.ts', 'export const x = 1;\n'), []);
  });
});
