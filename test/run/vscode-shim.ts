// Runs an extension's tests in the VS Code server with a headless Chromium as its window, from the arguments that
// @vscode/test-electron gives to desktop VS Code. `VIDEO_TRIMMER_VSCODE_VERSION` names the version.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, parseArgs } from 'node:util';
import { openChromium } from './chromium.js';
import { freshFolder, testOutput } from './paths.js';
import { onStop } from './processes.js';
import { startServer } from './vscode-server.js';
import { writeSettings } from './vscode-settings.js';
import { ensureVscode, isVscodeVersion } from './vscode-setup.js';

/** Longest a whole test run may take; mocha's own time-outs come long before it. */
const runTimeout = Number(process.env['VIDEO_TRIMMER_HOST_TIMEOUT'] ?? 600_000);

/** Runs the tests and returns their exit code; 1 also when the window never reported one. */
export async function runInServer(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: {
      extensionDevelopmentPath: { type: 'string', multiple: true },
      extensionTestsPath: { type: 'string' },
      'user-data-dir': { type: 'string' },
      'extensions-dir': { type: 'string' },
      'disable-workspace-trust': { type: 'boolean' },
    },
  });
  const version = process.env['VIDEO_TRIMMER_VSCODE_VERSION'] ?? '1.139';
  if (!isVscodeVersion(version)) throw new Error(`There is no set-up for VS Code ${version}.`);
  const development = (values['extensionDevelopmentPath'] ?? []) as string[];
  const tests = values['extensionTestsPath'] as string | undefined;

  const folder = await freshFolder('host');
  const userDataDir = (values['user-data-dir'] as string | undefined) ?? join(folder, 'user');
  const extensionsDir = (values['extensions-dir'] as string | undefined) ?? join(folder, 'extensions');
  const workspace = positionals[0] === undefined ? join(folder, 'workspace') : resolve(positionals[0]);
  const forgetFolder = onStop(() => rm(folder, { recursive: true, force: true }));
  await Promise.all([userDataDir, extensionsDir, workspace].map((path) => mkdir(path, { recursive: true })));
  await writeSettings(userDataDir, {});

  const logFile = join(testOutput, `host-${version}.log`);
  await mkdir(testOutput, { recursive: true });
  const log = createWriteStream(logFile);
  const report = join(folder, 'report.txt');
  const installation = await ensureVscode(version);
  const [server, browser] = await Promise.all([
    startServer({
      installation,
      userDataDir,
      extensionsDir,
      logFile,
      testDriver: true,
      env: { VIDEO_TRIMMER_REPORT: report },
      workspaceTrust: values['disable-workspace-trust'] !== true,
    }),
    openChromium(),
  ]);
  try {
    const page = await browser.newPage();
    const exitCode = new Promise<number>((settle, fail) => {
      const timer = setTimeout(
        () => fail(new Error(`The test run did not end within ${runTimeout / 1000} s.`)),
        runTimeout,
      );
      const done = (code: number): void => {
        clearTimeout(timer);
        settle(code);
      };
      void page.exposeFunction('codeAutomationExit', done);
      page.once('crash', () => done(1));
      page.once('close', () => done(1));
    });
    // VS Code's own lines and those of its extensions; the test run writes its report (see test/host/say.ts).
    await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
      (process.env['VIDEO_TRIMMER_VERBOSE'] ? process.stdout : log).write(`${format(...args)}\n`);
    });
    const remote = (path: string): string => `vscode-remote://${server.authority}${pathToFileURL(path).pathname}`;
    const payload = [
      ...development.map((path) => ['extensionDevelopmentPath', remote(path)]),
      ...(tests === undefined ? [] : [['extensionTestsPath', remote(tests)]]),
      ['skipWelcome', 'true'],
    ];
    const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
    await page.goto(`${server.url}?${query.toString()}`);
    return await exitCode;
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    return 1;
  } finally {
    process.stdout.write(await readFile(report, 'utf8').catch(() => `The tests did not start. See ${logFile}.\n`));
    await browser.close();
    await server.close();
    log.end();
    forgetFolder();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
