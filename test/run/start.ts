// `npm start`: VS Code with the extension on a sample folder. Desktop VS Code where it can be fetched and shown, else the
// VS Code server, whose address is printed. VIDEO_TRIMMER_VSCODE=desktop or =server decides it. Ctrl-C ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { build } from './build.js';
import { freshFolder, repository } from './paths.js';
import { onStop } from './processes.js';
import { startServer } from './vscode-server.js';
import { writeSettings } from './vscode-settings.js';
import { ensureVscode } from './vscode-setup.js';

await build();
const folder = await freshFolder('start');
const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
onStop(remove);
const workspace = join(folder, 'clips');
const userDataDir = join(folder, 'user');
const extensionsDir = join(folder, 'extensions');
await Promise.all([workspace, extensionsDir].map((path) => mkdir(path, { recursive: true })));
const sample = join(repository, 'media/sample.mp4');
if (existsSync(sample)) await copyFile(sample, join(workspace, 'interview.mp4'));
await writeSettings(userDataDir, {});

const desktop = await desktopVscode();
if (desktop === undefined) await serve();
else await show(desktop);

/** The path of a desktop VS Code, or undefined where it cannot be fetched or has no screen. */
async function desktopVscode(): Promise<string | undefined> {
  const wanted = process.env['VIDEO_TRIMMER_VSCODE'];
  const hasScreen = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (wanted === 'server' || (wanted !== 'desktop' && !hasScreen)) return undefined;
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', extractSync: true });
  } catch (error) {
    if (wanted === 'desktop') throw error;
    process.stdout.write('Desktop VS Code cannot be fetched here; starting the VS Code server instead.\n');
    return undefined;
  }
}

async function show(executable: string): Promise<void> {
  const args = [workspace, `--extensionDevelopmentPath=${repository}`, '--disable-workspace-trust', '--skip-welcome'];
  args.push(`--user-data-dir=${userDataDir}`, `--extensions-dir=${extensionsDir}`);
  const child = spawn(executable, args, { stdio: 'ignore' });
  process.stdout.write('VS Code is open. Close its window, or press Ctrl-C here, to end it.\n');
  onStop(() => {
    child.kill();
    return Promise.resolve();
  });
  await once(child, 'exit');
  await remove();
}

async function serve(): Promise<void> {
  // Linked instead of packed: VS Code takes the folder for an installed extension, and a rebuild needs only a reload.
  const manifest = await readFile(join(repository, 'package.json'), 'utf8');
  const { publisher, name, version } = JSON.parse(manifest) as Record<'publisher' | 'name' | 'version', string>;
  await symlink(repository, join(extensionsDir, `${publisher}.${name}-${version}`), 'dir');
  const installation = await ensureVscode('1.139');
  const logFile = join(folder, 'server.log');
  const server = await startServer({ installation, userDataDir, extensionsDir, logFile });
  const address = `${server.url}?folder=${encodeURIComponent(workspace)}`;
  process.stdout.write(`VS Code is ready: ${address}\nRight-click interview.mp4. Press Ctrl-C here to end it.\n`);
  // The server keeps this process alive until a signal ends both.
}
