import { box, boxesIn, damaged, fullBox, length, words, writeLong } from './boxes.js';
import { cutUserData } from './chapters.js';
import type { Chunks } from './interleave.js';
import type { Movie } from './movie.js';
import type { KeptRange } from './ranged-track.js';
import { sampleTable } from './table-boxes.js';
import type { TrackPlan } from './track-plan.js';

// Seconds from 1904, where the format's clock begins, to 1970.
const EPOCH = 2_082_844_800;

export interface HeaderPlan {
  readonly movie: Movie;
  readonly plans: readonly TrackPlan[];
  readonly chunks: readonly Chunks[];
  readonly ranges: readonly KeptRange[];
  /** Chunk offsets of 64 bits. */
  readonly long: boolean;
  readonly now: Date;
}

/** The `moov` box as parts to be written; `fill` sets where the media data begins, which changes no length. */
export interface MovieHeader {
  readonly parts: readonly Buffer[];
  readonly bytes: number;
  fill(mediaStart: number): void;
}

/**
 * The `moov` box (ISO/IEC 14496-12, 8.2.1) of the result: that of the source with times and tables as planned. Tracks
 * without a plan are left out.
 *
 * @throws NotCarried when a box of the source is damaged
 */
export function movieHeader(plan: HeaderPlan): MovieHeader {
  const { movie, plans } = plan;
  const timescale = commonTimescale(movie, plans);
  const now = Math.floor(plan.now.getTime() / 1000) + EPOCH;
  const edits = plans.map((track) => placeTrack(track, timescale));
  const duration = edits.reduce((longest, { total }) => Math.max(longest, total), 0);
  const ids = new Set(plans.map(({ track }) => track.id));
  const fills: ((mediaStart: number) => void)[] = [];
  const tracks = movie.tracks.map((source): Buffer[] => {
    const n = plans.findIndex(({ track }) => track === source);
    const own = plans[n];
    const chunks = plan.chunks[n];
    const edit = edits[n];
    if (!own || !chunks || !edit) return [];
    const table = sampleTable(own, chunks, plan.long);
    fills.push((mediaStart) => table.fill(mediaStart));
    return trackBox(own, edit, ids, table.box, now);
  });
  let trak = 0;
  const children = movie.boxes.moov.flatMap(({ type, bytes }): readonly Buffer[] => {
    if (type === 'trak') return tracks[trak++] ?? [];
    if (type === 'udta') return cutUserData(bytes, plan.ranges);
    if (type === 'mvhd') return [movieTimes(bytes, timescale, duration, now)];
    return [bytes];
  });
  const parts = box('moov', children);
  return { parts, bytes: length(parts), fill: (mediaStart) => fills.forEach((fill) => fill(mediaStart)) };
}

/** What of a track is played when; durations in ticks of the movie. */
interface TrackPlace {
  readonly wait: number;
  readonly mediaTime: number;
  readonly length: number;
  readonly total: number;
}

function placeTrack({ track, dts, pts, end }: TrackPlan, timescale: number): TrackPlace {
  const toMovie = (ticks: number): number => Math.round((ticks * timescale) / track.timescale);
  let start = Infinity;
  for (let i = 0; i < pts.length; i++) start = Math.min(start, pts[i] ?? 0);
  start = Math.max(0, start);
  const wait = toMovie(start);
  const total = Math.max(wait, toMovie(end));
  return { wait, mediaTime: start - (dts[0] ?? 0), length: total - wait, total };
}

// 30000/1001 frames a second beside sound of 44.1 kHz need less.
const FINEST_TIMESCALE = 10_000_000;

