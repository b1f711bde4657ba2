import type { Counts } from './cut-list.js';
import { readTimecode, type FrameRate, type Timecode } from './frame-rate.js';

// The lines of a list in the form of the CMX 3600: one for each event, with the times in the source and in the record,
// and comments below it. Every editing program writes a dialect of its own: reels of any length or none, six digits for
// the number, frames up to 59, comments without their asterisk.

export interface EdlEvent {
  readonly number: string;
  /** Empty where the program writes none. */
  readonly reel: string;
  readonly channels: string;
  readonly isCut: boolean;
  readonly in: Timecode;
  readonly out: Timecode;
  /** Where it lies in what was edited. */
  readonly record: { readonly in: Timecode; readonly out: Timecode } | undefined;
  readonly drop: boolean;
  /** What comments call the clip, and its file; the likeliest name first. */
  readonly names: string[];
  /** Frames a second at which it is played, below 0 for backwards; of a line that begins with M2. */
  speed?: number;
  /** A marker of Resolve's: its name, and its length in frames. */
  marker?: { readonly name: string; readonly frames: number };
}

const COMMENT =
  /^\s*(?:\*\s*)*(from clip name|to clip name|key clip name|clip name|source file|from clip|from file)(?: is)?\s*:\s*(.*?)\s*$/i;
/** Within a line: spaces that took in line ends too would be tried anew from each of them. */
const RATE = /^[ \t]*\*[ \t]*frame rate:[ \t]*(\d{1,3}(?:\.\d{1,6})?)(?:[ \t]*fps)?[ \t]*\r?$/im;
const MARKER = /\|C:\w*\s*\|M:(.*?)\s*\|D:(\d{1,9})\s*$/;
/** Final Cut Pro 7 shortens the names of reels, and says so. */
const RENAMED = /^\s*(?:\*\s*)?final cut pro reel:(.*)replaced by:(.*)$/i;

/** All events of a list, with what their comments say of them. @param notes counts lines that cannot be read */
export function readEvents(text: string, notes: Counts): EdlEvent[] {
  const events: EdlEvent[] = [];
  let drop = false;
  for (const whole of text.replace(/^\ufeff/u, '').split(/\r\n?|\n/u)) {
    const line = whole.slice(0, 1000);
    const mode = /^\s*FCM:\s*(NON[- ]?)?DROP/i.exec(line);
    if (mode) drop = mode[1] === undefined;
    else if (/^\s*\d{1,6}\s/u.test(line)) {
      const event = readEvent(line, drop);
      if (event) events.push(event);
      else notes.add('unreadable');
    } else describeEvents(line, events);
  }
  return events;
}

/** The clips that the comments and the reels of a list name. */
export function clipsOfEdl(text: string): string[] {
  const lines = text.split(/\r\n?|\n/u).map((line) => line.slice(0, 1000));
  const said = lines.flatMap((line) => COMMENT.exec(line)?.[2] ?? []);
  const reels = lines.flatMap((line) => {
    const reel = /^\s*\d{1,6}\s/u.test(line) ? readEvent(line, false)?.reel : undefined;
    return reel !== undefined && isClipName(reel) ? [reel] : [];
  });
  return [...new Set([...said, ...reels])].filter((name) => name !== '');
}

/** Tells the rate at which a list counts: the form knows no other place for it than a comment. */
export function rateComment({ num, den }: FrameRate): string {
  return `* FRAME RATE: ${String(Math.round((num / den) * 1000) / 1000)}`;
}

/** @returns frames per second, of a list with a {@link rateComment} */
export function saidRate(text: string): number | undefined {
  const [, rate] = RATE.exec(text) ?? [];
  return rate === undefined ? undefined : Number(rate);
}

/** Whether a reel may be the name of a clip: not a number of a tape, and not what stands for none. */
export function isClipName(reel: string): boolean {
  return !/^(?:ax|bl|gen|\d*)$/iu.test(reel);
}

/**
 * Reads from both ends, for what stands between the number and the times is as each program likes: a reel of several
 * words or none, the channels, the transition, its length.
 */
function readEvent(line: string, fcmDrop: boolean): EdlEvent | undefined {
  const words = line.trim().split(/\s+/u);
  const [from, to, recordFrom, recordTo] = words.slice(-4).map((word) => readTimecode(word));
  const [number = '', ...between] = words.slice(0, -4);
  if (!from || !to || number === '') return undefined;
  const hasLength = /^\d{1,3}$/u.test(between.at(-1) ?? '') && between.length > 1;
  if (hasLength) between.pop();
  // "K B" is what a key lies on.
  if (/^[bo]$/iu.test(between.at(-1) ?? '') && /^k$/iu.test(between.at(-2) ?? '')) between.pop();
  const isTransition = /^(?:c|d|w\d{1,3}|k[bo]?)$/iu.test(between.at(-1) ?? '');
  if (!isTransition && !hasLength) return undefined;
  const transition = isTransition ? between.pop() : 'D';
  const channels = between.pop();
  if (channels === undefined) return undefined;
  const record = recordFrom && recordTo && { in: recordFrom, out: recordTo };
  // Where only the record is written with semicolons, only the record drops numbers.
  const drop = from.drop || to.drop || (fcmDrop && !(record?.in.drop ?? false));
  const isCut = transition?.toUpperCase() === 'C';
  return { number, reel: between.join(' '), channels, isCut, in: from, out: to, record, drop, names: [] };
}

function describeEvents(line: string, events: readonly EdlEvent[]): void {
  const last = events.at(-1);
  if (!last) return;
  const [, what, name = ''] = COMMENT.exec(line) ?? [];
  const before = events.at(-2);
  // The two lines of a dissolve have one number.
  const first = before?.number === last.number ? before : last;
  const byReel = (reel: string): EdlEvent =>
    [last, first].find((event) => event.reel.toUpperCase() === reel.toUpperCase()) ?? last;
  if (what !== undefined) {
    if (name !== '') nameEvent(what.toLowerCase(), name, first, last);
    return;
  }
  const speed = readSpeed(line);
  const [, title = '', frames] = MARKER.exec(line) ?? [];
  const [, longer = '', shorter = ''] = RENAMED.exec(line) ?? [];
  if (speed) byReel(speed.reel).speed = speed.perSecond;
  else if (/^[\s*]*freeze frame/iu.test(line)) last.speed ??= 0;
  else if (frames !== undefined) last.marker = { name: title.trim(), frames: Number(frames) };
  else if (shorter !== '')
    for (const event of new Set([last, first])) if (event.reel === shorter.trim()) event.names.push(longer.trim());
}

/** `M2`, the reel, frames a second, where it begins. */
function readSpeed(line: string): { reel: string; perSecond: number } | undefined {
  const [mark = '', ...words] = line.trim().split(/\s+/u);
  const speed = words.at(-2) ?? '';
  if (mark.toUpperCase() !== 'M2' || !/^-?\d{1,5}(?:\.\d{1,4})?$/u.test(speed)) return undefined;
  return { reel: words.slice(0, -2).join(' '), perSecond: Number(speed) };
}

function nameEvent(what: string, name: string, first: EdlEvent, last: EdlEvent): void {
  switch (what) {
    case 'to clip name':
    case 'key clip name':
      // Of an event without a dissolve it announces the next one.
      if (first !== last) last.names.unshift(name);
      break;
    case 'source file':
    case 'from clip':
    case 'from file':
      last.names.push(name);
      break;
    default:
      first.names.unshift(name);
      if (first !== last && last.isCut) last.names.unshift(name);
  }
}
