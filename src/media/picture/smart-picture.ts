import type { Packet, Stream } from 'node-av/lib';

import type { TrackPacket } from '../file/output.js';
import { check, native } from '../native.js';
import type { Pace } from '../pace.js';
import {
  copiedPlace,
  lowerBound,
  NO_ENTRY,
  reorderDepth,
  resultTimes,
  type CopySpan,
  type EncodeSpan,
  type Layout,
  type Span,
} from '../plan.js';
import { decodeStart, type FrameIndex } from './frame-index.js';
import type { OnPacket } from './frame-decoder.js';
import type { Beside, Description, JoinCodec, Rejoin } from './join-codec.js';
import { JoinDecoder } from './mixed-frames.js';
import { PacketCursor } from './packet-cursor.js';
import { COMPARED, pictureHash } from './picture-hash.js';
import { sketch, type Sketch } from './picture-sketch.js';
import { PictureEncoder, type FrameTraits, type PictureCoding } from './picture-encoder.js';
import { SmartCutRefused } from '../obstacles.js';

export interface SmartCut {
  readonly file: string;
  readonly stream: Stream;
  readonly index: FrameIndex;
  readonly codec: JoinCodec;
  readonly layout: Layout;
  readonly spans: readonly Span[];
  readonly traits: FrameTraits;
  /** Undefined where nothing is encoded. */
  readonly coding: PictureCoding | undefined;
  /** Copied pictures beside the spans as the source shows them, by place: decoded on the way, for the self-check. */
  readonly seen: Map<number, string>;
  /** What was encoded anew, by the place of its frame in the source, for the same. */
  readonly drawn: Map<number, Sketch>;
}

const NO_CONTINUATION = 'its coding cannot be continued';

/** The sample description of the result: the headers of the source and, where frames are encoded anew, the encoder's. */
export function smartDescription(cut: SmartCut): Description {
  let extradata: Uint8Array | undefined;
  if (cut.spans.some((span) => span.kind === 'encode')) {
    const encoder = encoderOf(cut);
    extradata = Uint8Array.from(encoder.context.extraData ?? []);
    encoder[Symbol.dispose]();
  }
  const description = cut.codec.describe(extradata);
  if (!description) throw new SmartCutRefused(NO_CONTINUATION);
  return description;
}

function encoderOf({ stream, index, traits, coding }: SmartCut): PictureEncoder {
  if (!coding) throw new SmartCutRefused(NO_CONTINUATION);
  return new PictureEncoder(stream, index, traits, coding);
}

/** One encoded packet; its time is the result's, in ticks. */
export interface EncodedSample {
  readonly data: Uint8Array;
  readonly pts: number;
  readonly key: boolean;
}

/**
 * Gives decode times in the order of packets: the sorted presentation times, moved back by the reordering, so that they
 * rise and are never too late.
 */
export class DecodeClock {
  readonly #times: Float64Array;
  readonly #step: number;
  /** Places that a packet of the result may be decoded earlier than it is shown. */
  readonly depth: number;
  #written = 0;

  constructor(cut: SmartCut) {
    const encodes = cut.spans.some((span) => span.kind === 'encode');
    this.#times = resultTimes(cut.index, cut.layout);
    this.depth = Math.max(reorderDepth(cut.index, cut.layout, cut.spans), encodes ? (cut.coding?.reorder ?? 0) : 0);
    this.#step = (this.#times[1] ?? 1) - (this.#times[0] ?? 0);
  }

  /** @param shows false for a packet that shows nothing: it is decoded at its own time */
  next(pts: number, shows = true): number {
    if (!shows) return pts;
    const behind = this.#written - this.depth;
    this.#written++;
    const dts = behind >= 0 ? (this.#times[behind] ?? 0) : (this.#times[0] ?? 0) + behind * this.#step;
    if (dts > pts) throw new SmartCutRefused('its pictures are reordered in an unusual way');
    return dts;
  }
}

/** The packets of the joined picture: copied ones as they are, re-encoded ones as the codec joins them. */
export async function* smartPicture(cut: SmartCut, pace: Pace): AsyncGenerator<TrackPacket> {
  const { av, c } = native();
  const clock = new DecodeClock(cut);
  const { num, den } = cut.index.timeBase;
  const duration = BigInt(frameDuration(cut));
  const finish = (packet: Packet, pts: number, shows: boolean): TrackPacket => {
    const dts = clock.next(pts, shows);
    packet.freeSideData();
    packet.pts = BigInt(pts);
    packet.dts = BigInt(dts);
    return { packet, seconds: (dts * num) / den };
  };
  const cursor = await PacketCursor.open(cut.file, cut.index, pace);
  const decoder = await JoinDecoder.open(cut.file, cut.index, pace, { parameters: cut.stream.codecpar });
  try {
    for (const span of cut.spans) {
      if (span.kind === 'encode') {
        for await (const sample of encodeSpan(cut, span, decoder)) {
          const packet = new av.Packet();
          packet.alloc();
          packet.data = Buffer.from(sample.data);
          if (sample.key) packet.flags = c.AV_PKT_FLAG_KEY;
          packet.duration = duration;
          yield finish(packet, sample.pts, true);
        }
        continue;
      }
      const changes = new CopiedPackets(cut, span);
      for (let n = 0; n < span.count; n++) {
        const place = copiedPlace(span, n);
        if (n <= 1 && !(await cursor.moveTo(place))) throw new SmartCutRefused(MISMATCH);
        const read = cursor.next();
        if (read?.place !== place) throw new SmartCutRefused(MISMATCH);
        await pace();
        const packet = new av.Packet();
        packet.alloc();
        check(packet.ref(read.packet), 'copy packet');
        changes.apply(packet, place);
        yield finish(packet, (cut.index.pts[place] ?? 0) + span.shift, !cut.index.invisible[place]);
      }
    }
  } finally {
    cursor[Symbol.dispose]();
    decoder[Symbol.dispose]();
  }
}

const MISMATCH = 'its index does not match its pictures';

/** Changes what has to change in the packets that are copied behind a join. */
class CopiedPackets {
  readonly #index: FrameIndex;
  readonly #rejoin: Rejoin;

