import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { mergeSections, type Section, type TypedSection } from '../src/timeline/sections.js';
import { formatTimecode, fromSeconds, type Microseconds } from '../src/timeline/timecode.js';
import { iconStyles } from './icons.js';
import { RowsEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { placed, type StyleProperties } from './placed.js';
import type { Playback } from './playback.js';
import { frameStart, stepFrames } from './preview-skip.js';
import { addSection } from './sections-form.js';
import { dragTo, type DragScene, type DragStart } from './timeline-drag.js';
import * as geometry from './timeline-geometry.js';
import { timelineStyles } from './timeline-styles.js';
import { renderTimelineTools } from './timeline-tools.js';
import { drawWaveform, type Peaks } from './waveform.js';

export interface Thumbnail {
  readonly time: Microseconds;
  readonly dataUri: string;
}

interface Drag {
  readonly start: DragStart;
  readonly scene: DragScene;
  readonly x: number;
  moved: boolean;
}

const DRAG_BEGINS = 3;
const SNAP = 6;

/**
 * The clip over time: ruler, thumbnails, waveform; removed and marked sections, pauses to accept, the playhead.
 * Dragging paints a section; its edges and its body can be dragged; every step has a key (see `stage-keys.ts`).
 */
@customElement('trimmer-timeline')
export class TrimmerTimeline extends LitElement {
  static override styles = [partStyles, quietButtonStyles, iconStyles, timelineStyles];

  @property({ attribute: false }) playback!: Playback;
  @property({ attribute: false }) frameRate: number | undefined;
  @property({ attribute: false }) rows: readonly TypedSection[] = [];
  /** Aligned with the rows; undefined where a row is no section yet. */
  @property({ attribute: false }) sections: readonly (Section | undefined)[] = [];
  @property({ attribute: false }) chosen: number | undefined;
  @property({ attribute: false }) removed: readonly Section[] = [];
  @property({ attribute: false }) pauses: readonly Section[] = [];
  @property({ attribute: false }) peaks: Peaks | undefined;
  @property({ attribute: false }) thumbnails: readonly Thumbnail[] = [];
  @property({ type: Boolean, reflect: true }) compact = false;

  @state() private width = 0;
  /** Undefined: the whole clip. */
  @state() private zoomed: geometry.TimelineView | undefined;
  @query('.area') private readonly area!: HTMLElement;
  @query('.playhead') private readonly playhead!: HTMLElement;
  @query('.flag') private readonly flag!: HTMLElement;
  @query('canvas') private readonly canvas!: HTMLCanvasElement;

  #drag: Drag | undefined;
  readonly #resized = new ResizeObserver(([entry]) => (this.width = Math.floor(entry?.contentRect.width ?? 0)));
  /** VS Code changes the classes of the body with the theme: the canvas takes its colour anew. */
  readonly #themed = new MutationObserver(() => this.#drawSound());

  override connectedCallback(): void {
    super.connectedCallback();
    this.playback.addEventListener('time', this.#placePlayhead);
    this.playback.addEventListener('status', this.#refresh);
    this.#themed.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playback.removeEventListener('time', this.#placePlayhead);
    this.playback.removeEventListener('status', this.#refresh);
    this.#themed.disconnect();
    this.#resized.disconnect();
  }

  zoom(by: 'in' | 'out' | 'fit', around: Microseconds = this.playback.time): void {
    const { duration } = this.playback;
    if (duration === undefined) return;
    const view = geometry.zoomView(this.#view, by === 'in' ? 1.6 : 1 / 1.6, around, duration);
    const whole = by === 'fit' || view.end - view.start >= duration;
    this.zoomed = whole ? undefined : view;
  }

  protected override firstUpdated(): void {
    this.#resized.observe(this.area);
    // Ctrl+wheel zooms: a passive listener could not keep the page from zooming too.
    this.area.addEventListener('wheel', this.#wheel, { passive: false });
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('peaks') || changed.has('width') || changed.has('zoomed') || changed.has('compact')) {
      this.#drawSound();
    }
    this.#placePlayhead();
  }

  protected override render(): TemplateResult {
    const { duration, time } = this.playback;
    const end = duration ?? 0;
    return html`
      <div class="area" role="application" aria-label="Timeline" aria-describedby="keys" @keydown=${this.#edgeKeys}>
        <div
          class="ruler number"
          aria-hidden="true"
          @mousedown=${keepFocus}
          @pointerdown=${this.#down}
          @pointermove=${this.#move}
          @pointerup=${this.#up}
          @pointercancel=${this.#cancel}
        >
          ${duration === undefined ? nothing : this.#renderTicks()}
        </div>
        <div
          class="lane"
          @mousedown=${keepFocus}
          @pointerdown=${this.#down}
          @pointermove=${this.#move}
          @pointerup=${this.#up}
          @pointercancel=${this.#cancel}
        >
          ${this.#renderPictures()}
          <canvas></canvas>
          ${this.#inView(this.#openPauses()).map((pause) => this.#renderPause(pause))}
          ${this.#inView(this.removed).map((section) => this.#renderRemoved(section))}
          ${this.sections.map((section, row) => (section ? this.#renderMarked(section, row) : nothing))}
        </div>
        <div
          class="playhead number"
          role="slider"
          tabindex="0"
          aria-label="Playhead"
          aria-valuemin="0"
          aria-valuemax=${end / 1e6}
          aria-valuenow=${time / 1e6}
          aria-keyshortcuts="I O X Space"
        >
          <span class="flag" aria-hidden="true"></span>
        </div>
      </div>
      <p id="keys" class="spoken">
        Arrow keys move the playhead, comma and full stop by one frame. I and O set in and out. X removes what is
        marked.
      </p>
      ${renderTimelineTools({
        compact: this.compact,
        pauses: this.#openPauses().length,
        zoomed: this.zoomed !== undefined,
        ready: duration !== undefined,
        markPauses: () => this.#accept(this.#openPauses()),
        zoom: (by) => this.zoom(by),
      })}
    `;
  }

  #renderTicks(): TemplateResult[] {
    const view = this.#view;
    return geometry.rulerTicks(view, 64).map(({ time, label }) => {
      const at = placed({ transform: `translateX(${geometry.xOf(view, time)}px)` });
      return html`<span class="tick ${label === '' ? '' : 'labelled'}" ${at}>${label}</span>`;
    });
  }

  #renderPictures(): TemplateResult[] {
    const end = this.playback.duration ?? 0;
    return this.thumbnails.map(({ time, dataUri }, index) => {
      const box = this.#box({ in: time, out: this.thumbnails[index + 1]?.time ?? end });
      return html`<div class="picture" ${placed({ ...box, 'background-image': `url("${dataUri}")` })}></div>`;
    });
  }

  #renderRemoved(section: Section): TemplateResult {
    return html`<div
      class="section removed"
      role="img"
      aria-label="Removed ${spokenRange(section)}"
      ${placed(this.#box(section))}
    ></div>`;
  }

  #renderPause(pause: Section): TemplateResult {
    const wide = this.#pixels(pause) > 48;
    return html`<button
      class="section pause"
      ${placed(this.#box(pause))}
      title="Pause ${spokenRange(pause)}. Click to mark it."
      aria-label="Mark the pause ${spokenRange(pause)}"
      @click=${() => this.#accept([pause])}
    >
      ${wide ? html`<span class="word">pause</span>` : nothing}
    </button>`;
  }

  #renderMarked(section: Section, row: number): TemplateResult {
    const chosen = row === this.chosen;
    const wide = this.#pixels(section) > 72;
    const edge = (field: 'in' | 'out'): TemplateResult =>
      html`<div
        class="edge ${field}"
        role="slider"
        tabindex="0"
        data-row=${row}
        data-edge=${field}
        aria-label="${field === 'in' ? 'In' : 'Out'} point of section ${row + 1}"
        aria-valuemin="0"
        aria-valuemax=${(this.playback.duration ?? 0) / 1e6}
        aria-valuenow=${section[field] / 1e6}
        aria-valuetext=${formatTimecode(section[field])}
      ></div>`;
    return html`<div
      class=${classMap({ section: true, marked: true, chosen })}
      role="group"
      aria-label="Marked section ${row + 1}, ${spokenRange(section)}"
      title="Marked for removal: ${spokenRange(section)}"
      data-row=${row}
      ${placed(this.#box(section))}
    >
      ${wide ? html`<span class="length number">−${formatTimecode(section.out - section.in)}</span>` : nothing}
      ${edge('in')}${edge('out')}
    </div>`;
  }

  get #view(): geometry.TimelineView {
    if (this.zoomed) return { ...this.zoomed, width: this.width };
    return geometry.fitView(this.playback.duration ?? 1, this.width);
  }

  #pixels(section: Section): number {
    return geometry.xOf(this.#view, section.out) - geometry.xOf(this.#view, section.in);
  }

  #box(section: Section): StyleProperties {
    const x = geometry.xOf(this.#view, section.in);
    return { transform: `translateX(${x}px)`, 'inline-size': `${Math.max(2, this.#pixels(section))}px` };
  }

  #inView(sections: readonly Section[]): Section[] {
    const { start, end } = this.#view;
    return sections.filter((section) => section.out > start && section.in < end);
  }

  /** Pauses that no mark and no removal touches yet. */
  #openPauses(): Section[] {
    const taken = [...this.sections.filter((section) => section !== undefined), ...this.removed];
    return this.pauses.filter((pause) => !taken.some((other) => pause.in < other.out && pause.out > other.in));
  }

  #accept(pauses: readonly Section[]): void {
    let rows = this.rows;
    let index: number | undefined;
    for (const pause of mergeSections(pauses)) ({ rows, index } = addSection(rows, pause));
    this.dispatchEvent(new RowsEvent(rows, index));
  }

  #timeOf(event: PointerEvent | WheelEvent): Microseconds {
    const x = event.clientX - this.area.getBoundingClientRect().left;
    const time = geometry.timeAt(this.#view, x);
    return Math.min(Math.max(0, time), this.playback.duration ?? 0);
  }

  #snapped(time: Microseconds): Microseconds {
    const edges = [...this.pauses, ...this.removed].flatMap((section) => [section.in, section.out]);
    const snapped = geometry.snapTime(time, edges, geometry.spanOf(this.#view, SNAP));
    return snapped === time ? frameStart(time, this.frameRate) : snapped;
  }

  readonly #down = (event: PointerEvent): void => {
    const { duration } = this.playback;
    const target = event.target as HTMLElement;
    if (event.button !== 0 || duration === undefined || target.closest('.pause')) return;
    const place = event.currentTarget as HTMLElement;
    const row = Number(target.closest<HTMLElement>('[data-row]')?.dataset['row']);
    const edge = target.dataset['edge'];
    const time = this.#timeOf(event);
    let start: DragStart = { kind: 'paint', anchor: this.#snapped(time) };
    if (place.className.startsWith('ruler')) start = { kind: 'scrub' };
    else if (edge === 'in' || edge === 'out') start = { kind: 'edge', row, edge };
    else if (!Number.isNaN(row)) start = { kind: 'move', row, grabbed: time };
    const { rows, sections, removed } = this;
    this.#drag = { start, scene: { rows, sections, removed, duration }, x: event.clientX, moved: false };
    place.setPointerCapture(event.pointerId);
    if (start.kind === 'scrub') this.playback.seek(this.#snapped(time));
    (start.kind === 'edge' ? target : this.playhead).focus({ preventScroll: true });
    if (start.kind === 'edge' || start.kind === 'move') this.dispatchEvent(new RowsEvent(rows, row, false));
  };

  readonly #move = (event: PointerEvent): void => {
    const drag = this.#drag;
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < DRAG_BEGINS)) return;
    drag.moved = true;
    const time = this.#timeOf(event);
    const result = dragTo(drag.start, drag.start.kind === 'move' ? time : this.#snapped(time), drag.scene);
    this.playback.seek(result.show);
    if (drag.start.kind !== 'scrub') this.dispatchEvent(new RowsEvent(result.rows, result.row ?? this.chosen, false));
  };

  readonly #up = (event: PointerEvent): void => {
    const drag = this.#drag;
    this.#drag = undefined;
    if (!drag) return;
    if (!drag.moved) {
      if (drag.start.kind !== 'edge') this.playback.seek(frameStart(this.#timeOf(event), this.frameRate));
      // A click beside the marks lets go of the chosen one: the next in point begins a new section.
      if (drag.start.kind === 'paint') this.dispatchEvent(new RowsEvent(this.rows, undefined, false));
    } else if (drag.start.kind !== 'scrub') this.dispatchEvent(new RowsEvent(this.rows, this.chosen));
  };

  readonly #cancel = (): void => {
    const drag = this.#drag;
    this.#drag = undefined;
    if (drag && drag.start.kind !== 'scrub') this.dispatchEvent(new RowsEvent(drag.scene.rows, this.chosen));
  };

  /** Keys on an edge move that edge; all others are the stage's. */
  readonly #edgeKeys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#drag) {
      this.#cancel();
      event.stopPropagation();
      return;
    }
    const { edge, row } = (event.target as HTMLElement).dataset;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const { duration } = this.playback;
    if ((edge !== 'in' && edge !== 'out') || direction === undefined || duration === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = Number(row);
    const from = this.sections[index]?.[edge];
    if (from === undefined) return;
    const to = event.shiftKey ? from + direction * fromSeconds(1) : stepFrames(from + 500, direction, this.frameRate);
    const { rows, sections, removed } = this;
    const result = dragTo({ kind: 'edge', row: index, edge }, to, { rows, sections, removed, duration });
    this.playback.seek(result.show);
    this.dispatchEvent(new RowsEvent(result.rows, index));
  };

  readonly #wheel = (event: WheelEvent): void => {
    const { duration } = this.playback;
    if (duration === undefined) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 'in' : 'out', this.#timeOf(event));
      return;
    }
    const across = event.shiftKey ? event.deltaY : event.deltaX;
    if (!this.zoomed || across === 0) return;
    event.preventDefault();
    this.zoomed = geometry.panView(this.#view, geometry.spanOf(this.#view, across), duration);
  };

  readonly #placePlayhead = (): void => {
    const { time, duration, playing } = this.playback;
    const playhead: HTMLElement | null = this.playhead;
    if (!playhead || duration === undefined) return;
    if (this.zoomed && !this.#drag && (playing || playhead.matches(':focus'))) {
      const view = geometry.revealTime(this.#view, time, duration);
      if (view.start !== this.#view.start) this.zoomed = view;
    }
    const x = geometry.xOf(this.#view, time);
    playhead.hidden = x < -1 || x > this.width + 1;
    playhead.style.transform = `translateX(${x}px)`;
    // The flag stays inside at both ends.
    this.flag.style.setProperty('--flag-shift', `${-Math.max(0, Math.min(100, (x / Math.max(1, this.width)) * 100))}%`);
    const text = formatTimecode(time, { digits: 2 });
    this.flag.textContent = text;
    if (playing) return;
    playhead.setAttribute('aria-valuenow', String(time / 1e6));
    playhead.setAttribute('aria-valuetext', this.#spokenPosition(time, text));
  };

  #spokenPosition(time: Microseconds, text: string): string {
    const within = (section: Section | undefined): boolean =>
      section !== undefined && time >= section.in && time < section.out;
    const row = this.sections.findIndex(within);
    if (row >= 0) return `${text}, in marked section ${row + 1}`;
    return this.removed.some(within) ? `${text}, in a removed section` : text;
  }

  readonly #refresh = (): void => this.requestUpdate();

  #drawSound(): void {
    const canvas: HTMLCanvasElement | null = this.canvas;
    if (canvas) drawWaveform(canvas, this.#view, this.peaks);
  }
}

/** The press has put the keyboard where it belongs; the browser would take it away again. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

function spokenRange(section: Section): string {
  return `${formatTimecode(section.in)}–${formatTimecode(section.out)}`;
}
