// The programs the tests use from the machine: Chromium is the window, ffmpeg and ffprobe judge the results (the product
// never uses them), a compiler builds two native modules of the VS Code server.
//
//   node --import=tsx test/run/system-packages.ts      installs what is missing on Debian as root, elsewhere says what is
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findChromium } from './chromium.js';
import { run } from './processes.js';

interface Need {
  readonly debianPackage: string;
  readonly isThere: () => boolean;
}

const needs: readonly Need[] = [
  { debianPackage: 'chromium', isThere: () => findChromium() !== undefined },
  { debianPackage: 'ffmpeg', isThere: () => onPath('ffmpeg') && onPath('ffprobe') },
  // Any font does; without one the pictures of the panel and the sample's burned-in numbers are empty boxes.
  { debianPackage: 'fonts-dejavu-core', isThere: () => process.platform !== 'linux' || existsSync('/usr/share/fonts') },
  { debianPackage: 'g++', isThere: () => onPath('g++') || onPath('clang++') },
  { debianPackage: 'make', isThere: () => onPath('make') },
  { debianPackage: 'python3', isThere: () => onPath('python3') },
];

/** @throws Error that names the missing programs, when they are not there and cannot be installed. */
export async function ensureSystemPackages(): Promise<void> {
  const missing = needs.filter((need) => !need.isThere()).map(({ debianPackage }) => debianPackage);
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (!existsSync('/etc/debian_version') || !isRoot) {
    const how = existsSync('/etc/debian_version') ? ` Install them with: apt-get install ${missing.join(' ')}` : '';
    throw new Error(`These programs are missing: ${missing.join(', ')}.${how}`);
  }
  process.stdout.write(`installing ${missing.join(', ')} with apt-get\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update', '-qq'], { env });
  const install = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  if (update !== 0 || install !== 0) throw new Error(`apt-get could not install ${missing.join(', ')}.`);
}

function onPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)) || existsSync(join(folder, `${program}.exe`)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureSystemPackages();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
