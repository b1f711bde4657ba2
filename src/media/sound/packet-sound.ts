import type { CodecContext, Frame, Packet, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import type { SampleSource } from './joined-sound.js';
import type { SoundPackets } from './sound-packets.js';
import type { Samples, SoundFormat } from './sound-reader.js';

/** The sound of a clip is not what joining packets needs; the message says how, for the log. */
export class PacketsRefused extends Error {
  override readonly name = 'PacketsRefused';
}

// The first packet after a jump lacks what the one before would have overlapped into it.
const WARM_UP = 2;

/** Decodes packets one by one: each has to give exactly its samples. */
export class PacketDecoder implements Disposable {
  readonly #decoder: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  readonly #size: number;
  readonly format: SoundFormat;

  /** @param size samples that each packet holds */
  constructor(stream: Stream, extradata: Uint8Array | undefined, size: number) {
    const { av, c } = native();
    const codec = av.Codec.findDecoder(stream.codecpar.codecId);
    if (!codec) throw new PacketsRefused('there is no decoder for it');
    const decoder = new av.CodecContext();
    decoder.allocContext3(codec);
    decoder.parametersToContext(stream.codecpar);
    if (extradata) decoder.extraData = Buffer.from(extradata);
    decoder.pktTimebase = stream.timeBase;
    decoder.setFlags2(c.AV_CODEC_FLAG2_SKIP_MANUAL);
    check(decoder.open2Sync(codec, null), 'open sound decoder');
    this.#decoder = decoder;
    this.#size = size;
    this.#packet = new av.Packet();
    this.#packet.alloc();
    this.#frame = new av.Frame();
    this.#frame.alloc();
    this.format = { sampleRate: decoder.sampleRate, channels: decoder.channelLayout.nbChannels };
  }

  /** Forgets the packets before: the next one begins anew. */
  reset(): void {
    this.#decoder.flushBuffers();
  }

  /** @throws PacketsRefused for a packet that is damaged or holds something else than its samples */
  decode(data: Uint8Array): Samples {
    const { c } = native();
    this.#packet.unref();
    this.#packet.data = Buffer.from(data);
    if (this.#decoder.sendPacketSync(this.#packet) < 0) throw new PacketsRefused('a packet cannot be decoded');
    if (this.#decoder.receiveFrameSync(this.#frame) < 0) throw new PacketsRefused('a packet holds no sound');
    const frame = this.#frame;
    const { sampleRate, channels } = this.format;
    if (frame.nbSamples !== this.#size || frame.sampleRate !== sampleRate || frame.channels !== channels) {
      throw new PacketsRefused('a packet holds more or less than its samples');
    }
    if (frame.format !== c.AV_SAMPLE_FMT_FLTP) throw new PacketsRefused('its samples are of another kind');
    const planes = frame.extendedData ?? [];
    return Array.from({ length: channels }, (_, channel) => {
      const copy = new Float32Array(this.#size);
      const plane = planes[channel];
      if (plane) new Uint8Array(copy.buffer).set(plane.subarray(0, this.#size * 4));
      return copy;
    });
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#frame.free();
    this.#decoder.freeContext();
  }
}

/** Samples of any part of a track, decoded from its packets alone, so nothing else of the file is read. */
export class PacketSound implements SampleSource {
  readonly #packets: SoundPackets;
  readonly #size: number;
  readonly #decoder: PacketDecoder;

  constructor(packets: SoundPackets, size: number, decoder: PacketDecoder) {
    this.#packets = packets;
    this.#size = size;
    this.#decoder = decoder;
  }

  get format(): SoundFormat {
    return this.#decoder.format;
  }

  /** Samples of [start, end), counted from the first packet; silence where the track has no packets. */
  async *read(start: number, end: number): AsyncGenerator<Samples> {
    const size = this.#size;
    const packets = this.#packets.times.length;
    let position = start;
    const silence = (until: number): Samples => {
      const length = Math.min(end, until) - position;
      return Array.from({ length: this.format.channels }, () => new Float32Array(length));
    };
    const first = Math.max(0, Math.floor(start / size));
    const last = Math.min(packets, Math.ceil(end / size));
    if (first < last) {
      const from = Math.max(0, first - WARM_UP);
      const data = await this.#packets.read(from, last - from);
      this.#decoder.reset();
      for (const [n, packet] of data.entries()) {
        const samples = this.#decoder.decode(packet);
        if (from + n < first) continue;
        const at = (from + n) * size;
        if (at > position) {
          yield silence(at);
          position = at;
        }
        const stop = Math.min(end, at + size);
        yield samples.map((channel) => channel.subarray(position - at, stop - at));
        position = stop;
      }
    }
    if (position < end) yield silence(end);
  }
}
