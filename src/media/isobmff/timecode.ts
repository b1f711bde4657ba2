import type { FileHandle } from 'node:fs/promises';

import type { Track } from './track.js';

// A timecode track's sample holds the number of its first frame (QuickTime File Format, "Timecode Media"); drop-frame
// counting concerns only how the number is shown.

/** Most samples of a timecode track that are looked at; usually it is one. */
const MOST = 1000;

export class TimecodeTrack {
  readonly #frames: readonly number[];
  readonly #ticksPerFrame: number;

  private constructor(frames: readonly number[], ticksPerFrame: number) {
    this.#frames = frames;
    this.#ticksPerFrame = ticksPerFrame;
  }

  /** @returns undefined for a track that is not of the usual kind: its samples stay as they are */
  static async read(track: Track, input: FileHandle): Promise<TimecodeTrack | undefined> {
    const { codec, description, samples, timescale } = track;
    if (codec !== 'tmcd' || description.length < 33 || samples.count > MOST) return undefined;
    const ticksPerSecond = description.readUInt32BE(24);
    const ticksPerFrame = (description.readUInt32BE(28) * timescale) / ticksPerSecond;
    if (!(ticksPerFrame > 0 && ticksPerFrame < Infinity)) return undefined;
    const frames: number[] = [];
    const bytes = Buffer.alloc(4);
    for (let i = 0; i < samples.count; i++) {
      if (samples.size[i] !== 4) return undefined;
      const { bytesRead } = await input.read(bytes, 0, 4, samples.offset[i] ?? 0);
      if (bytesRead < 4) return undefined;
      frames.push(bytes.readUInt32BE());
    }
    return new TimecodeTrack(frames, ticksPerFrame);
  }

  /** The sample at a place as it has to be when it begins `skipped` ticks later; undefined when it stays the same. */
  sample(place: number, skipped: number): Uint8Array | undefined {
    const frame = this.#frames[place];
    const ahead = Math.round(skipped / this.#ticksPerFrame);
    if (frame === undefined || ahead === 0) return undefined;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE((frame + ahead) >>> 0);
    return bytes;
  }
}
