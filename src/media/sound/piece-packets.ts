import type { TrackPacket } from '../file/output.js';
import { native } from '../native.js';
import type { Pace } from '../pace.js';
import type { JoinedPackets } from './packet-joins.js';
import type { SoundPackets } from './sound-packets.js';

// Read at once: enough to make a read worth it, little enough to be no memory.
const BATCH = 64;

/** The packets of a joined track for FFmpeg's muxers, in a time base of one sample. */
export async function* piecePackets(
  joined: JoinedPackets,
  source: SoundPackets,
  pace: Pace,
): AsyncGenerator<TrackPacket> {
  let place = 0;
  const make = (data: Uint8Array): TrackPacket => {
    const time = joined.start + place * joined.packetSamples;
    place += 1;
    // A shorter last packet makes mp4 end the track where the sound ends.
    return trackPacket(data, time, Math.min(joined.packetSamples, joined.length - time), joined.sampleRate);
  };
  for (const piece of joined.pieces) {
    if (piece.kind === 'new') for (const data of piece.packets) yield make(data);
    else
      for (let done = 0; done < piece.count; done += BATCH) {
        await pace();
        for (const data of await source.read(piece.first + done, Math.min(BATCH, piece.count - done))) yield make(data);
      }
  }
}

function trackPacket(data: Uint8Array, time: number, duration: number, sampleRate: number): TrackPacket {
  const { av } = native();
  const packet = new av.Packet();
  packet.alloc();
  packet.data = Buffer.from(data);
  packet.pts = BigInt(time);
  packet.dts = packet.pts;
  packet.duration = BigInt(duration);
  packet.isKeyframe = true;
  return { packet, seconds: time / sampleRate };
}
