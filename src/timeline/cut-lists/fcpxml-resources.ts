import type { Microseconds } from '../timecode.js';
import { fcpxmlTime } from './fcpxml-time.js';
import { countingRate } from './frame-rate.js';
import { childOf, type Element } from './xml-elements.js';

/** A file that a project is about. */
export interface Asset {
  /** Of the file, and what the program calls it. */
  readonly names: readonly string[];
  /** Where it begins on its own clock. */
  readonly start: Microseconds;
  readonly duration: Microseconds | undefined;
}

/** Frames a second, as a format tells. */
type Rate = number | undefined;

/** What a compound or multicam clip is made of. */
export interface Medium {
  /** The storyline; by angle of a multicam clip. */
  readonly storylines: ReadonlyMap<string, readonly Element[]>;
  readonly start: Microseconds;
  readonly duration: Microseconds | undefined;
  readonly rate: Rate;
}

/** What the elements of a timeline refer to. */
export interface Resources {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly media: ReadonlyMap<string, Medium>;
  readonly rates: ReadonlyMap<string, Rate>;
  /** Titles, generators: they show no file. */
  readonly effects: ReadonlySet<string>;
}

/** The key of the one storyline of a medium that has no angles. */
export const MAIN = '';

export function readResources(root: Element): Resources {
  const all = root.children.find(({ tag }) => tag === 'resources')?.children ?? [];
  const ofTag = (wanted: string): [string, Element][] =>
    all.flatMap((element) => {
      const id = element.attributes.get('id');
      return element.tag === wanted && id !== undefined ? [[id, element]] : [];
    });
  const rates = new Map(ofTag('format').map(([id, element]) => [id, rateOf(element)]));
  return {
    assets: new Map(ofTag('asset').map(([id, element]) => [id, readAsset(element)])),
    media: new Map(
      ofTag('media').flatMap(([id, element]): [string, Medium][] => {
        const inside = element.children.find(({ tag }) => tag === 'sequence' || tag === 'multicam');
        return inside ? [[id, readMedium(inside, rates)]] : [];
      }),
    ),
    rates,
    effects: new Set(ofTag('effect').map(([id]) => id)),
  };
}

function rateOf(format: Element): Rate {
  const frame = fcpxmlTime(format.attributes.get('frameDuration'));
  if (frame === undefined || frame <= 0) return undefined;
  // A time is rounded to the microsecond; the rate is one of the known ones.
  const { num, den } = countingRate(1_000_000 / frame).rate;
  return num / den;
}

function readAsset(element: Element): Asset {
  const source = childOf(element, 'media-rep') ?? element;
  const names = [fileName(source.attributes.get('src')), element.attributes.get('name')];
  return {
    names: names.flatMap((name) => (name === undefined || name === '' ? [] : [name])),
    start: fcpxmlTime(element.attributes.get('start')) ?? 0,
    duration: fcpxmlTime(element.attributes.get('duration')),
  };
}

/** Of a file that is named by its address. */
export function fileName(address: string | undefined): string | undefined {
  const last = address?.split(/[?#]/u)[0]?.split('/').at(-1);
  if (last === undefined || last === '') return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** Of a sequence, or of the angles of a multicam clip. */
function readMedium(inside: Element, rates: ReadonlyMap<string, Rate>): Medium {
  const storylines = inside.children.flatMap(({ tag, attributes, children }): [string, readonly Element[]][] =>
    tag === 'spine'
      ? [[MAIN, children]]
      : tag === 'mc-angle'
        ? [[attributes.get('angleID') ?? attributes.get('name') ?? MAIN, children]]
        : [],
  );
  return {
    storylines: new Map(storylines),
    start: fcpxmlTime(inside.attributes.get('tcStart')) ?? 0,
    duration: fcpxmlTime(inside.attributes.get('duration')),
    rate: rates.get(inside.attributes.get('format') ?? ''),
  };
}
