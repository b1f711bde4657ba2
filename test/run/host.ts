// Runs test/host inside VS Code through @vscode/test-electron's runner.
//
//   node --import=tsx test/run/host.ts 1.103            in the server; with VIDEO_TRIMMER_VSCODE=desktop in desktop VS Code
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { freshFolder, repository } from './paths.js';
import { isVscodeVersion, type VscodeVersion } from './vscode-setup.js';

/** What desktop VS Code calls the same versions on its update server. */
const desktopVersions: Record<VscodeVersion, string> = { '1.103': '1.103.2', '1.139': 'stable' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Another extension and its tests, to try the runner itself. */
    extension: { type: 'string', default: repository },
    tests: { type: 'string', default: join(repository, 'dist/test/host/index.mjs') },
    /** A folder of installed extensions that are there too. */
    installed: { type: 'string' },
  },
});
const version = positionals[0] ?? '1.139';
if (!isVscodeVersion(version)) throw new Error(`There is no set-up for VS Code ${version}.`);

// @vscode/test-electron ends VS Code on SIGINT only.
process.on('SIGTERM', () => process.emit('SIGINT'));

const folder = await freshFolder('host');
// On exit and not after the run: after an interrupt the runner ends the process itself.
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const workspace = join(folder, 'workspace');
await mkdir(workspace);
try {
  await runTests({
    ...(process.env['VIDEO_TRIMMER_VSCODE'] === 'desktop'
      ? { version: desktopVersions[version] }
      : { vscodeExecutablePath: join(import.meta.dirname, 'vscode-shim.mjs') }),
    extensionDevelopmentPath: values.extension,
    extensionTestsPath: values.tests,
    extensionTestsEnv: {
      VIDEO_TRIMMER_VSCODE_VERSION: version,
      VIDEO_TRIMMER_USER_DATA: join(folder, 'user'),
      VIDEO_TRIMMER_REPORTER: join(import.meta.dirname, 'count-reporter.cjs'),
    },
    launchArgs: [
      workspace,
      `--user-data-dir=${join(folder, 'user')}`,
      `--extensions-dir=${values.installed ?? join(folder, 'extensions')}`,
      ...(values.installed === undefined ? ['--disable-extensions'] : []),
    ],
  });
} catch (error) {
  // The failing tests have been printed already; the runner's own stack trace says nothing more.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
