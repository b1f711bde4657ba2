import path from 'node:path';

import { native } from '../native.js';
import { outputContainer, type OutputContainer } from './containers.js';
import type { Source } from './source.js';

/**
 * How a container is written for a source. Browsers record H.264 into files that they call WebM; its standard leaves that
 * codec out, and FFmpeg's muxer of it does too, but it is Matroska in all else.
 *
 * @param container by the ending of the result
 */
export function containerFor({ path: input, video }: Source, container: OutputContainer): OutputContainer {
  const isSame = container.muxer === 'webm' && path.extname(input).toLowerCase() === '.webm';
  if (!isSame || video?.codecpar.codecId !== native().c.AV_CODEC_ID_H264) return container;
  return { ...outputContainer('a.mkv'), sound: container.sound };
}
