import { open, type FileHandle } from 'node:fs/promises';
import type { Packet, Stream } from 'node-av/lib';

import { openTrack, type Source, type TimeBase } from '../file/source.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { adtsConfig, adtsHeaderLength } from './aac.js';

/** The packets of one sound track by their place: from an index of the file, or from {@link DemuxedPackets}. */
export interface SoundPackets {
  /** When each packet's samples begin, in ticks of the time base on the container's clock; priming lies before 0:00. */
  readonly times: ArrayLike<number>;
  readonly timeBase: TimeBase;
  /** An AudioSpecificConfig, where the packets came with headers of their own instead. */
  readonly configuration?: Uint8Array | undefined;
  /** The bytes of consecutive packets, which the caller may keep. @throws when they cannot be read */
  read(first: number, count: number): Promise<readonly Uint8Array[]>;
}

/** Where each packet of a track lies in the file, as an index of the file tells. */
export interface PacketIndex {
  readonly offset: ArrayLike<number>;
  readonly size: ArrayLike<number>;
  /** As {@link SoundPackets.times}. */
  readonly times: ArrayLike<number>;
  readonly timeBase: TimeBase;
}

/** Packets that are read straight from their places in the file: no other byte of it is touched. */
export class IndexedPackets implements SoundPackets, AsyncDisposable {
  readonly times: ArrayLike<number>;
  readonly timeBase: TimeBase;
  readonly #index: PacketIndex;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, index: PacketIndex) {
    this.#file = file;
    this.#index = index;
    this.times = index.times;
    this.timeBase = index.timeBase;
  }

  static async open(file: string, index: PacketIndex): Promise<IndexedPackets> {
    return new IndexedPackets(await open(file, 'r'), index);
  }

  async read(first: number, count: number): Promise<readonly Uint8Array[]> {
    const { offset, size } = this.#index;
    const found: Uint8Array[] = [];
    for (let place = first; place < first + count;) {
      const start = offset[place] ?? 0;
      let end = start;
      const run: number[] = [];
      // Packets of a chunk lie side by side and are read at once.
      while (place < first + count && offset[place] === end) {
        run.push(place);
        end += size[place++] ?? 0;
      }
      if (run.length === 0) throw new Error(`no sound packet ${place}`);
      const data = new Uint8Array(end - start);
      const { bytesRead } = await this.#file.read(data, 0, data.length, start);
      if (bytesRead < data.length) throw new Error(`no sound packet ${place}`);
      for (const n of run)
        found.push(data.subarray((offset[n] ?? 0) - start, (offset[n] ?? 0) - start + (size[n] ?? 0)));
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

interface Found {
  readonly times: readonly number[];
  readonly configuration: Uint8Array | undefined;
}

// So many packets ahead it is cheaper to read on than to seek.
const NEAR = 500;

/** Packets of a file that FFmpeg's demuxer reads. Opening reads through the whole track once. */
export class DemuxedPackets implements SoundPackets, Disposable {
  readonly times: readonly number[];
  readonly timeBase: TimeBase;
  readonly configuration: Uint8Array | undefined;
  readonly #track: number;
  readonly #pace: Pace;
  readonly #places: ReadonlyMap<number, number>;
  #source: Source;
  #stream: Stream;
  readonly #packet: Packet;
  /** Place of the packet that is read next. */
  #place: number;

  private constructor(source: Source, stream: Stream, track: number, found: Found, pace: Pace) {
    const { av } = native();
    const { times, configuration } = found;
    this.#source = source;
    this.#stream = stream;
    this.#track = track;
    this.#pace = pace;
    this.times = times;
    this.configuration = configuration;
    this.timeBase = stream.timeBase;
    this.#places = new Map(times.map((time, place) => [time, place]));
    this.#place = times.length;
    this.#packet = new av.Packet();
    this.#packet.alloc();
  }

  /**
   * @param track position among the clip's sound tracks
   * @returns undefined when the container does not tell its packets apart by time
   */
  static async open(file: string, track: number, pace: Pace): Promise<DemuxedPackets | undefined> {
    const { av } = native();
    const { source, stream } = await openTrack(file, ({ audio }) => audio[track]);
    const times: number[] = [];
    let configuration: Uint8Array | undefined;
    const packet = new av.Packet();
    packet.alloc();
    try {
      while (source.format.readFrameSync(packet) >= 0) {
        const time = ticks(packet.pts) ?? Number.NaN;
        if (packet.streamIndex === stream.index && packet.size > 0) {
          if (times.length === 0) configuration = headerConfiguration(packet);
          times.push(time);
        }
        packet.unref();
        await pace();
      }
    } finally {
      packet.free();
    }
    const packets = new DemuxedPackets(source, stream, track, { times, configuration }, pace);
    const told = times.every((time, place) => place === 0 || time > (times[place - 1] ?? Number.NaN));
    if (told && times.length > 0) return packets;
    packets[Symbol.dispose]();
    return undefined;
  }

  async read(first: number, count: number): Promise<readonly Uint8Array[]> {
    if (first < this.#place || first - this.#place > NEAR) await this.#seek(first);
    const found: Uint8Array[] = [];
    while (found.length < count) {
      if (!this.#next()) throw new Error(`no sound packet ${this.#place}`);
      if (this.#place++ >= first)
        found.push(withoutHeader(Uint8Array.from(this.#packet.data ?? []), this.configuration));
    }
    await this.#pace();
    return found;
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#source[Symbol.dispose]();
  }

  async #seek(place: number): Promise<void> {
    const { c } = native();
    const { num, den } = this.timeBase;
    const start = this.times[0] ?? 0;
    for (let back = 0.5; place > 0; back *= 4) {
      const target = (this.times[place] ?? 0) - (back * den) / num;
      if (target <= start) break;
      const ticksBack = BigInt(Math.floor(target));
      if (this.#source.format.seekFrameSync(this.#stream.index, ticksBack, c.AVSEEK_FLAG_BACKWARD) < 0) break;
      const landed = this.#next() ? this.#places.get(ticks(this.#packet.pts) ?? Number.NaN) : undefined;
      if (landed === undefined || landed >= place) continue;
      this.#place = landed + 1;
      return;
    }
    // Opening again is the one way to the very beginning that every demuxer has.
    const { source, stream } = await openTrack(this.#source.path, ({ audio }) => audio[this.#track]);
    this.#source[Symbol.dispose]();
    this.#source = source;
    this.#stream = stream;
    this.#place = 0;
  }

  #next(): boolean {
    for (;;) {
      this.#packet.unref();
      if (this.#source.format.readFrameSync(this.#packet) < 0) return false;
      if (this.#packet.streamIndex === this.#stream.index && this.#packet.size > 0) return true;
    }
  }
}

function headerConfiguration(packet: Packet): Uint8Array | undefined {
  const data = Uint8Array.from(packet.data ?? []);
  return adtsHeaderLength(data) > 0 ? adtsConfig(data) : undefined;
}

function withoutHeader(data: Uint8Array, configuration: Uint8Array | undefined): Uint8Array {
  return configuration ? data.subarray(adtsHeaderLength(data)) : data;
}
