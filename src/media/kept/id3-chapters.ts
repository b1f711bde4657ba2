import { open, type FileHandle } from 'node:fs/promises';

import type { Chapter } from './chapters.js';
import { bytesAt, MOST_HEADER } from './header-bytes.js';

// Chapters of MP3: frames `CHAP` of its ID3v2 tag ("ID3v2 Chapter Frame Addendum").

interface Frame {
  readonly id: string;
  readonly flags: number;
  readonly data: Buffer;
}

interface Tag {
  /** 3 or 4. */
  readonly version: number;
  /** Bytes behind the header of 10. */
  readonly length: number;
  readonly frames: readonly Frame[];
}

const HEADER = 10;

/** The chapters of the tag that a file begins with, on the clock of what is heard; none where it has none. */
export async function readId3Chapters(file: string): Promise<Chapter[]> {
  await using handle = await open(file, 'r');
  const tag = await readTag(handle);
  const found = tag?.frames.flatMap((frame) => (frame.id === 'CHAP' ? parseChapter(frame.data, tag.version) : []));
  return (found ?? []).sort((a, b) => a.start - b.start);
}

function parseChapter(data: Buffer, version: number): Chapter[] {
  const at = data.indexOf(0) + 1;
  if (at === 0 || at + 16 > data.length) return [];
  const start = data.readUInt32BE(at) / 1000;
  const end = data.readUInt32BE(at + 4) / 1000;
  const title = parseFrames(data.subarray(at + 16), version).find(({ id }) => id === 'TIT2');
  const text = title ? decodeText(title.data) : '';
  return [{ start, ...(end > start && { end }), titles: [{ text }], children: [] }];
}

const ENCODINGS = ['latin1', 'utf-16', 'utf-16be', 'utf-8'];

/** The first text of a text frame (ID3v2.4.0 structure, 4). */
function decodeText(data: Buffer): string {
  const text = new TextDecoder(ENCODINGS[data[0] ?? 0] ?? 'latin1').decode(data.subarray(1));
  return text.split('\0', 1)[0] ?? '';
}

async function readTag(handle: FileHandle): Promise<Tag | undefined> {
  const head = await bytesAt(handle, 0, HEADER);
  if (head.length < HEADER || head.toString('latin1', 0, 3) !== 'ID3') return undefined;
  const version = head.readUInt8(3);
  const flags = head.readUInt8(5);
  const length = sevenBits(head, 6);
  if ((version !== 3 && version !== 4) || length > MOST_HEADER) return undefined;
  const body = await bytesAt(handle, HEADER, length);
  if (body.length < length) return undefined;
  // Bytes that would look like sound had a zero put behind them; in version 4 each frame says so itself.
  const plain = (flags & 0x80) !== 0 && version === 3 ? resynchronised(body) : body;
  return { version, length, frames: parseFrames(plain.subarray(extendedLength(plain, version, flags)), version) };
}

function extendedLength(data: Buffer, version: number, flags: number): number {
  if ((flags & 0x40) === 0 || data.length < 4) return 0;
  return version === 4 ? sevenBits(data, 0) : data.readUInt32BE() + 4;
}

function parseFrames(data: Buffer, version: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + HEADER <= data.length && data[at] !== 0;) {
    const size = version === 4 ? sevenBits(data, at + 4) : data.readUInt32BE(at + 4);
    const end = at + HEADER + size;
    if (end > data.length) break;
    const flags = data.readUInt16BE(at + 8);
    const content = data.subarray(at + HEADER, end);
    const changed = version === 4 && (flags & 2) !== 0;
    const inner = version === 4 && (flags & 1) !== 0 ? content.subarray(4) : content;
    frames.push({ id: data.toString('latin1', at, at + 4), flags, data: changed ? resynchronised(inner) : content });
    at = end;
  }
  return frames;
}

function resynchronised(data: Buffer): Buffer {
  return Buffer.from(data.filter((byte, n) => byte !== 0 || data[n - 1] !== 0xff));
}

/** 28 bits in four bytes. */
function sevenBits(data: Buffer, at: number): number {
  let value = 0;
  for (let n = 0; n < 4; n++) value = value * 128 + ((data[at + n] ?? 0) & 127);
  return value;
}

// FFmpeg's muxer has no call for chapters from outside: as in mp4, a tag of our own holds their room.
const ROOM = 'room for chapters';

/** A tag that reserves room in an MP3 for `chapters`. */
export function reserveId3Room(chapters: readonly Chapter[]): Record<string, string> {
  return { [ROOM]: '.'.repeat(buildFrames(chapters).length) };
}

/** Puts chapters into the room that {@link reserveId3Room} made. @returns false when it is not there */
export async function fillId3Room(file: string, chapters: readonly Chapter[]): Promise<boolean> {
  await using handle = await open(file, 'r+');
  const tag = await readTag(handle);
  const others = tag?.frames.filter(({ id, data }) => id !== 'TXXX' || !data.includes(ROOM));
  if (tag?.version !== 4 || !others || others.length === tag.frames.length) return false;
  const frames = Buffer.concat([...others.map(({ id, flags, data }) => frame(id, data, flags)), buildFrames(chapters)]);
  if (frames.length > tag.length) return false;
  const body = Buffer.alloc(tag.length);
  frames.copy(body);
  await handle.write(body, 0, body.length, HEADER);
  return true;
}

/** Those of version 4, with a table of contents, which has room for 255 of them. */
function buildFrames(chapters: readonly Chapter[]): Buffer {
  const names = chapters.map((_, n) => Buffer.from(`chp${n}\0`));
  const frames = chapters.map((chapter, n) => {
    const times = Buffer.alloc(16, 0xff);
    const end = chapter.end ?? chapters[n + 1]?.start ?? chapter.start;
    times.writeUInt32BE(Math.round(chapter.start * 1000), 0);
    times.writeUInt32BE(Math.round(end * 1000), 4);
    const title = frame('TIT2', Buffer.from(`\x03${chapter.titles[0]?.text ?? ''}`));
    return frame('CHAP', Buffer.concat([names[n] ?? Buffer.alloc(0), times, title]));
  });
  if (names.length > 255) return Buffer.concat(frames);
  // At the top, and in order.
  const contents = frame('CTOC', Buffer.concat([Buffer.from('toc\0\x03'), Buffer.from([names.length]), ...names]));
  return Buffer.concat([contents, ...frames]);
}

function frame(id: string, data: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(HEADER);
  head.write(id, 'latin1');
  for (let n = 0; n < 4; n++) head[4 + n] = (data.length >> (7 * (3 - n))) & 127;
  head.writeUInt16BE(flags, 8);
  return Buffer.concat([head, data]);
}
