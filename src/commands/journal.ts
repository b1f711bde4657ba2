import { homedir } from 'node:os';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Writes one line of the log. `debug` where no level is given. */
export type Log = (line: string, level?: Level) => void;

/** As much of VS Code's LogOutputChannel as is written to. */
export type LogChannel = Record<Level, (line: string) => void>;

/** Warnings and errors that are kept for Copy Diagnostics. */
const KEPT = 20;
/** More characters than this of one line say nothing new. */
const LONGEST = 2_000;

/** The one way into the output channel: nothing gets there, and from there into a bug report, without {@link redact}. */
export class Journal {
  readonly #channel: LogChannel;
  readonly #now: () => number;
  readonly #troubles: string[] = [];

  constructor(channel: LogChannel, now: () => number = Date.now) {
    this.#channel = channel;
    this.#now = now;
  }

  readonly log: Log = (line, level = 'debug') => {
    const shown = redact(line);
    this.#channel[level](shown);
    if (level !== 'warn' && level !== 'error') return;
    this.#troubles.push(`${new Date(this.#now()).toISOString()} [${level}] ${shown}`);
    if (this.#troubles.length > KEPT) this.#troubles.shift();
  };

  /** An error that nobody foresaw: with where it came from, which is ours to mend. */
  failed(what: string, error: unknown): void {
    const told = error instanceof Error ? error.stack : typeof error;
    this.log(`${what}: ${told}`, 'error');
  }

  /** The last warnings and errors, oldest first. */
  get troubles(): readonly string[] {
    return this.#troubles;
  }
}

/**
 * Takes out what is nobody else's business: tokens and passwords, what stands behind the `?` of an address or before its
 * host, and where files are. Our own code is named by the file and line in its bundle.
 */
export function redact(text: string, longest: number = LONGEST, home: string = homedir()): string {
  const shown = text.slice(0, longest);
  return (home.length > 1 ? shown.replaceAll(home, '~') : shown)
    .replace(/\b(Bearer|Basic)\s+[^\s"',;]+/giu, '$1 …')
    .replace(/\b(nmv|clm)_[^\s"'<>()[\]{},;]+/gu, '$1_…')
    .replace(/((?:\b|_)(?:token|secret|password|authorization|api[_-]?key)["']?\s*[:=]\s*["']?)[^\s"',;}]+/giu, '$1…')
    .replace(/\b([a-z][\w+.-]*:\/\/)[^\s/@"']*@/giu, '$1…@')
    .replace(/\b(https?:\/\/[^\s?#"']*)[?#][^\s"')]*/giu, '$1?…')
    .replace(/(["'`])(?:~|[a-z]:|\\)?[\\/](?:(?!\1).)*\1/giu, '$1…$1')
    .replace(/(?<![\w:/\\.…])(?:file:\/\/)?(?:~|[a-z]:)?(?:[\\/][^\s\\/:"'`()]+){2,}/giu, shortPath);
}

/** `…/extension.mjs` for a bundle, `….mp4` for anything else: a name of a file says what the work is about. */
function shortPath(path: string): string {
  const bundle = /[\\/]((?:extension|media-worker|cli|host[\\/][\w-]+)\.mjs)$/u.exec(path)?.[1];
  return bundle === undefined ? `…${/\.[a-z0-9]{1,5}$/iu.exec(path)?.[0] ?? ''}` : `…/${bundle}`;
}
