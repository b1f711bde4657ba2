// Positions on the clip's clock and positions counted in packets. Pure: no I/O.

import type { SoundRange } from './joined-sound.js';

/** Where packets of equal length lie on the clip's clock. A counted position is `place * size` and on from there. */
export interface PacketClock {
  readonly size: number;
  readonly packets: number;
  /** Clip's clock minus counted position, in samples, at each packet; constant within a track that runs evenly. */
  readonly offsets: Float64Array;
  /** Places of packets before which sound is missing, or from which on it lies over what came before. */
  readonly breaks: readonly number[];
}

// More than this between two packets' stamps is a real gap or overlap, not rounding.
const JITTER_SECONDS = 0.03;
// Stamps are averaged over so many packets to both sides: containers round them, some to milliseconds.
const AROUND = 32;
/** Far outside of any track: there is silence. */
const SILENCE = -(2 ** 40);

/** @param position of a packet's first sample on the clip's clock, in samples; need not be whole */
export function packetClock(
  packets: number,
  size: number,
  sampleRate: number,
  position: (place: number) => number,
): PacketClock {
  const raw = new Float64Array(packets);
  const sums = new Float64Array(packets + 1);
  const breaks: number[] = [];
  for (let place = 0; place < packets; place++) {
    raw[place] = position(place) - place * size;
    sums[place + 1] = (sums[place] ?? 0) + (raw[place] ?? 0);
    const jump = (raw[place] ?? 0) - (raw[place - 1] ?? raw[place] ?? 0);
    if (Math.abs(jump) > JITTER_SECONDS * sampleRate) breaks.push(place);
  }
  const offsets = new Float64Array(packets);
  let [run, next] = [0, 0];
  for (let place = 0; place < packets; place++) {
    if (place === breaks[next]) [run, next] = [place, next + 1];
    const from = Math.max(run, place - AROUND);
    const to = Math.min(breaks[next] ?? packets, place + AROUND + 1);
    offsets[place] = Math.round(((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from));
  }
  return { size, packets, offsets, breaks };
}

/** The packet that holds a position of the clip's clock, or the nearest one. */
export function packetAt(clock: PacketClock, position: number): number {
  const { size, packets, offsets } = clock;
  let low = 0;
  let high = packets - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (middle * size + (offsets[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * A kept range in counted positions: one range where the track runs evenly. Where its stamps have drifted from the
 * count so far that the sound would be out of step, and at breaks, it goes on in a further range; a gap is a range of
 * silence. Together they are as long as the range.
 *
 * @param mostDrift samples by which the sound may come to lie off its stamps before it is put right
 * @param error how far the range will be off from its first sample on, given its start in counted positions
 */
export function countedRanges(
  clock: PacketClock,
  range: SoundRange,
  mostDrift: number,
  error: (counted: number, done: number) => number,
): SoundRange[] {
  const { size, offsets } = clock;
  const ranges: SoundRange[] = [];
  const breaks = new Set(clock.breaks);
  let place = packetAt(clock, range.start);
  let position = range.start;
  let offset = offsets[place] ?? 0;
  let off = error(position - offset, 0);
  const close = (end: number): void => {
    const joins = ranges.length === 0 && range.fade !== undefined ? { fade: range.fade } : {};
    if (end > position) ranges.push({ start: position - offset, end: end - offset, ...joins });
    position = Math.max(position, end);
  };
  for (place += 1; place < clock.packets; place++) {
    const here = offsets[place] ?? 0;
    const begins = place * size + here;
    if (begins >= range.end) break;
    const broken = breaks.has(place);
    if (!broken && Math.abs(off + offset - here) <= mostDrift) continue;
    if (broken) {
      // Sound ends where its last packet does, and begins again where the next one is stamped.
      close(Math.min(place * size + offset, begins));
      if (begins > position) {
        ranges.push({ start: SILENCE, end: SILENCE + begins - position });
        position = begins;
      }
    } else close(begins);
    offset = here;
    off = error(position - offset, position - range.start);
  }
  close(range.end);
  return ranges;
}
