// Clips that tell by themselves whether a cut is right: each frame carries its number as black and white blocks, and
// every whole second flashes and beeps at once. Made and judged with the ffmpeg command line, which the product never uses.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BIG = { maxBuffer: 1 << 30, encoding: 'buffer' } as const;

export const CLIP_WIDTH = 320;
export const CLIP_HEIGHT = 180;
const BITS = 16;
const BLOCK = CLIP_WIDTH / BITS;
const BAND = 32;
const SAMPLE_RATE = 48_000;

export interface ClipOptions {
  readonly frames?: number;
  /** As ffmpeg takes it: `30`, `30000/1001`. */
  readonly rate?: string;
  /** Encoder arguments for the picture; default H.264 with B-frames and closed GOPs of 30. */
  readonly video?: readonly string[];
  /** Encoder arguments for the sound, or false for none. */
  readonly audio?: readonly string[] | false;
  /** Arguments between the inputs and the output, for maps, metadata, filters. */
  readonly output?: readonly string[];
}

export const CLOSED_GOP = '-c:v libx264 -preset veryfast -crf 18 -g 30 -bf 2 -x264-params open-gop=0:scenecut=0'.split(
  ' ',
);

/** 18 seconds of noise in 250 MB, whose bytes are worth a second thread: 540 pictures of 640 × 360, a sine. */
export async function makeLargeClip(file: string): Promise<void> {
  const picture = 'testsrc2=s=640x360:r=30:d=18,noise=alls=60:allf=t';
  const coding = '-c:v libx264 -preset ultrafast -qp 2 -g 30 -bf 0 -pix_fmt yuv420p -c:a aac'.split(' ');
  await ffmpeg('-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=440:d=18:r=48000', ...coding, file);
}

/** Writes a numbered clip. The container follows the file's ending. */
export async function makeClip(file: string, options: ClipOptions = {}): Promise<void> {
  const {
    frames = 240,
    rate = '30',
    video = CLOSED_GOP,
    audio = ['-c:a', 'aac', '-b:a', '128k'],
    output = [],
  } = options;
  const [num = 30, den = 1] = rate.split('/').map(Number);
  const seconds = (frames * den) / num;
  const beep = `aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.05)':s=${SAMPLE_RATE}:c=stereo:d=${seconds}`;
  const input = `-f rawvideo -pix_fmt yuv420p -s ${CLIP_WIDTH}x${CLIP_HEIGHT} -r ${rate} -i -`.split(' ');
  const sound = audio === false ? [] : ['-f', 'lavfi', '-i', beep];
  const coding = audio === false ? ['-an'] : audio;
  const child = spawn(
    'ffmpeg',
    ['-v', 'error', '-y', ...input, ...sound, ...video, '-pix_fmt', 'yuv420p', ...coding, ...output, file],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  child.stdin.on('error', () => undefined);
  const exit = once(child, 'exit');
  for (let n = 0; n < frames && child.exitCode === null; n++) {
    const flash = Math.floor((n * den) / num) !== Math.floor(((n - 1) * den) / num);
    if (!child.stdin.write(drawFrame(n, flash))) await Promise.race([once(child.stdin, 'drain'), exit]);
  }
  child.stdin.end();
  const [code] = (await exit) as [number];
  if (code !== 0) throw new Error(`ffmpeg could not make ${path.basename(file)}: ${errors}`);
}

function drawFrame(n: number, flash: boolean): Buffer {
  const luma = CLIP_WIDTH * CLIP_HEIGHT;
  const frame = Buffer.alloc(luma * 1.5, 128);
  const across = Float32Array.from({ length: CLIP_WIDTH }, (_, x) => 80 + 40 * Math.sin((x + 3 * n) / 23));
  for (let y = 0; y < CLIP_HEIGHT; y++) {
    const down = 30 * Math.sin((y - 2 * n) / 17);
    const row = frame.subarray(y * CLIP_WIDTH, (y + 1) * CLIP_WIDTH);
    if (y < BAND) for (let x = 0; x < CLIP_WIDTH; x++) row[x] = (n >> Math.floor(x / BLOCK)) & 1 ? 235 : 16;
    else if (flash) row.fill(235);
    else for (let x = 0; x < CLIP_WIDTH; x++) row[x] = (across[x] ?? 0) + down;
  }
  frame.fill((64 + n) & 0xff, luma, luma + luma / 4);
  return frame;
}

/** The numbers of a clip's frames in the order they are shown, read from the pictures themselves. */
export async function frameNumbers(file: string): Promise<number[]> {
  const raw = await decode(file, `crop=${CLIP_WIDTH}:${BAND}:0:0,format=gray`);
  const size = CLIP_WIDTH * BAND;
  return Array.from({ length: raw.length / size }, (_, frame) => {
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const value = raw[frame * size + (BAND / 2) * CLIP_WIDTH + bit * BLOCK + BLOCK / 2] ?? 0;
      if (value > 125) number |= 1 << bit;
    }
    return number;
  });
}

