// Damaged clips against the real engine with its worker: whatever happens, it ends in time, in words, and without a file.

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createMediaEngine } from '../../src/media/engine.js';
import { MediaError, type MediaEngine } from '../../src/media/media.js';
import { ffmpeg } from './clips.js';
import { damage, randomness } from './fuzz-mutations.js';

/** Far beyond what any of these tiny clips takes, however busy the machine: what lasts so long does not end. */
const LIMIT_MS = 30_000;

/** How one damaged clip went. */
export interface Outcome {
  readonly result: 'cut' | 'refused' | 'crashed' | 'hung' | 'left a file' | 'escaped';
  /** Code or text of the error; empty when it was cut. */
  readonly detail: string;
  readonly milliseconds: number;
}

export function isFinding({ result }: Outcome): boolean {
  return result !== 'cut' && result !== 'refused';
}

/** Clips of half a second, by name; each has something that the others have not. */
const CLIPS: Readonly<Record<string, string>> = {
  'index-first.mp4': '-c:v libx264 -bf 2 -g 5 -c:a aac -movflags +faststart',
  'index-last.mp4': '-c:v libx264 -bf 2 -x264-params open-gop=1:keyint=5 -c:a libmp3lame',
  'fragments.mp4': '-c:v libx264 -bf 1 -g 5 -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof',
  'hevc.mov': '-c:v libx265 -x265-params log-level=none:keyint=5:min-keyint=5 -tag:v hvc1 -c:a pcm_s16le',
  'av1.mp4': '-s 64x64 -c:v libsvtav1 -preset 12 -g 5 -c:a libopus',
  'avc.mkv': '-map 2 -c:s srt -c:v libx264 -bf 2 -g 5 -c:a aac',
  'vp9.webm': '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 5 -c:a libopus -live 0',
  'vp8.webm': '-c:v libvpx -deadline realtime -g 5 -c:a libvorbis',
};
const WORDS = `;FFMETADATA1
title=Fuzz
[CHAPTER]
TIMEBASE=1/1000
START=0
END=250
title=One
[CHAPTER]
TIMEBASE=1/1000
START=250
END=500
title=Two
`;
const SUBTITLES = '1\n00:00:00,050 --> 00:00:00,400\nHi\n';

export interface Sample {
  readonly ending: string;
  readonly bytes: Buffer;
}

export async function makeSamples(folder: string): Promise<Sample[]> {
  await mkdir(folder, { recursive: true });
  const words = path.join(folder, 'words.txt');
  const subtitles = path.join(folder, 'words.srt');
  await writeFile(words, WORDS);
  await writeFile(subtitles, SUBTITLES);
  const inputs = ['-f', 'lavfi', '-i', 'testsrc=s=64x36:r=30:d=0.5', '-f', 'lavfi', '-i', 'sine=r=48000:d=0.5'];
  const samples: Sample[] = [];
  for (const [name, coding] of Object.entries(CLIPS)) {
    const file = path.join(folder, name);
    const output = `-map 0 -map 1 -map_metadata 3 -map_chapters 3 -pix_fmt yuv420p -threads 1 ${coding}`.split(' ');
    await ffmpeg(...inputs, '-i', subtitles, '-f', 'ffmetadata', '-i', words, ...output, file);
    samples.push({ ending: path.extname(name).slice(1), bytes: await readFile(file) });
  }
  return samples;
}

/** The damaged file of a number. Every sixth is written in another container than it comes from. */
export function damaged(samples: readonly Sample[], seed: number, n: number): Sample & { readonly into: string } {
  const random = randomness(seed, n);
  const sample = samples[n % samples.length];
  if (!sample) throw new RangeError('no samples');
  const { ending, bytes } = sample;
  const into = random(6) === 0 ? (['mp4', 'mkv', 'mov', 'ts'][random(4)] ?? 'mp4') : ending;
  return { ending, into, bytes: damage(bytes, ending, random) };
}

/** One engine with a long-lived worker, and a folder of its own in which nothing may stay. */
export class FuzzLane {
  readonly #engine: MediaEngine;
  readonly #folder: string;
  readonly #outputs: string;
  readonly log: string[] = [];

  private constructor(folder: string, workerPath: string) {
    this.#folder = folder;
    this.#outputs = path.join(folder, 'outputs');
    this.#engine = createMediaEngine({ workerPath, log: (line) => this.log.push(line) });
  }

  static async open(folder: string, workerPath: string): Promise<FuzzLane> {
    const lane = new FuzzLane(folder, workerPath);
    await mkdir(lane.#outputs, { recursive: true });
    return lane;
  }

  /** Probes a clip, and cuts out its middle when that went well. */
  async run({ ending, bytes, into }: Sample & { readonly into: string }): Promise<Outcome> {
    const input = path.join(this.#folder, `damaged.${ending}`);
    await writeFile(input, bytes);
    const output = path.join(this.#outputs, `cut.${into}`);
    const started = performance.now();
    const signal = AbortSignal.timeout(LIMIT_MS);
    const outcome = (result: Outcome['result'], detail = ''): Outcome => ({
      result,
      detail,
      milliseconds: performance.now() - started,
    });
    this.log.length = 0;
    try {
      const { duration } = await this.#engine.probe(input, { signal });
      const kept = [
        { in: 0, out: 210_000 },
        { in: 330_000, out: Math.max(340_000, duration) },
      ];
      await this.#engine.cut({ input, output, kept }, { signal });
      if (!existsSync(output)) return outcome('escaped', 'there is no file');
      await rm(output);
    } catch (error) {
      const left = await readdir(this.#outputs);
      for (const name of left) await rm(path.join(this.#outputs, name), { recursive: true });
      if (signal.aborted) return outcome('hung');
      if (left.length > 0) return outcome('left a file', left.join(' '));
      if (!(error instanceof MediaError)) return outcome('escaped', String(error));
      if (error.code === 'worker-crashed') return outcome('crashed');
      return outcome('refused', error.code);
    }
    const left = await readdir(this.#outputs);
    return left.length > 0 ? outcome('left a file', left.join(' ')) : outcome('cut');
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}
