import { open, type FileHandle } from 'node:fs/promises';
import type { Stream } from 'node-av/lib';

import type { Job, PictureJob } from './cut-job.js';
import { OutputFile, writeError } from './file/output-file.js';
import { assertRoom } from './file/room.js';
import { Scratch } from './file/scratch.js';
import { openTrack } from './file/source.js';
import type { DescriptionEdit } from './isobmff/description.js';
import type { HeadStart } from './isobmff/head-start.js';
import { readMovie, type Movie } from './isobmff/movie.js';
import { SCRATCH, writeMovie } from './isobmff/rewrite.js';
import type { NewSample, Piece, TrackEdit } from './isobmff/track-plan.js';
import type { Track } from './isobmff/track.js';
import type { CutReport } from './media.js';
import { soundRanges, WRITTEN } from './muxed-tracks.js';
import type { Pace } from './pace.js';
import type { Description } from './picture/join-codec.js';
import { JoinDecoder } from './picture/mixed-frames.js';
import { indexResult } from './picture/movie-index.js';
import { PacketCursor } from './picture/packet-cursor.js';
import { DecodeClock, encodeSpan, frameDuration, smartDescription, type SmartCut } from './picture/smart-picture.js';
import { reencodedFrames, verifySmartCut } from './picture/verify.js';
import { copiedPlace, packetsOf, type CopySpan } from './plan.js';
import { keepSmart } from './smart-cut.js';
import { joinPackets } from './sound/packet-joins.js';
import { soundEdit } from './sound/sound-edit.js';
import { IndexedPackets } from './sound/sound-packets.js';
import { SmartCutRefused } from './obstacles.js';

// The smart cut of an mp4 or mov at the speed of the disk: few frames are encoded, whole byte ranges are moved.

/** This clip's bytes cannot be moved as they are; FFmpeg's muxer writes the smart cut instead. */
export class MovingRefused extends Error {
  override readonly name = 'MovingRefused';
}

/**
 * Writes a smart cut by moving byte ranges of the source.
 *
 * @param onMoved told how long the moving itself took
 * @throws MovingRefused where FFmpeg's muxer has to do it; nothing is written then
 * @throws SmartCutRefused when the self-check fails
 */
export async function writeMoved(
  job: Job,
  picture: PictureJob,
  movie: Movie,
  smart: SmartCut,
  unchanged: () => Promise<void>,
  onMoved?: (seconds: number) => void,
): Promise<CutReport> {
  const ahead = job.ahead?.take();
  await using output = ahead?.output ?? (await OutputFile.create(job.request.output, job.hooks.onCreated));
  await using begun = ahead?.begun;
  let checked = false;
  const checkJoins = async (total: number): Promise<void> => {
    try {
      await check(job, picture, movie, smart, total, () => undefined);
      checked = true;
      job.hooks.log('The joins were checked while the end was being written.');
    } catch (error) {
      if (!(error instanceof SmartCutRefused)) throw error;
      job.hooks.log(`Before all was written: ${error.message}.`);
    }
  };
  await move(job, picture, movie, smart, begun, checkJoins, onMoved);
  await unchanged();
  if (!checked) {
    await check(job, picture, movie, smart, undefined, (done) => {
      job.hooks.onProgress(WRITTEN + done * (1 - WRITTEN));
    });
  }
  return await keepSmart(job, smart, output, unchanged);
}

/**
 * Checks the new file against its source.
 *
 * @param total bytes that it is going to have, where what comes behind the last join is still being written
 * @throws SmartCutRefused when the self-check fails
 */
