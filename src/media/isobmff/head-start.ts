import { open, type FileHandle } from 'node:fs/promises';

import { length } from './boxes.js';
import { CopyThread, shareOf, takeAll, WRITTEN, type Share } from './copy-thread.js';
import type { Movie } from './movie.js';
import { STRIPE, striped, type Stripe } from './stripes.js';
import type { Track } from './track.js';

// Encoding the frames at the joins takes about as long as moving a gigabyte. What comes before the first join is known
// before, so a second thread moves it meanwhile.

/** Bytes of the source with which the result's media most likely begins, and where they go. */
export interface Front {
  readonly offset: number;
  readonly length: number;
  /** Bytes that are left for the header in front of them. */
  readonly position: number;
}

/** Less is moved in no time, and its header would not be much smaller than what is left for it. */
const LEAST = 64 * 2 ** 20;

/** What stays of a movie, as far as that is known before the frames at the joins are encoded. */
export interface Kept {
  /** For each track: how many of its first samples stay as they are. Other tracks may be left out. */
  readonly front: ReadonlyMap<Track, number>;
  /** Length of the result. */
  readonly seconds: number;
  /** The result's length as a part of the source's, 0–1. */
  readonly share: number;
}

/** @returns undefined where too little of it can be foretold */
export function likelyFront(movie: Movie, { front, seconds, share }: Kept): Front | undefined {
  let [offset, end] = [Infinity, movie.fileSize];
  for (const track of movie.tracks) {
    const { samples } = track;
    const stay = front.get(track) ?? 0;
    if (stay > 0) offset = Math.min(offset, samples.offset[0] ?? 0);
    if (stay < samples.count) end = Math.min(end, samples.offset[stay] ?? 0);
  }
  if (!(end - offset >= LEAST)) return undefined;
  let filled = 0;
  for (const { samples } of movie.tracks) {
    for (let n = 0; n < samples.count; n++) {
      const at = samples.offset[n] ?? 0;
      if (at >= offset && at < end) filled += samples.size[n] ?? 0;
    }
  }
  // Gaps are not moved.
  if (filled !== end - offset) return undefined;
  return { offset, length: filled, position: headerRoom(movie, seconds, share) };
}

// Chunks end at half a second at the latest: each has up to 20 bytes in the tables (ISO/IEC 14496-12, 8.7.4 and 8.7.5).
const CHUNK_BYTES_PER_SECOND = 2 * 20;
/** For frames that are encoded, and tables that begin anew at joins. */
const MARGIN = 64 * 2 ** 10;

/** Of the system's, see {@link STRIPE}. */
const PAGE = 4096;

/** Room for the result's header: that of the source, less what is cut. What it does not fill is left free. */
function headerRoom({ boxes, headerBytes, tracks }: Movie, seconds: number, share: number): number {
  const beside = length(boxes.top.map(({ bytes }) => bytes)) + (boxes.ftyp?.length ?? 0);
  const chunks = tracks.length * seconds * CHUNK_BYTES_PER_SECOND;
  const room = beside + headerBytes * Math.min(1, share) + chunks + MARGIN;
  return Math.ceil(room / PAGE) * PAGE;
}

/** A thread that has begun to copy while the rest of what is to be copied is found out. */
export class HeadStart implements AsyncDisposable {
  /** Where in the output the first byte of it goes. */
  readonly position: number;
  readonly #share: Share;
  readonly #files: readonly FileHandle[];
  #thread: CopyThread | undefined;
  #right = 0;

  private constructor(front: Front, share: Share, thread: CopyThread, files: readonly FileHandle[]) {
    this.position = front.position;
    this.#share = share;
    this.#thread = thread;
    this.#files = files;
  }

  /**
   * @param output a file that exists
   * @returns undefined where there is no second thread
   * @throws the file system's errors
   */
  static async begin(input: string, output: string, front: Front): Promise<HeadStart | undefined> {
    const thread = CopyThread.start();
    if (!thread) return undefined;
    const files: FileHandle[] = [];
    try {
      files.push(await open(input, 'r'), await open(output, 'r+'));
      const [from, to] = files;
      // Whole stripes only: they are the same when the rest is known.
      const whole = front.length - ((front.position + front.length) % STRIPE);
      const segments = [{ offset: front.offset, length: whole }];
      const share = shareOf([...striped(segments, front.position)]);
      if (from && to) thread.help([from.fd], to.fd, share);
      return new HeadStart(front, share, thread, files);
    } catch (error) {
      await thread[Symbol.asyncDispose]();
      for (const file of files) await file.close();
      throw error;
    }
  }

  /** How much of it was not foretold rightly, 0–1, once the rest is known. */
  get inVain(): number {
    return 1 - this.#right / this.#share.stripes.length;
  }

  /** Bytes of it that are written by now. */
  get written(): number {
    const { stripes, states } = this.#share;
    return stripes.reduce((sum, stripe, n) => sum + (states[n] === WRITTEN ? stripe.length : 0), 0);
  }

  /** The thread, until it has ended. */
  get thread(): CopyThread | undefined {
    return this.#thread;
  }

  /**
   * What is left to do, now that all stripes are known. Where they begin in another way than was foretold, the thread has
   * ended.
   *
   * @param stripes of the whole output
   */
  async shares(stripes: readonly Stripe[]): Promise<{ ahead: Share; rest: Share }> {
    const { stripes: foretold, states } = this.#share;
    const other = foretold.findIndex((stripe, n) => !isSame(stripe, stripes[n]));
    this.#right = other < 0 ? foretold.length : other;
    if (other < 0) return { ahead: this.#share, rest: shareOf(stripes.slice(foretold.length)) };
    // What it is writing must not come after what belongs there.
    await this[Symbol.asyncDispose]();
    const rest = shareOf(stripes);
    for (let n = 0; n < other; n++) rest.states[n] = states[n] === WRITTEN ? WRITTEN : 0;
    return { ahead: shareOf([]), rest };
  }

  /** Ends the thread after the stripe at which it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    takeAll(this.#share);
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    await thread[Symbol.asyncDispose]();
    for (const file of this.#files) await file.close();
  }
}

function isSame(stripe: Stripe, other: Stripe | undefined): boolean {
  const [is] = stripe.segments;
  const [was, ...more] = other?.segments ?? [];
  if (!is || !was || more.length > 0 || 'data' in is || 'data' in was) return false;
  const sameFile = (is.file ?? 0) === (was.file ?? 0);
  return sameFile && is.offset === was.offset && stripe.length === other?.length && stripe.position === other.position;
}
