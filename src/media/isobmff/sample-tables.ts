import { child, childrenOf, damaged, NotCarried, readLong, readWords, type Box } from './boxes.js';
import { checkCount, type RawSamples } from './samples.js';

// The tables of a sample table box (ISO/IEC 14496-12, 8.5 to 8.7 and QuickTime's stps). Every count is checked against
// the bytes that carry it, or against the size of the file, before anything is allocated.

// FFmpeg takes times beyond this for negative ones, written wrongly.
const LARGEST_DELTA = 0xffff_ffff - 480_000;

export interface TableContext {
  readonly sound: boolean;
  readonly fileSize: number;
  /** Bytes of one PCM frame according to the sample description; 0 for coded sound and everything else. */
  readonly frameBytes: number;
}

export interface Tables {
  readonly samples: RawSamples;
  /** The sample description that all of them use, from 1. */
  readonly descriptionIndex: number;
  /** Bytes of one PCM frame when the table counts frames, not packets; else 0. */
  readonly frameBytes: number;
}

/** A table's entries: the bytes are there. */
interface Entries {
  readonly at: number;
  readonly count: number;
  readonly version: number;
}

/** @throws NotCarried */
export function readTables(data: Buffer, stbl: Box, context: TableContext): Tables {
  const stts = entries(data, child(data, stbl, 'stts'), 8);
  const stsc = entries(data, child(data, stbl, 'stsc'), 12);
  const co64 = child(data, stbl, 'co64');
  const stco = entries(data, co64 ?? child(data, stbl, 'stco'), co64 ? 8 : 4);
  const chunkOffset = (i: number): number =>
    co64 ? readLong(data, stco.at + i * 8) : data.readUInt32BE(stco.at + i * 4);
  const descriptionIndex = oneDescription(data, stsc);
  const frames = context.sound && stts.count === 1 && data.readUInt32BE(stts.at + 4) === 1;
  if (frames) return readFrames(data, stbl, { stts, stsc, stco, chunkOffset }, descriptionIndex, context);

  const size = readSizes(data, stbl, context.fileSize);
  const count = size.length;
  const offset = new Float64Array(count);
  let sample = 0;
  const inChunk = samplesInChunks(data, stsc, stco.count);
  for (let chunk = 0; chunk < inChunk.length; chunk++) {
    let position = chunkOffset(chunk);
    const last = sample + (inChunk[chunk] ?? 0);
    if (last > count) throw damaged();
    while (sample < last) {
      offset[sample] = position;
      position += size[sample++] ?? 0;
    }
  }
  if (sample !== count) throw damaged();
  const { sync, partial } = readSync(data, stbl, count);
  const { reorder, dtsShift } = readReorder(data, stbl, count);
  return {
    samples: { count, offset, size, ...readTimes(data, stts, count), reorder, sync, partial, dtsShift },
    descriptionIndex,
    frameBytes: 0,
  };
}

function entries(data: Buffer, found: Box | undefined, size: number): Entries {
  if (!found || found.end - found.body < 8) throw damaged();
  const count = data.readUInt32BE(found.body + 4);
  if (count * size > found.end - found.body - 8) throw damaged();
  return { at: found.body + 8, count, version: data.readUInt8(found.body) };
}

function oneDescription(data: Buffer, stsc: Entries): number {
  const first = stsc.count > 0 ? data.readUInt32BE(stsc.at + 8) : 1;
  for (let i = 1; i < stsc.count; i++) {
    if (data.readUInt32BE(stsc.at + i * 12 + 8) !== first) throw new NotCarried('its coding parameters change midway');
  }
  return first;
}

/** How many samples each chunk has. */
function samplesInChunks(data: Buffer, stsc: Entries, count: number): Uint32Array {
  if (count > 0 && stsc.count === 0) throw damaged();
  const found = new Uint32Array(count);
  let next = 0;
  for (let run = 0; run < stsc.count; run++) {
    const first = next;
    if (run === 0 && data.readUInt32BE(stsc.at) !== 1) throw damaged();
    next = run + 1 < stsc.count ? data.readUInt32BE(stsc.at + (run + 1) * 12) - 1 : count;
    if (next < first || next > count) throw damaged();
    const samples = data.readUInt32BE(stsc.at + run * 12 + 4);
    for (let chunk = first; chunk < next; chunk++) found[chunk] = samples;
  }
  return found;
}

