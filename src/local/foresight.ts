import type { MediaEngine } from '../media/media.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { outputFormat } from './output-format.js';
import { scaledSize } from '../timeline/frame-size.js';
import { activeClip, type SessionRecord } from './session-record.js';

/**
 * What an export of the timeline would do, in the container and the size that are wished for.
 *
 * @returns undefined where that cannot be told: the export itself then says what is wrong
 * @throws the signal's reason
 */
export async function foresee(
  record: SessionRecord,
  { media, signal, log }: { media: MediaEngine; signal: AbortSignal; log: (line: string) => void },
): Promise<PlannedCut | undefined> {
  const clip = activeClip(record);
  if (!clip) return undefined;
  try {
    const height = record.size === undefined ? undefined : scaledSize(clip, record.size)?.height;
    return await media.plan(
      {
        input: clip.identity.path,
        output: `export.${outputFormat(clip, 'source', record.format)}`,
        kept: clip.kept,
        ...(clip.join ? { join: clip.join } : {}),
        ...(height === undefined ? {} : { height }),
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    log(`local: an export could not be foreseen: ${(error as Error).name}`);
    return undefined;
  }
}
