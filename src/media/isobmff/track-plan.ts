import type { FileBytes } from './stripes.js';
import type { DescriptionEdit } from './description.js';
import type { Track } from './track.js';

/** Times in ticks of the track on the result's clock, by the position within the piece. */
export type Times = ArrayLike<number> | ((i: number) => number);

/** Samples of the source, one after the other in its decode order. */
export interface CopyPiece {
  readonly kind: 'copy';
  /** Position of the first one in {@link Track.samples}. */
  readonly first: number;
  readonly count: number;
  readonly pts: Times;
  readonly dts: Times;
  /** Samples, by their position in {@link Track.samples}, that have other bytes in the result. */
  readonly replaced?: ReadonlyMap<number, Uint8Array>;
}

export interface NewSample {
  /** Its bytes, or where they are. */
  readonly data: Uint8Array | FileBytes;
  readonly pts: number;
  readonly dts: number;
  /** Ticks; it counts for the last sample of the track only. */
  readonly duration: number;
  readonly sync: boolean;
}

export interface NewPiece {
  readonly kind: 'new';
  readonly samples: readonly NewSample[];
}

export type Piece = CopyPiece | NewPiece;

/**
 * How a track goes into the result. Decode times must not fall. Samples from before zero are decoded and neither shown
 * nor heard: the priming of a sound codec. A track without pieces is left out.
 */
export interface TrackEdit {
  /** Position in {@link Movie.tracks}. */
  readonly track: number;
  readonly pieces: readonly Piece[];
  /** Ticks at which the track ends in the result; else it is where its last sample does. */
  readonly end?: number;
  readonly description?: DescriptionEdit;
}

/** All samples of a track of the result in decode order. */
export interface TrackPlan {
  readonly track: Track;
  readonly count: number;
  readonly size: Uint32Array;
  readonly dts: Float64Array;
  readonly pts: Float64Array;
  readonly sync: Uint8Array;
  /** Position in the source's samples; −1 for new ones. */
  readonly source: Int32Array;
  /** Bytes of those that do not come from the source as they are. */
  readonly data: ReadonlyMap<number, Uint8Array | FileBytes>;
  /** Ticks from the last decode time to the end of the media. */
  readonly lastDuration: number;
  readonly end: number;
  readonly description: DescriptionEdit | undefined;
}

/** @throws RangeError when the pieces do not fit the track or their times are not possible */
export function planTrack(track: Track, edit: TrackEdit): TrackPlan {
  const count = edit.pieces.reduce(
    (sum, piece) => sum + (piece.kind === 'copy' ? piece.count : piece.samples.length),
    0,
  );
  const builder = new PlanBuilder(track, count);
  for (const piece of edit.pieces) {
    if (piece.kind === 'new') for (const sample of piece.samples) builder.addNew(sample);
    else {
      if (piece.first < 0 || piece.count < 0 || piece.first + piece.count > track.samples.count) {
        throw new RangeError('a piece reaches beyond its track');
      }
      for (let i = 0; i < piece.count; i++) {
        builder.addCopy(
          piece.first + i,
          timeAt(piece.pts, i),
          timeAt(piece.dts, i),
          piece.replaced?.get(piece.first + i),
        );
      }
    }
  }
  return builder.result(edit.end, edit.description);
}

function timeAt(times: Times, i: number): number {
  return (typeof times === 'function' ? times(i) : times[i]) ?? Number.NaN;
}

export class PlanBuilder {
  readonly #track: Track;
  readonly #size: Uint32Array;
  readonly #dts: Float64Array;
  readonly #pts: Float64Array;
  readonly #sync: Uint8Array;
  readonly #source: Int32Array;
  readonly #data = new Map<number, Uint8Array | FileBytes>();
  #count = 0;
  #duration = 0;
  #end = 0;

  constructor(track: Track, count: number) {
    this.#track = track;
    this.#size = new Uint32Array(count);
    this.#dts = new Float64Array(count);
    this.#pts = new Float64Array(count);
    this.#sync = new Uint8Array(count);
    this.#source = new Int32Array(count);
  }

  addNew({ data, pts, dts, duration, sync }: NewSample): void {
    this.#add(data.length, pts, dts, duration, sync ? 1 : 0, -1, data);
  }

  /** @param duration instead of the source's */
  addCopy(place: number, pts: number, dts: number, data?: Uint8Array, duration?: number): void {
    const { size, sync, duration: durations } = this.#track.samples;
    const length = data?.length ?? size[place] ?? 0;
    this.#add(length, pts, dts, duration ?? durations[place] ?? 0, sync[place] ?? 0, place, data);
  }

  result(end: number | undefined, description: DescriptionEdit | undefined): TrackPlan {
    const count = this.#count;
    return {
      track: this.#track,
      count,
      size: this.#size.subarray(0, count),
      dts: this.#dts.subarray(0, count),
      pts: this.#pts.subarray(0, count),
      sync: this.#sync.subarray(0, count),
      source: this.#source.subarray(0, count),
      data: this.#data,
      lastDuration: this.#duration,
      end: end ?? this.#end,
      description,
    };
  }

  #add(
    size: number,
    pts: number,
    dts: number,
    duration: number,
    sync: number,
    source: number,
    data: Uint8Array | FileBytes | undefined,
  ): void {
    const i = this.#count++;
    if (!Number.isSafeInteger(pts) || !Number.isSafeInteger(dts) || !Number.isSafeInteger(duration) || duration < 0) {
      throw new RangeError('a time is not a whole number of ticks');
    }
    const before = this.#dts[i - 1];
    if (before !== undefined && dts < before) throw new RangeError('decode times fall');
    const { frameBytes } = this.#track;
    if (
      frameBytes > 0 &&
      (size !== duration * frameBytes || (before !== undefined && dts !== before + this.#duration))
    ) {
      throw new RangeError('PCM has to run on without a gap');
    }
    this.#size[i] = size;
    this.#pts[i] = pts;
    this.#dts[i] = dts;
    this.#sync[i] = sync;
    this.#source[i] = source;
    if (data) this.#data.set(i, data);
    this.#duration = duration;
    this.#end = Math.max(this.#end, pts + duration);
  }
}
