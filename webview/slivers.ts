import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { inkOf } from './ink.js';
import { firstAtOrAfter } from './snapping.js';
import { inView, isSliver, xOf, type TimelineView } from './timeline-geometry.js';
import { prepareCanvas } from './waveform.js';

const LEAST = 0.6;
/** Pixels. */
const KEYFRAME_GAP = 14;
const KEYFRAME_HEIGHT = 6;

export interface SliverScene {
  readonly pauses: readonly Section[];
  readonly removed: readonly Section[];
  readonly marked: readonly Section[];
  /** In order. */
  readonly keyframes: readonly Microseconds[];
}

/** Draws the sections that are too narrow to be elements: hundreds of them cost no more than one. */
export function drawSlivers(canvas: HTMLCanvasElement, view: TimelineView, scene: SliverScene, height: number): void {
  const context = prepareCanvas(canvas, { width: view.width, height });
  if (!context) return;
  const draw = (sections: readonly Section[], property: string, opacity: number): void => {
    const narrow = inView(view, sections).filter((section) => isSliver(view, section));
    if (narrow.length === 0) return;
    context.beginPath();
    for (const section of narrow) {
      const x = xOf(view, section.in);
      // Thinner than a pixel is paler than one: hundreds side by side are not one block.
      context.rect(x, 0, Math.max(LEAST, xOf(view, section.out) - x), height);
    }
    context.globalAlpha = opacity;
    context.fillStyle = inkOf(canvas, property);
    context.fill();
    context.globalAlpha = 1;
  };
  draw(scene.pauses, '--sliver-pause', 0.35);
  draw(scene.removed, '--sliver-removed', 0.9);
  draw(scene.marked, '--sliver-marked', 0.8);
  drawKeyframes(context, view, scene.keyframes, inkOf(canvas, '--sliver-pause'));
}

/** Faint ticks at the upper edge, where they are far enough apart to be told from each other. */
function drawKeyframes(
  context: CanvasRenderingContext2D,
  view: TimelineView,
  keyframes: readonly Microseconds[],
  colour: string,
): void {
  const first = firstAtOrAfter(keyframes, view.start);
  const end = firstAtOrAfter(keyframes, view.end + 1);
  if ((end - first) * KEYFRAME_GAP > view.width) return;
  context.globalAlpha = 0.55;
  context.fillStyle = colour;
  for (const time of keyframes.slice(first, end)) context.fillRect(Math.round(xOf(view, time)), 0, 1, KEYFRAME_HEIGHT);
  context.globalAlpha = 1;
}
