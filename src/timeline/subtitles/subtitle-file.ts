// Files of subtitles, SubRip (.srt) and WebVTT (.vtt), taken apart so that they can be put together again to the letter:
// numbers, tags, cue settings, notes, styles and line ends are kept as they are.

/** What is no cue: the head of the file, notes, styles, regions. */
export interface LooseText {
  readonly kind: 'loose';
  readonly text: string;
}

export interface SubtitleCue {
  readonly kind: 'cue';
  /** The line above the times, with its end: a number, or a name; empty without. */
  readonly id: string;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  /** The line of times as it stands there, in its parts. */
  readonly before: string;
  readonly startText: string;
  readonly arrow: string;
  readonly endText: string;
  /** Settings after the times, and the end of the line. */
  readonly settings: string;
  /** The words, and the blank lines below them. */
  readonly text: string;
}

export interface SubtitleFile {
  readonly kind: 'srt' | 'vtt';
  readonly pieces: readonly (LooseText | SubtitleCue)[];
}

const CLOCK = String.raw`(?:\d{1,4}:)?\d{1,2}:\d{1,2}[,.]\d{1,3}`;
const TIMES = new RegExp(String.raw`^([ \t\ufeff]*)(${CLOCK})([ \t]*-->[ \t]*)(${CLOCK})(?=\s|$)([^]*)$`, 'u');

/** Takes a file apart. One without a single cue is all loose text. */
export function parseSubtitles(text: string): SubtitleFile {
  const kind = /^\ufeff?WEBVTT(?:\s|$)/u.test(text) ? 'vtt' : 'srt';
  const lines = text.split(/(?<=\n)|(?<=\r)(?!\n)/u);
  const starts = lines.flatMap((line, index) =>
    line.includes('-->') && TIMES.test(line.slice(0, 1000)) ? [index] : [],
  );
  const pieces: (LooseText | SubtitleCue)[] = [];
  const loose = (from: number, to: number): void => {
    const between = lines.slice(from, to).join('');
    if (between !== '') pieces.push({ kind: 'loose', text: between });
  };
  let done = 0;
  for (const [position, at] of starts.entries()) {
    const head = headOf(lines, at, kind, done);
    loose(done, head);
    const next = starts[position + 1];
    const limit = next === undefined ? lines.length : headOf(lines, next, kind, at + 1);
    done = kind === 'srt' ? limit : endOfCue(lines, at + 1, limit);
    const cue = cueAt(lines, head, at, done);
    if (cue) pieces.push(cue);
    else loose(head, done);
  }
  loose(done, lines.length);
  return { kind, pieces };
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

/** Where a cue begins: at its number or name, the line above the times. */
function headOf(lines: readonly string[], at: number, kind: SubtitleFile['kind'], least: number): number {
  const above = lines[at - 1];
  if (at - 1 < least || isBlank(above)) return at;
  if (kind === 'srt') return /^[\s\ufeff]*\d+\s*$/u.test(above ?? '') ? at - 1 : at;
  return isBlank(lines[at - 2]) || at - 1 === least ? at - 1 : at;
}

/** A cue of WebVTT ends at the first blank line; those that follow are its, too. */
function endOfCue(lines: readonly string[], from: number, limit: number): number {
  let end = from;
  while (end < limit && !isBlank(lines[end])) end += 1;
  while (end < limit && isBlank(lines[end])) end += 1;
  return end;
}

function cueAt(lines: readonly string[], head: number, at: number, end: number): SubtitleCue | undefined {
  const match = TIMES.exec(lines[at] ?? '');
  if (!match) return undefined;
  const [, before = '', startText = '', arrow = '', endText = '', settings = ''] = match;
  return {
    kind: 'cue',
    id: lines.slice(head, at).join(''),
    start: milliseconds(startText),
    end: milliseconds(endText),
    before,
    startText,
    arrow,
    endText,
    settings,
    text: lines.slice(at + 1, end).join(''),
  };
}

/** `01:02:03,250`, `02:03.25`; in milliseconds. */
export function milliseconds(text: string): number {
  const [clock = '', fraction = ''] = text.split(/[,.]/u);
  const whole = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return whole * 1000 + Number(fraction.padEnd(3, '0'));
}

/** A time in the form of another: with its point or comma, and with hours where it has them or they are needed. */
export function timeLike(model: string, time: number): string {
  const two = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const [clock = ''] = model.split(/[,.]/u);
  const mark = model.includes(',') ? ',' : '.';
  const parts = clock.split(':');
  const seconds = Math.floor(time / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const hoursText =
    parts.length === 3 || hours > 0
      ? `${two(hours, Math.max(1, parts.length === 3 ? (parts[0]?.length ?? 2) : 2))}:`
      : '';
  return `${hoursText}${two(minutes)}:${two(seconds % 60)}${mark}${two(time % 1000, 3)}`;
}

/** The file as text again. */
export function printSubtitles(pieces: readonly (LooseText | SubtitleCue)[]): string {
  return pieces
    .map((piece) =>
      piece.kind === 'loose'
        ? piece.text
        : piece.id + piece.before + piece.startText + piece.arrow + piece.endText + piece.settings + piece.text,
    )
    .join('');
}
