import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PanelState, PanelUpload } from '../src/messages.js';
import { askHost } from './ask-host.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { placed } from './placed.js';

/** Files on their way, with how far they are, and those that the session has when the clip is not the only one. */
@customElement('trimmer-attachments')
export class TrimmerAttachments extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        /* A long name makes nothing wider. */
        contain: inline-size;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        max-block-size: 84px;
        margin: 0;
        padding: 6px 6px 0;
        overflow-y: auto;
        list-style: none;
      }
      li {
        position: relative;
        display: flex;
        align-items: center;
        gap: 4px;
        max-inline-size: 100%;
        min-block-size: 24px;
        padding-inline: 5px;
        overflow: hidden;
        border: 1px solid var(--chip-border);
        border-radius: 4px;
        font-size: 0.92em;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .icon {
        font-size: 14px;
      }
      .quiet {
        padding: 2px;
        margin-inline-end: -5px;
      }
      .done {
        position: absolute;
        inset-block-end: 0;
        inset-inline-start: 0;
        block-size: 2px;
        inline-size: var(--done);
        background: var(--vscode-progressBar-background);
      }
      @media (forced-colors: active) {
        .done {
          background: Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) state!: Pick<PanelState, 'clip' | 'attached' | 'activity'>;

  protected override render(): TemplateResult | typeof nothing {
    const { clip, attached = [], activity } = this.state;
    const coming = activity.kind === 'uploading' ? (activity.files ?? []) : [];
    const names = coming.map(({ name }) => name);
    const there = [...new Set([...(clip ? [clip.name] : []), ...attached])].filter((name) => !names.includes(name));
    // The clip alone has its name above the timeline already.
    if (coming.length === 0 && attached.length === 0) return nothing;
    return html`<ul aria-label=${l10n.t('Files of this session')}>
      ${there.map(
        (name) =>
          html`<li title=${name}>
            ${icon(name === clip?.name ? 'device-camera-video' : 'file-media')}<span class="name">${name}</span>
          </li>`,
      )}
      ${repeat(
        coming,
        ({ id }) => id,
        (file) => this.#renderComing(file),
      )}
    </ul>`;
  }

  #renderComing({ id, name, fraction }: PanelUpload): TemplateResult {
    const percent = `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)}%`;
    return html`<li title="${name}: ${percent}">
      ${icon('cloud-upload')}<span class="name">${name}</span> <span class="muted number">${percent}</span>
      <button
        class="quiet"
        aria-label=${l10n.t('Cancel the upload of {0}', name)}
        title=${l10n.t('Cancel')}
        @click=${() => askHost(this, this.link, { type: 'cancel-upload', upload: id })}
      >
        ${icon('close')}
      </button>
      <span class="done" ${placed({ '--done': percent })}></span>
    </li>`;
  }
}
