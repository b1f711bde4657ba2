import type { CodecContext, Frame } from 'node-av/lib';

import { check, native, ticks } from '../native.js';
import type { Samples } from './sound-reader.js';

/**
 * Encodes a short piece of sound as packets that are to stand between others.
 *
 * @param context an open encoder, which is used up
 * @param frames as many samples of each channel as a packet holds
 * @param skipped samples at the beginning that are not encoded, so that packets begin where frames do
 * @returns packet n makes frame n when it is decoded; as many as frames, undefined where the encoder gave none
 */
export function encodeFrames(
  context: CodecContext,
  frames: readonly Samples[],
  skipped = 0,
): (Uint8Array | undefined)[] {
  const { av } = native();
  const size = frames[0]?.[0]?.length ?? 0;
  const packets = new Array<Uint8Array | undefined>(frames.length).fill(undefined);
  const packet = new av.Packet();
  packet.alloc();
  const send = (frame: Frame | null): void => {
    check(context.sendFrameSync(frame), 'encode sound');
    while (context.receivePacketSync(packet) >= 0) {
      const place = (ticks(packet.pts) ?? Number.NaN) / size;
      if (place >= 0 && place < frames.length) packets[place] = Uint8Array.from(packet.data ?? []);
      packet.unref();
    }
  };
  try {
    for (const [n, samples] of withoutFirst(frames, skipped).entries()) {
      const planes = samples.map((plane) => Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength));
      const frame = av.Frame.fromAudioBuffer(Buffer.concat(planes), {
        nbSamples: size,
        format: context.sampleFormat,
        sampleRate: context.sampleRate,
        channelLayout: context.channelLayout,
        pts: BigInt(skipped + n * size),
        timeBase: context.timeBase,
      });
      send(frame);
      frame.free();
    }
    send(null);
  } finally {
    packet.free();
  }
  return packets;
}

/** The same sound divided anew from a later sample on; it ends with silence. */
function withoutFirst(frames: readonly Samples[], skipped: number): readonly Samples[] {
  if (skipped === 0) return frames;
  return frames.map((frame, n) =>
    frame.map((samples, channel) => {
      const moved = new Float32Array(samples.length);
      moved.set(samples.subarray(skipped));
      const next = frames[n + 1]?.[channel];
      if (next) moved.set(next.subarray(0, skipped), samples.length - skipped);
      return moved;
    }),
  );
}
