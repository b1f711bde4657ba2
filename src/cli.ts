import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ProgressLine, tellWhole } from './cli/progress-line.js';
import { openTemporaryEngine } from './local/temporary-engine.js';
import { createMediaEngine } from './media/engine.js';
import { unsaidBeside } from './media/looking/said-beside.js';
import { MediaError, type MediaEngine } from './media/media.js';
import { createNemoClient, DEFAULT_API_URL, DEFAULT_WEB_URL } from './nemo/client.js';
import { systemClock } from './nemo/clock.js';
import { programAttribution } from './nemo/program-attribution.js';
import type { NemoClient } from './nemo/protocol.js';
import { environmentTokenSource } from './nemo/tokens.js';
import { memoryStore } from './session/memory-store.js';
import { checkOutputName, outputCandidates } from './session/output-name.js';
import type { EngineName } from './session/ports.js';
import { checkFolder } from './session/publish.js';
import { SessionBook } from './session/session-book.js';
import { SessionError } from './session/session-error.js';
import type { ExportOutcome } from './session/snapshot.js';
import type { TrimSession } from './session/trim-session.js';
import { doWholeJob } from './session/whole-job.js';
import { checkSections, type Section, type TypedSection } from './timeline/sections.js';
import { parseTimecode, toSeconds, type Microseconds } from './timeline/timecode.js';

/** The main job without VS Code, for scripts and for the first look. */

const HELP = `Cut the middle out of a video and join the rest, exact to the frame.

Usage: npm run --silent trim -- [input] (--remove IN-OUT)... [options]

  input              the video; without it, a sample clip is cut and written to the current folder
  --remove IN-OUT    section to take out, such as 0:45-1:20; give it again for more sections
  --say "TEXT"       say it instead: "remove the long pause", "cut the first 5 seconds"
  --engine ENGINE    local (this machine, the default) or cloud (NemoVideo: the video is uploaded; needs NEMO_TOKEN)
  --output FILE      where to write; without it <name>.trimmed.<ext> beside the input; never overwrites
  --resolution SIZE  scale the picture down to fit, such as 720p or 1280x720; it is then encoded anew in full
  --json             print one JSON object instead of the path
  -h, --help         this text

Exit code: 0 done, 1 failed or refused, 2 wrong usage, 130 stopped with Ctrl-C.
Environment: NEMO_TOKEN (your API token, for the cloud), NEMO_API_URL, NEMO_WEB_URL.
`;

const SAMPLE = fileURLToPath(new URL('../media/sample.mp4', import.meta.url));
const SAMPLE_SECTION: TypedSection = { in: '0:45', out: '1:20' };
const WORKER = fileURLToPath(new URL('./media-worker.mjs', import.meta.url));

// npm runs scripts in the package's folder; names are meant from where the person stands.
const HERE = (process.env['npm_lifecycle_event'] === 'trim' && process.env['INIT_CWD']) || process.cwd();

const RESOLUTION = /^(?:[248]k|uhd|\d{3,4}p|\d{3,4}x\d{3,4})$/iu;

/** Wrong use of the command line: exit code 2. */
class UsageError extends Error {}

interface Job {
  readonly input: string;
  readonly isSample: boolean;
  readonly remove: readonly TypedSection[];
  readonly say: readonly string[];
  readonly engine: EngineName;
  readonly output: string | undefined;
  readonly resolution: string | undefined;
  readonly json: boolean;
}

