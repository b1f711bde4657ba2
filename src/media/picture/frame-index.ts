import { parseAvcConfiguration, parseSps, ppsId, readAccessUnit, type AvcConfiguration } from '../bitstream/h264.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { readOnly, type Source, type TimeBase } from '../file/source.js';

/** Every coded picture of a track, in decode order, from one pass over the file without decoding. */
export interface FrameIndex {
  readonly timeBase: TimeBase;
  /** Presentation time in ticks; made from the decode times where the container has none. */
  readonly pts: readonly number[];
  /** 1 where a decoder may start: the container's keyframes, for H.264 in avcC form only true IDR pictures. */
  readonly sync: Uint8Array;
  /** 1 for pictures that are decoded but never shown, because an edit list skips them. */
  readonly hidden: Uint8Array;
  /** Length of the frame shown last, in ticks; 0 when the container does not say. */
  readonly lastDuration: number;
  /** False when the container had no presentation times: frames are then matched by their order. */
  readonly timed: boolean;
  /** H.264 only, when the sample description is an avcC. */
  readonly avc?: AvcIndex;
}

export interface AvcIndex {
  readonly config: AvcConfiguration;
  /** Why packets of this track must not be joined with others; undefined when they may. */
  readonly obstacle?: string;
  /** Ids taken by the source's parameter sets. */
  readonly usedIds: ReadonlySet<number>;
  /** max_num_ref_frames, profile_idc and level_idc of the source. */
  readonly referenceFrames: number;
  readonly profile: number;
  readonly level: number;
}

/** Reads the index of the picture track. The source's position is at its end afterwards. */
export async function indexFrames(source: Source, pace: Pace): Promise<FrameIndex> {
  const { av, c } = native();
  const stream = source.video;
  if (!stream) throw new Error('indexFrames() without a picture track');
  readOnly(source, stream);
  const extradata = stream.codecpar.codecId === c.AV_CODEC_ID_H264 ? stream.codecpar.extradata : null;
  const config = extradata ? parseAvcConfiguration(extradata) : undefined;
  const units = config && new AvcScan(config);

  const shown: (number | undefined)[] = [];
  const decoded: (number | undefined)[] = [];
  const durations: number[] = [];
  const sync: number[] = [];
  const hidden: number[] = [];
  const packet = new av.Packet();
  packet.alloc();
  try {
    while (source.format.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === stream.index && packet.size > 0) {
        const flags = packet.flags;
        const key = (flags & c.AV_PKT_FLAG_KEY) !== 0;
        shown.push(ticks(packet.pts));
        decoded.push(ticks(packet.dts));
        durations.push(Number(packet.duration));
        hidden.push((flags & c.AV_PKT_FLAG_DISCARD) !== 0 ? 1 : 0);
        const data = units && packet.data;
        const idr = units && data ? units.add(data, packet.getSideData(c.AV_PKT_DATA_NEW_EXTRADATA) !== null) : key;
        sync.push(idr ? 1 : 0);
      }
      packet.unref();
      await pace();
    }
  } finally {
    packet.free();
  }

  const timed = shown.every((time) => time !== undefined);
  const pts = timed ? shown.filter((time) => time !== undefined) : timesFromDecodeOrder(decoded);
  let last = -1;
  for (let i = 0; i < pts.length; i++) if (!hidden[i] && (last < 0 || (pts[i] ?? 0) > (pts[last] ?? 0))) last = i;
  const avc = units?.result();
  return {
    timeBase: { num: stream.timeBase.num, den: stream.timeBase.den },
    pts,
    sync: Uint8Array.from(sync),
    hidden: Uint8Array.from(hidden),
    lastDuration: durations[last] ?? 0,
    timed,
    ...(avc ? { avc } : {}),
  };
}

// AVI has decode times alone. Its pictures have a fixed step, so the times as a set are right: only which picture has
// which is open, and the decoder's output order tells that.
function timesFromDecodeOrder(decoded: readonly (number | undefined)[]): number[] {
  const times: number[] = [];
  for (const time of decoded) {
    const before = times.at(-1);
    times.push(time !== undefined && (before === undefined || time > before) ? time : (before ?? -1) + 1);
  }
  return times;
}

class AvcScan {
  readonly #config: AvcConfiguration;
  readonly #known: ReadonlySet<string>;
  #obstacle: string | undefined;

  constructor(config: AvcConfiguration) {
    this.#config = config;
    this.#known = new Set([...config.sps, ...config.pps].map((set) => Buffer.from(set).toString('base64')));
    if (config.sps.length === 0 || config.pps.length === 0) {
      this.#obstacle = 'its parameter sets are inside the pictures';
    } else if (config.sps.some((set) => parseSps(set)?.progressive !== true)) {
      this.#obstacle = 'its pictures are interlaced';
    }
  }

  /** @returns whether the sample is an IDR picture */
  add(data: Uint8Array, changesParameters: boolean): boolean {
    const unit = readAccessUnit(data, this.#config.lengthSize);
    if (!unit.whole || !unit.picture) this.#obstacle ??= 'one of its pictures is damaged';
    if (changesParameters || unit.sets.some((set) => !this.#known.has(Buffer.from(set).toString('base64')))) {
      this.#obstacle ??= 'its coding parameters change midway';
    }
    return unit.idr;
  }

  result(): AvcIndex {
    const sps = this.#config.sps.map((set) => parseSps(set));
    const ids = [...sps.map((set) => set?.id), ...this.#config.pps.map((set) => ppsId(set))];
    return {
      config: this.#config,
      ...(this.#obstacle === undefined ? {} : { obstacle: this.#obstacle }),
      usedIds: new Set(ids.filter((id) => id !== undefined)),
      referenceFrames: sps[0]?.referenceFrames ?? 1,
      profile: sps[0]?.profile ?? 0,
      level: sps[0]?.level ?? 0,
    };
  }
}
