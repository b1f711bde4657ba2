import type { PlannedCut } from '../timeline/planned-cut.js';
import { totalDuration } from '../timeline/sections.js';
import { movableMovie, prepare, type Job, type PictureJob } from './cut-job.js';
import { estimateSeconds } from './estimate.js';
import { readClock } from './file/clip-clock.js';
import { outputContainer, type OutputContainer } from './file/containers.js';
import { identify, openSource, type Source } from './file/source.js';
import type { CutRequest } from './media.js';
import type { Pace } from './pace.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { frameRate, wholeCoding, type FrameTraits, type PictureSize } from './picture/picture-encoder.js';
import { scaledSize } from './picture/picture-size.js';
import { SmartCutRefused, type SmartCut } from './picture/smart-picture.js';
import { reencodedFrames } from './picture/verify.js';
import { planSmartCut, unjoinable } from './smart-cut.js';

/** A cut that joins: groups of pictures at the joins are decoded to encode a few of their frames, and checked again. */
const DECODED_AROUND = 8;
/** Bits that stand for a second of picture and sound where nothing tells. */
const USUAL_BIT_RATE = 4_000_000;

/** What a smart cut is about to do. */
export function smartPlan(job: Job, picture: PictureJob, smart: SmartCut): PlannedCut {
  const frames = picture.layout.frames;
  const anew = reencodedFrames(smart);
  const seconds = estimateSeconds({
    encoder: smart.coding.encoder,
    frames: anew,
    pixels: pixels(picture.traits),
    sourcePixels: pixels(picture.traits) * DECODED_AROUND,
    bytes: job.seconds * bytesPerSecond(job.source),
  });
  return { method: 'smart', frames, reencodedFrames: anew, seconds };
}

/** What encoding the whole cut is about to do. @param reason as half a sentence */
export function wholePlan(job: Job, reason: string | undefined): PlannedCut {
  const { picture } = job;
  if (!picture) return soundPlan(job.source, job.seconds);
  const { frames } = picture.layout;
  const seconds = wholeSeconds(job.source, picture, job.container, frames, job.seconds);
  return { method: 'reencode', ...(reason === undefined ? {} : { reason }), frames, reencodedFrames: frames, seconds };
}

/**
 * What a cut would do, without writing anything. What the codec and the container decide is told at once; else the
 * index is read, as long as the limit allows. Past it, a clip that can be joined is taken for one that will be.
 *
 * @param limit milliseconds
 * @throws MediaError as the cut itself would
 */
export async function planCut(
  request: CutRequest,
  pace: Pace,
  signal: AbortSignal,
  limit: number,
): Promise<PlannedCut> {
  const container = outputContainer(request.output);
  await identify(request.input);
  using source = await openSource(request.input);
  const seconds = totalDuration(request.kept) / 1e6;
  const stream = container.pictures === undefined ? undefined : source.video;
  if (!stream) return soundPlan(source, seconds);
  const { codecpar } = stream;
  const traits: FrameTraits = {
    width: codecpar.width,
    height: codecpar.height,
    pixelFormat: codecpar.format as FrameTraits['pixelFormat'],
    interlaced: false,
    topFieldFirst: false,
  };
  const size = scaledSize(stream, traits, request.height);
  const reason = unjoinable(stream, joinCodecFor(stream, container), size);
  if (reason !== undefined) {
    const frames = Math.round(seconds * frameRate(stream).toDouble());
    const estimate = wholeSeconds(source, { stream, traits, size }, container, frames, seconds);
    return { method: 'reencode', reason, seconds: estimate };
  }
  const deadline = performance.now() + limit;
  const limited: Pace = async () => {
    await pace();
    if (performance.now() > deadline) throw new TimeIsUp();
  };
  const ignore = (): void => undefined;
  const hooks = { pace: limited, signal, onProgress: ignore, onPlan: ignore, onCreated: ignore, log: ignore };
  try {
    const reading = movableMovie(request.input, request.output);
    const clock = await readClock(source, limited);
    using job = await prepare({ request, source, clock, container }, reading, [], hooks);
    const { picture } = job;
    if (!picture) return soundPlan(source, seconds);
    try {
      return smartPlan(job, picture, planSmartCut(job, picture));
    } catch (error) {
      if (!(error instanceof SmartCutRefused)) throw error;
      return wholePlan(job, error.message);
    }
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    return { method: 'smart', seconds: (seconds * bytesPerSecond(source)) / 100e6 };
  }
}

class TimeIsUp extends Error {}

type WholePicture = Pick<PictureJob, 'stream' | 'traits' | 'size'>;

function wholeSeconds(
  source: Source,
  { stream, traits, size }: WholePicture,
  container: OutputContainer,
  frames: number,
  seconds: number,
): number {
  const { encoder } = wholeCoding(stream, traits, container, size);
  const work = { encoder, frames, pixels: pixels(size ?? traits), sourcePixels: pixels(traits) };
  return estimateSeconds({ ...work, bytes: seconds * bytesPerSecond(source) });
}

// Sound is decoded and encoded at some hundred times its own speed.
function soundPlan(source: Source, seconds: number): PlannedCut {
  const estimate = 0.1 + (seconds * source.audio.length) / 150;
  return { method: 'reencode', frames: 0, reencodedFrames: 0, seconds: estimate };
}

function bytesPerSecond({ format }: Source): number {
  const bits = Number(format.bitRate);
  return (bits > 0 ? bits : USUAL_BIT_RATE) / 8;
}

function pixels({ width, height }: PictureSize): number {
  return width * height;
}
