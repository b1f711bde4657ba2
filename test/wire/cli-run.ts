import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../run/paths.js';

const run = promisify(execFile);

/** The user id that owns nothing, on Linux and macOS near enough. */
const NOBODY = 65_534;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A person's folder, home and temporary folder, and the command line run in there. */
export class CliBench {
  readonly folder: string;
  readonly #root: string;
  #user: { uid: number; gid: number } | undefined;

  private constructor(root: string) {
    this.#root = root;
    this.folder = join(root, 'videos');
  }

  static async open(): Promise<CliBench> {
    const bench = new CliBench(await realpath(await mkdtemp(join(tmpdir(), 'trim-cli-'))));
    for (const name of ['videos', 'home', 'tmp']) await mkdir(join(bench.#root, name));
    return bench;
  }

  /** The bundled program, as `npm run trim` runs it. */
  static async build(): Promise<void> {
    await run(process.execPath, ['esbuild.mjs', 'cli', 'worker'], { cwd: repository });
  }

  get home(): string {
    return join(this.#root, 'home');
  }

  start(args: readonly string[], env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [join(repository, 'dist', 'cli.mjs'), ...args], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.home, TMPDIR: join(this.#root, 'tmp'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...this.#user,
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
    return { child, ended };
  }

  trim(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** 10 s at 25 frames a second, with sound; `codecs` and the ending of the name choose the rest. */
  async makeClip(
    name: string,
    codecs: readonly string[] = [],
    { seconds = 10, size = '320x180' } = {},
  ): Promise<string> {
    const path = join(this.folder, name);
    const picture = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`];
    const sound = ['-f', 'lavfi', '-i', `sine=f=440:d=${seconds}`];
    const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    await run('ffmpeg', ['-v', 'error', ...picture, ...sound, ...(codecs.length > 0 ? codecs : h264), path]);
    return path;
  }

  /**
   * The superuser may write anywhere: what follows runs as somebody who may not.
   *
   * @returns false when that person could not even read the program
   */
  async asOrdinaryUser(): Promise<boolean> {
    if (process.getuid?.() !== 0) return true;
    this.#user = { uid: NOBODY, gid: NOBODY };
    for (const name of ['', 'home', 'tmp']) await chown(join(this.#root, name), NOBODY, NOBODY);
    const script = `require('fs').accessSync(${JSON.stringify(join(repository, 'dist', 'cli.mjs'))})`;
    return await run(process.execPath, ['-e', script], this.#user).then(
      () => true,
      () => false,
    );
  }

  async files(): Promise<string[]> {
    return (await readdir(this.folder)).sort();
  }

  /** What is left in the temporary folder, however deep. */
  async leftovers(): Promise<string[]> {
    return await readdir(join(this.#root, 'tmp'), { recursive: true });
  }

  async close(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Looks again until it is so; the test's time limit is the limit. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Process numbers of the media workers that a process has started. */
export async function workersOf(parent: number | undefined): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,ppid,args']);
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(line));
  return rows.flatMap((row) =>
    Number(row?.[2]) === parent && row?.[3]?.includes('media-worker.mjs') ? [Number(row[1])] : [],
  );
}

/** Whether a process is there, other than as one whose end nobody has asked for yet. */
export async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
