import type { Microseconds } from '../timecode.js';
import {
  checkCount,
  checkLength,
  Counts,
  CutListError,
  isOfClip,
  keptList,
  partsOfClip,
  type CutList,
  type ListedClip,
  type UnplacedPart,
} from './cut-list.js';
import { fileName } from './fcpxml-resources.js';
import { timeOfFrame, type FrameRate } from './frame-rate.js';
import { childOf, findElements, hasRoot, parseXml, textOf, type Element } from './xml-elements.js';

// The XML of Final Cut Pro 7 (`xmeml`), which Premiere and Resolve still write under its name: tracks of a sequence with
// clips, whose `in` and `out` are frames of their file.

interface TrackPart extends UnplacedPart {
  readonly isOff: boolean;
  readonly isRetimed: boolean;
  /** Begins or ends within a transition. */
  readonly isMixed: boolean;
}

/** Whether a text is of this kind, and not Final Cut Pro's XML of today. */
export function isXmeml(text: string): boolean {
  return hasRoot(text, 'xmeml');
}

/**
 * Reads the first sequence that shows the clip, or the first of all: of its lowest video track, else of those above, else
 * of its sound.
 *
 * @throws CutListError
 */
export function readXmeml(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const root = rootOf(text);
  if (!root) throw new CutListError('not-this');
  const notes = new Counts();
  const files = readFiles(root);
  const sequences = [...findElements(root, (tag) => tag === 'sequence')];
  const rows = sequences.flatMap((sequence) => {
    const media = childOf(sequence, 'media');
    const tracks = (kind: string): Element[] =>
      (childOf(media, kind)?.children ?? []).filter(({ tag }) => tag === 'track');
    const [lowest, ...above] = tracks('video');
    return [lowest ? [lowest] : [], above, tracks('audio')].map((row) =>
      row.flatMap(({ children }) => children.flatMap((item) => partOf(item, sequence, files, notes))),
    );
  });
  const shows = (parts: readonly TrackPart[]): boolean => parts.some((part) => isOfClip(part, clip.name));
  const parts = rows.find(shows) ?? rows.find((row) => row.length > 0) ?? [];
  checkCount(parts);
  notes.add('other-clips', Math.max(0, sequences.length - 1));
  const all = partsOfClip(parts, clip.name, notes);
  const own = all.filter(({ isOff }) => !isOff);
  notes.add('switched-off', all.length - own.length);
  notes.add('transitions', own.filter(({ isMixed }) => isMixed).length);
  notes.add('speed', own.filter(({ isRetimed }) => isRetimed).length);
  return keptList('fcpxml', own, [], clip.duration, notes);
}

/** The files that a list of this kind is about, by name. @throws CutListError for what is no XML */
export function clipsOfXmeml(text: string): string[] {
  checkLength(text);
  const root = rootOf(text);
  return root ? [...new Set([...readFiles(root).values()].flatMap((names) => names.slice(0, 1)))] : [];
}

function rootOf(text: string): Element | undefined {
  return parseXml(text).find(({ tag }) => tag === 'xmeml');
}

/** Names of the files by what they are referred to; a file is described where it is first used. */
function readFiles(root: Element): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const file of findElements(root, (tag) => tag === 'file')) {
    const names = [fileName(textOf(file, 'pathurl')), textOf(file, 'name')].filter((name) => name !== undefined);
    const id = file.attributes.get('id') ?? '';
    if (names.length > 0 && !files.has(id)) files.set(id, names);
  }
  return files;
}

function partOf(
  item: Element,
  sequence: Element,
  files: ReadonlyMap<string, readonly string[]>,
  notes: Counts,
): TrackPart[] {
  if (item.tag !== 'clipitem') {
    if (item.tag === 'generatoritem') notes.add('other-clips');
    return [];
  }
  const rate = rateOf(item) ?? rateOf(sequence);
  const [from, to] = [frameIn(item, 'in'), frameIn(item, 'out')];
  if (!rate || from === undefined || to === undefined || from < 0 || to <= from) {
    notes.add('unreadable');
    return [];
  }
  const factor = speedOf(item);
  const at = (frame: number): Microseconds => timeOfFrame(Math.round(frame * factor), rate);
  const own = textOf(item, 'name');
  const named = files.get(childOf(item, 'file')?.attributes.get('id') ?? '') ?? [];
  return [
    {
      in: at(from),
      out: at(to),
      clips: own === undefined ? named : [...named, own],
      isOff: textOf(item, 'enabled')?.toUpperCase() === 'FALSE',
      isRetimed: factor !== 1,
      isMixed: frameIn(item, 'start') === -1 || frameIn(item, 'end') === -1,
    },
  ];
}

function frameIn(item: Element, tag: string): number | undefined {
  const text = textOf(item, tag) ?? '';
  return /^-?\d{1,9}$/u.test(text) ? Number(text) : undefined;
}

function rateOf(element: Element): FrameRate | undefined {
  const rate = childOf(element, 'rate');
  const base = Number(textOf(rate, 'timebase'));
  if (!Number.isInteger(base) || base < 1 || base > 1000) return undefined;
  return textOf(rate, 'ntsc')?.toUpperCase() === 'TRUE' ? { num: base * 1000, den: 1001 } : { num: base, den: 1 };
}

/** Frames of a clip at another speed are counted as it plays. */
function speedOf(item: Element): number {
  const effects = item.children.filter(({ tag }) => tag === 'filter').map((filter) => childOf(filter, 'effect'));
  const remap = effects.find((effect) => textOf(effect, 'effectid') === 'timeremap');
  const speed = remap?.children.find((child) => child.tag === 'parameter' && textOf(child, 'parameterid') === 'speed');
  const percent = Math.abs(Number(textOf(speed, 'value') ?? 100));
  return percent > 0 && percent <= 100_000 ? percent / 100 : 1;
}
