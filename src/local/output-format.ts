import { extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { endingLike } from '../media/file/container-choice.js';
import { Refusal } from './http.js';
import type { Clip } from './session-record.js';

const VIDEO_FORMATS = new Set(['mp4', 'mov', 'mkv', 'webm', 'ts']);
const AUDIO_BY_ENDING = new Map([
  ['m4a', 'm4a'],
  ['mp3', 'mp3'],
  ['wav', 'wav'],
  ['aac', 'm4a'],
  ['flac', 'flac'],
  ['ogg', 'ogg'],
  ['oga', 'ogg'],
  ['opus', 'opus'],
  ['mka', 'mka'],
]);

/**
 * Ending of the file to render, without the point.
 *
 * @param requested `output.format` of the request: `source` follows the source, else a container
 * @param wished what the person asked for in the chat; holds when the request follows the source
 * @throws Refusal for a container that is not written here
 */
export function outputFormat(clip: Clip, requested: string, wished: 'mp4' | undefined): string {
  const ending = extname(clip.filename).slice(1).toLowerCase();
  if (clip.fileType === 'audio') return AUDIO_BY_ENDING.get(ending) ?? 'm4a';
  const format = requested.toLowerCase();
  if (VIDEO_FORMATS.has(format)) return format;
  if (format !== 'source') {
    throw new Refusal(422, 4220, l10n.t('The local engine writes MP4, MOV, MKV, WebM and TS, not "{0}".', format));
  }
  return wished ?? endingLike(clip.filename, clip.container);
}
