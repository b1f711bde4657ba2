import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { deepFocus } from './deep-focus.js';
import { icon, iconStyles } from './icons.js';
import { KEY_LIST } from './key-list.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

/** The button that lists all keys. */
@customElement('trimmer-keys')
export class TrimmerKeys extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        direction: inherit;
      }
      [popover] {
        box-sizing: border-box;
        inset: 0;
        margin: auto;
        inline-size: min(560px, 100vw - 24px);
        max-block-size: calc(100vh - 24px);
        overflow-y: auto;
        padding: 12px 16px;
        border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent));
        border-radius: 6px;
        background: var(--vscode-editorWidget-background, var(--panel-background));
        color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
        font-size: 12px;
      }
      [popover]:popover-open {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
        gap: 12px 24px;
      }
      header {
        grid-column: 1 / -1;
        display: flex;
        align-items: center;
        justify-content: space-between;
        font-size: 13px;
      }
      h2,
      h3 {
        margin: 0;
        font-size: inherit;
        font-weight: 600;
      }
      dl {
        display: grid;
        grid-template-columns: 104px minmax(0, 1fr);
        gap: 4px 10px;
        margin: 4px 0 0;
      }
      dt {
        font-family: var(--vscode-editor-font-family, monospace);
        overflow-wrap: anywhere;
      }
      dd {
        margin: 0;
        color: var(--vscode-descriptionForeground);
      }
    `,
  ];

  @state() private shown = false;
  #before: HTMLElement | undefined;
  @query('[popover]') private readonly list!: HTMLElement;

  /** The keyboard goes back to where it was when the list is closed. */
  show(): void {
    this.#before = deepFocus();
    this.shown = true;
    this.list.showPopover();
    this.list.focus();
  }

  protected override render(): TemplateResult {
    return html`
      <button
        class="quiet"
        aria-label=${l10n.t('Keys')}
        title="${l10n.t('Keys')} (?)"
        aria-haspopup="dialog"
        @click=${() => this.show()}
      >
        ${icon('keyboard')}
      </button>
      <div popover role="dialog" tabindex="-1" aria-labelledby="title" @keydown=${this.#keys} @toggle=${this.#toggled}>
        <header>
          <h2 id="title">${l10n.t('Keys')}</h2>
          <button class="quiet" @click=${() => this.list.hidePopover()}>${l10n.t('Close')}</button>
        </header>
        ${(this.shown ? KEY_LIST : []).map(
          ({ title, keys }) =>
            html`<section>
              <h3>${title}</h3>
              <dl>
                ${keys.map(
                  ([key, does]) =>
                    html`<dt>${named(key)}</dt>
                      <dd>${does}</dd>`,
                )}
              </dl>
            </section>`,
        )}
      </div>
    `;
  }

  /** Keys pressed while it is read do nothing behind it; the one that opened it closes it. */
  readonly #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Tab') event.stopPropagation();
    if (event.key === '?') this.list.hidePopover();
  };

  readonly #toggled = (event: ToggleEvent): void => {
    this.shown = event.newState === 'open';
    // Closed by a click on something else, it is that which has the keyboard.
    if (!this.shown && (document.activeElement === document.body || deepFocus() === this.list)) this.#before?.focus();
  };
}

function named(key: string): string {
  return key.replaceAll('Mod', /^Mac/.test(navigator.platform) ? 'Cmd' : 'Ctrl');
}
