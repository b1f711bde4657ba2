// The media worker's entry: a process of its own, because a crash in native code must not take the host along.

import * as l10n from '@vscode/l10n';

import { cut } from './cut.js';
import { planCut } from './cut-plan.js';
import { identify } from './file/source.js';
import { copyInThreads } from './isobmff/copy-thread.js';
import { assertIndexFits } from './isobmff/index-size.js';
import { MediaError } from './media.js';
import { loadNative } from './native.js';
import { createPace, stepsMade } from './pace.js';
import { Playables } from './looking/playable.js';
import { findExtras } from './looking/extras.js';
import { findKeyframes } from './looking/keyframes.js';
import { pausesOf } from './looking/pauses.js';
import { SoundLooks } from './looking/sound-looks.js';
import { createPartSender } from './looking/sound-parts.js';
import { probe } from './probe.js';
import { makeThumbnails } from './looking/thumbnails.js';
import { WORDS } from './worker-environment.js';
import { workerRequestSchema, type WorkerReply, type WorkRequest } from './worker-messages.js';

const PROGRESS_INTERVAL_MS = 100;
// The first frames wait in the encoder; a rate means something from here on.
const SURE_SECONDS = 2;
const SURE_FRACTION = 0.01;

const sounds = new SoundLooks();
const playables = new Playables();
// The host takes work that stands still for a while for hung.
const ALIVE_INTERVAL_MS = 1_000;
const running = new Map<number, { stop: AbortController; ended: Promise<void> }>();

function reply(message: WorkerReply): void {
  // Without a parent nobody waits for it.
  if (process.connected) process.send?.(message, () => undefined);
}

async function perform(request: WorkRequest, signal: AbortSignal): Promise<unknown> {
  await loadNative();
  const file = 'input' in request.args ? request.args.input : request.args.path;
  const pace = createPace(signal);
  await identify(file);
  await assertIndexFits(file, pace);
  switch (request.kind) {
    case 'probe':
      return probe(request.args.path, pace);
    case 'plan': {
      const { timeLimit: limit, speeds, sampled } = request.args;
      return planCut(request.args, pace, signal, { limit, speeds, sampled });
    }
    case 'cut': {
      const progress = new CutProgress(request.id);
      return cut(request.args, {
        pace,
        signal,
        onProgress: (fraction) => progress.tell(fraction),
        onPlan: (plan) => {
          if (plan.method === 'reencode') progress.beginWhole();
          reply({ id: request.id, kind: 'planned', plan });
        },
        speeds: request.args.speeds,
        onMeasured: (cuts, ratio) => reply({ id: request.id, kind: 'measured', cuts, ratio }),
        onCreated: () => reply({ id: request.id, kind: 'created' }),
        log: (line) => process.stderr.write(`${line}\n`),
      });
    }
    case 'pauses': {
      const { path, cacheFolder, threshold, minimum } = request.args;
      const sound = await sounds.hear(path, cacheFolder, signal);
      return pausesOf(sound, threshold, minimum);
    }
    case 'sound': {
      const { path, cacheFolder } = request.args;
      const send = createPartSender((part) => reply({ id: request.id, kind: 'part', part }));
      const sound = await sounds.hear(path, cacheFolder, signal, (hearing) => send(hearing, false));
      send({ sound, finished: sound.peaks.length }, true);
      return undefined;
    }
    case 'thumbnails': {
      const { path, count, height, within, cacheFolder } = request.args;
      return makeThumbnails({ file: path, count, height, within, folder: cacheFolder }, pace, (picture) =>
        reply({ id: request.id, kind: 'part', part: picture }),
      );
    }
    case 'playable':
      return playables.make(request.args, pace);
    case 'keyframes':
      return findKeyframes(request.args.path, request.args.most, pace);
    case 'extras':
      return findExtras(request.args.path, pace);
  }
}

