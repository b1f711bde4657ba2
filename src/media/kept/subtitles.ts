import type { Packet, Stream } from 'node-av/lib';

import type { Output, TrackPacket } from '../file/output.js';
import { native } from '../native.js';
import type { Capacity } from './capacity.js';
import { dvdDuration, isStateCodec, placeChanges, withDvdDuration, type StateCodec } from './bitmap-subtitles.js';
import { placeCues, withoutOverlap } from './cues.js';
import { placeSpan, type KeptRange } from '../../timeline/placement.js';
import type { SidePacket } from './side-packets.js';
import { decodeCue, encodeCue, isTextCodec, TIMED_TEXT_ENTRY, type TextCodec } from './subtitle-text.js';
import { trackSettings } from './tags.js';

/** How one subtitle track goes into the result. */
export type SubtitlePlan =
  | { readonly how: 'copy' }
  | { readonly how: 'text'; readonly from: TextCodec; readonly to: NonNullable<Capacity['text']> };

/** @returns undefined when the container cannot hold the track in any form */
export function planSubtitles(stream: Stream, codec: string, holds: Capacity): SubtitlePlan | undefined {
  // QuickTime's own text has other sample descriptions than 3GPP text, though FFmpeg has one codec for both.
  const quickTime = codec === 'mov_text' && stream.codecpar.codecTagString === 'text';
  if (holds.subtitles.includes(codec) && !quickTime) return { how: 'copy' };
  return isTextCodec(codec) && holds.text ? { how: 'text', from: codec, to: holds.text } : undefined;
}

// Milliseconds, as SubRip and Matroska have them.
const BASE = { num: 1, den: 1000 };

/** Adds the track. @returns its number in the output */
export function addSubtitles(stream: Stream, plan: SubtitlePlan, output: Output): number {
  const { c } = native();
  const settings = trackSettings(stream, BASE);
  if (plan.how === 'copy')
    return output.addCopied(stream.codecpar, settings, (parameters) => (parameters.codecTag = 0));
  const ids = { subrip: c.AV_CODEC_ID_SUBRIP, webvtt: c.AV_CODEC_ID_WEBVTT, mov_text: c.AV_CODEC_ID_MOV_TEXT };
  return output.addDescribed(settings, (parameters) => {
    parameters.codecType = c.AVMEDIA_TYPE_SUBTITLE;
    parameters.codecId = ids[plan.to];
    if (plan.to !== 'mov_text') return;
    parameters.codecTag = 'tx3g';
    parameters.extradata = TIMED_TEXT_ENTRY;
  });
}

/** The packets of the result: clipped to what stays and moved to where it is; the words are unchanged. */
export async function* subtitlePackets(
  codec: string,
  plan: SubtitlePlan,
  found: Promise<readonly SidePacket[]>,
  ranges: readonly KeptRange[],
): AsyncGenerator<TrackPacket> {
  if (plan.how === 'text') yield* converted(plan, await found, ranges);
  else if (isStateCodec(codec)) yield* changed(codec, await found, ranges);
  else yield* copied(codec, await found, ranges);
}

function* changed(
  codec: StateCodec,
  found: readonly SidePacket[],
  ranges: readonly KeptRange[],
): Generator<TrackPacket> {
  const { av } = native();
  const changes = found.map(({ packet, start }) => ({ start, data: packet.data ?? Buffer.alloc(0) }));
  const placed = placeChanges(codec, changes, ranges);
  for (const [n, { start, source, data }] of placed.entries()) {
    const next = placed[n + 1]?.start ?? ranges.at(-1)?.outEnd ?? start;
    const original = source === undefined ? undefined : found[source];
    const packet = original?.packet.clone() ?? new av.Packet();
    if (!original) {
      packet.alloc();
      packet.data = data;
      packet.isKeyframe = true;
    }
    // Those that say how long they are shown go on doing so.
    const told = original && original.duration > 0 ? Math.min(original.duration, next - start) : 0;
    yield timed(packet, start, start + told, told === 0);
  }
}

function* copied(codec: string, found: readonly SidePacket[], ranges: readonly KeptRange[]): Generator<TrackPacket> {
  const pieces = found.flatMap((entry, n) => {
    // An empty sample of 3GPP text ends the one before; the muxer writes such ends itself.
    if (codec === 'mov_text' && shownText(entry.packet) === 0) return [];
    const next = found[n + 1]?.start ?? Number.POSITIVE_INFINITY;
    let end = entry.start + (entry.duration || Math.max(0, next - entry.start));
    if (codec === 'dvd_subtitle') {
      const told = dvdDuration(entry.packet.data ?? Buffer.alloc(0));
      // A player shows one at a time, and an endless one ends with the next.
      end = Math.min(told === undefined ? end : entry.start + told, next);
    }
    return placeSpan(ranges, entry.start, end).map((piece) => ({ ...piece, packet: entry.packet }));
  });
  pieces.sort((a, b) => a.start - b.start);
  for (const piece of pieces) {
    const packet = piece.packet.clone();
    if (!packet) continue;
    if (codec === 'dvd_subtitle' && packet.data) {
      packet.data = withDvdDuration(packet.data, piece.end - piece.start);
    }
    yield timed(packet, piece.start, piece.end);
  }
}

function shownText(packet: Packet): number {
  const data = packet.data;
  return data && data.length >= 2 ? data.readUInt16BE(0) : 0;
}

function* converted(
  plan: SubtitlePlan & { how: 'text' },
  found: readonly SidePacket[],
  ranges: readonly KeptRange[],
): Generator<TrackPacket> {
  const cues = found.flatMap(({ packet, start, duration }) => {
    const text = packet.data ? decodeCue(plan.from, packet.data) : '';
    return text.trim() === '' ? [] : [{ start, end: start + duration, text }];
  });
  const placed = placeCues(cues, ranges);
  const { av } = native();
  for (const { start, end, text } of plan.to === 'mov_text' ? withoutOverlap(placed) : placed) {
    const packet = new av.Packet();
    packet.alloc();
    packet.data = encodeCue(plan.to, text);
    packet.isKeyframe = true;
    yield timed(packet, start, end);
  }
}

function timed(packet: Packet, start: number, end: number, open = false): TrackPacket {
  const from = Math.round(start * BASE.den);
  packet.pts = BigInt(from);
  packet.dts = packet.pts;
  packet.duration = open ? 0n : BigInt(Math.max(1, Math.round(end * BASE.den) - from));
  return { packet, seconds: start };
}
