import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { FormatContext, Stream } from 'node-av/lib';

import { shownName } from '../../timeline/shown-name.js';
import { MediaError } from '../media.js';
import { native, ticks } from '../native.js';

/** What tells one state of a file from another. */
export interface FileIdentity {
  readonly size: number;
  readonly modified: number;
  readonly inode: number;
}

/** @throws MediaError `not-found`, `not-media`, `unreadable` */
export async function identify(file: string): Promise<FileIdentity> {
  const name = shownName(path.basename(file));
  try {
    const info = await stat(file);
    if (info.isDirectory()) throw new MediaError('not-media', l10n.t('{0} is a folder. Choose a video file.', name));
    if (!info.isFile()) throw new MediaError('not-media', l10n.t('{0} is not a file. Choose a video file.', name));
    if (info.size === 0)
      throw new MediaError('not-media', l10n.t('{0} is empty (0 bytes). Choose another file.', name));
    await access(file, constants.R_OK);
    return { size: info.size, modified: info.mtimeMs, inode: info.ino };
  } catch (error) {
    if (error instanceof MediaError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MediaError('not-found', l10n.t('{0} was not found. Check whether it was moved or renamed.', name), {
        cause: error,
      });
    }
    const message = l10n.t('{0} cannot be read. Check whether you may open it.', name);
    throw new MediaError('unreadable', message, { cause: error });
  }
}

/**
 * Makes sure that a file is the one the work began with.
 *
 * @throws MediaError `source-changed`, `not-found`
 */
export async function assertUnchanged(file: string, before: FileIdentity): Promise<void> {
  const name = shownName(path.basename(file));
  let now: FileIdentity;
  try {
    now = await identify(file);
  } catch (error) {
    if (error instanceof MediaError && error.code === 'not-found') {
      const message = l10n.t('{0} was moved or deleted while it was being cut. Nothing was written.', name);
      throw new MediaError('not-found', message, { cause: error });
    }
    throw error;
  }
  if (now.size !== before.size || now.modified !== before.modified || now.inode !== before.inode) {
    const message = l10n.t('{0} changed while it was being cut. Nothing was written; cut it again.', name);
    throw new MediaError('source-changed', message);
  }
}

/** An opened clip. One reader has one position in the file: each consumer opens its own. */
export interface Source extends Disposable {
  readonly path: string;
  readonly format: FormatContext;
  readonly video: Stream | undefined;
  readonly audio: readonly Stream[];
  /** Tracks that are neither: subtitles, data, cover pictures, further pictures. */
  readonly others: readonly Stream[];
}

// These describe their tracks in full where they begin; elsewhere FFmpeg has to look at some seconds of the media.
const DESCRIBED = /^(mov|matroska)/;

/**
 * Opens a clip for reading.
 *
 * @param known the clip was opened before in this job, so what only decoding tells (the depth of reordering, frame rates)
 *   is known and need not be found out again
 * @throws MediaError `not-media`, `unreadable`, `not-found`
 */
export async function openSource(file: string, known = false): Promise<Source> {
  const { av, c } = native();
  const name = shownName(path.basename(file));
  const format = new av.FormatContext();
  // The protocol prefix keeps a name such as "pipe:0" or "a:b.mp4" a file's name.
  const options = av.Dictionary.fromObject({ format_whitelist: FORMATS, protocol_whitelist: 'file' });
  const opened = await format.openInput(`file:${file}`, null, options);
  options.free();
  if (opened < 0) {
    await identify(file);
    throw notMedia(file, name);
  }
  const described = known && DESCRIBED.test(format.iformat?.name ?? '') && format.streams.every(isDescribed);
  const found = described ? 0 : await format.findStreamInfo(null);
  const streams = format.streams;
  const usable = streams.filter((stream) => stream.codecpar.codecId !== c.AV_CODEC_ID_NONE);
  const pictures = usable.filter(
    (stream) =>
      stream.codecpar.codecType === c.AVMEDIA_TYPE_VIDEO &&
      !stream.hasDisposition(c.AV_DISPOSITION_ATTACHED_PIC) &&
      stream.codecpar.width > 0,
  );
  const audio = usable.filter(
    (stream) => stream.codecpar.codecType === c.AVMEDIA_TYPE_AUDIO && stream.codecpar.sampleRate > 0,
  );
  const video = pictures.find((stream) => stream.hasDisposition(c.AV_DISPOSITION_DEFAULT)) ?? pictures[0];
  if (found < 0 || (!video && audio.length === 0)) {
    format.closeInputSync();
    throw notMedia(file, name);
  }
  const others = streams.filter(
    (stream) => stream.index !== video?.index && !audio.some((a) => a.index === stream.index),
  );
  return { path: file, format, video, audio, others, [Symbol.dispose]: () => format.closeInputSync() };
}

