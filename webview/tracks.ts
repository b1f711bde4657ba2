import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, queryAll } from 'lit/decorators.js';
import type { PanelTrack } from '../src/messages.js';
import { keptRanges, type Section } from '../src/timeline/sections.js';
import { formatTimecode, type Microseconds } from '../src/timeline/timecode.js';
import { partStyles } from './panel-styles.js';
import { forgetInks, inkOf } from './ink.js';
import { placeSegments, type PlacedSegment } from './placed-segments.js';
import { timeAt, xOf, type TimelineView } from './timeline-geometry.js';
import { prepareCanvas } from './waveform.js';

/** Pixels, as the styles have it. */
const HEIGHT = 18;

/** The tracks of the draft along the ruler of the clip: what stays of each. Hundreds of segments are one drawing. */
@customElement('trimmer-tracks')
export class TrimmerTracks extends LitElement {
  static override styles = [
    partStyles,
    css`
      :host {
        direction: ltr;
        padding-block: 3px 0;
      }
      ul {
        display: grid;
        gap: 2px;
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: 11px;
      }
      li {
        position: relative;
        block-size: 18px;
        overflow: clip;
        border-radius: 3px;
        background: color-mix(in srgb, var(--vscode-foreground) 5%, transparent);
      }
      canvas {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        --line: var(--vscode-contrastBorder, transparent);
      }
      .name {
        position: absolute;
        inset-block-start: 1px;
        left: 4px;
        padding: 0 5px;
        border-radius: 3px;
        line-height: 16px;
        background: color-mix(in srgb, var(--panel-background) 84%, transparent);
        color: var(--vscode-foreground);
        pointer-events: none;
      }
      .video {
        --tint: var(--vscode-charts-blue);
      }
      .audio {
        --tint: var(--vscode-charts-green);
      }
      .text {
        --tint: var(--vscode-charts-purple);
      }
      .other {
        --tint: var(--vscode-descriptionForeground);
      }
    `,
  ];

  @property({ attribute: false }) tracks: readonly PanelTrack[] = [];
  @property({ attribute: false }) view!: TimelineView;
  @property({ attribute: false }) removed: readonly Section[] = [];
  /** Of the clip. */
  @property({ attribute: false }) duration: Microseconds = 0;
  @queryAll('canvas') private readonly canvases!: NodeListOf<HTMLCanvasElement>;
  #placed: readonly (readonly PlacedSegment[])[] = [];
  /** VS Code changes the classes of the body with the theme. */
  readonly #themed = new MutationObserver(() => {
    forgetInks(this.canvases);
    this.#draw();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#themed.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#themed.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('tracks') && !changed.has('removed') && !changed.has('duration')) return;
    const kept = keptRanges(this.removed, { in: 0, out: this.duration });
    this.#placed = this.tracks.map((track) => placeSegments(track, kept));
  }

  protected override updated(): void {
    this.#draw();
  }

  protected override render(): TemplateResult {
    return html`<ul aria-label=${l10n.t('Tracks of the result')}>
      ${this.tracks.map((track, index) => {
        const count = track.segments.length;
        const length = formatTimecode(track.duration, { digits: 0 });
        const title = track.title === '' ? '' : ` · ${track.title}`;
        return html`<li>
          <canvas
            class=${track.kind}
            role="img"
            aria-label=${count === 1 ? l10n.t('{0}: 1 segment', track.label) : l10n.t('{0}: {1} segments', track.label, count)}
            @pointermove=${(event: PointerEvent) => this.#tell(event, index)}
          ></canvas>
          <span class="name number">${track.label}${title} · ${length}</span>
        </li>`;
      })}
    </ul>`;
  }

  #draw(): void {
    for (const [index, canvas] of this.canvases.entries()) {
      const context = prepareCanvas(canvas, { width: this.view.width, height: HEIGHT });
      if (!context) continue;
      const [tint, line] = [inkOf(canvas, '--tint'), inkOf(canvas, '--line')];
      for (const segment of this.#placed[index] ?? []) {
        if (segment.out <= this.view.start || segment.in >= this.view.end) continue;
        const x = xOf(this.view, segment.in);
        const width = Math.max(1, xOf(this.view, segment.out) - x - 1);
        context.fillStyle = tint;
        context.globalAlpha = 0.3;
        context.fillRect(x, 0, width, HEIGHT);
        context.globalAlpha = 1;
        context.fillRect(x, 0, Math.min(2, width), HEIGHT);
        if (line === 'transparent' || line === '') continue;
        context.strokeStyle = line;
        context.strokeRect(x + 0.5, 0.5, width - 1, HEIGHT - 1);
      }
    }
  }

  /** What is under the pointer, as the tip of the drawing. */
  #tell(event: PointerEvent, index: number): void {
    const time = timeAt(this.view, event.offsetX);
    const found = this.#placed[index]?.find((segment) => time >= segment.in && time < segment.out);
    (event.target as HTMLElement).title = found ? segmentTitle(found.segment) : '';
  }
}

function segmentTitle({ title, duration, source }: PanelTrack['segments'][number]): string {
  const length = [title, formatTimecode(duration)].filter((part) => part !== '').join(', ');
  if (!source) return length;
  return l10n.t('{0}, from {1} to {2} of the clip', length, formatTimecode(source.in), formatTimecode(source.out));
}
