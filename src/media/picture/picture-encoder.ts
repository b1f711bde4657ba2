import type { Codec, CodecContext, CodecParameters, Frame, SoftwareScaleContext, Stream } from 'node-av/lib';
import type { AVPixelFormat } from 'node-av/constants';

import type { OutputContainer } from '../file/containers.js';
import type { FrameIndex } from './frame-index.js';
import { check, native } from '../native.js';
import type { TrackPacket } from '../file/output.js';
import { lightParameters, type Light } from './light.js';

/** How the frames are to be encoded. */
export interface PictureCoding {
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  readonly pixelFormat: AVPixelFormat;
  /** Pictures are scaled to this, with square pixels; undefined: they keep their size. */
  readonly size?: PictureSize;
  readonly options: Readonly<Record<string, string>>;
  readonly bitRate?: number;
  readonly level?: number;
  readonly gopSize?: number;
  /** Places that a packet may be decoded earlier than it is shown; 0 where nothing is reordered. */
  readonly reorder?: number;
}

/** Pixels, as coded: before the picture is turned for display. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Facts about decoded frames that headers do not tell for certain. */
export interface FrameTraits {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: AVPixelFormat;
  readonly interlaced: boolean;
  readonly topFieldFirst: boolean;
}

/** Copied from a decoded frame, which may be freed afterwards. */
export function frameTraits(frame: Frame): FrameTraits {
  const { c } = native();
  return {
    width: frame.width,
    height: frame.height,
    pixelFormat: frame.format as AVPixelFormat,
    interlaced: (frame.flags & c.AV_FRAME_FLAG_INTERLACED) !== 0,
    topFieldFirst: (frame.flags & c.AV_FRAME_FLAG_TOP_FIELD_FIRST) !== 0,
  };
}

/** What the header says of frames, which for all the codecs that are joined are whole pictures. */
export function declaredTraits({ codecpar }: Stream): FrameTraits {
  const { width, height, format } = codecpar;
  return { width, height, pixelFormat: format as AVPixelFormat, interlaced: false, topFieldFirst: false };
}

/** Encodes frames to one codec; each frame becomes one packet. */
export class PictureEncoder implements Disposable {
  readonly context: CodecContext;
  readonly coding: PictureCoding;
  readonly #traits: FrameTraits;
  readonly #seconds: number;
  #scaler: SoftwareScaleContext | undefined;

