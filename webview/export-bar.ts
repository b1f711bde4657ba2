import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { live } from 'lit/directives/live.js';
import {
  DISSOLVES,
  type PanelActivity,
  type PanelExportOffer,
  type PanelState,
  type PanelWaitingExport,
} from '../src/messages.js';
import { formatLength, type Microseconds } from '../src/timeline/timecode.js';
import { activityFraction, activityWords } from './activity-words.js';
import { askHost } from './ask-host.js';
import type { TrimmerExportOptions } from './export-options.js';
import './export-options.js';
import { estimateWords } from './export-words.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { menuStyles, partStyles } from './panel-styles.js';
import { placed } from './placed.js';
import './export-waiting.js';

/** What comes out and how far it is: the result's length, Export, and progress with Cancel in its place. */
@customElement('trimmer-export-bar')
export class TrimmerExportBar extends LitElement {
  static override styles = [
    partStyles,
    iconStyles,
    menuStyles,
    css`
      :host {
        position: relative;
        border-block-start: 1px solid var(--panel-border);
        padding: 8px 12px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 10px;
        min-block-size: 26px;
      }
      .line + .line {
        margin-block-start: 6px;
      }
      .details {
        min-block-size: 0;
      }
      .planned {
        flex: 1 1 160px;
        font-size: 12px;
        line-height: 1.4;
      }
      .result {
        flex: 1 1 max-content;
      }
      .planned {
        transition: opacity 0.15s;
      }
      /* What is marked has changed since: the figures follow in a moment. */
      .planned.old {
        opacity: 0.6;
      }
      .result b {
        font-weight: 600;
      }
      .join {
        display: flex;
        align-items: center;
        gap: 6px;
        min-inline-size: 0;
      }
      .join select {
        inline-size: 108px;
      }
      .export {
        display: flex;
        margin-inline-start: auto;
      }
      .export vscode-button {
        border-start-end-radius: 0;
        border-end-end-radius: 0;
      }
      .more {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        inline-size: 24px;
        margin-inline-start: 1px;
        border: 1px solid var(--vscode-button-border, transparent);
        border-radius: 4px;
        background: var(--vscode-button-background);
        color: var(--vscode-button-foreground);
      }
      .more.secondary {
        background: var(--vscode-button-secondaryBackground);
        color: var(--vscode-button-secondaryForeground);
      }
      .more:hover:enabled {
        background: var(--vscode-button-hoverBackground);
      }
      .more.secondary:hover:enabled {
        background: var(--vscode-button-secondaryHoverBackground);
      }
      .more:disabled {
        opacity: 0.4;
      }
      .more[aria-expanded='true'] .icon {
        rotate: 180deg;
      }
      .working {
        flex: 1 1 120px;
        display: flex;
        align-items: center;
        gap: 8px;
        min-inline-size: 0;
        line-height: 1.35;
        overflow-wrap: anywhere;
      }
      .track {
        position: absolute;
        inset-block-start: -1px;
        inset-inline: 0;
        block-size: 2px;
        overflow: hidden;
      }
      .fill {
        block-size: 100%;
        background: var(--vscode-progressBar-background);
        transition: inline-size 0.2s linear;
      }
      .track:not([aria-valuenow]) .fill {
        inline-size: 20%;
        animation: pass 2.4s ease-in-out infinite;
      }
      @keyframes pass {
        from {
          translate: -100% 0;
        }
        to {
          translate: 500% 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .fill {
          transition: none;
        }
        .track:not([aria-valuenow]) .fill {
          inline-size: 100%;
          animation: none;
          opacity: 0.5;
        }
      }
      @media (forced-colors: active) {
        .fill {
          background: Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) activity: PanelActivity = { kind: 'idle' };
  @property() clipName: string | undefined;
  /** Length of the clip, and of what stays of it with all marks and removals. */
  @property({ attribute: false }) sourceDuration: Microseconds | undefined;
  @property({ attribute: false }) resultDuration: Microseconds | undefined;
  /** Correct marks that have not been sent: Export removes them first. */
  @property({ type: Number }) unsent = 0;
  /** There are others, which mean nothing. */
  @property({ type: Boolean }) wrong = false;
  @property({ type: Boolean }) canExport = false;
  /** Length of the dissolves at the joins, 0 for plain cuts; undefined where there is no join. */
  @property({ attribute: false }) join: Microseconds | undefined;
  /** What an export would do with the picture, in words. */
  @property() planned: string | undefined;

  @property({ attribute: false }) engine: PanelState['engine'];
  @property({ attribute: false }) offer: PanelExportOffer | undefined;
  /** Exports that wait for their turn. */
  @property({ attribute: false }) waiting: readonly PanelWaitingExport[] = [];

  @state() private stopping = false;
  @state() private choosing = false;
  /** Pressed, and not yet to be seen. */
  @state() private asking = false;

  @query('trimmer-export-options') private readonly options!: TrimmerExportOptions | null;
  @query('.more') private readonly more!: HTMLElement | null;

  /** Runs while an export does: its age is shown, and the host speaks up only every half minute. */
  #clock: number | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopClock();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.activity.kind === 'idle') this.stopping = false;
    if (changed.has('activity') || changed.has('waiting')) this.asking = false;
    if (this.activity.kind !== 'exporting') this.#stopClock();
    else this.#clock ??= window.setInterval(() => this.requestUpdate(), 1000);
  }

  #stopClock(): void {
    window.clearInterval(this.#clock);
    this.#clock = undefined;
  }

  protected override render(): TemplateResult {
    const words = activityWords(this.activity, this.clipName);
    // While one is made, another can be asked for; an edit has to end first.
    const isOpen = words === undefined || (this.activity.kind === 'exporting' && this.offer !== undefined);
    return html`${words === undefined ? nothing : this.#renderWork(words)} ${isOpen ? this.#renderResult() : nothing}
    ${this.waiting.length > 0 ? html`<trimmer-export-waiting .link=${this.link} .waiting=${this.waiting}></trimmer-export-waiting>` : nothing}`;
  }

  #renderResult(): TemplateResult {
    const { offer, choosing } = this;
    // An export under way has its timeline: what is marked meanwhile has to wait for its end.
    const isNext = this.activity.kind === 'exporting';
    const removes = this.unsent > 0 && !isNext;
    const look = this.canExport && !removes && !isNext ? 'primary' : 'secondary';
    const isPossible = (this.canExport || removes) && !this.wrong && !this.asking && offer?.problem === undefined;
    return html`<div class="line">
        <span class="result number">${isNext ? this.#next() : this.#result()}</span>
        <div class="export">
          <vscode-button
            appearance=${look}
            ?disabled=${!isPossible}
            title=${this.#hint(isNext, removes)}
            @click=${this.#export}
            >${removes ? l10n.t('Remove and export') : l10n.t('Export')}</vscode-button
          ><button
            class="more ${look}"
            aria-label=${l10n.t('Export options')}
            title=${l10n.t('Export options: format, size, name, folder')}
            aria-expanded=${String(choosing && offer !== undefined)}
            aria-controls="options"
            ?disabled=${offer === undefined}
            @click=${this.#toggleOptions}
          >
            ${icon('chevron-down')}
          </button>
        </div>
      </div>
      ${this.#renderDetails(isNext, removes)}
      ${
        choosing && offer
          ? html`<trimmer-export-options
              id="options"
              role="group"
              aria-label=${l10n.t('Export options')}
              .link=${this.link}
              .offer=${offer}
              .engine=${{ activity: this.activity, engine: this.engine }}
              @keydown=${this.#optionsKey}
            ></trimmer-export-options>`
          : nothing
      }`;
  }

  #hint(isNext: boolean, removes: boolean): string {
    if (this.wrong) return l10n.t('Correct the marked sections first');
    if (!this.canExport && !removes) return l10n.t('There is no edit to export yet');
    if (this.offer?.problem !== undefined) return this.offer.problem;
    if (isNext) return l10n.t('Export once more as chosen, after the one under way');
    const file = this.offer?.file;
    if (file === undefined) {
      return removes
        ? l10n.t('Remove what is marked, then save the result beside the clip')
        : l10n.t('Save the result beside the clip');
    }
    return removes
      ? l10n.t('Remove what is marked, then save the result as {0}', file)
      : l10n.t('Save the result as {0}', file);
  }

  /** How the parts meet, and what an export is going to be. @param removes what is marked, before */
  #renderDetails(isNext: boolean, removes: boolean): TemplateResult | typeof nothing {
    const joins = isNext ? nothing : this.#joins();
    const planned = this.#planned(removes);
    return joins === nothing && planned === nothing
      ? nothing
      : html`<div class="line details">${joins}${planned}</div>`;
  }

  #planned(removes: boolean): TemplateResult | typeof nothing {
    const { offer, engine } = this;
    const words = this.#plannedWords(removes);
    if ((!this.canExport && !removes) || this.wrong || words === undefined) return nothing;
    const isOld = offer?.estimate?.old === true && engine !== 'cloud';
    return html`<div class=${classMap({ muted: true, number: true, planned: true, old: isOld })}>${words}</div>`;
  }

  #plannedWords(removes: boolean): string | undefined {
    const { offer, engine } = this;
    if (offer?.problem !== undefined && !this.choosing) return offer.problem;
    if (offer?.estimate) return estimateWords(offer.estimate);
    if (engine === 'cloud') return l10n.t('Rendered by NemoVideo, usually within 30 to 90 s');
    if (offer === undefined) return removes ? undefined : this.planned;
    return engine === 'local' ? l10n.t('Looking what this export takes…') : undefined;
  }

  readonly #export = async (): Promise<void> => {
    this.options?.sendTyped();
    this.asking = true;
    try {
      await askHost(this, this.link, { type: 'export' });
    } finally {
      this.asking = false;
    }
  };

  readonly #toggleOptions = (): void => {
    this.choosing = !this.choosing;
  };

  readonly #optionsKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.choosing = false;
    this.more?.focus();
  };

  #next(): TemplateResult {
    const words =
      this.unsent === 0
        ? l10n.t('Next export')
        : this.unsent === 1
          ? l10n.t('Next export · 1 mark not removed yet')
          : l10n.t('Next export · {0} marks not removed yet', this.unsent);
    return html`<span class="muted">${words}</span>`;
  }

  #result(): TemplateResult | typeof nothing {
    const { resultDuration, sourceDuration } = this;
    if (resultDuration === undefined) return nothing;
    const less = sourceDuration === undefined ? 0 : sourceDuration - resultDuration;
    return html`${l10n.t('Result')}
      <b>${formatLength(resultDuration)}</b>
      ${less > 0 ? html`<span class="muted">(−${formatLength(less)})</span>` : nothing}`;
  }

  #joins(): TemplateResult | typeof nothing {
    const { join } = this;
    if (join === undefined) return nothing;
    const offered: number[] = [...DISSOLVES];
    // Words can ask for a length between those of the menu.
    if (!offered.includes(join)) offered.push(join);
    return html`<label class="join" title=${l10n.t('How the parts meet at every join')}
      ><span class="muted">${l10n.t('Join')}</span
      ><select .value=${live(String(join))} @change=${this.#chooseJoin}>
        ${offered.map(
          (length) =>
            html`<option value=${length} ?selected=${length === join}>
              ${length === 0 ? l10n.t('Cut') : l10n.t('Dissolve {0} s', length / 1_000_000)}
            </option>`,
        )}
      </select></label
    >`;
  }

  readonly #chooseJoin = async (event: Event): Promise<void> => {
    const chosen = Number((event.target as HTMLSelectElement).value);
    const dissolve = DISSOLVES.find((length) => length === chosen);
    if (dissolve !== undefined) await askHost(this, this.link, { type: 'join', dissolve });
    // What was refused is not what the joins are.
    this.requestUpdate();
  };

  #renderWork(words: string): TemplateResult {
    const fraction = activityFraction(this.activity);
    const value = fraction === undefined ? nothing : Math.round(fraction * 100);
    const size: Record<string, string> = fraction === undefined ? {} : { 'inline-size': `${fraction * 100}%` };
    return html`<div class="track" role="progressbar" aria-label=${words} aria-valuenow=${value}>
        <div class="fill" ${placed(size)}></div>
      </div>
      <div class="line">
        <span class="working number">
          ${fraction === undefined ? html`<span class="turning">${icon('loading')}</span>` : nothing}
          <span>${this.stopping ? l10n.t('Stopping…') : words}</span>
        </span>
        <vscode-button appearance="secondary" ?disabled=${this.stopping} @click=${this.#stop}
          >${l10n.t('Cancel')}</vscode-button
        >
      </div>`;
  }

  readonly #stop = async (): Promise<void> => {
    this.stopping = true;
    if (!(await askHost(this, this.link, { type: 'stop' }))) this.stopping = false;
  };
}
