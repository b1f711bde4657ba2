import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** The ways in which a secret can stand somewhere without being seen at first sight. */
export function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  // Base64 of a text that has it somewhere inside: by where in a group of three bytes it begins, without the edges.
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(Math.ceil((before * 4) / 3), -2);
  });
  const texts = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...inside,
    ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...new Set(texts)].flatMap((text) => [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')]);
}

/** Looks for secrets in many places and remembers where it found one. */
export class SecretSearch {
  readonly found: string[] = [];
  /** Bytes that were looked through. */
  bytes = 0;
  readonly #forms: readonly Buffer[];
  readonly #pattern: RegExp | undefined;

  /** @param pattern what a secret of another kind looks like, of which only that is known */
  constructor(secrets: readonly string[], pattern?: RegExp) {
    this.#forms = secrets.flatMap(formsOf);
    this.#pattern = pattern;
  }

  look(where: string, what: string | Buffer): void {
    const bytes = typeof what === 'string' ? Buffer.from(what) : what;
    this.bytes += bytes.length;
    const hit = this.#forms.some((form) => bytes.includes(form)) || this.#pattern?.test(bytes.toString('latin1'));
    if (hit) this.found.push(where);
  }

  /** Every file below a folder, names too; what vanishes meanwhile was temporary and is not there any more. */
  async files(folder: string): Promise<number> {
    let count = 0;
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      count += 1;
      this.look(`the name of ${path}`, path);
      this.look(path, await readFile(path).catch(() => Buffer.alloc(0)));
    }
    return count;
  }

  /**
   * Arguments and environment of every process of this machine that may be looked at.
   *
   * @returns the arguments, one process a line
   */
  async processes(): Promise<string[]> {
    const lines: string[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      const [args, environment] = [await read('cmdline'), await read('environ')];
      lines.push(args.replaceAll('\0', ' '));
      this.look(`the arguments of ${args.slice(0, 80)}`, args);
      this.look(`the environment of ${args.slice(0, 80)}`, environment);
    }
    return lines;
  }

  /** All documents of the window with what their components hide from `document`, and what pages keep. */
  async pages(page: Page): Promise<void> {
    for (const frame of page.frames()) {
      this.look(`the page ${frame.url()}`, (await frame.content().catch(() => '')) + frame.url());
      this.look(`inside the page ${frame.url()}`, await frame.evaluate(insideOf).catch(() => ''));
    }
  }
}

/** Runs in the page. */
function insideOf(): string {
  const parts: string[] = [];
  const visit = (root: Document | ShadowRoot): void => {
    parts.push(root instanceof ShadowRoot ? root.innerHTML : '');
    for (const element of root.querySelectorAll('*')) {
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) parts.push(element.value);
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(document);
  const kept = window as unknown as { messagesRead?: string[] };
  return `${parts.join('\n')}\n${(kept.messagesRead ?? []).join('\n')}`;
}

/**
 * To run in every page before its own code: keeps each message that somebody in it reads. Listeners would be lost when
 * VS Code writes the document of a webview; what reads the message stays.
 */
export function keepMessages(): void {
  if (window.top === window) return;
  const real = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  if (!real?.get) return;
  const kept = window as unknown as { messagesRead?: string[] };
  const seen = new WeakSet();
  Object.defineProperty(MessageEvent.prototype, 'data', {
    configurable: true,
    get(this: MessageEvent): unknown {
      const data = real.get?.call(this) as unknown;
      if (!seen.has(this)) {
        seen.add(this);
        try {
          (kept.messagesRead ??= []).push(JSON.stringify(data) ?? '');
        } catch {
          // Bytes and ports, which no text is in.
        }
      }
      return data;
    },
  });
}
