import type { Stream } from 'node-av/lib';

import type { OutputContainer } from '../file/containers.js';
import { native } from '../native.js';
import { ownColours } from './dolby-vision.js';
import { createAv1Join } from './join-av1.js';
import type { JoinCodec, TrackCoding } from './join-codec.js';
import { createH264Join } from './join-h264.js';
import { createHevcJoin } from './join-hevc.js';
import { COPIED_JOIN, createIntraJoin, MOTION_JPEG_JOIN, PRORES_JOIN } from './join-intra.js';
import { createVp8Join } from './join-vp8.js';
import { createVp9Join } from './join-vp9.js';
import { isTransparent } from './picture-decoder.js';
import { frameRate } from './picture-encoder.js';

const CODECS: Readonly<Record<string, (track: TrackCoding) => JoinCodec>> = {
  h264: createH264Join,
  hevc: createHevcJoin,
  vp8: createVp8Join,
  vp9: createVp9Join,
  av1: createAv1Join,
  prores: (track) => createIntraJoin(track, PRORES_JOIN),
  mjpeg: (track) => createIntraJoin(track, MOTION_JPEG_JOIN),
  dnxhd: (track) => createIntraJoin(track, COPIED_JOIN),
  cfhd: (track) => createIntraJoin(track, COPIED_JOIN),
};

/** FFmpeg writes bytes of a code that are no letters as numbers in brackets. */
const PRINTABLE = /^[\w ]{4}$/;

/**
 * What joins packets of this track in a container, if its codec is one that is proven there.
 *
 * @param container of the packets; undefined for looking at a source whose container is not one that we write
 */
export function joinCodecFor(stream: Stream, container: OutputContainer): JoinCodec | undefined {
  const { av } = native();
  const { codecpar } = stream;
  const name = av.avGetCodecName(codecpar.codecId) ?? '';
  const create = container.joins.includes(name) ? CODECS[name] : undefined;
  if (!create || container.form === undefined) return undefined;
  const tag = codecpar.codecTagString ?? '';
  return create({
    extradata: codecpar.extradata ? Uint8Array.from(codecpar.extradata) : undefined,
    bitRate: Number(codecpar.bitRate),
    reorder: codecpar.videoDelay,
    pixelFormat: av.avGetPixFmtName(codecpar.format as Parameters<typeof av.avGetPixFmtName>[0]) ?? '',
    width: codecpar.width,
    height: codecpar.height,
    frameRate: frameRate(stream).toDouble(),
    ...(PRINTABLE.test(tag) && { tag }),
    transparent: isTransparent(stream),
    ownColours: ownColours(stream) !== undefined,
    form: container.form,
  });
}
