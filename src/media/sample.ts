import type { CodecContext, Frame, Stream } from 'node-av/lib';

import { clampSections } from '../timeline/sections.js';
import { readClock, type ClipClock } from './file/clip-clock.js';
import type { OutputContainer } from './file/containers.js';
import { identify, openSource, readOnly, type Source } from './file/source.js';
import type { CutRequest } from './media.js';
import { isDrained, native, ticks } from './native.js';
import type { Pace } from './pace.js';
import { openPictureDecoder } from './picture/picture-decoder.js';
import { frameTraits, PictureEncoder, wholeCoding } from './picture/picture-encoder.js';
import { scaledSize } from './picture/picture-size.js';
import { Stopwatch } from './stopwatch.js';

/** What a few pictures of a clip came to when they were encoded as the whole will be. */
export interface Sample {
  /** Of a picture between two full ones, and of a full one. */
  readonly bytes: number;
  readonly keyBytes: number;
  /** Pictures from one full one to the next, as the encoder will choose. */
  readonly gop: number;
  /** Seconds that one picture took to decode, scale and encode. */
  readonly seconds: number;
  /** Bytes of a second of each sound track, as its packets are; undefined where none came. */
  readonly sound: readonly (number | undefined)[];
}

/** Places of a clip that are looked at, and pictures of each. */
const SPOTS = [0.2, 0.5, 0.8];
const PICTURES = 40;

const MOST_REMEMBERED = 12;
/** Fewer tell nothing. */
const FEWEST = 12;

const remembered = new Map<string, Sample>();

/** By what a sample depends on: the clip as it is on disk, and what is made of it. */
async function keyOf({ input, height }: CutRequest, container: OutputContainer): Promise<string> {
  const { size, modified } = await identify(input);
  return JSON.stringify([input, size, modified, height, container.muxer]);
}

/** A sample of this clip that was taken before. */
export async function knownSample(request: CutRequest, container: OutputContainer): Promise<Sample | undefined> {
  return remembered.get(await keyOf(request, container));
}

/**
 * Encodes a few pictures of what stays of a clip, as encoding the whole would, and writes nothing: how large and how
 * quickly made the result will be depends on the pictures more than on anything that headers tell.
 *
 * @param limit milliseconds
 * @returns undefined where too few could be encoded in that time
 */
export async function takeSample(
  request: CutRequest,
  container: OutputContainer,
  limit: number,
  pace: Pace,
): Promise<Sample | undefined> {
  const key = await keyOf(request, container);
  const known = remembered.get(key);
  if (known) return known;
  using source = await openSource(request.input);
  if (!source.video || container.pictures === undefined) return undefined;
  const clock = await readClock(source, pace);
  const sample = await new Sampler(source, source.video, clock, pace).encode(request, container, limit);
  if (!sample) return undefined;
  for (const oldest of [...remembered.keys()].slice(0, remembered.size - MOST_REMEMBERED + 1))
    remembered.delete(oldest);
  remembered.set(key, sample);
  return sample;
}

/** What passes of a sound track. */
class Heard {
  readonly #tick: number;
  #bytes = 0;
  #ticks = 0;

  constructor({ timeBase }: Stream) {
    this.#tick = timeBase.num / timeBase.den;
  }

  take(bytes: number, duration: number): void {
    // One that does not say how long it is tells nothing.
    if (duration <= 0) return;
    this.#bytes += bytes;
    this.#ticks += duration;
  }

  /** Bytes of a second. */
  get rate(): number | undefined {
    return this.#ticks > 0 ? this.#bytes / (this.#ticks * this.#tick) : undefined;
  }
}

class Sampler {
  readonly #source: Source;
  readonly #stream: Stream;
  readonly #clock: ClipClock;
  readonly #pace: Pace;
  /** By the number of the stream. */
  readonly #heard: ReadonlyMap<number, Heard>;

  constructor(source: Source, stream: Stream, clock: ClipClock, pace: Pace) {
    this.#source = source;
    this.#heard = new Map(source.audio.map((sound) => [sound.index, new Heard(sound)]));
    this.#stream = stream;
    this.#clock = clock;
    this.#pace = pace;
  }

