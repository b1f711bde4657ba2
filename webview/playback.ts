import { mergeSections, type Section } from '../src/timeline/sections.js';
import { fromSeconds, type Microseconds } from '../src/timeline/timecode.js';
import type { PicturePair } from './picture-pair.js';
import { loopAround, nearestJoin, type Loop } from './play-around-join.js';
import { frameFrom, frameStart, playFrom, skipping, stepFrames, type Jump, type Route } from './preview-skip.js';
import { shuttled } from './shuttle.js';
import type { SoundInStep } from './sound-in-step.js';

export type PreviewMode = 'result' | 'original';

/** Milliseconds before a jump is due at which it is made: what is changed now is seen one or two screen pictures later. */
const DUE = 34;
/** Of these, so many pass until the change is seen. */
const SEEN = 17;
/** Milliseconds before a jump is due at which the browser makes it: half a picture of the screen, to be sure of one. */
const SURE = 8;
/** Milliseconds before a jump from which on it happens by itself, whatever the page has to do. */
const AHEAD = 1000;
/** Milliseconds after which a picture that was started and does not move is waited for without sound. */
const STALLED = 200;
/** A picture that got this far is moving. */
const MOVED = 30_000;

/**
 * The playhead, and the pictures when the clip can be shown. All parts of the panel share one.
 *
 * Events: `time` when the playhead moved, `status` when anything else here changed.
 */
export class Playback extends EventTarget {
  #pair: PicturePair | undefined;
  #sound: SoundInStep | undefined;
  #tickRequest: number | undefined;
  #time: Microseconds = 0;
  #duration: Microseconds | undefined;
  #frameRate: number | undefined;
  #skipped: readonly Section[] = [];
  #mode: PreviewMode = 'result';
  #loop: Loop | undefined;
  #route: Route = skipping([], Infinity);
  /** Negative backwards, 0 at rest. */
  #speed = 0;
  #chosenSpeed = 1;
  /** The picture was set going from here at this moment. */
  #begun: { readonly time: Microseconds; readonly at: number; readonly expected: boolean } | undefined;
  /** Where a jump leads for which the picture stands still, because the frame there has not come yet. */
  #held: Microseconds | undefined;
  #muted = false;
  #level = 1;

  /** Position in the clip, [0, duration]. */
  get time(): Microseconds {
    return this.#time;
  }

  /** Length of the clip; undefined until known. */
  get duration(): Microseconds | undefined {
    return this.#duration;
  }

  get mode(): PreviewMode {
    return this.#mode;
  }

  /** Marked and removed sections, merged: what the result leaves out. */
  get skipped(): readonly Section[] {
    return this.#skipped;
  }

  get playing(): boolean {
    return this.#speed !== 0;
  }

