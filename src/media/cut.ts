import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { leastBytes, type PlannedCut } from '../timeline/planned-cut.js';
import { shownName } from '../timeline/shown-name.js';
import type { Microseconds } from '../timeline/timecode.js';
import { movableMovie, prepare, type CutHooks, type Job, type PictureJob } from './cut-job.js';
import { measureSmart, measureWhole, smartPlan, smartWork, wholePlan } from './cut-plan.js';
import { readClock } from './file/clip-clock.js';
import { outputContainer } from './file/containers.js';
import { assertRoom, noRoom, roomFor } from './file/room.js';
import { containerFor } from './file/source-container.js';
import { assertUnchanged, identify, openSource } from './file/source.js';
import { MediaError, type CutReport, type CutRequest } from './media.js';
import { PicturesOutOfOrder } from './picture/frame-decoder.js';
import { closedEntries, inDecodeOrder } from './picture/frame-index.js';
import { PictureSizeChanged } from './picture/picture-encoder.js';
import type { SmartCut } from './picture/smart-picture.js';
import { movedNotes } from './kept/moved-notes.js';
import { MovedAhead } from './moved-ahead.js';
import { MovingRefused, writeMoved } from './moved-cut.js';
import { knownSample } from './sample.js';
import { planSmartCut, writeSmart } from './smart-cut.js';
import { Stopwatch } from './stopwatch.js';
import { writeWhole } from './whole-cut.js';
import { obstacleWords, SmartCutRefused } from './obstacles.js';

// A bar that moves at once says that the work has begun.
const BEGUN = 0.001;

/**
 * Cuts and joins, exact to the frame: smart where that is proven for the clip, else encoded whole.
 *
 * @throws MediaError; the output file is gone then
 */
export async function cut(request: CutRequest, hooks: CutHooks): Promise<CutReport> {
  const named = outputContainer(request.output);
  const begun = performance.now();
  hooks.onProgress(BEGUN);
  const identity = await identify(request.input);
  const reading = movableMovie(request.input, request.output);
  using source = await openSource(request.input);
  const container = containerFor(source, named);
  const clock = await readClock(source, hooks.pace);
  if (source.audio.length > 0) assertPlausible(request.input, identity.size, clock.duration);
  const unchanged = (): Promise<void> => assertUnchanged(request.input, identity);
  let expected: number | undefined;
  const onPlan = (plan: PlannedCut): void => {
    expected = plan.bytes;
    hooks.onPlan(plan);
  };
  try {
    const clip = { request, source, clock, container, fileSize: identity.size };
    await using ahead = await MovedAhead.begin(clip, await reading, hooks);
    using job = await prepare({ ...clip, ahead }, reading, [], { ...hooks, onPlan });
    return await attempt(job, unchanged, begun);
  } catch (error) {
    // A source that changed underneath explains whatever else went wrong, such as a file that is not there any more.
    await unchanged();
    if (error instanceof MediaError && error.code === 'no-space' && error.cause !== undefined) {
      throw noRoom(expected, await roomFor(request.output), error.cause);
    }
    if (error instanceof PictureSizeChanged) {
      const message = l10n.t('The picture changes its size within this clip. Convert it to one size first.');
      throw new MediaError('unsupported', message, { cause: error });
    }
    if (error instanceof PicturesOutOfOrder) {
      const message = l10n.t('The times of the pictures jump back within this clip. Convert it to mp4 first.');
      throw new MediaError('unsupported', message, { cause: error });
    }
    throw error;
  }
}

// Sound of any kind takes more than this, also when it is silent.
const LEAST_BYTES_PER_SECOND = 32;
const LONG_SECONDS = 300;

/**
 * A damaged header can promise days, which would be filled with silence for hours.
 *
 * @throws MediaError `unreadable`
 */