/** One in which the tracks' own times are whole, if durations then still fit 32 bits, which old players need. */
function commonTimescale(movie: Movie, plans: readonly TrackPlan[]): number {
  const seconds = Math.max(...plans.map(({ end, track }) => end / track.timescale));
  const media = plans.filter(({ track }) => track.kind === 'video' || track.kind === 'sound');
  const shared = media.reduce((product, { track }) => leastCommonMultiple(product, track.timescale), movie.timescale);
  const exact = media.reduce((product, { track }) => leastCommonMultiple(product, track.timescale), 1);
  const fits = (timescale: number): boolean => timescale <= FINEST_TIMESCALE && seconds * timescale < 0xffff_ffff;
  return [shared, exact, ...media.map(({ track }) => track.timescale)].find(fits) ?? movie.timescale;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function trackBox(
  plan: TrackPlan,
  edit: TrackPlace,
  ids: ReadonlySet<number>,
  table: readonly Buffer[],
  now: number,
): Buffer[] {
  const { boxes } = plan.track;
  const { dts, lastDuration, track } = plan;
  const media = (dts.at(-1) ?? 0) - (dts[0] ?? 0) + lastDuration;
  const mediaLength = track.frameBytes > 0 ? media : Math.max(0, media);
  const mdia = boxes.mdia.flatMap(({ type, bytes }): readonly Buffer[] => {
    if (type === 'minf') {
      // The sample table stood where it was; `stbl` has no bytes of its own here.
      return box(
        'minf',
        boxes.minf.flatMap((inner) => (inner.type === 'stbl' ? table : [inner.bytes])),
      );
    }
    return [type === 'mdhd' ? times(bytes, 4, mediaLength, now) : bytes];
  });
  return box(
    'trak',
    boxes.trak.flatMap(({ type, bytes }): readonly Buffer[] => {
      if (type === 'tkhd') return [times(bytes, 8, edit.total, now), ...editList(edit)];
      if (type === 'edts') return [];
      if (type === 'tref') return references(bytes, ids);
      if (type === 'mdia') return box('mdia', mdia);
      return [bytes];
    }),
  );
}

function editList({ wait, mediaTime, length: played }: TrackPlace): Buffer[] {
  const long = Math.max(wait, played) > 0xffff_ffff || mediaTime > 0x7fff_ffff;
  const entries: Buffer[] = [];
  const add = (duration: number, time: number): void => {
    const entry = Buffer.alloc(long ? 20 : 12);
    if (long) {
      writeLong(entry, duration, 0);
      entry.writeBigInt64BE(BigInt(time), 8);
    } else {
      entry.writeUInt32BE(duration, 0);
      entry.writeInt32BE(time, 4);
    }
    entry.writeUInt32BE(0x1_0000, entry.length - 4);
    entries.push(entry);
  };
  if (wait > 0) add(wait, -1);
  add(played, mediaTime);
  return box('edts', fullBox('elst', long ? 1 : 0, 0, words(entries.length), ...entries));
}

/** Track references without those to tracks that are left out. */
function references(tref: Buffer, ids: ReadonlySet<number>): Buffer[] {
  const [outer] = boxesIn(tref);
  if (!outer) throw damaged();
  const lists = boxesIn(tref, outer.body, outer.end).flatMap(({ type, body, end }) => {
    const kept: number[] = [];
    for (let at = body; at + 4 <= end; at += 4) if (ids.has(tref.readUInt32BE(at))) kept.push(tref.readUInt32BE(at));
    return kept.length > 0 ? box(type, words(...kept)) : [];
  });
  return lists.length > 0 ? box('tref', lists) : [];
}

/**
 * A header box (`mvhd`, `tkhd`, `mdhd`) with another modification time and duration; it grows to 64 bits where it must.
 *
 * @param between bytes between the times and the duration
 */
function times(bytes: Buffer, between: number, duration: number, now: number): Buffer {
  const [outer] = boxesIn(bytes);
  if (!outer) throw damaged();
  const was = bytes.readUInt8(outer.body) === 1;
  const long = was || duration > 0xffff_fffe || now > 0xffff_ffff;
  const word = was ? 8 : 4;
  const created = outer.body + 4;
  const middle = created + word * 2;
  const rest = middle + between + word;
  if (rest > outer.end) throw damaged();
  const put = (value: number): Buffer => {
    const field = Buffer.alloc(long ? 8 : 4);
    if (long) writeLong(field, value, 0);
    else field.writeUInt32BE(value);
    return field;
  };
  const creation = was ? Number(bytes.readBigUInt64BE(created)) : bytes.readUInt32BE(created);
  const flags = bytes.readUInt32BE(outer.body) & 0xff_ffff;
  return Buffer.concat(
    fullBox(
      outer.type,
      long ? 1 : 0,
      flags,
      put(creation),
      put(now),
      bytes.subarray(middle, middle + between),
      put(duration),
      bytes.subarray(rest, outer.end),
    ),
  );
}

// From the end of `mvhd`: QuickTime's preview, poster and selection times, and then the next track's id.
const PREVIEW_FIELDS = 28;

function movieTimes(mvhd: Buffer, timescale: number, duration: number, now: number): Buffer {
  const bytes = times(mvhd, 4, duration, now);
  const long = bytes.readUInt8(8) === 1;
  bytes.writeUInt32BE(timescale, long ? 28 : 20);
  bytes.fill(0, bytes.length - PREVIEW_FIELDS, bytes.length - 4);
  return bytes;
}