  /** At which it plays or would play; negative backwards. */
  get speed(): number {
    return this.#speed === 0 ? this.#chosenSpeed : this.#speed;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Loudness of the sound when it is on, 0 to 1. */
  get level(): number {
    return this.#level;
  }

  /** Turning it up turns it on. */
  setLevel(level: number, muted = level === 0): void {
    this.#level = level === 0 ? this.#level : level;
    this.#muted = muted;
    this.#status();
  }

  get looping(): boolean {
    return this.#loop !== undefined;
  }

  /** There is a join to play around. */
  get canLoop(): boolean {
    return this.canPlay && nearestJoin(this.#time, this.#skipped, this.#end) !== undefined;
  }

  /** Playing needs a picture; moving the playhead does not. */
  get canPlay(): boolean {
    return this.#pair !== undefined;
  }

  describeClip(duration: Microseconds | undefined, frameRate: number | undefined): void {
    if (duration === this.#duration && frameRate === this.#frameRate) return;
    this.#duration = duration;
    this.#frameRate = frameRate;
    this.#findRoute();
  }

  skip(sections: readonly Section[]): void {
    this.#skipped = mergeSections(sections);
    this.#loop = undefined;
    this.#findRoute();
  }

  preview(mode: PreviewMode): void {
    this.#mode = mode;
    this.#loop = undefined;
    this.#findRoute();
  }

  /** What plays; undefined when there is nothing that could. */
  attach(pair: PicturePair | undefined): void {
    if (pair === this.#pair) return;
    this.#halt();
    this.#pair = pair;
    pair?.show(this.#time);
    this.#status();
  }

  useSound(sound: SoundInStep | undefined): void {
    this.#sound = sound;
    if (!this.playing) sound?.rest(this.#time, this.#route);
  }

  /** To be called on `pause` and `ended` of both video elements. */
  pictureStopped(video: HTMLVideoElement): void {
    if (video !== this.#pair?.front || this.#speed <= 0 || this.#held !== undefined) return;
    if (!video.ended) {
      if (video.paused) this.stop();
      return;
    }
    // From where the page saw it last: it may have run over the last jump since.
    const jump = this.#jumpFrom(this.#time);
    if (!jump) this.#stopAt(this.#end);
    else if (jump.to === undefined) this.#finish(jump.at);
    else this.#held = jump.to;
  }

  /** The probe may not know the length before the video element does. */
  videoLoaded(video: HTMLVideoElement): void {
    if (this.#duration === undefined && Number.isFinite(video.duration)) {
      this.describeClip(fromSeconds(video.duration), this.#frameRate);
    }
    if (video === this.#pair?.front && !this.playing) this.#pair.show(this.#time);
  }

  /** @param shown the frame that is seen there, when it is not the one at `time` */
  seek(time: Microseconds, shown?: Microseconds): void {
    this.#loop = undefined;
    this.#findRoute();
    this.#goTo(time, shown);
  }

  /** Moves to the start of the frame `count` frames away. */
  step(count: number): void {
    this.stop();
    this.seek(stepFrames(this.#time, count, this.#frameRate));
  }

  toggle(): void {
    if (this.playing) this.stop();
    else this.#run(this.#chosenSpeed);
  }

  /** Another press of J (-1) or L (1): plays in that direction, then faster. */
  shuttle(direction: 1 | -1): void {
    this.#run(shuttled(this.#speed, direction, this.#chosenSpeed));
  }

  /** Stops on a whole frame: points set now mean the frame that is seen. */
  stop(): void {
    if (!this.playing) return;
    this.#stopAt(frameStart(this.#speed > 0 ? (this.#pair?.time ?? this.#time) : this.#time, this.#frameRate));
  }

  chooseSpeed(speed: number): void {
    this.#chosenSpeed = speed;
    if (this.playing) this.#run(speed);
    else this.#status();
  }

  /** Plays around the join nearest to the playhead again and again, until it is stopped. */
  loopJoin(): void {
    const join = nearestJoin(this.#time, this.#skipped, this.#end);
    if (this.#loop || !join) {
      this.stop();
      return;
    }
    this.#mode = 'result';
    this.#loop = loopAround(join, this.#skipped, this.#end);
    this.#findRoute();
    this.#goTo(this.#loop.from);
    this.#run(this.#chosenSpeed);
  }

  get #end(): Microseconds {
    return this.#duration ?? Infinity;
  }

  #findRoute(): void {
    this.#route = this.#loop?.route ?? skipping(this.#mode === 'result' ? this.#skipped : [], this.#end);
    if (!this.playing) this.#sound?.rest(this.#time, this.#route);
    this.#status();
  }

  /** @param shown the frame that is seen there, when it is not the one at `time` */
  #goTo(time: Microseconds, shown?: Microseconds): void {
    this.#moveTo(Math.round(Math.min(Math.max(0, time), this.#duration ?? time)));
    this.#begun = undefined;
    this.#pair?.unroll();
    this.#pair?.show(shown ?? this.#time);
    if (this.#held !== undefined) {
      this.#held = undefined;
      this.#pair?.play(this.#speed);
    }
    if (!this.playing) this.#sound?.rest(this.#time, this.#route);
  }

  #run(speed: number): void {
    const pair = this.#pair;
    if (!pair) return;
    const before = this.#speed;
    this.#speed = speed;
    this.#begun = undefined;
    if (speed > 0) {
      pair.front.playbackRate = speed;
      if (before <= 0) {
        const from = this.#loop
          ? this.#time
          : playFrom(this.#time, this.#mode === 'result' ? this.#skipped : [], this.#end);
        // Where the picture is already, a seek would only delay the start.
        if (from !== this.#time || before < 0) this.#goTo(from);
        else this.#begun = { time: from, at: performance.now(), expected: true };
        pair.play(speed);
      }
    } else {
      this.#loop = undefined;
      this.#held = undefined;
      pair.unroll();
      pair.front.pause();
      this.#begun = { time: this.#time, at: performance.now(), expected: false };
      this.#sound?.rest(this.#time, this.#route);
    }
    this.#follow();
    this.#status();
  }

  #follow(): void {
    if (this.#tickRequest !== undefined) return;
    const tick = (now: number): void => {
      this.#tickRequest = requestAnimationFrame(tick);
      if (this.#speed > 0) this.#advance(now);
      else this.#retreat(now);
    };
    this.#tickRequest = requestAnimationFrame(tick);
  }

  #halt(): void {
    if (this.#tickRequest !== undefined) cancelAnimationFrame(this.#tickRequest);
    this.#tickRequest = undefined;
    this.#speed = 0;
    this.#held = undefined;
    this.#pair?.unroll();
    this.#pair?.front.pause();
  }

  #stopAt(time: Microseconds): void {
    this.#halt();
    this.seek(time);
  }

  #advance(now: number): void {
    const pair = this.#pair;
    if (!pair) return;
    if (this.#held === undefined && pair.front.seeking) {
      this.#begun = undefined;
      this.#sound?.rest(this.#time, this.#route);
      return;
    }
    const time = pair.time;
    const jump = this.#jumpFrom(time);
    if (!jump) pair.stay();
    else if (this.#jump(jump, pair, now)) return;
    if (this.#held !== undefined) {
      this.#sound?.rest(this.#held, this.#route);
      return;
    }
    this.#moveTo(Math.min(time, this.#end));
    this.#guideSound(pair, time);
  }

  /** The next jump, from frame to frame. */
  #jumpFrom(time: Microseconds): Jump | undefined {
    if (this.#held !== undefined) return { at: time, to: this.#held };
    const jump = this.#route(time);
    if (!jump) return undefined;
    const to = jump.to === undefined ? undefined : frameFrom(jump.to, this.#frameRate);
    return { at: frameFrom(jump.at, this.#frameRate), to };
  }

  /** Prepares a jump and makes it when it is due. @returns true when nothing is left to do at this moment. */
  #jump({ at, to }: Jump, pair: PicturePair, now: number): boolean {
    const left = this.#held === undefined ? pair.until(at, this.#speed, now) : 0;
    // Where the result ends before the clip does, its last frame stays in view.
    const next = to ?? stepFrames(at, -1, this.#frameRate);
    if (to !== undefined || left <= AHEAD) pair.cue(next);
    const ready = pair.isCued(next);
    if (left > DUE) {
      if (left > AHEAD) pair.stay();
      else pair.turnAt(now + left - (ready ? DUE + SURE : SEEN));
      if (ready && to !== undefined && left <= pair.latency + DUE - SEEN) pair.roll(this.#speed);
      return false;
    }
    if (to === undefined) {
      if (ready) pair.exchange();
      this.#finish(at);
      return true;
    }
    if (!ready) {
      this.#held = to;
      pair.front.pause();
      return false;
    }
    this.#begun = { time: to, at: pair.swap(this.#speed), expected: true };
    this.#held = undefined;
    this.#moveTo(to);
    return true;
  }

  #finish(at: Microseconds): void {
    this.#halt();
    this.seek(at, stepFrames(at, -1, this.#frameRate));
  }

  #guideSound(pair: PicturePair, time: Microseconds): void {
    const { front } = pair;
    const now = performance.now();
    // How long a seek takes cannot be known: the sound waits until the picture is seen to move.
    this.#begun ??= { time, at: now, expected: false };
    const { expected } = this.#begun;
    const moved = time - this.#begun.time;
    const waited = now - this.#begun.at;
    const sure = moved >= MOVED;
    if (!this.#sound) return;
    if (
      front.readyState < HTMLMediaElement.HAVE_FUTURE_DATA ||
      (!sure && (!expected || waited > pair.latency + STALLED))
    ) {
      this.#sound.rest(time, this.#route);
      return;
    }
    const begins = this.#begun.time + Math.round((waited - pair.latency) * 1000 * this.#speed);
    const factor = this.#sound.follow({
      time: sure ? pair.seenTime(now) : begins,
      from: this.#begun.time,
      speed: this.#speed,
      route: this.#route,
      sure,
    });
    const rate = this.#speed * factor;
    if (front.playbackRate !== rate) front.playbackRate = rate;
  }

  /** Plays backwards, which no video element can: by as many seeks as it manages. */
  #retreat(now: number): void {
    const pair = this.#pair;
    this.#begun ??= { time: this.#time, at: now, expected: false };
    const time = this.#begun.time + Math.round((now - this.#begun.at) * 1000 * this.#speed);
    const skipped = this.#mode === 'result' ? this.#skipped : [];
    const section = skipped.find((candidate) => time >= candidate.in && time < candidate.out);
    if (time <= 0 || section?.in === 0) {
      this.#stopAt(section?.out ?? 0);
      return;
    }
    if (section) this.#begun = { time: section.in - 1, at: now, expected: false };
    if (pair?.front.seeking) return;
    this.#moveTo(frameStart(section ? section.in - 1 : time, this.#frameRate));
    pair?.show(this.#time);
  }

  #moveTo(time: Microseconds): void {
    if (time === this.#time) return;
    this.#time = time;
    this.dispatchEvent(new Event('time'));
  }

  #status(): void {
    this.dispatchEvent(new Event('status'));
  }
}