function readSizes(data: Buffer, stbl: Box, fileSize: number): Uint32Array {
  const compact = child(data, stbl, 'stz2');
  if (compact) throw new NotCarried('its index is of a rare kind');
  const found = child(data, stbl, 'stsz');
  if (!found || found.end - found.body < 12) throw damaged();
  const constant = data.readUInt32BE(found.body + 4);
  const count = data.readUInt32BE(found.body + 8);
  if (constant > 0 ? constant * count > fileSize : count * 4 > found.end - found.body - 12) throw damaged();
  checkCount(count);
  return constant > 0 ? new Uint32Array(count).fill(constant) : readWords(data, found.body + 12, count);
}

interface FrameTables {
  readonly stts: Entries;
  readonly stsc: Entries;
  readonly stco: Entries;
  readonly chunkOffset: (chunk: number) => number;
}

// The table counts PCM frames one by one. FFmpeg reads a chunk of them as packets of up to this many.
const FRAMES_IN_PACKET = 1024;

function readFrames(
  data: Buffer,
  stbl: Box,
  { stts, stsc, stco, chunkOffset }: FrameTables,
  descriptionIndex: number,
  context: TableContext,
): Tables {
  const stsz = child(data, stbl, 'stsz');
  if (!stsz || stsz.end - stsz.body < 12) throw damaged();
  const constant = data.readUInt32BE(stsz.body + 4);
  const frames = data.readUInt32BE(stsz.body + 8);
  const frameBytes = context.frameBytes || constant;
  // QuickTime wrote 1 where it meant a frame; anything else that differs is not plain PCM.
  if (frameBytes === 0 || (constant !== 1 && constant !== frameBytes)) {
    throw new NotCarried('its sound is packed in an unusual way');
  }
  if (frames !== data.readUInt32BE(stts.at) || frames * frameBytes > context.fileSize) throw damaged();
  const inChunk = samplesInChunks(data, stsc, stco.count);
  const count = inChunk.reduce((sum, samples) => sum + Math.ceil(samples / FRAMES_IN_PACKET), 0);
  checkCount(count);
  const offset = new Float64Array(count);
  const size = new Uint32Array(count);
  const dts = new Float64Array(count);
  const duration = new Float64Array(count);
  let packet = 0;
  let time = 0;
  for (let chunk = 0; chunk < inChunk.length; chunk++) {
    let position = chunkOffset(chunk);
    const samples = inChunk[chunk] ?? 0;
    if (samples > frames - time) throw damaged();
    for (let left = samples; left > 0; packet++) {
      const taken = Math.min(left, FRAMES_IN_PACKET);
      offset[packet] = position;
      size[packet] = taken * frameBytes;
      dts[packet] = time;
      duration[packet] = taken;
      position += taken * frameBytes;
      time += taken;
      left -= taken;
    }
  }
  if (time !== frames) throw damaged();
  const sync = new Uint8Array(count).fill(1);
  return {
    samples: { count, offset, size, dts, reorder: undefined, duration, sync, partial: undefined, dtsShift: 0 },
    descriptionIndex,
    frameBytes,
  };
}

function readTimes(data: Buffer, stts: Entries, count: number): { dts: Float64Array; duration: Float64Array } {
  const dts = new Float64Array(count);
  const duration = new Float64Array(count);
  let time = 0;
  let sample = 0;
  for (let run = 0; run < stts.count && sample < count; run++) {
    const delta = data.readUInt32BE(stts.at + run * 8 + 4);
    if (delta > LARGEST_DELTA) throw new NotCarried('its times run backwards');
    const last = Math.min(count, sample + data.readUInt32BE(stts.at + run * 8));
    for (; sample < last; sample++) {
      dts[sample] = time;
      duration[sample] = delta;
      time += delta;
    }
  }
  if (sample < count) throw damaged();
  return { dts, duration };
}

