import * as l10n from '@vscode/l10n';
import type { Stream } from 'node-av/lib';

import type { OutputContainer } from '../file/containers.js';
import { addMatroskaChapters } from '../file/matroska-chapters.js';
import type { Output, TrackPacket } from '../file/output.js';
import { openSource, originSeconds, type Source } from '../file/source.js';
import { native } from '../native.js';
import type { Pace } from '../pace.js';
import { capacity, type Capacity } from './capacity.js';
import { shiftChapters, flatten, type Chapter, type ChapterList } from './chapters.js';
import { chapterComments } from './comment-chapters.js';
import { fillId3Room, reserveId3Room } from './id3-chapters.js';
import { setLanguages } from './mp4-boxes.js';
import { fillRoom, MOST_IN_BOX, reserveRoom } from './mp4-chapters.js';
import { keptMoment, placeSpan, type KeptRange, type Piece } from '../../timeline/placement.js';
import { isVision } from '../picture/dolby-vision.js';
import { readCovers, SidePackets } from './side-packets.js';
import { describeSide, readChapters, type Side } from './side-tracks.js';
import { addSubtitles, planSubtitles, subtitlePackets } from './subtitles.js';
import { hasTimecode, keptTimecode } from './timecode.js';
import { clipTags, tagFlags, trackSettings } from './tags.js';

/** What a cut tells about itself. */
export interface KeptJob {
  readonly source: Source;
  readonly container: OutputContainer;
  /** Sorted and without overlap. */
  readonly ranges: readonly KeptRange[];
  /** Seconds of the container's clock at which the source ends. */
  readonly end: number;
  readonly pace: Pace;
}

/** Everything of a clip that is neither its picture nor its sound, on the way into the result. */
export interface Kept extends Disposable {
  /** Packets by track of the output, in order of time, as those of the sound. */
  readonly tracks: ReadonlyMap<number, AsyncGenerator<TrackPacket>>;
  /** Words about the whole clip, for the output's header. */
  readonly tags: Readonly<Record<string, string>>;
  /** Flags for `movflags` of an mp4 or mov, each with its plus; empty for none. */
  readonly movflags: string;
  /** One sentence each about what could not be kept. */
  readonly notes: readonly string[];
  /** Completes the closed file. @returns further notes */
  finish(file: string): Promise<string[]>;
}

/**
 * Adds subtitles, cover pictures, attachments and data tracks to an output whose picture and sound tracks are there and
 * whose header is not written yet.
 */
