import { open, type FileHandle } from 'node:fs/promises';

import { boxesIn, child, damaged, NotCarried, type Box } from './boxes.js';
import { readFragments, type FragmentBox } from './fragments.js';
import { completeTrack, keep, readTrackHeader, type KeptBox, type Track } from './track.js';

/** An mp4 or mov file: where each sample lies and when it is shown, read without touching the media itself. */
export interface Movie {
  readonly file: string;
  readonly fileSize: number;
  readonly kind: 'mp4' | 'mov';
  /** In the order of the file, which is that of FFmpeg's streams. */
  readonly tracks: readonly Track[];
  readonly fragmented: boolean;
  /** Ticks per second of the header's durations. */
  readonly timescale: number;
  readonly boxes: MovieBoxes;
  /** Of its `moov` box. */
  readonly headerBytes: number;
}

export interface MovieBoxes {
  readonly ftyp: Buffer | undefined;
  /** Children of `moov` in the order of the file; those of tracks without bytes. */
  readonly moov: readonly KeptBox[];
  /** Other boxes of the file's top level that say something about it. */
  readonly top: readonly KeptBox[];
}

/** Why a file cannot be carried over; half a sentence: "its sound is encrypted". */
export interface MovieObstacle {
  readonly reason: string;
}

// A day of sixty frames a second, with sound and telemetry, has tables of about 100 MB.
const LARGEST_HEADER = 512 * 2 ** 20;
const LARGEST_EXTRA = 16 * 2 ** 20;
const MOST_TOP_BOXES = 1_000_000;

/**
 * Reads the header of an mp4 or mov file, with those of all fragments.
 *
 * @param only the id of the one track that is wanted; the tables of the others are not read then
 * @param expected bytes that the file is going to have, where its end is still being written
 * @returns an obstacle for other files and for those that use what is not carried over exactly
 * @throws the file system's errors
 */
export async function readMovie(file: string, only?: number, expected?: number): Promise<Movie | MovieObstacle> {
  const handle = await open(file, 'r');
  try {
    return await read(file, handle, only, expected);
  } catch (error) {
    if (error instanceof NotCarried) return { reason: error.message };
    // A buffer was read beyond its end: a box is shorter than its kind allows.
    if (error instanceof RangeError) return { reason: damaged().message };
    throw error;
  } finally {
    await handle.close();
  }
}

async function read(
  file: string,
  handle: FileHandle,
  only: number | undefined,
  expected: number | undefined,
): Promise<Movie> {
  const fileSize = expected ?? (await handle.stat()).size;
  const window = new Window(handle);
  let ftyp: Buffer | undefined;
  let moov: Buffer | undefined;
  const top: KeptBox[] = [];
  const moofs: FragmentBox[] = [];
  let boxes = 0;
  for await (const box of topBoxes(window, fileSize)) {
    if (++boxes > MOST_TOP_BOXES) throw damaged();
    if (boxes === 1 && !FIRST.has(box.type)) throw new NotCarried('it is neither mp4 nor mov');
    if (box.type === 'moov') {
      if (moov) throw damaged();
      moov = await load(window, box, LARGEST_HEADER);
    } else if (box.type === 'moof') {
      moofs.push({ start: box.start, data: await load(window, box, LARGEST_EXTRA) });
    } else if (box.type === 'ftyp') ftyp ??= await load(window, box, 4096);
    else if (box.type === 'meta' || box.type === 'uuid' || box.type === 'udta') {
      if (box.end - box.start <= LARGEST_EXTRA) {
        top.push({ type: box.type, bytes: await load(window, box, LARGEST_EXTRA) });
      }
    }
  }
  if (!moov) throw new NotCarried('its index is missing');
  return assemble(file, fileSize, { ftyp, moov, top, moofs }, only);
}

