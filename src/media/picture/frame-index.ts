import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { CLOSED_ENTRY, NO_ENTRY, OPEN_ENTRY, type FrameTimes } from '../plan.js';
import { readOnly, type Source } from '../file/source.js';
import type { Entry, JoinCodec } from './join-codec.js';
import type { Obstacle } from '../obstacles.js';

/** Every coded picture of a track, in decode order, from its packets without decoding. */
export interface FrameIndex extends FrameTimes {
  /** Presentation time in ticks; made from the decode times where the container has none. */
  readonly pts: Float64Array;
  readonly invisible: Uint8Array;
  /** False when the container had no presentation times: frames are then matched by their order. */
  readonly timed: boolean;
  /** The entries were read from the packets themselves; else they are the container's keyframes, which may be untrue. */
  readonly verified: boolean;
  /** Bytes of each packet. */
  readonly sizes: ArrayLike<number>;
  /** Why the packets must not be joined with others, as half a sentence; undefined when they may. */
  readonly obstacle: Obstacle | undefined;
}

/** The planner's number for each kind of entry. */
export const ENTRIES: Readonly<Record<Entry, number>> = { none: NO_ENTRY, closed: CLOSED_ENTRY, open: OPEN_ENTRY };

/**
 * Reads the index of the picture track in one pass over the file. The source's position is at its end afterwards.
 *
 * @param codec reads the entries; without one the container's keyframes count, as open ones
 */
export async function indexFrames(source: Source, codec: JoinCodec | undefined, pace: Pace): Promise<FrameIndex> {
  const { av, c } = native();
  const stream = source.video;
  if (!stream) throw new Error('indexFrames() without a picture track');
  readOnly(source, stream);
  const shown: (number | undefined)[] = [];
  const decoded: (number | undefined)[] = [];
  const durations: number[] = [];
  const entries: number[] = [];
  const hidden: number[] = [];
  const invisible: number[] = [];
  const sizes: number[] = [];
  let changes = false;
  const packet = new av.Packet();
  packet.alloc();
  try {
    while (source.format.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === stream.index && packet.size > 0) {
        const flags = packet.flags;
        const key = (flags & c.AV_PKT_FLAG_KEY) !== 0;
        shown.push(ticks(packet.pts));
        decoded.push(ticks(packet.dts));
        durations.push(Number(packet.duration));
        sizes.push(packet.size);
        hidden.push((flags & c.AV_PKT_FLAG_DISCARD) !== 0 ? 1 : 0);
        const data = codec && !codec.allEntries && (key || codec.invisible) ? packet.data : null;
        invisible.push(data && codec?.invisible?.(data) ? 1 : 0);
        if (codec?.allEntries) entries.push(CLOSED_ENTRY);
        else if (!key) entries.push(NO_ENTRY);
        else entries.push(codec && data ? ENTRIES[codec.entry(data)] : OPEN_ENTRY);
        if (codec && packet.getSideData(c.AV_PKT_DATA_NEW_EXTRADATA) !== null) changes = true;
      }
      packet.unref();
      await pace();
    }
  } finally {
    packet.free();
  }

  const timed = shown.every((time) => time !== undefined);
  const pts = timed
    ? shown.filter((time) => time !== undefined)
    : timesFromDecodeOrder(decoded, ticks(stream.startTime));
  return {
    timeBase: { num: stream.timeBase.num, den: stream.timeBase.den },
    pts: Float64Array.from(pts),
    entries: Uint8Array.from(entries),
    hidden: Uint8Array.from(hidden),
    invisible: Uint8Array.from(invisible),
    lastDuration: lastDuration(pts, durations, (place) => !hidden[place] && !invisible[place]),
    timed,
    verified: codec !== undefined,
    sizes: Uint32Array.from(sizes),
    obstacle: codec?.obstacle() ?? (changes ? 'its coding parameters change midway' : undefined),
  };
}

/** How long the frame that is shown last stands, in ticks; 0 when the container does not say. */
export function lastDuration(
  pts: ArrayLike<number>,
  durations: ArrayLike<number>,
  shows: (place: number) => boolean,
): number {
  let last = -1;
  for (let place = 0; place < pts.length; place++) {
    if (shows(place) && (last < 0 || (pts[place] ?? 0) > (pts[last] ?? 0))) last = place;
  }
  return durations[last] ?? 0;
}

// AVI has decode times alone. Its pictures have a fixed step, so the times as a set are right: only which picture has
// which is open, and the decoder's output order tells that.
// MPEG program streams tell when the first is shown, which is later than it is decoded.
function timesFromDecodeOrder(decoded: readonly (number | undefined)[], start: number | undefined): number[] {
  const first = decoded.find((time) => time !== undefined);
  const delay = first === undefined || start === undefined ? 0 : Math.max(0, start - first);
  const times: number[] = [];
  for (const time of decoded) {
    const before = times.at(-1);
    times.push(time !== undefined && (before === undefined || time > before) ? time : (before ?? -1) + 1);
  }
  return times.map((time) => time + delay);
}

/** Presentation times rise from packet to packet, as decode times do. */
export function inDecodeOrder({ pts }: FrameIndex): boolean {
  for (let place = 1; place < pts.length; place++) if ((pts[place] ?? 0) <= (pts[place - 1] ?? 0)) return false;
  return true;
}

/**
 * Where to begin decoding so that the frame at `place` comes out right: at the last entry whose picture is not shown
 * after it. Where the entries are only the container's word, one earlier, because a keyframe of an open group of
 * pictures may not be enough for what leans on it.
 */
export function decodeStart(index: FrameIndex, place: number): number {
  let spare = index.verified ? 0 : 1;
  const time = index.pts[place] ?? 0;
  for (let start = place; start > 0; start--) {
    if (index.entries[start] && (index.pts[start] ?? 0) <= time && spare-- <= 0) return start;
  }
  return 0;
}

/** The index with the open entries as none. */
export function closedEntries(index: FrameIndex): FrameIndex {
  const entries = Uint8Array.from(index.entries, (entry) => (entry === OPEN_ENTRY ? NO_ENTRY : entry));
  return { ...index, entries };
}
