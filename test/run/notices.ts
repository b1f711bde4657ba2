// Writes NOTICES.md from what the bundles are made of.
//
//   npm run notices
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { repository } from './paths.js';

/** The programs of the package, as a person would call where a part is. */
const programs = { extension: 'extension host', worker: 'media worker', mcp: 'MCP server', panel: 'panel' } as const;
type Program = keyof typeof programs;

interface Part {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly homepage: string;
  /** Names of the programs, in order. */
  readonly within: readonly string[];
  readonly texts: readonly string[];
}

const beginning = `# Notices for third-party parts

Our own code is under the MIT licence (LICENSE). This file is made from what the bundles hold (\`npm run notices\`).

## Beside the bundles, in the platform packages only

| part | licence | |
| --- | --- | --- |
| [node-av](https://github.com/seydx/node-av) | MIT | the binding to FFmpeg |
| FFmpeg 8 with x264, x265, libvpx, SVT-AV1, Opus and LAME, as the package \`@seydx/node-av-<platform>\` carries it | GPL-3.0-or-later as built | a separate program part, run in a process of its own; source and build scripts at node-av's repository |

The universal package has no FFmpeg in it. The platform packages have, and are therefore, as a whole, distributed under the terms of GPL-3.0.
`;

/** Packages that name the MIT licence and do not bring its text, with who holds the copyright by their repositories. */
const MIT_WITHOUT_TEXT: Readonly<Record<string, string>> = {
  '@microsoft/fast-element': 'Microsoft Corporation',
  '@microsoft/fast-foundation': 'Microsoft Corporation',
  '@microsoft/fast-web-utilities': 'Microsoft Corporation',
  '@nodable/entities': 'Amit Gupta',
  '@vscode/l10n': 'Microsoft Corporation',
};

/** @throws Error for a part without a licence of its own: somebody has to look at it */
export async function makeNotices(): Promise<string> {
  const parts = await bundledParts();
  const rows = parts.map(
    ({ name, version, licence, homepage, within }) =>
      `| [${name}](${homepage}) ${version} | ${licence} | ${within.join(', ')} |`,
  );
  const texts = new Map<string, string[]>();
  for (const { name, texts: own } of parts) for (const text of own) texts.set(text, [...(texts.get(text) ?? []), name]);
  const licences = [...texts].map(([text, names]) => `### ${names.join(', ')}\n\n\`\`\`\`text\n${text}\n\`\`\`\`\n`);
  return [
    beginning,
    '## In the bundles\n',
    '| part | licence | where it is |\n| --- | --- | --- |',
    `${rows.join('\n')}\n`,
    '## Their licences\n',
    licences.join('\n'),
  ].join('\n');
}

async function bundledParts(): Promise<Part[]> {
  const args = ['esbuild.mjs', '--production', '--inputs', ...Object.keys(programs)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repository, maxBuffer: 2 ** 26 });
  const within = new Map<string, Set<string>>();
  for (const line of stdout.trim().split('\n')) {
    const [, program, folder] = /^(\w+) (?:.*?\/)?node_modules\/(.+)$/.exec(line) ?? [];
    if (program === undefined || folder === undefined) continue;
    // A package inside of another one has its own folder of packages.
    const name = /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(folder)?.[0] ?? '';
    within.set(name, (within.get(name) ?? new Set()).add(programs[program as Program]));
  }
  if (within.size === 0) throw new Error('The bundles hold no packages, which cannot be.');
  const names = [...within.keys()].sort((a, b) => ownName(a).localeCompare(ownName(b), 'en'));
  return Promise.all(names.map((name) => readPart(name, [...(within.get(name) ?? [])])));
}

/** Without that of the package that it is inside of. */
function ownName(path: string): string {
  return path.replace(/^.*\/node_modules\//, '');
}

async function readPart(path: string, within: readonly string[]): Promise<Part> {
  const folder = join(repository, 'node_modules', path);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, license, homepage, repository: home } = manifest;
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const isKnown = typeof license === 'string' || Array.isArray(manifest['licenses']);
  const holder = MIT_WITHOUT_TEXT[path];
  if (texts.length === 0 && holder !== undefined && license === 'MIT') texts.push(mitText(holder));
  if (!isKnown || texts.length === 0) throw new Error(`${path} does not say its licence.`);
  const source = typeof home === 'string' ? home : ((home as { url?: string } | undefined)?.url ?? '');
  return {
    name: name as string,
    version: version as string,
    licence:
      typeof license === 'string'
        ? license
        : (manifest['licenses'] as { type: string }[]).map(({ type }) => type).join(' or '),
    homepage: webAddress(source) ?? webAddress(homepage) ?? `https://www.npmjs.com/package/${path}`,
    within,
    texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()),
  };
}

function mitText(holder: string): string {
  return `MIT License

Copyright (c) ${holder}. All rights reserved.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
}

/** `git+https://github.com/lit/lit.git` and `lit/lit` as the address of a page. */
function webAddress(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(text)?.[1];
  if (short !== undefined) return `https://github.com/${short}`;
  const path = /github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?(?:#.*)?(?:\/.*)?$/.exec(text)?.[1];
  if (path !== undefined) return `https://github.com/${path}`;
  return /^https?:\/\//.test(text) ? text : undefined;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(join(repository, 'NOTICES.md'), await makeNotices());
}
