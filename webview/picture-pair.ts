import { decodesNoSound } from './decoded-sound.js';
import { fromSeconds, toSeconds, type Microseconds } from '../src/timeline/timecode.js';

/** Gives a video element something to play; the result takes it away again. */
export type PictureSource = (video: HTMLVideoElement) => () => void;

/** A little into the frame: exactly at its start, rounding may show the one before. */
const INTO_FRAME = 1000;
/** Seconds before the end of a clip, where its last frame is shown. */
const BEFORE_END = 0.005;
/** Milliseconds from `play()` until a picture with sound moves, before it was seen. */
const USUAL_LATENCY = 50;
/** What takes longer waits for data, which is no measure. */
const MOST_LATENCY = 400;
/** Milliseconds after which a frame says nothing of what is seen now. */
const STALE = 500;
/** So many of the last frames tell when the next ones will be seen. */
const FRAMES = 12;
/** Milliseconds by which a turn that is set already may be off. */
const CLOSE_ENOUGH = 3;
/** Milliseconds that a turn lasts when the page does not come to take it over. */
const TURNED = 60_000;

/**
 * Two video elements of one clip, one above the other. The front one is seen and heard. The back one waits on the very
 * frame on which playback goes on after the next jump, so that the jump is a change of place and no seek.
 */
export class PicturePair {
  #front: HTMLVideoElement;
  #back: HTMLVideoElement;
  readonly #source: PictureSource;
  readonly #takeAway: (() => void)[] = [];
  #backLoaded = false;
  #cued: Microseconds | undefined;
  #rolledAt: number | undefined;
  #turn: { readonly at: number; readonly fading: Animation } | undefined;
  /** Decoders and the sound device take their time. */
  #latency: number | undefined;
  #learning: { readonly startedAt: number; readonly from: number } | undefined;
  /** The last frames that were seen, the latest first: the clip's seconds, and milliseconds of the page's clock. */
  #shown: readonly { readonly time: number; readonly at: number }[] = [];

  constructor(front: HTMLVideoElement, back: HTMLVideoElement, source: PictureSource) {
    this.#front = front;
    this.#back = back;
    this.#source = source;
    this.#takeAway.push(source(front));
    this.#mark();
    this.#watchFrames(front);
    this.#watchFrames(back);
  }

  get front(): HTMLVideoElement {
    return this.#front;
  }

  /** Milliseconds from `play()` until the picture moves, as it was the last times. */
  get latency(): number {
    return this.#latency ?? (decodesNoSound(this.#front) ? 0 : USUAL_LATENCY);
  }