function readReorder(data: Buffer, stbl: Box, count: number): { reorder: Int32Array | undefined; dtsShift: number } {
  const found = child(data, stbl, 'ctts');
  if (!found) return { reorder: undefined, dtsShift: 0 };
  const ctts = entries(data, found, 8);
  if (ctts.count === 0) return { reorder: undefined, dtsShift: 0 };
  const reorder = new Int32Array(count);
  let dtsShift = 0;
  let sample = 0;
  for (let run = 0; run < ctts.count; run++) {
    // Some files of version 0 have negative values too; FFmpeg reads all as signed.
    const offset = data.readInt32BE(ctts.at + run * 8 + 4);
    if (Math.abs(offset) > 2 ** 28) throw new NotCarried('its presentation times are damaged');
    // FFmpeg leaves the last two entries out here.
    if (run + 2 < ctts.count) dtsShift = Math.max(dtsShift, -offset);
    const last = Math.min(count, sample + data.readUInt32BE(ctts.at + run * 8));
    while (sample < last) reorder[sample++] = offset;
  }
  if (sample < count) throw damaged();
  return { reorder, dtsShift };
}

function readSync(data: Buffer, stbl: Box, count: number): { sync: Uint8Array; partial: Uint8Array | undefined } {
  const sync = new Uint8Array(count);
  const found = child(data, stbl, 'stss');
  if (found) {
    const stss = entries(data, found, 4);
    if (stss.count === 0) throw new NotCarried('its index names no keyframes');
    for (let i = 0; i < stss.count; i++) {
      const sample = data.readUInt32BE(stss.at + i * 4) - 1;
      if (sample < 0 || sample >= count) throw damaged();
      sync[sample] = 1;
    }
  } else sync.fill(1);
  let partial: Uint8Array | undefined;
  const add = (sample: number): void => {
    if (sync[sample]) return;
    partial ??= new Uint8Array(count);
    partial[sample] = 1;
    sync[sample] = 1;
  };
  const stpsBox = found && child(data, stbl, 'stps');
  if (stpsBox) {
    const stps = entries(data, stpsBox, 4);
    for (let i = 0; i < stps.count; i++) {
      const sample = data.readUInt32BE(stps.at + i * 4) - 1;
      if (sample < 0 || sample >= count) throw damaged();
      add(sample);
    }
  }
  if (found) for (const sample of rapSamples(data, stbl, count)) add(sample);
  return { sync, partial };
}

/** Samples of `rap ` groups, which FFmpeg takes for keyframes. */
function* rapSamples(data: Buffer, stbl: Box, count: number): Generator<number> {
  for (const group of readGroups(data, stbl)) {
    if (group.type !== 'rap ') continue;
    let sample = 0;
    for (let run = 0; run < group.count && sample < count; run++) {
      const last = Math.min(count, sample + data.readUInt32BE(group.at + run * 8));
      const member = data.readUInt32BE(group.at + run * 8 + 4) > 0;
      for (; sample < last; sample++) if (member) yield sample;
    }
  }
}

/** A sample-to-group box; the entries of 8 bytes are there. */
export interface Group {
  readonly type: string;
  readonly box: Box;
  readonly at: number;
  readonly count: number;
}

/** The sample-to-group boxes of a sample table (ISO/IEC 14496-12, 8.9.2). @throws NotCarried when one is cut short */
export function readGroups(data: Buffer, stbl: Box): Group[] {
  const found: Group[] = [];
  // The list is short, and a box of it small.
  for (const box of childrenOf(data, stbl, 'sbgp')) {
    const long = data.readUInt8(box.body) === 1;
    const at = box.body + (long ? 16 : 12);
    if (at > box.end) throw damaged();
    const count = data.readUInt32BE(at - 4);
    if (count * 8 > box.end - at) throw damaged();
    found.push({ type: data.toString('latin1', box.body + 4, box.body + 8), box, at, count });
  }
  return found;
}
