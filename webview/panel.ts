import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { MOST_MARKS, type PanelPicture, type PanelState } from '../src/messages.js';
import { mergeSections, type Section, type TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { announcement } from './announcer.js';
import { askHost } from './ask-host.js';
import type { TrimmerChat } from './chat.js';
import { DropZone } from './drop-zone.js';
import { whenKeyboardGiven } from './given-keyboard.js';
import type { HostLink, HostNews } from './host-link.js';
import { icon, iconStyles } from './icons.js';
import { Marking } from './marking.js';
import { panelLayout } from './panel-layout.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import { placed, type StyleProperties } from './placed.js';
import { Playback } from './playback.js';
import type { TrimmerPlayer } from './player.js';
import { resultLength } from './result-length.js';
import type { TrimmerSections } from './sections-list.js';
import { act, handleStageKey, type Stage } from './stage-hands.js';
import { historyKey, stageKey } from './stage-keys.js';
import { withPictures } from './tiles.js';
import type { TrimmerTimeline } from './timeline.js';
import type { MemoryStore } from './vscode-api.js';
import { withLayer, type Peaks } from './waveform.js';
import './chat.js';
import './export-bar.js';
import './player.js';
import './sections-list.js';
import './timeline.js';

/** Milliseconds after which a playhead that does not move is worth remembering. */
const REST = 300;

/** The whole panel: draws the host's state and tells the host what the person does. */
@customElement('trimmer-panel')
export class TrimmerPanel extends LitElement {
  static override styles = [partStyles, quietButtonStyles, iconStyles, panelLayout];

  @state() private state: PanelState | undefined;
  @state() private peaks: Peaks = {};
  @state() private pictures: readonly PanelPicture[] = [];
  @state() private pauses: readonly Section[] = [];
  @state() private keyframes: readonly Microseconds[] = [];
  @state() private removing = false;
  @state() private notice = '';
  @state() private spoken = '';
  @state() private folded = false;
  @state() private wide = false;

  @query('trimmer-sections') private readonly sectionsPart!: TrimmerSections | null;
  @query('trimmer-timeline') private readonly timelinePart!: TrimmerTimeline | null;
  @query('trimmer-player') private readonly playerPart!: TrimmerPlayer | null;
  @query('trimmer-chat') private readonly chatPart!: TrimmerChat | null;

  readonly #playback = new Playback();
  readonly #marking = new Marking({
    tell: (revision, sections) => this.#tellMarks(revision, sections),
    changed: () => this.#marksChanged(),
    full: () => (this.notice = l10n.t('{0} sections can be marked at once. Remove these first.', MOST_MARKS)),
  });
  readonly #dropZone = new DropZone(this, () => this.#link);
  #link: HostLink | undefined;
  #memory: MemoryStore | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.addEventListener('panel-notice', (event) => (this.notice = event.sentence));
    this.addEventListener('panel-rows', (event) =>
      this.#marking.edit(event.rows, event.chosen, event.settled, event.step),
    );
    this.addEventListener('panel-stage', (event) => act(event.action, this.#stage));
    this.addEventListener('panel-look', (event) => this.#link?.look(event.look));
    this.addEventListener('panel-remove', () => void this.#remove());
    this.addEventListener('panel-fold', this.#fold);
    this.addEventListener('panel-wide', this.#widen);
    this.#playback.addEventListener('status', () => this.#playbackChanged());
    this.#playback.addEventListener('time', () => this.#rememberPlayhead());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#pageKeys);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#pageKeys);
  }

  connectHost(link: HostLink, memory: MemoryStore): void {
    this.#link = link;
    this.#memory = memory;
    this.folded = memory.read().chatFolded ?? false;
    this.wide = memory.read().wide ?? false;
  }

  /** Takes a message of the host. */
  receive(news: HostNews): void {
    switch (news.type) {
      case 'state':
        this.#take(news.state);
        break;
      case 'peaks':
        this.peaks = withLayer(this.peaks, news);
        break;
      case 'thumbnails':
        this.pictures = withPictures(this.pictures, news.pictures);
        break;
      case 'drawings-gone':
        this.#forgetDrawings();
        break;
      case 'pauses':
        this.pauses = news.sections;
        break;
      case 'keyframes':
        this.keyframes = news.times;
        break;
      case 'segment':
        this.playerPart?.takePiece(news);
        break;
      case 'seek':
        this.#playback.seek(news.time);
        break;
      case 'focus':
        whenKeyboardGiven(async () => {
          await this.updateComplete;
          // A panel that opens stays at its top.
          (news.target === 'in' ? this.sectionsPart : this.chatPart)?.focus({ preventScroll: true });
        });
        break;
    }
  }

  #take(next: PanelState): void {
    const before = this.state;
    const spoken = announcement(before, next);
    if (spoken !== '') this.spoken = spoken;
    if (before && before.activity.kind === 'idle' && next.activity.kind !== 'idle') this.notice = '';
    this.state = next;
    const memory = this.#memory?.read();
    if (memory?.session !== next.sessionId) {
      this.#memory?.remember({ session: next.sessionId, steps: undefined });
      // Where nothing is known of a clip any more, its name and place are not kept either.
      if (next.sessionId === undefined) this.#memory?.remember({ clip: undefined, playhead: undefined });
    }
    this.setAttribute('place', next.place);
    if (before?.clip?.mediaUri !== next.clip?.mediaUri || before?.clip?.name !== next.clip?.name) {
      this.#openClip(before, next);
    }
    this.#playback.describeClip(next.clip?.duration ?? this.#playback.duration, next.clip?.frameRate);
    this.#marking.measure(this.#playback.duration);
    this.#marking.adopt(next.marked, next.markedRevision, before?.sessionId === next.sessionId);
    if (!before && memory?.steps && memory.session === next.sessionId) this.#marking.restoreSteps(memory.steps);
    this.#marksChanged();
  }

  #openClip(before: PanelState | undefined, next: PanelState): void {
    const memory = this.#memory?.read();
    const name = next.clip?.name;
    const known = name !== undefined && name === memory?.clip ? memory.playhead : 0;
    // The same one, changed on disk, is looked at where it was.
    const playhead = before && name === before.clip?.name ? this.#playback.time : known;
    // What is known of another clip does not hold for this one.
    if (before) this.#forgetDrawings();
    this.#playback.describeClip(next.clip?.duration, next.clip?.frameRate);
    this.#playback.seek(playhead ?? 0);
  }

  #forgetDrawings(): void {
    this.peaks = {};
    this.pictures = [];
    this.pauses = [];
    this.keyframes = [];
  }

  /** The preview leaves out what is marked. */
  #marksChanged(): void {
    const skipped = mergeSections([...(this.state?.removed ?? []), ...this.#marking.sections]);
    if (JSON.stringify(skipped) !== JSON.stringify(this.#playback.skipped)) this.#playback.skip(skipped);
    this.requestUpdate();
  }

  #tellMarks(revision: number, sections: readonly TypedSection[]): void {
    this.#link?.mark(revision, sections);
    this.#memory?.remember({ steps: this.#marking.storedSteps() });
  }

  get #busy(): boolean {
    return this.removing || (this.state !== undefined && this.state.activity.kind !== 'idle');
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state } = this;
    if (!state) return nothing;
    return html`
      <div class="page">${this.#renderNotice(state)} ${this.#renderPlace(state)}</div>
      <div class="spoken" role="status">${this.spoken}</div>
      ${this.#dropZone.render()}
    `;
  }

  #renderPlace(state: PanelState): TemplateResult {
    const { place, title, clip, tracks } = state;
    if (place === 'sidebar' && clip) return this.#renderSidebar(state, clip.name);
    if (place === 'editor' && (clip || tracks.length > 0)) return this.#renderEditor(state);
    return html`<main class="layout empty">
      <h1 class="spoken">${title || 'Video Trimmer'}</h1>
      ${this.#renderChat(state, false)}
    </main>`;
  }

  #renderEditor(state: PanelState): TemplateResult {
    const { clip } = state;
    return html`<main class=${classMap({ layout: true, editor: true, folded: this.folded, wide: this.wide })}>
      <h1 class="spoken">${state.title}</h1>
      <section class="stage" aria-label=${l10n.t('Clip')} @keydown=${this.#keys}>
        <trimmer-player
          ${placed(shape(clip))}
          .clip=${clip}
          .playback=${this.#playback}
          .link=${this.#link}
          .memory=${this.#memory}
          .wide=${this.wide}
        ></trimmer-player>
        ${this.#renderTimeline(state, false)} ${this.#renderSections()} ${this.#renderExport(state)}
      </section>
      ${
        this.folded
          ? html`<div class="unfold">
              <button
                class="quiet"
                aria-label=${l10n.t('Show the chat')}
                title=${l10n.t('Show the chat')}
                aria-expanded="false"
                @click=${this.#fold}
              >
                ${icon('layout-sidebar-right-off')}
              </button>
            </div>`
          : this.#renderChat(state, true)
      }
    </main>`;
  }

  #renderSidebar(state: PanelState, name: string): TemplateResult {
    // VS Code has the session's title above the view.
    return html`<main class="layout sidebar">
      <section class="stage" aria-label=${l10n.t('Clip')} @keydown=${this.#keys}>
        <h1 class=${name === state.title ? 'spoken' : 'title'} title=${name}>${name}</h1>
        ${this.#renderTimeline(state, true)}${this.#renderSections()}${this.#renderExport(state)}
      </section>
      ${this.#renderChat(state, false)}
    </main>`;
  }

  #renderTimeline(state: PanelState, compact: boolean): TemplateResult {
    return html`<trimmer-timeline
      .playback=${this.#playback}
      .frameRate=${state.clip?.frameRate}
      .rows=${this.#marking.rows}
      .sections=${this.#marking.form.sections}
      .chosen=${this.#marking.chosen}
      .removed=${state.removed}
      .pauses=${this.pauses}
      .keyframes=${this.keyframes}
      .peaks=${this.peaks}
      .pictures=${this.pictures}
      .tracks=${state.tracks}
      .canUndo=${this.#marking.canUndo}
      .canRedo=${this.#marking.canRedo}
      .canUndoEdit=${this.#undoableEdit !== undefined}
      .compact=${compact}
    ></trimmer-timeline>`;
  }

  #renderSections(): TemplateResult {
    return html`<trimmer-sections
      .rows=${this.#marking.rows}
      .form=${this.#marking.form}
      .playback=${this.#playback}
      .busy=${this.#busy}
    ></trimmer-sections>`;
  }

  #renderExport(state: PanelState): TemplateResult {
    return html`<trimmer-export-bar
      .link=${this.#link}
      .activity=${state.activity}
      .clipName=${state.clip?.name}
      .sourceDuration=${this.#playback.duration}
      .resultDuration=${resultLength(state, this.#marking.sections, this.#playback.duration)}
      .unsent=${this.#marking.sections.length}
      .wrong=${this.#marking.form.problems.length > 0}
      .canExport=${state.canExport}
      .join=${state.join}
      .planned=${state.planned}
      .engine=${state.engine}
      .offer=${state.exportOffer}
      .waiting=${state.waitingExports ?? []}
    ></trimmer-export-bar>`;
  }

  #renderChat(state: PanelState, foldable: boolean): TemplateResult {
    return html`<trimmer-chat
      .link=${this.#link}
      .memory=${this.#memory}
      .state=${state}
      .foldable=${foldable}
      .pauses=${this.pauses}
      .marked=${this.#marking.sections}
    ></trimmer-chat>`;
  }

  #renderNotice(state: PanelState): TemplateResult | typeof nothing {
    const newest = state.chat.at(-1);
    // The host may say the same in the chat, where it can offer a way out: once is enough.
    if (this.notice === '' || (newest?.kind === 'error' && newest.text === this.notice)) return nothing;
    return html`<div class="notice" role="alert">
      ${icon('error')}<span>${this.notice}</span>
      <button class="quiet" @click=${() => (this.notice = '')}>${l10n.t('Dismiss')}</button>
    </div>`;
  }

  /** Once it has come to rest: VS Code is not told of each frame of a drag. */
  #rememberPlayhead(): void {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      const { playing, time } = this.#playback;
      const clip = this.state?.clip?.name;
      if (!playing && clip !== undefined) this.#memory?.remember({ clip, playhead: time });
    }, REST);
  }

  #playbackChanged(): void {
    const { duration } = this.#playback;
    this.#rememberPlayhead();
    // The video element may know the length before the probe does.
    if (duration !== undefined) this.#marking.measure(duration);
    this.requestUpdate();
  }

  async #remove(): Promise<void> {
    if (!this.#marking.form.ready || this.#busy) return;
    this.removing = true;
    this.notice = '';
    try {
      // Steps from before do not fit what is left, even when the tab is hidden until then.
      this.#memory?.remember({ steps: undefined });
      await askHost(this, this.#link, { type: 'remove', ...this.#marking.send() });
    } finally {
      this.removing = false;
      this.#memory?.remember({ steps: this.#marking.storedSteps() });
    }
  }

  readonly #fold = (): void => {
    this.folded = !this.folded;
    this.#memory?.remember({ chatFolded: this.folded, foldedBeforeWide: undefined });
    void this.updateComplete.then(() => {
      if (this.folded) this.renderRoot.querySelector<HTMLElement>('.unfold button')?.focus();
      else this.chatPart?.focus();
    });
  };

  /** A picture over the full width folds the chat away below it; after that the chat is as it was before. */
  readonly #widen = (): void => {
    const before = this.folded;
    this.wide = !this.wide;
    this.folded = this.wide || (this.#memory?.read().foldedBeforeWide ?? before);
    const foldedBeforeWide = this.wide ? before : undefined;
    this.#memory?.remember({ wide: this.wide, chatFolded: this.folded, foldedBeforeWide });
  };

  get #stage(): Stage {
    const entry = this.#undoableEdit;
    return {
      playback: this.#playback,
      marking: this.#marking,
      timeline: this.timelinePart ?? undefined,
      remove: () => void this.#remove(),
      widen: this.#widen,
      undoEdit:
        entry === undefined ? undefined : () => void askHost(this, this.#link, { type: 'act', entry, action: 'undo' }),
      say: (words) => (this.spoken = words),
    };
  }

  /** Entry of the chat by which the last edit can be undone. */
  get #undoableEdit(): string | undefined {
    if (this.#busy) return undefined;
    return this.state?.chat.findLast(({ actions }) => actions.includes('undo'))?.id;
  }

  readonly #keys = (event: KeyboardEvent): void => handleStageKey(event, this.#stage);

  /** Undo and redo anywhere but in a text; all keys where nothing else has the keyboard. */
  readonly #pageKeys = (event: KeyboardEvent): void => {
    if (this.state?.clip) handleStageKey(event, this.#stage, event.target === document.body ? stageKey : historyKey);
  };
}

/** The shape of the picture, for layouts that do not give the player a height. */
function shape(clip: PanelState['clip']): StyleProperties {
  return clip?.width && clip.height ? { '--ratio': String(clip.width / clip.height) } : {};
}
