import { basename, dirname, extname, join, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { nameFromTemplate, windowsProblem } from './output-template.js';
import { SessionError } from './session-error.js';

/** Containers an export may have; the ending of a chosen name must be one of them. */
export const EXPORT_FORMATS = ['mp4', 'mov', 'mkv', 'webm', 'ts', 'm4v'] as const;

/** The format that the ending of a file name stands for, in lower case; undefined when it is none of ours. */
export function formatOfName(name: string): string | undefined {
  const ending = extname(name).slice(1).toLowerCase();
  return (EXPORT_FORMATS as readonly string[]).includes(ending) ? ending : undefined;
}

/**
 * Names for the result, best first and without end: `interview.trimmed.mp4`, `interview.trimmed-2.mp4`, …
 *
 * @param clip absolute path of the source
 * @param format ending of the result, without the point
 * @param folder where the result goes; the source's own folder without it
 * @param name of the result without its ending; default is what the default template gives
 */
export function* outputCandidates(
  clip: string,
  format: string,
  folder: string = dirname(clip),
  name: string = nameFromTemplate(undefined, { clip, ending: format, now: 0 }),
): Generator<string> {
  for (let number = 1; ; number += 1) {
    yield join(folder, `${name}${number === 1 ? '' : `-${number}`}.${format}`);
  }
}

/** A hidden file beside the output, so that the finished one can be moved into place without copying. */
export function temporaryName(output: string, random: string): string {
  // Long names: most file systems end at 255 bytes, and the temporary name is longer than the one that was chosen.
  // Whole characters: the half of one is another name to each file system.
  let letters = [...basename(output)];
  while (Buffer.byteLength(letters.join('')) > 200) letters = letters.slice(1);
  const name = letters.join('');
  return join(dirname(output), `.${name}.${random}.part`);
}

/**
 * @param platform whose file names count
 * @throws SessionError when the chosen name does not end as a video does, or cannot be had on this system
 */
export function checkOutputName(output: string, platform: NodeJS.Platform = process.platform): void {
  if (formatOfName(output) === undefined) {
    const endings = EXPORT_FORMATS.map((ending) => `.${ending}`).join(', ');
    throw new SessionError('refused', l10n.t('Choose a name for the result that ends in one of {0}.', endings));
  }
  const problem = platform === 'win32' ? windowsProblem(win32.basename(output)) : undefined;
  if (problem !== undefined) throw new SessionError('refused', problem);
}
