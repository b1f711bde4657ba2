// A running VS Code server on loopback, ended with everything it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endGroup, onStop, run } from './processes.js';
import type { VscodeInstallation } from './vscode-setup.js';

export interface ServerOptions {
  readonly installation: VscodeInstallation;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  /** Default: a free one. The folder's state belongs to the address, so a server that comes back needs the same. */
  readonly port?: number;
  /** Takes the server's own output. */
  readonly logFile: string;
  /** Leaves workspace trust on, so that folders open in Restricted Mode. Default: off. */
  readonly workspaceTrust?: boolean;
  /** Honours `extensionDevelopmentPath` and `extensionTestsPath` in the address (the "payload"); shows no notifications. */
  readonly testDriver?: boolean;
  /** What VS Code and its extensions speak, such as `zh-cn`; see vscode-language.ts. Default: English. */
  readonly language?: string;
  /** Added to the environment of the server and so of the extension host; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Server {
  /** `127.0.0.1:<port>`, which is also the authority of `vscode-remote:` URIs. */
  readonly authority: string;
  readonly url: string;
  close(): Promise<void>;
}

const startTimeout = 60_000;

/**
 * Starts the server on a free loopback port.
 * @throws Error with the log file's path when the server ends or stays silent for a minute.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { installation } = options;
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const args = [
    join(installation.server, 'out/server-main.js'),
    ...[
      '--host',
      '127.0.0.1',
      '--port',
      String(options.port ?? 0),
      '--without-connection-token',
      '--accept-server-license-terms',
    ],
    ...['--user-data-dir', options.userDataDir, '--extensions-dir', options.extensionsDir],
    '--disable-telemetry',
    ...(options.testDriver === true ? ['--enable-smoke-test-driver'] : []),
    ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
    ...(options.language === undefined ? [] : ['--locale', options.language]),
  ];
  const child = spawn(installation.node, args, {
    cwd: installation.server,
    env: serverEnvironment(options.env),
    // Its own process group, so that the extension hosts and watchers it starts end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = async (): Promise<void> => {
    forget();
    await endGroup(child);
    log.end();
  };
  const forget = onStop(end);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  try {
    const port = await announcedPort(child, options.logFile);
    return { authority: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/`, close: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function announcedPort(child: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`The VS Code server ${why}. See ${logFile}.`));
    };
    const timer = setTimeout(() => fail('did not say that it is ready'), startTimeout);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended at once (${code ?? signal})`));
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      const port = /Web UI available at https?:\/\/[^:/\s]+:(\d+)/.exec(seen)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    });
  });
}

/** Installs a packed extension for a server that will use `extensionsDir`. */
export async function installExtension(
  installation: VscodeInstallation,
  vsix: string,
  folders: { readonly userDataDir: string; readonly extensionsDir: string; readonly logFile: string },
): Promise<void> {
  await mkdir(dirname(folders.logFile), { recursive: true });
  const args = [join(installation.server, 'out/server-main.js'), '--install-extension', vsix, '--force'];
  args.push('--user-data-dir', folders.userDataDir, '--extensions-dir', folders.extensionsDir);
  args.push('--accept-server-license-terms', '--disable-telemetry');
  const code = await run(installation.node, args, {
    cwd: installation.server,
    env: serverEnvironment(),
    logFile: folders.logFile,
  });
  if (code !== 0) throw new Error(`${vsix} could not be installed. See ${folders.logFile}.`);
}

/** The caller's environment without what belongs to the caller's own VS Code or Node. */
function serverEnvironment(changes: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(inherited), ...changes };
}