/** The size of MPEG-4 part 2 in mp4, for one, only its packets tell. */
function isDescribed({ codecpar }: Stream): boolean {
  const { c } = native();
  if (codecpar.codecType === c.AVMEDIA_TYPE_VIDEO) return codecpar.width > 0;
  return codecpar.codecType !== c.AVMEDIA_TYPE_AUDIO || codecpar.sampleRate > 0;
}

// A closed list: FFmpeg also has demuxers for playlists, which open other files, and for text.
const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,wav,w64,mp3,flac,aac,ac3,eac3,aiff,amr,caf,mxf,h264,hevc,ivf';

function notMedia(file: string, name: string): MediaError {
  const message = /\.(mp4|m4v|mov|avi|webm|mkv)$/i.test(file)
    ? l10n.t(
        '{0} cannot be read as a video or a sound. It may be damaged, cut off, or not a video at all. Choose another file.',
        name,
      )
    : l10n.t('{0} cannot be read as a video or a sound. Choose another file.', name);
  return new MediaError('not-media', message);
}

/** Only this track is read from now on; the demuxer skips the others where it can. */
export function readOnly(source: Source, stream: Stream): void {
  const { c } = native();
  for (const other of source.format.streams) {
    other.discard = other.index === stream.index ? c.AVDISCARD_DEFAULT : c.AVDISCARD_ALL;
  }
}

/**
 * Opens a clip for one of its tracks alone.
 *
 * @param choose the track
 * @param known see {@link openSource}
 * @throws Error when the clip has no such track
 */
export async function openTrack(
  file: string,
  choose: (source: Source) => Stream | undefined,
  known = false,
): Promise<{ source: Source; stream: Stream }> {
  const source = await openSource(file, known);
  const stream = choose(source);
  if (!stream) {
    source[Symbol.dispose]();
    throw new Error('no such track');
  }
  readOnly(source, stream);
  return { source, stream };
}

/** Ticks per second as a fraction: a time in ticks is `ticks * num / den` seconds. */
export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

/** A time in ticks of `base` seconds each, to the nearest microsecond. */
export function toMicroseconds(value: number, base: TimeBase): number {
  return Math.round((value * base.num * 1e6) / base.den);
}

/** First presentation time of a track in seconds, as its header or first packets tell. */
export function startSeconds(stream: Stream): number {
  const start = ticks(stream.startTime) ?? 0;
  return (start * stream.timeBase.num) / stream.timeBase.den;
}

// Containers without edit lists move the picture back by the sound's priming, at most a few hundredths of a second.
const PRIMING_SECONDS = 0.2;

/**
 * The moment that counts as 0:00, in seconds of the container's clock: the first frame, or the first sound where that
 * leads the picture by more than priming. Sound from before zero is priming too, which nobody hears.
 */
export function originSeconds(source: Source): number {
  const sound = Math.min(...source.audio.map((stream) => Math.max(0, startSeconds(stream))));
  if (!source.video) return sound;
  const picture = startSeconds(source.video);
  return picture - sound > PRIMING_SECONDS ? sound : picture;
}
