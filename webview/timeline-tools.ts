import { html, nothing, type TemplateResult } from 'lit';
import type { Section } from '../src/timeline/sections.js';
import { acceptAllWords } from './ghosts.js';
import { icon, type IconName } from './icons.js';

export interface TimelineTools {
  /** The narrow sidebar: no zoom, and no line at all when there is nothing to say. */
  readonly compact: boolean;
  /** Pauses found that nothing has marked yet. */
  readonly pauses: readonly Section[];
  /** Those of them that there is room to mark. */
  readonly acceptable: readonly Section[];
  /** How many were accepted all at once, as long as that can be taken back. */
  readonly accepted: number;
  readonly zoomed: boolean;
  /** The length of the clip is known. */
  readonly ready: boolean;
  readonly acceptAll: () => void;
  readonly takeBack: () => void;
  readonly zoom: (by: 'in' | 'out' | 'fit') => void;
}

function renderPauses({ pauses, acceptable, accepted, acceptAll, takeBack }: TimelineTools): TemplateResult {
  if (accepted > 0) {
    return html`<span>${accepted === 1 ? '1 pause' : `${accepted} pauses`} marked</span>
      <button class="quiet" @click=${takeBack}>Take back</button>`;
  }
  const counted = pauses.length === 1 ? '1 pause' : `${pauses.length} pauses`;
  if (acceptable.length === 0) return html`<span>${counted} found. Remove first what is marked.</span>`;
  return html`<button
    class="quiet accept"
    title="Marks the pauses that were found. Nothing is cut yet."
    @click=${acceptAll}
  >
    ${acceptAllWords(pauses, acceptable)}
  </button>`;
}

/** The line below the timeline: pauses to accept, and zoom. */
export function renderTimelineTools(tools: TimelineTools): TemplateResult | typeof nothing {
  const { compact, pauses, zoomed, ready } = tools;
  const found = pauses.length > 0 || tools.accepted > 0;
  if (compact && !found) return nothing;
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
    ${found ? renderPauses(tools) : html`<span>Drag on the timeline to mark what goes out.</span>`}
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