  async encode(request: CutRequest, container: OutputContainer, limit: number): Promise<Sample | undefined> {
    const { av, c } = native();
    const stream = this.#stream;
    readOnly(this.#source, stream);
    // What the header states of sound can be far off: it is weighed in passing.
    for (const sound of this.#source.audio) sound.discard = c.AVDISCARD_DEFAULT;
    const decoder = openPictureDecoder(this.#stream);
    const frame = new av.Frame();
    frame.alloc();
    let encoder: PictureEncoder | undefined;
    const counted = { frames: 0, keys: 0, keyBytes: 0, others: 0, bytes: 0 };
    const take = (packets: ReturnType<PictureEncoder['encode']>): void => {
      for (const { packet } of packets) {
        if (packet.isKeyframe) {
          counted.keys++;
          counted.keyBytes += packet.size;
        } else {
          counted.others++;
          counted.bytes += packet.size;
        }
        packet.free();
      }
    };
    const watch = new Stopwatch();
    const isLate = (): boolean => watch.seconds * 1000 > limit;
    try {
      for (const time of this.#spots(request)) {
        if (isLate() && counted.frames >= FEWEST) break;
        for await (const _ of this.#picturesFrom(time, decoder, frame)) {
          if (!encoder) {
            const traits = frameTraits(frame);
            const coding = wholeCoding(stream, traits, container, scaledSize(stream, traits, request.height));
            encoder = new PictureEncoder(stream, { timeBase: stream.timeBase }, traits, coding);
          }
          take(encoder.encode(frame, counted.frames * this.#step));
          counted.frames++;
          if (isLate() && counted.frames >= FEWEST) break;
        }
      }
      if (!encoder || counted.frames < FEWEST) return undefined;
      take(encoder.encode(undefined));
      const seconds = watch.secondsAlone / counted.frames;
      const { keys, keyBytes, others, bytes } = counted;
      if (keys === 0) return undefined;
      return {
        bytes: others > 0 ? bytes / others : keyBytes / keys,
        keyBytes: keyBytes / keys,
        gop: encoder.coding.gopSize ?? 250,
        seconds,
        sound: this.#source.audio.map(({ index }) => this.#heard.get(index)?.rate),
      };
    } finally {
      encoder?.[Symbol.dispose]();
      frame.free();
      decoder.freeContext();
    }
  }

  /** Times of the container's clock in seconds, spread over what is kept. */
  #spots({ kept }: CutRequest): number[] {
    const ranges = kept.flatMap((section) => clampSections([section], { in: 0, out: this.#clock.duration }));
    const length = ranges.reduce((sum, range) => sum + range.out - range.in, 0);
    return SPOTS.flatMap((share) => {
      let left = share * length;
      for (const range of ranges) {
        if (left < range.out - range.in) return [(range.in + left) / 1e6 + this.#clock.origin];
        left -= range.out - range.in;
      }
      return [];
    });
  }

  /** Ticks from one picture to the next. */
  get #step(): number {
    const { timeBase, avgFrameRate } = this.#stream;
    const rate = avgFrameRate.num > 0 && avgFrameRate.den > 0 ? avgFrameRate.num / avgFrameRate.den : 25;
    return Math.max(1, Math.round(timeBase.den / timeBase.num / rate));
  }

  /** Up to as many as are wanted of a spot, in `frame`, from the keyframe at or before it. */
  async *#picturesFrom(seconds: number, decoder: CodecContext, frame: Frame): AsyncGenerator<undefined> {
    const { av, c } = native();
    const { format } = this.#source;
    const stream = this.#stream;
    const target = BigInt(Math.floor((seconds * stream.timeBase.den) / stream.timeBase.num));
    if (format.seekFrameSync(stream.index, target, c.AVSEEK_FLAG_BACKWARD) < 0) return;
    decoder.flushBuffers();
    const packet = new av.Packet();
    packet.alloc();
    try {
      for (let given = 0; given < PICTURES;) {
        await this.#pace();
        const ended = format.readFrameSync(packet) < 0;
        if (!ended && packet.streamIndex !== stream.index) {
          this.#heard.get(packet.streamIndex)?.take(packet.size, Number(packet.duration));
          packet.unref();
          continue;
        }
        decoder.sendPacketSync(ended ? null : packet);
        packet.unref();
        for (;;) {
          const result = decoder.receiveFrameSync(frame);
          if (result < 0) {
            if (isDrained(result) || ended) break;
            continue;
          }
          if (ticks(frame.bestEffortTimestamp) === undefined) continue;
          yield undefined;
          if (++given >= PICTURES) return;
        }
        if (ended) return;
      }
    } finally {
      packet.free();
    }
  }
}
