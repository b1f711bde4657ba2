import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { askHost } from './ask-host.js';
import type { HostLink, HostRequest } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

interface Item {
  readonly label: string;
  readonly request: HostRequest;
  /** It is about the session that is shown. */
  readonly needsSession: boolean;
}

const ITEMS: readonly Item[] = [
  { label: l10n.t('Copy chat as Markdown'), request: { type: 'copy' }, needsSession: true },
  { label: l10n.t('Rename session…'), request: { type: 'session-menu', item: 'rename' }, needsSession: true },
  { label: l10n.t('Search sessions…'), request: { type: 'session-menu', item: 'search' }, needsSession: false },
  { label: l10n.t('New session'), request: { type: 'session-menu', item: 'new' }, needsSession: false },
  { label: l10n.t('Delete session…'), request: { type: 'session-menu', item: 'delete' }, needsSession: true },
];

/** The chat's menu: what can be done with the session as a whole. */
@customElement('trimmer-chat-menu')
export class TrimmerChatMenu extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        position: relative;
      }
      [role='menu'] {
        position: absolute;
        inset-block-start: calc(100% + 2px);
        inset-inline-end: 0;
        z-index: 3;
        display: flex;
        flex-direction: column;
        inline-size: max-content;
        max-inline-size: 260px;
        padding: 4px;
        border: 1px solid var(--vscode-menu-border, var(--vscode-contrastBorder, var(--panel-border)));
        border-radius: 5px;
        background: var(--vscode-menu-background);
        color: var(--vscode-menu-foreground);
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
      [role='menuitem'] {
        min-block-size: 24px;
        padding: 0 14px;
        border: 1px solid transparent;
        border-radius: 3px;
        background: none;
        text-align: start;
      }
      [role='menuitem']:is(:hover, :focus) {
        outline: none;
        border-color: var(--vscode-menu-selectionBorder, transparent);
        background: var(--vscode-menu-selectionBackground);
        color: var(--vscode-menu-selectionForeground, inherit);
      }
      @media (forced-colors: active) {
        [role='menuitem']:focus {
          outline: 2px solid Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ type: Boolean }) hasSession = false;
  @state() private open = false;
  @query('button.quiet') private readonly button!: HTMLElement;

  protected override render(): TemplateResult {
    const items = ITEMS.filter(({ needsSession }) => this.hasSession || !needsSession);
    return html`<div @focusout=${this.#left} @keydown=${this.#keys}>
      <button
        class="quiet"
        aria-label=${l10n.t('More about this session')}
        title=${l10n.t('More about this session')}
        aria-haspopup="menu"
        aria-expanded=${this.open}
        @click=${() => void this.#toggle()}
      >
        ${icon('ellipsis')}
      </button>
      ${
        this.open
          ? html`<div role="menu" aria-label=${l10n.t('Session')}>
              ${items.map(
                (item) =>
                  html`<button role="menuitem" tabindex="-1" @click=${() => this.#choose(item)}>${item.label}</button>`,
              )}
            </div>`
          : nothing
      }
    </div>`;
  }

  async #toggle(): Promise<void> {
    this.open = !this.open;
    await this.updateComplete;
    if (this.open) this.#items[0]?.focus();
  }

  get #items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }

  #choose({ request }: Item): void {
    this.#close();
    void askHost(this, this.link, request);
  }

  #close(): void {
    this.open = false;
    this.button.focus();
  }

  readonly #left = (event: FocusEvent): void => {
    if (event.relatedTarget instanceof Node && this.renderRoot.contains(event.relatedTarget)) return;
    this.open = false;
  };

  readonly #keys = (event: KeyboardEvent): void => {
    if (!this.open) return;
    const items = this.#items;
    const at = items.findIndex((item) => item.matches(':focus'));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Escape') this.#close();
    else if (event.key === 'Tab') this.open = false;
    else if (to !== undefined) items.at(to % items.length)?.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };
}