  /** Where the front is. */
  get time(): Microseconds {
    return fromSeconds(this.#front.currentTime);
  }

  dispose(): void {
    this.#endTurn();
    for (const takeAway of this.#takeAway) takeAway();
    this.#front.pause();
    this.#back.pause();
  }

  /** Applies to both, so that a jump changes nothing. */
  sound(muted: boolean, volume: number): void {
    for (const video of [this.#front, this.#back]) {
      video.muted = muted;
      video.volume = volume;
    }
  }

  /** Plays what is in front. */
  play(speed: number): void {
    this.#front.playbackRate = speed;
    this.#learning = { startedAt: performance.now(), from: this.#front.currentTime };
    void this.#front.play().catch(ignoreInterruption);
  }

  show(time: Microseconds): void {
    this.#learning = undefined;
    this.#shown = [];
    // Until the frame has come, the front may hold one that is left out.
    const turn = this.#turn;
    if (!this.#turned) this.#endTurn();
    else this.#front.addEventListener('seeked', () => turn === this.#turn && this.#endTurn(), { once: true });
    const { duration } = this.#front;
    // At its very end a clip has no frame.
    const last = Number.isFinite(duration) ? Math.max(0, duration - BEFORE_END) : Infinity;
    this.#front.currentTime = Math.min(toSeconds(time + INTO_FRAME), last);
  }

  /**
   * What is seen at a moment. The element's own position runs ahead of the frames that it has brought to the screen, by
   * some 40 ms on a busy machine.
   */
  seenTime(now: number): Microseconds {
    const [shown] = this.#shown;
    if (!shown || now - shown.at > STALE) return this.time;
    return fromSeconds(shown.time) + Math.round((now - shown.at) * 1000 * this.#front.playbackRate);
  }

  /** Milliseconds, at a speed, until the front shows the frame at `time`. */
  until(time: Microseconds, speed: number, now: number): number {
    const byPosition = (time - this.time) / 1000 / speed;
    if (this.#shown.length === 0) return byPosition;
    // Frames wait for the next picture of the screen: those that waited least tell best.
    const moments = this.#shown.map((shown) => shown.at + (toSeconds(time) - shown.time) * (1000 / speed));
    // A picture that waits for data shows no frames, and its position stands.
    return Math.max(byPosition, Math.min(...moments) - now);
  }

  /** Lets the back wait on the frame at `time`. The clip is opened a second time only when there is need. */
  cue(time: Microseconds): void {
    if (this.#cued === time) return;
    this.#cued = time;
    this.#rolledAt = undefined;
    this.#back.toggleAttribute('data-cued', false);
    if (!this.#backLoaded) {
      this.#backLoaded = true;
      this.#takeAway.push(this.#source(this.#back));
    }
    this.#back.pause();
    this.#back.currentTime = toSeconds(time + INTO_FRAME);
  }

  isCued(time: Microseconds): boolean {
    const { HAVE_CURRENT_DATA } = HTMLMediaElement;
    const cued = this.#cued === time && this.#back.readyState >= HAVE_CURRENT_DATA && !this.#back.seeking;
    this.#back.toggleAttribute('data-cued', cued);
    return cued;
  }

  /**
   * Sets the moment of the next jump, on the page's clock: from then on the back is seen, or nothing while it has no
   * frame to show. The browser's compositor keeps it, so that it holds when the page has no time just then; the
   * picture itself runs on in the front.
   */
  turnAt(moment: number): void {
    if (this.#turn && Math.abs(this.#turn.at - moment) < CLOSE_ENOUGH) return;
    this.#endTurn();
    const now = Number(document.timeline.currentTime);
    const left = Math.max(0, moment - now);
    const duration = left + TURNED;
    const fading = this.#front.animate(
      [{ opacity: 1, easing: 'step-end' }, { opacity: 0, offset: left / duration }, { opacity: 0 }],
      duration,
    );
    // Else it begins with the next picture of the screen.
    fading.startTime = now;
    this.#turn = { at: moment, fading };
  }

  /** No jump is near. */
  stay(): void {
    this.#endTurn();
  }

  /** Starts the back behind the front: it moves after {@link latency}, when it is to be seen. */
  roll(speed: number): void {
    if (this.#rolledAt !== undefined) return;
    this.#rolledAt = performance.now();
    this.#back.playbackRate = speed;
    void this.#back.play().catch(ignoreInterruption);
  }

  /** What the back was started for does not come: the person went elsewhere. */
  unroll(): void {
    if (!this.#turned) this.#endTurn();
    if (this.#rolledAt === undefined) return;
    this.#rolledAt = undefined;
    this.#cued = undefined;
    this.#back.pause();
  }

  /** The back comes to the front, playing; what was seen stops. @returns when it was started */
  swap(speed: number): number {
    this.roll(speed);
    const startedAt = this.#rolledAt ?? performance.now();
    const from = toSeconds(this.#cued ?? 0);
    this.exchange();
    this.#learning = { startedAt, from };
    return startedAt;
  }

  /** The back comes to the front as it is; what was seen stops. */
  exchange(): void {
    const old = this.#front;
    this.#front = this.#back;
    this.#back = old;
    this.#mark();
    this.#endTurn();
    old.pause();
    this.#cued = undefined;
    this.#rolledAt = undefined;
    this.#shown = [];
  }

  /** The moment of the jump is over, whether the page was there or not. */
  get #turned(): boolean {
    return this.#turn !== undefined && performance.now() >= this.#turn.at;
  }

  #endTurn(): void {
    this.#turn?.fading.cancel();
    this.#turn = undefined;
  }

  #mark(): void {
    this.#front.toggleAttribute('data-front', true);
    this.#front.removeAttribute('aria-hidden');
    this.#front.dataset['testid'] = 'picture';
    this.#front.toggleAttribute('data-cued', false);
    this.#back.toggleAttribute('data-front', false);
    this.#back.setAttribute('aria-hidden', 'true');
    this.#back.dataset['testid'] = 'next-picture';
  }

  /** The first new frame tells how long after `play()` the element moved. */
  #learnLatency(frame: VideoFrameCallbackMetadata): void {
    const { startedAt, from } = this.#learning ?? { startedAt: 0, from: Infinity };
    const moved = frame.mediaTime - from;
    if (moved < 0.005) return;
    this.#learning = undefined;
    const latency = frame.expectedDisplayTime - startedAt - (moved * 1000) / this.#front.playbackRate;
    if (latency < MOST_LATENCY) this.#latency = (this.latency + Math.max(0, latency)) / 2;
  }

  #watchFrames(video: HTMLVideoElement): void {
    const note = (_now: number, frame: VideoFrameCallbackMetadata): void => {
      // From a frame that a seek has overtaken nothing follows.
      if (video === this.#front && !video.seeking) {
        this.#shown = [{ time: frame.mediaTime, at: frame.expectedDisplayTime }, ...this.#shown].slice(0, FRAMES);
        this.#learnLatency(frame);
      }
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
}

/** Paused again before it began: the buttons show the state as it is. */
function ignoreInterruption(): void {
  return undefined;
}
