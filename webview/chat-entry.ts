import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ChatActionName, PanelChatEntry } from '../src/messages.js';
import { askHost } from './ask-host.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles, type IconName } from './icons.js';
import { partStyles } from './panel-styles.js';
import { linkOf, renderMarkdown } from './safe-markdown.js';

const ACTION_LABELS: Record<ChatActionName, string> = {
  export: 'Export',
  undo: 'Undo',
  retry: 'Retry',
  'open-output': 'Open',
  'reveal-output': 'Reveal in Explorer',
  'use-local': 'Cut on this machine instead',
  register: 'Register',
  'set-token': 'Set API Token',
  'open-in-browser': 'Open in Browser',
  'keep-additions': 'Keep',
  'strip-additions': 'Take out',
};

/** One entry of the chat: what the person said, what the agent said, or a card for what happened. */
@customElement('trimmer-chat-entry')
export class TrimmerChatEntry extends LitElement {
  static override styles = [
    partStyles,
    iconStyles,
    css`
      :host {
        line-height: 1.5;
        overflow-wrap: anywhere;
      }
      .user {
        inline-size: fit-content;
        max-inline-size: 88%;
        margin-inline-start: auto;
        padding: 5px 11px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 8px;
        background: var(
          --vscode-chat-requestBubbleBackground,
          color-mix(in srgb, var(--vscode-focusBorder) 16%, transparent)
        );
      }
      .card {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr);
        gap: 0 8px;
      }
      .card > .icon {
        margin-block-start: 2px;
      }
      .card.status {
        color: var(--vscode-descriptionForeground);
      }
      .card.done {
        color: var(--vscode-foreground);
      }
      .card.error,
      .card.export {
        padding: 8px 10px;
        border: 1px solid var(--vscode-contrastBorder, var(--card-border));
        border-radius: 6px;
      }
      .card.export {
        --card-border: var(--panel-border);
        background: color-mix(in srgb, var(--vscode-foreground) 4%, transparent);
      }
      .card.export > .icon,
      .card.done > .icon {
        color: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
      }
      .card.error {
        --card-border: color-mix(in srgb, var(--vscode-errorForeground) 45%, transparent);
        background: color-mix(in srgb, var(--vscode-errorForeground) 7%, transparent);
      }
      .card.error > .icon {
        color: var(--vscode-errorForeground);
      }
      .user > span:last-child,
      .text {
        white-space: pre-wrap;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-block-start: 7px;
      }
      .card .actions {
        grid-column: 2;
      }
      .markdown > :first-child {
        margin-block-start: 0;
      }
      .markdown > :last-child {
        margin-block-end: 0;
      }
      .markdown :is(p, ul, ol, pre, blockquote, table) {
        margin-block: 0 8px;
      }
      .markdown :is(ul, ol) {
        padding-inline-start: 20px;
      }
      .markdown :is(h1, h2, h3, h4, h5, h6) {
        margin-block: 10px 4px;
        font-size: 1.05em;
        font-weight: 600;
      }
      .markdown a {
        color: var(--vscode-textLink-foreground);
      }
      .markdown a:hover {
        color: var(--vscode-textLink-activeForeground);
      }
      .markdown code {
        padding: 1px 3px;
        border-radius: 3px;
        font-family: var(--vscode-editor-font-family, monospace);
        font-size: 0.92em;
        color: var(--vscode-textPreformat-foreground);
        background: var(--vscode-textPreformat-background);
      }
      .markdown pre {
        padding: 8px;
        overflow-x: auto;
        border-radius: 4px;
        background: var(--vscode-textCodeBlock-background);
      }
      .markdown pre code {
        padding: 0;
        color: inherit;
        background: none;
      }
      .markdown blockquote {
        margin-inline: 0;
        padding-inline-start: 10px;
        border-inline-start: 3px solid var(--vscode-textBlockQuote-border);
      }
      .markdown table {
        display: block;
        overflow-x: auto;
        border-collapse: collapse;
      }
      .markdown :is(th, td) {
        padding: 2px 8px;
        border: 1px solid var(--panel-border);
        text-align: start;
      }
      .streaming > :last-child:not(ul, ol, pre, table)::after,
      .streaming > :is(ul, ol):last-child > li:last-child::after {
        content: '';
        display: inline-block;
        inline-size: 7px;
        block-size: 1em;
        margin-inline-start: 3px;
        vertical-align: -2px;
        border-radius: 1px;
        background: var(--vscode-foreground);
        opacity: 0.6;
        animation: blink 1s steps(2, jump-none) infinite;
      }
      @keyframes blink {
        to {
          opacity: 0.1;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .streaming ::after {
          animation: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) entry!: PanelChatEntry;
  /** The newest entry: its first action is the next step. */
  @property({ type: Boolean }) latest = false;
  /** Something runs: its outcome comes first. */
  @property({ type: Boolean }) busy = false;

  @query('.markdown') private readonly markdown!: HTMLElement | null;

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('entry') || !this.markdown) return;
    const before = changed.get('entry');
    if (before?.text !== this.entry.text) this.markdown.replaceChildren(renderMarkdown(this.entry.text));
  }

  protected override render(): TemplateResult {
    const { kind, text, streaming } = this.entry;
    // Set as text content: line breaks are kept here, and those of the template would show.
    if (kind === 'user') {
      return html`<div class="user">
        <span class="spoken">You: </span><span dir="auto" .textContent=${text}></span>
      </div>`;
    }
    if (kind === 'agent') {
      return html`<div
          class="markdown ${streaming ? 'streaming' : ''}"
          dir="auto"
          aria-busy=${streaming}
          @click=${this.#openLink}
          @auxclick=${this.#openLink}
        ></div>
        ${this.#renderActions()}`;
    }
    return html`<div class="card ${kind} ${this.#done ? 'done' : ''}">
      ${icon(this.#icon())}
      <div>
        ${kind === 'error' ? html`<span class="spoken">Error: </span>` : nothing}
        <span class="text" dir="auto" .textContent=${text}></span>
      </div>
      ${this.#renderActions()}
    </div>`;
  }

  /** A status that can be undone or exported tells of an edit; the others are passing remarks. */
  get #done(): boolean {
    return this.entry.kind === 'status' && this.entry.actions.length > 0;
  }

  #icon(): IconName {
    if (this.entry.kind === 'error') return 'error';
    if (this.entry.kind === 'export') return 'check';
    return this.#done ? 'screen-cut' : 'info';
  }

  #renderActions(): TemplateResult | typeof nothing {
    const { actions, kind } = this.entry;
    if (actions.length === 0) return nothing;
    const lead = this.latest && (kind === 'error' || kind === 'export');
    return html`<div class="actions">
      ${actions.map(
        (action, index) =>
          html`<vscode-button
            appearance=${lead && index === 0 ? 'primary' : 'secondary'}
            ?disabled=${this.busy && action !== 'open-output' && action !== 'reveal-output'}
            @click=${() => askHost(this, this.link, { type: 'act', entry: this.entry.id, action })}
            >${ACTION_LABELS[action]}</vscode-button
          >`,
      )}
    </div>`;
  }

  /** VS Code's page opens links of its own accord too: the click must not reach it. */
  readonly #openLink = (event: Event): void => {
    const onLink = event.composedPath().some((node) => node instanceof HTMLAnchorElement);
    if (!onLink) return;
    event.preventDefault();
    event.stopPropagation();
    const url = linkOf(event);
    if (url !== undefined) void askHost(this, this.link, { type: 'open-link', url });
  };
}
