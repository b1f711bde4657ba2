import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelState } from '../src/messages.js';
import type { Section } from '../src/timeline/sections.js';
import { askHost } from './ask-host.js';
import type { TrimmerComposer, UnsentEvent } from './composer.js';
import type { SuggestionEvent } from './greeting.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { latestEdit, nextSteps } from './next-steps.js';
import { FoldEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { MemoryStore } from './vscode-api.js';
import './chat-entry.js';
import './chat-menu.js';
import './composer.js';
import './engine-chip.js';
import './greeting.js';
import './next-step-chips.js';

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
        gap: 2px;
        padding: 6px 6px 4px;
      }
      header trimmer-engine-chip {
        flex: 1;
        min-inline-size: 0;
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
      /* What goes on above and below fades out. */
      .log:not(:focus-visible) {
        mask: linear-gradient(transparent, #000 6px, #000 calc(100% - 8px), transparent);
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
        border-radius: 4px;
        background: var(--vscode-editorWidget-background, var(--panel-background));
        box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) memory: MemoryStore | undefined;
  @property({ attribute: false }) state!: PanelState;
  @property({ type: Boolean }) foldable = false;
  /** Of the clip, and what the person has marked already: for the next steps. */
  @property({ attribute: false }) pauses: readonly Section[] = [];
  @property({ attribute: false }) marked: readonly Section[] = [];

  @state() private behind = false;
  /** Something came while the reader looked at what was before. */
  @state() private news = false;
  @state() private unsent = '';
  @query('.log') private readonly log!: HTMLElement;
  @query('.entries') private readonly entries!: HTMLElement;
  @query('trimmer-composer') private readonly composer!: TrimmerComposer;

  #follows = true;
  /** Where the log was when it last scrolled. Pixels. */
  #top = 0;
  /** Entries grow as text streams in, as buttons come and as the panel gets narrower. */
  readonly #grown = new ResizeObserver(() => this.#keepEnd());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#grown.disconnect();
  }

  constructor() {
    super();
    this.addEventListener('keydown', this.#keys);
    this.addEventListener('chat-fill', (event) => this.#fill(event.sentence));
  }

  override focus(options?: FocusOptions): void {
    void this.updateComplete.then(() => this.composer.focus(options));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('state');
    if (before && this.behind && before.chat.at(-1)?.text !== this.state.chat.at(-1)?.text) this.news = true;
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
    const { chat, clip, activity, sessionId } = this.state;
    const busy = activity.kind !== 'idle';
    const edit = latestEdit(chat);
    const steps = nextSteps(this.state, this.pauses, this.marked);
    const keys = uniqueKeys(chat.map(({ id }) => id));
    return html`
      <header>
        <trimmer-engine-chip .link=${this.link} .state=${this.state}></trimmer-engine-chip>
        <trimmer-chat-menu .link=${this.link} .hasSession=${sessionId !== undefined}></trimmer-chat-menu>
        ${
          this.foldable
            ? html`<button
                class="quiet"
                aria-label=${l10n.t('Hide the chat')}
                title=${l10n.t('Hide the chat')}
                aria-expanded="true"
                @click=${() => this.dispatchEvent(new FoldEvent())}
              >
                ${icon('layout-sidebar-right')}
              </button>`
            : nothing
        }
      </header>
      <div class="log" role="log" aria-label=${l10n.t('Chat')} aria-live="off" tabindex="0" @scroll=${this.#scrolled}>
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
                  (_, index) => keys[index],
                  (entry, index) =>
                    html`<trimmer-chat-entry
                      .link=${this.link}
                      .entry=${entry}
                      .latest=${index === chat.length - 1}
                      .current=${entry === edit}
                      .busy=${busy}
                    ></trimmer-chat-entry>`,
                )
          }
          <trimmer-next-steps .link=${this.link} .steps=${steps} ?hidden=${steps.length === 0}></trimmer-next-steps>
        </div>
      </div>
      ${
        this.behind
          ? html`<div class="newest">
              <vscode-button appearance="secondary" @click=${this.#toEnd}>
                ${icon('chevron-down', 'start')}${this.news ? l10n.t('New messages') : l10n.t('Newest')}
              </vscode-button>
            </div>`
          : nothing
      }
      <trimmer-composer
        .link=${this.link}
        .busy=${busy}
        .state=${this.state}
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
    this.#fill(event.sentence);
  };

  #fill(sentence: string): void {
    this.unsent = sentence;
    this.memory?.remember({ unsent: sentence });
    this.composer.focus();
  }

  /** In the message field, Escape is its own: an input method may want it. */
  readonly #keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.composedPath().includes(this.composer)) return;
    if (this.state.activity.kind === 'idle') return;
    event.preventDefault();
    void askHost(this, this.link, { type: 'stop' });
  };

  readonly #scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    // Text that came since the end was last shown is no reader scrolling up: only a way upwards is.
    if (scrollHeight - scrollTop - clientHeight <= AT_END) this.#follows = true;
    else if (scrollTop < this.#top) this.#follows = false;
    this.#top = scrollTop;
    this.behind = !this.#follows && this.state.chat.length > 0;
    if (this.#follows) this.news = false;
    this.memory?.remember({ chatScroll: this.#follows ? undefined : scrollTop });
  };

  readonly #toEnd = (): void => {
    this.#follows = true;
    this.behind = this.news = false;
    this.#keepEnd();
  };

  #keepEnd(): void {
    if (!this.#follows || this.state.chat.length === 0) return;
    this.log.scrollTop = this.log.scrollHeight;
  }
}

/** Ids come from outside: two that are the same must not keep the chat from being drawn. */
function uniqueKeys(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.map((id, index) => {
    const key = seen.has(id) ? `${id}/${index}` : id;
    seen.add(key);
    return key;
  });
}
