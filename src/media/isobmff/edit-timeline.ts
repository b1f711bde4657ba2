import { damaged, NotCarried, readLong, type Box } from './boxes.js';
import type { RawSamples, Samples } from './samples.js';

/** A track's edit list, of the only kind that is carried over: a wait, then one stretch of the media. */
export interface Edit {
  /** Ticks of the track before the stretch begins. */
  readonly wait: number;
  /** Where the stretch begins on the media's clock, in ticks. */
  readonly mediaTime: number;
  /** Length of the stretch in ticks. */
  readonly length: number;
}

/**
 * @param movieTimescale of the list's durations
 * @throws NotCarried for lists with several stretches or other speeds
 */
export function readEdit(data: Buffer, elst: Box, movieTimescale: number, timescale: number): Edit | undefined {
  if (elst.end - elst.body < 8) throw damaged();
  const long = data.readUInt8(elst.body) === 1;
  const count = data.readUInt32BE(elst.body + 4);
  if (count * (long ? 20 : 12) > elst.end - elst.body - 8) throw damaged();
  if (count === 0) return undefined;
  let wait = 0;
  let stretch: { mediaTime: number; length: number } | undefined;
  for (let i = 0; i < count; i++) {
    const at = elst.body + 8 + i * (long ? 20 : 12);
    const duration = long ? readLong(data, at) : data.readUInt32BE(at);
    const mediaTime = long ? Number(data.readBigInt64BE(at + 8)) : data.readInt32BE(at + 4);
    const rate = data.readUInt32BE(at + (long ? 16 : 8));
    const length = rescale(duration, timescale, movieTimescale);
    if (stretch) throw new NotCarried('an edit list plays its parts in an order of its own');
    if (mediaTime === -1) wait += length;
    else if (mediaTime < 0 || !Number.isSafeInteger(mediaTime)) throw damaged();
    else if (rate !== 0x1_0000) throw new NotCarried('an edit list changes its speed');
    else stretch = { mediaTime, length };
  }
  if (!stretch) throw new NotCarried('an edit list leaves nothing of a track');
  return { wait, ...stretch };
}

/** `value * to / from`, rounded half away from zero as FFmpeg does it. */
export function rescale(value: number, to: number, from: number): number {
  const product = value * to;
  if (Number.isSafeInteger(product * 2)) return Math.floor((product * 2 + from) / (from * 2));
  return Number((BigInt(value) * BigInt(to) * 2n + BigInt(from)) / (BigInt(from) * 2n));
}

/** Fragmented files and tracks without an edit list: all samples count, moved by the edit's beginning. */
export function plainTimeline(raw: RawSamples, edit: Edit | undefined): Samples {
  const moved = (edit ? edit.wait - edit.mediaTime : 0) - raw.dtsShift;
  const dts = raw.dts.map((time) => time + moved);
  return finish(raw, 0, raw.count, dts, new Uint8Array(raw.count));
}

/**
 * What FFmpeg's mov demuxer makes of one stretch: packets from the keyframe before its beginning to the second keyframe
 * behind its end (sound: from a second before to its end), those outside marked, and the picture moved so that the first
 * frame inside lies at the beginning. FFmpeg steps through decode order, so this does too.
 */
export function editedTimeline(
  raw: RawSamples,
  edit: Edit,
  timescale: number,
  kind: 'video' | 'sound' | 'other',
): Samples {
  const { count } = raw;
  const end = edit.mediaTime + edit.length;
  const presented = (i: number): number => (raw.dts[i] ?? 0) + (raw.reorder?.[i] ?? 0);
  const from = firstPacket(raw, edit.mediaTime - (kind === 'sound' ? timescale : 0));
  const dts = new Float64Array(count);
  const hidden = new Uint8Array(count);
  let clock = edit.wait - raw.dtsShift;
  let started = false;
  let earliest = -1;
  let passedKey = false;
  let to = from;
  const lead = (): void => {
    started = true;
    let time = clock;
    for (let i = to - 1; i >= from; i--) {
      time -= (raw.dts[i + 1] ?? 0) - (raw.dts[i] ?? 0);
      dts[i] = time;
    }
  };
  while (to < count) {
    const i = to;
    const step = i + 1 < count ? (raw.dts[i + 1] ?? 0) - (raw.dts[i] ?? 0) : edit.length;
    const time = presented(i);
    if (time >= edit.mediaTime && time < end) {
      const shown = clock + (raw.reorder?.[i] ?? 0) + raw.dtsShift;
      earliest = earliest < 0 ? shown : Math.min(earliest, shown);
      if (!started) lead();
    } else if (kind === 'sound' && time < edit.mediaTime && time + step > edit.mediaTime) {
      // A sound packet that the edit begins inside of: its first part is skipped after decoding.
      clock -= edit.mediaTime - time;
      if (!started) lead();
    } else hidden[i] = 1;
    dts[i] = clock;
    if (started) clock += step;
    to++;
    if (time + step < end || !(kind === 'sound' || raw.sync[i])) continue;
    if (!raw.reorder || kind === 'sound' || passedKey) break;
    passedKey = true;
  }
  const late = kind === 'video' ? Math.max(0, earliest - edit.wait) : 0;
  return finish(
    raw,
    from,
    to,
    dts.subarray(from, to).map((time) => time - late),
    hidden.subarray(from, to),
  );
}

function firstPacket(raw: RawSamples, wanted: number): number {
  let found = raw.count - 1;
  while (found >= 0 && ((raw.dts[found] ?? 0) > wanted || !raw.sync[found])) found--;
  // Of several with the same decode time the first keyframe counts.
  for (let i = found; i > 0 && raw.dts[i] === raw.dts[i - 1]; i--) if (raw.sync[i - 1]) found = i - 1;
  if (raw.reorder) {
    while (found >= 0 && !(raw.sync[found] && (raw.dts[found] ?? 0) + (raw.reorder[found] ?? 0) <= wanted)) found--;
    return Math.max(0, found);
  }
  if (found >= 0) return found;
  found = raw.count - 1;
  while (found >= 0 && (raw.dts[found] ?? 0) > wanted) found--;
  return Math.max(0, found);
}

function finish(raw: RawSamples, from: number, to: number, dts: Float64Array, hidden: Uint8Array): Samples {
  const pts = raw.reorder ? dts.map((time, i) => time + raw.dtsShift + (raw.reorder?.[from + i] ?? 0)) : dts.slice();
  return {
    count: to - from,
    offset: raw.offset.subarray(from, to),
    size: raw.size.subarray(from, to),
    dts,
    pts,
    duration: raw.duration.subarray(from, to),
    sync: raw.sync.subarray(from, to),
    hidden,
    partial: raw.partial?.subarray(from, to),
    tableStart: from,
  };
}
