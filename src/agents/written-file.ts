import * as z from 'zod/mini';
import { checkOutputName } from '../session/output-name.js';
import { checkFolder } from '../session/publish.js';
import type { ExportOutcome } from '../session/snapshot.js';
import { formatLength, toSeconds, type Microseconds } from '../timeline/timecode.js';
import type { AgentPorts } from './agent-tool.js';

/** What the tools that write tell of the file. */
export const writtenFile = {
  output: z.string().check(z.describe('Absolute path of the file that was written.')),
  duration: z.number().check(z.describe('Length of the written file in seconds.')),
  sourceDuration: z.number().check(z.describe('Length of the source file in seconds.')),
  method: z
    .enum(['smart', 'reencode', 'unknown'])
    .check(
      z.describe(
        'smart: the frames around each join were encoded anew and all others copied without loss; reencode: the whole picture was encoded anew; unknown: the engine does not say.',
      ),
    ),
  frames: z.number().check(z.describe('Video frames in the written file; 0 where that is not known.')),
  reencodedFrames: z.number().check(z.describe('Of these, how many were encoded anew.')),
  notes: z.array(z.string()).check(z.describe('What could not be kept, and why the picture was encoded whole.')),
};

export type WrittenFile = z.infer<z.ZodMiniObject<typeof writtenFile>>;

/** What a tool that writes answers, in seconds; where the engine did not say how it cut, `method` says so. */
export function describeFile(exported: ExportOutcome, source: Microseconds): WrittenFile {
  const { outputPath, duration, cut } = exported;
  return {
    output: outputPath,
    duration: toSeconds(duration),
    sourceDuration: toSeconds(source),
    method: cut?.method ?? 'unknown',
    frames: cut?.frames ?? 0,
    reencodedFrames: cut?.reencodedFrames ?? 0,
    notes: [...(cut?.notes ?? [])],
  };
}

/** The same in one sentence, with the notes behind it. @param duration of the written file */
export function sayFile(
  { output, method, frames, reencodedFrames, notes }: WrittenFile,
  duration: Microseconds,
): string {
  const anew = {
    smart: ` ${reencodedFrames} of ${frames} frames were encoded anew, the others are copied without loss.`,
    reencode: ' The whole picture was encoded anew.',
    unknown: '',
  }[method];
  return [`Wrote ${output}, ${formatLength(duration)} long.${frames > 0 ? anew : ''}`, ...notes].join(' ');
}

/**
 * Looks whether the chosen file can be written, before anything is done.
 *
 * @throws ToolRefusal, SessionError
 */
export async function checkedTarget(
  given: string | undefined,
  source: string,
  ports: AgentPorts,
): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const path = await ports.files.target(given, source);
  checkOutputName(path);
  await checkFolder(path, true);
  return path;
}