  constructor(stream: Stream, index: Pick<FrameIndex, 'timeBase'>, traits: FrameTraits, coding: PictureCoding) {
    const { av, c } = native();
    const codec = findEncoder(coding.encoder);
    const { codecpar } = stream;
    const context = new av.CodecContext();
    context.allocContext3(codec);
    const { width, height } = coding.size ?? traits;
    context.width = width;
    context.height = height;
    context.pixelFormat = coding.pixelFormat;
    context.timeBase = new av.Rational(index.timeBase.num, index.timeBase.den);
    context.framerate = frameRate(stream);
    context.sampleAspectRatio = coding.size ? new av.Rational(1, 1) : pixelAspect(stream);
    context.colorRange = codecpar.colorRange;
    context.colorPrimaries = codecpar.colorPrimaries;
    context.colorTrc = codecpar.colorTrc;
    context.colorSpace = codecpar.colorSpace;
    context.chromaLocation = codecpar.chromaLocation;
    context.threadCount = 0;
    if (coding.bitRate !== undefined) context.bitRate = BigInt(coding.bitRate);
    if (coding.level !== undefined) context.level = coding.level;
    if (coding.gopSize !== undefined) context.gopSize = coding.gopSize;
    context.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER);
    if (traits.interlaced) context.setFlags(c.AV_CODEC_FLAG_INTERLACED_DCT, c.AV_CODEC_FLAG_INTERLACED_ME);
    // Not through open2's dictionary: node-av 6.1 frees that one twice.
    for (const [name, value] of Object.entries(coding.options)) check(context.setOption(name, value), `set ${name}`);
    check(context.open2Sync(codec, null), `open ${coding.encoder}`);
    this.context = context;
    this.coding = coding;
    this.#traits = traits;
    this.#seconds = index.timeBase.num / index.timeBase.den;
  }

  /** Takes a frame, or undefined at the end, and gives what became ready. */
  *encode(frame: Frame | undefined, pts = 0): Generator<TrackPacket> {
    const { av, c } = native();
    let converted: Frame | undefined;
    if (frame) {
      if (frame.width !== this.#traits.width || frame.height !== this.#traits.height) {
        throw new PictureSizeChanged();
      }
      let input = frame;
      if (this.coding.size || frame.format !== this.coding.pixelFormat) {
        converted = this.#convert(frame);
        input = converted;
      }
      input.pts = BigInt(pts);
      input.timeBase = this.context.timeBase;
      // The source's choice of picture types must not bind the encoder.
      input.pictType = c.AV_PICTURE_TYPE_NONE;
      check(this.context.sendFrameSync(input), 'encode picture');
    } else {
      check(this.context.sendFrameSync(null), 'encode picture');
    }
    converted?.free();
    for (;;) {
      const packet = new av.Packet();
      packet.alloc();
      if (this.context.receivePacketSync(packet) < 0) {
        packet.free();
        return;
      }
      yield { packet, seconds: Number(packet.dts) * this.#seconds };
    }
  }

  [Symbol.dispose](): void {
    this.#scaler?.freeContext();
    this.context.freeContext();
  }

  #convert(frame: Frame): Frame {
    const { av } = native();
    const target = new av.Frame();
    target.alloc();
    check(target.copyProps(frame), 'convert picture');
    target.width = this.context.width;
    target.height = this.context.height;
    if (this.coding.size) target.sampleAspectRatio = this.context.sampleAspectRatio;
    target.format = this.coding.pixelFormat;
    check(target.getBuffer(), 'convert picture');
    if (!this.#scaler) {
      this.#scaler = new av.SoftwareScaleContext();
      this.#scaler.allocContext();
    }
    check(this.#scaler.scaleFrameSync(target, frame), 'convert picture');
    return target;
  }
}

/** The pictures of a clip change their size midway; there is no single track for them. */
export class PictureSizeChanged extends Error {
  override readonly name = 'PictureSizeChanged';
}

/** Coding for a clip that is encoded whole. @param size that the picture is scaled to */
export function wholeCoding(
  stream: Stream,
  traits: FrameTraits,
  container: OutputContainer,
  size?: PictureSize,
): PictureCoding {
  const coding = unscaledCoding(stream, { ...traits, ...size }, container);
  return size ? { ...coding, size } : coding;
}

/** The same, and the pictures say what those of the source say of their light. */
export function withLight(coding: PictureCoding, light: Light): PictureCoding {
  const parameters = lightParameters(light, coding.encoder);
  if (parameters.length === 0) return coding;
  const option = coding.encoder === 'libx265' ? 'x265-params' : 'x264-params';
  const before = coding.options[option];
  const all = [...(before === undefined ? [] : [before]), ...parameters].join(':');
  return { ...coding, options: { ...coding.options, [option]: all } };
}

