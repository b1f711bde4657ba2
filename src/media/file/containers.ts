import path from 'node:path';

import { MediaError } from '../media.js';

/** A container that can be written. */
export interface OutputContainer {
  /** FFmpeg's muxer. */
  readonly muxer: string;
  /** Samples lie behind their length and the parameter sets in an avcC, as packets from mp4, mov and mkv have them. */
  readonly avcC: boolean;
  /** Encoders for pictures that cannot stay as they are; undefined for sound alone. */
  readonly pictures: 'h264' | 'vpx' | undefined;
  /** FFmpeg's names of sound codecs that may be kept; the first is the fallback. */
  readonly sound: readonly string[];
}

const PCM = ['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_u8'];
const MP4: OutputContainer = {
  muxer: 'mp4',
  avcC: true,
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'opus', 'alac', 'flac'],
};
const MOV: OutputContainer = {
  muxer: 'mov',
  avcC: true,
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'alac', ...PCM, 'pcm_s16be', 'pcm_s24be'],
};
const MATROSKA: OutputContainer = {
  muxer: 'matroska',
  avcC: true,
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'opus', 'vorbis', 'flac', ...PCM],
};
const OGG: OutputContainer = { muxer: 'ogg', avcC: false, pictures: undefined, sound: ['opus', 'vorbis', 'flac'] };

const CONTAINERS: Readonly<Record<string, OutputContainer>> = {
  mp4: MP4,
  m4v: MP4,
  mov: MOV,
  mkv: MATROSKA,
  webm: { muxer: 'webm', avcC: false, pictures: 'vpx', sound: ['opus', 'vorbis'] },
  m4a: { muxer: 'ipod', avcC: false, pictures: undefined, sound: ['aac', 'alac'] },
  mka: { ...MATROSKA, pictures: undefined },
  mp3: { muxer: 'mp3', avcC: false, pictures: undefined, sound: ['mp3'] },
  wav: { muxer: 'wav', avcC: false, pictures: undefined, sound: PCM },
  flac: { muxer: 'flac', avcC: false, pictures: undefined, sound: ['flac'] },
  aac: { muxer: 'adts', avcC: false, pictures: undefined, sound: ['aac'] },
  ogg: OGG,
  oga: OGG,
  opus: { ...OGG, sound: ['opus'] },
};

/** @throws MediaError `unsupported` */
export function outputContainer(output: string): OutputContainer {
  const ending = path.extname(output).slice(1).toLowerCase();
  const container = CONTAINERS[ending];
  if (!container) {
    const kind = ending === '' ? 'A file without an ending' : `.${ending}`;
    throw new MediaError('unsupported', `${kind} cannot be written. Export to .mp4 instead.`);
  }
  return container;
}
