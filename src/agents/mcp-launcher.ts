import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceFile } from '../nemo/replace-file.js';

/** How a program is started, as MCP clients take it. */
export interface McpCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Absolute paths of the version that writes the launcher. */
export interface LauncherPlaces {
  /** A folder of its own; it is made when it is not there. */
  readonly folder: string;
  /** A program that is Node, or acts as Node with `ELECTRON_RUN_AS_NODE`. */
  readonly node: string;
  /** `dist/mcp-server.mjs` in the folder of the extension. */
  readonly server: string;
  readonly platform?: NodeJS.Platform;
}

const START = 'start.mjs';
const SHELL = 'start.sh';

/**
 * Writes what starts the MCP server at a path that stays, or brings it up to date: the extension's folder is another with
 * each version, and that of a remote VS Code's Node too.
 *
 * @returns how clients start it, with folders to limit it to as further arguments
 * @throws what the file system throws; what was there stays whole
 */
export async function writeLauncher({
  folder,
  node,
  server,
  platform = process.platform,
}: LauncherPlaces): Promise<McpCommand> {
  await mkdir(folder, { recursive: true });
  await put(join(folder, START), startOf(server));
  if (platform === 'win32') {
    // VS Code's own program lies in the same place there, and few clients start a batch file well.
    return { command: node, args: [join(folder, START)], env: { ELECTRON_RUN_AS_NODE: '1' } };
  }
  await put(join(folder, SHELL), shellOf(node));
  return { command: '/bin/sh', args: [join(folder, SHELL)] };
}

/** In one step, because a client may be starting it; not at all when nothing has changed. */
async function put(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, text);
  await replaceFile(part, file);
}

/** Another Node will do when VS Code's is gone. */
function shellOf(node: string): string {
  return `# Written by Video Trimmer, which keeps it up to date.
node='${node.replaceAll("'", "'\\''")}'
[ -x "$node" ] || node=node
export ELECTRON_RUN_AS_NODE=1
exec "$node" "\${0%/*}/${START}" "$@"
`;
}

/** The version that wrote it goes first; when an update has taken that away, the newest beside it. */
function startOf(server: string): string {
  const extension = dirname(dirname(server));
  // `publisher.name-1.2.3` or `publisher.name-1.2.3-linux-x64`
  const name = basename(extension).replace(/-\d+\.\d+\.\d+.*$/u, '');
  return `// Written by Video Trimmer, which keeps it up to date.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const server = ${JSON.stringify(server)};
const extensions = ${JSON.stringify(dirname(extension))};
const name = ${JSON.stringify(`${name}-`)};

const others = () =>
  readdirSync(extensions)
    .filter((folder) => folder.startsWith(name))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((folder) => join(extensions, folder, 'dist', 'mcp-server.mjs'));
const found = existsSync(server) ? server : existsSync(extensions) && others().find((path) => existsSync(path));
if (found) {
  await import(pathToFileURL(found).href);
} else {
  console.error('Video Trimmer is not installed any more. Install it in VS Code, open it there, and copy its MCP configuration again.');
  process.exitCode = 1;
}
`;
}