async function check(
  job: Job,
  picture: PictureJob,
  movie: Movie,
  smart: SmartCut,
  total: number | undefined,
  onProgress: (fraction: number) => void,
): Promise<void> {
  // The tables of the new file are made; those that are read back take as much again.
  globalThis.gc?.();
  const { id } = placeOf(movie, picture.stream, 'video').track;
  // FFmpeg reads the header in a thread of its own, while we read it here.
  const reading = readMovie(job.request.output, id, total);
  // Until it is awaited, its failure is not an unhandled one.
  reading.catch(() => undefined);
  const result = await openTrack(job.request.output, ({ video }) => video, true);
  using source = result.source;
  // What FFmpeg would find by decoding the first frames.
  result.stream.codecpar.videoDelay = Math.max(smart.stream.codecpar.videoDelay, smart.coding?.reorder ?? 0);
  const written = await reading;
  if ('reason' in written) {
    job.hooks.log(`The result cannot be read back: ${written.reason}.`);
    throw new SmartCutRefused('the result cannot be read back');
  }
  const [track] = written.tracks;
  if (!track) throw new SmartCutRefused('the result has no picture');
  const index = indexResult(track, smart);
  const { pace } = job.hooks;
  using cursor = PacketCursor.over(source, result.stream, index, pace);
  const { ownClock = false } = job.container;
  await verifySmartCut(smart, { index, cursor }, picture.cursor, ownClock, pace, onProgress);
}

// Encoding the frames at the joins is about so much of the work.
const ENCODED = 0.4;

// Decoders want some packets ahead: one for each thread, and as many as pictures may be out of order.
const DECODED_AHEAD = 256;

/**
 * Encodes what is new and writes the whole file, which exists.
 *
 * @param begun what of it is being written already
 * @param checkJoins called, if at all, when only what comes behind the last join is still to be written
 */
