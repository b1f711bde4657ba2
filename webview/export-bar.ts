import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { DISSOLVES, type PanelActivity } from '../src/messages.js';
import { formatLength, type Microseconds } from '../src/timeline/timecode.js';
import { activityFraction, activityWords } from './activity-words.js';
import { askHost } from './ask-host.js';
import type { HostLink } from './host-link.js';
import { partStyles } from './panel-styles.js';
import { placed } from './placed.js';

/** What comes out and how far it is: the result's length, Export, and progress with Cancel in its place. */
@customElement('trimmer-export-bar')
export class TrimmerExportBar extends LitElement {
  static override styles = [
    partStyles,
    css`
      :host {
        position: relative;
        border-block-start: 1px solid var(--panel-border);
        padding: 8px 12px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
        min-block-size: 26px;
      }
      .result {
        flex: 1 1 0;
        min-inline-size: 0;
      }
      .result b {
        font-weight: 600;
      }
      .join {
        display: flex;
        align-items: center;
        gap: 6px;
        min-inline-size: 0;
      }
      select {
        min-block-size: 26px;
        padding: 2px 4px;
        border: 1px solid var(--vscode-dropdown-border, var(--panel-border));
        border-radius: 4px;
        background: var(--vscode-dropdown-background);
        color: var(--vscode-dropdown-foreground);
      }
      .working {
        flex: 1 1 0;
        display: flex;
        align-items: center;
        gap: 8px;
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      vscode-progress-ring {
        inline-size: 16px;
        block-size: 16px;
        flex: none;
      }
      .track {
        position: absolute;
        inset-block-start: -1px;
        inset-inline: 0;
        block-size: 2px;
        overflow: hidden;
      }
      .fill {
        block-size: 100%;
        background: var(--vscode-progressBar-background);
        transition: inline-size 0.2s linear;
      }
      .track:not([aria-valuenow]) .fill {
        inline-size: 20%;
        animation: pass 2.4s ease-in-out infinite;
      }
      @keyframes pass {
        from {
          translate: -100% 0;
        }
        to {
          translate: 500% 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .fill {
          transition: none;
        }
        .track:not([aria-valuenow]) .fill {
          inline-size: 100%;
          animation: none;
          opacity: 0.5;
        }
        vscode-progress-ring {
          display: none;
        }
      }
      @media (forced-colors: active) {
        .fill {
          background: Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) activity: PanelActivity = { kind: 'idle' };
  @property() clipName: string | undefined;
  /** Length of the clip, and of what stays of it with all marks and removals. */
  @property({ attribute: false }) sourceDuration: Microseconds | undefined;
  @property({ attribute: false }) resultDuration: Microseconds | undefined;
  /** Correct marks that have not been sent: an export would not leave them out. */
  @property({ type: Number }) unsent = 0;
  @property({ type: Boolean }) canExport = false;
  /** Length of the dissolves at the joins, 0 for plain cuts; undefined where there is no join. */
  @property({ attribute: false }) join: Microseconds | undefined;
  /** What an export would do with the picture, in words. */
  @property() planned: string | undefined;

  @state() private stopping = false;

  /** Runs while an export does: its age is shown, and the host speaks up only every half minute. */
  #clock: number | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopClock();
  }

  protected override willUpdate(): void {
    if (this.activity.kind === 'idle') this.stopping = false;
    if (this.activity.kind !== 'exporting') this.#stopClock();
    else this.#clock ??= window.setInterval(() => this.requestUpdate(), 1000);
  }

  #stopClock(): void {
    window.clearInterval(this.#clock);
    this.#clock = undefined;
  }

  protected override render(): TemplateResult {
    const words = activityWords(this.activity, this.clipName);
    return words === undefined ? this.#renderResult() : this.#renderWork(words);
  }

  #renderResult(): TemplateResult {
    const lead = this.canExport && this.unsent === 0;
    return html`<div class="line">
      <span class="result number">${this.#result()}</span>${this.#joins()}
      <vscode-button
        appearance=${lead ? 'primary' : 'secondary'}
        ?disabled=${!this.canExport}
        title=${this.canExport ? 'Save the result beside the clip' : 'There is no edit to export yet'}
        @click=${() => askHost(this, this.link, { type: 'export' })}
        >Export</vscode-button
      >
    </div>`;
  }

  #result(): TemplateResult | typeof nothing {
    const { resultDuration, sourceDuration } = this;
    if (resultDuration === undefined) return nothing;
    const less = sourceDuration === undefined ? 0 : sourceDuration - resultDuration;
    const many = this.unsent === 1 ? '1 mark' : `${this.unsent} marks`;
    return html`Result
      <b>${formatLength(resultDuration)}</b>
      ${less > 0 ? html`<span class="muted">(−${formatLength(less)})</span>` : nothing}
      ${this.unsent > 0 && this.canExport ? html`<span class="muted"> · ${many} not removed yet</span>` : nothing}
      ${this.unsent === 0 && this.planned ? html`<div class="muted planned">${this.planned}.</div>` : nothing}`;
  }

  #joins(): TemplateResult | typeof nothing {
    const { join } = this;
    if (join === undefined) return nothing;
    const offered: number[] = [...DISSOLVES];
    // Words can ask for a length between those of the menu.
    if (!offered.includes(join)) offered.push(join);
    return html`<label class="join" title="How the parts meet at every join"
      ><span class="muted">Join</span
      ><select .value=${live(String(join))} @change=${this.#chooseJoin}>
        ${offered.map(
          (length) =>
            html`<option value=${length} ?selected=${length === join}>
              ${length === 0 ? 'Cut' : `Dissolve ${length / 1_000_000} s`}
            </option>`,
        )}
      </select></label
    >`;
  }

  readonly #chooseJoin = async (event: Event): Promise<void> => {
    const chosen = Number((event.target as HTMLSelectElement).value);
    const dissolve = DISSOLVES.find((length) => length === chosen);
    if (dissolve !== undefined) await askHost(this, this.link, { type: 'join', dissolve });
    // What was refused is not what the joins are.
    this.requestUpdate();
  };

  #renderWork(words: string): TemplateResult {
    const fraction = activityFraction(this.activity);
    const value = fraction === undefined ? nothing : Math.round(fraction * 100);
    const size: Record<string, string> = fraction === undefined ? {} : { 'inline-size': `${fraction * 100}%` };
    return html`<div class="track" role="progressbar" aria-label=${words} aria-valuenow=${value}>
        <div class="fill" ${placed(size)}></div>
      </div>
      <div class="line">
        <span class="working number">
          ${fraction === undefined ? html`<vscode-progress-ring aria-hidden="true"></vscode-progress-ring>` : nothing}
          <span>${this.stopping ? 'Stopping…' : words}</span>
        </span>
        <vscode-button appearance="secondary" ?disabled=${this.stopping} @click=${this.#stop}>Cancel</vscode-button>
      </div>`;
  }

  readonly #stop = async (): Promise<void> => {
    this.stopping = true;
    if (!(await askHost(this, this.link, { type: 'stop' }))) this.stopping = false;
  };
}