/** Positions of frames that flash. */
export async function flashes(file: string): Promise<number[]> {
  const raw = await decode(file, `crop=64:64:0:64,scale=1:1:flags=area,format=gray`);
  return [...raw.keys()].filter((n) => (raw[n] ?? 0) > 215);
}

async function decode(file: string, filter: string): Promise<Buffer> {
  const format = ['-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-noautorotate', '-i', file, '-map', '0:v:0', '-vf', filter, ...format],
    BIG,
  );
  return stdout;
}

/** What ffmpeg says while it decodes everything: empty for a sound file. */
export async function decoderMessages(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', file, '-map', '0', '-f', 'null', '-'], BIG);
  return stderr.toString();
}

/** A hash of each frame's picture, in the order shown. */
export async function frameHashes(file: string): Promise<string[]> {
  const arguments_ = [
    '-v',
    'error',
    '-noautorotate',
    '-i',
    file,
    '-map',
    '0:v:0',
    '-vsync',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ];
  const { stdout } = await run('ffmpeg', arguments_, BIG);
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** Frames as grey pictures, for measuring how far two differ. */
export async function grayFrames(file: string): Promise<Buffer[]> {
  const raw = await decode(file, 'format=gray');
  const size = CLIP_WIDTH * CLIP_HEIGHT;
  return Array.from({ length: raw.length / size }, (_, n) => raw.subarray(n * size, (n + 1) * size));
}

export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(255 ** 2 / (sum / a.length));
}

export interface ProbedPacket {
  readonly pts: number;
  readonly dts: number;
}

/** Packets of a stream in the order of the file, times in seconds. */
export async function packets(file: string, stream = 'v:0'): Promise<ProbedPacket[]> {
  const found = await ffprobe(file, ['-select_streams', stream, '-show_entries', 'packet=pts_time,dts_time']);
  return (found.packets ?? []).map(({ pts_time, dts_time }) => ({ pts: Number(pts_time), dts: Number(dts_time) }));
}

/** Presentation times of the shown frames in seconds. */
export async function frameTimes(file: string): Promise<number[]> {
  const found = await ffprobe(file, ['-select_streams', 'v:0', '-show_entries', 'frame=pts_time']);
  return (found.frames ?? []).map(({ pts_time }) => Number(pts_time));
}

export interface ProbedStream {
  readonly codec_name: string;
  readonly codec_type: string;
  readonly codec_tag_string?: string;
  readonly profile?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly sample_aspect_ratio?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly Readonly<Record<string, unknown>>[];
}

export async function streams(file: string): Promise<ProbedStream[]> {
  return (await ffprobe(file, ['-show_streams'])).streams ?? [];
}

interface Probed {
  readonly streams?: ProbedStream[];
  readonly packets?: Readonly<Record<string, string>>[];
  readonly frames?: Readonly<Record<string, string>>[];
}

/** What it shows of a file, as JSON. */
export async function ffprobe(file: string, arguments_: readonly string[]): Promise<Probed> {
  const { stdout } = await run('ffprobe', ['-v', 'error', ...arguments_, '-of', 'json', file], BIG);
  return JSON.parse(stdout.toString()) as Probed;
}

/** The first channel of a sound track, with silence in front where the track starts late. */
export async function sound(file: string, track = 0): Promise<Float32Array> {
  const filter = `aresample=${SAMPLE_RATE}:async=1:first_pts=0`;
  const format = ['-af', filter, '-ac', '1', '-f', 'f32le', '-'];
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-copyts', '-i', file, '-map', `0:a:${track}`, ...format],
    BIG,
  );
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength));
}

/** Times in seconds at which a beep begins. */
export function beeps(samples: Float32Array): number[] {
  const found: number[] = [];
  let quiet = SAMPLE_RATE;
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i] ?? 0) > 0.2) {
      if (quiet > SAMPLE_RATE / 50) found.push(i / SAMPLE_RATE);
      quiet = 0;
    } else quiet++;
  }
  return found;
}

export async function ffmpeg(...arguments_: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-y', ...arguments_], BIG);
}

/** The folder of shared real clips, or undefined with a line that says what is missing. */
export function sharedMedia(): string | undefined {
  const folder = process.env.VIDEO_TRIMMER_TEST_MEDIA ?? path.resolve(import.meta.dirname, '../../../shared/media');
  if (existsSync(path.join(folder, 'interview.mp4'))) return folder;
  process.stderr.write('      (skipped: no shared clips; set VIDEO_TRIMMER_TEST_MEDIA to their folder)\n');
  return undefined;
}

export function md5(data: Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}
