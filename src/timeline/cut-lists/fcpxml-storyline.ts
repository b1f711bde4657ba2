import type { Microseconds } from '../timecode.js';
import { CutListError, LATEST_TIME, MOST_PARTS, type Counts, type UnplacedPart } from './cut-list.js';
import { retime } from './fcpxml-speed.js';
import { fcpxmlTime } from './fcpxml-time.js';
import { MAIN, type Resources } from './fcpxml-resources.js';
import type { Element } from './xml-elements.js';

// A storyline is a row of clips. Each has a clock of its own (`start`) and stands at a place (`offset`) on that of the
// storyline it lies in. Compound, synchronized and multicam clips hold storylines themselves. What is connected to a clip
// from above or below has a `lane`, and counts only for a clip that no storyline shows: the storyline says what is cut.

/** What a storyline shows of a file. */
export interface ShownPart extends UnplacedPart {
  /** Where the file begins on its own clock. */
  readonly start: Microseconds;
  readonly isRetimed: boolean;
  readonly isOff: boolean;
  /** The transitions it begins or ends with. */
  readonly transitions: readonly Element[];
}

/** What is known where an element is read. */
export interface Place {
  readonly resources: Resources;
  /** Frames a second of the timeline. */
  readonly rate: number | undefined;
  readonly notes: Counts;
  /** Compound clips around it. */
  readonly depth: number;
  /** Elements that may still be looked at: compound clips of compound clips can be made to grow without end. */
  readonly budget: { left: number };
}

const CLIPS = ['asset-clip', 'clip', 'video', 'audio', 'sync-clip', 'ref-clip', 'mc-clip', 'title', 'audition'];
const MOST_COMPOUND = 10;
/** Of the elements of a file and of what they refer to. */
export const MOST_WORK = 10 * MOST_PARTS;
const EVER = 2 * LATEST_TIME;

/** What a storyline shows from one time of its clock to another. @throws CutListError `too-large` */
export function storylineParts(items: readonly Element[], place: Place, from = -EVER, to = EVER): ShownPart[] {
  let position: Microseconds = 0;
  return items.flatMap((item, index): ShownPart[] => {
    place.budget.left -= 1;
    if (place.budget.left < 0) throw new CutListError('too-large');
    if (item.attributes.has('lane') || !(CLIPS.includes(item.tag) || item.tag === 'gap')) return [];
    // Of clips to choose from, the first is the one that was chosen.
    const clip = item.tag === 'audition' ? item.children.find(({ tag }) => CLIPS.includes(tag)) : item;
    const offset = fcpxmlTime(item.attributes.get('offset')) ?? position;
    const length = clip && durationOf(clip, place.resources);
    if (!clip || length === undefined || length <= 0) {
      place.notes.add('unreadable');
      return [];
    }
    position = offset + length;
    const [begin, end] = [Math.max(from, offset), Math.min(to, position)];
    if (item.tag === 'gap' || end <= begin) return [];
    const shift = startOf(clip, place.resources) - offset;
    const parts = clipParts(clip, begin + shift, end + shift, place);
    const transitions = [items[index - 1], items[index + 1]].flatMap((beside) =>
      beside?.tag === 'transition' ? [beside] : [],
    );
    const isOff = clip.attributes.get('enabled') === '0';
    return parts.map((part) => ({
      ...part,
      isOff: isOff || part.isOff,
      transitions: [...part.transitions, ...transitions],
    }));
  });
}

/** What is connected to a storyline, each clip and each storyline of its own in full, whatever lies over it. */
export function connectedParts(items: readonly Element[], place: Place): ShownPart[] {
  return items.flatMap((item) => {
    const below = connectedParts(item.children, place);
    if (!item.attributes.has('lane')) return below;
    const row = item.tag === 'spine' ? item.children : [{ ...item, attributes: unplaced(item.attributes) }];
    return [...storylineParts(row, place), ...below];
  });
}

/** Of a clip by itself: where it stands means nothing. */
export function unplaced(attributes: Element['attributes']): Element['attributes'] {
  return new Map([...attributes].filter(([name]) => name !== 'offset' && name !== 'lane'));
}

/** What a clip shows from one time of its own clock to another. */
function clipParts(clip: Element, from: Microseconds, to: Microseconds, place: Place): ShownPart[] {
  const { resources, notes } = place;
  const ref = clip.attributes.get('ref') ?? '';
  const played = retime(clip, startOf(clip, resources), from, to, place.rate);
  const retimed = (parts: ShownPart[]): ShownPart[] =>
    played.isRetimed ? parts.map((part) => ({ ...part, isRetimed: true })) : parts;
  switch (clip.tag) {
    case 'asset-clip':
    case 'video':
    case 'audio': {
      const asset = resources.assets.get(ref);
      if (!asset) break;
      const { in: begin, out: end, isRetimed } = played;
      return [
        { in: begin, out: end, clips: asset.names, start: asset.start, isRetimed, isOff: false, transitions: [] },
      ];
    }
    case 'clip':
    case 'sync-clip': {
      const spine = clip.children.find(({ tag, attributes }) => tag === 'spine' && !attributes.has('lane'));
      const items = spine?.children ?? clip.children;
      const parts = storylineParts(items, place, played.in, played.out);
      if (parts.length > 0) return retimed(parts);
      break;
    }
    case 'ref-clip':
    case 'mc-clip': {
      const medium = resources.media.get(ref);
      const items = medium?.storylines.get(clip.tag === 'ref-clip' ? MAIN : shownAngle(clip));
      if (!medium || !items || place.depth >= MOST_COMPOUND) break;
      const inside = { ...place, rate: medium.rate ?? place.rate, depth: place.depth + 1 };
      const parts = storylineParts(items, inside, played.in, played.out);
      if (parts.length > 0) return retimed(parts);
      break;
    }
  }
  const isUnknown = ref !== '' && !resources.effects.has(ref) && !resources.media.has(ref);
  notes.add(isUnknown ? 'unreadable' : 'other-clips');
  return [];
}

/** The angle whose picture is shown. */
function shownAngle(clip: Element): string {
  const sources = clip.children.filter(({ tag }) => tag === 'mc-source');
  const shown = sources.find(({ attributes }) => /^(?:all|video)$/u.test(attributes.get('srcEnable') ?? 'all'));
  return (shown ?? sources[0])?.attributes.get('angleID') ?? MAIN;
}

function startOf(clip: Element, { assets, media }: Resources): Microseconds {
  const ref = clip.attributes.get('ref') ?? '';
  return fcpxmlTime(clip.attributes.get('start')) ?? assets.get(ref)?.start ?? media.get(ref)?.start ?? 0;
}

/** Its own, or what is left of what it refers to. */
function durationOf(clip: Element, resources: Resources): Microseconds | undefined {
  if (clip.attributes.has('duration')) return fcpxmlTime(clip.attributes.get('duration'));
  const ref = clip.attributes.get('ref') ?? '';
  const whole = resources.assets.get(ref) ?? resources.media.get(ref);
  return whole?.duration === undefined ? undefined : whole.start + whole.duration - startOf(clip, resources);
}
