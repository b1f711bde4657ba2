import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Stream } from 'node-av/lib';

import { clampSections, totalDuration, type Section } from '../timeline/sections.js';
import { readClock, type ClipClock } from './file/clip-clock.js';
import { outputContainer, type OutputContainer } from './file/containers.js';
import { SoundEncoder } from './sound/encoded-sound.js';
import { FrameDecoder } from './picture/frame-decoder.js';
import { decodeStart, indexFrames, type FrameIndex } from './picture/frame-index.js';
import type { JoinCodec } from './picture/join-codec.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { joinSound, type SoundRange } from './sound/joined-sound.js';
import { MediaError, type CutReport, type CutRequest } from './media.js';
import { native } from './native.js';
import { Output, type TrackPacket, type TrackSettings } from './file/output.js';
import type { Pace } from './pace.js';
import {
  copyDisplayData,
  frameTraits,
  pixelAspect,
  PictureEncoder,
  PictureSizeChanged,
  wholeCoding,
  type FrameTraits,
} from './picture/picture-encoder.js';
import { copyObstacle, layOut, planSpans, type Layout } from './plan.js';
import { SmartCutRefused, smartDescription, smartPicture, type SmartCut } from './picture/smart-picture.js';
import { SoundReader } from './sound/sound-reader.js';
import { assertUnchanged, identify, openSource, type Source, type TimeBase } from './file/source.js';
import { verifySmartCut, verifyTrack } from './picture/verify.js';
import { wholePicture, type WholeCount } from './picture/whole-picture.js';

export interface CutHooks {
  readonly pace: Pace;
  /** Told fractions from 0 to 1, rising. */
  readonly onProgress: (fraction: number) => void;
  /** Told as soon as the output file exists and is ours to remove. */
  readonly onCreated: () => void;
}

/** What the attempts share. */
interface Job {
  readonly request: CutRequest;
  readonly source: Source;
  readonly clock: ClipClock;
  readonly container: OutputContainer;
  readonly picture: PictureJob | undefined;
  /** The kept ranges in seconds of the container's clock, with their place in the result in seconds. */
  readonly ranges: readonly TimedRange[];
  readonly seconds: number;
  readonly notes: string[];
  readonly hooks: CutHooks;
}

interface PictureJob {
  readonly stream: Stream;
  readonly index: FrameIndex;
  readonly layout: Layout;
  readonly codec: JoinCodec | undefined;
  readonly traits: FrameTraits;
}

interface TimedRange {
  readonly start: number;
  readonly outStart: number;
  readonly outEnd: number;
}

// A few damaged frames are a note; more than this is not the clip that the person knows.
const MOST_MISSING = 0.02;

// The last part of the bar is for the self-check.
const WRITTEN = 0.95;

/**
 * Cuts and joins, exact to the frame: smart where that is proven for the clip, else encoded whole.
 *
 * @throws MediaError; the output file is gone then
 */
export async function cut(request: CutRequest, hooks: CutHooks): Promise<CutReport> {
  const container = outputContainer(request.output);
  const identity = await identify(request.input);
  using source = await openSource(request.input);
  const { pace } = hooks;
  const clock = await readClock(source, pace);
  const notes = lostTracks(source, container);
  const unchanged = (): Promise<void> => assertUnchanged(request.input, identity);
  try {
    const job = await prepare(request, source, clock, container, notes, hooks);
    return await attempt(job, unchanged);
  } catch (error) {
    // A source that changed underneath explains whatever else went wrong, such as a file that is not there any more.
    await unchanged();
    if (error instanceof PictureSizeChanged) {
      const message = 'The picture changes its size within this clip. Convert it to one size first.';
      throw new MediaError('unsupported', message, { cause: error });
    }
    throw error;
  }
}

