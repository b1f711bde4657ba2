import { placeSpan, type KeptRange } from '../../timeline/placement.js';

/** Text that is shown for a time; seconds. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Cues of the result in order of time: clipped to what stays, moved to where it is. */
export function placeCues(cues: readonly Cue[], ranges: readonly KeptRange[]): Cue[] {
  const placed = cues.flatMap((cue) => placeSpan(ranges, cue.start, cue.end).map((piece) => ({ ...cue, ...piece })));
  return placed.sort((a, b) => a.start - b.start);
}

/** Cues for a track that can show only one at a time: where several overlap, one cue has the lines of all of them. */
export function withoutOverlap(cues: readonly Cue[]): Cue[] {
  const edges = [...new Set(cues.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const sorted = [...cues].sort((a, b) => a.start - b.start);
  const result: Cue[] = [];
  let active: Cue[] = [];
  let next = 0;
  for (const [n, start] of edges.entries()) {
    const end = edges[n + 1];
    if (end === undefined) break;
    active = active.filter((cue) => cue.end > start);
    for (let cue = sorted[next]; cue && cue.start <= start; cue = sorted[++next]) if (cue.end > start) active.push(cue);
    const text = active.map((cue) => cue.text).join('\n');
    const before = result.at(-1);
    if (text === '') continue;
    if (before?.text === text && before.end === start) result[result.length - 1] = { ...before, end };
    else result.push({ start, end, text });
  }
  return result;
}
