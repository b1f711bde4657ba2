import type { Section } from '../src/timeline/sections.js';
import { inView, isSliver, xOf, type TimelineView } from './timeline-geometry.js';
import { prepareCanvas } from './waveform.js';

const LEAST = 0.6;

export interface SliverScene {
  readonly pauses: readonly Section[];
  readonly removed: readonly Section[];
  readonly marked: readonly Section[];
}

/** Draws the sections that are too narrow to be elements: hundreds of them cost no more than one. */
export function drawSlivers(canvas: HTMLCanvasElement, view: TimelineView, scene: SliverScene): void {
  const context = prepareCanvas(canvas, view.width);
  if (!context) return;
  const style = getComputedStyle(canvas);
  const height = canvas.clientHeight;
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
    context.fillStyle = style.getPropertyValue(property);
    context.fill();
    context.globalAlpha = 1;
  };
  draw(scene.pauses, '--sliver-pause', 0.35);
  draw(scene.removed, '--sliver-removed', 0.9);
  draw(scene.marked, '--sliver-marked', 0.8);
}
