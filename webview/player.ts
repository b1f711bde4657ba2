import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { PanelClip } from '../src/messages.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import type { HostLink } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { WideEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { Segment } from './pieces.js';
import { placed } from './placed.js';
import type { Playback, PreviewMode } from './playback.js';
import { PlayedClip } from './played-clip.js';
import { playerStyles } from './player-styles.js';
import { resultPosition } from './preview-skip.js';
import { SPEEDS } from './shuttle.js';
import type { MemoryStore } from './vscode-api.js';

/** The picture and its transport: play, frame steps, position, original or result, loop, speed, sound, width. */
@customElement('trimmer-player')
export class TrimmerPlayer extends LitElement {
  static override styles = [partStyles, quietButtonStyles, iconStyles, playerStyles];

  @property({ attribute: false }) clip: PanelClip | undefined;
  @property({ attribute: false }) playback!: Playback;
  @property({ attribute: false }) link: HostLink | undefined;
  @property({ attribute: false }) memory: MemoryStore | undefined;
  /** The picture has the whole width of the panel. */
  @property({ type: Boolean }) wide = false;

  @query('.position') private readonly position!: HTMLElement | null;
  @query('.speed') private readonly speedMenu!: HTMLSelectElement | null;

  #played: PlayedClip | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.playback.addEventListener('time', this.#showPosition);
    this.playback.addEventListener('status', this.#refresh);
    const { level, muted } = this.memory?.read() ?? {};
    if (level !== undefined || muted !== undefined) this.playback.setLevel(level ?? 1, muted ?? false);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.playback.removeEventListener('time', this.#showPosition);
    this.playback.removeEventListener('status', this.#refresh);
    this.#close();
  }

  /** Takes a piece of a track that the host has made playable. */
  takePiece(segment: Segment): void {
    this.#played?.take(segment);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const [first, second] = this.renderRoot.querySelectorAll('video');
    if (!first || !second || !this.clip) this.#close();
    else if (!this.#played || changed.has('clip')) {
      this.#played ??= new PlayedClip([first, second], {
        playback: this.playback,
        ask: (track, index) => this.link?.request({ type: 'playable', track, index }) ?? Promise.resolve(),
        changed: this.#refresh,
      });
      this.#played.open(this.clip);
    }
    if (this.speedMenu) this.speedMenu.value = String(this.playback.speed);
    this.#showPosition();
  }

