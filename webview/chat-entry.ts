import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ChatActionName, PanelChatEntry } from '../src/messages.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { askHost } from './ask-host.js';
import { FillEvent } from './chat-events.js';
import { entryStyles } from './chat-entry-styles.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles, type IconName } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { linkOf, renderMarkdown } from './safe-markdown.js';
import { closedSoFar, replaceFromFirstChange } from './streaming-markdown.js';

const ACTION_LABELS: Record<ChatActionName, string> = {
  export: l10n.t('Export'),
  undo: l10n.t('Undo'),
  retry: l10n.t('Retry'),
  'open-output': l10n.t('Open'),
  'reveal-output': l10n.t('Reveal in Explorer'),
  'use-local': l10n.t('Cut on this machine instead'),
  'use-renamed': l10n.t('Use it'),
  register: l10n.t('Register'),
  'set-token': l10n.t('Set API Token'),
  'open-in-browser': l10n.t('Open in Browser'),
  'keep-additions': l10n.t('Keep'),
  'strip-additions': l10n.t('Take out'),
};

const TOPIC_ICONS: Record<NonNullable<PanelChatEntry['topic']>, IconName> = {
  connected: 'plug',
  added: 'file-media',
  edited: 'screen-cut',
  credits: 'credit-card',
  hint: 'lightbulb',
};

/** These look at what is there; the others have to wait until nothing runs. */
const ANY_TIME: readonly ChatActionName[] = ['open-output', 'reveal-output', 'open-in-browser', 'register'];
/** How long a copy button says that it has copied. Milliseconds. */
const COPIED = 1500;

