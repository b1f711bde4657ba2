import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { PanelClip } from '../src/messages.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { icon, iconStyles } from './icons.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { Playback, PreviewMode } from './playback.js';
import { resultPosition } from './preview-skip.js';

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];

/** The picture and its transport: play, frame steps, position, original or result, speed, sound. */
@customElement('trimmer-player')
export class TrimmerPlayer extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
      }
      .picture {
        flex: 1 1 auto;
        min-block-size: 0;
        display: grid;
        place-items: center;
        padding: 12px 12px 4px;
      }
      video {
        display: block;
        inline-size: 100%;
        block-size: 100%;
        min-block-size: 0;
        object-fit: contain;
        border-radius: 4px;
      }
      .placeholder {
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 8px;
        max-inline-size: 46ch;
        padding: 16px;
        text-align: center;
        color: var(--vscode-descriptionForeground);
      }
      .placeholder .icon {
        font-size: 32px;
        inline-size: 32px;
        block-size: 32px;
        opacity: 0.7;
      }
      .transport {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px;
        padding: 4px 12px 6px;
      }
      .time {
        margin-inline-start: 8px;
        white-space: nowrap;
      }
      .position {
        display: inline-block;
        min-inline-size: 5.2ch;
        text-align: end;
      }
      .space {
        flex: 1;
      }
      .choice {
        display: inline-flex;
        border-radius: 5px;
        margin-inline-end: 4px;
      }
      select {
        block-size: 22px;
        padding: 0 2px;
        border: 1px solid transparent;
        border-radius: 5px;
        background: transparent;
      }
      select:hover {
        background: var(--vscode-toolbar-hoverBackground);
        border-color: var(--vscode-contrastActiveBorder, transparent);
      }
      option {
        background: var(--vscode-dropdown-background);
        color: var(--vscode-dropdown-foreground);
      }
    `,
  ];

  @property({ attribute: false }) clip: PanelClip | undefined;
  @property({ attribute: false }) playback!: Playback;

  @state() private failed = false;
  @state() private muted = false;
  @query('video') private readonly video!: HTMLVideoElement | null;
  @query('.position') private readonly position!: HTMLElement | null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.playback.addEventListener('time', this.#showPosition);
    this.playback.addEventListener('status', this.#refresh);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playback.removeEventListener('time', this.#showPosition);
    this.playback.removeEventListener('status', this.#refresh);
    this.playback.attachVideo(undefined);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('clip') && changed.get('clip')?.mediaUri !== this.clip?.mediaUri) this.failed = false;
  }

  protected override updated(): void {
    this.playback.attachVideo(this.video ?? undefined);
    this.#showPosition();
  }

  protected override render(): TemplateResult {
    const { playback } = this;
    const play = playback.playing ? 'Pause' : 'Play';
    const still = !playback.canPlay;
    return html`
      <div class="picture">${this.#renderPicture()}</div>
      <div class="transport" role="toolbar" aria-label="Playback">
        <button class="quiet" aria-label="Previous frame" title="Previous frame (,)" @click=${() => playback.step(-1)}>
          ${icon('chevron-left')}
        </button>
        <button class="quiet" aria-label=${play} title="${play} (Space)" ?disabled=${still} @click=${this.#toggle}>
          ${icon(playback.playing ? 'debug-pause' : 'play')}
        </button>
        <button class="quiet" aria-label="Next frame" title="Next frame (.)" @click=${() => playback.step(1)}>
          ${icon('chevron-right')}
        </button>
        <span class="time number" title=${this.#showsResult ? 'Position in the result' : 'Position in the clip'}>
          <span class="position"></span>
          <span class="muted"> / ${this.#length()}</span>
        </span>
        <span class="space"></span>
        ${playback.skipped.length > 0 ? this.#renderChoice() : nothing}
        <select aria-label="Playback speed" title="Playback speed" ?disabled=${still} @change=${this.#changeSpeed}>
          ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === 1}>${speed}×</option>`)}
        </select>
        <button
          class="quiet"
          aria-label=${this.muted ? 'Sound on' : 'Sound off'}
          title=${this.muted ? 'Sound on' : 'Sound off'}
          ?disabled=${still}
          @click=${() => (this.muted = !this.muted)}
        >
          ${icon(this.muted ? 'mute' : 'unmute')}
        </button>
      </div>
    `;
  }

  #renderPicture(): TemplateResult {
    const { clip } = this;
    if (clip?.mediaUri !== undefined && !this.failed) {
      const { playback } = this;
      return html`<video
        data-testid="picture"
        aria-label="Picture of ${clip.name}"
        src=${clip.mediaUri}
        preload="auto"
        playsinline
        .muted=${this.muted}
        @click=${this.#toggle}
        @loadedmetadata=${(event: Event) => playback.videoLoaded(event.target as HTMLVideoElement)}
        @play=${() => playback.videoChanged()}
        @pause=${() => playback.videoChanged()}
        @ended=${() => playback.videoChanged()}
        @error=${() => (this.failed = true)}
      ></video>`;
    }
    return html`<div class="placeholder">
      ${icon('device-camera-video')}
      <p>${this.#withoutPicture()}</p>
    </div>`;
  }

  #withoutPicture(): string {
    const { clip } = this;
    if (clip?.problem !== undefined) return clip.problem;
    if (this.failed) return 'VS Code cannot show this format here. You can still cut it: type the in and out points.';
    return clip ? 'Opening the clip…' : 'No clip yet.';
  }

  #renderChoice(): TemplateResult {
    const button = (mode: PreviewMode, label: string, title: string): TemplateResult => html`
      <button
        class="quiet"
        aria-pressed=${this.playback.mode === mode}
        title=${title}
        @click=${() => this.playback.preview(mode)}
      >
        ${label}
      </button>
    `;
    return html`<span class="choice" role="group" aria-label="Preview">
      ${button('original', 'Original', 'Play the whole clip')}
      ${button('result', 'Result', 'Play what stays: marked and removed sections are left out')}
    </span>`;
  }

  get #showsResult(): boolean {
    return this.playback.mode === 'result' && this.playback.skipped.length > 0;
  }

  #length(): string {
    const { duration, skipped } = this.playback;
    if (duration === undefined) return '–:––';
    return formatTimecode(this.#showsResult ? resultPosition(duration, skipped) : duration, { digits: 2 });
  }

  readonly #showPosition = (): void => {
    const { time, skipped } = this.playback;
    if (!this.position) return;
    this.position.textContent = formatTimecode(this.#showsResult ? resultPosition(time, skipped) : time, { digits: 2 });
  };

  readonly #refresh = (): void => this.requestUpdate();

  readonly #toggle = (): void => void this.playback.toggle();

  readonly #changeSpeed = (event: Event): void => {
    if (this.video) this.video.playbackRate = Number((event.target as HTMLSelectElement).value);
  };
}
