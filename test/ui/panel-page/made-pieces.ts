// Stands in for the host: makes the pieces that the page asks for, with the ffmpeg command line.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { SEGMENT_LENGTH, type ToPanel } from '../../../src/messages.js';

const run = promisify(execFile);

type Segment = Extract<ToPanel, { type: 'segment' }>;
type Track = Segment['track'];

export interface PieceMaker {
  /** What was asked for, in order. */
  readonly asked: readonly string[];
  /** Answers of `track index` wait until this is resolved; a sentence refuses. */
  hold: ((track: Track, index: number) => Promise<string | undefined>) | undefined;
}

/** Answers the requests for pieces of a page that is not open yet. */
export async function servePieces(page: Page, clip: string, duration: number): Promise<PieceMaker> {
  const asked: string[] = [];
  const maker: PieceMaker = { asked, hold: undefined };
  await page.exposeFunction('makePiece', async (track: Track, index: number) => {
    asked.push(`${track} ${index}`);
    const error = await maker.hold?.(track, index);
    if (error !== undefined) return { error };
    const start = index * SEGMENT_LENGTH[track];
    const length = Math.min(SEGMENT_LENGTH[track], duration - start);
    const data = await makePiece(clip, track, start / 1e6, length / 1e6);
    return { start, duration: length, data: data.toString('base64') };
  });
  return maker;
}

const made = new Map<string, Promise<Buffer>>();

function makePiece(clip: string, track: Track, start: number, length: number): Promise<Buffer> {
  const key = `${clip} ${track} ${start}`;
  const known = made.get(key) ?? encode(clip, track, start, length);
  made.set(key, known);
  return known;
}

async function encode(clip: string, track: Track, start: number, length: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'piece-'));
  const file = join(folder, track === 'sound' ? 'piece.flac' : 'piece.webm');
  const between = `=start=${start}:end=${start + length}`;
  const coding =
    track === 'sound'
      ? ['-vn', '-af', `atrim${between},asetpts=PTS-STARTPTS`, '-ac', '2', '-c:a', 'flac']
      : [
          '-an',
          '-vf',
          `trim${between},setpts=PTS-STARTPTS`,
          '-c:v',
          'libvpx',
          '-deadline',
          'realtime',
          '-cpu-used',
          '8',
          '-b:v',
          '2M',
          '-g',
          '9999',
        ];
  await run('ffmpeg', ['-v', 'error', '-y', '-i', clip, ...coding, file]);
  const data = await readFile(file);
  await rm(folder, { recursive: true });
  return data;
}
