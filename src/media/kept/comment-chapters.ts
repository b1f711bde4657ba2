import { open, type FileHandle } from 'node:fs/promises';

import type { Chapter } from './chapters.js';
import { bytesAt, MOST_HEADER } from './header-bytes.js';

// Chapters among the comments of Ogg and FLAC: CHAPTER001=00:01:02.345 and CHAPTER001NAME=… ("OGM style", as Xiph
// recommends in its "Chapter Extension").

/** The chapters of an Ogg or FLAC file; none where it has none. */
export async function readCommentChapters(file: string): Promise<Chapter[]> {
  await using handle = await open(file, 'r');
  const magic = await bytesAt(handle, 0, 4);
  const comments =
    magic.toString('latin1') === 'fLaC' ? await flacComments(handle) : await oggComments(handle).catch(() => undefined);
  return comments ? chaptersOf(parseComments(comments)) : [];
}

/** What {@link readCommentChapters} reads, as tags of the file. */
export function chapterComments(chapters: readonly Chapter[]): Record<string, string> {
  const comments: Record<string, string> = {};
  for (const [n, chapter] of chapters.entries()) {
    const key = `CHAPTER${String(n + 1).padStart(3, '0')}`;
    comments[key] = clock(chapter.start);
    comments[`${key}NAME`] = chapter.titles[0]?.text ?? '';
  }
  return comments;
}

function clock(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, '0');
  return `${hours}${new Date(milliseconds % 3_600_000).toISOString().slice(13, 23)}`;
}

function chaptersOf(comments: readonly (readonly [string, string])[]): Chapter[] {
  const named = new Map(comments.map(([key, value]) => [key.toUpperCase(), value]));
  return comments
    .flatMap(([key, value]): Chapter[] => {
      const number = /^CHAPTER(\d{2,4})$/iu.exec(key)?.[1];
      const [, hours, minutes, seconds] = /^\s*(\d+):(\d{2}):(\d{2}(?:\.\d+)?)\s*$/u.exec(value) ?? [];
      if (number === undefined || hours === undefined) return [];
      const start = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      return [{ start, titles: [{ text: named.get(`CHAPTER${number}NAME`) ?? '' }], children: [] }];
    })
    .sort((a, b) => a.start - b.start);
}

/** Keys and values of a Vorbis comment header (Xiph, "Ogg Vorbis I format specification: comment field"). */
export function parseComments(data: Buffer): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  let at = 0;
  const number = (): number => {
    if (at + 4 > data.length) return 0;
    at += 4;
    return data.readUInt32LE(at - 4);
  };
  // Who wrote it comes first.
  const writer = number();
  at += writer;
  for (let count = number(); count > 0 && at + 4 <= data.length; count--) {
    const length = number();
    const text = data.toString('utf8', at, at + length);
    at += length;
    const split = text.indexOf('=');
    if (split > 0) found.push([text.slice(0, split), text.slice(split + 1)]);
  }
  return found;
}

const COMMENT_BLOCK = 4;

/** RFC 9639 8. */
async function flacComments(handle: FileHandle): Promise<Buffer | undefined> {
  for (let at = 4, last = false; !last;) {
    const head = await bytesAt(handle, at, 4);
    if (head.length < 4) return undefined;
    const kind = head.readUInt8();
    const length = head.readUIntBE(1, 3);
    if ((kind & 127) === COMMENT_BLOCK) return bytesAt(handle, at + 4, length);
    last = kind > 127;
    at += 4 + length;
  }
  return undefined;
}

const PREFIXES = ['\x03vorbis', 'OpusTags'];

/** The second packet of the first stream that has comments (RFC 3533 6). */
async function oggComments(handle: FileHandle): Promise<Buffer | undefined> {
  const parts = new Map<number, Buffer[]>();
  for (let at = 0, read = 0; read < MOST_HEADER;) {
    const head = await bytesAt(handle, at, 27 + 255);
    if (head.length < 28 || head.toString('latin1', 0, 4) !== 'OggS') return undefined;
    const serial = head.readUInt32LE(14);
    const lacing = head.subarray(27, 27 + head.readUInt8(26));
    const length = lacing.reduce((sum, size) => sum + size, 0);
    const body = await bytesAt(handle, at + 27 + lacing.length, length);
    at += 27 + lacing.length + length;
    read += length;
    let begin = 0;
    let end = 0;
    for (const size of lacing) {
      end += size;
      if (size === 255) continue;
      const packet = Buffer.concat([...(parts.get(serial) ?? []), body.subarray(begin, end)]);
      const prefix = PREFIXES.find((word) => packet.toString('latin1', 0, word.length) === word);
      if (prefix !== undefined) return packet.subarray(prefix.length);
      parts.delete(serial);
      begin = end;
    }
    if (end > begin) parts.set(serial, [...(parts.get(serial) ?? []), body.subarray(begin, end)]);
  }
  return undefined;
}
