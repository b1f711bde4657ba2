import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from './icons.js';

export interface TimelineTools {
  /** The narrow sidebar: no zoom, and no line at all when there is nothing to say. */
  readonly compact: boolean;
  /** Number of pauses found that nothing has marked yet. */
  readonly pauses: number;
  readonly zoomed: boolean;
  /** The length of the clip is known. */
  readonly ready: boolean;
  readonly markPauses: () => void;
  readonly zoom: (by: 'in' | 'out' | 'fit') => void;
}

/** The line below the timeline: pauses to accept, and zoom. */
export function renderTimelineTools(tools: TimelineTools): TemplateResult | typeof nothing {
  const { compact, pauses, zoomed, ready } = tools;
  if (compact && pauses === 0) return nothing;
  const zoom = (by: 'in' | 'out' | 'fit', name: string, key: string, picture: IconName): TemplateResult => {
    const can = ready && (by === 'in' || zoomed);
    return html`<button
      class="quiet"
      aria-label=${name}
      title="${name} (${key})"
      ?disabled=${!can}
      @click=${() => tools.zoom(by)}
    >
      ${icon(picture)}
    </button>`;
  };
  return html`<div class="below">
    ${
      pauses === 0
        ? html`<span>Drag on the timeline to mark what goes out.</span>`
        : html`<span>${pauses === 1 ? '1 pause' : `${pauses} pauses`} found</span>
            <button class="quiet" @click=${tools.markPauses}>${pauses === 1 ? 'Mark it' : 'Mark all'}</button>`
    }
    <span class="space"></span>
    ${
      compact
        ? nothing
        : [
            zoom('out', 'Zoom out', '-', 'zoom-out'),
            zoom('fit', 'Show the whole clip', '0', 'screen-full'),
            zoom('in', 'Zoom in', '+', 'zoom-in'),
          ]
    }
  </div>`;
}
