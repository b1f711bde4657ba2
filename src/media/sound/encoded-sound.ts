import type { AudioFifo, CodecContext, Frame, SoftwareResampleContext, Stream } from 'node-av/lib';
import type { AVSampleFormat } from 'node-av/constants';

import type { OutputContainer } from '../file/containers.js';
import { check, native } from '../native.js';
import type { TrackPacket } from '../file/output.js';
import type { Samples, SoundFormat } from './sound-reader.js';

// FFmpeg's own AAC needs this much for two channels to be transparent to most ears.
const LEAST_BITS_PER_CHANNEL = 64_000;
const LOSSY = new Set(['aac', 'ac3', 'eac3', 'mp3', 'opus', 'vorbis']);
const ENCODERS: Readonly<Record<string, string>> = { opus: 'libopus', vorbis: 'libvorbis', mp3: 'libmp3lame' };

/**
 * What sound becomes that is encoded anew: FFmpeg's name of the codec, and bits a second; undefined for one that keeps
 * every sample.
 */
export function encodedSound(
  { codecpar }: Stream,
  container: OutputContainer,
  channels: number = codecpar.channelLayout.nbChannels,
): { readonly codec: string; readonly bitRate: number | undefined } {
  const name = native().av.avGetCodecName(codecpar.codecId) ?? '';
  const codec = container.sound.includes(name) && findEncoder(name) ? name : (container.sound[0] ?? 'aac');
  if (!LOSSY.has(codec)) return { codec, bitRate: undefined };
  return { codec, bitRate: Math.max(Number(codecpar.bitRate), LEAST_BITS_PER_CHANNEL * channels) };
}

/** Encodes joined sound; one per track of the result. */
export class SoundEncoder implements Disposable {
  /** FFmpeg's codec name. */
  readonly codec: string;
  readonly context: CodecContext;
  readonly #layout: Frame['channelLayout'];
  readonly #source: SoundFormat;
  readonly #fifo: AudioFifo;
  readonly #resampler: SoftwareResampleContext | undefined;
  #position = 0;

