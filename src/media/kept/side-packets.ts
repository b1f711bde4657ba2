import type { Packet, Stream } from 'node-av/lib';

import { openSource, type Source } from '../file/source.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';

/** A packet of a side track, with its times in seconds of the container's clock. */
export interface SidePacket {
  readonly packet: Packet;
  readonly start: number;
  /** 0 where the container does not tell it. */
  readonly duration: number;
}

/**
 * Packets of subtitle, data and chapter tracks. They are few and far between, so one pass over the file, at the moment
 * when the first of them is wanted, reads all of them.
 */
export class SidePackets implements Disposable {
  readonly #file: string;
  readonly #wanted: ReadonlySet<number>;
  readonly #until: number;
  readonly #pace: Pace;
  readonly #rewind: boolean;
  #found: Promise<Map<number, SidePacket[]>> | undefined;
  #packets: SidePacket[] = [];

  /**
   * @param wanted indexes of streams
   * @param until seconds of the container's clock after which nothing is kept
   * @param rewind for tracks that are not shown, such as chapters
   */
  constructor(file: string, wanted: ReadonlySet<number>, until: number, pace: Pace, rewind = false) {
    this.#file = file;
    this.#wanted = wanted;
    this.#until = until;
    this.#pace = pace;
    this.#rewind = rewind;
  }

  /** All packets of one stream in the order of the file; they stay those of this object. */
  async of(stream: number): Promise<readonly SidePacket[]> {
    this.#found ??= this.#read();
    return (await this.#found).get(stream) ?? [];
  }

  [Symbol.dispose](): void {
    for (const { packet } of this.#packets) packet.free();
    this.#packets = [];
  }

  async #read(): Promise<Map<number, SidePacket[]>> {
    const { av, c } = native();
    const found = new Map<number, SidePacket[]>();
    using source = await openSource(this.#file);
    selectStreams(source, this.#wanted);
    const bases = source.format.streams.map((stream) => stream.timeBase.num / stream.timeBase.den);
    const packet = new av.Packet();
    packet.alloc();
    try {
      // Opening the file went over the first packets of tracks that FFmpeg leaves out by itself.
      if (this.#rewind) source.format.seekFrameSync(-1, 0n, c.AVSEEK_FLAG_BACKWARD);
      while (source.format.readFrameSync(packet) >= 0) {
        const time = ticks(packet.pts) ?? ticks(packet.dts);
        const base = bases[packet.streamIndex] ?? 0;
        const start = (time ?? 0) * base;
        if (time !== undefined && this.#wanted.has(packet.streamIndex) && start < this.#until) {
          const copy = packet.clone();
          if (copy) {
            const entry = { packet: copy, start, duration: Math.max(0, Number(packet.duration)) * base };
            this.#packets.push(entry);
            const list = found.get(packet.streamIndex);
            if (list) list.push(entry);
            else found.set(packet.streamIndex, [entry]);
          }
        }
        packet.unref();
        await this.#pace();
      }
    } finally {
      packet.free();
    }
    return found;
  }
}

/** The pictures of cover streams, which every demuxer hands out before anything else. */
export async function readCovers(file: string, covers: readonly Stream[]): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  if (covers.length === 0) return found;
  const { av } = native();
  using source = await openSource(file);
  const wanted = new Set(covers.map(({ index }) => index));
  const packet = new av.Packet();
  packet.alloc();
  try {
    // The bound is for a cover that is not there after all.
    for (let n = 0; n < 1000 && found.size < wanted.size && source.format.readFrameSync(packet) >= 0; n++) {
      if (wanted.has(packet.streamIndex) && packet.data) found.set(packet.streamIndex, Buffer.from(packet.data));
      packet.unref();
    }
  } finally {
    packet.free();
  }
  return found;
}

function selectStreams(source: Source, wanted: ReadonlySet<number>): void {
  const { c } = native();
  for (const stream of source.format.streams) {
    stream.discard = wanted.has(stream.index) ? c.AVDISCARD_DEFAULT : c.AVDISCARD_ALL;
  }
}
