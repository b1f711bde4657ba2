import type { CodecContext, Frame, Stream } from 'node-av/lib';

import { check, native, ticks } from '../native.js';
import type { AacConfig } from './aac.js';
import { parseAacConfig } from './aac.js';
import { PacketsRefused } from './packet-sound.js';
import { usualLayout, type Samples, type SoundFormat } from './sound-reader.js';

/** Samples of an AAC packet. */
export const AAC_SAMPLES = 1024;
// A window is a few packets long: bits are cheap and its noise stands beside sound that was encoded only once.
const LEAST_BITS_PER_CHANNEL = 250_000;
// The decoder has room for 6144 bits a channel and packet (14496-3 4.5.3.3); stay well below.
const MOST_BITS_PER_PACKET = 5_500;
const MOST_BANDWIDTH = 20_000;

/**
 * Encodes a short piece of sound as AAC packets that fit between others of the same configuration.
 *
 * @param frames 1024 samples of each channel per frame
 * @returns packet n covers frames n and n + 1, like a packet whose time is that of frame n; as many as frames
 * @throws PacketsRefused when FFmpeg's encoder cannot make such packets
 */
export function encodeAac(
  frames: readonly Samples[],
  stream: Stream,
  config: AacConfig,
  format: SoundFormat,
): (Uint8Array | undefined)[] {
  const { av } = native();
  const context = openEncoder(stream, config, format);
  const packets = new Array<Uint8Array | undefined>(frames.length).fill(undefined);
  const packet = new av.Packet();
  packet.alloc();
  const send = (frame: Frame | null): void => {
    check(context.sendFrameSync(frame), 'encode sound');
    while (context.receivePacketSync(packet) >= 0) {
      const place = (ticks(packet.pts) ?? Number.NaN) / AAC_SAMPLES;
      if (place >= 0 && place < frames.length) packets[place] = Uint8Array.from(packet.data ?? []);
      packet.unref();
    }
  };
  try {
    for (const [n, samples] of frames.entries()) {
      const planes = samples.map((plane) => Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength));
      const frame = av.Frame.fromAudioBuffer(Buffer.concat(planes), {
        nbSamples: AAC_SAMPLES,
        format: context.sampleFormat,
        sampleRate: context.sampleRate,
        channelLayout: context.channelLayout,
        pts: BigInt(n * AAC_SAMPLES),
        timeBase: context.timeBase,
      });
      send(frame);
      frame.free();
    }
    send(null);
  } finally {
    packet.free();
    context.freeContext();
  }
  return packets;
}

function openEncoder(stream: Stream, config: AacConfig, format: SoundFormat): CodecContext {
  const { av, c } = native();
  const codec = av.Codec.findEncoderByName('aac' as Parameters<typeof av.Codec.findEncoderByName>[0]);
  if (!codec) throw new PacketsRefused('there is no encoder for it');
  const context = new av.CodecContext();
  context.allocContext3(codec);
  context.sampleFormat = c.AV_SAMPLE_FMT_FLTP;
  context.sampleRate = format.sampleRate;
  context.channelLayout = usualLayout(stream.codecpar.channelLayout);
  context.timeBase = new av.Rational(1, format.sampleRate);
  const wanted = Math.max(Number(stream.codecpar.bitRate), LEAST_BITS_PER_CHANNEL * format.channels);
  const most = (MOST_BITS_PER_PACKET * format.channels * format.sampleRate) / AAC_SAMPLES;
  context.bitRate = BigInt(Math.round(Math.min(wanted, most)));
  context.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER);
  // Noise and shared stereo in place of the real spectrum would not cancel against the packets beside the window.
  for (const tool of ['aac_pns', 'aac_is']) context.setOption(tool, 0);
  // With so many bits the plain search comes closer to the sound than the default one, in half the time.
  context.setOption('aac_coder', 'fast');
  context.setOption('cutoff', Math.min(MOST_BANDWIDTH, format.sampleRate / 2));
  try {
    check(context.open2Sync(codec, null), 'open aac encoder');
    const made = parseAacConfig(context.extraData ?? new Uint8Array());
    if (!made?.plain || made.sampleRate !== config.sampleRate || made.channels !== config.channels) {
      throw new PacketsRefused('packets of its kind cannot be made here');
    }
  } catch (error) {
    context.freeContext();
    throw error;
  }
  return context;
}