export async function keepTheRest(job: KeptJob, output: Output): Promise<Kept> {
  const { source, container, ranges } = job;
  const holds = capacity(container.muxer);
  const rest = source.others.map((stream) => describeSide(stream));
  const wanted = new Set<number>();
  const packets = new SidePackets(source.path, wanted, lastKept(ranges, job.end), job.pace);
  const tracks = new Map<number, AsyncGenerator<TrackPacket>>();
  const lost: string[] = [];
  const notes: string[] = [];
  const covers = await readCovers(
    source.path,
    rest.filter(({ kind }) => kind === 'cover').map(({ stream }) => stream),
  );

  for (const side of rest) {
    const { stream, kind, codec } = side;
    if (kind === 'subtitle') {
      const plan = planSubtitles(stream, codec, holds);
      if (!plan) {
        lost.push(naming(side));
        continue;
      }
      if (plan.how === 'text' && plan.from === 'ass') {
        notes.push(l10n.t('The styled subtitles (ASS) became plain text, which is all that the new file can hold.'));
      }
      wanted.add(stream.index);
      const found = (): ReturnType<SidePackets['of']> => packets.of(stream.index);
      tracks.set(
        addSubtitles(stream, plan, output),
        lazily(() => subtitlePackets(codec, plan, found(), ranges)),
      );
    } else if (kind === 'data' && holdsData(holds, stream, codec)) {
      wanted.add(stream.index);
      const track = output.addCopied(stream.codecpar, trackSettings(stream, stream.timeBase), () => undefined);
      tracks.set(track, dataPackets(stream, packets, ranges));
    } else if (kind === 'cover') {
      const picture = covers.get(stream.index);
      if (!picture || !holds.cover?.codecs.includes(codec)) lost.push(naming(side));
      else if (holds.cover.as === 'track') tracks.set(addCover(stream, output), coverPacket(picture));
      else attach(output, stream, picture, `cover.${COVER_NAMES[codec]?.[0] ?? codec}`, COVER_NAMES[codec]?.[1]);
    } else if (kind === 'attachment' && holds.attachments && stream.codecpar.extradata) {
      attach(output, stream, stream.codecpar.extradata, 'attachment', 'application/octet-stream');
    } else if (kind !== 'chapters' && kind !== 'timecode') lost.push(naming(side));
  }
  const timecode = holds.timecode ? keptTimecode(source, ranges) : undefined;
  const timed = hasTimecode(source) || rest.some(({ kind }) => kind === 'timecode');
  if (timed && timecode === undefined) lost.push(l10n.t('the timecode'));
  if (source.video && container.pictures === undefined) lost.push(l10n.t('the picture'));

  if (losesDolbyVision(source, container, output)) lost.push(l10n.t('the Dolby Vision data'));

  const found = await readChapters(source, job.end, job.pace, rest.find(({ kind }) => kind === 'chapters')?.stream);
  if (found.some(({ ordered }) => ordered)) lost.push(l10n.t('the chapters that play in an order of their own'));
  const lists = keptChapters(found, job);
  const tags = clipTags(source);
  // The list of tags that phones use has no place for a cover.
  const flags = covers.size > 0 && holds.cover ? '' : tagFlags(tags);
  const chapters = carryChapters(holds, lists, tags);
  if (lists.length > 0 && !chapters) lost.push(l10n.t('the chapters'));
  if (chapters?.more) lost.push(l10n.t('the chapters after number {0}', MOST_IN_BOX));
  for (const name of new Set(lost)) notes.push(l10n.t('Not kept: {0}.', name));
  return {
    tracks,
    tags: { ...tags, ...chapters?.tags, ...(timecode !== undefined && { timecode }) },
    movflags: flags,
    notes: [...new Set(notes)],
    finish: async (file) => {
      if (container.muxer === 'mov') await setLanguages(file, output.languages);
      return ((await chapters?.finish(file)) ?? true) ? [] : [l10n.t('Not kept: {0}.', l10n.t('the chapters'))];
    },
    [Symbol.dispose]: () => packets[Symbol.dispose](),
  };
}

/** What a track is called in a note. */
export function naming({ stream, kind, codec }: Side): string {
  const title = stream.metadata?.get('title') ?? stream.metadata?.get('filename') ?? stream.metadata?.get('language');
  const name = title === null || title === undefined || title === 'und' ? undefined : title;
  if (kind === 'subtitle') {
    const format = codec.replace(/_subtitle$/u, '').toUpperCase();
    return name === undefined
      ? l10n.t('a subtitle track ({0})', format)
      : l10n.t('a subtitle track "{0}" ({1})', name, format);
  }
  if (kind === 'cover') return l10n.t('the cover picture');
  if (kind === 'picture') return l10n.t('a further picture track');
  if (kind === 'attachment')
    return name === undefined ? l10n.t('the attachment') : l10n.t('the attachment "{0}"', name);
  return l10n.t('a data track');
}

/** The data belong to the coded pictures: encoded anew, those have none. The muxer of mov does not announce them. */
function losesDolbyVision({ video }: Source, container: OutputContainer, output: Output): boolean {
  if (!video || container.pictures === undefined || !isVision(video)) return false;
  // The picture is the first track.
  return container.muxer === 'mov' || !isVision(output.stream(0));
}

function lastKept(ranges: readonly KeptRange[], end: number): number {
  const last = ranges.at(-1);
  return last ? last.start + last.outEnd - last.outStart : end;
}

// A generator's body runs when the first packet is asked for; its arguments would be evaluated at once.
async function* lazily(open: () => AsyncGenerator<TrackPacket>): AsyncGenerator<TrackPacket> {
  yield* open();
}

function holdsData(holds: Capacity, stream: Stream, codec: string): boolean {
  return holds.data.includes(codec) || holds.data.includes(`${codec}:${stream.codecpar.codecTagString ?? ''}`);
}

async function* dataPackets(
  stream: Stream,
  packets: SidePackets,
  ranges: readonly KeptRange[],
): AsyncGenerator<TrackPacket> {
  const { num, den } = stream.timeBase;
  const ticks = (seconds: number): bigint => BigInt(Math.round((seconds * den) / num));
  for (const { packet, start, duration } of await packets.of(stream.index)) {
    for (const piece of placed(ranges, start, duration)) {
      const copy = packet.clone();
      if (!copy) continue;
      copy.pts = ticks(piece.start);
      copy.dts = copy.pts;
      copy.duration = ticks(piece.end - piece.start);
      yield { packet: copy, seconds: piece.start };
    }
  }
}

