import type { FileHandle } from 'node:fs/promises';

// Elements of EBML (RFC 8794) as Matroska (RFC 9559) uses them: id, length, content.

export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  cluster: 0x1f43b675,
  chapters: 0x1043a770,
  void: 0xec,
  crc32: 0xbf,
} as const;

export interface Element {
  readonly id: number;
  readonly data: Buffer;
}

/** The elements in a buffer one after the other; ends at the first one that is damaged or not all there. */
export function* elements(buffer: Buffer): Generator<Element> {
  for (let at = 0; at < buffer.length;) {
    const head = readHead(buffer.subarray(at));
    if (head?.size === undefined || at + head.length + head.size > buffer.length) return;
    at += head.length;
    yield { id: head.id, data: buffer.subarray(at, at + head.size) };
    at += head.size;
  }
}

export interface ElementHead {
  readonly id: number;
  /** Bytes of id and length together. */
  readonly length: number;
  /** Bytes of the length alone. */
  readonly width: number;
  /** Bytes of the content; undefined where a live writer left it open. */
  readonly size: number | undefined;
}

/** The head that a buffer begins with (RFC 8794, 5 and 6); undefined where that is none, or not all of it is there. */
export function readHead(buffer: Buffer): ElementHead | undefined {
  const idLength = vintLength(buffer[0]);
  if (idLength > 4 || buffer.length <= idLength) return undefined;
  const id = buffer.readUIntBE(0, idLength);
  const width = vintLength(buffer[idLength]);
  if (width > 8 || buffer.length < idLength + width) return undefined;
  let value = BigInt(buffer[idLength] ?? 0) & ((1n << BigInt(8 - width)) - 1n);
  for (let n = 1; n < width; n++) value = (value << 8n) | BigInt(buffer[idLength + n] ?? 0);
  const open = value === (1n << BigInt(7 * width)) - 1n;
  return { id, length: idLength + width, width, size: open ? undefined : Number(value) };
}

function vintLength(first: number | undefined): number {
  return first ? Math.clz32(first) - 23 : 9;
}

/** @param width of the length in bytes; as few as possible without it */
export function element(id: number, data: Buffer | readonly Buffer[], width?: number): Buffer {
  const parts = Buffer.isBuffer(data) ? [data] : data;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([idBytes(id), sizeBytes(size, width), ...parts]);
}

/** An element with an unsigned integer, in as few bytes as hold it (RFC 8794, 7.2). */
export function unsignedElement(id: number, value: number | bigint): Buffer {
  const text = BigInt(value).toString(16);
  return element(id, Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex'));
}

/** An element with a text in UTF-8 (RFC 8794, 7.5). */
export function textElement(id: number, text: string): Buffer {
  return element(id, Buffer.from(text));
}

/** Big-endian unsigned content. */
export function unsigned(data: Buffer): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${data.toString('hex')}`);
}

/** Content in UTF-8, without the zero bytes that may pad it. */
export function text(data: Buffer): string {
  return data.toString('utf8').replace(/\0+$/u, '');
}

/** An id as it stands in the file, 1 to 4 bytes with its length marker (RFC 8794, 5). */
export function idBytes(id: number): Buffer {
  const text = id.toString(16);
  return Buffer.from(text, 'hex');
}

/** A length as it stands in the file (RFC 8794, 6). @param width in bytes, 1 to 8; as few as possible without it */
export function sizeBytes(size: number, width?: number): Buffer {
  let bytes = width ?? 1;
  // All bits set means an open length.
  while (width === undefined && size >= 2 ** (7 * bytes) - 1) bytes++;
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(size) | (1n << BigInt(7 * bytes)));
  return buffer.subarray(8 - bytes);
}

/** An element of the Segment, with its place in the file. */
export interface Placed extends ElementHead {
  readonly at: number;
}

export interface Segment extends Placed {
  /** Where positions within the segment count from. */
  readonly content: number;
  /** The elements before the first cluster. */
  readonly leading: readonly Placed[];
}

// A head is at most 4 + 8 bytes.
const HEAD = 12;
const MOST_LEADING = 64;

/** Finds the Segment of a Matroska or WebM file, or undefined when the file is none. */
export async function readSegment(handle: FileHandle): Promise<Segment | undefined> {
  const ebml = await headAt(handle, 0);
  if (ebml?.id !== ID.ebml || ebml.size === undefined) return undefined;
  let at = ebml.length + ebml.size;
  let segment = await headAt(handle, at);
  if (segment?.id === ID.void && segment.size !== undefined) {
    at += segment.length + segment.size;
    segment = await headAt(handle, at);
  }
  if (segment?.id !== ID.segment) return undefined;
  const content = at + segment.length;
  const leading: Placed[] = [];
  for (let next = content; leading.length < MOST_LEADING;) {
    const head = await headAt(handle, next);
    if (head?.size === undefined || head.id === ID.cluster) break;
    leading.push(head);
    next += head.length + head.size;
  }
  return { ...segment, content, leading };
}

/** The head at a byte of the file; undefined where no element begins there. */
export async function headAt(handle: FileHandle, at: number): Promise<Placed | undefined> {
  const buffer = Buffer.alloc(HEAD);
  const { bytesRead } = await handle.read(buffer, 0, HEAD, at);
  const head = readHead(buffer.subarray(0, bytesRead));
  return head && { ...head, at };
}

// Headers, chapters and tags are small; anything bigger is damage.
const MOST_CONTENT = 16 * 2 ** 20;

/** What is in an element, as far as the file goes; empty where its length is left open or above 16 MiB. */
export async function contentOf(handle: FileHandle, placed: Placed): Promise<Buffer> {
  if (placed.size === undefined || placed.size > MOST_CONTENT) return Buffer.alloc(0);
  const buffer = Buffer.alloc(placed.size);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, placed.at + placed.length);
  return buffer.subarray(0, bytesRead);
}
