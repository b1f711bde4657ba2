// The native part of each platform: which package it is, and where it lies on this machine.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder, repository } from './paths.js';
import { run } from './processes.js';

/** VS Code's platform names, and what node-av calls its binaries for them. */
const nativePackages = {
  'linux-x64': '@seydx/node-av-linux-x64',
  'linux-arm64': '@seydx/node-av-linux-arm64',
  'darwin-x64': '@seydx/node-av-darwin-x64',
  'darwin-arm64': '@seydx/node-av-darwin-arm64',
  'win32-x64': '@seydx/node-av-win32-x64-msvc',
  'win32-arm64': '@seydx/node-av-win32-arm64-msvc',
} as const;
export type Target = keyof typeof nativePackages;

/** All platforms that have a package of their own. */
export const targets = Object.keys(nativePackages) as Target[];

export function isTarget(text: string): text is Target {
  return text in nativePackages;
}

/** This machine's; undefined: there is no binary for it, and the base package has to do. */
export function ownTarget(): Target | undefined {
  const platform = `${process.platform}-${process.arch}`;
  return isTarget(platform) ? platform : undefined;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * The binary's package for a platform and the folder that it lies in: the installed one, or one that npm fetches into
 * the cache as the lock file names it, checked by its hash.
 * @throws Error when npm cannot fetch it
 */
export async function nativePart(target: Target): Promise<{ readonly name: string; readonly folder: string }> {
  const name = nativePackages[target];
  const entry = `node_modules/${name}`;
  const installed = join(repository, entry);
  if (existsSync(installed)) return { name, folder: installed };

  const { packages } = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as LockFile;
  const locked = packages[entry];
  if (!locked) throw new Error(`The lock file does not name ${name}.`);
  return { name, folder: await fetched(name, locked) };
}

/** What a lock file says of a package. */
export interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

/**
 * A package for another platform than this one, which npm fetches into the cache, checked by its hash.
 * @returns the folder that it lies in
 * @throws Error when npm cannot fetch it
 */
export async function fetched(name: string, locked: LockedPackage): Promise<string> {
  const entry = `node_modules/${name}`;
  const home = join(cacheFolder(), 'native-parts', `${name.replace('/', '+')}-${locked.version}`);
  if (existsSync(home)) return join(home, entry);
  const work = `${home}.${process.pid}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const root = { name: 'native-part', version: '0.0.0', private: true, dependencies: { [name]: locked.version } };
    await writeFile(join(work, 'package.json'), JSON.stringify(root));
    const lock = { ...root, lockfileVersion: 3, requires: true, packages: { '': root, [entry]: locked } };
    await writeFile(join(work, 'package-lock.json'), JSON.stringify(lock));
    // Forced, because it is for another platform than this one.
    const args = ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // On Windows npm is a script, and Node starts programs only.
    const [program, ...first] =
      process.platform === 'win32' ? (['cmd.exe', '/d', '/c', 'npm'] as const) : (['npm'] as const);
    if ((await run(program, [...first, ...args], { cwd: work, timeoutMs: 300_000 })) !== 0) {
      throw new Error(`${name} is not installed here, and npm could not fetch it.`);
    }
    await mkdir(dirname(home), { recursive: true });
    await rename(work, home);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return join(home, entry);
}
