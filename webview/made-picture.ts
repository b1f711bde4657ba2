import { SEGMENT_LENGTH } from '../src/messages.js';
import { fromSeconds, toSeconds, type Microseconds } from '../src/timeline/timecode.js';
import { Pieces, type Segment } from './pieces.js';
import type { PictureSource } from './picture-pair.js';

const LENGTH = SEGMENT_LENGTH.picture;
/** Kept for both video elements; a piece of 4 s is some 500 kB. */
const ROOM = 12;
const TYPE = 'video/webm; codecs="vp8"';
/** Pieces that a video element holds before and behind the one it shows. */
const BEFORE = 2;
const BEHIND = 3;
/** Seconds that may miss at the end of a piece: the last frame stands until the next one. */
const TOLERANCE = 0.25;
/** A piece that comes before one that is there may take its first frame away, so that one is given once more. */
const MOST_GIVEN = 3;

/** The picture of a clip that this page cannot show, from pieces that the host makes. Serves any number of elements. */
export class MadePicture {
  readonly pieces: Pieces<Uint8Array<ArrayBuffer>>;
  readonly #duration: Microseconds;
  readonly #feeders = new Set<Feeder>();

  constructor(ask: (index: number) => Promise<void>, duration: Microseconds) {
    this.#duration = duration;
    this.pieces = new Pieces({ track: 'picture', room: ROOM, ask, open: (data) => Promise.resolve(data) });
    this.pieces.addEventListener('change', () => this.#feed());
  }

  readonly source: PictureSource = (video) => {
    const feeder = new Feeder(video, this.pieces, this.#duration, () => this.#feed());
    this.#feeders.add(feeder);
    return () => {
      this.#feeders.delete(feeder);
      feeder.close();
    };
  };

  take(segment: Segment): void {
    this.pieces.take(segment);
  }

  close(): void {
    for (const feeder of this.#feeders) feeder.close();
    this.#feeders.clear();
    this.pieces.close();
  }

  #feed(): void {
    const feeders = [...this.#feeders];
    // What an element shows now comes before what any of them will show.
    const wishes = feeders.map((feeder) => feeder.wants());
    const longest = Math.max(0, ...wishes.map((wish) => wish.length));
    this.pieces.want(Array.from({ length: longest }, (_, n) => wishes.flatMap((wish) => wish[n] ?? [])).flat());
    for (const feeder of feeders) feeder.feed();
  }
}

/** Keeps one video element supplied around its position. */
class Feeder {
  readonly #video: HTMLVideoElement;
  readonly #pieces: Pieces<Uint8Array<ArrayBuffer>>;
  readonly #duration: Microseconds;
  readonly #media = new MediaSource();
  readonly #address: string;
  readonly #stop = new AbortController();
  /** How often each piece was given: one that is not taken in whole is not given for ever. */
  readonly #given = new Map<number, number>();
  #buffer: SourceBuffer | undefined;

  constructor(
    video: HTMLVideoElement,
    pieces: Pieces<Uint8Array<ArrayBuffer>>,
    duration: Microseconds,
    moved: () => void,
  ) {
    this.#video = video;
    this.#pieces = pieces;
    this.#duration = duration;
    const { signal } = this.#stop;
    this.#media.addEventListener('sourceopen', () => this.#open(moved), { once: true, signal });
    for (const event of ['seeking', 'timeupdate', 'waiting']) video.addEventListener(event, moved, { signal });
    this.#address = URL.createObjectURL(this.#media);
    video.src = this.#address;
  }

  close(): void {
    this.#stop.abort();
    this.#buffer = undefined;
    URL.revokeObjectURL(this.#address);
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  /** The pieces that miss, the most urgent first. */
  wants(): number[] {
    return this.#near().filter((index) => !this.#has(index));
  }

  /** Gives the element the most urgent piece that is there; the next one follows when it has taken it. */
  feed(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#media.readyState === 'closed') return;
    const near = this.#near();
    const index = near.find(
      (candidate) =>
        !this.#has(candidate) &&
        this.#pieces.get(candidate) !== undefined &&
        (this.#given.get(candidate) ?? 0) < MOST_GIVEN,
    );
    if (index === undefined) {
      if (!this.#drop(buffer, near)) this.#end();
      return;
    }
    const data = this.#pieces.get(index);
    if (!data) return;
    this.#given.set(index, (this.#given.get(index) ?? 0) + 1);
    // Each piece counts its times from its own beginning.
    buffer.timestampOffset = toSeconds(index * LENGTH);
    buffer.appendBuffer(data);
  }

  #open(moved: () => void): void {
    this.#media.duration = toSeconds(this.#duration);
    this.#buffer = this.#media.addSourceBuffer(TYPE);
    this.#buffer.mode = 'segments';
    this.#buffer.addEventListener('updateend', moved, { signal: this.#stop.signal });
    moved();
  }

  /** What the element needs from where it is. */
  #near(): number[] {
    const here = this.#pieces.indexAt(Math.min(fromSeconds(this.#video.currentTime), this.#duration - 1));
    const last = this.#pieces.indexAt(this.#duration - 1);
    const near = this.#video.paused ? [here, here + 1] : [here, here + 1, here + 2];
    return near.filter((index) => index <= last);
  }

  #has(index: number): boolean {
    const buffered = this.#buffer?.buffered;
    if (!buffered) return false;
    const start = toSeconds(index * LENGTH) + 0.02;
    const end = toSeconds(Math.min((index + 1) * LENGTH, this.#duration)) - TOLERANCE;
    for (let n = 0; n < buffered.length; n += 1) {
      if (buffered.start(n) <= start && buffered.end(n) >= Math.max(start, end)) return true;
    }
    return false;
  }

  /** Lets go of what lies far away. @returns true when there was something. */
  #drop(buffer: SourceBuffer, near: readonly number[]): boolean {
    const { buffered } = buffer;
    if (buffered.length === 0 || near[0] === undefined) return false;
    const from = toSeconds(Math.max(0, near[0] - BEFORE) * LENGTH);
    const to = toSeconds((near[0] + BEHIND + 1) * LENGTH);
    const first = buffered.start(0);
    const last = buffered.end(buffered.length - 1);
    if (first < from - 0.1) buffer.remove(0, from);
    else if (last > to + 0.1) buffer.remove(to, Infinity);
    else return false;
    this.#given.clear();
    return true;
  }

  /** With the last piece the element learns that nothing follows, so that it ends instead of waiting. */
  #end(): void {
    const last = this.#pieces.indexAt(this.#duration - 1);
    if (this.#media.readyState === 'open' && this.#has(last)) this.#media.endOfStream();
  }
}
