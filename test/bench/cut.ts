import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { createMediaEngine } from '../../src/media/engine.js';
import type { CutReport, MediaEngine } from '../../src/media/media.js';
import { keptRanges, type Section } from '../../src/timeline/sections.js';
import { ffmpeg, longClip, scratch, shortClip, type BenchClip } from './cut-clips.js';
import { median, print, timed } from './figures.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const WORKER = path.join(ROOT, 'dist/media-worker.mjs');
const PAIRS = 5;
const MB = 1024 * 1024;

/** Cutting against copying the bytes, ffmpeg's inexact copy, and encoding anew. Prints figures; judges nothing. */
export async function run(): Promise<void> {
  await promisify(execFile)(process.execPath, ['esbuild.mjs', 'worker', '--production'], { cwd: ROOT });
  const short = await shortClip();
  const one = [section(81.517, 120.9)];
  print(`${megabytes(short)} MB, 180 s of 1080p30, medians of ${PAIRS} runs in turns`);
  const shortTimes = await compare(short, one);
  const medium = await timed(() => reencode(short, 'medium'));
  const veryfast = await timed(() => reencode(short, 'veryfast'));
  print(`  x264 veryfast    ${seconds(veryfast)}   ours is ${(veryfast / shortTimes.ours).toFixed(1)} × faster`);
  print(`  x264 medium      ${seconds(medium)}   ours is ${(medium / shortTimes.ours).toFixed(1)} × faster (goal 40)`);
  await oursAlone(short, twenty(short), 'twenty cuts');
  await cancelling(short, one);
  await looking(short);

  const long = await longClip();
  print(`${megabytes(long)} MB, 2 h of 1080p30, medians of ${PAIRS} runs in turns`);
  await compare(long, [section(1800.21, 3600.77)]);
  await compare(long, [section(3600.21, 3660.77)], 'a minute removed');
  await oursAlone(long, twenty(long), 'twenty cuts');
}

/** Ours, `cp` and ffmpeg's three passes in turns. */
async function compare(clip: BenchClip, removed: Section[], what = 'one cut'): Promise<{ ours: number }> {
  const ours: Run[] = [];
  const cp: number[] = [];
  const passes: number[] = [];
  await trim(clip, removed);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const works = [
      async () => void ours.push(await trim(clip, removed)),
      async () => void cp.push(await copyBytes(clip)),
      async () => void passes.push(await timed(() => threePasses(clip, removed))),
    ];
    // In turns, so that none always comes first.
    for (let n = 0; n < works.length; n += 1) await works[(pair + n) % works.length]?.();
  }
  const mine = median(ours.map((run) => run.seconds));
  const ratio = (theirs: number[]): string => median(ours.map((run, n) => run.seconds / (theirs[n] ?? NaN))).toFixed(2);
  print(`  ${what}`);
  print(`  ours             ${seconds(mine)}   ${describe(ours)}`);
  print(`  cp               ${seconds(median(cp))}   ours takes ${ratio(cp)} × that (goal 1.5 on the long clip)`);
  print(
    `  ffmpeg -c copy   ${seconds(median(passes))}   ours takes ${ratio(passes)} × that (goal 1.2 on the short clip)`,
  );
  return { ours: mine };
}

async function oursAlone(clip: BenchClip, removed: Section[], what: string): Promise<void> {
  const runs: Run[] = [];
  for (let n = 0; n < 3; n += 1) runs.push(await trim(clip, removed));
  print(`  ${what}: ours ${seconds(median(runs.map((run) => run.seconds)))}   ${describe(runs)}`);
}

interface Run {
  readonly seconds: number;
  /** Milliseconds from the call to the first word about progress. */
  readonly firstProgress: number;
  /** Peak memory of the worker and of this process together, in bytes. */
  readonly memory: number;
  readonly report: CutReport;
}

function describe(runs: readonly Run[]): string {
  const { method, reencodedFrames, frames } = runs[0]?.report ?? { method: '?', reencodedFrames: 0, frames: 0 };
  const memory = Math.max(...runs.map((run) => run.memory)) / MB;
  const progress = median(runs.map((run) => run.firstProgress));
  return (
    `${method}, ${reencodedFrames} of ${frames} frames encoded, ` +
    `progress after ${progress.toFixed(0)} ms (goal 200), peak ${memory.toFixed(0)} MB (goal 400)`
  );
}

/** One cut with a worker of its own that has looked at the clip, as it has when a person opens one. */
async function trim(clip: BenchClip, removed: Section[]): Promise<Run> {
  const engine = openEngine();
  const output = await scratch('ours.mp4');
  let firstProgress = NaN;
  try {
    await engine.probe(clip.file);
    const start = performance.now();
    const report = await engine.cut(
      { input: clip.file, output, kept: kept(clip, removed) },
      {
        onProgress: ({ fraction }) => {
          if (fraction > 0 && Number.isNaN(firstProgress)) firstProgress = performance.now() - start;
        },
      },
    );
    const took = (performance.now() - start) / 1000;
    return { seconds: took, firstProgress, memory: await peakMemory(), report };
  } finally {
    await engine.close();
    await rm(output, { force: true });
  }
}