/** @returns `help`, or what to do. @throws UsageError */
function readArguments(args: readonly string[]): Job | 'help' {
  const { values, positionals } = parse(args);
  if (values.help === true) return 'help';
  const [input, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`One video at a time; "${extra}" is one too many.`);
  const { engine = 'local', output, resolution } = values;
  if (engine !== 'local' && engine !== 'cloud') throw new UsageError(`--engine is local or cloud, not "${engine}".`);
  if (engine === 'cloud' && cloudToken() === '') {
    throw new UsageError(
      'The cloud needs your API token: set it in NEMO_TOKEN, or leave out --engine cloud to cut on this machine.',
    );
  }
  const remove = (values.remove ?? []).map(readSection);
  const say = (values.say ?? []).map((text) => text.trim());
  if (say.includes('')) throw new UsageError('--say needs a text, such as "remove the long pause".');
  if (resolution !== undefined && !RESOLUTION.test(resolution)) {
    throw new UsageError(`--resolution takes a size such as 720p or 1280x720, not "${resolution}".`);
  }
  if (input === '' || output === '') throw new UsageError('The name of a file is empty.');
  if (remove.length === 0 && say.length === 0) {
    if (input !== undefined)
      throw new UsageError('Say what to take out: --remove 0:45-1:20, or --say "remove the long pause".');
    remove.push(SAMPLE_SECTION);
  }
  return {
    input: input === undefined ? SAMPLE : resolve(HERE, input),
    isSample: input === undefined,
    remove,
    say,
    engine,
    output: output === undefined ? undefined : resolve(HERE, output),
    resolution: resolution?.toLowerCase(),
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        remove: { type: 'string', multiple: true },
        say: { type: 'string', multiple: true },
        engine: { type: 'string' },
        output: { type: 'string' },
        resolution: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // Node's sentences are good, what follows them is about its own conventions.
    const [sentence = 'These options were not understood.'] = (error as Error).message.split(/\.\s|\n/u);
    throw new UsageError(`${sentence.replace(/\.$/u, '')}.`, { cause: error });
  }
}

/**
 * Nothing here could keep an anonymous token until the next run, and NemoVideo gives one a week: so it is never asked
 * for one.
 */
function cloudToken(): string {
  return process.env['NEMO_TOKEN']?.trim() ?? '';
}

/** `0:45-1:20`, with a hyphen or a dash. */
function readSection(text: string): TypedSection {
  const [, from = '', to = ''] = /^\s*([^-–—]+?)\s*[-–—]\s*([^-–—]+?)\s*$/u.exec(text) ?? [];
  if (parseTimecode(from) === undefined || parseTimecode(to) === undefined) {
    throw new UsageError(`--remove takes two times such as 0:45-1:20, not "${text}".`);
  }
  return { in: from, out: to };
}

