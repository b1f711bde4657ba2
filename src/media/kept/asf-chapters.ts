import { open } from 'node:fs/promises';

import type { Chapter } from './chapters.js';
import { bytesAt, MOST_HEADER } from './header-bytes.js';

// Chapters of ASF (wmv, wma): its markers (Advanced Systems Format, 3.7).

const HEADER = '3026b2758e66cf11a6d900aa0062ce6c';
const MARKERS = '01cd87f451a9cf118ee600c00c205365';
const PROPERTIES = 'a1dcab8c47a9cf118ee400c00c205365';

/** The chapters of an ASF file, in seconds of the clip; none where it has none. */
export async function readAsfChapters(file: string): Promise<Chapter[]> {
  await using handle = await open(file, 'r');
  const head = await bytesAt(handle, 0, 30);
  if (head.length < 30 || head.toString('hex', 0, 16) !== HEADER) return [];
  const size = Number(head.readBigUInt64LE(16));
  if (size < 30 || size > MOST_HEADER) return [];
  const header = await bytesAt(handle, 30, size - 30);
  let preroll = 0;
  let markers: Buffer | undefined;
  for (const { id, data } of objects(header)) {
    // Milliseconds that all times in the file are ahead of what is shown.
    if (id === PROPERTIES && data.length >= 64) preroll = Number(data.readBigUInt64LE(56)) / 1000;
    if (id === MARKERS) markers = data;
  }
  return markers ? parseMarkers(markers, preroll) : [];
}

function* objects(data: Buffer): Generator<{ readonly id: string; readonly data: Buffer }> {
  for (let at = 0; at + 24 <= data.length;) {
    const size = Number(data.readBigUInt64LE(at + 16));
    if (size < 24 || at + size > data.length) return;
    yield { id: data.toString('hex', at, at + 16), data: data.subarray(at + 24, at + size) };
    at += size;
  }
}

function parseMarkers(data: Buffer, preroll: number): Chapter[] {
  const chapters: Chapter[] = [];
  if (data.length < 24) return chapters;
  let at = 24 + data.readUInt16LE(22);
  for (let count = data.readUInt32LE(16); count > 0 && at + 30 <= data.length; count--) {
    const start = Number(data.readBigUInt64LE(at + 8)) / 1e7 - preroll;
    const length = data.readUInt32LE(at + 26) * 2;
    const text = data.toString('utf16le', at + 30, at + 30 + length).replace(/\0+$/u, '');
    chapters.push({ start: Math.max(0, start), titles: [{ text }], children: [] });
    at += 30 + length;
  }
  return chapters.sort((a, b) => a.start - b.start);
}
