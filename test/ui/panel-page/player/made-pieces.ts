// Stands in for the host: makes the pieces that the page asks for, with the ffmpeg command line.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { SEGMENT_LENGTH, type ToPanel } from '../../../../src/messages.js';
import { ffmpeg } from '../../../media/clips.js';

type Track = Extract<ToPanel, { type: 'segment' }>['track'];

const nameOf = (clip: string, track: Track, index: number | string): string =>
  join(`${clip}.pieces`, `${index}.${track === 'sound' ? 'flac' : 'webm'}`);

/** Makes all pieces of a clip that lies in a folder of the test's own. @param duration microseconds */
export async function makePieces(clip: string, tracks: readonly Track[], duration: number): Promise<void> {
  await mkdir(`${clip}.pieces`, { recursive: true });
  const outputs: string[] = [];
  if (tracks.includes('sound')) {
    for (let index = 0; index * SEGMENT_LENGTH.sound < duration; index += 1) {
      const start = (index * SEGMENT_LENGTH.sound) / 1e6;
      const trim = `atrim=start=${start}:end=${start + SEGMENT_LENGTH.sound / 1e6},asetpts=PTS-STARTPTS`;
      outputs.push('-map', '0:a', '-af', trim, '-ac', '2', '-c:a', 'flac', nameOf(clip, 'sound', index));
    }
  }
  if (tracks.includes('picture')) {
    const length = String(SEGMENT_LENGTH.picture / 1e6);
    const coding = '-map 0:v -c:v libvpx -deadline realtime -cpu-used 16 -b:v 400k -g 9999'.split(' ');
    const keyframes = ['-force_key_frames', `expr:gte(t,n_forced*${length})`];
    const cutting = ['-f', 'segment', '-segment_time', length, '-reset_timestamps', '1'];
    outputs.push(...coding, ...keyframes, ...cutting, nameOf(clip, 'picture', '%d'));
  }
  await ffmpeg('-i', clip, ...outputs);
}

export interface PieceServer {
  /** What was asked for, in order, as `sound 0`. */
  readonly asked: readonly string[];
  /** Called before a piece is sent; a sentence refuses it. */
  before: (track: Track) => Promise<string | undefined>;
}

/** Answers the requests for pieces of a page that is not open yet. */
export async function servePieces(page: Page, clip: string, duration: number): Promise<PieceServer> {
  const asked: string[] = [];
  const server: PieceServer = { asked, before: () => Promise.resolve(undefined) };
  await page.exposeFunction('makePiece', async (track: Track, index: number) => {
    asked.push(`${track} ${index}`);
    const error = await server.before(track);
    if (error !== undefined) return { error };
    const start = index * SEGMENT_LENGTH[track];
    if (start >= duration) return { error: 'There is nothing behind the end of the clip.' };
    const data = await readFile(nameOf(clip, track, index));
    return { start, duration: Math.min(SEGMENT_LENGTH[track], duration - start), data: data.toString('base64') };
  });
  return server;
}
