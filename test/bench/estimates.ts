import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { createMediaEngine } from '../../src/media/engine.js';
import type { CutRequest, MediaEngine } from '../../src/media/media.js';
import { keptRanges } from '../../src/timeline/sections.js';
import { ffmpeg, longClip, scratch, shortClip } from './cut-clips.js';
import { print, timed } from './figures.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Case {
  readonly what: string;
  readonly input: string;
  /** Seconds of the clip. */
  readonly duration: number;
  readonly ending: string;
  readonly removed: readonly (readonly [number, number])[];
  readonly height?: number;
}

/**
 * How near the estimates are that people see before an export: on a machine that has cut nothing yet, and after one cut
 * of the same kind. The goals, for cuts of a second or longer: within 1.5 where all is encoded, within 2.5 where it is
 * joined. Prints figures; judges nothing.
 */
export async function run(): Promise<void> {
  await promisify(execFile)(process.execPath, ['esbuild.mjs', 'worker', '--production'], { cwd: ROOT });
  const made: string[] = [];
  const clip = async (name: string, ...args: readonly string[]): Promise<string> => {
    const file = await scratch(name);
    await ffmpeg(...args, file);
    made.push(file);
    return file;
  };
  const [short, long] = [await shortClip(), await longClip()];
  const noise = 'testsrc2=s=1280x720:r=30:d=60,noise=alls=8:allf=t';
  const speech = "aevalsrc='0.3*sin(2*PI*220*t)*lt(mod(t,7),5)':s=48000:c=stereo:d=60";
  const inputs = ['-f', 'lavfi', '-i', noise, '-f', 'lavfi', '-i', speech];
  const picture = '-c:v libx264 -preset ultrafast -b:v 2M -g 60 -pix_fmt yuv420p'.split(' ');
  const opus = await clip('opus.mkv', ...inputs, ...picture, '-c:a', 'libopus', '-b:a', '320k');
  const flac = await clip('flac.mkv', ...inputs, ...picture, '-c:a', 'flac');
  const pcm = await clip('pcm.avi', ...inputs, '-c:v', 'mpeg4', '-q:v', '6', '-c:a', 'pcm_s16le');
  const twenty = Array.from({ length: 20 }, (_, n) => [5 + n * 350, 15.3 + n * 350] as const);
  const cases: readonly Case[] = [
    { what: 'joined, 350 MB', input: short.file, duration: 180, ending: 'mp4', removed: [[81.5, 120.9]] },
    { what: 'joined, 4 GB', input: long.file, duration: 7200, ending: 'mp4', removed: [[1800.2, 3600.8]] },
    { what: 'joined, 4 GB, 20 cuts', input: long.file, duration: 7200, ending: 'mp4', removed: twenty },
    { what: 'joined, mp4 → mkv', input: short.file, duration: 180, ending: 'mkv', removed: [[81.5, 120.9]] },
    { what: 'joined, Opus in mkv', input: opus, duration: 60, ending: 'mkv', removed: [[20.1, 40.2]] },
    { what: 'joined, FLAC in mkv', input: flac, duration: 60, ending: 'mkv', removed: [[20.1, 40.2]] },
    { what: 'whole, 720p of mpeg4', input: pcm, duration: 60, ending: 'mp4', removed: [[20, 30]] },
    { what: 'whole, to 480p', input: flac, duration: 60, ending: 'mp4', removed: [[20, 30]], height: 480 },
    { what: 'whole, to 720p', input: short.file, duration: 180, ending: 'mp4', removed: [[0, 150]], height: 720 },
  ];
  print('                          before    after one cut    took        size');
  try {
    for (const one of cases) await measure(one);
  } finally {
    for (const file of made) await rm(file, { force: true });
  }
}

/** Two cuts by an engine that knows nothing of this machine at first. */
async function measure({ what, input, duration, ending, removed, height }: Case): Promise<void> {
  const engine = createMediaEngine({ workerPath: path.join(ROOT, 'dist/media-worker.mjs') });
  const output = await scratch(`estimated.${ending}`);
  const sections = removed.map(([from, to]) => ({ in: from * 1e6, out: to * 1e6 }));
  const kept = keptRanges(sections, { in: 0, out: duration * 1e6 });
  const request: CutRequest = { input, output, kept, ...(height === undefined ? {} : { height }) };
  try {
    const first = await foreseen(engine, request, output);
    const second = await foreseen(engine, request, output);
    const took = `${first.took.toFixed(1)} s ${second.took.toFixed(1)} s`;
    print(`  ${what.padEnd(22)}  ${first.time}      ${second.time}           ${took.padEnd(14)} ${second.size}`);
  } finally {
    await engine.close();
  }
}

async function foreseen(
  engine: MediaEngine,
  request: CutRequest,
  output: string,
): Promise<{ time: string; took: number; size: string }> {
  const plan = await engine.plan(request, { sampled: true, timeLimit: 10_000 });
  const took = await timed(() => engine.cut(request));
  const { size } = await stat(output);
  await rm(output);
  return { time: factor(plan.seconds / took), took, size: factor((plan.bytes ?? 0) / size) };
}

function factor(ratio: number): string {
  return `× ${ratio.toFixed(2)}`.padEnd(7);
}
