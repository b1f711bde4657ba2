import { open } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import type { Stream } from 'node-av/lib';

import type { Job } from './cut-job.js';
import type { Output, TrackPacket } from './file/output.js';
import { keepTheRest } from './kept/kept.js';
import { trackSettings } from './kept/tags.js';
import { native } from './native.js';
import { isVision } from './picture/dolby-vision.js';
import { SoundEncoder } from './sound/encoded-sound.js';
import { joinSound, type SoundRange } from './sound/joined-sound.js';
import { copiesPackets, joinPackets } from './sound/packet-joins.js';
import { piecePackets } from './sound/piece-packets.js';
import { DemuxedPackets } from './sound/sound-packets.js';
import { SoundReader } from './sound/sound-reader.js';

// Writing all tracks of the result through FFmpeg's muxer, in order of time.

// The last part of the bar is for the self-check.
export const WRITTEN = 0.95;

/** Adds the sound tracks, writes the header and then all packets in order of time. */
export async function writeTracks(
  job: Job,
  output: Output,
  tracks: Map<number, AsyncGenerator<TrackPacket>>,
): Promise<void> {
  const { pace, onProgress } = job.hooks;
  const opened: Disposable[] = [];
  try {
    for (const [n, stream] of job.source.audio.entries()) {
      const added =
        (await copySound(job, output, n, stream, opened)) ?? (await encodeSound(job, output, n, stream, opened));
      tracks.set(added.track, added.packets);
    }
    const kept = await keepTheRest({ ...job, end: job.clock.end, pace }, output);
    opened.push(kept);
    for (const [track, packets] of kept.tracks) tracks.set(track, packets);
    noteOnce(job.notes, kept.notes);
    output.metadata = kept.tags;
    output.finishWith(async (file) => noteOnce(job.notes, await kept.finish(file)));
    output.begin(await muxerOptions(job, kept.movflags));
    const heads = new Map<number, TrackPacket>();
    const advance = async (track: number): Promise<void> => {
      const next = await tracks.get(track)?.next();
      if (next && !next.done) heads.set(track, next.value);
      else heads.delete(track);
    };
    try {
      for (const track of tracks.keys()) await advance(track);
      while (heads.size > 0) {
        let earliest: [number, TrackPacket] | undefined;
        for (const head of heads) if (!earliest || head[1].seconds < earliest[1].seconds) earliest = head;
        if (!earliest) break;
        const [track, { packet, seconds }] = earliest;
        heads.delete(track);
        output.write(track, packet);
        onProgress(Math.min(1, Math.max(0, seconds / Math.max(job.seconds, 1e-6))) * WRITTEN);
        await pace();
        await advance(track);
      }
    } finally {
      for (const { packet } of heads.values()) packet.free();
      // Ends the generators, which free what they hold.
      for (const track of tracks.values()) await track.return(undefined);
    }
  } finally {
    for (const resource of opened.reverse()) resource[Symbol.dispose]();
  }
}

interface AddedTrack {
  readonly track: number;
  readonly packets: AsyncGenerator<TrackPacket>;
}

/** A sound track whose packets stay as they are but at the joins; undefined where that cannot be done. */
async function copySound(
  job: Job,
  output: Output,
  n: number,
  stream: Stream,
  opened: Disposable[],
): Promise<AddedTrack | undefined> {
  const { pace, log } = job.hooks;
  const { codecpar } = stream;
  const name = native().av.avGetCodecName(codecpar.codecId) ?? '';
  if (!copiesPackets(stream) || !job.container.sound.includes(name)) return undefined;
  const packets = await DemuxedPackets.open(job.request.input, n, pace);
  if (!packets) return undefined;
  opened.push(packets);
  const ranges = soundRanges(job, codecpar.sampleRate);
  const joined = await joinPackets({ stream, packets, origin: job.clock.origin, ranges, pace, log });
  if (!joined) return undefined;
  const track = output.addCopied(codecpar, trackSettings(stream, { num: 1, den: joined.sampleRate }), (parameters) => {
    if (joined.configuration) parameters.extradata = Buffer.from(joined.configuration);
    parameters.codecTag = 0;
    // Matroska has a field for it; without, its muxer would move every track instead.
    parameters.initialPadding = Math.max(0, -joined.start);
  });
  return { track, packets: piecePackets(joined, packets, pace) };
}

