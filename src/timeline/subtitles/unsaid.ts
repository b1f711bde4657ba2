import { clampSections, keptRanges, type Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';
import { parseSubtitles } from './subtitle-file.js';

/** When something is said by a file of subtitles: where they overlap or touch, as one. Empty for what is no such file. */
export function saidSections(text: string, duration: Microseconds): Section[] {
  const said = parseSubtitles(text).pieces.flatMap((piece) => {
    if (piece.kind === 'loose' || piece.text.replace(/<[^>\n]*>|\{\\[^}\n]*\}/gu, '').trim() === '') return [];
    return [{ in: piece.start * 1000, out: piece.end * 1000 }];
  });
  return clampSections(said, { in: 0, out: duration });
}

/**
 * Where nothing is said for at least `minimum`, less `margin` on each side that somebody speaks on: at the ends of the
 * clip nobody does.
 */
export function unsaidSections(
  said: readonly Section[],
  duration: Microseconds,
  { minimum, margin }: { readonly minimum: Microseconds; readonly margin: Microseconds },
): Section[] {
  return keptRanges(said, { in: 0, out: duration })
    .filter((gap) => gap.out - gap.in >= minimum)
    .map((gap) => ({
      in: gap.in === 0 ? 0 : gap.in + margin,
      out: gap.out === duration ? duration : gap.out - margin,
    }))
    .filter((gap) => gap.out > gap.in);
}
