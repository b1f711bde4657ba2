import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelWaitingExport } from '../src/messages.js';
import { askHost } from './ask-host.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

/** The exports that wait for their turn, each with its cancel. */
@customElement('trimmer-export-waiting')
export class TrimmerExportWaiting extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      summary {
        inline-size: fit-content;
        min-block-size: 22px;
        margin-block-start: 6px;
        line-height: 22px;
        cursor: pointer;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
        max-block-size: 130px;
        overflow-y: auto;
      }
      li {
        display: flex;
        align-items: center;
        gap: 4px;
        padding-inline-start: 14px;
      }
      /* VS Code's notifications lie over the right end of the panel: the cancel stands beside its name. */
      .file {
        flex: 0 1 auto;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) waiting: readonly PanelWaitingExport[] = [];

  protected override render(): TemplateResult {
    return html`<details open>
      <summary class="muted"><span role="status">${l10n.t('{0} waiting', this.waiting.length)}</span></summary>
      <ul aria-label=${l10n.t('Exports that wait')}>
        ${repeat(
          this.waiting,
          ({ id }) => id,
          ({ id, file }) =>
            html`<li>
              <span class="file" title=${file}>${file}</span>
              <button
                class="quiet"
                aria-label=${l10n.t('Cancel {0}', file)}
                title=${l10n.t('Cancel')}
                @click=${() => askHost(this, this.link, { type: 'cancel-export', waiting: id })}
              >
                ${icon('close')}
              </button>
            </li>`,
        )}
      </ul>
    </details>`;
  }
}
