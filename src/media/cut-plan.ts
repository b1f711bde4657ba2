import type { PlannedCut } from '../timeline/planned-cut.js';
import { totalDuration } from '../timeline/sections.js';
import { movableMovie, prepare, type Job, type PictureJob } from './cut-job.js';
import {
  crowding,
  crowdingOfAll,
  estimateSeconds,
  joiningKey,
  MOVING,
  MUXING,
  SAMPLED,
  sampledBytes,
  sampledSeconds,
  scaledBytes,
  smartParts,
  smartSeconds,
  speedKey,
  type CutWork,
  type SmartWork,
  type Speeds,
} from './estimate.js';
import { readClock } from './file/clip-clock.js';
import { outputContainer, type OutputContainer } from './file/containers.js';
import { containerFor } from './file/source-container.js';
import { identify, openSource, type Source } from './file/source.js';
import type { CutRequest } from './media.js';
import type { Pace } from './pace.js';
import { assertColoursStay } from './picture/dolby-vision.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { declaredTraits, frameRate, wholeCoding, type PictureSize } from './picture/picture-encoder.js';
import { scaledSize } from './picture/picture-size.js';
import { type SmartCut } from './picture/smart-picture.js';
import { reencodedFrames } from './picture/verify.js';
import { NO_ENTRY } from './plan.js';
import { knownSample, takeSample, type Sample } from './sample.js';
import { packetBytes, soundBytes, statedBytes, type SourceBytes } from './sizes.js';
import { planSmartCut, unjoinable } from './smart-cut.js';
import { SmartCutRefused } from './obstacles.js';
import { copiesPackets } from './sound/packet-joins.js';

/** What a smart cut is about to do. */
export function smartPlan(work: SmartWork, speeds?: Speeds): PlannedCut {
  const seconds = smartSeconds(work, undefined, speeds);
  return { method: 'smart', frames: work.frames, reencodedFrames: work.anew, seconds, bytes: Math.round(work.bytes) };
}

/** Goes through all packets: once for a cut is enough. */
export function smartWork(job: Job, picture: PictureJob, smart: SmartCut): SmartWork {
  const { source, container, seconds, fileSize } = job;
  const { movie, index, layout, traits } = picture;
  const { pictures, sound } = packetBytes(job, picture);
  const keys = keyPictures(index);
  // Each run of frames that is encoded begins with a full one.
  const added = smart.spans.filter(({ kind }) => kind === 'encode').length * (keys.bytes / Math.max(1, keys.count));
  return {
    encoder: smart.coding?.encoder ?? 'none',
    pixels: pixels(traits),
    anew: reencodedFrames(smart),
    frames: layout.frames,
    bytes: pictures + added + soundBytes(source, container, seconds, sound),
    searched: movie ? (smart.codec.allEntries ? 0 : keys.bytes) : fileSize,
    // Sound that has to be encoded takes a muxer.
    moves: movie !== undefined && source.audio.every(copiesPackets),
  };
}

function keyPictures({ entries, sizes }: PictureJob['index']): { readonly count: number; readonly bytes: number } {
  let count = 0;
  let bytes = 0;
  for (let place = 0; place < sizes.length; place++) {
    if (entries[place] === NO_ENTRY) continue;
    count += 1;
    bytes += sizes[place] ?? 0;
  }
  return { count, bytes };
}

/**
 * What encoding the whole cut is about to do.
 *
 * @param reason as half a sentence
 * @throws MediaError `unsupported` where the picture would not be the same
 */
export function wholePlan(job: Job, reason: string | undefined, speeds?: Speeds, sample?: Sample): PlannedCut {
  const { picture } = job;
  if (!picture) return soundPlan(job.source, job.container, job.seconds);
  assertColoursStay(picture.stream, job.request.input);
  const { frames } = picture.layout;
  const { seconds, bytes } = wholeEstimate(
    job,
    picture,
    frames,
    job.seconds,
    speeds,
    sample,
    packetBytes(job, picture),
  );
  const why = reason === undefined ? {} : { reason };
  return { method: 'reencode', ...why, frames, reencodedFrames: frames, seconds: seconds * crowdingOfAll(), bytes };
}

/** How long a cut that joins took, compared with what would have been estimated without any measurement. */
export function measureSmart(
  work: SmartWork,
  took: { readonly seconds: number; readonly moving: number | undefined },
  onMeasured: Job['hooks']['onMeasured'],
): void {
  const moves = took.moving !== undefined;
  const parts = smartParts({ ...work, moves });
  if (!moves) {
    // Packets are encoded and written in turns: all of it counts as one.
    if (work.bytes > MEASURABLE) onMeasured?.(MUXING, (took.seconds - parts.joining * crowding()) / parts.copying);
    else onMeasured?.(joiningKey(work), (took.seconds - parts.copying) / (parts.joining * crowding()));
    return;
  }
  onMeasured?.(joiningKey(work), (took.seconds - (took.moving ?? 0)) / (parts.joining * crowding()));
  if (work.bytes > MEASURABLE) onMeasured?.(MOVING, (took.moving ?? 0) / parts.copying);
}

