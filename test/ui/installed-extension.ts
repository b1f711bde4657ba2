import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '../run/paths.js';
import { onStop } from '../run/processes.js';
import { installExtension } from '../run/vscode-server.js';
import type { VscodeInstallation } from '../run/vscode-setup.js';

/** What VS Code installed, by its own folder and the package. */
const installed = new Map<string, Promise<string>>();

/**
 * Puts the packed extension into a folder of extensions as VS Code installs it. VS Code unpacks it once a process: for a
 * further window that is copied, which takes a fraction of the time.
 */
export async function installPacked(
  installation: VscodeInstallation,
  vsix: string,
  to: { readonly extensionsDir: string; readonly logFile: string },
): Promise<void> {
  const key = `${installation.server} ${vsix}`;
  let first = installed.get(key);
  if (!first) installed.set(key, (first = unpack(installation, vsix, to.logFile)));
  const from = await first;
  await cp(from, to.extensionsDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  // VS Code notes the whole path of each extension.
  const list = join(to.extensionsDir, 'extensions.json');
  await writeFile(list, (await readFile(list, 'utf8')).replaceAll(from, to.extensionsDir));
}

async function unpack(installation: VscodeInstallation, vsix: string, logFile: string): Promise<string> {
  const folder = await freshFolder('installed');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  onStop(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const extensionsDir = join(folder, 'extensions');
  await mkdir(extensionsDir);
  await installExtension(installation, vsix, { userDataDir: join(folder, 'user'), extensionsDir, logFile });
  return extensionsDir;
}
