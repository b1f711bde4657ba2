import { fromSeconds } from '../timecode.js';
import { checkLength, Counts, CutListError, LATEST_TIME, madeList, type CutList } from './cut-list.js';

// The other files that end in .edl: those of MPlayer and Kodi, which Comskip writes too. Begin, end and a number for
// what is done there: 0 cut, 1 mute, 2 scene marker, 3 commercial break.

const LINE = /^\s*(\S+)\s+(?:(\S+)\s+)?([0-3])\s*$/;

/** Whether the first line beside blank ones and comments is of this form; a CMX 3600 list has the same ending. */
export function isMplayerEdl(text: string): boolean {
  const lines = text.slice(0, 10_000).split(/\r\n?|\n/u);
  const filled = lines.filter((line) => line.trim() !== '' && !/^\s*#/u.test(line));
  const first = LINE.exec(filled[0]?.slice(0, 200) ?? '');
  return first !== null && seconds(first[1]) !== undefined;
}

/** Reads such a list: its cuts and commercial breaks are removed. @throws CutListError */
export function readMplayerEdl(text: string): CutList {
  checkLength(text);
  if (!isMplayerEdl(text)) throw new CutListError('not-this');
  const notes = new Counts();
  const parts = text.split(/\r\n?|\n/u).flatMap((line) => {
    if (line.trim() === '' || /^\s*#/u.test(line)) return [];
    const [, begin, end, kind] = LINE.exec(line.slice(0, 200)) ?? [];
    const [from, to] = [seconds(begin), seconds(end)];
    if (kind === '1' || kind === '2') notes.add('markers');
    else if (from === undefined || to === undefined || to <= from) notes.add('unreadable');
    else return [{ in: from, out: to }];
    return [];
  });
  return madeList({ format: 'edl', lists: 'removed', parts, notes });
}

function seconds(text: string | undefined): number | undefined {
  const clock = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,9}(?:\.\d{1,9})?)$/u.exec(text ?? '');
  if (!clock) return undefined;
  const [, hours = '0', minutes = '0', rest = '0'] = clock;
  const time = fromSeconds((Number(hours) * 60 + Number(minutes)) * 60 + Number(rest));
  return time <= LATEST_TIME ? time : undefined;
}
