import { basename, extname } from 'node:path';
import * as l10n from '@vscode/l10n';

/** How results are called where the person has not said otherwise. */
export const DEFAULT_TEMPLATE = '${name}.trimmed';

/** What a template may name. */
export interface NameFacts {
  /** Path or name of the source. */
  readonly clip: string;
  /** Ending of the result, without the point. */
  readonly ending: string;
  /** `720p`, …; undefined where the picture keeps its size. */
  readonly resolution?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Most file systems end at 255 bytes; `-12.webm` and what a temporary name adds need room too. */
const LONGEST = 200;
/** UTF-16 units, with the ending. */
const LONGEST_ON_WINDOWS = 255;
// Control characters, and those that turn the direction of text: with them a name would not be what it looks like.
// eslint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SEPARATORS = /[/\\]/gu;
const REFUSED_BY_WINDOWS = /[:*?"<>|]/gu;
// With any ending; Windows opens the device instead of a file.
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/iu;

/**
 * Why a file cannot be called this, as a sentence; undefined when it can.
 *
 * @param name without its ending
 * @param platform whose file names count; separators and device names are refused on all of them, because files travel
 */
export function nameProblem(name: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (name.trim() === '' || /^\.+$/u.test(name)) return l10n.t('Type a name for the file.');
  if (name.search(SEPARATORS) >= 0) return l10n.t('A name cannot have / or \\ in it. Choose the folder beside it.');
  if (name.search(INVISIBLE) >= 0) return l10n.t('A name cannot have invisible control characters in it.');
  const refused = (platform === 'win32' ? characterProblem(name) : undefined) ?? deviceProblem(name);
  if (refused !== undefined) return refused;
  if (Buffer.byteLength(name) > LONGEST) return l10n.t('This name is too long. Choose a shorter one.');
  return undefined;
}

/**
 * Why Windows refuses this name, or takes it for something else than a file: a device, or a part of another file, which
 * stands after a colon. A sentence; undefined when there is nothing of that.
 *
 * @param name with its ending
 */
export function windowsProblem(name: string): string | undefined {
  // It says that there is no such folder.
  if (name.length > LONGEST_ON_WINDOWS) return l10n.t('The name of the result is too long. Choose a shorter one.');
  return characterProblem(name) ?? deviceProblem(name);
}

function characterProblem(name: string): string | undefined {
  return name.search(REFUSED_BY_WINDOWS) < 0 ? undefined : l10n.t('A name cannot have : * ? " < > | in it.');
}

function deviceProblem(name: string): string | undefined {
  if (!DEVICE.test(name)) return undefined;
  return l10n.t('Windows keeps the name {0} for a device. Choose another.', name.split('.')[0] ?? name);
}

/** As a person means it: without spaces around, and without the ending that the export gives anyway. */
export function tidyName(name: string, ending: string): string {
  const trimmed = name.trim();
  const own = `.${ending.toLowerCase()}`;
  const stem = trimmed.toLowerCase().endsWith(own) ? trimmed.slice(0, -own.length) : trimmed;
  // Windows drops points and spaces at the end, and the file would be called otherwise than was said.
  return stem.replace(/[.\s]+$/u, '');
}

/**
 * The name, without an ending, that a template gives. Known are `${name}` (that of the source, without its ending),
 * `${date}`, `${time}`, `${ext}` and `${quality}`. A template that gives no possible name is passed over for
 * {@link DEFAULT_TEMPLATE}.
 */
export function nameFromTemplate(
  template: string | undefined,
  facts: NameFacts,
  platform: NodeJS.Platform = process.platform,
): string {
  for (const candidate of [template ?? DEFAULT_TEMPLATE, DEFAULT_TEMPLATE]) {
    const name = resolve(candidate, facts, platform);
    if (name !== undefined && nameProblem(name, platform) === undefined) return name;
  }
  // A source whose own name Windows would refuse, such as that of a device.
  return 'trimmed';
}

function resolve(template: string, facts: NameFacts, platform: NodeJS.Platform): string | undefined {
  const values = valuesOf(facts, platform);
  let known = true;
  const name = template.replace(/\$\{(\w*)\}/gu, (_, key: string) => {
    known &&= Object.hasOwn(values, key);
    return values[key] ?? '';
  });
  return known ? tidyName(name, facts.ending) : undefined;
}

function valuesOf({ clip, ending, resolution, now }: NameFacts, platform: NodeJS.Platform): Record<string, string> {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  // A result that is trimmed again is not `interview.trimmed.trimmed.mp4`.
  const stem = basename(clip, extname(clip)).replace(/\.trimmed(?:-\d+)?$/u, '');
  return {
    name: possible(stem, platform),
    date: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    time: `${two(date.getHours())}-${two(date.getMinutes())}`,
    ext: ending,
    quality: resolution ?? 'source',
  };
}

/** The source may be called what no result should be. */
function possible(stem: string, platform: NodeJS.Platform): string {
  const visible = stem.replace(SEPARATORS, '_').replace(INVISIBLE, '_');
  const named = platform === 'win32' ? visible.replace(REFUSED_BY_WINDOWS, '_') : visible;
  let short = named;
  while (Buffer.byteLength(short) > LONGEST - 40) short = [...short].slice(0, -1).join('');
  return short;
}
