import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Section } from '../src/timeline/sections.js';
import { formatTimecode, type Microseconds } from '../src/timeline/timecode.js';
import { placed, type StyleProperties } from './placed.js';
import { rulerTicks, xOf, type TimelineView } from './timeline-geometry.js';

/** Where a section is: what is pressed has a least width in pixels, what is seen has one too. */
export function boxOf(view: TimelineView, section: Section, least = 2): StyleProperties {
  const x = xOf(view, section.in);
  const width = Math.max(least, xOf(view, section.out) - x);
  return { transform: `translateX(${x}px)`, 'inline-size': `${width}px` };
}

/** The ruler over what is in view; the small ticks have no label. */
export function renderTicks(view: TimelineView): TemplateResult[] {
  return rulerTicks(view, LABELS_APART).map(({ time, label }) => {
    const at = placed({ transform: `translateX(${xOf(view, time)}px)` });
    return html`<span class="tick ${label === '' ? '' : 'labelled'}" ${at}>${label}</span>`;
  });
}

/** Pixels. */
const LABELS_APART = 64;

/** A stretch that is cut out already: to be seen and heard of, not to be changed. */
export function renderRemoved(view: TimelineView, section: Section): TemplateResult {
  return html`<div
    class="section removed"
    role="img"
    aria-label=${l10n.t('Removed {0}', spokenRange(section))}
    ${placed(boxOf(view, section))}
  ></div>`;
}

export interface Ghost {
  readonly pause: Section;
  /** Its place among all that can be accepted, from 0. */
  readonly index: number;
  readonly of: number;
  /** The one that the Tab key comes to. */
  readonly tabStop: boolean;
  readonly accept: () => void;
}

/** A pause that was found and not accepted yet. */
export function renderGhost(view: TimelineView, { pause, index, of, tabStop, accept }: Ghost): TemplateResult {
  const length = formatTimecode(pause.out - pause.in, { digits: 1 });
  const wide = xOf(view, pause.out) - xOf(view, pause.in) > 48;
  return html`<button
    class="section pause"
    ${placed(boxOf(view, pause, 6))}
    data-ghost=${index}
    tabindex=${tabStop ? 0 : -1}
    title=${l10n.t('Pause of {0}, {1}. Click to mark it.', length, spokenRange(pause))}
    aria-label=${l10n.t('Mark the pause {0}, {1} of {2}', spokenRange(pause), index + 1, of)}
    @click=${accept}
  >
    ${wide ? html`<span class="word">${l10n.t('pause')}</span>` : nothing}
  </button>`;
}

export interface MarkedSection {
  readonly section: Section;
  readonly row: number;
  /** How many sections are marked. */
  readonly of: number;
  readonly chosen: boolean;
  /** The one that the Tab key comes to, and then to its edges. */
  readonly tabStop: boolean;
  readonly duration: Microseconds;
}

/** A section marked for removal. Its edges are sliders, in seconds; its length stands in it where there is room. */
export function renderMarked(view: TimelineView, marked: MarkedSection): TemplateResult {
  const { section, row, of, chosen, duration } = marked;
  const wide = xOf(view, section.out) - xOf(view, section.in) > 72;
  const tabIndex = marked.tabStop ? 0 : -1;
  const length = formatTimecode(section.out - section.in);
  const edge = (field: 'in' | 'out'): TemplateResult =>
    html`<div
      class="edge ${field}"
      role="slider"
      tabindex=${tabIndex}
      data-row=${row}
      data-edge=${field}
      aria-label=${field === 'in' ? l10n.t('In point of section {0}', row + 1) : l10n.t('Out point of section {0}', row + 1)}
      aria-valuemin="0"
      aria-valuemax=${duration / 1e6}
      aria-valuenow=${section[field] / 1e6}
      aria-valuetext=${formatTimecode(section[field])}
    ></div>`;
  return html`<div
    class=${classMap({ section: true, marked: true, chosen })}
    role="group"
    tabindex=${tabIndex}
    aria-label=${l10n.t('Marked section {0} of {1}, {2}, {3} long', row + 1, of, spokenRange(section), length)}
    title=${l10n.t('Marked for removal: {0}', spokenRange(section))}
    data-row=${row}
    ${placed(boxOf(view, section, 6))}
  >
    ${wide ? html`<span class="length number">−${length}</span>` : nothing} ${edge('in')}${edge('out')}
  </div>`;
}

/** `0:45–1:20`, for eyes and screen readers alike. */
export function spokenRange(section: Section): string {
  return `${formatTimecode(section.in)}–${formatTimecode(section.out)}`;
}
