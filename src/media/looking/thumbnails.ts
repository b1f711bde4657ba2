import type { CodecContext, Frame, Stream } from 'node-av/lib';
import * as z from 'zod/mini';

import type { Section } from '../../timeline/sections.js';
import type { Microseconds } from '../../timeline/timecode.js';
import { readClock, type ClipClock } from '../file/clip-clock.js';
import { identify, openSource, readOnly, type Source } from '../file/source.js';
import type { Thumbnail } from '../media.js';
import { isDrained, native, ticks } from '../native.js';
import type { Pace } from '../pace.js';
import { openPictureDecoder } from '../picture/picture-decoder.js';
import { LookCache, type CachedLook } from './look-cache.js';
import { PictureShrinker } from './picture-shrinker.js';

// Seeking may need a few packets until a keyframe decodes; more than this is a damaged place.
const PATIENCE = 300;
// Of one clip on disk: some two megabytes.
const MOST_REMEMBERED = 600;

export interface ThumbnailWish {
  readonly file: string;
  /** The clip is divided into this many equal parts; a picture of each is wanted. */
  readonly count: number;
  /** Pixels. */
  readonly height: number;
  /** Only the parts whose middle lies in here. */
  readonly within: Section | undefined;
  /** Folder of the cache; undefined: nothing is kept on disk. */
  readonly folder: string | undefined;
}

interface Remembered extends Thumbnail {
  /** What was wished: which of how many parts. */
  readonly part: number;
  readonly of: number;
}

/**
 * Keyframes near the middles of equal parts of the clip, upright and with square pixels, from coarse to fine: the first
 * few are spread over all of it. None for a clip without picture.
 *
 * @param onMade receives each as it is made
 */
export async function makeThumbnails(
  wish: ThumbnailWish,
  pace: Pace,
  onMade: (picture: Thumbnail) => void,
): Promise<void> {
  const { file, count, height, within, folder } = wish;
  const identity = await identify(file);
  using source = await openSource(file);
  const stream = source.video;
  if (!stream) return;
  const clock = await readClock(source, pace);
  const cache = folder === undefined ? undefined : new LookCache(folder);
  const kind = `pictures${height}`;
  const known = fromCache(await cache?.read(kind, file, identity));
  const missing: number[] = [];
  for (const part of coarseToFine(count)) {
    const middle = ((part + 0.5) * clock.duration) / count;
    if (within && (middle < within.in || middle >= within.out)) continue;
    const found = known.find((picture) => picture.part === part && picture.of === count);
    if (found) onMade(found);
    else missing.push(part);
  }
  const made: Remembered[] = [];
  if (missing.length > 0) {
    using keyframes = new KeyframeReader(source, stream, clock, height);
    for (const part of missing) {
      const picture = await keyframes.near(((part + 0.5) * clock.duration) / count, pace);
      if (!picture) continue;
      made.push({ ...picture, part, of: count });
      onMade(picture);
    }
  }
  if (made.length > 0) await cache?.write(kind, file, identity, toCache([...made, ...known].slice(0, MOST_REMEMBERED)));
}

/** 0 to count − 1, so that each beginning of the list is spread evenly over all. */
export function coarseToFine(count: number): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  for (let stride = 2 ** Math.ceil(Math.log2(Math.max(1, count))); stride >= 1; stride /= 2) {
    for (let n = Math.floor(stride / 2); n < count; n += stride) {
      if (!seen.has(n)) order.push(n);
      seen.add(n);
    }
  }
  return order;
}

const pictureFacts = z.array(
  z.object({ time: z.number(), width: z.number(), height: z.number(), part: z.number(), of: z.number() }),
);

function fromCache(cached: CachedLook | undefined): Remembered[] {
  const facts = pictureFacts.safeParse(cached?.facts).data ?? [];
  return facts.flatMap((fact, n) => {
    const jpeg = cached?.blobs[n];
    return jpeg ? [{ ...fact, jpeg }] : [];
  });
}

function toCache(pictures: readonly Remembered[]): CachedLook {
  const facts = pictures.map(({ time, width, height, part, of }) => ({ time, width, height, part, of }));
  return { facts, blobs: pictures.map(({ jpeg }) => jpeg) };
}

/** Decodes single keyframes of one clip. */
class KeyframeReader implements Disposable {
  readonly #source: Source;
  readonly #stream: Stream;
  readonly #clock: ClipClock;
  readonly #height: number;
  readonly #decoder: CodecContext;
  readonly #frame: Frame;
  #shrinker: PictureShrinker | undefined;
  /** Parts of a long GOP share its keyframe, which is made once. */
  #last: Thumbnail | undefined;

  constructor(source: Source, stream: Stream, clock: ClipClock, height: number) {
    const { av } = native();
    readOnly(source, stream);
    this.#source = source;
    this.#stream = stream;
    this.#clock = clock;
    this.#height = height;
    this.#decoder = openKeyframeDecoder(stream);
    this.#frame = new av.Frame();
    this.#frame.alloc();
  }

  /** The keyframe that is shown at `time` or before it. */
  async near(time: Microseconds, pace: Pace): Promise<Thumbnail | undefined> {
    const { c } = native();
    await pace();
    const seconds = this.#stream.timeBase.num / this.#stream.timeBase.den;
    const target = BigInt(Math.floor((time / 1e6 + this.#clock.origin) / seconds));
    const { format } = this.#source;
    if (format.seekFrameSync(this.#stream.index, target, c.AVSEEK_FLAG_BACKWARD) < 0) {
      // Before the first keyframe, or in a file without an index.
      format.seekFrameSync(this.#stream.index, 0n, c.AVSEEK_FLAG_BACKWARD);
    }
    if (!(await decodeKeyframe(this.#source, this.#stream, this.#decoder, this.#frame, pace))) return undefined;
    const shown = (ticks(this.#frame.bestEffortTimestamp) ?? 0) * seconds - this.#clock.origin;
    const at = Math.max(0, Math.round(shown * 1e6));
    if (this.#last?.time === at) return this.#last;
    this.#shrinker ??= new PictureShrinker(this.#stream, this.#frame, this.#height);
    this.#last = { time: at, ...this.#shrinker.shrink(this.#frame) };
    return this.#last;
  }

  [Symbol.dispose](): void {
    this.#shrinker?.[Symbol.dispose]();
    this.#frame.free();
    this.#decoder.freeContext();
  }
}

function openKeyframeDecoder(stream: Stream): CodecContext {
  return openPictureDecoder(stream, (decoder) => {
    // Frame threads would want many packets before the first picture.
    decoder.threadType = native().c.FF_THREAD_SLICE;
    decoder.setOption('skip_frame', 'nokey');
  });
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
