// What is on the screen, told by the browser's compositor: also while the page itself has no time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { CLIP_HEIGHT, CLIP_WIDTH } from '../../../media/clips.js';

/** A picture of the screen. */
export interface SeenFrame {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** That the clip's frame carries in its blocks; undefined when there is no frame to be read. */
  readonly number: number | undefined;
}

const BITS = 16;

/** Films the picture of a numbered clip until the result is called. @returns the pictures in order */
export async function filmPicture(page: Page): Promise<() => Promise<SeenFrame[]>> {
  const box = await page.getByTestId('picture').boundingBox();
  if (!box) throw new Error('There is no picture.');
  const shape = Math.min(box.width / CLIP_WIDTH, box.height / CLIP_HEIGHT);
  const left = box.x + (box.width - CLIP_WIDTH * shape) / 2;
  const top = box.y + (box.height - CLIP_HEIGHT * shape) / 2;
  const shots: { at: number; jpeg: Buffer }[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    shots.push({ at: (metadata.timestamp ?? 0) * 1000, jpeg: Buffer.from(data, 'base64') });
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
  });
  const size = page.viewportSize() ?? { width: 1200, height: 800 };
  await session.send('Page.startScreencast', { format: 'jpeg', quality: 60, everyNthFrame: 1 });
  return async () => {
    await session.send('Page.stopScreencast');
    const ordered = shots.sort((a, b) => a.at - b.at);
    const pictures = await greyPictures(
      ordered.map(({ jpeg }) => jpeg),
      size,
    );
    return ordered.map(({ at }, n) => {
      const light = (bit: number): number => {
        const x = Math.round(left + ((bit + 0.5) * CLIP_WIDTH * shape) / BITS);
        return pictures[n]?.[Math.round(top + 16 * shape) * size.width + x] ?? NaN;
      };
      const bits = Array.from({ length: BITS }, (_, bit) => light(bit));
      // Two frames over each other, and none at all, are grey.
      const clear = bits.every((value) => value < 70 || value > 180);
      return {
        at,
        number: clear ? bits.reduce((sum, value, bit) => sum + (value > 125 ? 1 << bit : 0), 0) : undefined,
      };
    });
  };
}

async function greyPictures(jpegs: readonly Buffer[], size: { width: number; height: number }): Promise<Buffer[]> {
  const scale = ['-vf', `scale=${size.width}:${size.height}`, '-vsync', 'passthrough'];
  const output = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const child = spawn('ffmpeg', ['-v', 'error', '-f', 'mjpeg', '-i', '-', ...scale, ...output], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const grey: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => grey.push(bytes));
  child.stdin.end(Buffer.concat(jpegs));
  await once(child, 'close');
  const all = Buffer.concat(grey);
  const length = size.width * size.height;
  return jpegs.map((_, n) => all.subarray(n * length, (n + 1) * length));
}
