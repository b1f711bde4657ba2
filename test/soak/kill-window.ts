import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { HostEvent, HostOrder } from './kill-orders.js';

/** Ms; a window that has neither ended nor told anything new by then hangs. */
const LONGEST_SILENCE = 60_000;

/** A window under test: what it tells, and its end. */
export class Window {
  readonly events: HostEvent[] = [];
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(event: HostEvent) => void>();
  readonly #ended: Promise<unknown>;
  #workers: number[] = [];
  #errors = '';
  #heardAt = Date.now();

  constructor(script: string, order: HostOrder) {
    // A process group of its own: the server of VS Code goes down with all that it has started.
    this.#child = spawn(process.execPath, [script, JSON.stringify(order)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.#child.on('message', (message) => {
      const event = message as HostEvent;
      this.#heardAt = Date.now();
      this.events.push(event);
      if (event.at === 'worker') this.#workers = [...this.#workers, event.pid];
      for (const listener of [...this.#listeners]) listener(event);
    });
  }

  get told(): string {
    return this.#errors;
  }

  /** It ended by a fault of its own. */
  get fell(): boolean {
    return (this.#child.exitCode ?? 0) !== 0;
  }

  find<At extends HostEvent['at']>(at: At): Extract<HostEvent, { at: At }> | undefined {
    return this.events.find((event): event is Extract<HostEvent, { at: At }> => event.at === at);
  }

  /** @returns whether such an event came, now or later, before the window ended */
  async until(is: (event: HostEvent) => boolean): Promise<boolean> {
    if (this.events.some(is)) return true;
    let listener: (event: HostEvent) => void = () => undefined;
    const came = new Promise<boolean>((resolve) => {
      listener = (event) => is(event) && resolve(true);
      this.#listeners.add(listener);
    });
    try {
      return await Promise.race([came, this.ended().then(() => this.events.some(is))]);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  async ended(): Promise<void> {
    const watch = setInterval(() => {
      if (Date.now() - this.#heardAt > LONGEST_SILENCE) this.kill(true);
    }, 1000);
    await this.#ended;
    clearInterval(watch);
  }

  kill(group: boolean): void {
    const { pid } = this.#child;
    if (pid !== undefined) signal(group ? -pid : pid);
  }

  killWorker(): void {
    const pid = this.#workers.at(-1);
    if (pid !== undefined) signal(pid);
  }

  /** As a window is closed by a person. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.send('close', () => undefined);
    await this.ended();
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}
