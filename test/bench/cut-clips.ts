import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Clips of the benchmark: made once, then kept for the next run. */
const FOLDER = path.join(tmpdir(), 'video-trimmer-bench');

/** A clip and how it came about. */
export interface BenchClip {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds. */
  readonly duration: number;
}

/** 180 s of 1080p30, about 350 MB: x264, closed groups of 60 pictures, two B-frames, AAC. */
export async function shortClip(): Promise<BenchClip> {
  return { ...(await made('1080p30-180s.mp4', (file) => encode(file, '15500k'))), duration: 180 };
}

/** Two hours of 1080p30, about 4 GB: forty times the picture of three minutes, under sound without a seam. */
export async function longClip(): Promise<BenchClip> {
  const once = await made('1080p30-180s-small.mp4', (file) => encode(file, '4400k'));
  const clip = await made('1080p30-2h-one-take.mp4', async (file) => {
    const inputs = ['-stream_loop', '39', '-i', once.file, '-f', 'lavfi', '-i', speech(7200)];
    await ffmpeg(...inputs, '-map', '0:v', '-map', '1:a', '-c:v', 'copy', ...SOUND_CODING, file);
  });
  return { ...clip, duration: 7200 };
}

/** @param name of a file for one run, which does not exist yet */
export async function scratch(name: string): Promise<string> {
  const file = path.join(FOLDER, name);
  await rm(file, { force: true });
  return file;
}

export async function ffmpeg(...args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-y', ...args], { maxBuffer: 1 << 26 });
}

async function encode(file: string, bitRate: string): Promise<void> {
  // Moving detail and a camera's noise in good light.
  const picture = 'testsrc2=s=1920x1080:r=30:d=180,noise=alls=3:allf=t';
  const video = `-c:v libx264 -preset veryfast -b:v ${bitRate} -maxrate ${bitRate} -bufsize 30M -bf 2 -g 60`;
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', speech(180)];
  const coding = [...video.split(' '), '-x264-params', 'open-gop=0:scenecut=0', '-pix_fmt', 'yuv420p'];
  await ffmpeg(...inputs, ...coding, ...SOUND_CODING, file);
}

const SOUND_CODING = ['-c:a', 'aac', '-b:a', '160k'];

/** A tone with pauses of two seconds over faint noise. */
function speech(seconds: number): string {
  return `aevalsrc='0.3*sin(2*PI*220*t)*lt(mod(t,7),5)+0.002*random(0)':s=48000:c=stereo:d=${seconds}`;
}

async function made(name: string, make: (file: string) => Promise<void>): Promise<{ file: string; size: number }> {
  const file = path.join(FOLDER, name);
  if (!existsSync(file)) {
    process.stdout.write(`making ${name} …\n`);
    await mkdir(FOLDER, { recursive: true });
    const half = path.join(FOLDER, `half-${name}`);
    await make(half);
    await rename(half, file);
  }
  return { file, size: (await stat(file)).size };
}
