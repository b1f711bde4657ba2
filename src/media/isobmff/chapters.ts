import { box, boxesIn, type Box } from './boxes.js';
import type { KeptRange } from './ranged-track.js';

// User data (`udta`): what of it speaks of the length or of places in time is brought in line with the cut.

/** The `udta` box with its chapters moved and without what the cut makes untrue; the rest as it is. */
export function cutUserData(udta: Buffer, ranges: readonly KeptRange[]): Buffer[] {
  return edit(udta, (bytes, inner) => {
    if (inner.type === 'chpl') return cutChapters(bytes, inner, ranges);
    if (inner.type === 'meta') return cutMeta(bytes, inner);
    return undefined;
  });
}

/** Rebuilds a box of boxes; `change` gives new bytes for some of them. */
function edit(
  data: Buffer,
  change: (data: Buffer, inner: Box) => readonly Buffer[] | undefined,
  fields = 0,
  outer: Box | undefined = boxesIn(data)[0],
): Buffer[] {
  if (!outer) return [data];
  const first = outer.body + fields;
  const inner = boxesIn(data, first, outer.end);
  const parts = inner.flatMap((found) => change(data, found) ?? [data.subarray(found.start, found.end)]);
  // QuickTime ends the list with four zero bytes.
  const rest = data.subarray(inner.at(-1)?.end ?? first, outer.end);
  return box(outer.type, data.subarray(outer.body, first), parts, rest);
}

function cutMeta(data: Buffer, meta: Box): Buffer[] {
  // QuickTime's is a plain box, that of ISO/IEC 14496-12 has version and flags.
  const plain = data.toString('latin1', meta.body + 4, meta.body + 8) === 'hdlr';
  const withoutGapless = (bytes: Buffer, list: Box): Buffer[] | undefined =>
    list.type === 'ilst' ? edit(bytes, dropGapless, 0, list) : undefined;
  return edit(data, withoutGapless, plain ? 0 : 4, meta);
}

/** iTunes' note of priming and length: the edit list says it now. */
function dropGapless(data: Buffer, item: Box): Buffer[] | undefined {
  const gapless = item.type === '----' && data.subarray(item.body, item.end).includes('iTunSMPB');
  return gapless ? [] : undefined;
}

/** Nero's chapters: beginnings in units of 100 ns, each with a title of up to 255 bytes. */
function cutChapters(data: Buffer, chpl: Box, ranges: readonly KeptRange[]): Buffer[] | undefined {
  const count = chpl.body + (data.readUInt8(chpl.body) === 0 ? 4 : 8);
  if (count >= chpl.end) return undefined;
  const chapters: { start: number; title: Buffer }[] = [];
  for (let at = count + 1, n = data.readUInt8(count); n > 0 && at + 9 <= chpl.end; n--) {
    const end = at + 9 + data.readUInt8(at + 8);
    if (end > chpl.end) break;
    chapters.push({ start: Number(data.readBigUInt64BE(at)) / 1e7, title: data.subarray(at + 8, end) });
    at = end;
  }
  const moved = chapters.flatMap(({ start, title }, n) => {
    const place = placeChapter(start, chapters[n + 1]?.start ?? Infinity, ranges);
    if (place === undefined) return [];
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(Math.round(place * 1e7)));
    return [time, title];
  });
  return box('chpl', data.subarray(chpl.body, count), Buffer.from([moved.length / 2]), moved);
}

/** Where a chapter begins in the result, in seconds; undefined when nothing of it is left. */
function placeChapter(start: number, end: number, ranges: readonly KeptRange[]): number | undefined {
  for (const range of ranges) {
    const rangeEnd = range.start + range.outEnd - range.outStart;
    if (start < rangeEnd && end > range.start) return range.outStart + Math.max(0, start - range.start);
  }
  return undefined;
}
