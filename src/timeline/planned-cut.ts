import * as l10n from '@vscode/l10n';

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
  if (seconds < 7.5) return l10n.t('a few seconds');
  if (seconds < 57.5) return l10n.t('about {0} s', Math.round(seconds / 5) * 5);
  const minutes = Math.max(1, seconds < 600 ? Math.round(seconds / 60) : Math.round(seconds / 300) * 5);
  if (minutes === 1) return l10n.t('about 1 minute');
  if (minutes < 60) return l10n.t('about {0} minutes', minutes);
  const tens = Math.round(minutes / 10) * 10;
  const hours = Math.floor(tens / 60);
  return tens % 60 === 0 ? l10n.t('about {0} h', hours) : l10n.t('about {0} h {1} min', hours, tens % 60);
}

/** One sentence without its point, for beside an export; undefined where there is nothing to tell. */
export function plannedCutWords({ method, reason, frames, reencodedFrames, seconds }: PlannedCut): string | undefined {
  // Sound alone is always encoded, and quickly.
  if (frames === 0) return undefined;
  if (method === 'reencode') {
    return reason === undefined
      ? l10n.t('The whole picture will be encoded anew, {0}', aboutTime(seconds))
      : l10n.t('The whole picture will be encoded anew, {0}: {1}', aboutTime(seconds), reason);
  }
  if (frames === undefined || reencodedFrames === undefined) {
    return l10n.t('Only frames at the joins will be encoded anew');
  }
  const count = new Intl.NumberFormat('en');
  return l10n.t('{0} of {1} frames will be encoded anew', count.format(reencodedFrames), count.format(frames));
}
