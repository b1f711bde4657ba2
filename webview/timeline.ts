import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelPicture } from '../src/messages.js';
import type { Section, TypedSection } from '../src/timeline/sections.js';
import { formatTimecode, fromSeconds, type Microseconds } from '../src/timeline/timecode.js';
import { acceptable } from './ghosts.js';
import { iconStyles } from './icons.js';
import { LookTeller } from './look-teller.js';
import { LookEvent, RowsEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { PauseGhosts, type GhostTimeline } from './pause-ghosts.js';
import { placed } from './placed.js';
import type { Playback } from './playback.js';
import { frameStart, stepFrames } from './preview-skip.js';
import { drawSlivers } from './slivers.js';
import { tilesInView, tileWidth } from './tiles.js';
import { dragTo, type DragScene, type DragStart } from './timeline-drag.js';
import * as geometry from './timeline-geometry.js';
import { boxOf, renderMarked, renderRemoved } from './timeline-sections.js';
import { timelineStyles } from './timeline-styles.js';
import { renderTimelineTools } from './timeline-tools.js';
import { drawWaveform, type Peaks } from './waveform.js';

interface Drag {
  readonly start: DragStart;
  readonly scene: DragScene;
  readonly x: number;
  moved: boolean;
}

const DRAG_BEGINS = 3;
const SNAP = 6;
/** Pixels, as the styles have them. */
const PICTURE_HEIGHT = { full: 44, compact: 28 };

/**
 * The clip over time: ruler, thumbnails, waveform; removed and marked sections, pauses to accept, the playhead.
 * Dragging paints a section; its edges and its body can be dragged; every step has a key (see `stage-keys.ts`).
 */
@customElement('trimmer-timeline')
export class TrimmerTimeline extends LitElement implements GhostTimeline {
  static override styles = [partStyles, quietButtonStyles, iconStyles, timelineStyles];

  @property({ attribute: false }) playback!: Playback;
  @property({ attribute: false }) frameRate: number | undefined;
  @property({ attribute: false }) rows: readonly TypedSection[] = [];
  /** Aligned with the rows; undefined where a row is no section yet. */
  @property({ attribute: false }) sections: readonly (Section | undefined)[] = [];
  @property({ attribute: false }) chosen: number | undefined;
  @property({ attribute: false }) removed: readonly Section[] = [];
  @property({ attribute: false }) pauses: readonly Section[] = [];
  /** When the picture's keyframes are shown, in order. */
  @property({ attribute: false }) keyframes: readonly Microseconds[] = [];
  @property({ attribute: false }) peaks: Peaks = {};
  @property({ attribute: false }) pictures: readonly PanelPicture[] = [];
  @property({ type: Boolean, reflect: true }) compact = false;

  @state() private width = 0;
  /** Undefined: the whole clip. */
  @state() private zoomed: geometry.TimelineView | undefined;
  @query('.area') private readonly area!: HTMLElement;
  @query('.playhead') private readonly playhead!: HTMLElement;
  @query('.flag') private readonly flag!: HTMLElement;
  @query('.sound') private readonly canvas!: HTMLCanvasElement;
  @query('.slivers') private readonly slivers!: HTMLCanvasElement;

  readonly #ghosts = new PauseGhosts(this);
  readonly #looks = new LookTeller((look) => this.dispatchEvent(new LookEvent(look)));
  /** The duration that the canvases were drawn for. */
  #drawn: Microseconds | undefined;
  #drag: Drag | undefined;
  readonly #resized = new ResizeObserver(([entry]) => (this.width = Math.floor(entry?.contentRect.width ?? 0)));
  /** VS Code changes the classes of the body with the theme: the canvas takes its colour anew. */
  readonly #themed = new MutationObserver(() => {
    this.#drawSound();
    this.#drawSlivers();
  });

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
    this.#looks.stop();
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

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('pauses') || changed.has('sections') || changed.has('removed')) {
      this.#ghosts.update(this.pauses, [...this.#marked, ...this.removed]);
    }
  }

  protected override updated(changed: PropertyValues): void {
    const { duration } = this.playback;
    const moved = changed.has('width') || changed.has('zoomed') || changed.has('compact') || duration !== this.#drawn;
    this.#drawn = duration;
    if (moved || changed.has('peaks')) this.#drawSound();
    if (moved || changed.has('pauses') || changed.has('sections') || changed.has('removed')) this.#drawSlivers();
    if (moved || changed.has('pictures')) this.#tellLook();
    this.#placePlayhead();
  }

  protected override render(): TemplateResult {
    const { duration, time } = this.playback;
    const end = duration ?? 0;
    const view = this.#view;
    const ghosts = this.#ghosts;
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
          ${this.#renderPictures(view)}
          <canvas class="sound" aria-hidden="true"></canvas>
          <canvas class="slivers" aria-hidden="true"></canvas>
          ${this.#ghosts.render(view)} ${this.#wide(view, this.removed).map((section) => renderRemoved(view, section))}
          ${this.#renderMarks(view)}
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
        marked. Tab goes to the pauses that were found, arrow keys from one to the next, and Enter marks one.
      </p>
      <p class="spoken" role="status">${ghosts.said}</p>
      ${renderTimelineTools({
        compact: this.compact,
        pauses: ghosts.open,
        acceptable: acceptable(ghosts.open, this.rows),
        accepted: ghosts.accepted,
        zoomed: this.zoomed !== undefined,
        ready: duration !== undefined,
        acceptAll: () => ghosts.acceptAll(),
        takeBack: () => ghosts.takeBack(),
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

  #renderPictures(view: geometry.TimelineView): unknown {
    const { pictures } = this;
    const tiles = tilesInView(view, this.playback.duration ?? 0, tileWidth(pictures, this.#pictureHeight), pictures);
    // Each keeps its element while it moves: a picture is not decoded anew.
    return repeat(
      tiles,
      (tile) => tile.picture.time,
      (tile) => {
        const image = { 'background-image': `url("${tile.picture.dataUri}")` };
        return html`<div class="picture" ${placed({ ...boxOf(view, tile), ...image })}></div>`;
      },
    );
  }

  #renderMarks(view: geometry.TimelineView): TemplateResult[] {
    const duration = this.playback.duration ?? 0;
    return this.sections.flatMap((section, row) => {
      if (!section || section.out <= view.start || section.in >= view.end) return [];
      const chosen = row === this.chosen;
      if (!chosen && geometry.isSliver(view, section)) return [];
      return [renderMarked(view, { section, row, chosen, duration })];
    });
  }

  #wide(view: geometry.TimelineView, sections: readonly Section[]): Section[] {
    return geometry.inView(view, sections).filter((section) => !geometry.isSliver(view, section));
  }

  get #marked(): Section[] {
    return this.sections.filter((section) => section !== undefined);
  }

  get #pictureHeight(): number {
    return this.compact ? PICTURE_HEIGHT.compact : PICTURE_HEIGHT.full;
  }

  get #view(): geometry.TimelineView {
    if (this.zoomed) return { ...this.zoomed, width: this.width };
    return geometry.fitView(this.playback.duration ?? 1, this.width);
  }

  changeRows(rows: readonly TypedSection[], chosen: number | undefined): void {
    this.dispatchEvent(new RowsEvent(rows, chosen));
  }

  seek(time: Microseconds): void {
    this.playback.seek(time);
  }

  reveal(time: Microseconds): void {
    if (this.zoomed) this.zoomed = geometry.revealTime(this.#view, time, this.playback.duration ?? 0);
  }

  ghostHasFocus(): boolean {
    return this.shadowRoot?.activeElement?.matches('.pause') === true;
  }

  focusGhost(): void {
    void this.updateComplete.then(() => {
      const stop = this.renderRoot.querySelector<HTMLElement>('.pause[tabindex="0"]');
      (stop ?? this.playhead).focus({ preventScroll: true });
    });
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
    const time = this.#timeOf(event);
    const pressed = target.closest<HTMLElement>('[data-row]')?.dataset['row'];
    const row = pressed === undefined ? this.#sliverAt(time) : Number(pressed);
    const edge = target.dataset['edge'];
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

  /** The row of a section that is only drawn: a click takes it up, and then it can be dragged. */
  #sliverAt(time: Microseconds): number {
    const near = geometry.spanOf(this.#view, 1.5);
    const row = this.sections.findIndex(
      (section) => section && time >= section.in - near && time <= section.out + near,
    );
    return row < 0 ? Number.NaN : row;
  }

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
    if (this.#ghosts.key(event)) return;
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

  #drawSlivers(): void {
    const canvas: HTMLCanvasElement | null = this.slivers;
    const chosen = this.chosen === undefined ? undefined : this.sections[this.chosen];
    const marked = this.#marked.filter((section) => section !== chosen);
    if (canvas) drawSlivers(canvas, this.#view, { pauses: this.#ghosts.open, removed: this.removed, marked });
  }

  #tellLook(): void {
    const { duration } = this.playback;
    if (duration === undefined || this.width <= 0) return;
    const { start, end, width } = this.#view;
    const tile = geometry.spanOf(this.#view, tileWidth(this.pictures, this.#pictureHeight));
    this.#looks.look({ start, end, width, tiles: Math.ceil(duration / tile) });
  }
}

/** The press has put the keyboard where it belongs; the browser would take it away again. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
