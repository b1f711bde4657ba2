import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelState } from '../src/messages.js';
import type { TrimmerComposer, UnsentEvent } from './composer.js';
import type { SuggestionEvent } from './greeting.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { FoldEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { MemoryStore } from './vscode-api.js';
import './chat-entry.js';
import './composer.js';
import './engine-chip.js';
import './greeting.js';

/** Nearer to the end than this, the reader follows the talk. */
const AT_END = 24;

/** The talk with the agent: engine, entries, composer. */
@customElement('trimmer-chat')
export class TrimmerChat extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        position: relative;
        display: flex;
        flex-direction: column;
        min-block-size: 0;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 6px 8px 4px;
      }
      .log {
        flex: 1 1 auto;
        min-block-size: 0;
        overflow-y: auto;
        padding: 6px 12px 8px;
        /* The end is kept in view here, not by the browser's own anchoring. */
        overflow-anchor: none;
        outline-offset: -2px;
      }
      .entries {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }
      .newest {
        position: relative;
        block-size: 0;
        text-align: center;
      }
      .newest vscode-button {
        position: absolute;
        inset-block-end: 6px;
        left: 50%;
        translate: -50% 0;
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) memory: MemoryStore | undefined;
  @property({ attribute: false }) state!: PanelState;
  @property({ type: Boolean }) foldable = false;

  @state() private behind = false;
  @state() private unsent = '';
  @query('.log') private readonly log!: HTMLElement;
  @query('.entries') private readonly entries!: HTMLElement;
  @query('trimmer-composer') private readonly composer!: TrimmerComposer;

  #follows = true;
  /** Entries grow as text streams in, as buttons come and as the panel gets narrower. */
  readonly #grown = new ResizeObserver(() => this.#keepEnd());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#grown.disconnect();
  }

  override focus(): void {
    void this.updateComplete.then(() => this.composer.focus());
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('memory') || !this.memory) return;
    this.unsent = this.memory.read().unsent ?? '';
  }

  protected override firstUpdated(): void {
    const scroll = this.memory?.read().chatScroll;
    if (scroll !== undefined) {
      this.#follows = false;
      void this.updateComplete.then(() => (this.log.scrollTop = scroll));
    }
    this.#grown.observe(this.log);
    this.#grown.observe(this.entries);
  }

  protected override render(): TemplateResult {
    const { chat, clip, activity } = this.state;
    const busy = activity.kind !== 'idle';
    return html`
      <header>
        <trimmer-engine-chip .link=${this.link} .state=${this.state}></trimmer-engine-chip>
        ${
          this.foldable
            ? html`<button
                class="quiet"
                aria-label="Hide the chat"
                title="Hide the chat"
                aria-expanded="true"
                @click=${() => this.dispatchEvent(new FoldEvent())}
              >
                ${icon('layout-sidebar-right')}
              </button>`
            : nothing
        }
      </header>
      <div class="log" role="log" aria-label="Chat" aria-live="off" tabindex="0" @scroll=${this.#scrolled}>
        <div class="entries">
          ${
            chat.length === 0
              ? html`<trimmer-greeting
                  .link=${this.link}
                  .hasClip=${clip !== undefined}
                  @suggestion=${this.#try}
                ></trimmer-greeting>`
              : repeat(
                  chat,
                  (entry) => entry.id,
                  (entry, index) =>
                    html`<trimmer-chat-entry
                      .link=${this.link}
                      .entry=${entry}
                      .latest=${index === chat.length - 1}
                      .busy=${busy}
                    ></trimmer-chat-entry>`,
                )
          }
        </div>
      </div>
      ${
        this.behind
          ? html`<div class="newest">
              <vscode-button appearance="secondary" @click=${this.#toEnd}>
                ${icon('chevron-down', 'start')}Newest
              </vscode-button>
            </div>`
          : nothing
      }
      <trimmer-composer
        .link=${this.link}
        .busy=${busy}
        .text=${this.unsent}
        @unsent=${this.#keepUnsent}
      ></trimmer-composer>
    `;
  }

  readonly #keepUnsent = (event: UnsentEvent): void => {
    this.unsent = event.text;
    this.memory?.remember({ unsent: event.text === '' ? undefined : event.text });
    // The person speaks: what comes back is what they want to see.
    if (event.text === '') this.#toEnd();
  };

  /** Without a clip there is nothing to work on yet: the sentence waits in the composer. */
  readonly #try = (event: SuggestionEvent): void => {
    if (this.state.clip) {
      void this.composer.send(event.sentence);
      return;
    }
    this.unsent = event.sentence;
    this.memory?.remember({ unsent: event.sentence });
    this.composer.focus();
  };

  readonly #scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    this.#follows = scrollHeight - scrollTop - clientHeight <= AT_END;
    this.behind = !this.#follows && this.state.chat.length > 0;
    this.memory?.remember({ chatScroll: this.#follows ? undefined : scrollTop });
  };

  readonly #toEnd = (): void => {
    this.#follows = true;
    this.behind = false;
    this.#keepEnd();
  };

  #keepEnd(): void {
    if (!this.#follows || this.state.chat.length === 0) return;
    this.log.scrollTop = this.log.scrollHeight;
  }
}
