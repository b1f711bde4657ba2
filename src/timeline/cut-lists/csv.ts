import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Section } from '../sections.js';
import type { Microseconds } from '../timecode.js';
import { readClockTime, secondsText } from './clock-time.js';
import {
  checkLength,
  Counts,
  CutListError,
  isInOrder,
  madeList,
  MOST_PARTS,
  type CutList,
  type ListedClip,
  type ListedPart,
  type WrittenList,
} from './cut-list.js';
import { countingRate, frameOfTime, timeOfFrame } from './frame-rate.js';

// Tables with a section in each row, as LosslessCut writes them: begin, end and name, in seconds, as clock times or in
// frames, with or without a row of headings. Tabs and semicolons part columns as well.

const BEGIN = /^(?:start|in|begin|from|开始|入点|起点)|(?:开始|起始)(?:时间)?$/iu;
const END = /^(?:end|out|to|stop|finish|结束|出点|终点)|结束(?:时间)?$/iu;
const NAME = /^(?:name|label|title|comment|description|名称|标题|标签|备注)/iu;

interface Columns {
  readonly begin: number;
  readonly end: number;
  readonly name: number;
}

/**
 * Reads a table of sections. Whether they stay or go it does not say; LosslessCut means those that stay.
 * An empty begin is that of the clip; a row without an end is a marker, as in LosslessCut.
 *
 * @throws CutListError
 */
export function readCsv(text: string, clip: ListedClip): CutList {
  checkLength(text);
  const rows = readRows(text);
  const heading = headingOf(rows[0] ?? []);
  const columns = heading ?? { begin: 0, end: 1, name: 2 };
  const body = heading ? rows.slice(1) : rows;
  const { rate } = countingRate(clip.frameRate);
  const notes = new Counts();
  const times = body.map((row) => {
    const [begin, end] = [timeIn(row[columns.begin]), timeIn(row[columns.end])];
    const from = begin === '' ? 0 : readClockTime(begin, rate);
    return { begin, end, from, to: end === '' ? undefined : readClockTime(end, rate), name: row[columns.name]?.trim() };
  });
  const known = times.filter(
    ({ begin, end, from, to }) => from !== undefined && (end === '' ? begin !== '' : to !== undefined),
  );
  // A table of something else has a number here and there; one of sections has times throughout.
  if (known.length * 2 < times.length || known.length === 0) throw new CutListError('not-this');
  notes.add('unreadable', times.length - known.length);
  const asFrames = countsFrames(known, clip);
  if (asFrames) notes.add('frames');
  const place = (time: Microseconds): Microseconds => (asFrames ? timeOfFrame(time / 1e6, rate) : time);
  const parts = known.flatMap(({ from = 0, to, name }): ListedPart[] => {
    if (to === undefined) notes.add('markers');
    else if (to <= from) notes.add('unreadable');
    else return [{ in: place(from), out: place(to), ...(name ? { name } : {}) }];
    return [];
  });
  if (!isInOrder(parts)) notes.add('reordered');
  return madeList({ format: 'csv', lists: 'unsaid', parts, notes });
}

/** LosslessCut writes the end of a marker in seconds as `undefined`. */
function timeIn(cell = ''): string {
  const text = cell.trim();
  return text === 'undefined' ? '' : text;
}

function readRows(text: string): string[][] {
  const plain = text.replace(/^\ufeff/u, '');
  const first =
    plain
      .slice(0, 2000)
      .split(/\r\n?|\n/u)
      .find((line) => line.trim() !== '') ?? '';
  const delimiter = first.includes('\t') ? '\t' : first.includes(';') && !first.includes(',') ? ';' : ',';
  try {
    return parse(plain, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: MOST_PARTS + 2,
    });
  } catch {
    throw new CutListError('not-this');
  }
}

function headingOf(row: readonly string[]): Columns | undefined {
  const find = (pattern: RegExp): number => row.findIndex((heading) => pattern.test(heading.trim()));
  const columns = { begin: find(BEGIN), end: find(END), name: find(NAME) };
  return columns.begin >= 0 && columns.end >= 0 ? columns : undefined;
}

/** LosslessCut can count frames, under the same headings: whole numbers that as seconds would lie far past the end. */
function countsFrames(
  rows: readonly { readonly begin: string; readonly end: string; readonly to: Microseconds | undefined }[],
  clip: ListedClip,
): boolean {
  const whole = rows.every(({ begin, end }) => /^\d*$/u.test(begin) && /^\d*$/u.test(end));
  const last = Math.max(...rows.map(({ to }) => to ?? 0));
  if (!whole || clip.frameRate === undefined || last <= clip.duration + 1_000_000) return false;
  return last / 1e6 <= frameOfTime(clip.duration, countingRate(clip.frameRate).rate) + 1;
}

/**
 * Writes what is kept as LosslessCut's own table, with its headings, in seconds. Exact to the microsecond.
 *
 * @param names of the sections, by their place; empty without
 */
export function writeCsv(kept: readonly Section[], names: readonly string[] = []): WrittenList {
  const rows = kept.map((section, index) => [secondsText(section.in), secondsText(section.out), names[index] ?? '']);
  return { text: stringify([['Start', 'End', 'Name'], ...rows]), grain: 0, lost: 0 };
}
