import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import type { Section } from '../src/timeline/sections.js';
import { acceptAllWords } from './ghosts.js';
import { icon, type IconName } from './icons.js';
import type { StageKey } from './stage-keys.js';
import './keys-help.js';

export interface TimelineTools {
  /** The narrow sidebar: no words where nothing was found, and only what a narrow line has room for. */
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
  /** Something is marked that can be zoomed to. */
  readonly marked: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** The chat offers to undo the last edit. */
  readonly canUndoEdit: boolean;
  /** The person wanted to undo more than there is in the marks. */
  readonly offersUndoEdit: boolean;
  readonly acceptAll: () => void;
  readonly takeBack: () => void;
  readonly act: (action: StageKey) => void;
  /** The offer to undo the last edit is left. */
  readonly leaveOffer: () => void;
}

const MOD = /^Mac/.test(globalThis.navigator?.platform ?? '') ? 'Cmd' : 'Ctrl';

function renderPauses({ pauses, acceptable, accepted, acceptAll, takeBack }: TimelineTools): TemplateResult {
  if (accepted > 0) {
    return html`<span>${accepted === 1 ? l10n.t('1 pause marked') : l10n.t('{0} pauses marked', accepted)}</span>
      <button class="quiet" @click=${takeBack}>${l10n.t('Take back')}</button>`;
  }
  const { length } = pauses;
  if (acceptable.length === 0) {
    return html`<span
      >${
        length === 1
          ? l10n.t('1 pause found. Remove first what is marked.')
          : l10n.t('{0} pauses found. Remove first what is marked.', length)
      }</span
    >`;
  }
  return html`<button
    class="quiet accept"
    title=${l10n.t('Marks the pauses that were found. Nothing is cut yet.')}
    @click=${acceptAll}
  >
    ${acceptAllWords(pauses, acceptable)}
  </button>`;
}

function renderWords(tools: TimelineTools): TemplateResult | typeof nothing {
  if (tools.offersUndoEdit && tools.canUndoEdit) {
    return html`<span id="offer">${l10n.t('Nothing more to undo in the marks.')}</span>
      <button
        class="quiet accept undo-edit"
        aria-describedby="offer"
        @click=${() => tools.act({ kind: 'undo-edit' })}
        @blur=${tools.leaveOffer}
      >
        ${l10n.t('Undo the last edit')}
      </button>`;
  }
  if (tools.pauses.length > 0 || tools.accepted > 0) return renderPauses(tools);
  return tools.compact || tools.marked || !tools.ready
    ? nothing
    : html`<span>${l10n.t('Drag on the timeline to mark what goes out.')}</span>`;
}

/** The line below the timeline: pauses to accept, undo and redo, splitting, zoom, and the list of keys. */
export function renderTimelineTools(tools: TimelineTools): TemplateResult {
  const { compact, zoomed, ready } = tools;
  const tool = (action: StageKey, name: string, key: string, picture: IconName, can: boolean): TemplateResult =>
    html`<button
      class="quiet"
      aria-label=${name}
      title="${name} (${key})"
      ?disabled=${!can}
      @click=${() => tools.act(action)}
    >
      ${icon(picture)}
    </button>`;
  const undoesEdit = !tools.canUndo && tools.canUndoEdit;
  const words = renderWords(tools);
  return html`<div class="below">
    ${compact ? nothing : html`${words}<span class="space"></span>`}
    <span class="tools" role="group" aria-label=${l10n.t('Timeline tools')}>
      ${tool(
        { kind: undoesEdit ? 'undo-edit' : 'undo' },
        undoesEdit ? l10n.t('Undo the last edit') : l10n.t('Undo'),
        `${MOD}+Z`,
        'discard',
        tools.canUndo || undoesEdit,
      )}
      ${tool({ kind: 'redo' }, l10n.t('Redo'), `${MOD}+Shift+Z`, 'redo', tools.canRedo)}
      ${tool({ kind: 'split' }, l10n.t('Split at the playhead'), 'S', 'split-horizontal', tools.marked)}
      ${compact ? nothing : tool({ kind: 'show-section' }, l10n.t('Zoom to the section'), 'Shift+Z', 'arrow-both', tools.marked)}
      ${tool({ kind: 'zoom', by: 'out' }, l10n.t('Zoom out'), '-', 'zoom-out', ready && zoomed)}
      ${tool({ kind: 'zoom', by: 'fit' }, l10n.t('Show the whole clip'), '0', 'screen-full', ready && zoomed)}
      ${tool({ kind: 'zoom', by: 'in' }, l10n.t('Zoom in'), '+', 'zoom-in', ready)}
      <trimmer-keys></trimmer-keys>
    </span>
    ${compact ? words : nothing}
  </div>`;
}
