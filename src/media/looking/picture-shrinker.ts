import type { FilterContext, FilterGraph, Frame, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import { pixelAspect } from '../picture/picture-encoder.js';
import { rotation } from '../probe.js';

const JPEG_QUALITY = 4;

/** Scales, turns upright and compresses pictures of one size. */
export class PictureShrinker implements Disposable {
  readonly #graph: FilterGraph;
  readonly #input: FilterContext;
  readonly #output: FilterContext;
  readonly #width: number;
  readonly #height: number;

  constructor(stream: Stream, frame: Frame, height: number) {
    const { av } = native();
    const aspect = pixelAspect(stream);
    const ratio = aspect.num > 0 && aspect.den > 0 ? aspect.num / aspect.den : 1;
    const degrees = rotation(stream.codecpar);
    const onSide = degrees === 90 || degrees === 270;
    // Size before turning, so that the upright picture is `height` high.
    const shape = (frame.width * ratio) / frame.height;
    const long = onSide ? Math.max(2, Math.round(height / shape)) : Math.max(2, Math.round(height * shape));
    const [scaledWidth, scaledHeight] = onSide ? [height, long] : [long, height];
    const turn =
      degrees === 90
        ? ',transpose=clock'
        : degrees === 270
          ? ',transpose=cclock'
          : degrees === 180
            ? ',hflip,vflip'
            : '';
    this.#graph = new av.FilterGraph();
    this.#graph.alloc();
    const source = `video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/1000000:pixel_aspect=1/1`;
    this.#input = filter(this.#graph, 'buffer', 'in', source);
    const scale = filter(this.#graph, 'scale', 'scale', `${scaledWidth}:${scaledHeight}:flags=bilinear:out_range=full`);
    let last = scale;
    check(this.#input.link(0, scale, 0), 'thumbnail');
    for (const [n, step] of turn
      .split(',')
      .filter((name) => name !== '')
      .entries()) {
      const [name = '', args] = step.split('=');
      const next = filter(this.#graph, name, `turn${n}`, args);
      check(last.link(0, next, 0), 'thumbnail');
      last = next;
    }
    const format = filter(this.#graph, 'format', 'format', 'pix_fmts=yuvj420p');
    check(last.link(0, format, 0), 'thumbnail');
    this.#output = filter(this.#graph, 'buffersink', 'out');
    check(format.link(0, this.#output, 0), 'thumbnail');
    check(this.#graph.configSync(), 'thumbnail');
    [this.#width, this.#height] = onSide ? [scaledHeight, scaledWidth] : [scaledWidth, scaledHeight];
  }

  shrink(frame: Frame): { width: number; height: number; jpeg: Uint8Array } {
    const { av, c } = native();
    check(this.#input.buffersrcAddFrameSync(frame), 'thumbnail');
    const small = new av.Frame();
    small.alloc();
    const packet = new av.Packet();
    packet.alloc();
    const encoder = new av.CodecContext();
    try {
      check(this.#output.buffersinkGetFrameSync(small), 'thumbnail');
      const codec = av.Codec.findEncoderByName('mjpeg' as Parameters<typeof av.Codec.findEncoderByName>[0]);
      encoder.allocContext3(codec);
      encoder.width = this.#width;
      encoder.height = this.#height;
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
      return { width: this.#width, height: this.#height, jpeg: Uint8Array.from(packet.data ?? []) };
    } finally {
      encoder.freeContext();
      packet.free();
      small.free();
    }
  }

  [Symbol.dispose](): void {
    this.#graph.free();
  }
}

function filter(graph: FilterGraph, name: string, label: string, args?: string): FilterContext {
  const { av } = native();
  const found = av.Filter.getByName(name);
  const made = found && graph.createFilter(found, label, args ?? null);
  if (!made) throw new Error(`no filter ${name}`);
  return made;
}
