import { open } from 'node:fs/promises';

import type { Chapter, ChapterList, ChapterTitle } from '../kept/chapters.js';
import {
  contentOf,
  element,
  elements,
  headAt,
  ID,
  idBytes,
  readSegment,
  sizeBytes,
  text,
  textElement,
  unsigned,
  unsignedElement,
  type Placed,
  type Segment,
} from './matroska.js';

// Chapters of Matroska and WebM (RFC 9559 5.1.7).
const EDITION = {
  entry: 0x45b9,
  uid: 0x45bc,
  hidden: 0x45bd,
  preferred: 0x45db,
  ordered: 0x45dd,
} as const;
const ATOM = {
  entry: 0xb6,
  uid: 0x73c4,
  start: 0x91,
  end: 0x92,
  hidden: 0x98,
  enabled: 0x4598,
  linked: 0x6e67,
  display: 0x80,
  title: 0x85,
  language: 0x437c,
  languageTag: 0x437d,
} as const;

// Deeper nesting than any author makes is damage.
const DEEPEST = 8;

/** The chapters of a Matroska or WebM file. */
export async function readMatroskaChapters(file: string): Promise<ChapterList[]> {
  await using handle = await open(file, 'r');
  const segment = await readSegment(handle);
  if (!segment) return [];
  let found = segment.leading.find(({ id }) => id === ID.chapters);
  for (const seekHead of segment.leading) {
    if (found || seekHead.id !== ID.seekHead) continue;
    for (const { id, position } of seeks(await contentOf(handle, seekHead))) {
      if (id !== ID.chapters) continue;
      const head = await headAt(handle, segment.content + position);
      if (head?.id === ID.chapters) found = head;
    }
  }
  return found ? parseChapters(await contentOf(handle, found)) : [];
}

/** @param content of a Chapters element */
export function parseChapters(content: Buffer): ChapterList[] {
  const lists: ChapterList[] = [];
  for (const entry of elements(content)) {
    if (entry.id !== EDITION.entry) continue;
    const fields = new Map([...elements(entry.data)].map(({ id, data }) => [id, data]));
    const uid = fields.get(EDITION.uid);
    const chapters = parseAtoms(entry.data, DEEPEST);
    if (chapters.length === 0) continue;
    lists.push({
      chapters,
      hidden: flag(fields.get(EDITION.hidden)),
      ordered: flag(fields.get(EDITION.ordered)),
      preferred: flag(fields.get(EDITION.preferred)),
      ...(uid && { id: unsigned(uid) }),
    });
  }
  return lists;
}

function parseAtoms(parent: Buffer, depth: number): Chapter[] {
  const chapters: Chapter[] = [];
  if (depth === 0) return chapters;
  for (const atom of elements(parent)) {
    if (atom.id !== ATOM.entry) continue;
    const inside = [...elements(atom.data)];
    const fields = new Map(inside.map(({ id, data }) => [id, data]));
    const start = fields.get(ATOM.start);
    // A linked chapter is a part of another file.
    if (!start || fields.has(ATOM.linked)) continue;
    const end = fields.get(ATOM.end);
    const uid = fields.get(ATOM.uid);
    const enabled = fields.get(ATOM.enabled);
    chapters.push({
      start: seconds(start),
      titles: inside.filter(({ id }) => id === ATOM.display).map(({ data }) => parseTitle(data)),
      children: parseAtoms(atom.data, depth - 1),
      hidden: flag(fields.get(ATOM.hidden)),
      disabled: enabled !== undefined && !flag(enabled),
      ...(end && { end: seconds(end) }),
      ...(uid && { id: unsigned(uid) }),
    });
  }
  return chapters;
}

function parseTitle(display: Buffer): ChapterTitle {
  const fields = new Map([...elements(display)].map(({ id, data }) => [id, data]));
  const tag = fields.get(ATOM.languageTag);
  return {
    text: text(fields.get(ATOM.title) ?? Buffer.alloc(0)),
    // Without one it is English (RFC 9559 5.1.7.1.4.11).
    language: text(fields.get(ATOM.language) ?? Buffer.from('eng')),
    ...(tag && { languageTag: text(tag) }),
  };
}

function flag(data: Buffer | undefined): boolean {
  return data !== undefined && unsigned(data) !== 0n;
}

// Times are nanoseconds, whatever the scale of the file.
function seconds(data: Buffer): number {
  return Number(unsigned(data)) / 1e9;
}

