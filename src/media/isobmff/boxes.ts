// Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2) and of QuickTime, in memory. Pure: no I/O.

/** This file cannot be carried over byte by byte. `message` says why, as half a sentence: "its sound is encrypted". */
export class NotCarried extends Error {
  override readonly name = 'NotCarried';
}

/** A box inside a buffer: `[start, end)` with its header, `[body, end)` without. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/**
 * The boxes in `[start, end)`. A zero word as the last thing ends the list, as QuickTime writes it in user data.
 *
 * @throws NotCarried when a box reaches beyond the end
 */
export function boxesIn(data: Buffer, start = 0, end = data.length): Box[] {
  const found: Box[] = [];
  for (let at = start; end - at >= 8;) {
    let size = data.readUInt32BE(at);
    let body = at + 8;
    if (size === 0 && end - at < 16) break;
    if (size === 1) {
      if (end - at < 16) throw damaged();
      size = Number(data.readBigUInt64BE(body));
      body += 8;
    } else if (size === 0) size = end - at;
    if (size < body - at || size > end - at) throw damaged();
    found.push({ type: data.toString('latin1', at + 4, at + 8), start: at, body, end: at + size });
    at += size;
  }
  return found;
}

/** The first box of a type directly inside another. @throws NotCarried as {@link boxesIn} */
export function child(data: Buffer, parent: Box, type: string): Box | undefined {
  return boxesIn(data, parent.body, parent.end).find((box) => box.type === type);
}

/** All boxes of a type directly inside another, in order. @throws NotCarried as {@link boxesIn} */
export function childrenOf(data: Buffer, parent: Box, type: string): Box[] {
  return boxesIn(data, parent.body, parent.end).filter((box) => box.type === type);
}

/** A copy of the box with its header, so that the buffer around it can be let go. */
export function whole(data: Buffer, box: Box): Buffer {
  return Buffer.from(data.subarray(box.start, box.end));
}

/** For boxes that contradict each other or themselves. */
export function damaged(): NotCarried {
  return new NotCarried('its index is damaged');
}

/** The header of a box whose body is `size` bytes long. */
export function header(type: string, size: number): Buffer {
  const long = size + 8 > 0xffff_ffff;
  const bytes = Buffer.alloc(long ? 16 : 8);
  bytes.writeUInt32BE(long ? 1 : size + 8, 0);
  bytes.write(type, 4, 4, 'latin1');
  if (long) bytes.writeBigUInt64BE(BigInt(size + 16), 8);
  return bytes;
}

/** A box as the parts to be written one after the other; a part may still be changed, but not its length. */
export function box(type: string, ...parts: readonly (Buffer | readonly Buffer[])[]): Buffer[] {
  const flat = parts.flat();
  return [header(type, length(flat)), ...flat];
}

/** A box with version and flags (ISO/IEC 14496-12, 4.2 FullBox). */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(version * 2 ** 24 + flags, 0);
  return box(type, bytes, ...parts);
}

/** Bytes of all parts together. */
export function length(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Each number in 32 bits, big-endian as all of the format; negative ones as two's complement. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4));
  return bytes;
}

/** The opposite of {@link words} for many of them; the machine is little-endian, as all that VS Code runs on are. */
export function readWords(data: Buffer, at: number, count: number): Uint32Array {
  if (at + count * 4 > data.length) throw damaged();
  const found = new Uint32Array(count);
  const bytes = Buffer.from(found.buffer);
  data.copy(bytes, 0, at, at + bytes.length);
  bytes.swap32();
  return found;
}

/** As {@link words}, for many of them. */
export function writeWords(values: Uint32Array): Buffer {
  return Buffer.from(values.slice().buffer).swap32();
}

/** An unsigned 64-bit number as a double; beyond 2^53 it is not exact, which no file of a disk reaches. */
export function readLong(data: Buffer, at: number): number {
  return data.readUInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4);
}

/** The opposite of {@link readLong}. @throws RangeError for a negative or fractional number */
export function writeLong(data: Buffer, value: number, at: number): void {
  data.writeBigUInt64BE(BigInt(value), at);
}
