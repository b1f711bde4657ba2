import { placeMoment, placeSpan, type KeptRange } from '../placement.js';
import {
  milliseconds,
  parseSubtitles,
  printSubtitles,
  timeLike,
  type LooseText,
  type SubtitleCue,
} from './subtitle-file.js';

export interface CutSubtitles {
  readonly text: string;
  /** Cues that stay, in whole or in part. */
  readonly kept: number;
  readonly dropped: number;
}

/**
 * Cuts a file of subtitles as its clip is cut, by the rule for those inside the clip: a cue that lies in a removed part
 * goes, one that reaches over a join is clipped to what stays of it. Everything else is as it was; numbers count anew.
 *
 * @returns undefined where the text has no cue
 */
export function cutSubtitles(text: string, ranges: readonly KeptRange[]): CutSubtitles | undefined {
  const file = parseSubtitles(text);
  const cues = file.pieces.filter((piece) => piece.kind === 'cue');
  if (cues.length === 0) return undefined;
  const numbered = file.kind === 'srt' && cues.every(({ id }) => /^[\s\ufeff]*\d+\s*$/u.test(id));
  let kept = 0;
  let dropped = 0;
  // A byte order mark stays the first of all when the cue that it stands before goes.
  const mark = text.startsWith('\ufeff') && file.pieces[0]?.kind === 'cue' ? '\ufeff' : '';
  const pieces = file.pieces.flatMap((piece): (LooseText | SubtitleCue)[] => {
    if (piece.kind === 'loose') return [piece];
    const placed = placeSpan(ranges, piece.start / 1000, piece.end / 1000);
    if (placed.length === 0) dropped += 1;
    return placed.map(({ start, end }) => {
      kept += 1;
      const moved = movedCue(piece, Math.round(start * 1000), Math.round(end * 1000), ranges);
      const bare = { ...moved, id: moved.id.replace('\ufeff', ''), before: moved.before.replace('\ufeff', '') };
      return numbered ? { ...bare, id: bare.id.replace(/\d+/u, String(kept)) } : bare;
    });
  });
  return { text: mark + printSubtitles(pieces), kept, dropped };
}

function movedCue(cue: SubtitleCue, start: number, end: number, ranges: readonly KeptRange[]): SubtitleCue {
  return {
    ...cue,
    start,
    end,
    startText: timeLike(cue.startText, start),
    endText: timeLike(cue.endText, end),
    text: cue.text.replace(/<((?:\d{1,4}:)?\d{1,2}:\d{1,2}\.\d{1,3})>/gu, (_, time: string) => {
      // Words that light up one after the other: those of a removed part at once.
      const placed = Math.round(placeMoment(ranges, milliseconds(time) / 1000) * 1000);
      return `<${timeLike(time, Math.min(end, Math.max(start, placed)))}>`;
    }),
  };
}
