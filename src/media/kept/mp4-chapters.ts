import { open } from 'node:fs/promises';

import type { Chapter } from './chapters.js';
import { box, boxes, findMoov, type Box } from './mp4-boxes.js';

// Chapters of mp4 and mov as Nero wrote them first: a `chpl` box in `moov/udta`, which most players read.

/** Chapters that the box has room for. */
export const MOST_IN_BOX = 255;

/** Chapters of the `chpl` box of a file; none where it has no such box. */
export async function readChapterBox(file: string): Promise<Chapter[]> {
  await using handle = await open(file, 'r');
  const moov = await findMoov(handle);
  const udta = [...boxes(moov?.data ?? Buffer.alloc(0))].filter(({ type }) => type === 'udta');
  const found = udta.flatMap(({ data }) => [...boxes(data)]).find(({ type }) => type === 'chpl');
  return found ? parseChapterBox(found.data) : [];
}

/** As many chapters as are there; the box has their starts in units of 100 ns. @param data `chpl` without its header */
export function parseChapterBox(data: Buffer): Chapter[] {
  const chapters: Chapter[] = [];
  // Version 1 has four reserved bytes in front of the count.
  let at = data[0] === 0 ? 4 : 8;
  const count = data[at++] ?? 0;
  for (let n = 0; n < count && at + 9 <= data.length; n++) {
    const start = Number(data.readBigUInt64BE(at)) / 1e7;
    const length = data.readUInt8(at + 8);
    const text = data.toString('utf8', at + 9, at + 9 + length);
    chapters.push({ start, titles: [{ text }], children: [] });
    at += 9 + length;
  }
  return chapters;
}

/** The whole `chpl` box. It has room for 255 chapters and 255 bytes of each title; the rest is left out. */
export function buildChapterBox(chapters: readonly Chapter[]): Buffer {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, Math.min(chapters.length, MOST_IN_BOX)]);
  const entries = chapters.slice(0, MOST_IN_BOX).map((chapter) => {
    const title = shorten(chapter.titles[0]?.text ?? '', 255);
    const entry = Buffer.alloc(9);
    entry.writeBigUInt64BE(BigInt(Math.round(chapter.start * 1e6)) * 10n);
    entry.writeUInt8(title.length, 8);
    return Buffer.concat([entry, title]);
  });
  return box('chpl', head, ...entries);
}

/** As much of a text as fits, never half a character. */
function shorten(text: string, bytes: number): Buffer {
  const whole = Buffer.from(text);
  if (whole.length <= bytes) return whole;
  let end = bytes;
  while (((whole[end] ?? 0) & 0xc0) === 0x80) end--;
  return whole.subarray(0, end);
}

// FFmpeg's muxer has no call for chapters from outside. It is made to reserve their room instead: a tag that the clip
// does not have, filled with a mark, becomes the box when the file is finished. So no offset in the file changes.
const MARK = 'room for chapters ';
const FREE_TAGS = ['comment', 'copyright', 'genre', 'description', 'synopsis', 'album', 'artist', 'title'];

/**
 * A tag that reserves room for `chapters` in an mp4 or mov.
 *
 * @param tags that the file will have; the result adds one
 * @returns undefined when the clip uses all of the tags that could serve
 */
export function reserveRoom(
  tags: Readonly<Record<string, string>>,
  chapters: readonly Chapter[],
): Record<string, string> | undefined {
  const used = new Set(Object.keys(tags).map((key) => key.toLowerCase()));
  const free = FREE_TAGS.find((tag) => !used.has(tag));
  const size = buildChapterBox(chapters).length + 16;
  // Tags of QuickTime have 16 bits for their length.
  if (free === undefined || size > 60_000) return undefined;
  return { [free]: MARK.padEnd(size, '.') };
}

/** Puts chapters into the room that {@link reserveRoom} made. @returns false when it is not there */
export async function fillRoom(file: string, chapters: readonly Chapter[]): Promise<boolean> {
  await using handle = await open(file, 'r+');
  const moov = await findMoov(handle);
  if (!moov) return false;
  let at = moov.at + 8;
  for (const { type, data } of boxes(moov.data)) {
    const size = data.length + 8;
    if (type === 'udta') {
      const parts = [...withoutMark(data), buildChapterBox(chapters)];
      const left = size - 8 - parts.reduce((sum, part) => sum + part.length, 0);
      if (left < 8) return false;
      const udta = box('udta', ...parts, box('free', Buffer.alloc(left - 8)));
      await handle.write(udta, 0, udta.length, at);
      return true;
    }
    at += size;
  }
  return false;
}

function withoutMark(udta: Buffer): Buffer[] {
  return [...boxes(udta)].flatMap(({ type, data }) => {
    if (!data.includes(MARK)) return [box(type, data)];
    if (type !== 'meta') return [];
    // A full box: version and flags come first.
    const inside = [...boxes(data.subarray(4))];
    const list = inside.find((found) => found.type === 'ilst');
    const place = [...boxes(list?.data ?? Buffer.alloc(0))].findIndex((item) => item.data.includes(MARK));
    const rest = inside.map((found) => {
      if (found.type === 'ilst') return box('ilst', ...renumbered([...boxes(found.data)], place));
      if (found.type !== 'keys') return box(found.type, found.data);
      const keys = [...boxes(found.data.subarray(8))].filter((_, n) => n !== place);
      const count = Buffer.alloc(4);
      count.writeUInt32BE(keys.length);
      return box('keys', found.data.subarray(0, 4), count, ...keys.map((key) => box(key.type, key.data)));
    });
    return [box('meta', data.subarray(0, 4), ...rest)];
  });
}

/** The items of a list of tags but one; where items are numbered by their keys, those behind it move up. */
function renumbered(items: readonly Box[], without: number): Buffer[] {
  return items.flatMap(({ type, data }, n) => {
    if (n === without) return [];
    const number = Buffer.from(type, 'latin1').readUInt32BE();
    if (n < without || number > items.length) return [box(type, data)];
    const moved = Buffer.alloc(4);
    moved.writeUInt32BE(number - 1);
    return [box(moved.toString('latin1'), data)];
  });
}
