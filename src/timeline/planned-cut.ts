/** What an export will do with the picture, as our own engine foresees it, and the words for it. */
export interface PlannedCut {
  /** `smart`: only frames at the joins are encoded anew; `reencode`: all of them. */
  readonly method: 'smart' | 'reencode';
  /** Why the picture is encoded whole, as half a sentence: "it is scaled to 1280×720". */
  readonly reason?: string;
  /** Video frames of the result and, of these, to be encoded anew; undefined where they were not counted. */
  readonly frames?: number;
  readonly reencodedFrames?: number;
  /** How long it will take on this machine with what else runs there now, roughly. */
  readonly seconds: number;
  /** About how large the result will be. */
  readonly bytes?: number;
}

/** So many bytes the result will take for certain: sizes are foreseen within a factor of three. */
export function leastBytes(plan: Pick<PlannedCut, 'bytes'> | undefined): number {
  return (plan?.bytes ?? 0) / 3;
}

/** A time that is only known roughly: `a few seconds`, `about 40 s`, `about 2 minutes`, `about 1 h 20 min`. */
export function aboutTime(seconds: number): string {
  if (seconds < 7.5) return 'a few seconds';
  if (seconds < 57.5) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.max(1, seconds < 600 ? Math.round(seconds / 60) : Math.round(seconds / 300) * 5);
  if (minutes < 60) return `about ${minutes} minute${minutes === 1 ? '' : 's'}`;
  const tens = Math.round(minutes / 10) * 10;
  return `about ${Math.floor(tens / 60)} h${tens % 60 === 0 ? '' : ` ${tens % 60} min`}`;
}

/** One sentence without its point, for beside an export; undefined where there is nothing to tell. */
export function plannedCutWords({ method, reason, frames, reencodedFrames, seconds }: PlannedCut): string | undefined {
  // Sound alone is always encoded, and quickly.
  if (frames === 0) return undefined;
  if (method === 'reencode') {
    const why = reason === undefined ? '' : `: ${reason}`;
    return `The whole picture will be encoded anew, ${aboutTime(seconds)}${why}`;
  }
  if (frames === undefined || reencodedFrames === undefined) return 'Only frames at the joins will be encoded anew';
  const count = new Intl.NumberFormat('en');
  return `${count.format(reencodedFrames)} of ${count.format(frames)} frames will be encoded anew`;
}
