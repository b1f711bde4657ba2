import type { Locator } from 'playwright-core';
import { CLIP_WIDTH } from '../../../media/clips.js';

/** Number that the frame shown by a video element carries in its blocks. */
export function pictureNumber(video: Locator): Promise<number> {
  return video.evaluate((element, width) => {
    const canvas = new OffscreenCanvas(width, 16);
    const context = canvas.getContext('2d');
    context?.drawImage(element as HTMLVideoElement, 0, 0);
    const pixels = context?.getImageData(0, 8, width, 1).data ?? [];
    let number = 0;
    for (let bit = 0; bit < 16; bit += 1) if ((pixels[(bit * 20 + 10) * 4] ?? 0) > 125) number |= 1 << bit;
    return number;
  }, CLIP_WIDTH);
}
