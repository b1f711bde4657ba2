import { boxesIn, child, childrenOf, damaged, NotCarried, readLong, type Box } from './boxes.js';
import { checkCount, type RawSamples } from './samples.js';
import type { TrackHeader } from './track.js';

// Movie fragments (ISO/IEC 14496-12, 8.8), read as FFmpeg's demuxer reads them.

/** A `moof` box with its header, and where it lies in the file. */
export interface FragmentBox {
  readonly start: number;
  readonly data: Buffer;
}

interface Defaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

const BASE_DATA_OFFSET = 0x1;
const DESCRIPTION_INDEX = 0x2;
const DEFAULT_DURATION = 0x8;
const DEFAULT_SIZE = 0x10;
const DEFAULT_FLAGS = 0x20;
const BASE_IS_MOOF = 0x2_0000;

const DATA_OFFSET = 0x1;
const FIRST_FLAGS = 0x4;
const SAMPLE_DURATION = 0x100;
const SAMPLE_SIZE = 0x200;
const SAMPLE_FLAGS = 0x400;
const SAMPLE_REORDER = 0x800;

// sample_is_non_sync_sample, and sample_depends_on saying that it does (8.8.3.1).
const NO_KEYFRAME = 0x101_0000;

/**
 * The samples of all fragments by the id of their track.
 *
 * @throws NotCarried
 */
export function readFragments(
  moov: Buffer,
  mvex: Box,
  headers: readonly TrackHeader[],
  moofs: readonly FragmentBox[],
  fileSize: number,
): Map<number, RawSamples> {
  const defaults = new Map<number, Defaults>();
  for (const trex of childrenOf(moov, mvex, 'trex')) {
    const [id = 0, , duration = 0, size = 0, flags = 0] = [4, 8, 12, 16, 20].map((at) =>
      moov.readUInt32BE(trex.body + at),
    );
    defaults.set(id, { duration, size, flags });
  }
  const tracks = new Map<number, TrackFragments>();
  for (const header of headers) {
    const stsz = child(moov, header.stbl, 'stsz');
    if (stsz && moov.readUInt32BE(stsz.body + 8) > 0) {
      throw new NotCarried('its index is partly in the header and partly in fragments');
    }
    tracks.set(header.id, new TrackFragments(header, fileSize));
  }
  let implicit = 0;
  for (const { start, data } of moofs) {
    implicit = start;
    const [moof] = boxesIn(data);
    if (!moof) throw damaged();
    const begun = new Set<TrackFragments>();
    for (const traf of childrenOf(data, moof, 'traf')) {
      const tfhd = child(data, traf, 'tfhd');
      if (!tfhd) throw damaged();
      const id = data.readUInt32BE(tfhd.body + 4);
      const track = tracks.get(id);
      const trex = defaults.get(id);
      if (!track || !trex) throw damaged();
      const head = readHead(data, tfhd, trex);
      const base = head.base ?? (head.baseIsMoof ? start : implicit);
      if (!begun.has(track)) {
        const tfdt = child(data, traf, 'tfdt');
        if (!tfdt) throw new NotCarried('its fragments do not say when they begin');
        const long = data.readUInt8(tfdt.body) === 1;
        track.begin(long ? readLong(data, tfdt.body + 4) : data.readUInt32BE(tfdt.body + 4));
        begun.add(track);
      }
      for (const trun of childrenOf(data, traf, 'trun')) implicit = track.add(data, trun, base, head);
    }
  }
  return new Map([...tracks].map(([id, track]) => [id, track.result()]));
}

interface Head extends Defaults {
  readonly base: number | undefined;
  readonly baseIsMoof: boolean;
}

function readHead(data: Buffer, tfhd: Box, trex: Defaults): Head {
  const flags = data.readUInt32BE(tfhd.body) & 0xff_ffff;
  let at = tfhd.body + 8;
  const word = (flag: number, otherwise: number): number => {
    if ((flags & flag) === 0) return otherwise;
    if (at + 4 > tfhd.end) throw damaged();
    at += 4;
    return data.readUInt32BE(at - 4);
  };
  let base: number | undefined;
  if (flags & BASE_DATA_OFFSET) {
    base = readLong(data, at);
    at += 8;
  }
  if (word(DESCRIPTION_INDEX, 1) !== 1) throw new NotCarried('its coding parameters change midway');
  return {
    base,
    baseIsMoof: (flags & BASE_IS_MOOF) !== 0,
    duration: word(DEFAULT_DURATION, trex.duration),
    size: word(DEFAULT_SIZE, trex.size),
    flags: word(DEFAULT_FLAGS, trex.flags),
  };
}