/** Fewer bytes are moved in no time, which tells nothing. */
const MEASURABLE = 20e6;

/** How long encoding a whole cut took, compared with what would have been estimated without any measurement. */
export async function measureWhole(
  job: Job,
  seconds: number,
  onMeasured: (kind: string, ratio: number) => void,
): Promise<void> {
  const { picture, container, request } = job;
  // Of a second or two, much is opening and closing.
  if (!picture || seconds < 1) return;
  const { frames } = picture.layout;
  const kind = speedKey(wholeWork(picture, container, frames));
  const bytes = packetBytes(job, picture);
  const unmeasured = wholeEstimate(job, picture, frames, job.seconds, {}, undefined, bytes);
  onMeasured(kind, seconds / unmeasured.seconds);
  const sample = await knownSample(request, container);
  if (!sample) return;
  const sampled = wholeEstimate(job, picture, frames, job.seconds, {}, sample, bytes);
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
  const named = outputContainer(request.output);
  const { size: fileSize } = await identify(request.input);
  using source = await openSource(request.input);
  const container = containerFor(source, named);
  const seconds = totalDuration(request.kept) / 1e6;
  const stream = container.pictures === undefined ? undefined : source.video;
  if (!stream) return soundPlan(source, container, seconds);
  const traits = declaredTraits(stream);
  const size = scaledSize(stream, traits, request.height);
  const lookAt = async (): Promise<Sample | undefined> =>
    sampled ? await takeSample(request, container, limit, pace) : await knownSample(request, container);
  const unjoined = unjoinable(stream, joinCodecFor(stream, container), size);
  if (unjoined) {
    const frames = Math.round(seconds * frameRate(stream).toDouble());
    const sample = await lookAt();
    const picture = { stream, traits, size };
    const estimate = wholeEstimate({ source, container }, picture, frames, seconds, speeds, sample);
    return { method: 'reencode', reason: unjoined.words, ...estimate, seconds: estimate.seconds * crowdingOfAll() };
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
    using job = await prepare({ request, source, clock, container, fileSize }, reading, [], hooks);
    const { picture } = job;
    if (!picture) return soundPlan(source, container, seconds);
    try {
      return smartPlan(smartWork(job, picture, planSmartCut(job, picture)), speeds);
    } catch (error) {
      if (!(error instanceof SmartCutRefused)) throw error;
      return wholePlan(job, error.words, speeds, await lookAt());
    }
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    const { pictures, sound } = statedBytes(source, seconds);
    const bytes = pictures + soundBytes(source, container, seconds, sound);
    return { method: 'smart', seconds: bytes / 100e6, bytes: Math.round(bytes) };
  }
}

class TimeIsUp extends Error {}

type WholePicture = Pick<PictureJob, 'stream' | 'traits' | 'size'>;

function wholeWork({ stream, traits, size }: WholePicture, container: OutputContainer, frames: number): CutWork {
  const { encoder } = wholeCoding(stream, traits, container, size);
  return { encoder, frames, pixels: pixels(size ?? traits), sourcePixels: pixels(traits), bytes: 0 };
}

/** @param known of the source's packets; without, what its header states */
function wholeEstimate(
  { source, container }: Pick<Job, 'source' | 'container'>,
  picture: WholePicture,
  frames: number,
  seconds: number,
  speeds: Speeds = {},
  sample?: Sample,
  known: SourceBytes = statedBytes(source, seconds, sample?.sound),
): { seconds: number; bytes: number } {
  const sound = soundBytes(source, container, seconds, known.sound);
  const work = { ...wholeWork(picture, container, frames), bytes: known.pictures + sound };
  if (sample) {
    const bytes = Math.round(sampledBytes(frames, sample) + sound);
    return { seconds: sampledSeconds({ ...work, bytes }, sample, speeds), bytes };
  }
  const bytes = Math.round(scaledBytes(known.pictures, work) + sound);
  return { seconds: estimateSeconds(work, undefined, speeds), bytes };
}

// Sound is decoded and encoded at some hundred times its own speed.
function soundPlan(source: Source, container: OutputContainer, seconds: number): PlannedCut {
  const estimate = 0.1 + (seconds * source.audio.length) / 150;
  const bytes = Math.round(soundBytes(source, container, seconds, []));
  return { method: 'reencode', frames: 0, reencodedFrames: 0, seconds: estimate, bytes };
}

function pixels({ width, height }: PictureSize): number {
  return width * height;
}
