import type { NewSample, Piece, TrackEdit } from '../isobmff/track-plan.js';
import type { JoinedPackets } from './packet-joins.js';

/**
 * A joined sound track for our own writer of mp4 and mov. The sample description stays the source's.
 *
 * @param track position in the movie's tracks
 * @param timescale of that track
 */
export function soundEdit(joined: JoinedPackets, track: number, timescale: number): TrackEdit {
  const ticks = (samples: number): number => Math.round((samples * timescale) / joined.sampleRate);
  const time = (place: number): number => ticks(joined.start + place * joined.packetSamples);
  let place = 0;
  const pieces = joined.pieces.map((piece): Piece => {
    const at = place;
    if (piece.kind === 'copy') {
      place += piece.count;
      const times = (i: number): number => time(at + i);
      return { kind: 'copy', first: piece.first, count: piece.count, pts: times, dts: times };
    }
    place += piece.packets.length;
    const samples = piece.packets.map((data, i): NewSample => {
      const pts = time(at + i);
      return { data, pts, dts: pts, duration: time(at + i + 1) - pts, sync: true };
    });
    return { kind: 'new', samples };
  });
  return { track, pieces, end: ticks(joined.length) };
}
