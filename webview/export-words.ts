import type { ExportFormat, ExportQuality, PanelExportOffer } from '../src/messages.js';
import { aboutSize } from '../src/timeline/about-size.js';
import { aboutTime } from '../src/timeline/planned-cut.js';

type Estimate = NonNullable<PanelExportOffer['estimate']>;

/** What an export is going to be, in one line: `≈ 210 MB · a few seconds · 33 of 4,212 frames encoded anew`. */
export function estimateWords({ bytes, seconds, frames, reencodedFrames, reason }: Estimate): string {
  const count = new Intl.NumberFormat('en');
  const anew =
    reason !== undefined
      ? `the whole picture is encoded anew: ${reason}`
      : frames !== undefined && frames > 0 && reencodedFrames !== undefined
        ? `${count.format(reencodedFrames)} of ${count.format(frames)} frames encoded anew`
        : '';
  return [bytes === undefined ? '' : `≈ ${aboutSize(bytes)}`, aboutTime(seconds), anew]
    .filter((part) => part !== '')
    .join(' · ');
}

const FORMATS: Record<ExportFormat, string> = {
  source: 'Same as source',
  mp4: 'MP4',
  mov: 'MOV',
  mkv: 'MKV',
  webm: 'WebM',
};

/** A container as a menu names it, with the reason where it cannot be chosen. */
export function formatWords({ format, problem }: PanelExportOffer['formats'][number]): string {
  return problem === undefined ? FORMATS[format] : `${FORMATS[format]} (${problem})`;
}

export function qualityWords(quality: ExportQuality): string {
  return quality === 'source' ? 'Same as source' : `${quality}, encoded anew`;
}

/** What stands below the name: what the file will be called where that is not what was typed, or why it cannot be. */
export function nameWords({ name, file, problem }: Pick<PanelExportOffer, 'name' | 'file' | 'problem'>): string {
  if (problem !== undefined) return problem;
  if (file === undefined) return '';
  const isTaken = file.slice(0, file.lastIndexOf('.')) !== name;
  return isTaken ? `That name is taken: it will be ${file}.` : `It will be ${file}.`;
}
