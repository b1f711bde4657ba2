// Runs inside the extension host: VS Code loads the bundle of this file (dist/test/host/index.mjs) and calls run().
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { say } from './say.js';

/** Runs every test file beside this one. @throws Error when a test failed, which VS Code turns into the exit code. */
export async function run(): Promise<void> {
  Object.assign(Mocha.reporters.Base, { consoleLog: say });
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 40_000,
    color: false,
    ...(process.env['VIDEO_TRIMMER_REPORTER'] ? { reporter: process.env['VIDEO_TRIMMER_REPORTER'] } : {}),
  });
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs'));
  if (files.length === 0) throw new Error(`There are no host tests in ${import.meta.dirname}.`);
  for (const name of files.sort()) mocha.addFile(join(import.meta.dirname, name));
  await mocha.loadFilesAsync();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} host test${failures === 1 ? '' : 's'} failed.`);
}