  #close(): void {
    this.#played?.close();
    this.#played = undefined;
  }

  protected override render(): TemplateResult {
    const { playback } = this;
    const play = playback.playing ? l10n.t('Pause') : l10n.t('Play');
    const still = !playback.canPlay;
    return html`
      <div class="picture">${this.#renderPicture()}</div>
      <div class="transport" role="toolbar" aria-label=${l10n.t('Playback')}>
        <button
          class="quiet"
          aria-label=${l10n.t('Previous frame')}
          title="${l10n.t('Previous frame')} (,)"
          @click=${() => playback.step(-1)}
        >
          ${icon('chevron-left')}
        </button>
        <button
          class="quiet"
          aria-label=${play}
          title="${play} (${l10n.t('Space; J, K and L for backwards, stop and faster')})"
          ?disabled=${still}
          @click=${this.#toggle}
        >
          ${icon(playback.playing ? 'debug-pause' : 'play')}
        </button>
        <button
          class="quiet"
          aria-label=${l10n.t('Next frame')}
          title="${l10n.t('Next frame')} (.)"
          @click=${() => playback.step(1)}
        >
          ${icon('chevron-right')}
        </button>
        <span
          class="time number"
          title=${this.#showsResult ? l10n.t('Position in the result') : l10n.t('Position in the clip')}
        >
          <span class="position"></span>
          <span class="muted"> / ${this.#length()}</span>
        </span>
        <span class="space"></span>
        ${playback.skipped.length > 0 ? this.#renderChoice() : nothing}${this.#renderSpeed(still)}
        ${this.#renderSound(still)}
        <button
          class="quiet"
          aria-label=${l10n.t('Full width')}
          title="${this.wide ? l10n.t('Picture beside the chat') : l10n.t('Picture over the full width')} (T)"
          aria-pressed=${this.wide}
          @click=${() => this.dispatchEvent(new WideEvent())}
        >
          ${icon('arrow-both')}
        </button>
      </div>
    `;
  }

  #renderPicture(): TemplateResult {
    const { clip } = this;
    if (clip?.mediaUri === undefined) {
      return html`<div class="placeholder">
        ${icon('device-camera-video')}
        <p>${clip?.problem ?? (clip ? l10n.t('Opening the clip…') : l10n.t('No clip yet.'))}</p>
      </div>`;
    }
    const video = html`<video
      aria-label=${l10n.t('Picture of {0}', clip.name)}
      preload="auto"
      playsinline
      @click=${this.#toggle}
    ></video>`;
    return html`${video}${video}${this.#renderSaid()}`;
  }

  /** What is to be said of the picture or the sound, over the picture. */
  #renderSaid(): TemplateResult {
    const played = this.#played;
    const { problem, waiting } = played ?? {};
    const making = waiting === 'sound' ? l10n.t('Preparing the sound…') : l10n.t('Preparing the picture…');
    return html`
      ${
        played?.pictureIsMade && (problem?.track ?? waiting) !== 'picture'
          ? html`<span
              class="said quality"
              title=${l10n.t('This page cannot show the clip’s own format, so you see a lighter copy. The export has the full quality.')}
              >${l10n.t('Preview quality')}</span
            >`
          : nothing
      }
      ${
        problem
          ? html`<div class="said problem of-${problem.track}" role="status">
              ${icon('warning')}<span>${problem.sentence}</span>
              <button class="quiet" @click=${() => played?.retry()}>${l10n.t('Try again')}</button>
            </div>`
          : waiting
            ? html`<div class="said of-${waiting}" role="status">
                <span class="turning">${icon('loading')}</span
                >${played?.pictureIsMade || waiting === 'sound' ? making : l10n.t('Loading…')}
              </div>`
            : nothing
      }
    `;
  }

  #renderChoice(): TemplateResult {
    const { playback } = this;
    const button = (mode: PreviewMode, label: string, title: string): TemplateResult => html`
      <button
        class="quiet"
        aria-pressed=${playback.mode === mode}
        title=${title}
        @click=${() => playback.preview(mode)}
      >
        ${label}
      </button>
    `;
    return html`<span class="choice" role="group" aria-label=${l10n.t('Preview')}>
        ${button('original', l10n.t('Original'), l10n.t('Play the whole clip'))}
        ${button('result', l10n.t('Result'), l10n.t('Play what stays: marked and removed sections are left out'))}
      </span>
      <button
        class="quiet"
        aria-label=${l10n.t('Loop the join')}
        aria-pressed=${playback.looping}
        title="${playback.looping ? l10n.t('Stop the loop') : l10n.t('Play 2 s around the nearest join again and again')} (R)"
        ?disabled=${!playback.canLoop}
        @click=${() => playback.loopJoin()}
      >
        ${icon('sync')}
      </button>`;
  }

  #renderSpeed(still: boolean): TemplateResult {
    const { speed } = this.playback;
    const label = (value: number): string => `${value < 0 ? '−' : ''}${Math.abs(value)}×`;
    return html`<select
      class="speed"
      aria-label=${l10n.t('Playback speed')}
      title="${l10n.t('Playback speed')} (J, L)"
      ?disabled=${still}
      @change=${this.#changeSpeed}
    >
      ${speed < 0 ? html`<option value=${speed}>${label(speed)}</option>` : nothing}
      ${SPEEDS.map((value) => html`<option value=${value}>${label(value)}</option>`)}
    </select>`;
  }

  #renderSound(still: boolean): TemplateResult {
    const { muted, level } = this.playback;
    const toggle = muted ? l10n.t('Sound on') : l10n.t('Sound off');
    const filled = muted ? 0 : Math.round(level * 100);
    return html`<button
        class="quiet"
        aria-label=${toggle}
        title="${toggle} (M)"
        ?disabled=${still}
        @click=${() => this.playback.setLevel(level, !muted)}
      >
        ${icon(muted ? 'mute' : 'unmute')}
      </button>
      <input
        class="level"
        type="range"
        min="0"
        max="100"
        step="5"
        aria-label=${l10n.t('Volume')}
        title=${l10n.t('Volume')}
        ?disabled=${still}
        .value=${String(filled)}
        ${placed({ '--filled': `${filled}%` })}
        @input=${(event: Event) => this.playback.setLevel(Number((event.target as HTMLInputElement).value) / 100)}
      />`;
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

  readonly #refresh = (): void => {
    const { level, muted } = this.playback;
    const before = this.memory?.read();
    if (level !== (before?.level ?? 1) || muted !== (before?.muted ?? false)) this.memory?.remember({ level, muted });
    this.requestUpdate();
  };

  readonly #toggle = (): void => this.playback.toggle();

  readonly #changeSpeed = (event: Event): void => {
    this.playback.chooseSpeed(Number((event.target as HTMLSelectElement).value));
  };
}
