import type { Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';
import { countFrames } from './counted-frames.js';
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
  type WrittenList,
} from './cut-list.js';
import {
  canDropFrames,
  countingRate,
  formatFrames,
  frameOfTimecode,
  nominalRate,
  readTimecode,
  timeOfFrame,
  type FrameRate,
  type Timecode,
} from './frame-rate.js';

// Edit decision lists in the form of the CMX 3600: one line for each event, with the times in the source and in the
// record, and comments below it. Every editing program writes a dialect of its own: names of any length, six digits for
// the number, frames up to 59.

const EVENT =
  /^\s*(\d{1,6})\s+(\S.*?)\s+(\S+)\s+(C|D|W\d{1,3}|KB?|KO)\s+(?:\d{1,3}\s+)?(\d\S*)\s+(\d\S*)\s+(\d\S*)\s+(\d\S*)\s*$/i;
const COMMENT = /^\s*\*\s*(from clip name|to clip name|clip name|source file)(?: is)?\s*:\s*(.*?)\s*$/i;

interface Event {
  readonly number: string;
  readonly reel: string;
  readonly channels: string;
  readonly isCut: boolean;
  readonly in: Timecode;
  readonly out: Timecode;
  readonly drop: boolean;
  name?: string;
  sourceFile?: string;
}

/**
 * Reads an EDL: what it lists is kept. Pictures go before sound, which follows them.
 *
 * @throws CutListError
 */
export function readEdl(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const notes = new Counts();
  const all = readEvents(text, notes);
  if (all.length === 0) throw new CutListError('not-this');
  checkCount(all);
  const shown = all.filter((event) => event.reel.toUpperCase() !== 'BL');
  const pictures = shown.filter(({ channels }) => /v|^b$/i.test(channels));
  const events = pictures.length > 0 ? pictures : shown;
  const drop = events.some((event) => event.drop);
  const rate = rateOf(events, drop, clip, notes);
  const counted = drop && canDropFrames(rate);
  const time = (code: Timecode): Microseconds => timeOfFrame(frameOfTimecode(code, rate, counted), rate);
  const parts = events.flatMap((event): (UnplacedPart & { readonly isCut: boolean })[] => {
    const [from, to] = [time(event.in), time(event.out)];
    // The first half of a dissolve is an event without a length.
    if (to <= from) return [];
    const name = event.name ?? event.sourceFile ?? (/^(?:ax|\d+)$/i.test(event.reel) ? undefined : event.reel);
    return [{ in: from, out: to, clip: name, isCut: event.isCut }];
  });
  const own = partsOfClip(parts, clip.name, notes);
  notes.add('transitions', own.filter(({ isCut }) => !isCut).length);
  const code = clip.timecode === undefined ? undefined : readTimecode(clip.timecode);
  const origins = code ? [timeOfFrame(frameOfTimecode(code, rate, code.drop && canDropFrames(rate)), rate)] : [];
  const placed = placeParts(
    own.map(({ in: from, out }) => ({ in: from, out })),
    origins,
    clip.duration,
    notes,
  );
  if (!isInOrder(placed)) notes.add('reordered');
  return madeList({ format: 'edl', lists: 'kept', parts: placed, notes });
}

function readEvents(text: string, notes: Counts): Event[] {
  const events: Event[] = [];
  let drop = false;
  for (const line of text.replace(/^\ufeff/u, '').split(/\r\n?|\n/u)) {
    const mode = /^\s*FCM:\s*(NON[- ]?)?DROP/i.exec(line);
    if (mode) drop = mode[1] === undefined;
    else if (/^\s*M2\s/i.test(line)) notes.add('speed');
    else if (/^\s*\*/u.test(line)) nameEvents(line, events);
    else if (/^\s*\d{1,6}\s/u.test(line)) {
      const event = readEvent(line, drop);
      if (event) events.push(event);
      else notes.add('unreadable');
    }
  }
  return events;
}

