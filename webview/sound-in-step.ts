import type { Microseconds } from '../src/timeline/timecode.js';
import type { Route } from './preview-skip.js';

/** Where the picture is while it plays forward, for a sound that is to keep in step with it. */
export interface PictureNow {
  /** Position in the clip now; before `from` while the picture is about to start there. */
  readonly time: Microseconds;
  /** Nothing before this is to be heard. */
  readonly from: Microseconds;
  readonly speed: number;
  readonly route: Route;
  /** False while `time` is an expectation. */
  readonly sure: boolean;
}

/** A sound beside the picture. Both are called again and again. */
export interface SoundInStep {
  /** @returns a factor for the picture's speed, near 1, that brings the two together. */
  follow(picture: PictureNow): number;
  /** The picture stands, and will play on from `time`. */
  rest(time: Microseconds, route: Route): void;
}
