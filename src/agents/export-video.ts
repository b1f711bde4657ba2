import * as z from 'zod/mini';
import { EXPORT_FORMATS } from '../session/output-name.js';
import type { ExportOutcome } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import { isExportable } from '../timeline/draft.js';
import { ToolRefusal, type AgentTool, type ToolCall } from './agent-tool.js';
import { followSession } from './job-progress.js';
import { clipPath, outputPath, resolution } from './tool-input.js';
import { checkedTarget, describeFile, sayFile, writtenFile } from './written-file.js';

const input = z.strictObject({
  path: clipPath,
  what: z.optional(
    z
      .enum(['auto', 'edit', 'file'])
      .check(
        z.describe(
          'edit: what the person has left of this clip on the timeline of the Video Trimmer panel; file: the whole file as it lies on the disk; auto, the default: the edit if there is one, else the whole file.',
        ),
      ),
  ),
  format: z.optional(
    z
      .enum(EXPORT_FORMATS)
      .check(z.describe('Container of the new file. Leave it out to keep the source’s, or when `output` is given.')),
  ),
  output: z.optional(outputPath),
  resolution: z.optional(resolution),
});

const output = z.object({
  ...writtenFile,
  what: z.enum(['edit', 'file']).check(z.describe('Whether the edit was exported or the whole file.')),
});

type Wanted = Parameters<TrimSession['export']>[0];

export const exportVideo: AgentTool<typeof input, z.infer<typeof output>> = {
  name: 'export_video',
  title: 'Export Video',
  description: `Writes a video file anew, on this machine: either what the person has edited of this clip in the Video Trimmer panel and not exported yet, or the whole file in another container (mp4, mov, mkv, webm, ts, m4v) or at a smaller size. To remove sections, use trim_video instead.
Give the absolute path of the source clip. What the new container can hold is copied without loss; what it cannot, and any smaller size, is encoded anew.
Returns the absolute path of the new file, its length and the source's in seconds, and how many frames were encoded anew.
Never changes or deletes the source and never overwrites a file (an existing output is refused; without output a free name beside the source is taken). If it fails or is cancelled, no file is left.`,
  input,
  output,
  readOnly: false,
  async run(given, ports, call) {
    const clip = await ports.files.source(given.path);
    const target = await checkedTarget(given.output, clip, ports);
    const { what = 'auto' } = given;
    const edited = what === 'file' ? undefined : exportable(ports.editOf?.(clip));
    if (what === 'edit' && !edited) {
      throw new ToolRefusal(
        `There is no edit of ${clip} to export. Use trim_video to cut it, or what: "file" to convert the whole file.`,
      );
    }
    const format = target === undefined ? given.format : undefined;
    const wanted: Wanted = {
      ...(target === undefined ? {} : { outputPath: target }),
      ...(format === undefined ? {} : { format }),
      ...(given.resolution === undefined ? {} : { resolution: given.resolution.toLowerCase() }),
    };
    call.onProgress?.(0.01, 'Reading the clip');
    const { duration } = await ports.media.probe(clip, { signal: call.signal });
    const tell = (exported: ExportOutcome, from: 'edit' | 'file'): { text: string; data: z.infer<typeof output> } => {
      const file = describeFile(exported, duration);
      return { text: sayFile(file, exported.duration), data: { ...file, what: from } };
    };
    if (edited) return tell(await followed(edited, wanted, call), 'edit');
    if (Object.keys(wanted).length === 0) {
      throw new ToolRefusal(
        'That would only copy the file. Give "format", "resolution" or "output", or cut it with trim_video.',
      );
    }
    const { session, close } = ports.openSession(clip, duration);
    try {
      return tell(await followed(session, wanted, call), 'file');
    } finally {
      await close();
    }
  },
};

function exportable(session: TrimSession | undefined): TrimSession | undefined {
  return session && isExportable(session.snapshot.draft) ? session : undefined;
}

async function followed(session: TrimSession, wanted: Wanted, call: ToolCall): Promise<ExportOutcome> {
  call.signal.throwIfAborted();
  const unfollow = followSession(session, call);
  try {
    return await session.export(wanted);
  } finally {
    unfollow();
  }
}