class TrackFragments {
  readonly #sound: boolean;
  readonly #fileSize: number;
  readonly #offset: number[] = [];
  readonly #size: number[] = [];
  readonly #dts: number[] = [];
  readonly #duration: number[] = [];
  readonly #reorder: number[] = [];
  readonly #sync: number[] = [];
  #reordered = false;
  #time = 0;
  #fragments = 0;
  #dtsShift = 0;

  constructor(header: TrackHeader, fileSize: number) {
    this.#sound = header.kind === 'sound';
    this.#fileSize = fileSize;
  }

  begin(time: number): void {
    const last = this.#dts.at(-1);
    // FFmpeg throws such pictures away after decoding.
    if (last !== undefined && time <= last) throw new NotCarried('its fragments overlap');
    // The distance to the next sample is what counts, not the length that the fragment before gave its last one.
    if (last !== undefined) this.#duration[this.#duration.length - 1] = time - last;
    this.#time = time;
    this.#fragments++;
  }

  /** @returns where the data of this run ends */
  add(data: Buffer, trun: Box, base: number, head: Head): number {
    const flags = data.readUInt32BE(trun.body) & 0xff_ffff;
    const count = data.readUInt32BE(trun.body + 4);
    let at = trun.body + 8;
    if ((flags & DATA_OFFSET) === 0) throw new NotCarried('its fragments are of a rare kind');
    let offset = base + data.readInt32BE(at);
    at += 4;
    let first = head.flags;
    if (flags & FIRST_FLAGS) {
      first = data.readUInt32BE(at);
      at += 4;
    }
    const fields = [SAMPLE_DURATION, SAMPLE_SIZE, SAMPLE_FLAGS, SAMPLE_REORDER].filter((flag) => flags & flag).length;
    if (count * fields * 4 > trun.end - at || offset < 0) throw damaged();
    if ((flags & SAMPLE_SIZE) === 0 && head.size * count > this.#fileSize) throw damaged();
    if (head.size === 0 && (flags & SAMPLE_SIZE) === 0 && count > 0) throw damaged();
    checkCount(this.#dts.length + count);
    const next = (flag: number, otherwise: number): number => {
      if ((flags & flag) === 0) return otherwise;
      at += 4;
      return data.readUInt32BE(at - 4);
    };
    for (let i = 0; i < count; i++) {
      const duration = next(SAMPLE_DURATION, head.duration);
      const size = next(SAMPLE_SIZE, head.size);
      const sampleFlags = next(SAMPLE_FLAGS, i === 0 ? first : head.flags);
      const reorder = next(SAMPLE_REORDER, 0) | 0;
      if (duration === 0 && i + 1 < count) throw new NotCarried('its times stand still');
      this.#reordered ||= (flags & SAMPLE_REORDER) !== 0;
      if (-reorder > this.#dtsShift) {
        // FFmpeg moves everything that it has not yet read then, and only that.
        if (this.#fragments > 1) throw new NotCarried('its pictures are reordered in an unusual way');
        this.#dtsShift = -reorder;
      }
      this.#offset.push(offset);
      this.#size.push(size);
      this.#dts.push(this.#time);
      this.#duration.push(duration);
      this.#reorder.push(reorder);
      this.#sync.push(this.#sound || (sampleFlags & NO_KEYFRAME) === 0 ? 1 : 0);
      this.#time += duration;
      offset += size;
    }
    return offset;
  }

  result(): RawSamples {
    const shift = this.#dtsShift;
    return {
      count: this.#dts.length,
      offset: Float64Array.from(this.#offset),
      size: Uint32Array.from(this.#size),
      // plainTimeline() takes the shift off again: FFmpeg leaves the decode times of fragments where they are.
      dts: Float64Array.from(this.#dts, (time) => time + shift),
      reorder: this.#reordered ? Int32Array.from(this.#reorder) : undefined,
      duration: Float64Array.from(this.#duration),
      sync: Uint8Array.from(this.#sync),
      partial: undefined,
      dtsShift: shift,
    };
  }
}
