import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { PanelState } from '../src/messages.js';
import { askHost } from './ask-host.js';
import './attachments.js';
import { ComposerHistory } from './composer-history.js';
import { composerKey } from './composer-keys.js';
import { pasted } from './composer-paste.js';
import { FILE_RULES, NO_PLACE } from './file-rules.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { NoticeEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

/** The text in the composer changed and has not been sent. */
export class UnsentEvent extends Event {
  static readonly type = 'unsent';
  readonly text: string;
  constructor(text: string) {
    super(UnsentEvent.type);
    this.text = text;
  }
}

/** The message field with Send, which becomes Stop while something runs. */
@customElement('trimmer-composer')
export class TrimmerComposer extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        padding: 4px 12px 12px;
      }
      .box {
        border: 1px solid var(--vscode-input-border, var(--vscode-contrastBorder, var(--panel-border)));
        border-radius: 8px;
        background: var(--vscode-input-background);
      }
      .box:has(textarea:focus) {
        border-color: var(--vscode-focusBorder);
      }
      textarea {
        display: block;
        inline-size: 100%;
        min-block-size: 34px;
        max-block-size: 30vh;
        padding: 8px 10px 4px;
        field-sizing: content;
        resize: none;
        border: none;
        background: none;
        color: var(--vscode-input-foreground);
        line-height: 1.4;
      }
      /* The box around it shows where the keyboard is. */
      textarea:focus-visible {
        outline: none;
      }
      textarea::placeholder {
        color: var(--vscode-input-placeholderForeground);
      }
      .buttons {
        display: flex;
        justify-content: space-between;
        padding: 2px 5px 5px;
      }
      .waits {
        padding: 4px 2px 0;
        font-size: 0.92em;
      }
      @media (forced-colors: active) {
        .box:has(textarea:focus) {
          outline: 1px solid Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ type: Boolean }) busy = false;
  @property({ attribute: false }) state!: PanelState;
  @property() text = '';

  /** The person wanted to send while something runs. */
  @state() private waits = false;

  @query('textarea') private readonly area!: HTMLTextAreaElement;

  readonly #history = new ComposerHistory(() =>
    this.state.chat.filter(({ kind }) => kind === 'user').map(({ text }) => text),
  );

  override focus(options?: FocusOptions): void {
    void this.updateComplete.then(() => this.area.focus(options));
  }

  /** Sends a sentence as if it had been typed. When the host refuses it, it is there to be sent again. */
  async send(text: string): Promise<void> {
    const said = text.trim();
    if (said === '' || this.busy) return;
    this.#history.forget();
    this.waits = false;
    this.#type('');
    if (!(await askHost(this, this.link, { type: 'say', text: said })) && this.text === '') this.#type(said);
  }

  protected override render(): TemplateResult {
    return html`<div class="box">
        <trimmer-attachments .link=${this.link} .state=${this.state}></trimmer-attachments>
        <textarea
          rows="1"
          aria-label=${l10n.t('Message')}
          placeholder=${l10n.t('Describe the cut you want')}
          dir="auto"
          .value=${this.text}
          @input=${() => this.#typed()}
          @paste=${this.#pasted}
          @keydown=${this.#keys}
        ></textarea>
        <div class="buttons">
          <button
            class="quiet"
            aria-label=${l10n.t('Choose a video')}
            title=${l10n.t('Choose a video: {0}. Or drop it here from the Explorer: hold Shift until you let go.', FILE_RULES)}
            @click=${() => askHost(this, this.link, { type: 'attach' })}
          >
            ${icon('attach')}
          </button>
          ${
            this.busy
              ? html`<button
                  class="quiet"
                  aria-label=${l10n.t('Stop')}
                  title="${l10n.t('Stop')} (Escape)"
                  @click=${this.#stop}
                >
                  ${icon('debug-stop')}
                </button>`
              : html`<button
                  class="quiet"
                  aria-label=${l10n.t('Send')}
                  title="${l10n.t('Send')} (Enter)"
                  ?disabled=${this.text.trim() === ''}
                  @click=${() => this.send(this.text)}
                >
                  ${icon('send')}
                </button>`
          }
        </div>
      </div>
      ${
        this.busy && this.waits
          ? html`<p class="waits muted" role="status">
              ${l10n.t('Your message waits here until the work is done. Escape stops it.')}
            </p>`
          : nothing
      }`;
  }

  #type(text: string): void {
    this.text = text;
    this.dispatchEvent(new UnsentEvent(text));
  }

  #typed(): void {
    this.#history.forget();
    this.waits = false;
    this.#type(this.area.value);
  }

  readonly #pasted = (event: ClipboardEvent): void => {
    const paste = event.clipboardData ? pasted(event.clipboardData) : { kind: 'text' as const };
    if (paste.kind === 'text') return;
    event.preventDefault();
    if (paste.kind === 'uris') {
      void askHost(this, this.link, { type: 'drop', uris: [...paste.uris] });
      return;
    }
    this.dispatchEvent(new NoticeEvent(NO_PLACE));
    void askHost(this, this.link, { type: 'attach' });
  };

  readonly #stop = (): void => void askHost(this, this.link, { type: 'stop' });

  readonly #keys = (event: KeyboardEvent): void => {
    const key = composerKey(event);
    if (key === 'type' || (key === 'stop' && !this.busy)) return;
    if (key === 'older' || key === 'newer') {
      const recalled = this.#history.recall(key === 'older' ? 'ArrowUp' : 'ArrowDown', this.area.value);
      if (recalled === undefined) return;
      event.preventDefault();
      this.#type(recalled);
      return;
    }
    event.preventDefault();
    if (key === 'stop') this.#stop();
    else if (this.busy) this.waits = this.text.trim() !== '';
    else void this.send(this.text);
  };
}

declare global {
  interface HTMLElementEventMap {
    unsent: UnsentEvent;
  }
}
