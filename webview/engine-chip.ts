import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PanelState } from '../src/messages.js';
import { engineWords } from './activity-words.js';
import { askHost } from './ask-host.js';
import type { HostLink } from './host-link.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';

/** Whether the engine is ready and where it runs; a click lets the person choose. */
@customElement('trimmer-engine-chip')
export class TrimmerEngineChip extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    css`
      .quiet {
        gap: 6px;
        color: var(--vscode-foreground);
        text-align: start;
        white-space: normal;
      }
      /* It still tells the state while it cannot be clicked. */
      .quiet:disabled {
        opacity: 1;
      }
      .dot {
        flex: none;
        inline-size: 8px;
        block-size: 8px;
        border-radius: 50%;
        background: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
      }
      .dot.busy {
        background: var(--vscode-charts-yellow);
      }
      @media (forced-colors: active) {
        .dot {
          background: CanvasText;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) state: Pick<PanelState, 'activity' | 'engine'> = { activity: { kind: 'idle' } };

  protected override render(): TemplateResult {
    const words = engineWords(this.state);
    const busy = this.state.activity.kind !== 'idle';
    return html`<button
      class="quiet"
      title=${l10n.t('Choose where the edit runs: in the cloud or on this machine')}
      ?disabled=${busy}
      @click=${() => askHost(this, this.link, { type: 'choose-engine' })}
    >
      <span class="dot ${busy ? 'busy' : ''}"></span>${words}
    </button>`;
  }
}
