import type { FileHandle } from 'node:fs/promises';

/** Headers with pictures among them have some megabytes; more is damage. */
export const MOST_HEADER = 64 * 2 ** 20;

/** Bytes of a file from a place on: fewer where it ends. */
export async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
