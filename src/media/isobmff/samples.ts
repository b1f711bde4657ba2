import { damaged, NotCarried } from './boxes.js';

/**
 * The samples of a track in decode order, one position in each array for each. Times are ticks of the track, on the
 * clock of the whole file: the edit list is applied, as FFmpeg's demuxer does it, so that they equal its packets' times.
 */
export interface Samples {
  readonly count: number;
  /** Byte position in the file. */
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly dts: Float64Array;
  readonly pts: Float64Array;
  /** Distance to the next sample in decode order, as the file says it; for the last one it is all there is. */
  readonly duration: Float64Array;
  /** 1 where FFmpeg reports a keyframe. */
  readonly sync: Uint8Array;
  /** 1 for samples that are decoded but neither shown nor heard, because the edit list begins or ends beside them. */
  readonly hidden: Uint8Array;
  /** 1 for keyframes that are only entry points of QuickTime's partial kind or of a `rap ` group; undefined for none. */
  readonly partial: Uint8Array | undefined;
  /** Position of the first of these samples in the file's own tables. */
  readonly tableStart: number;
}

/** Samples on the media's own clock, before the edit list. */
export interface RawSamples {
  readonly count: number;
  readonly offset: Float64Array;
  readonly size: Uint32Array;
  readonly dts: Float64Array;
  /** Presentation minus decode time; undefined where both are the same. */
  readonly reorder: Int32Array | undefined;
  readonly duration: Float64Array;
  readonly sync: Uint8Array;
  readonly partial: Uint8Array | undefined;
  /** How far FFmpeg's demuxer moves decode times back because of negative reordering. */
  readonly dtsShift: number;
}

/** Most samples that one file may have: a day of sixty frames a second, with sound. */
export const MOST_SAMPLES = 12_000_000;

/** @throws NotCarried when that many cannot be meant */
export function checkCount(count: number): void {
  if (count > MOST_SAMPLES) throw new NotCarried('it has too many samples');
}

/** @throws NotCarried when samples reach beyond the end of the file, or are empty where they must not be */
export function checkBytes(samples: RawSamples, fileSize: number, emptyAllowed: boolean): void {
  let total = 0;
  for (let i = 0; i < samples.count; i++) {
    const size = samples.size[i] ?? 0;
    total += size;
    if ((samples.offset[i] ?? 0) + size > fileSize) throw new NotCarried('it is cut off');
    if (size === 0 && !emptyAllowed) throw new NotCarried('one of its samples is empty');
  }
  if (total > fileSize) throw damaged();
}