  constructor(cut: SmartCut, span: CopySpan) {
    this.#index = cut.index;
    // The first run of the result, too, may need headers of its own.
    this.#rejoin = cut.codec.rejoin(span.join ?? 'closed');
  }

  apply(packet: Packet, place: number): void {
    const { c } = native();
    const entry = this.#index.entries[place] ?? NO_ENTRY;
    const { flags, duration } = packet;
    if (!this.#rejoin.settled) {
      const data = packet.data ?? new Uint8Array();
      const changed = this.#rejoin.packet(data);
      if (changed !== data) {
        // Setting the data resets the rest of the packet.
        packet.data = Buffer.from(changed);
        packet.duration = duration;
      }
    }
    // A container's keyframe that is no entry would lead a player's seek astray.
    packet.flags = (entry === NO_ENTRY ? flags & ~c.AV_PKT_FLAG_KEY : flags | c.AV_PKT_FLAG_KEY) as typeof flags;
  }
}

/** Encodes the frames of one span. @throws SmartCutRefused */
export async function* encodeSpan(
  cut: SmartCut,
  span: EncodeSpan,
  decoder: JoinDecoder,
): AsyncGenerator<EncodedSample> {
  const { c } = native();
  const encoder = encoderOf(cut);
  try {
    let frames = 0;
    let packets = 0;
    const shownAt = (place: number): number => (cut.index.pts[place] ?? 0) + span.shift;
    const besides = new Map<number, Beside | undefined>();
    const convert = (packet: Packet): EncodedSample => {
      const first = packets++ === 0;
      const pts = Number(packet.pts);
      const data = cut.codec.encoded(Uint8Array.from(packet.data ?? []), first, besides.get(pts));
      const key = (packet.flags & c.AV_PKT_FLAG_KEY) !== 0;
      packet.free();
      if (!data || (first && !key)) throw new SmartCutRefused(NO_CONTINUATION);
      return { data, pts, key };
    };
    const from = decodeStart(cut.index, span.frames[0] ?? 0);
    const { before, after } = neighbours(cut, span, from);
    const neighbouring = new Set([...before, ...after]);
    const { codec } = cut;
    const onPacket: OnPacket | undefined =
      codec.beside &&
      ((place, { data }) => {
        if (data && !neighbouring.has(place)) besides.set(shownAt(place), codec.beside?.(data));
      });
    const mixes = span.mixedWith?.map((place, n) => ({ frame: span.frames[n] ?? 0, with: place }));
    const wanted = [...before, ...span.frames, ...after];
    for await (const { frame, place } of decoder.decode(from, wanted, mixes, onPacket)) {
      if (neighbouring.has(place)) {
        cut.seen.set(place, pictureHash(frame));
        continue;
      }
      if (place !== span.frames[frames]) break;
      frames++;
      const drawn = sketch(frame);
      if (drawn) cut.drawn.set(place, drawn);
      for (const { packet } of encoder.encode(frame, shownAt(place))) yield convert(packet);
    }
    if (frames !== span.frames.length) throw new SmartCutRefused('some of its pictures cannot be decoded');
    for (const { packet } of encoder.encode(undefined)) yield convert(packet);
    if (packets !== frames) throw new SmartCutRefused(NO_CONTINUATION);
  } finally {
    encoder[Symbol.dispose]();
  }
}

/** Frames of the same range right beside a span, as far as decoding from `from` shows them as they are. */
function neighbours(
  { index, layout: { display, ranges } }: SmartCut,
  span: EncodeSpan,
  from: number,
): { before: number[]; after: number[] } {
  const timeOf = (place: number | undefined): number => index.pts[place ?? 0] ?? 0;
  const low = lowerBound(display.length, (position) => timeOf(display[position]), timeOf(span.frames[0]));
  const range = ranges.find(({ first, last }) => low >= first && low < last);
  if (!range) return { before: [], after: [] };
  const end = low + span.frames.length;
  return {
    before: display
      .slice(Math.max(range.first, low - COMPARED), low)
      .filter((place) => decodeStart(index, place) >= from),
    after: display.slice(end, Math.min(range.last, end + COMPARED)),
  };
}

/** Ticks between the first two frames, which stand for the step of the clip. */
export function frameDuration(cut: SmartCut): number {
  const [a, b] = cut.layout.display;
  return a === undefined || b === undefined
    ? cut.index.lastDuration
    : (cut.index.pts[b] ?? 0) - (cut.index.pts[a] ?? 0);
}
