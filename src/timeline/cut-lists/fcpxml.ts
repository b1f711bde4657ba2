import { XMLParser } from 'fast-xml-parser';
import type { Microseconds } from '../timecode.js';
import { fcpxmlTime } from './fcpxml-time.js';
import {
  checkCount,
  checkLength,
  Counts,
  CutListError,
  isInOrder,
  madeList,
  partsOfClip,
  placeParts,
  type CutList,
  type ListedClip,
  type UnplacedPart,
} from './cut-list.js';

// Final Cut Pro's XML, versions 1.3 to 1.13, which Resolve and Premiere's translators write too: the main storyline (`spine`)
// of a project names parts of files (`asset`). Times are fractions of a second.

/** Deeper than any project; a file that is made to exhaust a reader is refused. */
const MOST_NESTED = 60;

interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
}

/** Reads the first project of a file: what its storyline shows of the clip is kept. @throws CutListError */
export function readFcpxml(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const root = parseXml(text).find(({ tag }) => tag === 'fcpxml');
  if (!root) throw new CutListError('not-this');
  const notes = new Counts();
  const assets = readAssets(root);
  const spines = [...find(root, 'spine', false)];
  if (spines.length > 1) notes.add('other-clips', spines.length - 1);
  const parts = (spines[0]?.children ?? []).flatMap((item) => partsOf(item, assets, notes));
  checkCount(parts);
  const own = partsOfClip(parts, clip.name, notes);
  // Some programs list the same file anew for each part, each with the begin of that part.
  const starts = own.map(({ start }) => start);
  const origin = starts.length > 0 ? [Math.min(...starts)] : [];
  const placed = placeParts(
    own.map(({ in: from, out, name }) => ({ in: from, out, ...(name === undefined ? {} : { name }) })),
    origin,
    clip.duration,
    notes,
  );
  if (!isInOrder(placed)) notes.add('reordered');
  return madeList({ format: 'fcpxml', lists: 'kept', parts: placed, notes });
}

/** The files that a project is about, by name; empty for what is no such file. */
export function clipsOfFcpxml(text: string): string[] {
  try {
    checkLength(text);
    const root = parseXml(text).find(({ tag }) => tag === 'fcpxml');
    return root ? [...new Set([...readAssets(root).values()].map(({ name }) => name))] : [];
  } catch {
    return [];
  }
}

function parseXml(text: string): Element[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    // Entities that a file declares are left alone: nothing here needs them, and they can be made to grow without end.
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MOST_NESTED,
  });
  try {
    return elements(parser.parse(text.replace(/^\ufeff/u, '')), 0);
  } catch {
    throw new CutListError('not-this');
  }
}

