import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { TextFieldElement } from './toolkit.js';

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
      vscode-text-field {
        --input-min-width: 0;
        flex: 1;
        min-inline-size: 0;
        font-variant-numeric: tabular-nums;
      }
      vscode-text-field::part(root) {
        border-color: var(--vscode-input-border, var(--vscode-contrastBorder, transparent));
        border-radius: 4px;
      }
      vscode-text-field:focus-within::part(root) {
        border-color: var(--vscode-focusBorder);
      }
      vscode-text-field[aria-invalid='true']::part(root) {
        border-color: var(--vscode-inputValidation-errorBorder);
      }
      vscode-text-field::part(control) {
        padding-inline: 7px 0;
      }
      vscode-text-field::part(control)::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      .quiet {
        min-block-size: 20px;
        padding: 1px 2px;
        border-radius: 4px;
        margin-inline-end: -5px;
      }
    `,
  ];

  @property() value = '';
  /** Visible, such as "In". */
  @property() label = '';
  /** The whole accessible name, such as "In point 2". */
  @property() name = '';
  @property() placeholder = '';
  /** The element that says what is wrong with the text; null when nothing is. */
  @property({ attribute: false }) problem: HTMLElement | null = null;

  @query('vscode-text-field') private readonly field!: TextFieldElement;

  override focus(): void {
    void this.updateComplete.then(() => {
      this.field.focus();
      this.field.control?.select();
    });
  }

  protected override updated(): void {
    // The toolkit names the field after its content when it connects; the true name comes after that.
    this.field.setAttribute('aria-label', this.name);
    // The input and the message are in different trees: an id cannot join them, the elements themselves can.
    const { control } = this.field;
    if (control) control.ariaDescribedByElements = this.problem ? [this.problem] : null;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="line">
        <span class="label" aria-hidden="true" @click=${() => this.focus()}>${this.label}</span>
        <vscode-text-field
          aria-invalid=${this.problem ? 'true' : 'false'}
          placeholder=${this.placeholder}
          autocomplete="off"
          .value=${live(this.value)}
          @input=${this.#input}
        >
          <button
            slot="end"
            class="quiet"
            aria-label="Set ${this.name.toLowerCase()} to the playhead"
            title="Set to the playhead (${this.label === 'In' ? 'I' : 'O'})"
            @click=${() => this.dispatchEvent(new Event('take-playhead'))}
          >
            ${icon('target')}
          </button>
        </vscode-text-field>
      </div>
    `;
  }

  readonly #input = (event: Event): void => {
    if (event.target !== this.field) return;
    this.dispatchEvent(new TimeTextEvent(this.field.value));
  };
}

declare global {
  interface HTMLElementEventMap {
    'time-text': TimeTextEvent;
  }
}
