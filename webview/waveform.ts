import { inkOf } from './ink.js';
import { peaksPerColumn, type PeakLayer, type TimelineView } from './timeline-geometry.js';
import type { ToPanel } from '../src/messages.js';

/** The sound as far as the host has sent it: all of it, and finer near what is looked at. */
export interface Peaks {
  readonly whole?: PeakLayer;
  readonly near?: PeakLayer;
}

/** What the host sent, instead of the layer of the same kind; the other one stays. */
export function withLayer(peaks: Peaks, news: Extract<ToPanel, { type: 'peaks' }>): Peaks {
  const { step, offset, values } = news;
  return { ...peaks, [news.layer]: { step, offset, values } };
}

/** The finer one where it covers the view, or all of it that is known. */
export function layerFor(view: TimelineView, { whole, near }: Peaks): PeakLayer | undefined {
  if (!whole || !near || near.step >= whole.step) return whole ?? near;
  const known = (whole.offset + whole.values.length) * whole.step;
  const starts = near.offset * near.step <= view.start + near.step;
  const ends = (near.offset + near.values.length) * near.step >= Math.min(view.end, known) - whole.step;
  return starts && ends ? near : whole;
}

/** In pixels of the page. Told, not asked of the canvas: that would lay out the page in the middle of a change. */
export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** Makes a canvas as sharp as the screen. @returns its context in CSS pixels, empty */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  { width, height }: CanvasSize,
): CanvasRenderingContext2D | null {
  const scale = window.devicePixelRatio;
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  // Setting the size makes the canvas anew, which takes longer than emptying it.
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  const context = canvas.getContext('2d');
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/** Draws the waveform over the whole canvas, in the canvas's own text colour. */
export function drawWaveform(canvas: HTMLCanvasElement, view: TimelineView, peaks: Peaks, height: number): void {
  const context = prepareCanvas(canvas, { width: view.width, height });
  const layer = layerFor(view, peaks);
  if (!context || !layer || layer.values.length === 0) return;
  const known = (layer.offset + layer.values.length) * layer.step;
  context.fillStyle = inkOf(canvas, 'color');
  context.beginPath();
  for (const [x, peak] of peaksPerColumn(view, layer).entries()) {
    // What is not known yet is left empty; silence is a line.
    if (view.start + (x / view.width) * (view.end - view.start) >= known) break;
    const tall = Math.max(1, (peak / 255) * (height - 2));
    context.rect(x, (height - tall) / 2, 1, tall);
  }
  context.fill();
}