/** The parser's own form: an array of objects with the tag as a key beside `:@`, the attributes. */
function elements(value: unknown, depth: number): Element[] {
  if (!Array.isArray(value) || depth > MOST_NESTED) return [];
  return value.flatMap((node: unknown): Element[] => {
    if (typeof node !== 'object' || node === null) return [];
    const entries = Object.entries(node);
    const tag = entries.find(([key]) => key !== ':@' && key !== '#text');
    if (!tag) return [];
    const attributes: unknown = entries.find(([key]) => key === ':@')?.[1];
    const pairs = typeof attributes === 'object' && attributes !== null ? Object.entries(attributes) : [];
    const known = pairs.flatMap(([key, text]): [string, string][] =>
      typeof text === 'string' ? [[key, decodeEntities(text)]] : [],
    );
    return [{ tag: tag[0], attributes: new Map(known), children: elements(tag[1], depth + 1) }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/giu,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Elements of a name, in order of the file. @param inner whether to look inside those that were found */
function* find(from: Element, tag: string, inner: boolean): Generator<Element> {
  for (const child of from.children) {
    if (child.tag === tag) yield child;
    // What compound clips are made of is listed among the resources; the timeline is outside of them.
    if (child.tag !== 'resources' && (inner || child.tag !== tag)) yield* find(child, tag, inner);
  }
}

interface Asset {
  readonly name: string;
  readonly start: Microseconds;
  readonly duration: Microseconds | undefined;
}

function readAssets(root: Element): Map<string, Asset> {
  const resources = root.children.find(({ tag }) => tag === 'resources');
  return new Map(
    (resources?.children ?? []).flatMap((element): [string, Asset][] => {
      const id = element.attributes.get('id');
      if (element.tag !== 'asset' || id === undefined) return [];
      const media = element.children.find(({ tag }) => tag === 'media-rep');
      const file = fileName(media?.attributes.get('src') ?? element.attributes.get('src'));
      const start = fcpxmlTime(element.attributes.get('start')) ?? 0;
      const duration = fcpxmlTime(element.attributes.get('duration'));
      return [[id, { name: file ?? element.attributes.get('name') ?? '', start, duration }]];
    }),
  );
}

function fileName(address: string | undefined): string | undefined {
  const last = address?.split(/[?#]/u)[0]?.split('/').at(-1);
  if (last === undefined || last === '') return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

interface AssetPart extends UnplacedPart {
  /** Where the asset begins on its own clock. */
  readonly start: Microseconds;
}

function partsOf(item: Element, assets: ReadonlyMap<string, Asset>, notes: Counts): AssetPart[] {
  switch (item.tag) {
    case 'gap':
    case 'note':
    case 'marker':
      return [];
    case 'transition':
      notes.add('transitions');
      return [];
    case 'asset-clip':
    case 'video':
    case 'audio':
      return assetPart(item, item, 0, assets, notes);
    case 'clip': {
      // Its own clock is that of the file inside, unless that begins elsewhere on it.
      const inside = item.children.find(({ tag }) => tag === 'video' || tag === 'audio' || tag === 'asset-clip');
      if (!inside) break;
      const shift =
        (fcpxmlTime(inside.attributes.get('start')) ?? 0) - (fcpxmlTime(inside.attributes.get('offset')) ?? 0);
      return assetPart(item, inside, inside.attributes.has('start') ? shift : 0, assets, notes);
    }
  }
  notes.add('other-clips');
  return [];
}

function assetPart(
  item: Element,
  named: Element,
  shift: Microseconds,
  assets: ReadonlyMap<string, Asset>,
  notes: Counts,
): AssetPart[] {
  if (item.attributes.get('enabled') === '0') {
    notes.add('switched-off');
    return [];
  }
  const asset = assets.get(named.attributes.get('ref') ?? '');
  const start = fcpxmlTime(item.attributes.get('start')) ?? asset?.start ?? 0;
  const left = asset?.duration === undefined ? undefined : asset.start + asset.duration - start;
  const duration = item.attributes.has('duration') ? fcpxmlTime(item.attributes.get('duration')) : left;
  if (!asset || duration === undefined || duration <= 0) {
    notes.add('unreadable');
    return [];
  }
  const played = retimed(item, start, start + duration, notes);
  const from = played.in + shift;
  return [{ in: from, out: played.out + shift, clip: asset.name, start: asset.start }];
}

/** Where a clip that is played faster, slower or backwards lies in its file. */
function retimed(
  item: Element,
  from: Microseconds,
  to: Microseconds,
  notes: Counts,
): { in: Microseconds; out: Microseconds } {
  const map = item.children.find(({ tag }) => tag === 'timeMap');
  const points = (map?.children ?? []).flatMap(({ attributes }) => {
    const [time, value] = [fcpxmlTime(attributes.get('time')), fcpxmlTime(attributes.get('value'))];
    return time === undefined || value === undefined ? [] : [{ time, value }];
  });
  const [first, second] = [points[0], points.at(-1)];
  if (!map || !first || !second || second.time <= first.time) return { in: from, out: to };
  notes.add('speed');
  const at = (time: Microseconds): Microseconds => {
    const next = points.findIndex((point, index) => index > 0 && point.time >= time);
    const [a, b] = next > 0 ? [points[next - 1] ?? first, points[next] ?? second] : [first, second];
    if (b.time <= a.time) return b.value;
    return Math.round(a.value + ((time - a.time) / (b.time - a.time)) * (b.value - a.value));
  };
  const ends = [at(from), at(to)];
  return { in: Math.min(...ends), out: Math.max(...ends) };
}
