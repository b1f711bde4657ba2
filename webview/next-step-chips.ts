import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { askHost } from './ask-host.js';
import type { HostLink, HostRequest } from './host-link.js';
import type { NextStep } from './next-steps.js';
import { partStyles } from './panel-styles.js';

/** What to do next, a click each. */
@customElement('trimmer-next-steps')
export class TrimmerNextSteps extends LitElement {
  static override styles = [
    partStyles,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      button {
        max-inline-size: 100%;
        padding: 3px 10px;
        border: 1px solid var(--chip-border);
        border-radius: 12px;
        background: none;
        line-height: 1.4;
        text-align: start;
      }
      button:hover {
        border-color: var(--vscode-contrastActiveBorder, var(--chip-border));
        background: var(--vscode-list-hoverBackground);
        color: var(--vscode-list-hoverForeground, inherit);
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) steps: readonly NextStep[] = [];

  protected override render(): TemplateResult | typeof nothing {
    if (this.steps.length === 0) return nothing;
    return html`<div role="group" aria-label=${l10n.t('Next steps')}>
      ${this.steps.map(
        (step) => html`<button @click=${() => askHost(this, this.link, requestOf(step))}>${step.label}</button>`,
      )}
    </div>`;
  }
}

function requestOf(step: NextStep): HostRequest {
  switch (step.kind) {
    case 'export':
      return { type: 'act', entry: step.entry, action: 'export' };
    case 'say':
      return { type: 'say', text: step.sentence };
    case 'take-out':
      return { type: 'take-out', section: { ...step.section } };
  }
}
