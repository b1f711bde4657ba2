import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelPicture, PanelTrack } from '../src/messages.js';
import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { acceptable } from './ghosts.js';
import { iconStyles } from './icons.js';
import { LookTeller } from './look-teller.js';
import { MarkedStops, type StopsTimeline } from './marked-stops.js';
import { LookEvent, RowsEvent, StageEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { PauseGhosts, type GhostTimeline } from './pause-ghosts.js';
import { placed } from './placed.js';
import type { Playback } from './playback.js';
import type { TrimmerKeys } from './keys-help.js';
import { tilesInView, tileWidth } from './tiles.js';
import { TimelineCanvases, type CanvasScene } from './timeline-canvases.js';
import * as geometry from './timeline-geometry.js';
import { boxOf, renderRemoved, renderTicks } from './timeline-sections.js';
import { placePlayhead } from './timeline-playhead.js';
import { TimelinePointer, type PointerTimeline } from './timeline-pointer.js';
import type { StageTimeline } from './stage-hands.js';
import { timelineStyles } from './timeline-styles.js';
import { renderTimelineTools } from './timeline-tools.js';
import { TimelineWindow, wheelPan, wheelZoom } from './timeline-window.js';
import type { Peaks } from './waveform.js';
import './timeline-overview.js';
import './tracks.js';

/** Pixels, as the styles have them. */
const PICTURE_HEIGHT = { full: 44, compact: 28 };
const SOUND_HEIGHT = { full: 36, compact: 18 };

/**
 * The clip over time: ruler, thumbnails, waveform; removed and marked sections, pauses to accept, the playhead.
 * Dragging paints a section; its edges and its body can be dragged; every step has a key (see `stage-keys.ts`).
 */
@customElement('trimmer-timeline')
export class TrimmerTimeline
  extends LitElement
  implements GhostTimeline, PointerTimeline, StageTimeline, StopsTimeline
{
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
  @property({ attribute: false }) tracks: readonly PanelTrack[] = [];
  @property({ type: Boolean, reflect: true }) compact = false;
  @property({ attribute: false }) canUndo = false;
  @property({ attribute: false }) canRedo = false;
  /** The chat offers to undo the last edit. */
  @property({ attribute: false }) canUndoEdit = false;

  @state() private offersUndoEdit = false;
  @query('.area') private readonly area!: HTMLElement;
  @query('.playhead') private readonly playhead!: HTMLElement;
  @query('.flag') private readonly flag!: HTMLElement;

  readonly window = new TimelineWindow(() => this.requestUpdate());
  readonly #ghosts = new PauseGhosts(this);
  readonly #stops = new MarkedStops(this);
  readonly #pointer = new TimelinePointer(this);
  readonly #canvases = new TimelineCanvases(
    () => this.renderRoot,
    () => this.#canvasScene(),
  );
  readonly #looks = new LookTeller((look) => this.dispatchEvent(new LookEvent(look)));
  /** What the canvases were drawn for. */
  #drawn: geometry.TimelineView | undefined;
  /** What the keyboard goes to when it is drawn. */
  #focusNext: string | undefined;
  readonly #resized = new ResizeObserver(([entry]) => this.window.resize(Math.floor(entry?.contentRect.width ?? 0)));

  override connectedCallback(): void {
    super.connectedCallback();
    this.playback.addEventListener('time', this.#timeMoved);
    this.playback.addEventListener('status', this.#refresh);
    this.#canvases.watchTheme();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playback.removeEventListener('time', this.#timeMoved);
    this.playback.removeEventListener('status', this.#refresh);
    this.#canvases.stop();
    this.#resized.disconnect();
    this.#looks.stop();
  }

  get dragging(): boolean {
    return this.#pointer.dragging;
  }

  zoom(by: 'in' | 'out' | 'fit'): void {
    if (by === 'fit') this.window.fit();
    else this.window.zoom(by, this.playback.time);
  }

  showSection(section: Section): void {
    this.window.showSection(section);
  }

  offerUndoEdit(): void {
    this.offersUndoEdit = true;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.undo-edit')?.focus());
  }

  showKeys(): void {
    this.renderRoot.querySelector<TrimmerKeys>('trimmer-keys')?.show();
  }

  protected override firstUpdated(): void {
    this.#resized.observe(this.area);
    // Ctrl+wheel zooms: a passive listener could not keep the page from zooming too.
    this.area.addEventListener('wheel', this.#wheel, { passive: false });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.window.measure(this.playback.duration);
    if (changed.has('pauses') || changed.has('sections') || changed.has('removed')) {
      this.#ghosts.update(this.pauses, [...this.#marked, ...this.removed]);
    }
  }

  protected override updated(changed: PropertyValues): void {
    const view = this.#view;
    const drawn = this.#drawn;
    const moved =
      changed.has('compact') || drawn?.start !== view.start || drawn.end !== view.end || drawn.width !== view.width;
    this.#drawn = view;
    const marks = changed.has('sections') || changed.has('chosen') || changed.has('removed') || changed.has('pauses');
    if (moved || changed.has('peaks')) this.#canvases.drawSound();
    if (moved || marks || changed.has('keyframes')) this.#canvases.drawSlivers();
    if (moved || changed.has('pictures')) this.#tellLook();
    this.#placePlayhead();
    if (this.#focusNext === undefined) return;
    const next = this.renderRoot.querySelector<HTMLElement>(this.#focusNext) ?? this.playhead;
    this.#focusNext = undefined;
    next.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { duration, time } = this.playback;
    const end = duration ?? 0;
    const view = this.#view;
    const ghosts = this.#ghosts;
    const { down, move, up, cancel } = this.#pointer;
    return html`
      <div
        class="area"
        role="application"
        aria-label=${l10n.t('Timeline')}
        aria-describedby="keys"
        @keydown=${this.#keys}
        @focusin=${this.#focused}
      >
        <div
          class="ruler number"
          aria-hidden="true"
          @mousedown=${keepFocus}
          @pointerdown=${down}
          @pointermove=${move}
          @pointerup=${up}
          @pointercancel=${cancel}
        >
          ${duration === undefined ? nothing : renderTicks(view)}
        </div>
        <div
          class="playhead number"
          role="slider"
          tabindex="0"
          aria-label=${l10n.t('Playhead')}
          aria-valuemin="0"
          aria-valuemax=${end / 1e6}
          aria-valuenow=${time / 1e6}
          aria-keyshortcuts="I O S X Space Control+Z Control+Shift+Z"
        >
          <span class="flag" aria-hidden="true"></span>
        </div>
        <div
          class="lane"
          @mousedown=${keepFocus}
          @pointerdown=${down}
          @pointermove=${move}
          @pointerup=${up}
          @pointercancel=${cancel}
        >
          ${this.#renderPictures(view)}
          <canvas class="sound" aria-hidden="true"></canvas>
          <canvas class="slivers" aria-hidden="true"></canvas>
          ${this.#wide(view, this.removed).map((section) => renderRemoved(view, section))} ${this.#stops.render(view)}
          ${ghosts.render(view)}
        </div>
        ${this.#renderGuide(view)}
      </div>
      ${
        this.window.zoomed
          ? html`<trimmer-overview
              .window=${this.window}
              .view=${view}
              .duration=${end}
              .sections=${this.sections}
              .removed=${this.removed}
            ></trimmer-overview>`
          : nothing
      }
      ${
        this.tracks.length === 0 || this.compact
          ? nothing
          : html`<trimmer-tracks
              .tracks=${this.tracks}
              .view=${view}
              .removed=${this.removed}
              .duration=${end}
            ></trimmer-tracks>`
      }
      <p id="keys" class="spoken">
        ${l10n.t(
          'Arrow keys move the playhead, comma and full stop by one frame. I and O set in and out, S splits a section, X removes what is marked. Tab goes to the sections and to the pauses that were found, arrow keys from one to the next. Question mark lists all keys.',
        )}
      </p>
      <p class="spoken" role="status">${ghosts.said}</p>
      ${renderTimelineTools({
        compact: this.compact,
        pauses: ghosts.open,
        acceptable: acceptable(ghosts.open, this.rows),
        accepted: ghosts.accepted,
        zoomed: this.window.zoomed,
        ready: duration !== undefined,
        marked: this.sections.some((section) => section !== undefined),
        canUndo: this.canUndo,
        canRedo: this.canRedo,
        canUndoEdit: this.canUndoEdit,
        offersUndoEdit: this.offersUndoEdit,
        acceptAll: () => ghosts.acceptAll(),
        takeBack: () => ghosts.takeBack(),
        act: (action) => this.dispatchEvent(new StageEvent(action)),
        leaveOffer: () => (this.offersUndoEdit = false),
      })}
    `;
  }

  /** What the drag holds on to. */
  #renderGuide(view: geometry.TimelineView): TemplateResult | typeof nothing {
    const { held } = this.#pointer;
    if (!held) return nothing;
    return html`<div class="guide" ${placed({ transform: `translateX(${geometry.xOf(view, held.time)}px)` })}></div>`;
  }

  #renderPictures(view: geometry.TimelineView): unknown {
    const { pictures } = this;
    const tiles = tilesInView(view, this.playback.duration ?? 0, tileWidth(pictures, this.#pictureHeight), pictures);
    // Each keeps its element while it moves: a picture is not decoded anew.
    return repeat(
      tiles,
      (tile) => tile.key,
      (tile) => {
        const image = { 'background-image': `url("${tile.picture.dataUri}")` };
        return html`<div class="picture" ${placed({ ...boxOf(view, tile), ...image })}></div>`;
      },
    );
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

  get #soundHeight(): number {
    return this.compact ? SOUND_HEIGHT.compact : SOUND_HEIGHT.full;
  }

  get #view(): geometry.TimelineView {
    return this.window.view;
  }

  left(): number {
    return this.area.getBoundingClientRect().left;
  }

  focusPlayhead(): void {
    this.playhead.focus({ preventScroll: true });
  }

  focusSection(row: number | undefined): void {
    this.#focusNext = row === undefined ? '.playhead' : `.marked[data-row="${row}"]`;
    this.requestUpdate();
  }

  changeRows(rows: readonly TypedSection[], chosen: number | undefined): void {
    this.dispatchEvent(new RowsEvent(rows, chosen));
  }

  seek(time: Microseconds): void {
    this.playback.seek(time);
  }

  reveal(time: Microseconds): void {
    this.window.reveal(time);
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

  readonly #keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#pointer.dragging) {
      this.#pointer.cancel();
      event.stopPropagation();
      return;
    }
    if (!this.#ghosts.key(event)) this.#stops.key(event);
  };

  readonly #wheel = (event: WheelEvent): void => {
    if (this.playback.duration === undefined) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.window.zoom(wheelZoom(event), this.#pointer.timeAt(event.clientX));
    } else if (this.window.pan(geometry.spanOf(this.#view, wheelPan(event)))) event.preventDefault();
  };

  /** The window follows a playhead that plays or is moved by the keyboard. */
  readonly #timeMoved = (): void => {
    const { playing, time } = this.playback;
    if (!this.#pointer.dragging && (playing || this.playhead?.matches(':focus'))) this.window.reveal(time);
    this.#placePlayhead();
  };

  readonly #focused = ({ target }: FocusEvent): void => {
    if (target !== this.playhead) this.#stops.focused(target as HTMLElement);
    else if (!this.#pointer.dragging) this.window.reveal(this.playback.time);
  };

  readonly #placePlayhead = (): void => {
    const { time, duration, playing } = this.playback;
    const playhead: HTMLElement | null = this.playhead;
    if (!playhead || duration === undefined) return;
    const { sections, removed } = this;
    const { held } = this.#pointer;
    placePlayhead(playhead, this.flag, { view: this.#view, time, playing, held, sections, removed });
  };

  readonly #refresh = (): void => this.requestUpdate();

  #canvasScene(): CanvasScene {
    const { peaks, removed, keyframes } = this;
    const chosen = this.chosen === undefined ? undefined : this.sections[this.chosen];
    return {
      view: this.#view,
      peaks,
      soundHeight: this.#soundHeight,
      height: this.#pictureHeight + this.#soundHeight,
      pauses: this.#ghosts.open,
      removed,
      marked: this.#marked.filter((section) => section !== chosen),
      keyframes,
    };
  }

  #tellLook(): void {
    const { duration } = this.playback;
    if (duration === undefined || this.window.width <= 0) return;
    const { start, end, width } = this.#view;
    const tile = geometry.spanOf(this.#view, tileWidth(this.pictures, this.#pictureHeight));
    this.#looks.look({ start, end, width, tiles: Math.ceil(duration / tile) });
  }
}

/** The press has put the keyboard where it belongs; the browser would take it away again. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