/** A whole Chapters element. */
export function buildChapters(lists: readonly ChapterList[]): Buffer {
  let next = 1n;
  const used = new Set<bigint>();
  const id = (wished: bigint | undefined): bigint => {
    while (used.has(next)) next++;
    const chosen = wished === undefined || wished === 0n || used.has(wished) ? next : wished;
    used.add(chosen);
    return chosen;
  };
  const atom = (chapter: Chapter): Buffer =>
    element(ATOM.entry, [
      unsignedElement(ATOM.uid, id(chapter.id)),
      unsignedElement(ATOM.start, nanoseconds(chapter.start)),
      ...(chapter.end === undefined ? [] : [unsignedElement(ATOM.end, nanoseconds(chapter.end))]),
      unsignedElement(ATOM.hidden, chapter.hidden ? 1 : 0),
      unsignedElement(ATOM.enabled, chapter.disabled ? 0 : 1),
      ...chapter.titles.map((title) =>
        element(ATOM.display, [
          textElement(ATOM.title, title.text),
          textElement(ATOM.language, title.language ?? 'und'),
          ...(title.languageTag === undefined ? [] : [textElement(ATOM.languageTag, title.languageTag)]),
        ]),
      ),
      ...chapter.children.map(atom),
    ]);
  const editions = lists.map((list) =>
    element(EDITION.entry, [
      ...(list.id === undefined ? [] : [unsignedElement(EDITION.uid, list.id)]),
      unsignedElement(EDITION.hidden, list.hidden ? 1 : 0),
      unsignedElement(EDITION.preferred, list.preferred ? 1 : 0),
      ...list.chapters.map(atom),
    ]),
  );
  return element(ID.chapters, editions);
}

function nanoseconds(time: number): bigint {
  return BigInt(Math.round(time * 1e6)) * 1000n;
}

/**
 * Adds chapters to a finished Matroska or WebM file: at the end of its Segment, named in its SeekHead, which has room
 * for that because FFmpeg's muxer reserves it.
 *
 * @returns whether the file could take them; otherwise it is as it was
 */
export async function addMatroskaChapters(file: string, lists: readonly ChapterList[]): Promise<boolean> {
  await using handle = await open(file, 'r+');
  const segment = await readSegment(handle);
  if (segment?.size === undefined) return false;
  const seekHead = segment.leading.find(({ id }) => id === ID.seekHead);
  if (!seekHead) return false;
  const entry = element(ID.seek, [
    element(ID.seekId, idBytes(ID.chapters)),
    unsignedElement(ID.seekPosition, segment.size),
  ]);
  const found = [...elements(await contentOf(handle, seekHead))];
  // A checksum of the old content would be wrong; it is optional.
  const rest = found.filter(({ id }) => id !== ID.crc32).map(({ id, data }) => element(id, data));
  const index = fill([...rest, entry], room(segment, seekHead));
  if (!index) return false;
  const chapters = buildChapters(lists);
  const size = segment.size + chapters.length;
  if (size >= 2 ** (7 * segment.width) - 1) return false;
  await handle.write(chapters, 0, chapters.length, segment.content + segment.size);
  await handle.write(index, 0, index.length, seekHead.at);
  await handle.write(sizeBytes(size, segment.width), 0, segment.width, segment.content - segment.width);
  return true;
}

/** Bytes of the SeekHead and the Void behind it. */
function room(segment: Segment, seekHead: Placed): number {
  const own = seekHead.length + (seekHead.size ?? 0);
  const after = segment.leading.find(({ at }) => at === seekHead.at + own);
  return after?.id === ID.void ? own + after.length + (after.size ?? 0) : own;
}

/** A SeekHead, with a Void behind it that fills `space` exactly; undefined when it does not fit. */
function fill(entries: readonly Buffer[], space: number): Buffer | undefined {
  for (const width of [undefined, 8]) {
    const head = element(ID.seekHead, entries, width);
    const left = space - head.length;
    if (left === 0) return head;
    // The shortest Void has two bytes; a wider length of the SeekHead takes up a single one.
    if (left < 2) continue;
    const wide = left >= 9;
    return Buffer.concat([head, element(ID.void, Buffer.alloc(left - (wide ? 9 : 2)), wide ? 8 : 1)]);
  }
  return undefined;
}

function* seeks(content: Buffer): Generator<{ id: number; position: number }> {
  for (const entry of elements(content)) {
    if (entry.id !== ID.seek) continue;
    const fields = new Map([...elements(entry.data)].map(({ id, data }) => [id, data]));
    const id = fields.get(ID.seekId);
    const position = fields.get(ID.seekPosition);
    if (id && position) yield { id: Number(unsigned(id)), position: Number(unsigned(position)) };
  }
}
