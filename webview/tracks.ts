import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PanelTrack } from '../src/messages.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { partStyles } from './panel-styles.js';
import { placed } from './placed.js';

/** The tracks of the draft: what stays, joined, each segment a bar over the length of the result. */
@customElement('trimmer-tracks')
export class TrimmerTracks extends LitElement {
  static override styles = [
    partStyles,
    css`
      :host {
        padding: 4px 12px 8px;
      }
      ul {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr) max-content;
        gap: 4px 8px;
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: 12px;
      }
      li {
        display: contents;
      }
      .name,
      .length {
        line-height: 18px;
        color: var(--vscode-descriptionForeground);
      }
      .bars {
        direction: ltr;
        position: relative;
        block-size: 18px;
      }
      .bar {
        position: absolute;
        inset-block: 0;
        padding-inline: 6px;
        overflow: hidden;
        border-radius: 3px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        background: color-mix(in srgb, var(--tint) 26%, transparent);
        box-shadow: inset 2px 0 0 var(--tint);
        line-height: 16px;
        text-overflow: ellipsis;
        white-space: nowrap;
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

  protected override render(): TemplateResult {
    const whole = Math.max(1, ...this.tracks.map((track) => track.duration));
    return html`<ul aria-label="Tracks of the result">
      ${this.tracks.map((track) => this.#renderTrack(track, whole))}
    </ul>`;
  }

  #renderTrack(track: PanelTrack, whole: number): TemplateResult {
    const count = track.segments.length;
    const spoken = `${track.title === '' ? '' : `${track.title}, `}${count} ${count === 1 ? 'segment' : 'segments'}`;
    return html`<li>
      <span class="name">${track.label}</span>
      <span class="bars" role="img" aria-label=${spoken}>
        ${track.segments.map((segment, index) => {
          const place = placed({
            'inset-inline-start': `${(segment.start / whole) * 100}%`,
            'inline-size': `calc(${(segment.duration / whole) * 100}% - 1px)`,
          });
          const title = index === 0 && track.title !== '' ? track.title : nothing;
          return html`<span class="bar ${track.kind}" ${place} title=${segmentTitle(segment)}>${title}</span>`;
        })}
      </span>
      <span class="length number">${formatTimecode(track.duration, { digits: 0 })}</span>
    </li>`;
  }
}

function segmentTitle(segment: PanelTrack['segments'][number]): string {
  const length = formatTimecode(segment.duration);
  if (!segment.source) return length;
  return `${length}, from ${formatTimecode(segment.source.in)} to ${formatTimecode(segment.source.out)} of the clip`;
}
