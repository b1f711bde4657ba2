import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KeyValueStore } from '../../src/session/ports.js';

/**
 * The workspace state as VS Code keeps it: an update is done when the window knows of it, and on the disk a while later.
 * A window that is killed meanwhile has lost the last updates.
 */
export class LateStore implements KeyValueStore {
  readonly #file: string;
  readonly #lag: number;
  readonly #values: Map<string, unknown>;
  #timer: NodeJS.Timeout | undefined;

  /** @param lag milliseconds from an update to the disk; 0: at once, as when only the extension host dies */
  constructor(file: string, lag: number) {
    this.#file = file;
    this.#lag = lag;
    this.#values = new Map(Object.entries(readStore(file)));
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, JSON.parse(JSON.stringify(value)));
    if (this.#lag === 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#lag);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** VS Code does this when a window closes in order. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const part = `${this.#file}.part`;
    writeFileSync(part, JSON.stringify(Object.fromEntries(this.#values)));
    renameSync(part, this.#file);
  }
}

/** What a killed window has left. */
export function readStore(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