/** Closed in the reverse order of opening, whatever happened. */
class Closing {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
  }

  async close(): Promise<void> {
    for (const step of this.#steps) await step().catch(() => undefined);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const closing = new Closing();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new SessionError('stopped', 'Stopped.'));
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = new ProgressLine(process.stderr);
  try {
    const job = readArguments(args);
    if (job === 'help') {
      await print(HELP);
      return 0;
    }
    const result = await trim(job, closing, progress, stop.signal);
    progress.clear();
    await print(`${job.json ? JSON.stringify(result) : result.output}\n`);
    return 0;
  } catch (error) {
    progress.clear();
    if (stop.signal.aborted) return 130;
    const usage = error instanceof UsageError;
    process.stderr.write(`${inOneLine(error)}${usage ? ' See --help.' : ''}\n`);
    return usage ? 2 : 1;
  } finally {
    await closing.close();
  }
}

interface Result {
  readonly output: string;
  readonly engine: EngineName;
  /** Seconds. */
  readonly sourceDuration: number;
  readonly duration: number;
  /** Seconds of the source, [in, out) each. */
  readonly removed: readonly (readonly [number, number])[];
  readonly sessionId: string;
  readonly renderId: string;
  /** Share of the frames that were encoded anew, 0 to 1; null when the engine does not say. */
  readonly reencoded: number | null;
  /** Opens the project in the browser; in the cloud, where it could be had. */
  readonly link?: string;
}

async function trim(job: Job, closing: Closing, progress: ProgressLine, signal: AbortSignal): Promise<Result> {
  const media = createMediaEngine({ workerPath: WORKER });
  closing.add(() => media.close());
  progress.show('Reading the video…');
  const { duration } = await media.probe(job.input, { signal });
  const sections = checkedSections(job.remove, duration);
  const folder = job.isSample ? HERE : undefined;
  const [intended = job.input] = job.output === undefined ? outputCandidates(job.input, 'mp4', folder) : [job.output];
  if (job.output !== undefined) checkOutputName(job.output);
  await checkFolder(intended, job.output !== undefined);

  const session = openSession(job, media, duration, closing, signal);
  const stop = (): void => void session.stop();
  signal.addEventListener('abort', stop, { once: true });
  session.onDidChange(() => progress.showActivity(session.snapshot.activity));
  session.onDidChange(tellWhole(session, progress));
  const { output: outputPath, resolution } = job;
  const output = {
    ...(outputPath === undefined ? {} : { outputPath }),
    ...(folder === undefined ? {} : { folder }),
    ...(resolution === undefined ? {} : { resolution }),
  };
  const { exported, removed } = await doWholeJob(session, { sections, said: job.say, output }, duration, signal);
  return describe(job.engine, exported, duration, removed);
}

/** @throws SessionError with every problem, so that nothing is uploaded that cannot be cut */
function checkedSections(typed: readonly TypedSection[], duration: Microseconds): Section[] {
  const { sections, problems } = checkSections(typed, duration);
  if (problems.length > 0) {
    const lines = problems.map(
      ({ index, message }) => `--remove ${typed[index]?.in ?? ''}-${typed[index]?.out ?? ''}: ${message}`,
    );
    throw new SessionError('refused', lines.join(' '));
  }
  return sections.filter((section) => section !== undefined);
}

function describe(
  engine: EngineName,
  exported: ExportOutcome,
  source: Microseconds,
  removed: readonly Section[],
): Result {
  const { cut } = exported;
  return {
    output: exported.outputPath,
    engine,
    sourceDuration: toSeconds(source),
    duration: toSeconds(exported.duration),
    removed: removed.map((section) => [toSeconds(section.in), toSeconds(section.out)] as const),
    sessionId: exported.sessionId,
    renderId: exported.renderId,
    reencoded: cut === undefined ? null : cut.reencodedFrames / Math.max(1, cut.frames),
    ...(exported.link === undefined ? {} : { link: exported.link }),
  };
}

function openSession(
  job: Job,
  media: MediaEngine,
  duration: Microseconds,
  closing: Closing,
  signal: AbortSignal,
): TrimSession {
  const book = new SessionBook({
    connectEngine: async (engine) => {
      if (engine === 'local') {
        const own = await openTemporaryEngine(media, await programAttribution(import.meta.url), signal);
        closing.add(() => own.close());
        return own.client;
      }
      const client = await openCloud();
      closing.add(() => client.close());
      return client;
    },
    chooseEngine: () => Promise.resolve(job.engine),
    ownToken: () => Promise.resolve(true),
    readDuration: async (path) => (await media.probe(path, { signal })).duration,
    readUnsaid: (path, length, minimum) => unsaidBeside(path, length, media.pauseSettings(), minimum),
    clock: systemClock,
    store: memoryStore(),
    log: () => undefined,
  });
  const session = book.create();
  session.setClip(job.input, duration);
  closing.add(() => session.stop());
  return session;
}

async function openCloud(): Promise<NemoClient> {
  const { NEMO_API_URL, NEMO_WEB_URL } = process.env;
  const attribution = await programAttribution(import.meta.url);
  const baseUrl = NEMO_API_URL || DEFAULT_API_URL;
  if (!URL.canParse(baseUrl)) throw new SessionError('refused', 'NEMO_API_URL is not an address; correct or unset it.');
  const webUrl = NEMO_WEB_URL && URL.canParse(NEMO_WEB_URL) ? NEMO_WEB_URL : DEFAULT_WEB_URL;
  return createNemoClient({ baseUrl, webUrl, attribution, tokens: environmentTokenSource(cloudToken()) });
}

function inOneLine(error: unknown): string {
  const told = error instanceof SessionError || error instanceof MediaError || error instanceof UsageError;
  const text = told
    ? error.message
    : `Something went wrong in the program itself (${error instanceof Error ? error.name : 'unknown'}); the video is as it was.`;
  const link = error instanceof SessionError && error.link !== undefined ? ` ${error.link}` : '';
  return `${text.replace(/\s+/gu, ' ').trim()}${link}`;
}

async function print(text: string): Promise<void> {
  await new Promise<void>((done) => process.stdout.write(text, () => done()));
}

process.exit(await main(process.argv.slice(2)));
