import type { CodecContext, FilterContext, FilterGraph, Frame, Stream } from 'node-av/lib';

import { readClock } from '../file/clip-clock.js';
import type { Thumbnail } from '../media.js';
import { check, isDrained, native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { pixelAspect } from '../picture/picture-encoder.js';
import { rotation } from '../probe.js';
import { identify, openSource, readOnly, type Source } from '../file/source.js';

// Seeking may need a few packets until a keyframe decodes; more than this is a damaged place.
const PATIENCE = 300;
const JPEG_QUALITY = 4;

/** Keyframes near `count` evenly spaced times, upright and with square pixels. Empty for a clip without picture. */
export async function makeThumbnails(file: string, count: number, height: number, pace: Pace): Promise<Thumbnail[]> {
  const { av, c } = native();
  await identify(file);
  using source = await openSource(file);
  const stream = source.video;
  if (!stream) return [];
  const { origin, duration } = await readClock(source, pace);
  readOnly(source, stream);
  const decoder = openDecoder(stream);
  const frame = new av.Frame();
  frame.alloc();
  let shrinker: Shrinker | undefined;
  const made: Thumbnail[] = [];
  try {
    const seconds = stream.timeBase.num / stream.timeBase.den;
    for (let n = 0; n < count; n++) {
      await pace();
      const wanted = ((n + 0.5) * duration) / count / 1e6 + origin;
      const target = BigInt(Math.floor(wanted / seconds));
      if (source.format.seekFrameSync(stream.index, target, c.AVSEEK_FLAG_BACKWARD) < 0 && n > 0) continue;
      if (!(await decodeKeyframe(source, stream, decoder, frame, pace))) continue;
      const time = (ticks(frame.bestEffortTimestamp) ?? 0) * seconds - origin;
      shrinker ??= new Shrinker(stream, frame, height);
      const picture = shrinker.shrink(frame);
      made.push({ time: Math.max(0, Math.round(time * 1e6)), ...picture });
    }
  } finally {
    shrinker?.[Symbol.dispose]();
    frame.free();
    decoder.freeContext();
  }
  return made;
}

function openDecoder(stream: Stream): CodecContext {
  const { av, c } = native();
  const decoder = new av.CodecContext();
  const codec = av.Codec.findDecoder(stream.codecpar.codecId);
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  // Frame threads would want many packets before the first picture.
  decoder.threadType = c.FF_THREAD_SLICE;
  decoder.setOption('skip_frame', 'nokey');
  check(decoder.open2Sync(codec, null), 'open picture decoder');
  return decoder;
}

async function decodeKeyframe(
  source: Source,
  stream: Stream,
  decoder: CodecContext,
  frame: Frame,
  pace: Pace,
): Promise<boolean> {
  const { av, c } = native();
  const packet = new av.Packet();
  packet.alloc();
  decoder.flushBuffers();
  try {
    for (let tries = 0; tries < PATIENCE; tries++) {
      await pace();
      const ended = source.format.readFrameSync(packet) < 0;
      const key = !ended && packet.streamIndex === stream.index && (packet.flags & c.AV_PKT_FLAG_KEY) !== 0;
      if (key || ended) {
        decoder.sendPacketSync(ended ? null : packet);
        packet.unref();
        if (decoder.receiveFrameSync(frame) >= 0) return true;
        // One keyframe is all that is wanted: draining makes the decoder give it at once.
        if (!ended) decoder.sendPacketSync(null);
        const result = decoder.receiveFrameSync(frame);
        if (result >= 0) return true;
        if (ended || !isDrained(result)) return false;
        decoder.flushBuffers();
      }
      packet.unref();
    }
    return false;
  } finally {
    packet.free();
  }
}

/** Scales, turns upright and compresses pictures of one size. */
class Shrinker implements Disposable {
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
