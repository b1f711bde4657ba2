import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Playback } from './playback.js';
import type { TimelineWindow } from './timeline-window.js';

/** A timeline as those see it who change what is marked on it. */
export interface MarkedTimeline extends EventTarget {
  readonly playback: Playback;
  readonly window: TimelineWindow;
  readonly frameRate: number | undefined;
  readonly rows: readonly TypedSection[];
  /** Aligned with the rows; undefined where a row is no section yet. */
  readonly sections: readonly (Section | undefined)[];
  readonly chosen: number | undefined;
  readonly removed: readonly Section[];
}
