import path from 'node:path';
import * as l10n from '@vscode/l10n';

import { MediaError } from '../media.js';

/** A container that can be written. */
export interface OutputContainer {
  /** FFmpeg's muxer. */
  readonly muxer: string;
  /** How samples lie; see `TrackCoding`. Undefined where no pictures are joined. */
  readonly form: 'headers-apart' | 'headers-inside' | undefined;
  /** FFmpeg's names of picture codecs whose packets may be copied into it and joined. */
  readonly joins: readonly string[];
  /** Sample descriptions have a four-character code, as in mp4 and mov. */
  readonly tagged?: true;
  /** Its clock does not begin at 0: only the times between pictures are the result's. */
  readonly ownClock?: true;
  /** Encoders for pictures that cannot stay as they are; undefined for sound alone. */
  readonly pictures: 'h264' | 'vpx' | undefined;
  /** FFmpeg's names of sound codecs that may be kept; the first is the fallback. */
  readonly sound: readonly string[];
}

const PCM = ['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_u8'];
const MP4: OutputContainer = {
  tagged: true,
  muxer: 'mp4',
  form: 'headers-apart',
  joins: ['h264', 'hevc', 'vp9', 'av1'],
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'opus', 'alac', 'flac'],
};
const MOV: OutputContainer = {
  tagged: true,
  muxer: 'mov',
  form: 'headers-apart',
  joins: ['h264', 'hevc', 'prores', 'mjpeg', 'dnxhd', 'cfhd'],
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'alac', ...PCM, 'pcm_s16be', 'pcm_s24be'],
};
const MATROSKA: OutputContainer = {
  muxer: 'matroska',
  form: 'headers-apart',
  joins: ['h264', 'hevc', 'vp8', 'vp9', 'av1', 'prores', 'mjpeg'],
  pictures: 'h264',
  sound: ['aac', 'ac3', 'eac3', 'mp3', 'opus', 'vorbis', 'flac', ...PCM],
};
const OGG: OutputContainer = {
  muxer: 'ogg',
  form: undefined,
  joins: [],
  pictures: undefined,
  sound: ['opus', 'vorbis', 'flac'],
};
// MPEG transport stream.
const TRANSPORT: OutputContainer = {
  muxer: 'mpegts',
  ownClock: true,
  form: 'headers-inside',
  joins: ['h264', 'hevc'],
  pictures: 'h264',
  sound: ['aac', 'mp2', 'mp3', 'ac3', 'eac3', 'opus'],
};

const CONTAINERS: Readonly<Record<string, OutputContainer>> = {
  mp4: MP4,
  m4v: MP4,
  mov: MOV,
  mkv: MATROSKA,
  webm: {
    muxer: 'webm',
    form: 'headers-apart',
    joins: ['vp8', 'vp9', 'av1'],
    pictures: 'vpx',
    sound: ['opus', 'vorbis'],
  },
  ts: TRANSPORT,
  mts: TRANSPORT,
  m2ts: TRANSPORT,
  m4a: { muxer: 'ipod', form: undefined, joins: [], pictures: undefined, sound: ['aac', 'alac'] },
  mka: { ...MATROSKA, pictures: undefined },
  mp3: { muxer: 'mp3', form: undefined, joins: [], pictures: undefined, sound: ['mp3'] },
  wav: { muxer: 'wav', form: undefined, joins: [], pictures: undefined, sound: PCM },
  flac: { muxer: 'flac', form: undefined, joins: [], pictures: undefined, sound: ['flac'] },
  aac: { muxer: 'adts', form: undefined, joins: [], pictures: undefined, sound: ['aac'] },
  ogg: OGG,
  oga: OGG,
  opus: { ...OGG, sound: ['opus'] },
};

/** @throws MediaError `unsupported` */
export function outputContainer(output: string): OutputContainer {
  const ending = path.extname(output).slice(1).toLowerCase();
  const container = CONTAINERS[ending];
  if (!container) {
    const message =
      ending === ''
        ? l10n.t('A file without an ending cannot be written. Export to .mp4 instead.')
        : l10n.t('.{0} cannot be written. Export to .mp4 instead.', ending);
    throw new MediaError('unsupported', message);
  }
  return container;
}
