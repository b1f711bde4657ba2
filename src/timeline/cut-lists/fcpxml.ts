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
} from './cut-list.js';
import { readResources, type Resources } from './fcpxml-resources.js';
import { connectedParts, MOST_WORK, storylineParts, unplaced, type ShownPart } from './fcpxml-storyline.js';
import { findElements, parseXml, type Element } from './xml-elements.js';

// Final Cut Pro's XML, versions 1.3 to 1.14, which Resolve and Premiere's translators write too: the main storyline (`spine`)
// of a project names parts of files (`asset`). Times are fractions of a second.

/**
 * Reads the first project of a file that shows the clip: what its storyline shows of it is kept, or what is connected to it. A file without projects
 * is read for the clips of its events.
 *
 * @throws CutListError
 */
export function readFcpxml(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const root = rootOf(text);
  if (!root) throw new CutListError('not-this');
  const resources = readResources(root);
  const budget = { left: MOST_WORK };
  const timelines = timelinesOf(root, resources);
  const read = (partsOf: typeof storylineParts | typeof connectedParts): Reading[] =>
    timelines.map(({ items, rate }) => {
      const notes = new Counts();
      return { notes, parts: partsOf(items, { resources, rate, notes, depth: 0, budget }) };
    });
  const storylines = read(storylineParts);
  const showsIt = ({ parts }: Reading): boolean => parts.some((part) => isOfClip(part, clip.name));
  const { parts, notes } = storylines.find(showsIt) ??
    read(connectedParts).find(showsIt) ??
    storylines.find((storyline) => storyline.parts.length > 0) ?? { parts: [], notes: new Counts() };
  checkCount(parts);
  notes.add('other-clips', Math.max(0, timelines.length - 1));
  const all = partsOfClip(parts, clip.name, notes);
  const own = all.filter(({ isOff }) => !isOff);
  notes.add('switched-off', all.length - own.length);
  notes.add('transitions', new Set(own.flatMap(({ transitions }) => transitions)).size);
  notes.add('speed', own.filter(({ isRetimed }) => isRetimed).length);
  // Some programs list the same file anew for each part, each with the begin of that part.
  const starts = own.map(({ start }) => start);
  return keptList('fcpxml', own, starts.length > 0 ? [Math.min(...starts)] : [], clip.duration, notes);
}

/** The files that a project is about, by name. @throws CutListError for what is no XML */
export function clipsOfFcpxml(text: string): string[] {
  checkLength(text);
  const root = rootOf(text);
  const assets = root ? [...readResources(root).assets.values()] : [];
  return [...new Set(assets.flatMap(({ names }) => names.slice(0, 1)))];
}

function rootOf(text: string): Element | undefined {
  return parseXml(text).find(({ tag }) => tag === 'fcpxml');
}

interface Reading {
  readonly parts: ShownPart[];
  readonly notes: Counts;
}

interface Timeline {
  readonly items: readonly Element[];
  readonly rate: number | undefined;
}

/** The storylines of the projects, else the clips of the events, each by itself. */
function timelinesOf(root: Element, { rates }: Resources): Timeline[] {
  // What compound clips are made of is listed among the resources, and is no timeline.
  const outside = { ...root, children: root.children.filter(({ tag }) => tag !== 'resources') };
  const projects = [...findElements(outside, (tag) => tag === 'sequence')].map((sequence) => ({
    items: sequence.children.find(({ tag }) => tag === 'spine')?.children ?? [],
    rate: rates.get(sequence.attributes.get('format') ?? ''),
  }));
  if (projects.length > 0) return projects;
  const items = [...findElements(outside, (tag) => tag.endsWith('clip'))];
  return [{ items: items.map((item) => ({ ...item, attributes: unplaced(item.attributes) })), rate: undefined }];
}
