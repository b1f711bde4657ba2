import type { PlannedCut } from '../timeline/planned-cut.js';
import { totalDuration } from '../timeline/sections.js';
import { movableMovie, prepare, type Job, type PictureJob } from './cut-job.js';
import {
  estimateSeconds,
  SAMPLED,
  sampledBytes,
  sampledSeconds,
  scaledBytes,
  speedKey,
  type CutWork,
  type Speeds,
} from './estimate.js';
import { readClock } from './file/clip-clock.js';
import { outputContainer, type OutputContainer } from './file/containers.js';
import { identify, openSource, type Source } from './file/source.js';
import type { CutRequest } from './media.js';
import type { Pace } from './pace.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { declaredTraits, frameRate, wholeCoding, type PictureSize } from './picture/picture-encoder.js';
import { scaledSize } from './picture/picture-size.js';
import { SmartCutRefused, type SmartCut } from './picture/smart-picture.js';
import { reencodedFrames } from './picture/verify.js';
import { knownSample, takeSample, type Sample } from './sample.js';
import { planSmartCut, unjoinable } from './smart-cut.js';

/** A cut that joins: groups of pictures at the joins are decoded to encode a few of their frames, and checked again. */
const DECODED_AROUND = 8;
/** Bits that stand for a second of picture and sound where nothing tells. */
const USUAL_BIT_RATE = 4_000_000;
/** The same for sound. */
const USUAL_SOUND = 160_000;

/** What a smart cut is about to do. */
export function smartPlan(job: Job, picture: PictureJob, smart: SmartCut): PlannedCut {
  const frames = picture.layout.frames;
  const anew = reencodedFrames(smart);
  const bytes = job.seconds * bytesPerSecond(job.source);
  const seconds = estimateSeconds({
    encoder: smart.coding.encoder,
    frames: anew,
    pixels: pixels(picture.traits),
    sourcePixels: pixels(picture.traits) * DECODED_AROUND,
    bytes,
  });
  return { method: 'smart', frames, reencodedFrames: anew, seconds, bytes: Math.round(bytes) };
}

/** What encoding the whole cut is about to do. @param reason as half a sentence */
export function wholePlan(job: Job, reason: string | undefined, speeds?: Speeds, sample?: Sample): PlannedCut {
  const { picture } = job;
  if (!picture) return soundPlan(job.source, job.seconds);
  const { frames } = picture.layout;
  const { seconds, bytes } = wholeEstimate(job.source, picture, job.container, frames, job.seconds, speeds, sample);
  const why = reason === undefined ? {} : { reason };
  return { method: 'reencode', ...why, frames, reencodedFrames: frames, seconds, bytes };
}

/** How long encoding a whole cut took, compared with what would have been estimated without any measurement. */
export async function measureWhole(
  job: Job,
  seconds: number,
  onMeasured: (kind: string, ratio: number) => void,
): Promise<void> {
  const { picture, source, container, request } = job;
  // Of a second or two, much is opening and closing.
  if (!picture || seconds < 1) return;
  const { frames } = picture.layout;
  const kind = speedKey(wholeWork(picture, container, frames));
  onMeasured(kind, seconds / wholeEstimate(source, picture, container, frames, job.seconds).seconds);
  const sample = await knownSample(request, container);
  if (!sample) return;
  const sampled = wholeEstimate(source, picture, container, frames, job.seconds, {}, sample);
  onMeasured(SAMPLED + kind, seconds / sampled.seconds);
}

/**
 * What a cut would do, without writing anything. What the codec and the container decide is told at once; else the
 * index is read, as long as the limit allows. Past it, a clip that can be joined is taken for one that will be.
 *
 * @param limit milliseconds, and as many for encoding a few pictures, where all will be and that is wished for
 * @throws MediaError as the cut itself would
 */
export async function planCut(
  request: CutRequest,
  pace: Pace,
  signal: AbortSignal,
  { limit, speeds, sampled }: { limit: number; speeds: Speeds; sampled: boolean },
): Promise<PlannedCut> {
  const container = outputContainer(request.output);
  await identify(request.input);
  using source = await openSource(request.input);
  const seconds = totalDuration(request.kept) / 1e6;
  const stream = container.pictures === undefined ? undefined : source.video;
  if (!stream) return soundPlan(source, seconds);
  const traits = declaredTraits(stream);
  const size = scaledSize(stream, traits, request.height);
  const lookAt = async (): Promise<Sample | undefined> =>
    sampled ? await takeSample(request, container, limit, pace) : await knownSample(request, container);
  const reason = unjoinable(stream, joinCodecFor(stream, container), size);
  if (reason !== undefined) {
    const frames = Math.round(seconds * frameRate(stream).toDouble());
    const sample = await lookAt();
    const picture = { stream, traits, size };
    return {
      method: 'reencode',
      reason,
      ...wholeEstimate(source, picture, container, frames, seconds, speeds, sample),
    };
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
      return wholePlan(job, error.message, speeds, await lookAt());
    }
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    const bytes = seconds * bytesPerSecond(source);
    return { method: 'smart', seconds: bytes / 100e6, bytes: Math.round(bytes) };
  }
}

class TimeIsUp extends Error {}

type WholePicture = Pick<PictureJob, 'stream' | 'traits' | 'size'>;

function wholeWork({ stream, traits, size }: WholePicture, container: OutputContainer, frames: number): CutWork {
  const { encoder } = wholeCoding(stream, traits, container, size);
  return { encoder, frames, pixels: pixels(size ?? traits), sourcePixels: pixels(traits), bytes: 0 };
}

function wholeEstimate(
  source: Source,
  picture: WholePicture,
  container: OutputContainer,
  frames: number,
  seconds: number,
  speeds: Speeds = {},
  sample?: Sample,
): { seconds: number; bytes: number } {
  const sound = seconds * soundBytesPerSecond(source);
  const work = { ...wholeWork(picture, container, frames), bytes: seconds * bytesPerSecond(source) };
  if (sample) {
    const bytes = Math.round(sampledBytes(frames, sample) + sound);
    return { seconds: sampledSeconds({ ...work, bytes }, sample, speeds), bytes };
  }
  const bytes = Math.round(scaledBytes(Math.max(0, work.bytes - sound), work) + sound);
  return { seconds: estimateSeconds(work, undefined, speeds), bytes };
}

// Sound is decoded and encoded at some hundred times its own speed.
function soundPlan(source: Source, seconds: number): PlannedCut {
  const estimate = 0.1 + (seconds * source.audio.length) / 150;
  const bytes = Math.round(seconds * soundBytesPerSecond(source));
  return { method: 'reencode', frames: 0, reencodedFrames: 0, seconds: estimate, bytes };
}

function bytesPerSecond({ format }: Source): number {
  const bits = Number(format.bitRate);
  return (bits > 0 ? bits : USUAL_BIT_RATE) / 8;
}

function soundBytesPerSecond({ audio }: Source): number {
  return audio.reduce((sum, { codecpar }) => sum + Math.min(Number(codecpar.bitRate) || USUAL_SOUND, 2e6) / 8, 0);
}

function pixels({ width, height }: PictureSize): number {
  return width * height;
}
