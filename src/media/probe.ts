import path from 'node:path';
import type { CodecParameters, Stream } from 'node-av/lib';

import type { Microseconds } from '../timeline/timecode.js';
import { readClock } from './file/clip-clock.js';
import type { AudioSummary, ClipSummary, VideoSummary } from './media.js';
import { native } from './native.js';
import type { Pace } from './pace.js';
import { frameRate } from './picture/picture-encoder.js';
import { identify, openSource } from './file/source.js';

/** @throws MediaError `not-found`, `not-media`, `unreadable`, `unsupported` for a bare stream without times */
export async function probe(file: string, pace: Pace): Promise<ClipSummary> {
  const { size } = await identify(file);
  using source = await openSource(file);
  const { duration } = await readClock(source, pace);
  const timecode = source.video?.metadata?.get('timecode') ?? source.format.metadata?.get('timecode');
  return {
    path: file,
    size,
    container: containerName(source.format.iformat?.name ?? '', file),
    duration,
    ...(timecode ? { timecode } : {}),
    ...(source.video ? { video: summarizeVideo(source.video, duration) } : {}),
    audio: source.audio.map(summarizeAudio),
  };
}

// FFmpeg has one demuxer for a family of containers; the file's ending tells which one people mean.
function containerName(names: string, file: string): string {
  const family = names.split(',');
  const ending = path.extname(file).slice(1).toLowerCase();
  if (family.includes('mov')) return ending === 'mov' || ending === 'qt' ? 'mov' : 'mp4';
  if (family.includes('webm')) return ending === 'webm' ? 'webm' : 'matroska';
  return family[0] ?? '';
}

function summarizeVideo(stream: Stream, duration: Microseconds): VideoSummary {
  const { codecpar } = stream;
  const indexed = Number(stream.nbFrames);
  // An edit list may hide frames that the index counts.
  const frames = indexed <= (frameRate(stream).toDouble() * duration) / 1e6 + 1 ? indexed : 0;
  return {
    codec: codecName(codecpar),
    width: codecpar.width,
    height: codecpar.height,
    rotation: rotation(codecpar),
    frameRate: frameRate(stream).toDouble(),
    ...(frames > 0 ? { frames } : {}),
  };
}

function summarizeAudio(stream: Stream): AudioSummary {
  const { codecpar } = stream;
  const language = stream.metadata?.get('language');
  return {
    codec: codecName(codecpar),
    sampleRate: codecpar.sampleRate,
    channels: codecpar.channelLayout.nbChannels,
    ...(language && language !== 'und' ? { language } : {}),
  };
}

function codecName(codecpar: CodecParameters): string {
  return native().av.avGetCodecName(codecpar.codecId) ?? 'unknown';
}

/** Clockwise degrees, from the display matrix (ISO/IEC 14496-12 8.3.2): 16.16 fixed point, row by row. */
export function rotation(codecpar: CodecParameters): number {
  const matrix = codecpar.getCodedSideData(native().c.AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix || matrix.length < 36) return 0;
  const a = matrix.readInt32LE(0);
  const b = matrix.readInt32LE(4);
  const degrees = Math.round((Math.atan2(b, a) * 180) / Math.PI / 90) * 90;
  return (degrees + 360) % 360;
}
