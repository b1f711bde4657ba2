import type { Stream } from 'node-av/lib';

import type { Job, PictureJob } from './cut-job.js';
import { lengths } from './cut-job.js';
import { Output } from './file/output.js';
import type { CutReport } from './media.js';
import { trackSettings } from './kept/tags.js';
import { writeTracks, WRITTEN } from './muxed-tracks.js';
import { native } from './native.js';
import type { JoinCodec } from './picture/join-codec.js';
import { PacketCursor } from './picture/packet-cursor.js';
import { pixelAspect, type PictureSize } from './picture/picture-encoder.js';
import { shownSize } from './picture/picture-size.js';
import { smartDescription, smartPicture, type SmartCut } from './picture/smart-picture.js';
import { indexOf, reencodedFrames, verifySmartCut, type ReadTrack } from './picture/verify.js';
import { copyObstacle, planSpans } from './plan.js';
import { SmartCutRefused } from './obstacles.js';

/** @throws SmartCutRefused with the reason why this clip has to be encoded whole */
export function planSmartCut(job: Job, picture: PictureJob): SmartCut {
  const { stream, index, codec, layout, traits, size } = picture;
  const unjoined = unjoinable(stream, codec, size);
  if (unjoined || !codec) throw unjoined ?? new SmartCutRefused('its coding cannot be continued');
  if (!index.timed) throw new SmartCutRefused('its container does not keep the pictures apart');
  const obstacle = index.obstacle ?? copyObstacle(index);
  if (obstacle !== undefined) throw new SmartCutRefused(obstacle);
  const spans = planSpans(index, layout);
  if (!spans.some((span) => span.kind === 'copy')) throw new SmartCutRefused('no part of it can be copied');
  const coding = codec.coding(traits);
  if (!coding && spans.some((span) => span.kind === 'encode'))
    throw new SmartCutRefused('its coding cannot be continued');
  return {
    file: job.request.input,
    stream,
    index,
    codec,
    layout,
    spans,
    traits,
    coding,
    seen: new Map(),
    drawn: new Map(),
  };
}

const CODEC_NAMES: Readonly<Record<string, string>> = {
  h264: 'H.264',
  mpeg4: 'MPEG-4',
  mpeg1video: 'MPEG-1',
  mpeg2video: 'MPEG-2',
  mjpeg: 'Motion JPEG',
  prores: 'ProRes',
};

/** Why a picture is encoded whole whatever its packets are; undefined where they decide. */
export function unjoinable(
  stream: Stream,
  codec: JoinCodec | undefined,
  size: PictureSize | undefined,
): SmartCutRefused | undefined {
  if (size) return new SmartCutRefused('it is scaled to {0}', shownSize(stream.codecpar, size));
  if (codec) return undefined;
  const name = native().av.avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
  return new SmartCutRefused(
    '{0} cannot be joined without that in the new file',
    CODEC_NAMES[name] ?? name.toUpperCase(),
  );
}

/** Writes a smart cut through FFmpeg's muxer. @throws SmartCutRefused when the self-check fails */
export async function writeSmart(
  job: Job,
  picture: PictureJob,
  smart: SmartCut,
  unchanged: () => Promise<void>,
): Promise<CutReport> {
  const { stream, index } = picture;
  const { extradata, tag, tagMatters = false } = smartDescription(smart);
  await using output = await Output.create(job.request.output, job.container, job.hooks.onCreated);
  const track = output.addCopied(stream.codecpar, trackSettings(stream, index.timeBase), (parameters) => {
    parameters.extradata = extradata ? Buffer.from(extradata) : null;
    parameters.codecTag = job.container.tagged || tagMatters ? tag : 0;
    // The container's word goes before the codec's, and muxers refuse what contradicts itself.
    parameters.sampleAspectRatio = pixelAspect(stream);
  });
  output.stream(track).sampleAspectRatio = pixelAspect(stream);
  output.stream(track).avgFrameRate = stream.avgFrameRate;
  await writeTracks(job, output, new Map([[track, smartPicture(smart, job.hooks.pace)]]));
  await unchanged();
  await output.close();
  const { pace } = job.hooks;
  const written = await indexOf(job.request.output, job.container, pace);
  using cursor = await PacketCursor.open(job.request.output, written, pace, false);
  return await finishSmart(job, picture, smart, { index: written, cursor }, output, unchanged);
}

/**
 * Checks the written file against its source, and keeps it.
 *
 * @param written its picture track
 * @throws SmartCutRefused when the self-check fails
 */
async function finishSmart(
  job: Job,
  picture: PictureJob,
  smart: SmartCut,
  written: ReadTrack,
  output: { keep(): void },
  unchanged: () => Promise<void>,
): Promise<CutReport> {
  const { pace, onProgress } = job.hooks;
  await verifySmartCut(smart, written, picture.cursor, job.container.ownClock ?? false, pace, (done) => {
    onProgress(WRITTEN + done * (1 - WRITTEN));
  });
  return await keepSmart(job, smart, output, unchanged);
}

/** Keeps a file that was checked. */
export async function keepSmart(
  job: Job,
  smart: SmartCut,
  output: { keep(): void },
  unchanged: () => Promise<void>,
): Promise<CutReport> {
  await unchanged();
  output.keep();
  job.hooks.onProgress(1);
  return {
    method: 'smart',
    ...lengths(job),
    frames: smart.layout.frames,
    reencodedFrames: reencodedFrames(smart),
    notes: job.notes,
  };
}
