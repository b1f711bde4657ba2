import type { Section } from '../src/timeline/sections.js';
import { formatTimecode, type Microseconds } from '../src/timeline/timecode.js';

/** The part of the clip that the timeline shows: [start, end] over `width` pixels. */
export interface TimelineView {
  readonly start: Microseconds;
  readonly end: Microseconds;
  readonly width: number;
}

export interface RulerTick {
  readonly time: Microseconds;
  /** Empty for the small ticks between. */
  readonly label: string;
}

/** Pixels. */
const SLIVER = 6;

/** Zoomed in fully, this much of the clip is shown. */
const SHORTEST_SPAN = 500_000;

/** All of the clip. @param width in pixels */
export function fitView(duration: Microseconds, width: number): TimelineView {
  return { start: 0, end: Math.max(duration, 1), width };
}

/** Distance from the left edge in pixels; outside [0, width] for what is not in view. */
export function xOf(view: TimelineView, time: Microseconds): number {
  return ((time - view.start) / (view.end - view.start)) * view.width;
}

/** The opposite of {@link xOf}, in whole microseconds; an `x` out of view gives a time out of view. */
export function timeAt(view: TimelineView, x: number): Microseconds {
  return Math.round(view.start + (x / Math.max(1, view.width)) * (view.end - view.start));
}

/** Length in time of a distance in pixels. */
export function spanOf(view: TimelineView, pixels: number): Microseconds {
  return ((view.end - view.start) * pixels) / Math.max(1, view.width);
}

/**
 * Zooms around a time, which stays where it is on the screen as far as the ends of the clip allow.
 *
 * @param factor above 1 zooms in.
 */
export function zoomView(
  view: TimelineView,
  factor: number,
  around: Microseconds,
  duration: Microseconds,
): TimelineView {
  const shortest = Math.min(SHORTEST_SPAN, duration);
  const span = Math.min(Math.max((view.end - view.start) / factor, shortest), duration);
  const share = (around - view.start) / (view.end - view.start);
  return placeView(view, around - share * span, span, duration);
}

/** Moves the view by a time, up to the ends of the clip. */
export function panView(view: TimelineView, by: Microseconds, duration: Microseconds): TimelineView {
  return placeView(view, view.start + by, view.end - view.start, duration);
}

/** Moves the view just so far that a time is in it. */
export function revealTime(view: TimelineView, time: Microseconds, duration: Microseconds): TimelineView {
  if (time >= view.start && time <= view.end) return view;
  const span = view.end - view.start;
  return placeView(view, time - span * 0.1, span, duration);
}

function placeView(view: TimelineView, start: number, span: number, duration: Microseconds): TimelineView {
  const first = Math.round(Math.min(Math.max(0, start), Math.max(0, duration - span)));
  return { start: first, end: first + Math.max(1, Math.round(span)), width: view.width };
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** Ticks of the ruler in view, with labels at least `gap` pixels apart and the small ones between. */
export function rulerTicks(view: TimelineView, gap: number): RulerTick[] {
  const span = view.end - view.start;
  if (view.width <= 0 || span <= 1) return [];
  const wanted = spanOf(view, gap) / 1e6;
  const step = (STEPS.find((candidate) => candidate >= wanted) ?? STEPS.at(-1) ?? 1) * 1e6;
  const parts = step % 3_000_000 === 0 ? 3 : 5;
  const small = step / parts;
  const ticks: RulerTick[] = [];
  for (let index = Math.ceil(view.start / small); index * small <= view.end; index += 1) {
    const time = Math.round(index * small);
    const labelled = index % parts === 0;
    ticks.push({ time, label: labelled ? formatTimecode(time, { digits: step < 1e6 ? 1 : 0 }) : '' });
  }
  return ticks;
}

/** A stretch of a waveform: `values[i]`, 0 to 255, is the loudest of [(offset + i)·step, (offset + i + 1)·step). */
export interface PeakLayer {
  readonly step: Microseconds;
  readonly offset: number;
  readonly values: readonly number[];
}

/** The highest value of each pixel column: what a waveform draws. */
export function peaksPerColumn(view: TimelineView, { step, offset, values }: PeakLayer): number[] {
  const columns: number[] = [];
  const perColumn = (view.end - view.start) / Math.max(1, view.width) / step;
  const start = view.start / step - offset;
  for (let x = 0; x < view.width; x += 1) {
    const first = Math.floor(start + x * perColumn);
    const last = Math.min(values.length - 1, Math.max(first, Math.ceil(start + (x + 1) * perColumn) - 1));
    let peak = 0;
    for (let index = Math.max(0, first); index <= last; index += 1) peak = Math.max(peak, values[index] ?? 0);
    columns.push(peak);
  }
  return columns;
}

/** The sections that are in view, at least in part. */
export function inView(view: TimelineView, sections: readonly Section[]): Section[] {
  return sections.filter((section) => section.out > view.start && section.in < view.end);
}

/** Too narrow to be pressed: it is only drawn. */
export function isSliver(view: TimelineView, section: Section): boolean {
  return xOf(view, section.out) - xOf(view, section.in) < SLIVER;
}

/** The view of a section with `around` of the whole on each side, not closer than the eye can use. */
export function viewAround(view: TimelineView, section: Section, around: number, duration: Microseconds): TimelineView {
  const shortest = Math.min(SHORTEST_SPAN, duration);
  const span = Math.min(Math.max((section.out - section.in) / (1 - 2 * around), shortest), duration);
  return placeView(view, (section.in + section.out) / 2 - span / 2, span, duration);
}
