import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { forgetInks } from './ink.js';
import { drawSlivers } from './slivers.js';
import type { TimelineView } from './timeline-geometry.js';
import { drawWaveform, type Peaks } from './waveform.js';

/** What is drawn on the lane and is no element. Heights are pixels. */
export interface CanvasScene {
  readonly view: TimelineView;
  readonly peaks: Peaks;
  readonly soundHeight: number;
  /** Of the pictures and the sound. */
  readonly height: number;
  readonly pauses: readonly Section[];
  readonly removed: readonly Section[];
  readonly marked: readonly Section[];
  /** In order. */
  readonly keyframes: readonly Microseconds[];
}

/** The sound, and the sections that are too narrow to be elements. */
export class TimelineCanvases {
  readonly #root: () => ParentNode;
  readonly #scene: () => CanvasScene;
  /** VS Code changes the classes of the body with the theme: the canvases take their colours anew. */
  readonly #themed = new MutationObserver(() => {
    forgetInks(this.#root().querySelectorAll('canvas'));
    this.drawSound();
    this.drawSlivers();
  });

  constructor(root: () => ParentNode, scene: () => CanvasScene) {
    this.#root = root;
    this.#scene = scene;
  }

  watchTheme(): void {
    this.#themed.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  }

  stop(): void {
    this.#themed.disconnect();
  }

  drawSound(): void {
    const canvas = this.#root().querySelector<HTMLCanvasElement>('.sound');
    const { view, peaks, soundHeight } = this.#scene();
    if (canvas) drawWaveform(canvas, view, peaks, soundHeight);
  }

  drawSlivers(): void {
    const canvas = this.#root().querySelector<HTMLCanvasElement>('.slivers');
    const scene = this.#scene();
    if (canvas) drawSlivers(canvas, scene.view, scene, scene.height);
  }
}