// What such a file may begin with; anything else is of another kind.
const FIRST = new Set(['ftyp', 'styp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'uuid', 'sidx']);

/** Reads through a window, in which a fragment's header mostly lies whole. */
class Window {
  readonly #handle: FileHandle;
  readonly #bytes = Buffer.alloc(64 * 2 ** 10);
  #start = 0;
  #length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @returns a copy of the bytes; fewer at the end of the file */
  async read(at: number, size: number): Promise<Buffer> {
    if (size > this.#bytes.length) {
      const data = Buffer.alloc(size);
      return data.subarray(0, await this.#fill(data, at));
    }
    if (at < this.#start || at + size > this.#start + this.#length) {
      this.#length = await this.#fill(this.#bytes, at);
      this.#start = at;
    }
    const from = at - this.#start;
    return Buffer.from(this.#bytes.subarray(from, Math.min(from + size, this.#length)));
  }

  async #fill(data: Buffer, at: number): Promise<number> {
    for (let done = 0; ;) {
      const { bytesRead } = await this.#handle.read(data, done, data.length - done, at + done);
      done += bytesRead;
      if (bytesRead === 0 || done === data.length) return done;
    }
  }
}

async function* topBoxes(window: Window, fileSize: number): AsyncGenerator<Box> {
  for (let start = 0; fileSize - start >= 8;) {
    const bytes = await window.read(start, 16);
    if (bytes.length < 8) return;
    let size = bytes.readUInt32BE(0);
    const type = bytes.toString('latin1', 4, 8);
    const long = size === 1;
    if (long) size = bytes.length < 16 ? 0 : Number(bytes.readBigUInt64BE(8));
    else if (size === 0) size = fileSize - start;
    if (size < (long ? 16 : 8)) throw damaged();
    if (size > fileSize - start) {
      if (type === 'mdat') throw new NotCarried('it is cut off');
      // Cameras add things of their own behind the last box.
      if (start > 0 && !/^(moov|moof)$/.test(type)) return;
      throw damaged();
    }
    yield { type, start, body: start + (long ? 16 : 8), end: start + size };
    start += size;
  }
}

async function load(window: Window, box: Box, largest: number): Promise<Buffer> {
  const size = box.end - box.start;
  if (size > largest) throw new NotCarried('its index is too large');
  const data = await window.read(box.start, size);
  if (data.length < size) throw new NotCarried('it is cut off');
  return data;
}

interface Loaded {
  readonly ftyp: Buffer | undefined;
  readonly moov: Buffer;
  readonly top: readonly KeptBox[];
  readonly moofs: readonly FragmentBox[];
}

function assemble(
  file: string,
  fileSize: number,
  { ftyp, moov: data, top, moofs }: Loaded,
  only: number | undefined,
): Movie {
  const [moov] = boxesIn(data);
  if (!moov) throw damaged();
  const children = boxesIn(data, moov.body, moov.end);
  if (children.some(({ type }) => type === 'cmov')) throw new NotCarried('its index is compressed');
  if (children.some(({ type }) => type === 'rmra')) throw new NotCarried('its media lies in another file');
  for (const meta of children.filter(({ type }) => type === 'meta')) assertNoLocations(data, meta);
  for (const { type, bytes } of top) if (type === 'meta') assertNoLocations(bytes, onlyBox(bytes));
  const mvhd = child(data, moov, 'mvhd');
  if (!mvhd) throw damaged();
  const timescale = data.readUInt32BE(mvhd.body + (data.readUInt8(mvhd.body) === 1 ? 20 : 12));
  if (timescale === 0) throw damaged();
  const traks = children.filter(({ type }) => type === 'trak');
  if (traks.length === 0 || traks.length > 1000) throw damaged();
  const headers = traks.map((trak) => readTrackHeader(data, trak, timescale));
  if (new Set(headers.map(({ id }) => id)).size !== headers.length) throw damaged();
  const mvex = child(data, moov, 'mvex');
  const fragments = moofs.length > 0 && mvex ? readFragments(data, mvex, headers, moofs, fileSize) : undefined;
  const tracks = headers
    .filter(({ id }) => only === undefined || id === only)
    .map((header) => completeTrack(data, header, headers, fileSize, fragments?.get(header.id)));
  return {
    file,
    fileSize,
    kind: !ftyp || ftyp.toString('latin1', 8, 12) === 'qt  ' ? 'mov' : 'mp4',
    tracks,
    fragmented: fragments !== undefined,
    timescale,
    headerBytes: data.length,
    boxes: {
      ftyp,
      moov: keep(data, moov, ['trak']).filter(({ type }) => !['mvex', 'free', 'skip', 'wide'].includes(type)),
      top,
    },
  };
}

function onlyBox(bytes: Buffer): Box {
  const [box] = boxesIn(bytes);
  if (!box) throw damaged();
  return box;
}

/** @throws NotCarried when metadata points at bytes of the file by their position (ISO/IEC 14496-12, 8.11.3) */
function assertNoLocations(data: Buffer, meta: Box): void {
  if (data.subarray(meta.body, meta.end).includes('iloc')) throw new NotCarried('its metadata points into the file');
}
