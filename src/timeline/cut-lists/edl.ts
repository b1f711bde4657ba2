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
  type ListedPart,
  type UnplacedPart,
  type WrittenList,
} from './cut-list.js';
import { isClipName, readEvents, type EdlEvent } from './edl-events.js';
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
  const rate = rateOf(events, clip, notes);
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
  const placed = placeParts(
    own.map(({ in: from, out }) => ({ in: from, out })),
    originsOf(clip, rate),
    clip.duration,
    notes,
  );
  if (!isInOrder(placed)) notes.add('reordered');
  return madeList({ format: 'edl', lists: 'kept', parts: placed, notes });
}

/** Markers have their length in a comment; those of one frame are points. */
function readMarkers(events: readonly EdlEvent[], rate: FrameRate, clip: ListedClip, notes: Counts): CutList {
  const parts = events.flatMap(({ in: code, drop, marker }): ListedPart[] => {
    if (!marker || marker.frames < 2) {
      notes.add('markers');
      return [];
    }
    const from = frameOfTimecode(code, rate, drop && canDropFrames(rate));
    const name = marker.name === '' ? {} : { name: marker.name };
    return [{ in: timeOfFrame(from, rate), out: timeOfFrame(from + marker.frames, rate), ...name }];
  });
  const placed = placeParts(parts, originsOf(clip, rate), clip.duration, notes);
  return madeList({ format: 'edl', lists: 'unsaid', parts: placed, notes });
}

/** The timecode at which the clip begins. */
function originsOf({ timecode }: ListedClip, rate: FrameRate): Microseconds[] {
  const code = timecode === undefined ? undefined : readTimecode(timecode);
  return code ? [timeOfFrame(frameOfTimecode(code, rate, code.drop && canDropFrames(rate)), rate)] : [];
}

/**
 * The frames of the source that an event shows. Of one that is played faster or slower, Final Cut lists as many as it
 * lasts, and Avid as many as it uses; either way it uses its length in the record times its speed. One that is played
 * backwards is listed from where it begins to play, which is the end of what it uses.
 */
function playedFrames(event: EdlEvent, rate: FrameRate): { from: number; to: number; isRetimed: boolean } {
  const frame = (code: Timecode, drop: boolean): number => frameOfTimecode(code, rate, drop && canDropFrames(rate));
  const { in: begin, out: end, record, drop, speed } = event;
  const [from, to] = [frame(begin, drop), frame(end, drop)];
  const factor = speed === undefined ? 1 : speed / nominalRate(rate);
  // 23.976 is written for 24 as well.
  if (Math.abs(factor - 1) < 0.005 || to <= from) return { from, to, isRetimed: false };
  const listed = to - from;
  const lasts = record ? frame(record.out, drop) - frame(record.in, drop) : listed;
  const isSized = factor >= 0 && Math.abs(listed - lasts) > 1;
  const used = isSized ? listed : Math.max(1, Math.round(lasts * Math.abs(factor)));
  // Final Cut lists a clip of frames 0 to 999 that is played backwards from frame 998 on.
  const last = factor < 0 ? from + 2 : from + used;
  return { from: Math.max(0, last - used), to: last, isRetimed: true };
}

/** A list counts as its clip does, unless its own timecodes say that it cannot. */
function rateOf(events: readonly EdlEvent[], clip: ListedClip, notes: Counts): FrameRate {
  const { rate, exact } = countingRate(clip.frameRate);
  const frames = events.flatMap((event) =>
    [event.in, event.out, event.record?.in, event.record?.out].flatMap((code) => (code ? [code.frames] : [])),
  );
  const most = frames.reduce((highest, frame) => Math.max(highest, frame), 0);
  const wide = [nominalRate(rate), 24, 25, 30, 50, 60, 120].find((candidate) => candidate > most) ?? 1000;
  const nominal = countsHalf(frames, most, wide) ? wide / 2 : wide;
  const wantsDrop = events.some(({ drop }) => drop) && (nominal === 30 || nominal === 60);
  const isNtsc = rate.den === 1001 && nominalRate(rate) % nominal === 0;
  const own = isNtsc ? { num: nominal * 1000, den: 1001 } : { num: nominal, den: 1 };
  const found = wantsDrop ? { num: nominal * 1000, den: 1001 } : own;
  if (!exact || found.num !== rate.num || found.den !== rate.den) notes.add('other-rate');
  return found;
}

/** A clip of 60 frames a second in a timeline of 30: no number reaches the upper half, and that is no accident any more. */
function countsHalf(frames: readonly number[], most: number, nominal: number): boolean {
  return nominal >= 48 && nominal % 2 === 0 && most < nominal / 2 && new Set(frames).size >= 13;
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
