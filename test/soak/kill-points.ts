import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Call = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Counts the steps of a program that leave something behind (files, messages to the worker, requests to its server),
 * before and after each, and ends the program at one of them: so a kill can fall between any two.
 */
export class KillPoints {
  passed = 0;
  #armed = false;
  readonly #killAt: number | undefined;
  readonly #kill: () => void;

  constructor(killAt: number | undefined, kill: () => void) {
    this.#killAt = killAt;
    this.#kill = kill;
  }

  arm(): void {
    this.#armed = true;
  }

  pass(): void {
    if (!this.#armed) return;
    this.passed += 1;
    if (this.passed !== this.#killAt) return;
    this.#kill();
    // Nothing more happens in this process, not even what stands on the next line.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }

  /** Watches the whole process. Node's own functions are wrapped, under the names by which modules import them. */
  async watch(): Promise<void> {
    const handle = await fsp.open(process.execPath, 'r');
    const files = Object.getPrototypeOf(handle) as object;
    await handle.close();
    this.wrap(files, ['write', 'sync', 'truncate']);
    this.wrap(fsp, ['open', 'writeFile', 'rename', 'link', 'unlink', 'rm', 'rmdir', 'mkdir']);
    this.wrap(fs, ['writeFileSync', 'renameSync', 'rmSync', 'mkdirSync', 'openSync', 'fsyncSync']);
    for (const name of ['http.server.request.start', 'http.server.response.finish', 'undici:request:create']) {
      diagnostics.subscribe(name, () => this.pass());
    }
    syncBuiltinESMExports();
  }

  /** Watches methods of one object. */
  wrap(of: object, names: readonly string[]): void {
    const functions = of as Record<string, Call>;
    const pass = (): void => this.pass();
    for (const name of names) {
      const original = functions[name];
      if (!original) throw new Error(`There is no ${name} to watch.`);
      functions[name] = function (...args) {
        pass();
        const result = original.apply(this, args);
        if (result instanceof Promise) result.then(pass, pass);
        else pass();
        return result;
      };
    }
  }
}

/** As on a file system without hard links. */
export function withoutHardLinks(): void {
  fsp.link = () => Promise.reject(Object.assign(new Error('no hard links'), { code: 'EPERM' }));
  syncBuiltinESMExports();
}