  constructor(stream: Stream, source: SoundFormat, layout: Frame['channelLayout'], container: OutputContainer) {
    const { av, c } = native();
    const name = av.avGetCodecName(stream.codecpar.codecId) ?? '';
    const wanted = encodedSound(stream, container, source.channels);
    this.codec = wanted.codec;
    const codec = findEncoder(this.codec);
    if (!codec) throw new Error(`no encoder for ${this.codec}`);
    this.#source = source;
    this.#layout = layout;
    const context = new av.CodecContext();
    context.allocContext3(codec);
    this.context = context;
    const formats = codec.sampleFormats ?? [c.AV_SAMPLE_FMT_FLTP];
    const sampleFormat = chooseFormat(formats, stream.codecpar.format as AVSampleFormat, this.codec === name);
    const rates = codec.supportedSamplerates ?? [];
    const sampleRate = rates.length === 0 || rates.includes(source.sampleRate) ? source.sampleRate : 48_000;
    context.sampleFormat = sampleFormat;
    context.sampleRate = sampleRate;
    context.channelLayout = layout;
    context.timeBase = new av.Rational(1, sampleRate);
    if (wanted.bitRate !== undefined) context.bitRate = BigInt(wanted.bitRate);
    if (stream.codecpar.bitsPerRawSample > 0) context.bitsPerRawSample = stream.codecpar.bitsPerRawSample;
    context.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER);
    check(context.open2Sync(codec, null), `open ${this.codec} encoder`);
    if (sampleFormat !== c.AV_SAMPLE_FMT_FLTP || sampleRate !== source.sampleRate) {
      this.#resampler = new av.SoftwareResampleContext();
      check(
        this.#resampler.allocSetOpts2(
          layout,
          sampleFormat,
          sampleRate,
          layout,
          c.AV_SAMPLE_FMT_FLTP,
          source.sampleRate,
        ),
        'convert sound',
      );
      check(this.#resampler.init(), 'convert sound');
    }
    this.#fifo = new av.AudioFifo();
    this.#fifo.alloc(sampleFormat, source.channels, 8192);
  }

  /** Encodes everything; pulls samples only as packets are asked for. */
  async *packets(sound: AsyncIterable<Samples>): AsyncGenerator<TrackPacket> {
    for await (const samples of sound) {
      this.#write(samples);
      yield* this.#encode(false);
    }
    this.#flushResampler();
    yield* this.#encode(true);
    yield* this.#send(null);
  }

  [Symbol.dispose](): void {
    this.#resampler?.free();
    this.#fifo.free();
    this.context.freeContext();
  }

  #write(samples: Samples): void {
    const { av, c } = native();
    const count = samples[0]?.length ?? 0;
    if (count === 0) return;
    const planes = samples.map((channel) => Buffer.from(channel.buffer, channel.byteOffset, channel.byteLength));
    if (!this.#resampler) {
      check(this.#fifo.writeSync(planes, count), 'queue sound');
      return;
    }
    const frame = av.Frame.fromAudioBuffer(Buffer.concat(planes), {
      nbSamples: count,
      format: c.AV_SAMPLE_FMT_FLTP,
      sampleRate: this.#source.sampleRate,
      channelLayout: this.#layout,
    });
    this.#convert(frame);
    frame.free();
  }

  #flushResampler(): void {
    if (this.#resampler && this.context.sampleRate !== this.#source.sampleRate) this.#convert(null);
  }

  #convert(input: Frame | null): void {
    const { av } = native();
    const output = new av.Frame();
    output.alloc();
    output.format = this.context.sampleFormat;
    output.sampleRate = this.context.sampleRate;
    output.channelLayout = this.#layout;
    check(this.#resampler?.convertFrame(output, input) ?? 0, 'convert sound');
    const bytes = output.nbSamples * av.avGetBytesPerSample(this.context.sampleFormat);
    const planar = av.avSampleFmtIsPlanar(this.context.sampleFormat);
    const size = planar ? bytes : bytes * this.#source.channels;
    const planes = (output.extendedData ?? []).map((plane) => plane.subarray(0, size));
    if (output.nbSamples > 0) check(this.#fifo.writeSync(planes, output.nbSamples), 'queue sound');
    output.free();
  }

  *#encode(ended: boolean): Generator<TrackPacket> {
    const { av } = native();
    const size = this.context.frameSize > 0 ? this.context.frameSize : 4096;
    const format = this.context.sampleFormat;
    const planar = av.avSampleFmtIsPlanar(format);
    while (this.#fifo.size >= size || (ended && this.#fifo.size > 0)) {
      const count = Math.min(size, this.#fifo.size);
      const plane = count * av.avGetBytesPerSample(format) * (planar ? 1 : this.#source.channels);
      const bytes = Buffer.alloc(planar ? plane * this.#source.channels : plane);
      const planes = Array.from({ length: bytes.length / plane }, (_, i) => bytes.subarray(i * plane, (i + 1) * plane));
      check(this.#fifo.readSync(planes, count), 'queue sound');
      const frame = av.Frame.fromAudioBuffer(bytes, {
        nbSamples: count,
        format,
        sampleRate: this.context.sampleRate,
        channelLayout: this.#layout,
        pts: BigInt(this.#position),
        timeBase: this.context.timeBase,
      });
      this.#position += count;
      yield* this.#send(frame);
      frame.free();
    }
  }

  *#send(frame: Frame | null): Generator<TrackPacket> {
    const { av } = native();
    check(this.context.sendFrameSync(frame), 'encode sound');
    for (;;) {
      const packet = new av.Packet();
      packet.alloc();
      if (this.context.receivePacketSync(packet) < 0) {
        packet.free();
        return;
      }
      yield { packet, seconds: Number(packet.dts) / this.context.sampleRate };
    }
  }
}

function findEncoder(codec: string): import('node-av/lib').Codec | null {
  const { av } = native();
  return av.Codec.findEncoderByName((ENCODERS[codec] ?? codec) as Parameters<typeof av.Codec.findEncoderByName>[0]);
}

// Lossless sound keeps its width; for the rest floats lose nothing.
function chooseFormat(offered: readonly AVSampleFormat[], source: AVSampleFormat, same: boolean): AVSampleFormat {
  const { c } = native();
  if (same && offered.includes(source)) return source;
  const best = [
    c.AV_SAMPLE_FMT_FLTP,
    c.AV_SAMPLE_FMT_FLT,
    c.AV_SAMPLE_FMT_S32P,
    c.AV_SAMPLE_FMT_S32,
    c.AV_SAMPLE_FMT_S16P,
  ];
  return best.find((format) => offered.includes(format)) ?? offered[0] ?? c.AV_SAMPLE_FMT_FLTP;
}
