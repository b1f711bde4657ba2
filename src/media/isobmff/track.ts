import { boxesIn, child, childrenOf, damaged, NotCarried, whole, type Box } from './boxes.js';
import { editedTimeline, plainTimeline, readEdit, type Edit } from './edit-timeline.js';
import { readGroups, readTables } from './sample-tables.js';
import { checkBytes, type RawSamples, type Samples } from './samples.js';

/** `data` is everything that is neither picture, sound, text nor timecode: camera telemetry, for one. */
export type TrackKind = 'video' | 'sound' | 'text' | 'timecode' | 'data';

/** A track of an mp4 or mov file. */
export interface Track {
  /** The id in the file; FFmpeg's `stream.id`. */
  readonly id: number;
  readonly kind: TrackKind;
  /** Handler type in four characters: `vide`, `soun`, `text`, `sbtl`, `tmcd`, `meta`, … */
  readonly handler: string;
  /** Type of the sample description in four characters: `avc1`, `hvc1`, `mp4a`, … */
  readonly codec: string;
  /** Ticks per second. */
  readonly timescale: number;
  /** ISO 639-2 code; `und` when unknown. */
  readonly language: string;
  readonly samples: Samples;
  /** The sample description with its header, such as a whole `avc1` box. */
  readonly description: Buffer;
  /** Number of it in its list, from 1, as all samples name it. */
  readonly descriptionIndex: number;
  readonly edit: Edit | undefined;
  /** Another track names this one as its list of chapters. */
  readonly chapters: boolean;
  /** Bytes of a PCM frame where the tables count frames and a sample of ours is a run of them; else 0. */
  readonly frameBytes: number;
  /** What the header holds beside the tables. */
  readonly boxes: TrackBoxes;
}

/** A box that is carried over; its bytes include the header. */
export interface KeptBox {
  readonly type: string;
  readonly bytes: Buffer;
}

export interface TrackBoxes {
  /** Children of `trak`, `mdia` and `minf` in the order of the file. */
  readonly trak: readonly KeptBox[];
  readonly mdia: readonly KeptBox[];
  readonly minf: readonly KeptBox[];
  readonly stsd: Buffer;
  readonly sdtp: Buffer | undefined;
  readonly groups: readonly SampleGroup[];
  /** `sgpd` boxes, the descriptions of the groups. */
  readonly groupDescriptions: readonly Buffer[];
}

/** A sample-to-group box (ISO/IEC 14496-12, 8.9.2). */
export interface SampleGroup {
  readonly type: string;
  /** Everything before the number of entries, with the header. */
  readonly head: Buffer;
  /** Pairs of sample count and group, 8 bytes each. */
  readonly entries: Buffer;
}

/** What the header of a track says, before its samples are known. */
export interface TrackHeader extends Omit<Track, 'samples' | 'chapters' | 'frameBytes' | 'descriptionIndex'> {
  readonly stbl: Box;
  readonly pcmFrameBytes: number;
  /** Tracks by their kind of reference. */
  readonly references: readonly { readonly type: string; readonly ids: readonly number[] }[];
}

const KINDS: Readonly<Record<string, TrackKind>> = {
  vide: 'video',
  soun: 'sound',
  text: 'text',
  sbtl: 'text',
  subt: 'text',
  subp: 'text',
  clcp: 'text',
  tmcd: 'timecode',
};

/** @throws NotCarried */
export function readTrackHeader(data: Buffer, trak: Box, movieTimescale: number): TrackHeader {
  const tkhd = need(data, trak, 'tkhd');
  const mdia = need(data, trak, 'mdia');
  const mdhd = need(data, mdia, 'mdhd');
  const minf = need(data, mdia, 'minf');
  const stbl = need(data, minf, 'stbl');
  const stsd = need(data, stbl, 'stsd');
  const hdlr = need(data, mdia, 'hdlr');
  const handler = data.toString('latin1', hdlr.body + 8, hdlr.body + 12);
  const kind = KINDS[handler] ?? 'data';
  const id = data.readUInt32BE(tkhd.body + (data.readUInt8(tkhd.body) === 1 ? 20 : 12));
  const long = data.readUInt8(mdhd.body) === 1;
  const timescale = data.readUInt32BE(mdhd.body + (long ? 20 : 12));
  if (timescale === 0 || timescale > 0x7fff_ffff) throw damaged();
  const entry = describe(data, stsd, kind);
  const description = Buffer.from(data.subarray(entry.start, entry.end));
  assertInFile(data, minf, entry);
  const edts = child(data, trak, 'edts');
  const elst = edts && child(data, edts, 'elst');
  return {
    id,
    kind,
    handler,
    codec: entry.type,
    timescale,
    language: readLanguage(data.readUInt16BE(mdhd.body + (long ? 32 : 20))),
    description,
    edit: elst && readEdit(data, elst, movieTimescale, timescale),
    stbl,
    pcmFrameBytes: kind === 'sound' ? pcmFrameBytes(description, entry.type) : 0,
    references: readReferences(data, trak),
    boxes: {
      trak: keep(data, trak, ['mdia']),
      mdia: keep(data, mdia, ['minf']),
      minf: keep(data, minf, ['stbl']),
      stsd: whole(data, stsd),
      sdtp: optional(data, stbl, 'sdtp'),
      groups: readGroups(data, stbl).map((group) => ({
        type: group.type,
        head: Buffer.from(data.subarray(group.box.start, group.at - 4)),
        entries: Buffer.from(data.subarray(group.at, group.at + group.count * 8)),
      })),
      groupDescriptions: childrenOf(data, stbl, 'sgpd').map((box) => whole(data, box)),
    },
  };
}

