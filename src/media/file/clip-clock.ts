import * as l10n from '@vscode/l10n';
import type { Microseconds } from '../../timeline/timecode.js';
import { MediaError } from '../media.js';
import { native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { openSource, originSeconds, type Source } from './source.js';

/** The clip's own clock: where its 0:00 lies in the container's and how long it runs. */
export interface ClipClock {
  /** Seconds of the container's clock that players show as 0:00. */
  readonly origin: number;
  /** Seconds of the container's clock at which the last track ends. */
  readonly end: number;
  readonly duration: Microseconds;
}

// These write down when their tracks end; elsewhere FFmpeg estimates from the bit rate, which can be far off.
const EXACT = /^(mov,mp4|matroska|wav|flac)/;

/** @throws MediaError `unsupported` for a bare stream without times */
export async function readClock(source: Source, pace: Pace): Promise<ClipClock> {
  const origin = originSeconds(source);
  const header = ticks(source.format.duration);
  if (header !== undefined && header > 0 && EXACT.test(source.format.iformat?.name ?? '')) {
    return { origin, end: ((ticks(source.format.startTime) ?? 0) + header) / 1e6, duration: Math.round(header) };
  }
  const end = await lastEnd(source.path, pace);
  return { origin, end, duration: Math.max(0, Math.round((end - origin) * 1e6)) };
}

async function lastEnd(file: string, pace: Pace): Promise<number> {
  const { av } = native();
  using source = await openSource(file);
  const bases = source.format.streams.map((stream) => stream.timeBase.num / stream.timeBase.den);
  const counted = new Set([source.video, ...source.audio].map((stream) => stream?.index));
  const packet = new av.Packet();
  packet.alloc();
  let timed = 0;
  let untimed = 0;
  let end = 0;
  try {
    while (source.format.readFrameSync(packet) >= 0) {
      const time = ticks(packet.pts) ?? ticks(packet.dts);
      const counts = counted.has(packet.streamIndex);
      if (counts && time === undefined) untimed++;
      if (counts && time !== undefined) {
        timed++;
        end = Math.max(end, (time + Number(packet.duration)) * (bases[packet.streamIndex] ?? 0));
      }
      packet.unref();
      await pace();
    }
  } finally {
    packet.free();
  }
  if (timed === 0 && untimed > 0) {
    const message = l10n.t(
      'This file has pictures or sound without times, so no part of it can be named. Put it into an mp4 first.',
    );
    throw new MediaError('unsupported', message);
  }
  return end;
}