async function copyBytes(clip: BenchClip): Promise<number> {
  const output = await scratch('cp.mp4');
  const took = await timed(() => promisify(execFile)('cp', ['--reflink=never', clip.file, output]));
  await rm(output);
  return took;
}

/** What people do by hand: cut out the parts without encoding, then join them. Inexact: it cuts at keyframes. */
async function threePasses(clip: BenchClip, removed: Section[]): Promise<void> {
  const parts: string[] = [];
  for (const [n, range] of kept(clip, removed).entries()) {
    const part = await scratch(`part-${n}.mp4`);
    const from = ['-ss', String(range.in / 1e6), '-t', String((range.out - range.in) / 1e6)];
    await ffmpeg(...from, '-i', clip.file, '-c', 'copy', part);
    parts.push(part);
  }
  const list = await scratch('parts.txt');
  await writeFile(list, parts.map((part) => `file '${part}'\n`).join(''));
  const joined = await scratch('joined.mp4');
  await ffmpeg('-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', joined);
  for (const file of [...parts, list, joined]) await rm(file);
}

async function reencode(clip: BenchClip, preset: string): Promise<void> {
  const output = await scratch('reencoded.mp4');
  const keep = 'not(between(t,81.517,120.9))';
  const filters = ['-vf', `select='${keep}',setpts=N/30/TB`, '-af', `aselect='${keep}',asetpts=N/SR/TB`];
  await ffmpeg('-i', clip.file, ...filters, '-c:v', 'libx264', '-preset', preset, '-c:a', 'aac', output);
  await rm(output);
}

async function cancelling(clip: BenchClip, removed: Section[]): Promise<void> {
  const times: number[] = [];
  let left = 0;
  for (const delay of [50, 200, 400, 700, 1000, 1300]) {
    const engine = openEngine();
    const output = await scratch('cancelled.mp4');
    const stop = new AbortController();
    const work = engine.cut({ input: clip.file, output, kept: kept(clip, removed) }, { signal: stop.signal });
    const settled = work.then(
      () => undefined,
      () => performance.now(),
    );
    await new Promise((resolve) => setTimeout(resolve, delay));
    const asked = performance.now();
    stop.abort();
    const ended = await settled;
    if (ended !== undefined) {
      times.push(ended - asked);
      if (existsSync(output)) left += 1;
    }
    await engine.close();
    await rm(output, { force: true });
  }
  const slowest = Math.max(...times).toFixed(0);
  print(`  cancelled ${times.length} times: within ${slowest} ms (goal 300), ${left} files left behind`);
}

/** Finding pauses and measuring the waveform, against realtime. */
async function looking(clip: BenchClip): Promise<void> {
  const engine = openEngine();
  try {
    await engine.probe(clip.file);
    const both = await timed(() => engine.sound(clip.file, () => undefined));
    print(`  pauses and waveform in one pass: ${(clip.duration / both).toFixed(0)} × realtime (goal 300)`);
  } finally {
    await engine.close();
  }
}

function openEngine(): MediaEngine {
  return createMediaEngine({ workerPath: WORKER });
}

/** Peak resident memory of this process's media worker and its own present one; bytes. Linux only, else NaN. */
async function peakMemory(): Promise<number> {
  try {
    const children: string[] = [];
    for (const task of await readdir('/proc/self/task')) {
      children.push(...(await readFile(`/proc/self/task/${task}/children`, 'utf8')).trim().split(' '));
    }
    let sum = process.memoryUsage.rss();
    for (const child of children.filter((pid) => pid !== '')) {
      // What runs TypeScript here has a child too.
      if (!(await readFile(`/proc/${child}/cmdline`, 'utf8')).includes(WORKER)) continue;
      const [, kilobytes = '0'] = /VmHWM:\s*(\d+)/.exec(await readFile(`/proc/${child}/status`, 'utf8')) ?? [];
      sum += Number(kilobytes) * 1024;
    }
    return sum;
  } catch {
    return NaN;
  }
}

function twenty(clip: BenchClip): Section[] {
  const step = clip.duration / 21;
  return Array.from({ length: 20 }, (_, n) => section((n + 1) * step - 1.213, (n + 1) * step + 1.391));
}

function section(from: number, to: number): Section {
  return { in: Math.round(from * 1e6), out: Math.round(to * 1e6) };
}

function kept(clip: BenchClip, removed: Section[]): Section[] {
  return keptRanges(removed, { in: 0, out: clip.duration * 1e6 });
}

function megabytes(clip: BenchClip): string {
  return (clip.size / MB).toFixed(0);
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`.padStart(8);
}
