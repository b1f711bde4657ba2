import type { CodecContext, Frame, Stream } from 'node-av/lib';

import { webmFile, type Colour, type WebmFrame } from '../file/webm.js';
import { check, isDrained, native } from '../native.js';
import type { Pace } from '../pace.js';
import { frameRate, type PictureSize } from '../picture/picture-encoder.js';
import { FrameRun } from './frame-run.js';
import type { PieceReader } from './playable.js';
import { uprightShape, UprightScaler } from './upright-scaler.js';

/** Pixels of the longer side. */
const LONGEST_SIDE = 640;
/** Whoever jumps within a piece waits for the frames since the last keyframe. Microseconds. */
const KEYFRAME_INTERVAL = 1_000_000;
const BIT_RATE = 2_000_000n;

/** The picture in pieces of WebM: VP8, upright, small. */
export class PicturePieces implements PieceReader {
  readonly #frames: FrameRun;
  #scaler: { readonly scale: UprightScaler; readonly of: string } | undefined;
  #position: number | undefined;

  private constructor(frames: FrameRun) {
    this.#frames = frames;
  }

  /** @throws MediaError */
  static async open(file: string, origin: number, pace: Pace): Promise<PicturePieces> {
    return new PicturePieces(await FrameRun.open(file, origin, pace));
  }

  get position(): number | undefined {
    return this.#position;
  }

  async make(start: number, end: number, pace: Pace): Promise<{ mime: string; data: Uint8Array }> {
    const frames = this.#frames;
    if (this.#position !== start) await frames.seek(start, pace);
    this.#position = undefined;
    const size = this.#size();
    using encoder = new Vp8Encoder(size, frames.stream);
    // The frame that stands at the boundary may be a new one.
    if (frames.next === start) await frames.step(pace);
    this.#show(encoder, 0, size);
    while (frames.next !== undefined && frames.next < end) {
      const time = frames.next - start;
      await frames.step(pace);
      this.#show(encoder, time, size);
    }
    this.#position = end;
    const picture = { ...size, colour: colourOf(frames.stream) };
    return { mime: 'video/webm; codecs="vp8"', data: webmFile(picture, encoder.end(), end - start) };
  }

  [Symbol.dispose](): void {
    this.#scaler?.scale[Symbol.dispose]();
    this.#frames[Symbol.dispose]();
  }

  #size(): PictureSize {
    const { stream, standing } = this.#frames;
    const { width, height } = standing ?? stream.codecpar;
    const shape = uprightShape(stream, { width, height });
    const high = Math.sqrt((width * height) / shape);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(high, high * shape));
    const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2);
    return { width: even(high * shape * scale), height: even(high * scale) };
  }

  #show(encoder: Vp8Encoder, time: number, size: PictureSize): void {
    const { av } = native();
    const { standing, stream } = this.#frames;
    const small = new av.Frame();
    small.alloc();
    try {
      if (standing) this.#scalerFor(standing, stream, size).scale(standing, small);
      else fillBlack(small, size);
      encoder.encode(small, time);
    } finally {
      small.free();
    }
  }

  #scalerFor(frame: Frame, stream: Stream, size: PictureSize): UprightScaler {
    const of = [frame.width, frame.height, frame.format, size.width, size.height].join(' ');
    if (this.#scaler?.of !== of) {
      this.#scaler?.scale[Symbol.dispose]();
      this.#scaler = { scale: new UprightScaler(stream, frame, { size, pixelFormat: 'yuv420p' }), of };
    }
    return this.#scaler.scale;
  }
}

function fillBlack(frame: Frame, { width, height }: PictureSize): void {
  frame.width = width;
  frame.height = height;
  frame.format = native().c.AV_PIX_FMT_YUV420P;
  check(frame.getBuffer(), 'make picture');
  for (const [plane, bytes] of (frame.data ?? []).entries()) bytes.fill(plane === 0 ? 16 : 128);
}

/** What the track says of its colours; where it says nothing, what players take it for. */
function colourOf({ codecpar }: Stream): Colour {
  const { c } = native();
  const usual = codecpar.height >= 720 ? 1 : 6;
  const known = (value: number, unknown: number): number => (value === unknown || value === 0 ? usual : value);
  return {
    matrix: known(codecpar.colorSpace, c.AVCOL_SPC_UNSPECIFIED),
    transfer: known(codecpar.colorTrc, c.AVCOL_TRC_UNSPECIFIED),
    primaries: known(codecpar.colorPrimaries, c.AVCOL_PRI_UNSPECIFIED),
  };
}

class Vp8Encoder implements Disposable {
  readonly #context: CodecContext;
  readonly #made: WebmFrame[] = [];
  #lastKey = Number.NEGATIVE_INFINITY;

  constructor({ width, height }: PictureSize, stream: Stream) {
    const { av, c } = native();
    const codec = av.Codec.findEncoderByName('libvpx' as Parameters<typeof av.Codec.findEncoderByName>[0]);
    const context = new av.CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = c.AV_PIX_FMT_YUV420P;
    context.timeBase = new av.Rational(1, 1_000_000);
    context.framerate = frameRate(stream);
    context.bitRate = BIT_RATE;
    context.gopSize = 9999;
    // Several threads wait for each other in a loop, which on a busy machine costs many times what they gain.
    context.threadCount = 1;
    const options = { deadline: 'realtime', 'cpu-used': '-10', 'lag-in-frames': '0', 'auto-alt-ref': '0', crf: '12' };
    for (const [name, value] of Object.entries(options)) check(context.setOption(name, value), `set ${name}`);
    check(context.open2Sync(codec, null), 'open libvpx');
    this.#context = context;
  }

  /** @param time microseconds, rising */
  encode(frame: Frame, time: number): void {
    const { c } = native();
    const key = time - this.#lastKey >= KEYFRAME_INTERVAL;
    if (key) this.#lastKey = time;
    frame.pts = BigInt(time);
    frame.timeBase = this.#context.timeBase;
    frame.pictType = key ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE;
    check(this.#context.sendFrameSync(frame), 'encode picture');
    this.#receive();
  }

  /** All frames. */
  end(): readonly WebmFrame[] {
    check(this.#context.sendFrameSync(null), 'encode picture');
    this.#receive();
    return this.#made;
  }

  [Symbol.dispose](): void {
    this.#context.freeContext();
  }

  #receive(): void {
    const { av, c } = native();
    const packet = new av.Packet();
    packet.alloc();
    try {
      for (;;) {
        const result = this.#context.receivePacketSync(packet);
        if (isDrained(result)) return;
        check(result, 'encode picture');
        const key = (packet.flags & c.AV_PKT_FLAG_KEY) !== 0;
        this.#made.push({ time: Number(packet.pts), key, data: Buffer.from(packet.data ?? []) });
        packet.unref();
      }
    } finally {
      packet.free();
    }
  }
}