function unscaledCoding(stream: Stream, traits: FrameTraits, container: OutputContainer): PictureCoding {
  const { av, c } = native();
  const source = stream.codecpar.codecId;
  const rate = frameRate(stream).toDouble();
  const gopSize = Math.max(12, Math.round(rate * 4));
  const deep = /1[0-6](le|be)$/.test(av.avGetPixFmtName(traits.pixelFormat) ?? '');
  if (container.pictures === 'vpx') {
    // libvpx's "good" takes four times as long for the same picture at these rates.
    if (source === c.AV_CODEC_ID_VP8) {
      // Without alternate references every packet is a shown frame.
      const options = { crf: '5', deadline: 'realtime', 'cpu-used': '8', 'auto-alt-ref': '0', slices: '4' };
      const bitRate = Math.max(8_000_000, traits.width * traits.height * rate * 0.4);
      return {
        encoder: 'libvpx',
        pixelFormat: fitting('libvpx', traits),
        options,
        bitRate: Math.round(bitRate),
        gopSize,
      };
    }
    const pixelFormat = fitting('libvpx-vp9', traits);
    // Alternate references of a picture and of its transparency do not come together.
    const apart = /yuva/.test(av.avGetPixFmtName(pixelFormat) ?? '') ? { 'auto-alt-ref': '0' } : {};
    const options = { crf: '16', deadline: 'realtime', 'cpu-used': '6', 'row-mt': '1', ...apart };
    return { encoder: 'libvpx-vp9', pixelFormat, options, bitRate: 0, gopSize };
  }
  if (deep && source !== c.AV_CODEC_ID_H264) {
    const options = { crf: '17', preset: 'veryfast', 'x265-params': 'log-level=none' };
    return { encoder: 'libx265', pixelFormat: fitting('libx265', traits), options, gopSize };
  }
  const fields = traits.interlaced ? { 'x264-params': traits.topFieldFirst ? 'tff=1' : 'bff=1' } : {};
  const options = { crf: '17', preset: 'veryfast', ...fields };
  const exotic = source !== c.AV_CODEC_ID_H264 && !COMMON_FORMATS.test(av.avGetPixFmtName(traits.pixelFormat) ?? '');
  const pixelFormat = exotic ? c.AV_PIX_FMT_YUV420P : fitting('libx264', traits);
  return { encoder: 'libx264', pixelFormat, options, gopSize };
}

// What every player of H.264 shows; other layouts become 4:2:0.
const COMMON_FORMATS = /^yuvj?420p$/;

/** Copies what the picture track says about showing it: rotation, mastering display, stereo layout. */
export function copyDisplayData(from: CodecParameters, to: CodecParameters): void {
  const { c } = native();
  const kept = new Set<number>([
    c.AV_PKT_DATA_DISPLAYMATRIX,
    c.AV_PKT_DATA_STEREO3D,
    c.AV_PKT_DATA_SPHERICAL,
    c.AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
    c.AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
  ]);
  for (const { type, data } of from.getAllCodedSideData()) {
    if (kept.has(type) && !to.getCodedSideData(type)) check(to.addCodedSideData(type, data), 'describe track');
  }
}

/** Frames per second: the average, else what FFmpeg guesses from the times, else 25. */
export function frameRate(stream: Stream): import('node-av/lib').Rational {
  const { av } = native();
  for (const rate of [stream.avgFrameRate, stream.rFrameRate]) if (rate.num > 0 && rate.den > 0) return rate;
  return new av.Rational(25, 1);
}

/** Width to height of a pixel as it is shown; 0/1 where nothing says it, as FFmpeg has it. */
export function pixelAspect(stream: Stream): import('node-av/lib').Rational {
  const { av } = native();
  for (const aspect of [stream.sampleAspectRatio, stream.codecpar.sampleAspectRatio]) {
    if (aspect.num > 0 && aspect.den > 0) return aspect;
  }
  return new av.Rational(0, 1);
}

function fitting(encoder: string, traits: FrameTraits): AVPixelFormat {
  const { av } = native();
  const offered = findEncoder(encoder)?.pixelFormats ?? [];
  if (offered.length === 0 || offered.includes(traits.pixelFormat)) return traits.pixelFormat;
  return av.avcodecFindBestPixFmtOfList(offered, traits.pixelFormat);
}

/** Whether an encoder takes pictures as they are. @param encoder FFmpeg's name */
export function canEncode(encoder: string, format: AVPixelFormat): boolean {
  return findEncoder(encoder)?.pixelFormats?.includes(format) ?? false;
}

function findEncoder(name: string): Codec | null {
  const { av } = native();
  return av.Codec.findEncoderByName(name as Parameters<typeof av.Codec.findEncoderByName>[0]);
}
