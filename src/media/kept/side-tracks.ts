import type { Stream } from 'node-av/lib';

import { readMatroskaChapters } from '../file/matroska-chapters.js';
import type { Source } from '../file/source.js';
import { native } from '../native.js';
import type { Pace } from '../pace.js';
import type { Chapter, ChapterList } from './chapters.js';
import { readChapterBox } from './mp4-chapters.js';
import { SidePackets } from './side-packets.js';
import { decodeCue } from './subtitle-text.js';
import { trackSettings } from './tags.js';

/** A track of a clip that is neither its picture nor its sound. */
export interface Side {
  readonly stream: Stream;
  readonly kind: 'subtitle' | 'cover' | 'picture' | 'attachment' | 'chapters' | 'timecode' | 'data';
  /** FFmpeg's name. */
  readonly codec: string;
}

/** For a track beside picture and sound. Teletext, which FFmpeg counts among subtitles, is data here. */
export function describeSide(stream: Stream): Side {
  const { av, c } = native();
  const { codecType, codecId, codecTagString } = stream.codecpar;
  const codec = av.avGetCodecName(codecId) ?? 'unknown';
  const side = (kind: Side['kind']): Side => ({ stream, kind, codec });
  if (codec === 'dvb_teletext') return side('data');
  if (codecType === c.AVMEDIA_TYPE_SUBTITLE) return side('subtitle');
  if (codecType === c.AVMEDIA_TYPE_ATTACHMENT) return side('attachment');
  if (codecType === c.AVMEDIA_TYPE_VIDEO) {
    return side(stream.hasDisposition(c.AV_DISPOSITION_ATTACHED_PIC) ? 'cover' : 'picture');
  }
  if (codecTagString === 'tmcd') return side('timecode');
  // FFmpeg shows the text track of QuickTime's chapters as data.
  return side(codec === 'bin_data' && codecTagString === 'text' ? 'chapters' : 'data');
}

/**
 * @param end seconds of the container's clock at which the clip ends
 * @param track the one that `describeSide` says has chapters
 */
export async function readChapters(
  source: Source,
  end: number,
  pace: Pace,
  track: Stream | undefined,
): Promise<ChapterList[]> {
  const format = source.format.iformat?.name ?? '';
  if (format.startsWith('matroska')) return readMatroskaChapters(source.path);
  if (!format.startsWith('mov')) return [];
  const chapters = track ? await chapterTrack(source, end, pace, track) : [];
  const found = chapters.length > 0 ? chapters : await readChapterBox(source.path);
  return found.length > 0 ? [{ chapters: found }] : [];
}

/** Chapters of QuickTime: a track of text. */
async function chapterTrack(source: Source, end: number, pace: Pace, track: Stream): Promise<Chapter[]> {
  using packets = new SidePackets(source.path, new Set([track.index]), end, pace, true);
  const { language } = trackSettings(track, track.timeBase);
  return (await packets.of(track.index)).map(({ packet, start, duration }) => {
    const text = packet.data ? decodeCue('mov_text', packet.data) : '';
    const titles = [{ text, ...(language !== undefined && { language }) }];
    return { start, titles, children: [], ...(duration > 0 && { end: start + duration }) };
  });
}
