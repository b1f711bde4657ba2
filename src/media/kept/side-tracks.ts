import type { Stream } from 'node-av/lib';

import { readMatroskaChapters } from '../file/matroska-chapters.js';
import { originSeconds, type Source } from '../file/source.js';
import { native } from '../native.js';
import type { Pace } from '../pace.js';
import { readAsfChapters } from './asf-chapters.js';
import type { Chapter, ChapterList } from './chapters.js';
import { readCommentChapters } from './comment-chapters.js';
import { readId3Chapters } from './id3-chapters.js';
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
  const chapters = track && format.startsWith('mov') ? await chapterTrack(source, end, pace, track) : [];
  const found = chapters.length > 0 ? chapters : await chaptersOf(source, format);
  return found.length > 0 ? [{ chapters: found }] : [];
}

async function chaptersOf(source: Source, format: string): Promise<Chapter[]> {
  if (format.startsWith('mov')) return readChapterBox(source.path);
  if (format === 'asf') return readAsfChapters(source.path);
  if (format === 'ogg' || format === 'flac') return readCommentChapters(source.path);
  if (format !== 'mp3') return [];
  // What is heard begins where the encoder's delay ends.
  const zero = originSeconds(source);
  const moved = (time: number): number => (time === 0 ? 0 : time + zero);
  return (await readId3Chapters(source.path)).map(({ start, end, ...chapter }) => {
    return { ...chapter, start: moved(start), ...(end !== undefined && { end: moved(end) }) };
  });
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
