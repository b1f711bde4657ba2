import type { Packet, Stream } from 'node-av/lib';

import { FrameDecoder } from './frame-decoder.js';
import type { AvcIndex, FrameIndex } from './frame-index.js';
import { addParameterSets, isPps, isSps, readAccessUnit } from '../bitstream/h264.js';
import { splitAnnexB, toLengthPrefixed } from '../bitstream/nal.js';
import { check, native } from '../native.js';
import type { TrackPacket } from '../file/output.js';
import type { Pace } from '../pace.js';
import { PacketCursor } from './packet-cursor.js';
import { PictureEncoder, type FrameTraits, type PictureCoding } from './picture-encoder.js';
import { reorderDepth, resultTimes, type EncodeSpan, type Layout, type Span } from '../plan.js';

/** The smart cut does not work out for this clip; it has to be encoded whole. `message` says why, as half a sentence. */
export class SmartCutRefused extends Error {
  override readonly name = 'SmartCutRefused';
}

export interface SmartCut {
  readonly file: string;
  readonly stream: Stream;
  readonly index: FrameIndex;
  readonly avc: AvcIndex;
  readonly layout: Layout;
  readonly spans: readonly Span[];
  readonly traits: FrameTraits;
  readonly coding: PictureCoding;
}

/** The parameter sets of re-encoded frames. Every span gets the same ones, because its encoder is set up the same. */
interface JoinSets {
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** The avcC of the result: the sets of the source and, where frames are encoded anew, those of the encoder. */
export function smartConfiguration(cut: SmartCut): Uint8Array {
  if (!cut.spans.some((span) => span.kind === 'encode')) return addParameterSets(cut.avc.config, [], []);
  const encoder = new PictureEncoder(cut.stream, cut.index, cut.traits, cut.coding);
  const { sps, pps } = joinSets(encoder);
  encoder[Symbol.dispose]();
  if (sps.length !== 1 || pps.length !== 1) throw new SmartCutRefused('its coding cannot be continued');
  return addParameterSets(cut.avc.config, sps, pps);
}

/** The packets of the joined picture: copied ones as they are, re-encoded ones on their own parameter sets. */
export async function* smartPicture(cut: SmartCut, pace: Pace): AsyncGenerator<TrackPacket> {
  const { av } = native();
  const times = resultTimes(cut.index, cut.layout);
  const depth = Math.max(reorderDepth(cut.layout, cut.spans), encoderDepth(cut));
  const step = (times[1] ?? 1) - (times[0] ?? 0);
  const { num, den } = cut.index.timeBase;
  let written = 0;
  // Decode times are the sorted presentation times, moved back by the reordering: increasing, and never too late.
  const place = (packet: Packet, pts: number): TrackPacket => {
    const behind = written - depth;
    const dts = behind >= 0 ? (times[behind] ?? 0) : (times[0] ?? 0) + behind * step;
    written++;
    if (dts > pts) throw new SmartCutRefused('its pictures are reordered in an unusual way');
    const out = new av.Packet();
    out.alloc();
    check(out.ref(packet), 'copy packet');
    out.freeSideData();
    out.pts = BigInt(pts);
    out.dts = BigInt(dts);
    return { packet: out, seconds: (dts * num) / den };
  };

  const cursor = await PacketCursor.open(cut.file, cut.index, pace);
  const decoder = await FrameDecoder.open(cut.file, cut.index, pace);
  try {
    for (const span of cut.spans) {
      if (span.kind === 'encode') {
        for await (const { packet, pts } of encodeSpan(cut, span, decoder)) {
          const placed = place(packet, pts);
          packet.free();
          yield placed;
        }
        continue;
      }
      if (!(await cursor.moveTo(span.first))) throw new SmartCutRefused('its index does not match its pictures');
      for (let i = 0; i < span.count; i++) {
        const read = cursor.next();
        if (read?.place !== span.first + i) throw new SmartCutRefused('its index does not match its pictures');
        await pace();
        yield place(read.packet, (cut.index.pts[read.place] ?? 0) + span.shift);
      }
    }
  } finally {
    cursor[Symbol.dispose]();
    decoder[Symbol.dispose]();
  }
}

async function* encodeSpan(
  cut: SmartCut,
  span: EncodeSpan,
  decoder: FrameDecoder,
): AsyncGenerator<{ packet: Packet; pts: number }> {
  const encoder = new PictureEncoder(cut.stream, cut.index, cut.traits, cut.coding);
  const lengthSize = cut.avc.config.lengthSize;
  const duration = frameDuration(cut);
  try {
    let frames = 0;
    let packets = 0;
    const convert = (packet: Packet): { packet: Packet; pts: number } => {
      const units = splitAnnexB(packet.data ?? new Uint8Array());
      if (units.some((unit) => isSps(unit) || isPps(unit))) throw new SmartCutRefused('its coding cannot be continued');
      const sample = Buffer.from(toLengthPrefixed(units, lengthSize));
      if (packets++ === 0 && !readAccessUnit(sample, lengthSize).idr) {
        throw new SmartCutRefused('its coding cannot be continued');
      }
      // Setting the data resets the rest of the packet.
      const { pts, flags } = packet;
      packet.data = sample;
      packet.flags = flags;
      packet.duration = BigInt(duration);
      return { packet, pts: Number(pts) };
    };
    for await (const { frame, place } of decoder.decode(span.from, span.frames)) {
      if (place !== span.frames[frames]) break;
      frames++;
      for (const { packet } of encoder.encode(frame, (cut.index.pts[place] ?? 0) + span.shift)) yield convert(packet);
    }
    if (frames !== span.frames.length) throw new SmartCutRefused('some of its pictures cannot be decoded');
    for (const { packet } of encoder.encode(undefined)) yield convert(packet);
    if (packets !== frames) throw new SmartCutRefused('its coding cannot be continued');
  } finally {
    encoder[Symbol.dispose]();
  }
}

function frameDuration(cut: SmartCut): number {
  const [a, b] = cut.layout.display;
  return a === undefined || b === undefined
    ? cut.index.lastDuration
    : (cut.index.pts[b] ?? 0) - (cut.index.pts[a] ?? 0);
}

function encoderDepth(cut: SmartCut): number {
  if (!cut.spans.some((span) => span.kind === 'encode')) return 0;
  const parameters = cut.coding.options['x264-params'] ?? '';
  if (parameters.includes('bframes=0')) return 0;
  return parameters.includes('b-pyramid=none') ? 1 : 2;
}

function joinSets(encoder: PictureEncoder): JoinSets {
  const units = splitAnnexB(encoder.context.extraData ?? new Uint8Array());
  return { sps: units.filter(isSps).map((unit) => unit.slice()), pps: units.filter(isPps).map((unit) => unit.slice()) };
}