async function move(
  job: Job,
  picture: PictureJob,
  movie: Movie,
  smart: SmartCut,
  begun: HeadStart | undefined,
  checkJoins: (total: number) => Promise<void>,
  onMoved: ((seconds: number) => void) | undefined,
): Promise<void> {
  const { onProgress, signal } = job.hooks;
  const { output } = job.request;
  await using scratch = new Scratch(output, SCRATCH);
  const tracks = await trackEdits(job, picture, movie, smart, scratch);
  const encoded = performance.now();
  let checking = 0;
  const work = async (total: number): Promise<void> => {
    const begin = performance.now();
    await checkJoins(total);
    checking = performance.now() - begin;
  };
  const { place } = placeOf(movie, picture.stream, 'video');
  const joined = smart.spans.slice(0, -1).reduce((sum, span) => sum + packetsOf(span), 0);
  try {
    await writeMovie({
      movie,
      output,
      tracks,
      ranges: job.ranges,
      scratch: scratch.handle,
      begun,
      meanwhile: { track: place, samples: joined + DECODED_AHEAD, work },
      signal,
      onSize: (bytes, written) => assertRoom(output, bytes, written),
      onProgress: (fraction) => onProgress(ENCODED + fraction * (WRITTEN - ENCODED)),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw writeError(error, output);
  }
  if (begun?.inVain) job.hooks.log(`Of what was moved ahead, ${Math.round(begun.inVain * 100)} % belong elsewhere.`);
  onMoved?.((performance.now() - encoded - checking) / 1000);
}

async function trackEdits(
  job: Job,
  picture: PictureJob,
  movie: Movie,
  smart: SmartCut,
  scratch: Scratch,
): Promise<TrackEdit[]> {
  const { pace, onProgress } = job.hooks;
  await using input = await open(job.request.input, 'r');
  const sound: TrackEdit[] = [];
  for (const stream of job.source.audio) sound.push(await joinedSound(job, stream, movie));
  const encoded = { done: 0, all: Math.max(1, reencodedFrames(smart)) };
  const onFrame = (): void => onProgress((++encoded.done / encoded.all) * ENCODED);
  return [await pictureEdit(smart, picture, movie, { input, scratch, pace, onFrame }), ...sound];
}

// Streams and tracks go by their ids: FFmpeg has cover pictures among its streams.
function placeOf(movie: Movie, stream: Stream, kind: Track['kind']): { place: number; track: Track } {
  const place = movie.tracks.findIndex(({ id }) => id === stream.id);
  const track = movie.tracks[place];
  if (track?.kind !== kind) throw new MovingRefused('its tracks are counted in another way');
  return { place, track };
}

interface PictureHooks {
  readonly input: FileHandle;
  readonly scratch: Scratch;
  readonly pace: Pace;
  /** Told of each frame that is encoded. */
  readonly onFrame: () => void;
}

async function pictureEdit(
  smart: SmartCut,
  picture: PictureJob,
  movie: Movie,
  { input, scratch, pace, onFrame }: PictureHooks,
): Promise<TrackEdit> {
  const { place, track } = placeOf(movie, picture.stream, 'video');
  // Asked for first: from the encoder's headers the codec learns what its packets need.
  const description = descriptionEdit(smartDescription(smart));
  const clock = new DecodeClock(smart);
  const pieces: Piece[] = [];
  const { file, index } = smart;
  using decoder = JoinDecoder.over(picture.cursor, file, index, pace, { parameters: smart.stream.codecpar });
  for (const span of smart.spans) {
    if (span.kind === 'copy') {
      pieces.push(...(await copiedPieces(smart, span, track, clock, input, pace)));
      continue;
    }
    const samples: NewSample[] = [];
    for await (const { data, pts, key } of encodeSpan(smart, span, decoder)) {
      samples.push({
        data: await scratch.put(data),
        pts,
        dts: clock.next(pts),
        duration: frameDuration(smart),
        sync: key,
      });
      onFrame();
      await pace();
    }
    pieces.push({ kind: 'new', samples });
  }
  return {
    track: place,
    pieces,
    end: picture.layout.length,
    description,
  };
}

const BOXES: Readonly<Record<string, string>> = {
  avc1: 'avcC',
  hvc1: 'hvcC',
  hev1: 'hvcC',
  dvh1: 'hvcC',
  dvhe: 'hvcC',
  av01: 'av1C',
};

function descriptionEdit({ extradata, tag }: Description): DescriptionEdit {
  const box = BOXES[tag];
  return { type: tag, ...(box && extradata ? { boxes: { [box]: extradata } } : {}) };
}

async function copiedPieces(
  smart: SmartCut,
  span: CopySpan,
  track: Track,
  clock: DecodeClock,
  input: FileHandle,
  pace: Pace,
): Promise<Piece[]> {
  const { index, codec } = smart;
  const pts = new Float64Array(span.count);
  const dts = new Float64Array(span.count);
  const replaced = new Map<number, Uint8Array>();
  const rejoin = codec.rejoin(span.join ?? 'closed');
  for (let n = 0; n < span.count; n++) {
    const place = copiedPlace(span, n);
    pts[n] = (index.pts[place] ?? 0) + span.shift;
    dts[n] = clock.next(pts[n] ?? 0, !index.invisible[place]);
    if (rejoin.settled) continue;
    const data = await readSample(track, place, input);
    const changed = rejoin.packet(data);
    if (changed !== data) replaced.set(place, changed);
    await pace();
  }
  const piece = (from: number, count: number): Piece => {
    const times = { pts: pts.subarray(from, from + count), dts: dts.subarray(from, from + count) };
    return { kind: 'copy', first: copiedPlace(span, from), count, ...times, replaced };
  };
  if (span.leading === 0 || span.count === 1) return [piece(0, span.count)];
  return [piece(0, 1), piece(1, span.count - 1)];
}

async function readSample({ samples }: Track, place: number, input: FileHandle): Promise<Uint8Array> {
  const data = new Uint8Array(samples.size[place] ?? 0);
  await input.read(data, 0, data.length, samples.offset[place] ?? 0);
  return data;
}

/** @throws MovingRefused where the sound has to be encoded anew */
async function joinedSound(job: Job, stream: Stream, movie: Movie): Promise<TrackEdit> {
  const { place, track } = placeOf(movie, stream, 'sound');
  const { offset, size, pts } = track.samples;
  const timeBase = { num: 1, den: track.timescale };
  await using packets = await IndexedPackets.open(job.request.input, { offset, size, times: pts, timeBase });
  const { pace, log } = job.hooks;
  const ranges = soundRanges(job, stream.codecpar.sampleRate);
  const joined = await joinPackets({ stream, packets, origin: job.clock.origin, ranges, pace, log });
  if (!joined) throw new MovingRefused('its sound has to be encoded anew');
  return soundEdit(joined, place, track.timescale);
}
