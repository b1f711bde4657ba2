import { check, isDrained, native } from '../native.js';

/** FLAC (RFC 9639): the marker, one metadata block that is the last, 34 bytes long. */
const HEAD = Buffer.from([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34]);
const STREAM_INFO = 34;
/** Where the number of samples begins in the block: 36 bits, of which the first 4 share their byte. */
const COUNT_AT = 13;

/**
 * A whole FLAC file.
 *
 * @param samples 16 bits, interleaved
 */
export function flacFile(samples: Buffer, sampleRate: number, channels: number): Uint8Array {
  const { av, c } = native();
  const codec = av.Codec.findEncoder(c.AV_CODEC_ID_FLAC);
  const encoder = new av.CodecContext();
  const packet = new av.Packet();
  packet.alloc();
  const parts: Buffer[] = [];
  const receive = (): void => {
    for (;;) {
      const result = encoder.receivePacketSync(packet);
      if (isDrained(result)) return;
      check(result, 'encode sound');
      if (packet.data) parts.push(Buffer.from(packet.data));
      packet.unref();
    }
  };
  try {
    encoder.allocContext3(codec);
    encoder.sampleFormat = c.AV_SAMPLE_FMT_S16;
    encoder.sampleRate = sampleRate;
    encoder.channelLayout = av.avChannelLayoutDefault(channels);
    encoder.timeBase = new av.Rational(1, sampleRate);
    encoder.setOption('compression_level', '2');
    check(encoder.open2Sync(codec, null), 'encode sound');
    const info = Buffer.from(encoder.extraData ?? Buffer.alloc(0)).subarray(0, STREAM_INFO);
    const count = samples.length / (2 * channels);
    info.writeUInt8(((info[COUNT_AT] ?? 0) & 0xf0) | Math.floor(count / 2 ** 32), COUNT_AT);
    info.writeUInt32BE(count % 2 ** 32, COUNT_AT + 1);
    const step = encoder.frameSize;
    for (let at = 0; at < count; at += step) {
      const length = Math.min(step, count - at);
      const frame = av.Frame.fromAudioBuffer(samples.subarray(at * 2 * channels, (at + length) * 2 * channels), {
        nbSamples: length,
        format: c.AV_SAMPLE_FMT_S16,
        sampleRate,
        channelLayout: av.avChannelLayoutDefault(channels),
        pts: BigInt(at),
      });
      try {
        check(encoder.sendFrameSync(frame), 'encode sound');
      } finally {
        frame.free();
      }
      receive();
    }
    check(encoder.sendFrameSync(null), 'encode sound');
    receive();
    return Buffer.concat([HEAD, info, ...parts]);
  } finally {
    packet.free();
    encoder.freeContext();
  }
}
