import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const WIDTH = 640;
const BAND = 24;
const BLOCKS = 16;

/**
 * The frame numbers that the pictures of a cut of media/sample.mp4 show, in order of presentation: ffmpeg decodes, and
 * the blocks along the bottom edge are read as bits (test/media/make-sample.mjs draws them).
 */
export async function sampleFrames(path: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-map', '0:v', '-vf', `crop=${WIDTH}:${BAND}:0:360-${BAND},format=gray`].concat([
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-',
    ]),
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );
  const frameSize = WIDTH * BAND;
  const frames: number[] = [];
  for (let start = 0; start + frameSize <= stdout.length; start += frameSize) {
    let number = 0;
    for (let bit = 0; bit < BLOCKS; bit++) {
      const x = (bit + 0.5) * (WIDTH / BLOCKS);
      const level = stdout[start + (BAND / 2) * WIDTH + x] ?? 0;
      if (level > 127) number |= 1 << bit;
    }
    frames.push(number);
  }
  return frames;
}
