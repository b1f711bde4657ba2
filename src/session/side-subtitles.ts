import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { joinedDuration, joinOverlaps, type Join } from '../timeline/join.js';
import { timedRanges, type KeptRange } from '../timeline/placement.js';
import type { Section } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import { cutSubtitles } from '../timeline/subtitles/cut-subtitles.js';
import { sideSubtitles } from '../timeline/subtitles/side-names.js';
import { decodeText } from '../timeline/subtitles/text-encoding.js';
import { MICROSECONDS_PER_SECOND, toSeconds, type Microseconds } from '../timeline/timecode.js';
import { publishContent } from './publish.js';
import { SessionError } from './session-error.js';

/** What became of the subtitles that lie beside a clip. */
export interface SideSubtitles {
  /** File names of those that were written beside the result. */
  readonly written: readonly string[];
  /** One sentence each about those that were not. */
  readonly notes: readonly string[];
}

export interface SideSubtitlesRequest {
  /** Absolute path. */
  readonly clip: string;
  /** Absolute path of the result, which is there. */
  readonly output: string;
  /** What of the clip the result shows, in order; undefined where the timeline does not say. */
  readonly kept: readonly Section[] | undefined;
  readonly join: Join | undefined;
  /** Length of the result. */
  readonly duration: Microseconds;
}

const LARGEST_BYTES = 20_000_000;

/**
 * Cuts the subtitles beside a clip, `talk.srt` and `talk.en.vtt` of `talk.mp4`, as the clip was cut, and writes them
 * beside the result under its name. Nothing is overwritten, and theirs are left as they are.
 *
 * @returns undefined where there are none
 */
export async function cutSideSubtitles(request: SideSubtitlesRequest): Promise<SideSubtitles | undefined> {
  const found = await subtitlesBeside(request.clip);
  if (found.length === 0) return undefined;
  const ranges = followedRanges(request);
  if (!ranges) {
    return {
      written: [],
      notes: [
        l10n.t(
          'The subtitles beside the clip were not cut along: the timeline does not say what it shows of the clip.',
        ),
      ],
    };
  }
  const written: string[] = [];
  const notes: string[] = [];
  for (const name of found) {
    const note = await cutOne(name, ranges, request, written);
    if (note !== undefined) notes.push(note);
  }
  return { written, notes };
}

/** Names of subtitle files that belong to a clip, by the rule of players. @param clip absolute path */
export async function subtitlesBeside(clip: string): Promise<string[]> {
  return sideSubtitles(basename(clip), await readdir(dirname(clip)).catch(() => []));
}

/** Undefined where the ranges do not make up the result: then something else was done to the timeline. */
function followedRanges({ kept, join: joins, duration }: SideSubtitlesRequest): KeptRange[] | undefined {
  if (!kept || kept.length === 0) return undefined;
  const tolerance = MICROSECONDS_PER_SECOND + kept.length * 200_000;
  if (Math.abs(joinedDuration(kept, joins) - duration) > tolerance) return undefined;
  const sides = kept.map((range) => ({ start: toSeconds(range.in), end: toSeconds(range.out) }));
  return timedRanges(sides, joinOverlaps(kept, joins).map(toSeconds));
}

/** @returns why it was not written */
async function cutOne(
  name: string,
  ranges: readonly KeptRange[],
  { clip, output }: SideSubtitlesRequest,
  written: string[],
): Promise<string | undefined> {
  const source = join(dirname(clip), name);
  const { size } = await stat(source);
  const decoded = size > LARGEST_BYTES ? undefined : decodeText(await readFile(source));
  const cut = decoded && cutSubtitles(decoded.text, ranges);
  if (!decoded || !cut) return l10n.t('{0} was not cut along: it cannot be read as subtitles.', shownName(name));
  if (cut.kept === 0) return l10n.t('Nothing of {0} is left: all of it was in what was removed.', shownName(name));
  const rest = name.slice(basename(clip, extname(clip)).length);
  const target = join(dirname(output), `${basename(output, extname(output))}${rest}`);
  try {
    written.push(basename(await publishContent(decoded.encode(cut.text), target, [target])));
    return undefined;
  } catch (error) {
    if (error instanceof SessionError) return error.message;
    return l10n.t('{0} could not be written.', shownName(basename(target)));
  }
}
