import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownTarget } from '../run/native-parts.js';
import { packExtension } from '../run/package.js';
import { freshFolder, repository } from '../run/paths.js';
import { run as runProgram } from '../run/processes.js';
import { ensureVscode, vscodeVersions } from '../run/vscode-setup.js';
import { installExtension } from '../run/vscode-server.js';
import { median, print } from './figures.js';

const STARTS = 5;

/** What the extension asks of a machine: its size, and the time to activate it in both VS Codes. Prints figures; judges nothing. */
export async function run(): Promise<void> {
  await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: repository });
  const folder = await freshFolder('bench-host');
  try {
    const installed = await sizes(folder);
    for (const version of vscodeVersions) await activation(version, installed, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the folder of the installed platform package */
async function sizes(folder: string): Promise<string> {
  const platform = ownTarget();
  const packages = [
    ['universal', await packExtension(undefined, folder)],
    ...(platform ? [[platform, await packExtension(platform, folder)]] : []),
  ] as [string, string][];
  const installation = await ensureVscode('1.139');
  let installed = '';
  for (const [name, vsix] of packages) {
    const extensionsDir = join(folder, name);
    await installExtension(installation, vsix, {
      userDataDir: join(folder, 'user'),
      extensionsDir,
      logFile: join(folder, 'install.log'),
    });
    const own = (await readdir(extensionsDir)).find((entry) => entry.includes('video-trimmer'));
    if (own === undefined) throw new Error(`${vsix} was not installed.`);
    installed = join(extensionsDir, own);
    const files = await promisify(execFile)('du', ['-s', '--apparent-size', '--block-size=1000', installed]);
    const kilobytes = Number(files.stdout.split('\t')[0]);
    const packed = (await stat(vsix)).size;
    print(`${name}: ${(packed / 1e6).toFixed(2)} MB packed, ${(kilobytes / 1e3).toFixed(2)} MB installed`);
  }
  return installed;
}

/** Each start is a new host, in which ours and an extension that does nothing are activated one after the other. */
async function activation(version: string, installed: string, folder: string): Promise<void> {
  const empty = join(folder, 'empty');
  const tests = join(folder, 'tests');
  await mkdir(empty, { recursive: true });
  await mkdir(tests, { recursive: true });
  const manifest = { name: 'empty', publisher: 'bench', version: '1.0.0', engines: { vscode: '^1.103.0' } };
  await writeFile(
    join(empty, 'package.json'),
    JSON.stringify({ ...manifest, type: 'module', main: './empty.mjs', activationEvents: [] }),
  );
  await writeFile(
    join(empty, 'empty.mjs'),
    "import * as vscode from 'vscode';\nexport function activate() { return vscode.version; }\n",
  );
  const figures = join(folder, `activation-${version}.jsonl`);
  const { publisher, name } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  await writeFile(
    join(tests, 'index.mjs'),
    `import * as vscode from 'vscode';
import { appendFileSync } from 'node:fs';
async function time(id) {
  const start = performance.now();
  await vscode.extensions.getExtension(id).activate();
  return performance.now() - start;
}
export async function run() {
  const empty = await time('bench.empty');
  const ours = await time('${publisher ?? ''}.${name ?? ''}');
  appendFileSync(${JSON.stringify(figures)}, JSON.stringify({ empty, ours }) + '\\n');
}
`,
  );
  for (let start = 0; start < STARTS; start += 1) {
    const args = [
      '--import=tsx',
      'test/run/host.ts',
      version,
      '--installed',
      join(installed, '..'),
      '--extension',
      empty,
    ];
    const code = await runProgram(process.execPath, [...args, '--tests', join(tests, 'index.mjs')], {
      cwd: repository,
      logFile: join(folder, 'host.log'),
    });
    if (code !== 0)
      throw new Error(`VS Code ${version} did not run:\n${await readFile(join(folder, 'host.log'), 'utf8')}`);
  }
  const times = (await readFile(figures, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { empty: number; ours: number });
  const [ours, nothing] = [median(times.map((time) => time.ours)), median(times.map((time) => time.empty))];
  const all = times.map((time) => time.ours.toFixed(0)).join(' ');
  print(
    `VS Code ${version}: activated in ${ours.toFixed(0)} ms (${all}; goal 50), ${(ours / nothing).toFixed(1)} × an extension that does nothing (${nothing.toFixed(1)} ms)`,
  );
}
