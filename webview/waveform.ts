import { peaksPerColumn, type TimelineView } from './timeline-geometry.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/** Peaks of the sound: `values[i]`, 0 to 1, is the loudest of [i·step, (i+1)·step). */
export interface Peaks {
  readonly step: Microseconds;
  readonly values: readonly number[];
}

/** Draws the waveform over the whole canvas, in the canvas's own text colour. Sharp at every screen scale. */
export function drawWaveform(canvas: HTMLCanvasElement, view: TimelineView, peaks: Peaks | undefined): void {
  const scale = window.devicePixelRatio;
  const height = canvas.clientHeight;
  canvas.width = Math.round(view.width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context || !peaks || peaks.values.length === 0) return;
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [x, peak] of peaksPerColumn(view, peaks.values, peaks.step).entries()) {
    const tall = Math.max(1, Math.min(1, peak) * (height - 2));
    context.fillRect(x, (height - tall) / 2, 1, tall);
  }
}
