import type { Frame, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import type { PictureSize } from '../picture/picture-encoder.js';
import { uprightShape, UprightScaler } from './upright-scaler.js';

const JPEG_QUALITY = 4;

/** Scales, turns upright and compresses pictures of one size. */
export class PictureShrinker implements Disposable {
  readonly #scaler: UprightScaler;
  readonly #size: PictureSize;

  constructor(stream: Stream, frame: Frame, height: number) {
    this.#size = { width: Math.max(2, Math.round(height * uprightShape(stream, frame))), height };
    this.#scaler = new UprightScaler(stream, frame, { size: this.#size, pixelFormat: 'yuvj420p' });
  }

  shrink(frame: Frame): { width: number; height: number; jpeg: Uint8Array } {
    const { av, c } = native();
    const { width, height } = this.#size;
    const small = new av.Frame();
    small.alloc();
    const packet = new av.Packet();
    packet.alloc();
    const encoder = new av.CodecContext();
    try {
      this.#scaler.scale(frame, small);
      const codec = av.Codec.findEncoderByName('mjpeg' as Parameters<typeof av.Codec.findEncoderByName>[0]);
      encoder.allocContext3(codec);
      encoder.width = width;
      encoder.height = height;
      encoder.pixelFormat = c.AV_PIX_FMT_YUVJ420P;
      encoder.colorRange = c.AVCOL_RANGE_JPEG;
      encoder.timeBase = new av.Rational(1, 25);
      encoder.setFlags(c.AV_CODEC_FLAG_QSCALE);
      encoder.globalQuality = JPEG_QUALITY * c.FF_QP2LAMBDA;
      check(encoder.open2Sync(codec, null), 'thumbnail');
      small.pts = 0n;
      small.pictType = c.AV_PICTURE_TYPE_NONE;
      check(encoder.sendFrameSync(small), 'thumbnail');
      check(encoder.receivePacketSync(packet), 'thumbnail');
      return { width, height, jpeg: Uint8Array.from(packet.data ?? []) };
    } finally {
      encoder.freeContext();
      packet.free();
      small.free();
    }
  }

  [Symbol.dispose](): void {
    this.#scaler[Symbol.dispose]();
  }
}
