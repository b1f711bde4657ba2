import { extname } from 'node:path';
import { Refusal } from './http.js';
import type { Clip } from './session-record.js';

const VIDEO_FORMATS = new Set(['mp4', 'mov', 'mkv', 'webm', 'ts']);
/**
 * The family that a source stays in, by the ending of its name. Those that cannot hold exact times (AVI, FLV, WMV, MPEG
 * program streams, …) become MP4.
 */
const BY_ENDING = new Map<string, string>([
  ['mp4', 'mp4'],
  ['m4v', 'mp4'],
  ['mov', 'mov'],
  ['qt', 'mov'],
  ['mkv', 'mkv'],
  ['webm', 'webm'],
  ['ts', 'ts'],
  ['mts', 'ts'],
  ['m2ts', 'ts'],
  ...['avi', 'flv', 'wmv', 'asf', 'mpg', 'mpeg', 'vob', '3gp', '3g2'].map((ending) => [ending, 'mp4'] as const),
]);
const BY_CONTAINER = new Map([
  ['matroska', 'mkv'],
  ['webm', 'webm'],
  ['mov', 'mov'],
  ['mpegts', 'ts'],
]);
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
    throw new Refusal(422, 4220, `The local engine writes MP4, MOV, MKV, WebM and TS, not "${format}".`);
  }
  return wished ?? BY_ENDING.get(ending) ?? BY_CONTAINER.get(clip.container) ?? 'mp4';
}
