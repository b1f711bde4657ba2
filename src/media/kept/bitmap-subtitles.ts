import { keptMoment, type KeptRange } from '../../timeline/placement.js';

// Subtitles made of pictures. Blu-ray's (PGS) and DVB's have no end of their own: a packet changes what is shown, and it
// stays until the next one. A DVD's say in their commands how long they are shown.

/** What a packet of such a stream does to the screen. */
export interface Change {
  /** Seconds of the container's clock. */
  readonly start: number;
  readonly data: Buffer;
}

/** A packet of the result: one of the source, or one that takes the picture away. */
export interface PlacedChange {
  /** Seconds of the result. */
  readonly start: number;
  /** The place of the packet in the source; undefined for `data` of our own. */
  readonly source: number | undefined;
  readonly data: Buffer;
}

export type StateCodec = 'hdmv_pgs_subtitle' | 'dvb_subtitle';

/** Whether what such a track shows stays until its next packet. @param codec FFmpeg's name */
export function isStateCodec(codec: string): codec is StateCodec {
  return codec === 'hdmv_pgs_subtitle' || codec === 'dvb_subtitle';
}

/**
 * The packets of the result. A picture that was put up before a kept range is put up at its beginning, and one that
 * was taken away only after it is taken away at its end, unless the next range shows the same.
 */
export function placeChanges(
  codec: StateCodec,
  changes: readonly Change[],
  ranges: readonly KeptRange[],
): PlacedChange[] {
  const { clears, begins, clear } = CODECS[codec];
  // The change that decides what is shown at a moment, or undefined when nothing is.
  const shownAt = (time: number): number | undefined => {
    const last = changes.findLastIndex((change) => change.start <= time);
    const change = changes[last];
    return change && !clears(change.data) ? last : undefined;
  };
  const placed: PlacedChange[] = [];
  let shown: number | undefined;
  for (const [n, range] of ranges.entries()) {
    const before = shownAt(range.start);
    if (before !== shown && before !== undefined) {
      // Whatever it builds on has to be there too.
      const first = changes.findLastIndex((change, m) => m <= before && begins(change.data));
      for (let m = Math.max(0, first); m <= before; m++) {
        const data = changes[m]?.data;
        if (data) placed.push({ start: range.outStart, source: m, data });
      }
    }
    for (const [m, change] of changes.entries()) {
      if (change.start <= range.start) continue;
      const start = keptMoment([range], change.start);
      if (start !== undefined) placed.push({ start, source: m, data: change.data });
    }
    const end = range.start + range.outEnd - range.outStart;
    shown = shownAt(end - 1e-6);
    const next = ranges[n + 1];
    const last = shown === undefined ? undefined : changes[shown];
    if (last && next && shownAt(next.start) !== shown) {
      const data = clear(last.data);
      if (data) placed.push({ start: range.outEnd, source: undefined, data });
      shown = undefined;
    }
  }
  return placed;
}

interface Meaning {
  /** Whether nothing is shown after this packet; one that cannot be read shows something. */
  readonly clears: (data: Buffer) => boolean;
  /** Whether the packet builds on no earlier one. */
  readonly begins: (data: Buffer) => boolean;
  /** A packet that takes away what `data` shows. */
  readonly clear: (data: Buffer) => Buffer | undefined;
}

/** A segment's type and content; both codecs have the like. */
function find(data: Buffer, type: number, head: number, sync: number): Buffer | undefined {
  for (let at = 0; at + head <= data.length;) {
    const length = data.readUInt16BE(at + head - 2);
    if (sync > 0 && data[at] !== 0x0f) return undefined;
    if (data[at + sync] === type) return data.subarray(at, at + head + length);
    at += head + length;
  }
  return undefined;
}

// Presentation composition segment: type, length, size of the picture, rate, number, state, palette, count of objects.
const pgs: Meaning = {
  clears: (data) => find(data, 0x16, 3, 0)?.[13] === 0,
  begins: (data) => ((find(data, 0x16, 3, 0)?.[10] ?? 0x80) & 0xc0) !== 0,
  clear: (data) => {
    const composition = find(data, 0x16, 3, 0);
    if (!composition || composition.length < 14) return undefined;
    const empty = Buffer.from(composition.subarray(0, 14));
    empty.writeUInt16BE(11, 1);
    empty.writeUInt16BE((empty.readUInt16BE(8) + 1) & 0xffff, 8);
    empty.fill(0, 10);
    return Buffer.concat([empty, Buffer.from([0x80, 0, 0])]);
  },
};

// Page composition segment (ETSI EN 300 743 7.2.2): sync, type, page, length, time-out, version and state, regions.
const dvb: Meaning = {
  clears: (data) => find(data, 0x10, 6, 1)?.length === 8,
  begins: (data) => ((find(data, 0x10, 6, 1)?.[7] ?? 4) & 0x0c) !== 0,
  clear: (data) => {
    const page = find(data, 0x10, 6, 1);
    if (!page || page.length < 8) return undefined;
    const empty = Buffer.from(page.subarray(0, 8));
    empty.writeUInt16BE(2, 4);
    const version = ((page[7] ?? 0) + 0x10) & 0xf0;
    empty[7] = version;
    const end = Buffer.from(page.subarray(0, 6));
    end[1] = 0x80;
    end.writeUInt16BE(0, 4);
    return Buffer.concat([empty, end]);
  },
};

const CODECS: Readonly<Record<StateCodec, Meaning>> = { hdmv_pgs_subtitle: pgs, dvb_subtitle: dvb };

// Dates of a DVD's commands count 1024 ticks of its 90 kHz clock.
const DVD_TICK_SECONDS = 1024 / 90_000;
const STOP = 2;

/** How long a DVD's subtitle is shown, in seconds; undefined when it does not say. */
export function dvdDuration(data: Buffer): number | undefined {
  const at = stopDate(data);
  return at === undefined ? undefined : data.readUInt16BE(at) * DVD_TICK_SECONDS;
}

/** The same subtitle, shown for another time. */
export function withDvdDuration(data: Buffer, seconds: number): Buffer {
  const copy = Buffer.from(data);
  const at = stopDate(copy);
  if (at !== undefined) copy.writeUInt16BE(Math.min(0xffff, Math.round(seconds / DVD_TICK_SECONDS)), at);
  return copy;
}

/** Where the date of the command that ends the display lies. */
function stopDate(data: Buffer): number | undefined {
  if (data.length < 4) return undefined;
  let at = data.readUInt16BE(2);
  for (let n = 0; n < 100 && at + 4 <= data.length; n++) {
    const next = data.readUInt16BE(at + 2);
    for (let command = at + 4; command < data.length && data[command] !== 0xff;) {
      const code = data[command] ?? 0xff;
      if (code === STOP) return at;
      const length = COMMAND_LENGTHS[code];
      if (length === undefined) break;
      command += length;
    }
    // The last one refers to itself.
    if (next <= at) return undefined;
    at = next;
  }
  return undefined;
}

const COMMAND_LENGTHS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 1, 3: 3, 4: 3, 5: 7, 6: 5 };