/** Cameras tell of a second or so at a time: that goes on behind a join as long as its pictures do. */
function placed(ranges: readonly KeptRange[], start: number, duration: number): Piece[] {
  if (duration > 0) return placeSpan(ranges, start, start + duration);
  const moment = keptMoment(ranges, start);
  return moment === undefined ? [] : [{ start: moment, end: moment }];
}

// Ending and kind of a file by FFmpeg's codec name.
const COVER_NAMES: Readonly<Record<string, readonly [string, string]>> = {
  mjpeg: ['jpg', 'image/jpeg'],
  png: ['png', 'image/png'],
  bmp: ['bmp', 'image/bmp'],
  gif: ['gif', 'image/gif'],
  webp: ['webp', 'image/webp'],
  tiff: ['tif', 'image/tiff'],
};

const PICTURE_BASE = { num: 1, den: 90_000 };

function addCover(stream: Stream, output: Output): number {
  return output.addCopied(stream.codecpar, trackSettings(stream, PICTURE_BASE), (parameters) => {
    parameters.codecTag = 0;
  });
}

// eslint-disable-next-line @typescript-eslint/require-await -- one kind of generator for all tracks
async function* coverPacket(picture: Buffer): AsyncGenerator<TrackPacket> {
  const packet = new (native().av.Packet)();
  packet.alloc();
  packet.data = picture;
  packet.isKeyframe = true;
  packet.pts = 0n;
  packet.dts = 0n;
  yield { packet, seconds: Number.NEGATIVE_INFINITY };
}

const NO_DISPOSITION = 0 as Stream['disposition'];

/** Adds a file that lies in the clip: FFmpeg takes its bytes as a track's extra data. */
function attach(output: Output, stream: Stream, data: Buffer, name: string, kind = 'application/octet-stream'): void {
  const { c } = native();
  const { tags } = trackSettings(stream, PICTURE_BASE);
  const described = { filename: name, mimetype: kind, ...tags };
  output.addDescribed(
    { timeBase: PICTURE_BASE, language: undefined, disposition: NO_DISPOSITION, tags: described },
    (parameters) => {
      parameters.codecType = c.AVMEDIA_TYPE_ATTACHMENT;
      parameters.codecId = stream.codecpar.codecId;
      parameters.extradata = Buffer.from(data);
    },
  );
}

function keptChapters(lists: readonly ChapterList[], { ranges, end }: KeptJob): ChapterList[] {
  return lists
    .filter((list) => !list.ordered)
    .map((list) => ({ ...list, chapters: shiftChapters(list.chapters, ranges, end) }))
    .filter((list) => list.chapters.length > 0);
}

/** Where the result's 0:00 came to lie: muxers without edit lists move everything back by what leads it. */
async function origin(file: string): Promise<number> {
  using source = await openSource(file);
  return originSeconds(source);
}

function moved(lists: readonly ChapterList[], seconds: number): ChapterList[] {
  const move = (chapter: Chapter): Chapter => ({
    ...chapter,
    // The beginning of the clip stays the beginning of the file.
    start: chapter.start === 0 ? 0 : chapter.start + seconds,
    ...(chapter.end !== undefined && { end: chapter.end + seconds }),
    children: chapter.children.map(move),
  });
  return lists.map((list) => ({ ...list, chapters: list.chapters.map(move) }));
}

interface Carried {
  readonly tags: Readonly<Record<string, string>>;
  /** There are more chapters than there is room for. */
  readonly more?: boolean;
  finish(file: string): Promise<boolean>;
}

function carryChapters(
  holds: Capacity,
  lists: readonly ChapterList[],
  tags: Readonly<Record<string, string>>,
): Carried | undefined {
  if (lists.length === 0 || !holds.chapters) return undefined;
  if (holds.chapters === 'matroska')
    return { tags: {}, finish: async (file) => addMatroskaChapters(file, moved(lists, await origin(file))) };
  const chapters = flatten(lists);
  if (holds.chapters === 'comments')
    return { tags: chapterComments(chapters), finish: async () => Promise.resolve(true) };
  if (holds.chapters === 'id3')
    return { tags: reserveId3Room(chapters), finish: (file) => fillId3Room(file, chapters) };
  const room = reserveRoom(tags, chapters);
  const more = chapters.length > MOST_IN_BOX;
  return room && { tags: room, more, finish: (file) => fillRoom(file, chapters) };
}
