import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Section } from '../src/timeline/sections.js';
import { formatTimecode, type Microseconds } from '../src/timeline/timecode.js';
import { inkOf } from './ink.js';
import { partStyles } from './panel-styles.js';
import { placed } from './placed.js';
import { fitView, spanOf, xOf, type TimelineView } from './timeline-geometry.js';
import type { TimelineWindow } from './timeline-window.js';
import { prepareCanvas } from './waveform.js';

/** Pixels: as the styles have it, and a thumb that can still be taken hold of. */
const HEIGHT = 12;
const LEAST = 14;

/** The whole clip as a slim strip below a zoomed timeline: what is seen of it is a thumb that can be dragged. */
@customElement('trimmer-overview')
export class TrimmerOverview extends LitElement {
  static override styles = [
    partStyles,
    css`
      :host {
        direction: ltr;
        padding-block: 3px 1px;
      }
      .track {
        position: relative;
        block-size: 12px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 3px;
        overflow: clip;
        background: color-mix(in srgb, var(--vscode-foreground) 7%, transparent);
        touch-action: none;
      }
      canvas {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        --overview-removed: color-mix(in srgb, var(--vscode-foreground) 45%, transparent);
        --overview-marked: var(--vscode-focusBorder);
      }
      .thumb {
        position: absolute;
        inset-block: 0;
        left: 0;
        border: 1px solid var(--vscode-foreground);
        border-radius: 3px;
        background: var(--vscode-scrollbarSlider-background, transparent);
        cursor: grab;
      }
      .thumb:hover {
        background: var(--vscode-scrollbarSlider-hoverBackground, transparent);
      }
      .thumb:active {
        cursor: grabbing;
        background: var(--vscode-scrollbarSlider-activeBackground, transparent);
      }
      .thumb:focus-visible {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
    `,
  ];

  @property({ attribute: false }) window!: TimelineWindow;
  /** What the window shows now. */
  @property({ attribute: false }) view!: TimelineView;
  @property({ attribute: false }) duration: Microseconds = 0;
  /** Marked; undefined where a row is no section yet. */
  @property({ attribute: false }) sections: readonly (Section | undefined)[] = [];
  @property({ attribute: false }) removed: readonly Section[] = [];
  @query('canvas') private readonly canvas!: HTMLCanvasElement;
  /** While it is dragged: from the start of the thumb to the pointer. */
  #grabbed: Microseconds | undefined;

  protected override render(): TemplateResult {
    const whole = this.#whole;
    const { start, end } = this.view;
    const x = xOf(whole, start);
    const width = Math.max(LEAST, xOf(whole, end) - x);
    const free = Math.max(1, this.duration - (end - start));
    return html`<div
      class="track"
      @pointerdown=${this.#down}
      @pointermove=${this.#move}
      @pointerup=${this.#up}
      @pointercancel=${this.#up}
    >
      <canvas aria-hidden="true"></canvas>
      <div
        class="thumb"
        role="scrollbar"
        tabindex="0"
        aria-label=${l10n.t('Part of the clip that is shown')}
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round((100 * start) / free)}
        aria-valuetext=${l10n.t('{0} to {1}', formatTimecode(start, { digits: 0 }), formatTimecode(end, { digits: 0 }))}
        ${placed({ transform: `translateX(${Math.min(x, whole.width - width)}px)`, 'inline-size': `${width}px` })}
        @keydown=${this.#keys}
      ></div>
    </div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const resized = changed.has('view') && changed.get('view')?.width !== this.view.width;
    if (!resized && !changed.has('sections') && !changed.has('removed') && !changed.has('duration')) return;
    const context = prepareCanvas(this.canvas, { width: this.view.width, height: HEIGHT });
    if (!context) return;
    const drawn = { removed: this.removed, marked: this.sections };
    for (const [name, sections] of Object.entries(drawn)) {
      context.fillStyle = inkOf(this.canvas, `--overview-${name}`);
      for (const section of sections) {
        if (!section) continue;
        const x = xOf(this.#whole, section.in);
        context.fillRect(x, 3, Math.max(1, xOf(this.#whole, section.out) - x), HEIGHT - 6);
      }
    }
  }

  get #whole(): TimelineView {
    return fitView(this.duration, this.view.width);
  }

  readonly #down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    const place = event.currentTarget as HTMLElement;
    place.setPointerCapture(event.pointerId);
    const { start, end } = this.view;
    const at = this.#timeAt(event);
    const onThumb = (event.target as HTMLElement).classList.contains('thumb');
    this.#grabbed = onThumb ? at - start : (end - start) / 2;
    // Beside the thumb: it comes to the pointer.
    if (!onThumb) this.#move(event);
  };

  readonly #move = (event: PointerEvent): void => {
    if (this.#grabbed !== undefined) this.window.pan(this.#timeAt(event) - this.#grabbed - this.window.view.start);
  };

  readonly #up = (): void => {
    this.#grabbed = undefined;
  };

  #timeAt(event: PointerEvent): Microseconds {
    return spanOf(this.#whole, event.clientX - this.getBoundingClientRect().left);
  }

  readonly #keys = (event: KeyboardEvent): void => {
    const span = this.view.end - this.view.start;
    const ways: Record<string, number> = {
      ArrowLeft: -span / 10,
      ArrowRight: span / 10,
      PageUp: -span,
      PageDown: span,
      Home: -this.duration,
      End: this.duration,
    };
    const by = ways[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.window.pan(by);
  };
}
