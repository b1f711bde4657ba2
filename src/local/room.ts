import { join } from 'node:path';
import { roomFor } from '../media/file/room.js';
import { MediaError } from '../media/media.js';
import { aboutSize } from '../timeline/about-size.js';

/** @param size of what was to be received, as the sender said it @throws MediaError `no-space` before a byte is written */
export async function assertRoomIn(folder: string, size: string | null | undefined): Promise<void> {
  const bytes = Number(size ?? 0);
  const free = await roomFor(join(folder, 'file'));
  if (free !== undefined && bytes > free) throw noRoomFor(bytes, free);
}

/** @param bytes of what was to be received, where that was said; `free` ones are left */
export function noRoomFor(bytes: number, free: number | undefined, cause?: unknown): MediaError {
  const left = free === undefined || free >= bytes ? '' : `, and ${aboutSize(free)} are free`;
  const need = bytes > 0 ? `: the file takes ${aboutSize(bytes)}${left}` : '';
  const message = `The disk is full${need}. Free some space and send the file again.`;
  return new MediaError('no-space', message, cause === undefined ? {} : { cause });
}