async function prepare(
  request: CutRequest,
  source: Source,
  clock: ClipClock,
  container: OutputContainer,
  notes: string[],
  hooks: CutHooks,
): Promise<Job> {
  const bounds = { in: 0, out: clock.duration };
  const kept = request.kept.flatMap((section) => clampSections([section], bounds));
  const stream = container.pictures === undefined ? undefined : source.video;
  const common = { request, source, clock, container, notes, hooks };
  if (!stream) {
    if (kept.length === 0 || source.audio.length === 0) throw nothingLeft();
    const ranges = placeSections(kept, clock.origin);
    return { ...common, picture: undefined, ranges, seconds: totalDuration(kept) / 1e6 };
  }
  const codec = joinCodecFor(stream, container);
  const index = await indexFrames(source, codec, hooks.pace);
  // An mp4 whose header came first and whose end never did promises more than it holds.
  const promised = Number(stream.nbFrames);
  if (index.pts.length < promised * (1 - MOST_MISSING)) throw damaged(request.input, promised - index.pts.length);
  const { num, den } = index.timeBase;
  const origin = Math.round((clock.origin * den) / num);
  const end = Math.round((clock.end * den) / num);
  const layout = layOut(index, kept, { origin, end });
  if (layout.frames === 0) throw nothingLeft();
  const ranges = layout.ranges.map((range) => ({
    start: (range.start * num) / den,
    outStart: (range.outStart * num) / den,
    outEnd: ((range.outStart + range.end - range.start) * num) / den,
  }));
  const traits = await firstFrame(request.input, index, layout, hooks.pace);
  return { ...common, picture: { stream, index, codec, layout, traits }, ranges, seconds: (layout.length * num) / den };
}

function nothingLeft(): MediaError {
  return new MediaError('nothing-left', 'Nothing would be left of the clip. Keep at least a part of it.');
}

function placeSections(kept: readonly Section[], origin: number): TimedRange[] {
  let position = 0;
  return kept.map((section) => {
    const outStart = position / 1e6;
    position += section.out - section.in;
    return { start: section.in / 1e6 + origin, outStart, outEnd: position / 1e6 };
  });
}

async function firstFrame(file: string, index: FrameIndex, layout: Layout, pace: Pace): Promise<FrameTraits> {
  using decoder = await FrameDecoder.open(file, index, pace);
  // The first frames may be damaged; any that decodes shows the format.
  for (const range of layout.ranges) {
    const places = layout.display.slice(range.first, Math.min(range.last, range.first + 50));
    const first = places[0];
    if (first === undefined) continue;
    for await (const { frame } of decoder.decode(decodeStart(index, first), places)) return frameTraits(frame);
  }
  throw new MediaError(
    'not-media',
    `The picture of ${path.basename(file)} cannot be decoded. The file may be damaged.`,
  );
}

async function attempt(job: Job, unchanged: () => Promise<void>): Promise<CutReport> {
  const { picture } = job;
  let reason: string | undefined;
  if (picture) {
    try {
      const smart = planSmartCut(job, picture);
      return await writeSmart(job, picture, smart, unchanged);
    } catch (error) {
      if (!(error instanceof SmartCutRefused)) throw error;
      // The first failed check may come from a source that changed underneath.
      await unchanged();
      reason = error.message;
    }
  }
  return writeWhole(job, reason, unchanged);
}

/** @throws SmartCutRefused with the reason why this clip has to be encoded whole */
function planSmartCut(job: Job, picture: PictureJob): SmartCut {
  const { stream, index, codec, layout, traits } = picture;
  if (!codec) {
    const name = native().av.avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
    throw new SmartCutRefused(`${name.toUpperCase()} cannot be joined without that in the new file`);
  }
  if (!index.timed) throw new SmartCutRefused('its container does not keep the pictures apart');
  const obstacle = index.obstacle ?? copyObstacle(index);
  if (obstacle !== undefined) throw new SmartCutRefused(obstacle);
  const spans = planSpans(index, layout);
  if (!spans.some((span) => span.kind === 'copy')) throw new SmartCutRefused('no part of it can be copied');
  const coding = codec.coding(traits);
  if (!coding) throw new SmartCutRefused('its coding cannot be continued');
  return { file: job.request.input, stream, index, codec, layout, spans, traits, coding };
}

async function writeSmart(
  job: Job,
  picture: PictureJob,
  smart: SmartCut,
  unchanged: () => Promise<void>,
): Promise<CutReport> {
  const { stream, index, layout } = picture;
  const { extradata, tag } = smartDescription(smart);
  await using output = await Output.create(job.request.output, job.container, job.hooks.onCreated);
  const track = output.addCopied(stream.codecpar, settings(stream, index.timeBase), (parameters) => {
    parameters.extradata = extradata ? Buffer.from(extradata) : null;
    parameters.codecTag = job.container.tagged ? tag : 0;
  });
  output.stream(track).sampleAspectRatio = pixelAspect(stream);
  output.stream(track).avgFrameRate = stream.avgFrameRate;
  await writeTracks(job, output, new Map([[track, smartPicture(smart, job.hooks.pace)]]));
  await unchanged();
  await output.close();
  await verifySmartCut(job.request.output, smart, job.container, job.hooks.pace, (done) => {
    job.hooks.onProgress(WRITTEN + done * (1 - WRITTEN));
  });
  await unchanged();
  output.keep();
  const encoded = smart.spans.reduce((sum, span) => sum + (span.kind === 'encode' ? span.frames.length : 0), 0);
  job.hooks.onProgress(1);
  return { method: 'smart', ...lengths(job), frames: layout.frames, reencodedFrames: encoded, notes: job.notes };
}

