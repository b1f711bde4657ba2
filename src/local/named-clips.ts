import { extname } from 'node:path';
import type { Clip } from './session-record.js';

export interface NamedClips {
  readonly clips: readonly Clip[];
  /** The names as they stand in the text, longest first; their digits are no times. */
  readonly names: readonly string[];
}

/** Words before which a name without its ending is meant as a name: "the first 5 seconds of interview". */
const BEFORE_STEM = String.raw`(?:["'“‘「《]|\b(?:in|of|from|for|use|to|open|on|file|clip|edit) |[在从对用把开])`;

/** The uploaded files that a message names, in full or without the ending. */
export function namedClips(text: string, clips: readonly Clip[]): NamedClips {
  const found: { clip: Clip; name: string }[] = [];
  let rest = text;
  // Longest first, so that "b.mp4" is not found inside "a-b.mp4".
  for (const clip of [...clips].sort((a, b) => b.filename.length - a.filename.length)) {
    const name = matching(rest, clip.filename, true) ?? matchingStem(rest, clip.filename);
    if (name === undefined) continue;
    // Two clips of one name in different folders: the one added last is meant.
    const same = clips.filter((other) => other.filename === clip.filename).at(-1) ?? clip;
    found.push({ clip: same, name });
    rest = rest.replaceAll(name, ' ');
  }
  return { clips: [...new Set(found.map(({ clip }) => clip))], names: found.map(({ name }) => name) };
}

function matchingStem(text: string, filename: string): string | undefined {
  const stem = filename.slice(0, filename.length - extname(filename).length);
  return stem.length < 3 || /^\d+$/.test(stem) ? undefined : matching(text, stem, false);
}

function matching(text: string, name: string, anywhere: boolean): string | undefined {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const before = anywhere ? String.raw`(?<![\w-])` : `(?<=${BEFORE_STEM})`;
  return new RegExp(String.raw`${before}${escaped}(?![\w-])`, 'iu').exec(text)?.[0];
}
