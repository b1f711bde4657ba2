import * as z from 'zod/mini';
import { listSections } from '../timeline/difference.js';
import { doWholeJob } from '../session/whole-job.js';
import { ToolRefusal, type AgentTool } from './agent-tool.js';
import { followSession } from './job-progress.js';
import { clipPath, outputPath, readSections, resolution, sections, stretch, toStretch } from './tool-input.js';
import { checkedTarget, describeFile, sayFile, writtenFile } from './written-file.js';

const LONGEST_INSTRUCTION = 2000;

const input = z.strictObject({
  path: clipPath,
  sections: z.optional(sections),
  instruction: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(LONGEST_INSTRUCTION),
        z.describe(
          'What to remove or keep, in plain English or Chinese, such as "remove the long pause", "remove all pauses longer than 2 seconds", "remove where nothing is said" (by an .srt or .vtt of the same name beside the file), "keep only 0:10 to 0:30", "cut the first 5 seconds". It is carried out after `sections`, on what they leave. Give `sections`, `instruction` or both.',
        ),
      ),
  ),
  output: z.optional(outputPath),
  resolution: z.optional(resolution),
});

const output = z.object({
  ...writtenFile,
  removed: z.array(stretch).check(z.describe('What was removed, in the time of the source file.')),
});

export const trimVideo: AgentTool<typeof input, z.infer<typeof output>> = {
  name: 'trim_video',
  title: 'Trim Video',
  description: `Removes sections from a video file and joins the rest into a new file, exact to the frame, on this machine. Sections are half-open ranges [in, out) of source time, in seconds or as timecodes. Only the frames around each join are encoded anew; all others are copied without loss of quality, so a long clip takes seconds. Sound, subtitles and chapters are cut along.
Give the absolute path of the source, and sections, an instruction in words, or both. To take out silence, either call find_pauses first and pass sections, or say "remove the long pauses".
Returns the absolute path of the new file, its length and the source's in seconds, what was removed, and how many frames were encoded anew.
Never changes or deletes the source, never overwrites a file (an existing output is refused; without output a free name beside the source is taken, such as interview.trimmed.mp4), and uploads nothing. If it fails or is cancelled, no file is left.`,
  input,
  output,
  readOnly: false,
  async run(given, ports, call) {
    const { signal, onProgress } = call;
    if (given.sections === undefined && (given.instruction ?? '').trim() === '') {
      throw new ToolRefusal('Say what to remove: give "sections", "instruction", or both. Nothing was written.');
    }
    const clip = await ports.files.source(given.path);
    const target = await checkedTarget(given.output, clip, ports);
    onProgress?.(0.01, 'Reading the clip');
    const { duration } = await ports.media.probe(clip, { signal });
    const marked = readSections(given.sections ?? [], duration);
    const { session, close } = ports.openSession(clip, duration);
    const unfollow = followSession(session, call);
    try {
      const wanted = {
        ...(target === undefined ? {} : { outputPath: target }),
        ...(given.resolution === undefined ? {} : { resolution: given.resolution.toLowerCase() }),
      };
      const said = given.instruction === undefined ? [] : [given.instruction];
      const { exported, removed } = await doWholeJob(
        session,
        { sections: marked, said, output: wanted },
        duration,
        signal,
      );
      const file = describeFile(exported, duration);
      const what = removed.length > 0 ? ` Removed ${listSections(removed)}.` : '';
      return { text: `${sayFile(file, exported.duration)}${what}`, data: { ...file, removed: removed.map(toStretch) } };
    } finally {
      unfollow();
      await close();
    }
  },
};