function assertPlausible(file: string, size: number, duration: Microseconds): void {
  const seconds = duration / 1e6;
  if (seconds <= LONG_SECONDS || size / seconds >= LEAST_BYTES_PER_SECOND) return;
  const message = l10n.t(
    '{0} claims to be far longer than what it holds. It is damaged; get a whole copy of it.',
    shownName(path.basename(file)),
  );
  throw new MediaError('unreadable', message);
}

/** @param begun the moment, in milliseconds of the process's clock */
async function attempt(job: Job, unchanged: () => Promise<void>, begun: number): Promise<CutReport> {
  const { picture, hooks } = job;
  let reason: string | undefined;
  if (picture) {
    try {
      return await writeSmartly(job, picture, unchanged, begun);
    } catch (error) {
      if (!(error instanceof SmartCutRefused || error instanceof PicturesOutOfOrder)) throw error;
      // The first failed check may come from a source that changed underneath.
      await unchanged();
      reason = error.words;
      hooks.log(`Smart cut refused: ${error.message}.`);
    }
  }
  await job.ahead?.[Symbol.asyncDispose]();
  const plan = wholePlan(job, reason, hooks.speeds, await knownSample(job.request, job.container));
  hooks.onPlan(plan);
  await assertRoom(job.request.output, leastBytes(plan));
  const watch = new Stopwatch();
  try {
    const report = await writeWhole(job, reason, unchanged);
    if (hooks.onMeasured) await measureWhole(job, watch.secondsAlone, hooks.onMeasured);
    return report;
  } catch (error) {
    if (!(error instanceof PicturesOutOfOrder) || !picture || !inDecodeOrder(picture.index)) throw error;
    // A careless muxer has written decode times as those of presentation: counted, the pictures have the right ones.
    const counted = { ...picture, index: { ...picture.index, timed: false } };
    return writeWhole({ ...job, picture: counted }, obstacleWords('its pictures have the times of others'), unchanged);
  }
}

/** A smart cut; where an open group of pictures does not let itself be rejoined, one that rejoins at closed ones alone. */
async function writeSmartly(
  job: Job,
  picture: PictureJob,
  unchanged: () => Promise<void>,
  begun: number,
): Promise<CutReport> {
  const smart = planSmartCut(job, picture);
  const work = smartWork(job, picture, smart);
  const plan = smartPlan(work, job.hooks.speeds);
  job.hooks.onPlan(plan);
  await assertRoom(job.request.output, leastBytes(plan), job.ahead?.written);
  try {
    let moving: number | undefined;
    const report = await writeJoined(job, picture, smart, unchanged, (seconds) => (moving = seconds));
    // As the person saw it: what else runs on this machine most likely does so again, and disks wait with it.
    measureSmart(work, { seconds: (performance.now() - begun) / 1000, moving }, job.hooks.onMeasured);
    return report;
  } catch (error) {
    const opens = smart.spans.some((span) => span.kind === 'copy' && span.join === 'open');
    if (!(error instanceof SmartCutRefused) || !opens) throw error;
    await unchanged();
    job.hooks.log(`Rejoining an open group of pictures refused: ${error.message}.`);
    const closed = { ...picture, index: closedEntries(picture.index) };
    return await writeJoined(job, closed, planSmartCut(job, closed), unchanged);
  }
}

/** The fastest road that this clip allows. */
async function writeJoined(
  job: Job,
  picture: PictureJob,
  smart: SmartCut,
  unchanged: () => Promise<void>,
  onMoved?: (seconds: number) => void,
): Promise<CutReport> {
  if (picture.movie) {
    try {
      const report = await writeMoved(job, picture, picture.movie, smart, unchanged, onMoved);
      return { ...report, notes: [...report.notes, ...movedNotes(job.source, picture.movie)] };
    } catch (error) {
      if (!(error instanceof MovingRefused)) throw error;
      job.hooks.log(`Written by the muxer: ${error.message}.`);
    }
  }
  await job.ahead?.[Symbol.asyncDispose]();
  return writeSmart(job, picture, smart, unchanged);
}
