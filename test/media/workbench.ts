import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { createMediaEngine } from '../../src/media/engine.js';
import type { CutReport, MediaEngine } from '../../src/media/media.js';
import { keptRanges, type Section } from '../../src/timeline/sections.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A folder and an engine for one test file. */
export interface Bench {
  readonly engine: MediaEngine;
  readonly log: readonly string[];
  /** For an engine with other options. */
  readonly workerPath: string;
  file(name: string): string;
  /** Removes sections, given in seconds, from a clip. */
  remove(input: string, output: string, ...sections: readonly (readonly [number, number])[]): Promise<CutReport>;
  close(): Promise<void>;
}

let built: Promise<unknown> | undefined;

export async function openBench(): Promise<Bench> {
  // The runner builds once for all; two files at a time must not write the same program.
  built ??= process.env.VIDEO_TRIMMER_BUILT
    ? Promise.resolve()
    : promisify(execFile)(process.execPath, ['esbuild.mjs', 'worker'], { cwd: ROOT });
  await built;
  const folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-media-'));
  const log: string[] = [];
  // That of another system, see test/run/other-platforms.ts.
  const workerPath = process.env.VIDEO_TRIMMER_WORKER ?? path.join(ROOT, 'dist/media-worker.mjs');
  const engine = createMediaEngine({
    workerPath,
    log: (line) => log.push(line),
  });
  return {
    engine,
    log,
    workerPath,
    file: (name) => path.join(folder, name),
    remove: async (input, output, ...sections) => {
      const { duration } = await engine.probe(input);
      return engine.cut({ input, output, kept: keptRanges(toSections(sections), { in: 0, out: duration }) });
    },
    close: async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function toSections(seconds: readonly (readonly [number, number])[]): Section[] {
  return seconds.map(([from, to]) => ({ in: Math.round(from * 1e6), out: Math.round(to * 1e6) }));
}

/** The numbers that stay of `count` frames at `rate` frames a second when `sections` (seconds) are removed. */
export function remaining(count: number, rate: number, ...sections: readonly (readonly [number, number])[]): number[] {
  return Array.from({ length: count }, (_, n) => n).filter((n) => {
    const time = Math.round((n / rate) * 1e6);
    return !toSections(sections).some((section) => time >= section.in && time < section.out);
  });
}
