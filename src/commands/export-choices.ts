import { extname } from 'node:path';
import { EXPORT_FORMATS, EXPORT_QUALITIES, type ExportFormat, type ExportQuality } from '../messages.js';
import { containerProblem, endingLike } from '../media/file/container-choice.js';
import type { ClipSummary } from '../media/media.js';
import type { ExportOptions } from '../session/outcomes.js';
import type { SessionSnapshot } from '../session/snapshot.js';
import { scaledSize, type ShownSize } from '../timeline/frame-size.js';
import type { ExportChoice } from '../views/panel-exports.js';

/** What may be chosen for an export, and what is. */
export interface ExportChoices {
  readonly formats: readonly { readonly format: ExportFormat; readonly problem?: string }[];
  readonly qualities: readonly ExportQuality[];
  /** As chosen, where it is still offered. */
  readonly format: ExportFormat;
  readonly quality: ExportQuality;
  /** Ending of the file, without the point. */
  readonly ending: string;
  /** Height that the picture is scaled to, as it is shown; undefined: it keeps its size. */
  readonly height: number | undefined;
}

/**
 * @param summary of the clip as a file; undefined until it is known
 * @param chosen in the panel; without, what was said in the chat goes
 */
export function exportChoices(
  { clip, engine, wish }: Pick<SessionSnapshot, 'clip' | 'engine' | 'wish'>,
  summary: ClipSummary | undefined,
  chosen: Pick<ExportChoice, 'format' | 'quality'> | undefined,
): ExportChoices {
  const name = clip?.name ?? '';
  const own = summary && !summary.video ? extname(name).slice(1) : endingLike(name, summary?.container ?? '');
  const formats = formatsOf(engine, summary, own);
  const wanted = chosen ?? { format: wish?.format, quality: wish?.resolution };
  const possible = formats.find(({ format, problem }) => format === wanted.format && problem === undefined);
  const format = possible?.format ?? formats[0]?.format ?? 'mp4';
  const size = shownSize(summary);
  const qualities = EXPORT_QUALITIES.filter((quality) => quality === 'source' || isSmaller(size, quality));
  const quality = qualities.find((offered) => offered === wanted.quality) ?? 'source';
  const height = quality === 'source' ? undefined : scaledSize(size, quality)?.height;
  return { formats, qualities, format, quality, ending: format === 'source' ? own : format, height };
}

function formatsOf(
  engine: SessionSnapshot['engine'],
  summary: ClipSummary | undefined,
  own: string,
): ExportChoices['formats'] {
  // NemoVideo exports nothing else.
  if (engine === 'cloud') return [{ format: 'mp4' }];
  const codec = summary?.video?.codec;
  if (summary && codec === undefined) return [{ format: 'source' }];
  return EXPORT_FORMATS.filter((format) => format !== own).map((format) => {
    const problem = format === 'source' || codec === undefined ? undefined : containerProblem(format, codec);
    return { format, ...(problem === undefined ? {} : { problem }) };
  });
}

function isSmaller(size: ShownSize, quality: ExportQuality): boolean {
  return scaledSize(size, quality)?.enlarged === false;
}

/** A phone's upright video is stored lying down and turned for display. */
function shownSize(summary: ClipSummary | undefined): ShownSize {
  const { width, height, rotation = 0 } = summary?.video ?? {};
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

/**
 * What the session is asked for. Without a choice, what was said in the chat goes: "as MP4", "in 720p".
 *
 * @param name of the file without its ending
 * @param folder for the result; undefined: that of the clip
 */
export function exportOptions(
  choices: ExportChoices,
  chosen: ExportChoice | undefined,
  engine: SessionSnapshot['engine'],
  { name, folder }: { readonly name: string; readonly folder: string | undefined },
): ExportOptions {
  const place = { name, ...(folder === undefined ? {} : { folder }) };
  if (!chosen) return place;
  const { quality, ending } = choices;
  if (engine !== 'cloud') return { ...place, format: ending, resolution: quality };
  return quality === 'source' ? place : { ...place, resolution: quality };
}
