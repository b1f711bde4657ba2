import type { Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';
import { countFrames } from './counted-frames.js';
import {
  checkCount,
  checkLength,
  Counts,
  CutListError,
  keptList,
  madeList,
  partsOfClip,
  placeParts,
  type CutList,
  type ListedClip,
  type ListedPart,
  type UnplacedPart,
  type WrittenList,
} from './cut-list.js';
import { isClipName, rateComment, readEvents, saidRate, type EdlEvent } from './edl-events.js';
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

// Edit decision lists in the form of the CMX 3600.

interface EdlPart extends UnplacedPart {
  readonly isCut: boolean;
  readonly isRetimed: boolean;
}

/**
 * Reads an EDL: what it lists is kept. Pictures go before sound, which follows them. A list of nothing but markers, as
 * Resolve writes it, does not say whether they stay or go.
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
  const rate = rateOf(events, saidRate(text), clip, notes);
  if (events.length > 0 && events.every(({ marker }) => marker)) return readMarkers(events, rate, clip, notes);
  const parts = events.flatMap((event): EdlPart[] => {
    if (event.marker) notes.add('markers');
    const { from, to, isRetimed } = playedFrames(event, rate);
    // The first half of a dissolve is an event without a length.
    if (event.marker || to <= from) return [];
    const reel = isClipName(event.reel) ? [event.reel] : [];
    const clips = [...event.names, ...reel];
    return [{ in: timeOfFrame(from, rate), out: timeOfFrame(to, rate), clips, isCut: event.isCut, isRetimed }];
  });
  const own = partsOfClip(parts, clip.name, notes);
  notes.add('transitions', own.filter(({ isCut }) => !isCut).length);
  notes.add('speed', own.filter(({ isRetimed }) => isRetimed).length);
  return keptList('edl', own, originsOf(clip, rate), clip.duration, notes);
}

/** Markers have their length in a comment; those of one frame are points. */
function readMarkers(events: readonly EdlEvent[], rate: FrameRate, clip: ListedClip, notes: Counts): CutList {
  const parts = events.flatMap(({ in: code, drop, marker }): ListedPart[] => {
    if (!marker || marker.frames < 2) {
      notes.add('markers');
      return [];
    }
    const from = countFrame(code, rate, drop);
    const name = marker.name === '' ? {} : { name: marker.name };
    return [{ in: timeOfFrame(from, rate), out: timeOfFrame(from + marker.frames, rate), ...name }];
  });
  const placed = placeParts(parts, originsOf(clip, rate), clip.duration, notes);
  return madeList({ format: 'edl', lists: 'unsaid', parts: placed, notes });
}

/** The timecode at which the clip begins. */
function originsOf({ timecode }: ListedClip, rate: FrameRate): Microseconds[] {
  const code = timecode === undefined ? undefined : readTimecode(timecode);
  return code ? [timeOfFrame(countFrame(code, rate, code.drop), rate)] : [];
}

function countFrame(code: Timecode, rate: FrameRate, drop: boolean): number {
  return frameOfTimecode(code, rate, drop && canDropFrames(rate));
}

/**
 * The frames of the source that an event shows. Of one that is played faster or slower, Final Cut lists as many as it
 * lasts, and Avid as many as it uses; either way it uses its length in the record times its speed. One that is played
 * backwards is listed from where it begins to play, which is the end of what it uses.
 */
function playedFrames(event: EdlEvent, rate: FrameRate): { from: number; to: number; isRetimed: boolean } {
  const { in: begin, out: end, record, drop, speed } = event;
  const frame = (code: Timecode): number => countFrame(code, rate, drop);
  const [from, to] = [frame(begin), frame(end)];
  const factor = speed === undefined ? 1 : speed / nominalRate(rate);
  // 23.976 is written for 24 as well.
  if (Math.abs(factor - 1) < 0.005 || to <= from) return { from, to, isRetimed: false };
  const listed = to - from;
  const lasts = record ? frame(record.out) - frame(record.in) : listed;
  const isSized = factor >= 0 && Math.abs(listed - lasts) > 1;
  const used = isSized ? listed : Math.max(1, Math.round(lasts * Math.abs(factor)));
  // Final Cut lists a clip of frames 0 to 999 that is played backwards from frame 998 on.
  const last = factor < 0 ? from + 2 : from + used;
  return { from: Math.max(0, last - used), to: last, isRetimed: true };
}

/**
 * A list counts as its clip does, unless it says another rate, or its own timecodes say that it cannot.
 *
 * @param said frames per second, by a comment
 */
function rateOf(events: readonly EdlEvent[], said: number | undefined, clip: ListedClip, notes: Counts): FrameRate {
  const own = countingRate(clip.frameRate);
  const rate = said === undefined ? own.rate : countingRate(said).rate;
  const found = countedRate(events, rate, said !== undefined);
  if (!own.exact || found.num !== own.rate.num || found.den !== own.rate.den) notes.add('other-rate');
  return found;
}

function countedRate(events: readonly EdlEvent[], rate: FrameRate, isSaid: boolean): FrameRate {
  const frames = events.flatMap((event) =>
    [event.in, event.out, event.record?.in, event.record?.out].flatMap((code) => (code ? [code.frames] : [])),
  );
  const most = frames.reduce((highest, frame) => Math.max(highest, frame), 0);
  const wantsDrop = events.some(({ drop }) => drop);
  const counting = (nominal: number): FrameRate => {
    const drops = wantsDrop && (nominal === 30 || nominal === 60);
    const isNtsc = drops || (rate.den === 1001 && nominalRate(rate) % nominal === 0);
    return isNtsc ? { num: nominal * 1000, den: 1001 } : { num: nominal, den: 1 };
  };
  const wide = [nominalRate(rate), 24, 25, 30, 50, 60, 120].find((candidate) => candidate > most) ?? 1000;
  const [whole, half] = [counting(wide), counting(wide / 2)];
  const mayBeHalf = !isSaid && wide >= 48 && wide % 2 === 0 && most < wide / 2;
  return mayBeHalf && countsHalf(events, frames, whole, half) ? half : whole;
}

/**
 * A clip of 60 frames a second in a timeline of 30, of which no number reaches the upper half: what is used of the
 * source lasts as long in the record at one of the two rates only, or there are too many numbers for an accident.
 */
function countsHalf(
  events: readonly EdlEvent[],
  frames: readonly number[],
  whole: FrameRate,
  half: FrameRate,
): boolean {
  const fits = (rate: FrameRate): boolean => events.every((event) => lastsAsUsed(event, rate));
  return (!fits(whole) && fits(half)) || new Set(frames).size >= 13;
}

function lastsAsUsed({ in: from, out: to, record, drop, speed }: EdlEvent, rate: FrameRate): boolean {
  if (!record || speed !== undefined) return true;
  const frame = (code: Timecode): number => countFrame(code, rate, drop);
  return frame(to) - frame(from) === frame(record.out) - frame(record.in);
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
      // Nothing else in such a list tells 30 frames a second from 60 of which the upper half happens not to be named.
      ...(index === 0 ? [rateComment(rate)] : []),
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
