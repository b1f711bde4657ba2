import { open } from 'node:fs/promises';

import type { Samples } from '../isobmff/samples.js';
import type { Track } from '../isobmff/track.js';
import type { Pace } from '../pace.js';
import { OPEN_ENTRY } from '../plan.js';
import { ENTRIES, type FrameIndex } from './frame-index.js';
import type { JoinCodec } from './join-codec.js';

/**
 * The index of a picture track from an mp4's or mov's own tables: of the media only the keyframes are read, and only
 * where a codec looks at them.
 */
export async function indexMovie(
  file: string,
  track: Track,
  codec: JoinCodec | undefined,
  pace: Pace,
): Promise<FrameIndex> {
  const { samples } = track;
  const { pts, hidden, count } = samples;
  const entries = new Uint8Array(count);
  const invisible = new Uint8Array(count);
  await using handle = await open(file, 'r');
  for (let place = 0; place < count; place++) {
    const key = samples.sync[place] === 1;
    // A sample of an mp4 shows exactly one picture, VP9 as well; only keyframes have to be read.
    if (!key) continue;
    if (!codec) {
      entries[place] = OPEN_ENTRY;
      continue;
    }
    // Of its own for each: codecs keep parts of what they see.
    const data = new Uint8Array(samples.size[place] ?? 0);
    await handle.read(data, 0, data.length, samples.offset[place] ?? 0);
    entries[place] = ENTRIES[codec.entry(data)];
    await pace();
  }
  return {
    timeBase: { num: 1, den: track.timescale },
    pts,
    entries,
    hidden,
    invisible,
    lastDuration: lastDuration(samples, invisible),
    timed: true,
    verified: codec !== undefined,
    obstacle: codec?.obstacle(),
  };
}

function lastDuration({ pts, hidden, duration, count }: Samples, invisible: Uint8Array): number {
  let last = -1;
  for (let i = 0; i < count; i++) {
    if (!hidden[i] && !invisible[i] && (last < 0 || (pts[i] ?? 0) > (pts[last] ?? 0))) last = i;
  }
  return duration[last] ?? 0;
}
