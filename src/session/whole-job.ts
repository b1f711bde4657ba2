import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { ExportOptions, SayOutcome } from './outcomes.js';
import { route, type ExportWish } from './router.js';
import { SessionError } from './session-error.js';
import type { ExportOutcome } from './snapshot.js';
import { removedFromSource } from './source-ranges.js';
import type { TrimSession } from './trim-session.js';

/** What to do with a clip from the cut to the file, where nobody is there to go on with the conversation. */
export interface WholeJob {
  /** To remove, in source time; empty: none. */
  readonly sections: readonly Section[];
  /** Said after that, one message each. What they say of the file goes before `output`. */
  readonly said: readonly string[];
  readonly output: Pick<ExportOptions, 'outputPath' | 'folder' | 'resolution' | 'format'>;
}

export interface WholeJobDone {
  readonly exported: ExportOutcome;
  /** In source time. */
  readonly removed: readonly Section[];
}

/**
 * Removes, says and exports. A question or an answer without an edit ends the job.
 *
 * @param session with its clip set
 * @throws SessionError; the signal's reason between two steps. A step itself is ended by `session.stop()`
 */
export async function doWholeJob(
  session: TrimSession,
  job: WholeJob,
  duration: Microseconds,
  signal: AbortSignal,
): Promise<WholeJobDone> {
  signal.throwIfAborted();
  if (job.sections.length > 0) changed(await session.remove(job.sections));
  let wish: ExportWish = {};
  for (const text of job.said) {
    signal.throwIfAborted();
    wish = { ...wish, ...(await sayEdit(session, text)) };
  }
  signal.throwIfAborted();
  const { outputPath, folder } = job.output;
  const { format = job.output.format, resolution = job.output.resolution } = wish;
  const exported = await session.export({
    ...(outputPath === undefined ? {} : { outputPath }),
    ...(folder === undefined ? {} : { folder }),
    ...(resolution === undefined ? {} : { resolution }),
    // The ending of a chosen name says it.
    ...(format === undefined || outputPath !== undefined ? {} : { format }),
  });
  return { exported, removed: removedFromSource(session.snapshot.draft, duration) ?? job.sections };
}

/** @returns what the file is to be, where the text says so */
async function sayEdit(session: TrimSession, text: string): Promise<ExportWish> {
  const asked = route(text);
  // The export comes at the end by itself, with the chosen name.
  if (asked.action === 'export') return wishOf(asked);
  changed(await session.say(asked.action === 'agent' ? asked.text : text));
  return asked.action === 'agent' ? wishOf(asked.exportAs ?? {}) : {};
}

function wishOf({ format, resolution }: ExportWish): ExportWish {
  return { ...(format ? { format } : {}), ...(resolution ? { resolution } : {}) };
}

function changed(outcome: SayOutcome): void {
  if (outcome.difference?.changed !== true) throw new SessionError('nothing-to-do', outcome.answer);
}
