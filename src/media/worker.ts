// The media worker's entry: a process of its own, because a crash in native code must not take the host along.

import { cut } from './cut.js';
import { MediaError } from './media.js';
import { loadNative } from './native.js';
import { createPace } from './pace.js';
import { pausesOf } from './looking/pauses.js';
import { SoundLooks } from './looking/sound-looks.js';
import { createPartSender } from './looking/sound-parts.js';
import { probe } from './probe.js';
import { makeThumbnails } from './looking/thumbnails.js';
import { workerRequestSchema, type WorkerReply, type WorkRequest } from './worker-messages.js';

const PROGRESS_INTERVAL_MS = 100;

const sounds = new SoundLooks();
const running = new Map<number, { stop: AbortController; ended: Promise<void> }>();

function reply(message: WorkerReply): void {
  // Without a parent nobody waits for it.
  if (process.connected) process.send?.(message, () => undefined);
}

async function perform(request: WorkRequest, signal: AbortSignal): Promise<unknown> {
  await loadNative();
  const pace = createPace(signal);
  switch (request.kind) {
    case 'probe':
      return probe(request.args.path, pace);
    case 'cut':
      return cut(request.args, {
        pace,
        signal,
        onProgress: createProgress(request.id),
        onCreated: () => reply({ id: request.id, kind: 'created' }),
        log: (line) => process.stderr.write(`${line}\n`),
      });
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
  }
}

/** Rising fractions, not more often than a progress bar can show; the end always. */
function createProgress(id: number): (fraction: number) => void {
  let highest = 0;
  let sent = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    const now = performance.now();
    if (now - sent < PROGRESS_INTERVAL_MS && fraction < 1) return;
    sent = now;
    reply({ id, kind: 'progress', fraction });
  };
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
      const message = 'The media work failed unexpectedly. Your file is unchanged; see the log and try again.';
      reply({ id, kind: 'failed', code: 'failed', message, detail: describe(error) });
    }
  } finally {
    running.delete(id);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.on('message', (message) => {
  const request = workerRequestSchema.parse(message);
  if (request.kind === 'cancel') {
    running.get(request.id)?.stop.abort();
    return;
  }
  const stop = new AbortController();
  running.set(request.id, { stop, ended: work(request, stop.signal) });
});

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
