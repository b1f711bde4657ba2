import * as z from 'zod/mini';
import { formatTimecode, fromSeconds, toSeconds } from '../timeline/timecode.js';
import type { AgentTool } from './agent-tool.js';
import { clipPath } from './tool-input.js';

const input = z.strictObject({
  path: clipPath,
  minimum: z.optional(
    z
      .number()
      .check(
        z.minimum(0.2),
        z.maximum(60),
        z.describe('Shortest pause to report, in seconds. Default: the person’s setting, 1 unless they changed it.'),
      ),
  ),
  threshold: z.optional(
    z
      .number()
      .check(
        z.minimum(-90),
        z.maximum(-10),
        z.describe(
          'Sound below this level counts as silence, in dB of full scale, such as -40. Default: the person’s setting, normally found from the noise floor of the clip itself.',
        ),
      ),
  ),
});

const output = z.object({
  pauses: z
    .array(
      z.object({
        in: z.number().check(z.describe('Where it begins, in seconds.')),
        out: z.number().check(z.describe('Where it ends, in seconds.')),
        length: z.number().check(z.describe('Seconds.')),
      }),
    )
    .check(
      z.describe('In order of time. They can be given to trim_video as `sections`, best 0.1 s shorter on each side.'),
    ),
  total: z.number().check(z.describe('Length of all pauses together, in seconds.')),
  duration: z.number().check(z.describe('Length of the clip in seconds.')),
  minimum: z.number().check(z.describe('The shortest pause that was looked for, in seconds.')),
});

const MOST_IN_WORDS = 20;

export const findPauses: AgentTool<typeof input, z.infer<typeof output>> = {
  name: 'find_pauses',
  title: 'Find Pauses',
  description: `Finds the stretches of silence in the first sound track of a video or sound file on this machine.
Give the absolute path. Returns each pause with its begin, end and length in seconds, their total, and the length of the clip; an empty list when there is none or the clip has no sound. The list fits the \`sections\` of trim_video.
Only reads: it writes no file, changes nothing and uploads nothing.`,
  input,
  output,
  readOnly: true,
  async run({ path, minimum, threshold }, { files, media }, { signal, onProgress }) {
    const clip = await files.source(path);
    const { duration } = await media.probe(clip, { signal });
    const shortest = minimum === undefined ? media.pauseSettings().minimum : fromSeconds(minimum);
    const found = await media.pauses(
      clip,
      { minimum: shortest, ...(threshold === undefined ? {} : { threshold }) },
      { signal, onProgress: ({ fraction }) => onProgress?.(fraction, 'Listening for pauses') },
    );
    const pauses = found.map((pause) => ({
      in: toSeconds(pause.in),
      out: toSeconds(pause.out),
      length: toSeconds(pause.out - pause.in),
    }));
    const total = toSeconds(found.reduce((sum, pause) => sum + pause.out - pause.in, 0));
    const shown = found
      .slice(0, MOST_IN_WORDS)
      .map((pause) => `${formatTimecode(pause.in)}–${formatTimecode(pause.out)}`);
    const more = found.length > shown.length ? `, and ${found.length - shown.length} more` : '';
    const least = toSeconds(shortest);
    const text =
      found.length === 0
        ? `There is no pause of ${least} s or longer in ${clip}.`
        : `${found.length} pause${found.length === 1 ? '' : 's'} of ${least} s or longer, ${total.toFixed(1)} s in all: ${shown.join(', ')}${more}.`;
    return { text, data: { pauses, total, duration: toSeconds(duration), minimum: least } };
  },
};
