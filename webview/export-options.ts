import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { live } from 'lit/directives/live.js';
import type { ExportFormat, ExportQuality, PanelExportOffer, PanelState } from '../src/messages.js';
import { askHost } from './ask-host.js';
import { formatWords, nameWords, qualityWords } from './export-words.js';
import type { HostLink } from './host-link.js';
import { menuStyles, partStyles, quietButtonStyles } from './panel-styles.js';
import './engine-chip.js';

/** Milliseconds after the last letter at which a name is looked at. */
const TYPING = 250;

/** What an export is to be: container, size, name, place and engine. */
@customElement('trimmer-export-options')
export class TrimmerExportOptions extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    menuStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(240px, 100%), 1fr));
        gap: 6px 16px;
        padding-block: 8px 4px;
      }
      .option {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 4px 8px;
        min-inline-size: 0;
        min-block-size: 26px;
      }
      .label {
        flex: none;
        min-inline-size: 52px;
      }
      select,
      input {
        flex: 1 1 0;
        min-inline-size: 0;
      }
      input {
        min-block-size: 26px;
        padding: 2px 6px;
        border: 1px solid var(--vscode-input-border, var(--panel-border));
        border-radius: 4px;
        background: var(--vscode-input-background);
        color: var(--vscode-input-foreground);
        font: inherit;
      }
      input[aria-invalid='true'] {
        border-color: var(--problem-foreground);
      }
      .value {
        flex: 1 1 60px;
        max-inline-size: max-content;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name {
        grid-column: 1 / -1;
      }
      .hint {
        flex: 1 0 100%;
        padding-inline-start: 60px;
        overflow-wrap: anywhere;
      }
      /* It keeps its place: a button below or above must not move away from a press on it, which ends the typing. */
      .hint.old {
        visibility: hidden;
      }
      .hint.problem {
        color: var(--problem-foreground);
      }
      trimmer-engine-chip {
        min-inline-size: 0;
      }
      /* Its words begin or end where the fields do. */
      trimmer-engine-chip,
      .option .quiet {
        margin-inline: -6px 0;
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) offer: PanelExportOffer | undefined;
  @property({ attribute: false }) engine: Pick<PanelState, 'activity' | 'engine'> = { activity: { kind: 'idle' } };

  /** Typed, and not yet what the host has said of it. */
  @state() private typed: string | undefined;
  @query('input') private readonly nameField!: HTMLInputElement | null;

  #timer: number | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sendTyped();
  }

  /** Sends a name that was typed just now: before an export is asked for. */
  sendTyped(): void {
    if (this.#timer === undefined) return;
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#choose({});
  }

  protected override render(): TemplateResult | typeof nothing {
    const { offer } = this;
    if (!offer) return nothing;
    const folder = offer.folder ?? l10n.t('Beside the clip');
    return html`
      <label class="option"
        ><span class="label muted">${l10n.t('Format')}</span
        ><select .value=${live(offer.format)} @change=${this.#chooseFormat}>
          ${offer.formats.map(
            (offered) =>
              html`<option
                value=${offered.format}
                ?selected=${offered.format === offer.format}
                ?disabled=${offered.problem !== undefined}
              >
                ${formatWords(offered)}
              </option>`,
          )}
        </select></label
      >
      <label class="option"
        ><span class="label muted">${l10n.t('Quality')}</span
        ><select .value=${live(offer.quality)} @change=${this.#chooseQuality}>
          ${offer.qualities.map(
            (quality) =>
              html`<option value=${quality} ?selected=${quality === offer.quality}>${qualityWords(quality)}</option>`,
          )}
        </select></label
      >
      ${this.#renderName(offer)}
      <div class="option" role="group" aria-label=${l10n.t('Folder')}>
        <span class="label muted">${l10n.t('Folder')}</span>
        <span class="value" title=${folder}>${folder}</span>
        ${
          offer.folder === undefined
            ? nothing
            : html`<button
                class="quiet"
                title=${l10n.t('Back to the folder of the clip')}
                @click=${() => this.#place('beside-clip')}
              >
                ${l10n.t('Reset')}
              </button>`
        }
        <button class="quiet" aria-label=${l10n.t('Choose the folder')} @click=${() => this.#place('dialog')}>
          ${l10n.t('Choose…')}
        </button>
      </div>
      <div class="option" role="group" aria-label=${l10n.t('Engine')}>
        <span class="label muted">${l10n.t('Engine')}</span>
        <trimmer-engine-chip .link=${this.link} .state=${this.engine}></trimmer-engine-chip>
      </div>
    `;
  }

  #renderName(offer: PanelExportOffer): TemplateResult {
    const isTyping = this.typed !== undefined && this.typed !== offer.name && this.#timer !== undefined;
    const problem = !isTyping && offer.problem !== undefined;
    return html`<div class="option name">
      <label class="label muted" for="name">${l10n.t('Name')}</label>
      <input
        id="name"
        .value=${live(this.typed ?? offer.name)}
        maxlength="200"
        spellcheck="false"
        autocomplete="off"
        aria-invalid=${String(problem)}
        aria-describedby="hint"
        @input=${this.#typeName}
        @change=${() => this.sendTyped()}
        @blur=${this.#leaveName}
      />
      <div id="hint" class=${classMap({ hint: true, problem, muted: !problem, old: isTyping })} aria-live="polite">
        ${nameWords(offer)}
      </div>
    </div>`;
  }

  readonly #typeName = (): void => {
    this.typed = this.nameField?.value ?? '';
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.sendTyped(), TYPING);
  };

  /** From here on the field shows what the host makes of the name. */
  readonly #leaveName = (): void => {
    if (this.#timer === undefined) this.typed = undefined;
    else this.sendTyped();
  };

  readonly #chooseFormat = (event: Event): void => {
    void this.#choose({ format: (event.target as HTMLSelectElement).value as ExportFormat });
  };

  readonly #chooseQuality = (event: Event): void => {
    void this.#choose({ quality: (event.target as HTMLSelectElement).value as ExportQuality });
  };

  async #choose(changed: { format?: ExportFormat; quality?: ExportQuality }): Promise<void> {
    // Only what is changed: what was chosen a moment ago may not have come back yet.
    const name = this.typed === undefined ? {} : { name: this.typed };
    await askHost(this, this.link, { type: 'choose-export', ...changed, ...name });
    if (this.shadowRoot?.activeElement !== this.nameField && this.#timer === undefined) this.typed = undefined;
    // What was refused is not what an export will be.
    this.requestUpdate();
  }

  async #place(place: 'dialog' | 'beside-clip'): Promise<void> {
    await askHost(this, this.link, { type: 'choose-folder', place });
  }
}
