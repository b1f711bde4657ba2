import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';

import type { Track } from '../isobmff/track.js';
import type { Pace } from '../pace.js';
import { CLOSED_ENTRY, copiedPlace, NO_ENTRY, packetsOf } from '../plan.js';
import { ENTRIES, lastDuration, type FrameIndex } from './frame-index.js';
import type { JoinCodec } from './join-codec.js';
import { skimSample } from './skimmed-sample.js';
import type { SmartCut } from './smart-picture.js';
import type { Obstacle } from '../obstacles.js';

/** The index of a picture track from an mp4's or mov's own tables: of the media the keyframes' headers are read. */
export async function indexMovie(file: string, track: Track, codec: JoinCodec, pace: Pace): Promise<FrameIndex> {
  const { samples } = track;
  const entries = new Uint8Array(samples.count);
  if (codec.allEntries) return tableIndex(track, entries.fill(CLOSED_ENTRY), codec.obstacle());
  await using handle = await open(file, 'r');
  for (let place = 0; place < samples.count; place++) {
    if (samples.sync[place] !== 1) continue;
    const size = samples.size[place] ?? 0;
    const offset = samples.offset[place] ?? 0;
    const read = (at: number, count: number): Uint8Array => readBytes(handle.fd, offset + at, count);
    const { lengthSize } = codec;
    const skimmed = lengthSize === undefined ? undefined : skimSample(size, lengthSize, read);
    entries[place] = ENTRIES[codec.entry(skimmed ?? read(0, size))];
    await pace();
  }
  return tableIndex(track, entries, codec.obstacle());
}

// Of their own each time: codecs keep parts of what they see. Thousands of reads through threads would take as long as
// the reading itself.
function readBytes(fd: number, position: number, count: number): Uint8Array {
  const data = Buffer.allocUnsafeSlow(count);
  if (readSync(fd, data, 0, count, position) < count) throw new RangeError('the source ends early');
  return data;
}

/**
 * The index of a smart cut's own result. Its entries are known, so nothing of the media is read: those of the source
 * where it was copied, closed ones where a run was rejoined, and the encoder's keyframes.
 */
export function indexResult(track: Track, cut: SmartCut): FrameIndex {
  const entries = new Uint8Array(track.samples.count);
  let at = 0;
  for (const span of cut.spans) {
    const count = packetsOf(span);
    for (let n = 0; n < count; n++, at++) {
      if (span.kind === 'copy') entries[at] = cut.index.entries[copiedPlace(span, n)] ?? NO_ENTRY;
      else entries[at] = track.samples.sync[at] === 1 ? CLOSED_ENTRY : NO_ENTRY;
    }
    if (span.kind === 'copy' && span.join !== undefined) entries[at - count] = CLOSED_ENTRY;
  }
  return tableIndex(track, entries, undefined);
}

function tableIndex({ samples, timescale }: Track, entries: Uint8Array, obstacle: Obstacle | undefined): FrameIndex {
  const { pts, hidden, duration } = samples;
  return {
    timeBase: { num: 1, den: timescale },
    pts,
    entries,
    hidden,
    // A sample of an mp4 shows exactly one picture, VP9 as well.
    invisible: new Uint8Array(samples.count),
    lastDuration: lastDuration(pts, duration, (place) => !hidden[place]),
    timed: true,
    verified: true,
    sizes: samples.size,
    obstacle,
  };
}