async function encodeSound(
  job: Job,
  output: Output,
  n: number,
  stream: Stream,
  opened: Disposable[],
): Promise<AddedTrack> {
  const { pace } = job.hooks;
  const reader = await SoundReader.open(job.request.input, n, job.clock.origin, pace);
  opened.push(reader);
  const encoder = new SoundEncoder(stream, reader.format, reader.layout, job.container);
  opened.push(encoder);
  noteSoundCodec(job.notes, stream, encoder.codec);
  if (hasObjects(stream)) noteOnce(job.notes, [l10n.t('Not kept: {0}.', l10n.t('the objects of Dolby Atmos'))]);
  const base = { num: 1, den: encoder.context.sampleRate };
  const track = output.addEncoded(encoder.context, trackSettings(stream, base));
  const ranges = soundRanges(job, reader.format.sampleRate);
  const end = job.request.kept.at(-1)?.out ?? 0;
  return { track, packets: encoder.packets(joinSound(reader, ranges, end >= job.clock.duration, pace)) };
}

function noteOnce(notes: string[], more: readonly string[]): void {
  notes.push(...more.filter((note) => !notes.includes(note)));
}

function noteSoundCodec(notes: string[], stream: Stream, codec: string): void {
  const name = native().av.avGetCodecName(stream.codecpar.codecId) ?? 'unknown';
  const note = l10n.t('The sound was encoded as {0} (it was {1}).', codec.toUpperCase(), name.toUpperCase());
  if (name !== codec) noteOnce(notes, [note]);
}

/** Sounds with places of their own in the room, which no encoder here makes: what speakers of usual layouts play is kept. */
function hasObjects({ codecpar: { codecId, profile } }: Stream): boolean {
  const { c } = native();
  if (codecId === c.AV_CODEC_ID_TRUEHD) return profile === c.AV_PROFILE_TRUEHD_ATMOS;
  return codecId === c.AV_CODEC_ID_EAC3 && profile === c.AV_PROFILE_EAC3_DDP_ATMOS;
}

/** The kept ranges in samples. Both ends are rounded from exact positions, so errors do not add up over joins. */
export function soundRanges(job: Job, sampleRate: number): SoundRange[] {
  return job.ranges.map((range) => {
    const start = Math.round((range.start - job.clock.origin) * sampleRate);
    const end = start + Math.round(range.outEnd * sampleRate) - Math.round(range.outStart * sampleRate);
    // Rounded so that no sample beyond the ranges is heard.
    return { start, end, ...(range.fade ? { fade: Math.floor(range.fade * sampleRate) - 1 } : {}) };
  });
}

async function muxerOptions(job: Job, movflags: string): Promise<Record<string, string>> {
  // What announces Dolby Vision is in no standard of the containers'.
  const strict = job.source.video && isVision(job.source.video) ? { strict: 'unofficial' } : {};
  if (!['mp4', 'mov', 'ipod'].includes(job.container.muxer)) return strict;
  const flags = movflags + ((await indexLeads(job.request.input)) ? '+faststart' : '');
  return { ...strict, ...(flags === '' ? {} : { movflags: flags }) };
}

/** Whether an mp4 or mov has its index before the media, as files for the web do (ISO/IEC 14496-12 8.2.1). */
async function indexLeads(file: string): Promise<boolean> {
  await using handle = await open(file, 'r');
  const header = Buffer.alloc(16);
  for (let at = 0, boxes = 0; boxes < 32; boxes++) {
    const { bytesRead } = await handle.read(header, 0, 16, at);
    if (bytesRead < 16) return false;
    const type = header.toString('latin1', 4, 8);
    if (type === 'moov') return true;
    if (type === 'mdat' || !/^[\w ]{4}$/.test(type)) return false;
    const size = header.readUInt32BE(0);
    if (size === 0) return false;
    at += size === 1 ? Number(header.readBigUInt64BE(8)) : size;
  }
  return false;
}