/**
 * The track with its samples.
 *
 * @param fragments the samples of a fragmented file; else they are in the header's own tables
 * @throws NotCarried
 */
export function completeTrack(
  data: Buffer,
  header: TrackHeader,
  all: readonly TrackHeader[],
  fileSize: number,
  fragments?: RawSamples,
): Track {
  const { stbl, pcmFrameBytes: frameBytes, references: _, ...rest } = header;
  const emptyAllowed = header.kind !== 'video' && header.kind !== 'sound';
  const chapters = all.some((track) =>
    track.references.some((reference) => reference.type === 'chap' && reference.ids.includes(header.id)),
  );
  if (fragments) {
    checkBytes(fragments, fileSize, emptyAllowed);
    return { ...rest, chapters, samples: plainTimeline(fragments, header.edit), frameBytes: 0, descriptionIndex: 1 };
  }
  const sound = header.kind === 'sound';
  const tables = readTables(data, stbl, { sound, fileSize, frameBytes });
  const descriptions = header.boxes.stsd.readUInt32BE(12);
  if (tables.descriptionIndex < 1 || tables.descriptionIndex > Math.max(1, descriptions)) throw damaged();
  checkBytes(tables.samples, fileSize, emptyAllowed);
  const kind = header.kind === 'video' || header.kind === 'sound' ? header.kind : 'other';
  if (header.edit && header.edit.length === 0 && tables.samples.count > 0) {
    throw new NotCarried('an edit list leaves nothing of a track');
  }
  const samples =
    header.edit && tables.samples.count > 0
      ? editedTimeline(tables.samples, header.edit, header.timescale, kind)
      : plainTimeline(tables.samples, undefined);
  return { ...rest, chapters, samples, frameBytes: tables.frameBytes, descriptionIndex: tables.descriptionIndex };
}

function need(data: Buffer, parent: Box, type: string): Box {
  const found = child(data, parent, type);
  if (!found) throw damaged();
  return found;
}

function optional(data: Buffer, parent: Box, type: string): Buffer | undefined {
  const found = child(data, parent, type);
  return found && whole(data, found);
}

/** The children as they are; of those named, that are made anew, only their place. */
export function keep(data: Buffer, parent: Box, anew: readonly string[]): KeptBox[] {
  return boxesIn(data, parent.body, parent.end).map((box) => ({
    type: box.type,
    bytes: anew.includes(box.type) ? Buffer.alloc(0) : whole(data, box),
  }));
}

function describe(data: Buffer, stsd: Box, kind: TrackKind): Box {
  if (stsd.end - stsd.body < 8) throw damaged();
  const descriptions = boxesIn(data, stsd.body + 8, stsd.end);
  const [entry] = descriptions;
  if (!entry || entry.end - entry.body < 8) throw damaged();
  if (descriptions.length > 1 && (kind === 'video' || kind === 'sound')) {
    throw new NotCarried('its coding parameters change midway');
  }
  if (/^(enc.|drm.)$/.test(entry.type) || data.subarray(entry.body, entry.end).includes('sinf')) {
    throw new NotCarried('it is encrypted');
  }
  return entry;
}

/** @throws NotCarried when the media lies in another file (ISO/IEC 14496-12, 8.7.2) */
function assertInFile(data: Buffer, minf: Box, entry: Box): void {
  const dref = need(data, need(data, minf, 'dinf'), 'dref');
  const used = boxesIn(data, dref.body + 8, dref.end)[data.readUInt16BE(entry.body + 6) - 1];
  if (!used || (data.readUInt32BE(used.body) & 1) === 0) throw new NotCarried('its media lies in another file');
}

// Bytes of one sample of one channel, where the description's own field says something else.
const PCM: Readonly<Record<string, number>> = {
  sowt: 0,
  twos: 0,
  'raw ': 0,
  NONE: 0,
  lpcm: 0,
  ipcm: 0,
  fpcm: 0,
  in24: 3,
  in32: 4,
  fl32: 4,
  fl64: 8,
  ulaw: 1,
  alaw: 1,
};

/** Bytes of one frame of PCM; −1 for coded sound, 0 when the description does not say. */
function pcmFrameBytes(description: Buffer, codec: string): number {
  const fixed = PCM[codec];
  if (fixed === undefined) return -1;
  const version = description.readUInt16BE(16);
  const channels = description.readUInt16BE(24);
  // QuickTime File Format, sound sample descriptions of version 1 and 2.
  if (version === 1 && description.length >= 52) return description.readUInt32BE(44);
  if (version === 2 && description.length >= 72) return description.readUInt32BE(64);
  return channels * (fixed || Math.ceil(description.readUInt16BE(26) / 8));
}

function readLanguage(code: number): string {
  const letters = [code >> 10, code >> 5, code].map((five) => String.fromCharCode((five & 31) + 0x60)).join('');
  return code >= 0x400 && /^[a-z]{3}$/.test(letters) ? letters : 'und';
}

function readReferences(data: Buffer, trak: Box): TrackHeader['references'] {
  const tref = child(data, trak, 'tref');
  if (!tref) return [];
  return boxesIn(data, tref.body, tref.end).map(({ type, body, end }) => ({
    type,
    ids: Array.from({ length: Math.floor((end - body) / 4) }, (_, i) => data.readUInt32BE(body + i * 4)),
  }));
}
