import * as l10n from '@vscode/l10n';
import type { ExportFormat, ExportQuality, PanelExportOffer } from '../src/messages.js';
import { aboutSize } from '../src/timeline/about-size.js';
import { aboutTime } from '../src/timeline/planned-cut.js';

type Estimate = NonNullable<PanelExportOffer['estimate']>;

/** What an export is going to be, in one line: `≈ 210 MB · a few seconds · 33 of 4,212 frames encoded anew`. */
export function estimateWords({ bytes, seconds, frames, reencodedFrames, reason }: Estimate): string {
  const count = new Intl.NumberFormat('en');
  const anew =
    reason !== undefined
      ? l10n.t('the whole picture is encoded anew: {0}', reason)
      : frames !== undefined && frames > 0 && reencodedFrames !== undefined
        ? l10n.t('{0} of {1} frames encoded anew', count.format(reencodedFrames), count.format(frames))
        : '';
  return [bytes === undefined ? '' : `≈ ${aboutSize(bytes)}`, aboutTime(seconds), anew]
    .filter((part) => part !== '')
    .join(' · ');
}

const FORMATS: Record<ExportFormat, string> = {
  source: l10n.t('Same as source'),
  mp4: 'MP4',
  mov: 'MOV',
  mkv: 'MKV',
  webm: 'WebM',
};

/** A container as a menu names it, with the reason where it cannot be chosen. */
export function formatWords({ format, problem }: PanelExportOffer['formats'][number]): string {
  return problem === undefined ? FORMATS[format] : `${FORMATS[format]} (${problem})`;
}

/** As a menu names it: `720p, encoded anew`. */
export function qualityWords(quality: ExportQuality): string {
  return quality === 'source' ? l10n.t('Same as source') : l10n.t('{0}, encoded anew', quality);
}

/** What stands below the name: what the file will be called where that is not what was typed, or why it cannot be. */
export function nameWords({ name, file, problem }: Pick<PanelExportOffer, 'name' | 'file' | 'problem'>): string {
  if (problem !== undefined) return problem;
  if (file === undefined) return '';
  const isTaken = file.slice(0, file.lastIndexOf('.')) !== name;
  return isTaken ? l10n.t('That name is taken: it will be {0}.', file) : l10n.t('It will be {0}.', file);
}
