import type { AVSeekFlag } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';

import type { Microseconds } from '../../timeline/timecode.js';
import { openSource, originSeconds, readOnly, toMicroseconds, type Source } from '../file/source.js';
import { readMovie } from '../isobmff/movie.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';

// They help the eye and the hand only: of a file that takes longer to walk through, the first ones do. Milliseconds.
const LONGEST_WALK = 4_000;
// More packets than this after a seek, and none of them a keyframe: the index is untrue.
const PATIENCE = 300;
// Seeking here goes by an index of keyframes; elsewhere it searches the whole file.
const INDEXED = /^(matroska|avi)/;

// To the first keyframe at the time or after it.
const FORWARD = 0 as unknown as AVSeekFlag;

/**
 * When the keyframes of the picture are shown on the clip's own clock, in order: from the tables of an mp4 or mov, or
 * by going along the index of a Matroska or AVI file.
 *
 * @param most where there are more, the answer is empty; as it is for containers without an index
 */
export async function findKeyframes(file: string, most: number, pace: Pace): Promise<Microseconds[]> {
  using source = await openSource(file);
  const { video: stream } = source;
  if (!stream) return [];
  const shown = await keyframeTicks(source, stream, most, pace);
  if (shown.length > most) return [];
  const origin = originSeconds(source) * 1e6;
  const times = shown.map((time) => Math.max(0, Math.round(toMicroseconds(time, stream.timeBase) - origin)));
  return [...new Set(times)].sort((a, b) => a - b);
}

async function keyframeTicks(source: Source, stream: Stream, most: number, pace: Pace): Promise<number[]> {
  const container = source.format.iformat?.name ?? '';
  if (INDEXED.test(container)) return walkIndex(source, stream, most, pace);
  if (!container.startsWith('mov')) return [];
  const movie = await readMovie(source.path, stream.id);
  const track = 'reason' in movie ? undefined : movie.tracks[0];
  if (track?.kind !== 'video' || track.timescale !== stream.timeBase.den) return [];
  const { pts, sync, hidden } = track.samples;
  return Array.from(pts).filter((_, place) => sync[place] === 1 && hidden[place] !== 1);
}

/** Goes from each keyframe to the next by seeking. */
async function walkIndex(source: Source, stream: Stream, most: number, pace: Pace): Promise<number[]> {
  const { av } = native();
  readOnly(source, stream);
  const found: number[] = [];
  const end = performance.now() + LONGEST_WALK;
  const packet = new av.Packet();
  packet.alloc();
  try {
    let wanted = 0;
    while (found.length <= most && performance.now() < end) {
      if (source.format.seekFrameSync(stream.index, BigInt(wanted), FORWARD) < 0 && found.length > 0) break;
      const time = await nextKeyframe(source, stream, wanted, packet, pace);
      if (time === undefined) break;
      found.push(time);
      wanted = time + 1;
    }
  } finally {
    packet.free();
  }
  return found;
}

async function nextKeyframe(
  source: Source,
  stream: Stream,
  from: number,
  packet: Packet,
  pace: Pace,
): Promise<number | undefined> {
  const { c } = native();
  for (let tries = 0; tries < PATIENCE; tries++) {
    await pace();
    if (source.format.readFrameSync(packet) < 0) return undefined;
    const time = ticks(packet.pts) ?? ticks(packet.dts);
    const key = packet.streamIndex === stream.index && (packet.flags & c.AV_PKT_FLAG_KEY) !== 0;
    packet.unref();
    if (key && time !== undefined && time >= from) return time;
  }
  return undefined;
}
