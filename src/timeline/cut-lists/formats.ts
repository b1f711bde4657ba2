import { hasChapters, readChapters, writeChapters, type ChapterWords } from './chapters.js';
import { readCsv, writeCsv } from './csv.js';
import { CutListError, type CutList, type CutListFormat, type ListedClip, type WrittenList } from './cut-list.js';
import { clipsOfEdl } from './edl-events.js';
import { readEdl, writeEdl } from './edl.js';
import { clipsOfFcpxml, readFcpxml } from './fcpxml.js';
import { clipOfLlc, readLlc, writeLlc } from './llc.js';
import { isMplayerEdl, readMplayerEdl } from './mplayer-edl.js';
import type { Section } from '../sections.js';
import { writeFcpxml } from './write-fcpxml.js';
import { hasRoot } from './xml-elements.js';
import { clipsOfXmeml, isXmeml, readXmeml } from './xmeml.js';

// Brings the parsers along: to be imported on demand, and never by the panel.

const ENDINGS: Readonly<Record<string, CutListFormat>> = {
  edl: 'edl',
  csv: 'csv',
  tsv: 'csv',
  llc: 'llc',
  fcpxml: 'fcpxml',
  // A folder, with the list in it.
  fcpxmld: 'fcpxml',
};

/** What a file is by its name, else by how it begins; undefined where it is none of the formats. */
export function formatOfFile(name: string, text: string): CutListFormat | undefined {
  const known = ENDINGS[/\.([a-z0-9]+)$/iu.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (known) return known;
  if (hasRoot(text, 'fcpxml') || isXmeml(text)) return 'fcpxml';
  if (/^\ufeff?\s*TITLE:/u.test(text)) return 'edl';
  return hasChapters(text) ? 'chapters' : undefined;
}

/** File names of clips that a list mentions, so that it can be told which one is meant; none where it cannot be read. */
export function clipsOfFile(format: CutListFormat, text: string): string[] {
  switch (format) {
    case 'llc':
      return [clipOfLlc(text) ?? []].flat();
    case 'fcpxml':
      try {
        return isXmeml(text) ? clipsOfXmeml(text) : clipsOfFcpxml(text);
      } catch {
        return [];
      }
    case 'edl':
      return clipsOfEdl(text);
    case 'csv':
    case 'chapters':
      return [];
  }
}

/** @throws CutListError */
export function readCutList(format: CutListFormat, text: string, clip: ListedClip): CutList {
  switch (format) {
    case 'edl':
      return isMplayerEdl(text) ? readMplayerEdl(text) : readEdl(text, clip);
    case 'csv':
      return readCsv(text, clip);
    case 'llc':
      return readLlc(text, clip);
    case 'fcpxml':
      return isXmeml(text) ? readXmeml(text, clip) : readFcpxml(text, clip);
    case 'chapters':
      return readChapters(text, clip);
  }
}

/** @param kept in order, within the clip @param words for chapters, in the person's language */
export function writeCutList(
  format: CutListFormat,
  kept: readonly Section[],
  clip: ListedClip,
  words?: ChapterWords,
): WrittenList {
  if (kept.length === 0) throw new CutListError('nothing-in-it');
  switch (format) {
    case 'edl':
      return writeEdl(kept, clip);
    case 'csv':
      return writeCsv(kept);
    case 'llc':
      return writeLlc(kept, clip);
    case 'fcpxml':
      return writeFcpxml(kept, clip);
    case 'chapters':
      return writeChapters(kept, clip, words);
  }
}
