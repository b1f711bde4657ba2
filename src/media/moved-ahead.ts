import { totalDuration } from '../timeline/sections.js';
import type { CutHooks, OpenedClip } from './cut-job.js';
import { OutputFile } from './file/output-file.js';
import { assertRoom } from './file/room.js';
import { HeadStart, likelyFront, type Front } from './isobmff/head-start.js';
import type { Movie } from './isobmff/movie.js';
import type { Track } from './isobmff/track.js';
import { joinCodecFor } from './picture/join-codecs.js';
import { copiesPackets } from './sound/packet-joins.js';

// Pictures up to the last keyframe before a join stay as they are, sound up to a little before it, and at a dissolve a
// second less.
const JOINED_SECONDS = 2;

/**
 * The new file, into which a thread moves what comes before the first join, while the cut is planned and the frames at the
 * joins are encoded. Where the cut is then written in another way, the file is gone as if it had never been.
 */
export class MovedAhead implements AsyncDisposable {
  #held: { readonly output: OutputFile; readonly begun: HeadStart } | undefined;

  private constructor(output: OutputFile, begun: HeadStart) {
    this.#held = { output, begun };
  }

  /** @returns undefined where that is not worth it, or does not work: the cut itself then says why */
  static async begin(
    clip: OpenedClip,
    movie: Movie | undefined,
    { onCreated }: CutHooks,
  ): Promise<MovedAhead | undefined> {
    const front = movie && frontOf(clip, movie);
    if (!front) return undefined;
    const { input, output: file } = clip.request;
    let output: OutputFile | undefined;
    try {
      await assertRoom(file, front.position + front.length);
      output = await OutputFile.create(file, onCreated);
      const begun = await HeadStart.begin(input, file, front);
      if (begun) return new MovedAhead(output, begun);
    } catch {
      // It is met again.
    }
    await output?.[Symbol.asyncDispose]();
    return undefined;
  }

  /** Bytes of the result that are on the disk already. */
  get written(): number {
    return this.#held?.begun.written ?? 0;
  }

  /** Hands over the file and the thread: whoever takes them lets them go. */
  take(): { readonly output: OutputFile; readonly begun: HeadStart } | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.take();
    await held?.begun[Symbol.asyncDispose]();
    await held?.output[Symbol.asyncDispose]();
  }
}

function frontOf({ request, source, clock, container }: OpenedClip, movie: Movie): Front | undefined {
  const { video, audio } = source;
  const [first] = request.kept;
  if (!video || !first || first.in > 0 || request.height !== undefined) return undefined;
  if (!joinCodecFor(video, container) || !audio.every(copiesPackets)) return undefined;
  const joined = Math.min(first.out, clock.duration) / 1e6 + clock.origin - JOINED_SECONDS;
  const front = new Map<Track, number>();
  for (const track of movie.tracks) {
    const { pts, sync, count } = track.samples;
    const sound = audio.some(({ id }) => id === track.id);
    if (!sound && track.id !== video.id) continue;
    const past = pts.findIndex((time) => time > joined * track.timescale);
    const reached = past < 0 ? count : past;
    const key = reached > 0 ? sync.lastIndexOf(1, reached - 1) : 0;
    front.set(track, sound ? reached : Math.max(0, key));
  }
  const seconds = totalDuration(request.kept) / 1e6;
  return likelyFront(movie, { front, seconds, share: (seconds * 1e6) / clock.duration });
}
