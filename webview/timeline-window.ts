import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import * as geometry from './timeline-geometry.js';

/** What a step of the keys and buttons zooms by. */
const STEP = 1.6;
/** Pixels of a wheel turn that zoom as much as a step; a touchpad sends many turns of a few. */
const PIXELS_A_STEP = 48;
const LINE = 16;
/** Shares of the view left free around a section that is shown. */
const AROUND = 0.2;

/** The part of the clip that the timeline shows. */
export class TimelineWindow {
  readonly #changed: () => void;
  #width = 0;
  #duration: Microseconds | undefined;
  /** Undefined: the whole clip. */
  #part: geometry.TimelineView | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get view(): geometry.TimelineView {
    if (this.#part) return { ...this.#part, width: this.#width };
    return geometry.fitView(this.#duration ?? 1, this.#width);
  }

  /** In pixels. */
  get width(): number {
    return this.#width;
  }

  /** Only a part of the clip is shown. */
  get zoomed(): boolean {
    return this.#part !== undefined;
  }

  resize(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#changed();
  }

  measure(duration: Microseconds | undefined): void {
    if (duration === this.#duration) return;
    this.#duration = duration;
    // Another clip, or a length that is known better now.
    if (this.#part && (duration === undefined || this.#part.end > duration)) this.#part = undefined;
    this.#changed();
  }

  /** @param by a step, or a factor above 1 for closer */
  zoom(by: 'in' | 'out' | number, around: Microseconds): void {
    if (this.#duration === undefined) return;
    const factor = by === 'in' ? STEP : by === 'out' ? 1 / STEP : by;
    this.#show(geometry.zoomView(this.view, factor, around, this.#duration));
  }

  fit(): void {
    this.#show(undefined);
  }

  /** Shows a section, with something around it. */
  showSection(section: Section): void {
    if (this.#duration === undefined) return;
    this.#show(geometry.viewAround(this.view, section, AROUND, this.#duration));
  }

  /** @returns false when the window is at the end of the clip already */
  pan(by: Microseconds): boolean {
    if (!this.#part || this.#duration === undefined) return false;
    const { start } = this.#part;
    this.#show(geometry.panView(this.view, by, this.#duration));
    return this.#part.start !== start;
  }

  reveal(time: Microseconds): void {
    if (this.#part && this.#duration !== undefined) {
      this.#show(geometry.revealTime(this.view, time, this.#duration));
    }
  }

  #show(view: geometry.TimelineView | undefined): void {
    const whole = view === undefined || (view.start <= 0 && view.end >= (this.#duration ?? 0));
    const next = whole ? undefined : view;
    if (next?.start === this.#part?.start && next?.end === this.#part?.end) return;
    this.#part = next;
    this.#changed();
  }
}

type Turn = Pick<WheelEvent, 'deltaX' | 'deltaY' | 'deltaMode' | 'shiftKey'>;

/** How much a turn of the wheel with Ctrl, or two fingers drawn apart, zooms: in proportion, a whole click one step. */
export function wheelZoom(turn: Turn): number {
  const pixels = pixelsOf(turn.deltaY, turn.deltaMode);
  return STEP ** -Math.max(-1, Math.min(1, pixels / PIXELS_A_STEP));
}

/** Pixels that a turn of the wheel pans by: sideways as it goes, and a plain wheel sideways too. */
export function wheelPan({ deltaX, deltaY, deltaMode, shiftKey }: Turn): number {
  const across = shiftKey || Math.abs(deltaY) > Math.abs(deltaX) ? deltaY || deltaX : deltaX;
  return pixelsOf(across, deltaMode);
}

function pixelsOf(delta: number, mode: number): number {
  return mode === 0 ? delta : delta * LINE;
}
