// What the page plays and draws: the repository's sample clip, or an own one when VIDEO_TRIMMER_PAGE_CLIP names it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PanelPicture, ToPanel } from '../../../src/messages.js';
import { repository } from '../../run/paths.js';
import { DURATION } from './scenes.js';

const run = promisify(execFile);
const PICTURES = 12;
const PEAK_STEP = 50_000;

/** Reads peaks and thumbnails with ffmpeg, as the extension's own media part gives them to the panel. */
export async function prepareMedia(): Promise<{ clip: string; media: ToPanel[] }> {
  const clip = process.env['VIDEO_TRIMMER_PAGE_CLIP'] ?? join(repository, 'media/sample.mp4');
  const binary = { encoding: 'buffer', maxBuffer: 1 << 26 } as const;
  const sound = await run('ffmpeg', ['-v', 'error', '-i', clip, '-ac', '1', '-ar', '8000', '-f', 's16le', '-'], binary);
  const perStep = (8000 * PEAK_STEP) / 1e6;
  const values: number[] = [];
  for (let index = 0; index * 2 + 1 < sound.stdout.length; index += 1) {
    const step = Math.floor(index / perStep);
    values[step] = Math.max(values[step] ?? 0, Math.abs(sound.stdout.readInt16LE(index * 2)) / 32_768);
  }
  const loudest = Math.max(0.01, ...values);
  const pictures: PanelPicture[] = [];
  for (let index = 0; index < PICTURES; index += 1) {
    const time = Math.round((DURATION * index) / PICTURES);
    const at = ['-v', 'error', '-ss', String(time / 1e6), '-i', clip, '-frames:v', '1', '-vf', 'scale=-2:88'];
    const picture = await run('ffmpeg', [...at, '-f', 'mjpeg', '-'], binary);
    pictures.push({
      time,
      width: 156,
      height: 88,
      dataUri: `data:image/jpeg;base64,${picture.stdout.toString('base64')}`,
    });
  }
  return {
    clip,
    media: [
      {
        type: 'peaks',
        layer: 'whole',
        step: PEAK_STEP,
        offset: 0,
        values: values.map((value) => Math.round((255 * value) / loudest)),
      },
      { type: 'thumbnails', pictures },
    ],
  };
}
