import { open, type FileHandle } from 'node:fs/promises';

// Boxes of mp4 and mov (ISO/IEC 14496-12 4.2) in memory, as far as finishing a file that FFmpeg wrote needs them.

// A moov is some megabytes for hours of video; anything bigger than this is damage.
const BIGGEST_MOOV = 512 * 2 ** 20;

export interface Box {
  readonly type: string;
  readonly data: Buffer;
}

/** The boxes in a buffer one after the other; ends at the first one that is damaged. */
export function* boxes(buffer: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= buffer.length;) {
    const size = buffer.readUInt32BE(at);
    if (size < 8 || at + size > buffer.length) return;
    yield { type: buffer.toString('latin1', at + 4, at + 8), data: buffer.subarray(at + 8, at + size) };
    at += size;
  }
}

/** A box with its header, which has 32 bits for the length. @throws RangeError at 4 GiB */
export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 8));
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

/** The box that describes the tracks, with its place in the file. */
export async function findMoov(handle: FileHandle): Promise<{ at: number; data: Buffer } | undefined> {
  const head = Buffer.alloc(16);
  for (let at = 0, n = 0; n < 10_000; n++) {
    const { bytesRead } = await handle.read(head, 0, 16, at);
    if (bytesRead < 8) return undefined;
    const short = head.readUInt32BE(0);
    const size = short === 1 && bytesRead === 16 ? Number(head.readBigUInt64BE(8)) : short;
    if (size < 8) return undefined;
    if (head.toString('latin1', 4, 8) === 'moov' && short !== 1) {
      if (size > BIGGEST_MOOV) return undefined;
      const data = Buffer.alloc(size - 8);
      const read = await handle.read(data, 0, data.length, at + 8);
      return { at, data: data.subarray(0, read.bytesRead) };
    }
    at += size;
  }
  return undefined;
}

/** The first box at the end of a path through boxes that hold boxes. */
function inside(buffer: Buffer, ...path: readonly string[]): Buffer | undefined {
  const [type, ...rest] = path;
  const found = [...boxes(buffer)].find((child) => child.type === type)?.data;
  return found === undefined || rest.length === 0 ? found : inside(found, ...rest);
}

/**
 * Sets the languages of a mov's tracks. FFmpeg's muxer knows only the classic Macintosh ones there, but QuickTime takes
 * any of ISO 639-2, packed into 15 bits, as mp4 has it.
 *
 * @param languages by track, in the order of the file
 */
export async function setLanguages(file: string, languages: readonly (string | undefined)[]): Promise<void> {
  await using handle = await open(file, 'r+');
  const moov = await findMoov(handle);
  const tracks = [...boxes(moov?.data ?? Buffer.alloc(0))].filter(({ type }) => type === 'trak');
  for (const [n, track] of tracks.entries()) {
    const header = inside(track.data, 'mdia', 'mdhd');
    const language = languages[n];
    if (!moov || !header || language === undefined || !/^[a-z]{3}$/u.test(language)) continue;
    const [a = 0, b = 0, c = 0] = Buffer.from(language);
    const packed = Buffer.alloc(2);
    packed.writeUInt16BE(((a - 0x60) << 10) | ((b - 0x60) << 5) | (c - 0x60));
    // Version 1 has times of 64 bits.
    const at = header[0] === 1 ? 32 : 20;
    await handle.write(packed, 0, 2, moov.at + 8 + header.byteOffset - moov.data.byteOffset + at);
  }
}
