import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { askHost } from './ask-host.js';
import { FILE_RULES } from './file-rules.js';
import type { HostLink } from './host-link.js';
import { partStyles } from './panel-styles.js';

/** The product's own words, to be kept as they are. */
const GREETING = l10n.t('Ready when you are. Drop your video clips here or describe what you want to make.');
const SUGGESTIONS = [
  l10n.t('edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4'),
  l10n.t('remove the section between 0:45 and 1:20 and join the remaining parts smoothly'),
  l10n.t('cutting out unwanted middle sections from a video and rejoining the remaining parts for content creators'),
];

/** A suggestion was clicked. */
export class SuggestionEvent extends Event {
  static readonly type = 'suggestion';
  readonly sentence: string;
  constructor(sentence: string) {
    super(SuggestionEvent.type);
    this.sentence = sentence;
  }
}

/** The empty chat: what to do first, and sentences to try. */
@customElement('trimmer-greeting')
export class TrimmerGreeting extends LitElement {
  static override styles = [
    partStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 10px;
        line-height: 1.5;
      }
      .choose {
        align-self: stretch;
      }
      .hint {
        font-size: 12px;
        margin-block-start: -4px;
      }
      h2 {
        margin: 8px 0 0;
        font-size: inherit;
        font-weight: 600;
      }
      ul {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li button {
        inline-size: 100%;
        padding: 7px 10px;
        border: 1px solid var(--chip-border);
        border-radius: 6px;
        background: none;
        line-height: 1.4;
        text-align: start;
      }
      li button:hover {
        background: var(--vscode-list-hoverBackground);
        color: var(--vscode-list-hoverForeground, inherit);
        border-color: var(--vscode-contrastActiveBorder, var(--chip-border));
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ type: Boolean }) hasClip = false;

  protected override render(): TemplateResult {
    return html`
      <p>${GREETING}</p>
      ${
        this.hasClip
          ? nothing
          : html`<vscode-button class="choose" @click=${() => askHost(this, this.link, { type: 'attach' })}
                >${l10n.t('Choose a video…')}</vscode-button
              >
              <p class="hint muted">
                ${l10n.t('Or drop one from the Explorer: hold Shift until you let go. {0}.', FILE_RULES)}
              </p>`
      }
      <h2>${l10n.t('Try saying:')}</h2>
      <ul>
        ${SUGGESTIONS.map(
          (sentence) =>
            html`<li>
              <button @click=${() => this.dispatchEvent(new SuggestionEvent(sentence))}>${sentence}</button>
            </li>`,
        )}
      </ul>
    `;
  }
}

declare global {
  interface HTMLElementEventMap {
    suggestion: SuggestionEvent;
  }
}
