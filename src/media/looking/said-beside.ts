import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { clampSections, type Section } from '../../timeline/sections.js';
import { sideSubtitles } from '../../timeline/subtitles/side-names.js';
import { decodeText } from '../../timeline/subtitles/text-encoding.js';
import { saidSections, unsaidSections } from '../../timeline/subtitles/unsaid.js';
import type { Microseconds } from '../../timeline/timecode.js';
import type { PauseSettings } from '../media.js';

/** What the subtitles beside a clip say of when somebody speaks. */
export interface SaidBeside {
  /** Names of those that say something. */
  readonly files: readonly string[];
  /** Names of those that say nothing, or that cannot be read. */
  readonly mute: readonly string[];
  /** In source time, by any of them. */
  readonly said: readonly Section[];
}

/** Where nothing is said by the subtitles beside a clip. */
export interface UnsaidBeside {
  readonly files: readonly string[];
  /** In source time, without the margins that stay beside what is said. */
  readonly sections: readonly Section[];
}

const LARGEST_BYTES = 20_000_000;

/** @param clip absolute path; what cannot be read beside it counts as mute */
export async function saidBeside(clip: string, duration: Microseconds): Promise<SaidBeside> {
  const names = sideSubtitles(basename(clip), await readdir(dirname(clip)).catch(() => []));
  const files: string[] = [];
  const said: Section[] = [];
  for (const name of names) {
    const found = await saidIn(join(dirname(clip), name), duration).catch(() => []);
    if (found.length > 0) files.push(name);
    said.push(...found);
  }
  const mute = names.filter((name) => !files.includes(name));
  return { files, mute, said: clampSections(said, { in: 0, out: duration }) };
}

/**
 * @param minimum the shortest stretch; without it, what the settings count as a pause
 * @returns undefined where no subtitles beside the clip say anything
 */
export async function unsaidBeside(
  clip: string,
  duration: Microseconds,
  settings: PauseSettings,
  minimum: Microseconds = settings.minimum,
): Promise<UnsaidBeside | undefined> {
  const { files, said } = await saidBeside(clip, duration);
  if (files.length === 0) return undefined;
  return { files, sections: unsaidSections(said, duration, { minimum, margin: settings.margin }) };
}

async function saidIn(path: string, duration: Microseconds): Promise<Section[]> {
  if ((await stat(path)).size > LARGEST_BYTES) return [];
  const decoded = decodeText(await readFile(path));
  return decoded ? saidSections(decoded.text, duration) : [];
}
