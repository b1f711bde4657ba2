import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

/** The text of the field changed. */
export class TimeTextEvent extends Event {
  static readonly type = 'time-text';
  readonly text: string;
  constructor(text: string) {
    super(TimeTextEvent.type);
    this.text = text;
  }
}

/** One in or out point: a text field and a button that takes the playhead's position. */
@customElement('trimmer-time-field')
export class TrimmerTimeField extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        min-inline-size: 0;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .label {
        flex: none;
      }
      @container (max-width: 240px) {
        .label {
          min-inline-size: 26px;
        }
      }
      .field {
        flex: 1;
        display: flex;
        align-items: center;
        min-inline-size: 0;
        block-size: 26px;
        padding-inline-end: 1px;
        border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
        border-radius: 4px;
        background: var(--vscode-input-background);
      }
      .field:has(input:focus) {
        border-color: var(--vscode-focusBorder);
      }
      .field:has([aria-invalid='true']) {
        border-color: var(--problem-foreground);
      }
      input {
        flex: 1;
        min-inline-size: 0;
        block-size: 100%;
        padding: 0;
        padding-inline-start: 7px;
        border: 0;
        background: transparent;
        color: var(--vscode-input-foreground);
        font: inherit;
        font-variant-numeric: tabular-nums;
      }
      /* The field around it shows where the keyboard is. */
      input:focus-visible {
        outline: none;
      }
      input::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      .quiet {
        padding: 2px;
        border-radius: 4px;
      }
      /* Room for "45:10.25" beside a label of two Chinese characters. */
      @container (max-width: 300px) {
        .line {
          gap: 4px;
        }
        input {
          inline-size: 63px;
          min-inline-size: 63px;
          padding-inline-start: 4px;
        }
      }
      @media (forced-colors: active) {
        .field:has(input:focus) {
          outline: 1px solid Highlight;
        }
      }
    `,
  ];

  @property() value = '';
  @property() point: 'in' | 'out' = 'in';
  /** Of the section, from 1. */
  @property({ type: Number }) number = 1;
  @property() placeholder = '';
  /** The element that says what is wrong with the text; null when nothing is. */
  @property({ attribute: false }) problem: HTMLElement | null = null;

  @query('input') private readonly field!: HTMLInputElement;

  override focus(options?: FocusOptions): void {
    void this.updateComplete.then(() => {
      this.field.focus(options);
      this.field.select();
    });
  }

  protected override updated(): void {
    // The input and the message are in different trees: an id cannot join them, the elements themselves can.
    this.field.ariaDescribedByElements = this.problem ? [this.problem] : null;
  }

  protected override render(): TemplateResult {
    const isIn = this.point === 'in';
    const take = l10n.t('Set to the playhead');
    return html`
      <div class="line">
        <span class="label" aria-hidden="true" @click=${() => this.focus()}
          >${isIn ? l10n.t('In') : l10n.t('Out')}</span
        >
        <span class="field">
          <input
            type="text"
            aria-label=${this.#name()}
            aria-invalid=${this.problem ? 'true' : 'false'}
            placeholder=${this.placeholder}
            autocomplete="off"
            spellcheck="false"
            .value=${live(this.value)}
            @input=${this.#input}
          />
          <button
            class="quiet"
            aria-label="${this.#name()}: ${take}"
            title="${take} (${isIn ? 'I' : 'O'})"
            @click=${() => this.dispatchEvent(new Event('take-playhead'))}
          >
            ${icon('target')}
          </button>
        </span>
      </div>
    `;
  }

  /** The whole accessible name: the first section's fields are told from each other alone. */
  #name(): string {
    const isIn = this.point === 'in';
    if (this.number === 1) return isIn ? l10n.t('In point') : l10n.t('Out point');
    return isIn ? l10n.t('In point {0}', this.number) : l10n.t('Out point {0}', this.number);
  }

  readonly #input = (): void => {
    this.dispatchEvent(new TimeTextEvent(this.field.value));
  };
}

declare global {
  interface HTMLElementEventMap {
    'time-text': TimeTextEvent;
  }
}