/** One entry of the chat: what the person said, what the agent said, or a card for what happened. */
@customElement('trimmer-chat-entry')
export class TrimmerChatEntry extends LitElement {
  static override styles = [partStyles, quietButtonStyles, iconStyles, entryStyles];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) entry!: PanelChatEntry;
  /** The newest entry: its first action is the next step. */
  @property({ type: Boolean }) latest = false;
  /** It tells of the edit that made the timeline what it is. */
  @property({ type: Boolean }) current = false;
  /** Something runs: its outcome comes first. */
  @property({ type: Boolean }) busy = false;

  @state() private copied = false;
  @query('.markdown') private readonly markdown!: HTMLElement | null;

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('entry') || !this.markdown) return;
    const before = changed.get('entry');
    const { text, streaming } = this.entry;
    if (before?.text === text && before.streaming === streaming) return;
    replaceFromFirstChange(this.markdown, renderMarkdown(streaming ? closedSoFar(text) : text));
  }

  protected override render(): TemplateResult {
    const { kind, text, streaming, change } = this.entry;
    // Set as text content: line breaks are kept here, and those of the template would show.
    if (kind === 'user') {
      return html`<div class="user">
        <span class="spoken">${l10n.t('You:')} </span><span dir="auto" .textContent=${text}></span>
      </div>`;
    }
    if (kind !== 'agent') return this.#renderCard();
    return html`<div
        class="markdown ${streaming ? 'streaming' : ''}"
        dir="auto"
        aria-busy=${streaming}
        @click=${this.#openLink}
        @auxclick=${this.#openLink}
      ></div>
      ${
        change
          ? html`<div class="card edited">
              ${icon('screen-cut')}${this.#renderLengths()}${this.#renderUndo()}${this.#renderActions()}
            </div>`
          : this.#renderActions()
      }
      ${streaming ? nothing : this.#renderTools()}`;
  }

  #renderCard(): TemplateResult {
    const { kind, text, topic, change } = this.entry;
    const [head, rest] = firstSentence(text);
    return html`<div class="card ${kind} ${change || this.#offers('undo') ? 'edited' : ''} ${topic ?? ''}">
      ${icon(this.#icon())}
      <div>
        ${kind === 'error' ? html`<span class="spoken">${l10n.t('Error:')} </span>` : nothing}
        <span class="text" dir="auto"
          ><span .textContent=${head}></span
          >${rest === '' ? nothing : html`<span class="detail" .textContent=${rest}></span>`}</span
        >
        ${change ? this.#renderLengths() : nothing}
      </div>
      ${this.#renderUndo()}${this.#renderActions()}
    </div>`;
  }

  /** `2:00 → 1:25 (−0:35)` */
  #renderLengths(): TemplateResult | typeof nothing {
    const { change } = this.entry;
    if (!change) return nothing;
    const [before, after] = [change.before, change.after].map(length);
    const by = change.after - change.before;
    const words = before === after ? '' : `(${by < 0 ? '−' : '+'}${length(Math.abs(by))})`;
    // Before the first edit there was nothing to be compared with.
    if (change.before === 0) return html`<div class="lengths"><b>${after}</b></div>`;
    return html`<div class="lengths">
      ${before} <span aria-hidden="true">→</span><span class="spoken">${l10n.t('to')}</span> <b>${after}</b> ${words}
    </div>`;
  }

  #icon(): IconName {
    const { kind, topic } = this.entry;
    if (kind === 'error') return 'error';
    if (kind === 'export') return 'check';
    if (topic) return TOPIC_ICONS[topic];
    return this.#offers('undo') ? 'screen-cut' : 'info';
  }

  #offers(action: ChatActionName): boolean {
    return this.entry.actions.includes(action);
  }

  #renderUndo(): TemplateResult | typeof nothing {
    if (!this.current || !this.#offers('undo')) return nothing;
    return html`<div class="aside">
      <button class="quiet" ?disabled=${this.busy} @click=${() => this.#act('undo')}>
        ${icon('discard')}${l10n.t('Undo')}
      </button>
    </div>`;
  }

  #renderActions(): TemplateResult | typeof nothing {
    const { kind, sentence } = this.entry;
    // Undo stands beside what was done, and Export among the next steps: neither is about an older edit.
    const actions = this.#offers('undo') ? [] : this.entry.actions;
    if (actions.length === 0 && sentence === undefined) return nothing;
    const lead = kind === 'error' || kind === 'export';
    return html`<div class="actions">
      ${
        sentence === undefined
          ? nothing
          : html`<button
              class="sentence"
              title=${l10n.t('Put this sentence into the message field')}
              @click=${() => this.dispatchEvent(new FillEvent(sentence))}
            >
              ${l10n.t('Try “{0}”', sentence)}
            </button>`
      }
      ${actions.map((action, index) =>
        lead && index > 0
          ? html`<button class="other" ?disabled=${this.#waits(action)} @click=${() => this.#act(action)}>
              ${ACTION_LABELS[action]}
            </button>`
          : html`<vscode-button
              appearance=${lead && this.latest ? 'primary' : 'secondary'}
              ?disabled=${this.#waits(action)}
              @click=${() => this.#act(action)}
              >${ACTION_LABELS[action]}</vscode-button
            >`,
      )}
    </div>`;
  }

  #renderTools(): TemplateResult {
    return html`<div class="tools">
      <button
        class="quiet ${this.copied ? 'done' : ''}"
        aria-label=${this.copied ? l10n.t('Copied') : l10n.t('Copy this answer')}
        title=${this.copied ? l10n.t('Copied') : l10n.t('Copy')}
        @click=${() => void this.#copy()}
      >
        ${icon(this.copied ? 'check' : 'copy')}
      </button>
    </div>`;
  }

  #waits(action: ChatActionName): boolean {
    return this.busy && !ANY_TIME.includes(action);
  }

  #act(action: ChatActionName): void {
    void askHost(this, this.link, { type: 'act', entry: this.entry.id, action });
  }

  async #copy(): Promise<void> {
    if (!(await askHost(this, this.link, { type: 'copy', entry: this.entry.id }))) return;
    this.copied = true;
    setTimeout(() => (this.copied = false), COPIED);
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

/** What happened, and what there is to say about it. A point within a name or a number ends no sentence. */
function firstSentence(text: string): [head: string, rest: string] {
  const end = /[.!?](?=\s+\p{Lu})|[。！？](?=.)/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + 1)] : [text, ''];
}

function length(time: number): string {
  return formatTimecode(time, time % 1_000_000 === 0 ? { digits: 0 } : { digits: 1 });
}