async function writeWhole(job: Job, reason: string | undefined, unchanged: () => Promise<void>): Promise<CutReport> {
  const { picture } = job;
  await using output = await Output.create(job.request.output, job.container, job.hooks.onCreated);
  const tracks = new Map<number, AsyncGenerator<TrackPacket>>();
  const count: WholeCount = { frames: 0 };
  const opened: Disposable[] = [];
  const notes: string[] = [];
  try {
    if (picture) {
      const { stream, index, layout, traits } = picture;
      const coding = wholeCoding(stream, traits, job.container);
      const encoder = new PictureEncoder(stream, index, traits, coding);
      opened.push(encoder);
      const decoder = await FrameDecoder.open(job.request.input, index, job.hooks.pace);
      opened.push(decoder);
      const track = output.addEncoded(encoder.context, settings(stream, index.timeBase), (parameters) => {
        copyDisplayData(stream.codecpar, parameters);
        if (coding.encoder === 'libx265') parameters.codecTag = 'hvc1';
      });
      output.stream(track).sampleAspectRatio = pixelAspect(stream);
      output.stream(track).avgFrameRate = stream.avgFrameRate;
      tracks.set(track, wholePicture(decoder, encoder, index, layout, count));
      notes.push(...wholeNotes(reason, picture, coding.pixelFormat));
    }
    await writeTracks(job, output, tracks);
  } finally {
    for (const resource of opened.reverse()) resource[Symbol.dispose]();
  }
  await unchanged();
  await output.close();
  if (picture) {
    if (count.frames === 0) throw new MediaError('failed', 'The picture could not be decoded. Nothing was written.');
    const missing = picture.layout.frames - count.frames;
    if (missing > picture.layout.frames * MOST_MISSING) throw damaged(job.request.input, missing);
    if (missing > 0)
      notes.push(`${missing} damaged ${missing === 1 ? 'frame' : 'frames'} of the source could not be kept.`);
    await verifyTrack(job.request.output, count.frames, job.hooks.pace);
  }
  output.keep();
  job.hooks.onProgress(1);
  return {
    method: 'reencode',
    ...lengths(job),
    frames: count.frames,
    reencodedFrames: count.frames,
    notes: [...notes, ...job.notes],
  };
}

function damaged(file: string, missing: number): MediaError {
  const name = path.basename(file);
  const message = `${name} is damaged or was cut off: ${missing} of its pictures cannot be read. Nothing was written; get a whole copy of it.`;
  return new MediaError('unreadable', message);
}

function wholeNotes(reason: string | undefined, picture: PictureJob, pixelFormat: number): string[] {
  const { av } = native();
  const notes = [`The whole picture was encoded anew: ${reason ?? 'it could not be copied'}.`];
  if (pixelFormat !== (picture.traits.pixelFormat as number)) {
    const name = av.avGetPixFmtName(picture.traits.pixelFormat) ?? '';
    notes.push(`The picture's colour format (${name}) was converted for players.`);
  }
  return notes;
}