function readEvent(line: string, drop: boolean): Event | undefined {
  const match = EVENT.exec(line.slice(0, 1000));
  if (!match) return undefined;
  const [, number = '', reel = '', channels = '', transition = '', ...times] = match;
  const [from, to] = times.map((time) => readTimecode(time));
  if (!from || !to) return undefined;
  return {
    number,
    reel,
    channels,
    isCut: transition.toUpperCase() === 'C',
    in: from,
    out: to,
    drop: drop || from.drop || to.drop,
  };
}

/** The clips that the comments of a list name. */
export function clipsOfEdl(text: string): string[] {
  const names = text.split(/\r\n?|\n/u).flatMap((line) => COMMENT.exec(line.slice(0, 1000))?.[2] ?? []);
  return [...new Set(names)].filter((name) => name !== '');
}

/** Comments belong to the events above them; the two lines of a dissolve have one number. */
function nameEvents(line: string, events: readonly Event[]): void {
  const [, what = '', name = ''] = COMMENT.exec(line.slice(0, 1000)) ?? [];
  const last = events.at(-1);
  if (!last || name === '') return;
  const before = events.at(-2);
  const from = before?.number === last.number ? before : last;
  switch (what.toLowerCase()) {
    case 'source file':
      last.sourceFile ??= name;
      break;
    case 'to clip name':
      if (from !== last) last.name = name;
      break;
    default:
      from.name ??= name;
  }
}

/** A list counts as its clip does, unless its own timecodes say that it cannot. */
function rateOf(events: readonly Event[], drop: boolean, clip: ListedClip, notes: Counts): FrameRate {
  const { rate, exact } = countingRate(clip.frameRate);
  const most = Math.max(...events.flatMap((event) => [event.in.frames, event.out.frames]));
  const nominal = [nominalRate(rate), 24, 25, 30, 50, 60, 120].find((candidate) => candidate > most) ?? 1000;
  const wantsDrop = drop && (nominal === 30 || nominal === 60);
  const own = nominal === nominalRate(rate) ? rate : { num: nominal, den: 1 };
  const found = wantsDrop ? { num: nominal * 1000, den: 1001 } : own;
  if (!exact || found.num !== rate.num || found.den !== rate.den) notes.add('other-rate');
  return found;
}

/** Hour one, where programmes begin. */
const RECORD_START_HOURS = 1;

/**
 * Writes an EDL of what is kept. Exact to half a frame: it counts frames.
 *
 * @param kept in order, within the clip
 */
export function writeEdl(kept: readonly Section[], clip: ListedClip): WrittenList {
  const { rate, drop, origin, sections, grain, lost } = countFrames(kept, clip);
  const title = inLine(clip.name).replace(/\.[a-z0-9]{2,5}$/iu, '');
  const lines = [`TITLE: ${title.slice(0, 70)}`, `FCM: ${drop ? '' : 'NON-'}DROP FRAME`, ''];
  const channels = clip.hasPicture === false ? 'AA' : clip.hasSound === false ? 'V' : 'AA/V';
  let record = RECORD_START_HOURS * 3600 * nominalRate(rate);
  if (drop)
    record = frameOfTimecode({ hours: RECORD_START_HOURS, minutes: 0, seconds: 0, frames: 0, drop }, rate, drop);
  for (const [index, section] of sections.entries()) {
    const end = record + section.out - section.in;
    const times = [section.in + origin, section.out + origin, record, end].map((frame) =>
      formatFrames(frame, rate, drop),
    );
    lines.push(
      `${String(index + 1).padStart(3, '0')}  ${reelOf(title)} ${channels.padEnd(5)} C        ${times.join(' ')}`,
      `* FROM CLIP NAME: ${inLine(clip.name)}`,
    );
    record = end;
  }
  return { text: `${lines.join('\r\n')}\r\n`, grain, lost };
}

/** Eight letters and digits, as tapes were called; `AX` is what a file without a tape is called. */
function reelOf(title: string): string {
  const reel = title
    .toUpperCase()
    .replace(/[^A-Z0-9]+/gu, '_')
    .replace(/^_+|_+$/gu, '')
    .slice(0, 8);
  return (reel === '' ? 'AX' : reel).padEnd(8);
}

function inLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/gu, ' ').trim();
}
