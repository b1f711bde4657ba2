import { fromSeconds } from '../../timeline/timecode.js';
import { readClock } from '../file/clip-clock.js';
import { openSource } from '../file/source.js';
import { flatten } from '../kept/chapters.js';
import { describeSide, readChapters } from '../kept/side-tracks.js';
import type { ClipExtras } from '../media.js';
import type { Pace } from '../pace.js';

// Of a file that names more, nobody reads the rest.
const MOST_CHAPTERS = 1000;

/** @throws MediaError `not-found`, `not-media`, `unreadable`, `unsupported` for a bare stream without times */
export async function findExtras(file: string, pace: Pace): Promise<ClipExtras> {
  using source = await openSource(file);
  const { origin, end } = await readClock(source, pace);
  const sides = source.others.map((stream) => describeSide(stream));
  const track = sides.find(({ kind }) => kind === 'chapters')?.stream;
  const lists = await readChapters(source, end, pace, track);
  return {
    tracks: sides.flatMap(({ kind, codec, stream }) => {
      if (kind === 'chapters') return [];
      const language = stream.metadata?.get('language');
      return [{ kind, codec, ...(language && language !== 'und' ? { language } : {}) }];
    }),
    chapters: flatten(lists)
      .slice(0, MOST_CHAPTERS)
      .map(({ start, titles }) => ({
        start: Math.max(0, fromSeconds(start - origin)),
        title: titles[0]?.text ?? '',
      })),
  };
}
