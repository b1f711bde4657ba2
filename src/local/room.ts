import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
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
  return new MediaError('no-space', fullWords(bytes, free), cause === undefined ? {} : { cause });
}

function fullWords(bytes: number, free: number | undefined): string {
  if (bytes === 0) return l10n.t('The disk is full. Free some space and send the file again.');
  return free === undefined || free >= bytes
    ? l10n.t('The disk is full: the file takes {0}. Free some space and send the file again.', aboutSize(bytes))
    : l10n.t(
        'The disk is full: the file takes {0}, and {1} are free. Free some space and send the file again.',
        aboutSize(bytes),
        aboutSize(free),
      );
}