/** Rising fractions, not more often than a progress bar can show; the end always. */
class CutProgress {
  readonly #id: number;
  #highest = 0;
  #sent = 0;
  /** When the encoding of the whole picture began. */
  #wholeSince: number | undefined;

  constructor(id: number) {
    this.#id = id;
  }

  beginWhole(): void {
    this.#wholeSince = performance.now();
  }

  tell(fraction: number): void {
    const now = performance.now();
    const secondsLeft = this.#secondsLeft(fraction, now);
    // A smart cut that failed its check had come far; what follows does not begin at 0 again.
    if (fraction <= this.#highest && secondsLeft === undefined) return;
    this.#highest = Math.max(fraction, this.#highest);
    if (now - this.#sent < PROGRESS_INTERVAL_MS && fraction < 1) return;
    this.#sent = now;
    const left = secondsLeft === undefined ? {} : { secondsLeft };
    reply({ id: this.#id, kind: 'progress', fraction: this.#highest, ...left });
  }

  #secondsLeft(fraction: number, now: number): number | undefined {
    if (this.#wholeSince === undefined || fraction < SURE_FRACTION) return undefined;
    const seconds = (now - this.#wholeSince) / 1000;
    return seconds < SURE_SECONDS ? undefined : Math.max(0, seconds / fraction - seconds);
  }
}

async function work(request: WorkRequest, signal: AbortSignal): Promise<void> {
  const { id } = request;
  try {
    const result = await perform(request, signal);
    reply({ id, kind: 'done', result });
  } catch (error) {
    if (signal.aborted) reply({ id, kind: 'cancelled' });
    else if (error instanceof MediaError) {
      reply({ id, kind: 'failed', code: error.code, message: error.message, detail: describe(error.cause ?? '') });
    } else {
      const message = l10n.t('The media work failed unexpectedly. Your file is unchanged; see the log and try again.');
      reply({ id, kind: 'failed', code: 'failed', message, detail: describe(error) });
    }
  } finally {
    running.delete(id);
  }
}

function refuse(message: unknown): void {
  const id = (message as { id?: unknown } | null)?.id;
  if (typeof id !== 'number') return;
  const text = l10n.t('This part of the clip cannot be had. Your file is unchanged.');
  reply({ id, kind: 'failed', code: 'failed', message: text, detail: 'a request that is none' });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function serve(): void {
  learnWords();
  process.on('message', (message) => {
    const parsed = workerRequestSchema.safeParse(message);
    // One request that makes no sense must not end the others.
    if (!parsed.success) return refuse(message);
    const request = parsed.data;
    if (request.kind === 'cancel') {
      running.get(request.id)?.stop.abort();
      return;
    }
    const stop = new AbortController();
    running.set(request.id, { stop, ended: work(request, stop.signal) });
  });

  let steps = 0;
  const alive = setInterval(() => {
    const [id] = running.keys();
    if (id !== undefined && stepsMade() !== steps) reply({ id, kind: 'alive' });
    steps = stepsMade();
  }, ALIVE_INTERVAL_MS);
  alive.unref();

  // The host is gone or wants us gone: stop the work, which removes partial outputs, then end.
  process.on('disconnect', () => {
    const ending = [...running.values()].map(({ stop, ended }) => {
      stop.abort();
      return ended;
    });
    void Promise.all(ending).finally(() => process.exit(0));
  });

  // Ctrl-C in a terminal goes to the whole process group. The host decides what to do and tells us by disconnecting.
  process.on('SIGINT', () => undefined);

  copyInThreads(new URL('./media-copier.mjs', import.meta.url));
}

/** What the worker says to a person is said in their language. */
function learnWords(): void {
  const bundle = process.env[WORDS];
  if (bundle === undefined) return;
  try {
    l10n.config({ fsPath: bundle });
  } catch {
    process.stderr.write('The words of the language cannot be read; the media worker speaks English.\n');
  }
}

serve();