/** Adds the sound tracks, writes the header and then all packets in order of time. */
async function writeTracks(job: Job, output: Output, tracks: Map<number, AsyncGenerator<TrackPacket>>): Promise<void> {
  const { pace, onProgress } = job.hooks;
  const opened: Disposable[] = [];
  try {
    for (const [n, stream] of job.source.audio.entries()) {
      const reader = await SoundReader.open(job.request.input, n, job.clock.origin, pace);
      opened.push(reader);
      const encoder = new SoundEncoder(stream, reader.format, reader.layout, job.container);
      opened.push(encoder);
      noteSoundCodec(job.notes, stream, encoder.codec);
      const base = { num: 1, den: encoder.context.sampleRate };
      const track = output.addEncoded(encoder.context, settings(stream, base));
      const ranges = soundRanges(job, reader.format.sampleRate);
      const whole = job.request.kept.at(-1)?.out ?? 0;
      tracks.set(track, encoder.packets(joinSound(reader, ranges, whole >= job.clock.duration, pace)));
    }
    output.metadata = clipMetadata(job.source);
    output.begin(await muxerOptions(job));
    const heads = new Map<number, TrackPacket>();
    const advance = async (track: number): Promise<void> => {
      const next = await tracks.get(track)?.next();
      if (next && !next.done) heads.set(track, next.value);
      else heads.delete(track);
    };
    try {
      for (const track of tracks.keys()) await advance(track);
      while (heads.size > 0) {
        let earliest: [number, TrackPacket] | undefined;
        for (const head of heads) if (!earliest || head[1].seconds < earliest[1].seconds) earliest = head;
        if (!earliest) break;
        const [track, { packet, seconds }] = earliest;
        heads.delete(track);
        output.write(track, packet);
        onProgress(Math.min(1, Math.max(0, seconds / Math.max(job.seconds, 1e-6))) * WRITTEN);
        await pace();
        await advance(track);
      }
    } finally {
      for (const { packet } of heads.values()) packet.free();
      // Ends the generators, which free what they hold.
      for (const track of tracks.values()) await track.return(undefined);
    }
  } finally {
    for (const resource of opened.reverse()) resource[Symbol.dispose]();
  }
}

function noteSoundCodec(notes: string[], stream: Stream, codec: string): void {
  const name = native().av.avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
  const note = `The sound was encoded as ${codec.toUpperCase()} (it was ${name.toUpperCase()}).`;
  if (name !== codec && !notes.includes(note)) notes.push(note);
}

/** The kept ranges in samples. Both ends are rounded from exact positions, so errors do not add up over joins. */
function soundRanges(job: Job, sampleRate: number): SoundRange[] {
  return job.ranges.map((range) => {
    const start = Math.round((range.start - job.clock.origin) * sampleRate);
    return { start, end: start + Math.round(range.outEnd * sampleRate) - Math.round(range.outStart * sampleRate) };
  });
}

function lengths(job: Job): { duration: number; sourceDuration: number } {
  return { duration: Math.round(job.seconds * 1e6), sourceDuration: job.clock.duration };
}

function settings(stream: Stream, timeBase: TimeBase): TrackSettings {
  const language = stream.metadata?.get('language') ?? undefined;
  return { timeBase, language, disposition: stream.disposition };
}

// Names of the old file's kind and writer would be wrong for the new one.
const STALE = new Set(['major_brand', 'minor_version', 'compatible_brands', 'encoder', 'timecode', 'duration']);

function clipMetadata(source: Source): Record<string, string> {
  const all = source.format.metadata?.getAll() ?? {};
  return Object.fromEntries(Object.entries(all).filter(([key]) => !STALE.has(key.toLowerCase())));
}

async function muxerOptions(job: Job): Promise<Record<string, string>> {
  const family = ['mp4', 'mov', 'ipod'].includes(job.container.muxer);
  return family && (await indexLeads(job.request.input)) ? { movflags: '+faststart' } : {};
}

/** Whether an mp4 or mov has its index before the media, as files for the web do (ISO/IEC 14496-12 8.2.1). */
async function indexLeads(file: string): Promise<boolean> {
  await using handle = await open(file, 'r');
  const header = Buffer.alloc(16);
  for (let at = 0, boxes = 0; boxes < 32; boxes++) {
    const { bytesRead } = await handle.read(header, 0, 16, at);
    if (bytesRead < 16) return false;
    const type = header.toString('latin1', 4, 8);
    if (type === 'moov') return true;
    if (type === 'mdat' || !/^[\w ]{4}$/.test(type)) return false;
    const size = header.readUInt32BE(0);
    if (size === 0) return false;
    at += size === 1 ? Number(header.readBigUInt64BE(8)) : size;
  }
  return false;
}

function lostTracks(source: Source, container: OutputContainer): string[] {
  const { c } = native();
  const notes: string[] = [];
  const names = source.others.map((stream): string => {
    if (stream.codecpar.codecType === c.AVMEDIA_TYPE_SUBTITLE) return 'a subtitle track';
    if (stream.codecpar.codecType === c.AVMEDIA_TYPE_VIDEO) {
      return stream.hasDisposition(c.AV_DISPOSITION_ATTACHED_PIC) ? 'the cover picture' : 'a further picture track';
    }
    return stream.codecpar.codecTagString === 'tmcd' ? 'the timecode track' : 'a data track';
  });
  if (source.video && container.pictures === undefined) names.push('the picture');
  for (const name of new Set(names)) notes.push(`Not kept: ${name}.`);
  return notes;
}
