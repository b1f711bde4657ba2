import type { FilterContext, FilterGraph, Frame, Stream } from 'node-av/lib';

import { check, native } from '../native.js';
import { pixelAspect, type PictureSize } from '../picture/picture-encoder.js';
import { rotation } from '../probe.js';

export interface ScalerTarget {
  /** Size of the upright picture. */
  readonly size: PictureSize;
  /** As the filter `format` names it. */
  readonly pixelFormat: 'yuvj420p' | 'yuv420p';
}

/** Width by height of the upright picture with square pixels. */
export function uprightShape(stream: Stream, { width, height }: PictureSize): number {
  const aspect = pixelAspect(stream);
  const shape = (width / height) * (aspect.num > 0 && aspect.den > 0 ? aspect.num / aspect.den : 1);
  return rotation(stream.codecpar) % 180 === 0 ? shape : 1 / shape;
}

/** Scales pictures of one size and turns them upright. */
export class UprightScaler implements Disposable {
  readonly #graph: FilterGraph;
  readonly #input: FilterContext;
  readonly #output: FilterContext;

  /** @param frame like those to come */
  constructor(stream: Stream, frame: Frame, { size, pixelFormat }: ScalerTarget) {
    const { av } = native();
    const degrees = rotation(stream.codecpar);
    const { width, height } = degrees % 180 === 0 ? size : { width: size.height, height: size.width };
    const range = pixelFormat === 'yuvj420p' ? 'full' : 'limited';
    this.#graph = new av.FilterGraph();
    this.#graph.alloc();
    const source = `video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/1000000:pixel_aspect=1/1`;
    this.#input = this.#add('buffer', source);
    let last = this.#input;
    const steps = [
      ['scale', `${width}:${height}:flags=bilinear:out_range=${range}`],
      ...(TURNS[degrees] ?? []),
      ['format', `pix_fmts=${pixelFormat}`],
      ['buffersink', undefined],
    ] as const;
    for (const [name, args] of steps) {
      const next = this.#add(name, args);
      check(last.link(0, next, 0), 'scale picture');
      last = next;
    }
    this.#output = last;
    check(this.#graph.configSync(), 'scale picture');
  }

  /** @param into receives the upright picture */
  scale(frame: Frame, into: Frame): void {
    // Without the flag the graph would take the frame away.
    check(this.#input.buffersrcAddFrameSync(frame, native().c.AV_BUFFERSRC_FLAG_KEEP_REF), 'scale picture');
    check(this.#output.buffersinkGetFrameSync(into), 'scale picture');
  }

  [Symbol.dispose](): void {
    this.#graph.free();
  }

  #add(name: string, args?: string): FilterContext {
    const { av } = native();
    const found = av.Filter.getByName(name);
    const made = found && this.#graph.createFilter(found, `${name}${this.#graph.nbFilters}`, args ?? null);
    if (!made) throw new Error(`no filter ${name}`);
    return made;
  }
}

/** Filters by clockwise degrees. */
const TURNS: Readonly<Record<number, readonly (readonly [string, string | undefined])[]>> = {
  90: [['transpose', 'clock']],
  180: [
    ['hflip', undefined],
    ['vflip', undefined],
  ],
  270: [['transpose', 'cclock']],
};
