import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { outputContainer } from './containers.js';

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

/** Ending, without the point, of a video that stays what its source is. @param container FFmpeg's name of the source's */
export function endingLike(filename: string, container: string): string {
  const ending = path.extname(filename).slice(1).toLowerCase();
  return BY_ENDING.get(ending) ?? BY_CONTAINER.get(container) ?? 'mp4';
}

const NAMES: Readonly<Record<string, string>> = {
  h264: 'H.264',
  mpeg4: 'MPEG-4',
  mpeg2video: 'MPEG-2',
  mjpeg: 'Motion JPEG',
  prores: 'ProRes',
};
const COMMON = ['mp4', 'mov', 'mkv', 'webm'];

/**
 * Why a picture cannot go into a container as it is, as half a sentence; undefined where it can. MP4 takes every
 * picture, encoded anew where need be; so do the others, except WebM, where no container could keep it.
 *
 * @param ending of the container, without the point
 * @param codec FFmpeg's name of the picture's
 */
export function containerProblem(ending: string, codec: string): string | undefined {
  const keeps = (other: string): boolean => outputContainer(`a.${other}`).joins.includes(codec);
  if (keeps(ending) || ending === 'mp4') return undefined;
  if (ending !== 'webm' && !COMMON.some(keeps)) return undefined;
  return l10n.t('it cannot hold {0}', NAMES[codec] ?? codec.toUpperCase());
}
