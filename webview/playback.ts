import { mergeSections, type Section } from '../src/timeline/sections.js';
import { fromSeconds, toSeconds, type Microseconds } from '../src/timeline/timecode.js';
import { frameStart, playFrom, previewStep, stepFrames } from './preview-skip.js';

export type PreviewMode = 'result' | 'original';

/**
 * The playhead, and the video element when the clip can be shown. All parts of the panel share one.
 *
 * Events: `time` when the playhead moved, `status` when anything else here changed.
 */
export class Playback extends EventTarget {
  #video: HTMLVideoElement | undefined;
  #frame: number | undefined;
  #time: Microseconds = 0;
  #duration: Microseconds | undefined;
  #frameRate: number | undefined;
  #skipped: readonly Section[] = [];
  #mode: PreviewMode = 'result';

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
    return this.#video !== undefined && !this.#video.paused;
  }

  /** Playing needs a picture; moving the playhead does not. */
  get canPlay(): boolean {
    return this.#video !== undefined;
  }

  describeClip(duration: Microseconds | undefined, frameRate: number | undefined): void {
    if (duration === this.#duration && frameRate === this.#frameRate) return;
    this.#duration = duration;
    this.#frameRate = frameRate;
    this.#status();
  }

  skip(sections: readonly Section[]): void {
    this.#skipped = mergeSections(sections);
    this.#status();
  }

  preview(mode: PreviewMode): void {
    this.#mode = mode;
    this.#status();
  }

  attachVideo(video: HTMLVideoElement | undefined): void {
    if (video === this.#video) return;
    this.#stopFollowing();
    this.#video = video;
    if (video) this.#showTime(video);
    this.#status();
  }

  /** To be called on the video element's own `play`, `pause`, `ended` and `ratechange`. */
  videoChanged(): void {
    if (this.playing) this.#follow();
    else this.#settle();
    this.#status();
  }

  /** The probe may not know the length before the video element does. */
  videoLoaded(video: HTMLVideoElement): void {
    if (this.#duration === undefined && Number.isFinite(video.duration)) {
      this.#duration = fromSeconds(video.duration);
    }
    this.#showTime(video);
    this.#status();
  }

  seek(time: Microseconds): void {
    const end = this.#duration ?? time;
    this.#moveTo(Math.round(Math.min(Math.max(0, time), end)));
    if (this.#video) this.#showTime(this.#video);
  }

  /** Moves to the start of the frame `count` frames away. */
  step(count: number): void {
    this.#video?.pause();
    this.seek(stepFrames(this.#time, count, this.#frameRate));
  }

  async toggle(): Promise<void> {
    const video = this.#video;
    if (!video) return;
    if (!video.paused) {
      video.pause();
      return;
    }
    const end = this.#duration ?? Number.POSITIVE_INFINITY;
    this.seek(playFrom(this.#time, this.#mode === 'result' ? this.#skipped : [], end));
    await video.play().catch(() => {
      // Paused again before it began: the buttons show the state as it is.
    });
  }

  #follow(): void {
    if (this.#frame !== undefined) return;
    const tick = (): void => {
      this.#frame = requestAnimationFrame(tick);
      this.#advance();
    };
    this.#frame = requestAnimationFrame(tick);
  }

  #advance(): void {
    const video = this.#video;
    if (!video || video.seeking) return;
    const time = fromSeconds(video.currentTime);
    const end = this.#duration ?? fromSeconds(video.duration);
    const lookAhead = fromSeconds(0.012 * video.playbackRate);
    const step = previewStep(time, this.#mode === 'result' ? this.#skipped : [], end, lookAhead);
    if (step.kind === 'play') this.#moveTo(Math.min(time, end));
    else if (step.kind === 'jump') this.seek(step.to);
    else {
      video.pause();
      this.seek(step.at);
    }
  }

  /** A paused picture is a frame: points set now mean that frame. */
  #settle(): void {
    const video = this.#video;
    const followed = this.#frame !== undefined;
    this.#stopFollowing();
    if (!followed || !video) return;
    if (video.ended) this.#moveTo(this.#duration ?? fromSeconds(video.duration));
    else if (!video.seeking) this.#moveTo(frameStart(fromSeconds(video.currentTime), this.#frameRate));
  }

  #stopFollowing(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  #showTime(video: HTMLVideoElement): void {
    // A little into the frame: exactly at its start, rounding may show the one before.
    video.currentTime = toSeconds(this.#time) + 0.001;
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
