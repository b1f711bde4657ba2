import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, queryAll, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Section, TypedSection } from '../src/timeline/sections.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { icon, iconStyles } from './icons.js';
import { RemoveEvent, RowsEvent } from './panel-events.js';
import { partStyles, quietButtonStyles } from './panel-styles.js';
import type { Playback } from './playback.js';
import { BLANK_ROW, fieldText, isBlank, isUnfinishedTime, type CheckedForm } from './sections-form.js';
import type { TimeTextEvent, TrimmerTimeField } from './time-field.js';
import './time-field.js';

/** With more rows than this, those out of sight are lines of text: two fields for each would take seconds to build. */
const ALL_FULL = 40;

/** The marked sections as fields, one row each, and the button that sends them all. */
@customElement('trimmer-sections')
export class TrimmerSections extends LitElement {
  static override styles = [
    partStyles,
    quietButtonStyles,
    iconStyles,
    css`
      :host {
        padding: 6px 12px 0;
        container-type: inline-size;
      }
      ol {
        display: flex;
        flex-direction: column;
        gap: 6px;
        margin: 0;
        /* Room for the focus ring inside the scrolled box. */
        padding: 2px 1px;
        list-style: none;
        max-block-size: min(30vh, 220px);
        overflow-y: auto;
        scrollbar-gutter: auto;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 168px) minmax(0, 172px) minmax(52px, auto) auto;
        gap: 6px 10px;
        align-items: start;
        justify-content: start;
      }
      li.light {
        display: block;
        min-block-size: 26px;
        line-height: 26px;
      }
      .problem {
        grid-column: 1 / -1;
        margin-block-start: -2px;
        font-size: 12px;
        line-height: 1.35;
        color: var(--problem-foreground);
      }
      .length {
        line-height: 26px;
        font-size: 12px;
        color: var(--vscode-descriptionForeground);
      }
      .delete {
        min-block-size: 26px;
      }
      /* Its place is kept: the fields do not get narrower with the first letter. */
      .delete:disabled {
        visibility: hidden;
      }
      vscode-button::part(control) {
        white-space: nowrap;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 8px;
        padding-block: 8px;
      }
      @container (max-width: 460px) {
        li {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto;
        }
        .length {
          display: none;
        }
        .actions vscode-button {
          flex: 1;
        }
      }
      @container (max-width: 300px) {
        /* In a language with long words for them, each field has a line of its own. */
        li {
          display: flex;
          flex-wrap: wrap;
          column-gap: 6px;
        }
        li > trimmer-time-field {
          flex: 1 1 0;
          min-inline-size: min-content;
        }
        .problem {
          flex: 0 0 100%;
        }
        /* With the room it takes beside the words. */
        .actions vscode-button::part(start) {
          display: none;
        }
      }
      @container (max-width: 240px) {
        li {
          display: grid;
          grid-template-columns: minmax(0, 1fr) auto;
        }
        li > trimmer-time-field {
          grid-column: 1;
        }
        .delete {
          grid-area: 1 / 2;
        }
        vscode-button::part(control) {
          white-space: normal;
        }
      }
    `,
  ];

  @property({ attribute: false }) rows: readonly TypedSection[] = [BLANK_ROW];
  @property({ attribute: false }) form!: CheckedForm;
  @property({ attribute: false }) playback!: Playback;
  /** Something runs: nothing more can be sent now, but marking goes on. */
  @property({ type: Boolean }) busy = false;

  /** The field with the keyboard in it, as `row field`. */
  @state() private typingIn = '';
  /** Rows that have come into sight in a long list. */
  @state() private seen: ReadonlySet<number> = new Set();
  /** Both in the order of rows, the in point first; those of light rows are not there. */
  @queryAll('trimmer-time-field') private readonly fields!: NodeListOf<TrimmerTimeField>;
  @queryAll('.problem') private readonly problems!: NodeListOf<HTMLElement>;
  /** Row to put the keyboard into when the changed rows come back. */
  #focusRow: number | undefined;
  /** Counts how often a field was entered. */
  #stays = 0;
  #light: readonly Element[] = [];
  readonly #sight = new IntersectionObserver((entries) => this.#inSight(entries), { rootMargin: '150px' });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.#light = [];
  }

  /** Puts the keyboard into the field that waits to be filled, or else into the first. */
  override focus(options?: FocusOptions): void {
    void this.updateComplete.then(() => {
      const waiting = this.rows.findIndex(isBlank);
      this.#focusField(Math.max(0, waiting), options);
    });
  }

  #focusField(row: number, options?: FocusOptions): void {
    this.seen = new Set([...this.seen, row]);
    void this.updateComplete.then(() =>
      this.renderRoot
        .querySelectorAll('li')
        [row]?.querySelector<TrimmerTimeField>('trimmer-time-field')
        ?.focus(options),
    );
  }

  #inSight(entries: readonly IntersectionObserverEntry[]): void {
    const rows = entries
      .filter((entry) => entry.isIntersecting)
      .map(({ target }) => Number((target as HTMLElement).dataset['row']));
    if (rows.length > 0) this.seen = new Set([...this.seen, ...rows]);
  }

  protected override updated(changed: PropertyValues<this>): void {
    for (const [index, field] of this.fields.entries()) {
      const problem = this.problems[index];
      field.problem = problem && !problem.hidden ? problem : null;
    }
    this.#watchLight();
    if (this.#focusRow === undefined || !changed.has('rows')) return;
    this.#focusField(Math.min(this.#focusRow, this.rows.length - 1));
    this.#focusRow = undefined;
  }

  /** A drag changes the rows in each picture of the screen, and which of them are light hardly ever. */
  #watchLight(): void {
    const light = [...this.renderRoot.querySelectorAll('li.light')];
    if (light.length === this.#light.length && light.every((row, index) => row === this.#light[index])) return;
    this.#light = light;
    this.#sight.disconnect();
    for (const row of light) this.#sight.observe(row);
  }

  protected override render(): TemplateResult {
    const count = this.form.typed.length;
    const label = count > 1 ? l10n.t('Remove {0} sections', count) : l10n.t('Remove section');
    return html`
      <ol aria-label=${l10n.t('Sections to remove')}>
        ${repeat(
          this.rows,
          (_row, index) => index,
          (row, index) => this.#renderRow(row, index),
        )}
      </ol>
      <div class="actions">
        <vscode-button
          appearance=${this.form.ready ? 'primary' : 'secondary'}
          ?disabled=${!this.form.ready || this.busy}
          @click=${() => this.dispatchEvent(new RemoveEvent())}
          >${icon('screen-cut', 'start')}${label}</vscode-button
        >
        <button class="quiet" ?disabled=${this.rows.some(isBlank)} @click=${this.#add}>
          ${icon('add')}${l10n.t('Add section')}
        </button>
      </div>
    `;
  }

  #renderRow(row: TypedSection, index: number): TemplateResult {
    const section = this.form.sections[index];
    if (section && this.rows.length > ALL_FULL && index > 0 && !this.seen.has(index)) {
      return html`<li class="light number" data-row=${index}>${row.in}–${row.out}</li>`;
    }
    const field = (name: 'in' | 'out', placeholder: string): TemplateResult => html`
      <trimmer-time-field
        point=${name}
        number=${index + 1}
        placeholder=${placeholder}
        .value=${row[name]}
        @focusin=${() => this.#enter(`${index} ${name}`)}
        @focusout=${() => (this.typingIn = '')}
        @time-text=${(event: TimeTextEvent) => this.#change(index, { ...row, [name]: event.text }, this.#stay)}
        @take-playhead=${() => this.#take(index, name)}
        @keydown=${this.#keys}
      ></trimmer-time-field>
    `;
    return html`<li @focusin=${() => this.#choose(index)}>
      ${field('in', '0:45')}${field('out', '1:20')}
      <span class="length number">${section ? `−${lengthOf(section)}` : nothing}</span>
      <button
        class="quiet delete"
        aria-label=${l10n.t('Delete section {0}', index + 1)}
        title=${l10n.t('Take this mark away')}
        ?disabled=${this.rows.length === 1 && isBlank(row)}
        @click=${() => this.#delete(index)}
      >
        ${icon('trash')}
      </button>
      ${this.#renderProblem(row, index, 'in')}${this.#renderProblem(row, index, 'out')}
    </li>`;
  }

  #renderProblem(row: TypedSection, index: number, field: 'in' | 'out'): TemplateResult {
    const problem = this.form.problems.find((candidate) => candidate.row === index && candidate.field === field);
    // "0:" is on its way to "0:45": it is called wrong only when the person leaves it like this.
    const typing = this.typingIn === `${index} ${field}` && isUnfinishedTime(row[field]);
    const message = typing ? '' : (problem?.message ?? '');
    return html`<p class="problem" role="alert" ?hidden=${message === ''}>${message}</p>`;
  }

  #choose(index: number): void {
    this.dispatchEvent(new RowsEvent(this.rows, index, false));
  }

  #enter(field: string): void {
    if (field !== this.typingIn) this.#stays += 1;
    this.typingIn = field;
  }

  /** All that is typed into a field until it is left is undone at once. */
  get #stay(): string {
    return `typing ${this.#stays}`;
  }

  #change(index: number, row: TypedSection, step?: string): void {
    this.dispatchEvent(new RowsEvent(this.rows.with(index, row), index, true, step));
  }

  #take(index: number, field: 'in' | 'out'): void {
    const row = { ...(this.rows[index] ?? BLANK_ROW), [field]: fieldText(this.playback.time) };
    this.#change(index, row);
  }

  #delete(index: number): void {
    const rows = this.rows.toSpliced(index, 1);
    this.#focusRow = Math.max(0, index - 1);
    this.dispatchEvent(new RowsEvent(rows.length > 0 ? rows : [BLANK_ROW], undefined));
  }

  readonly #add = (): void => {
    this.#focusRow = this.rows.length;
    this.dispatchEvent(new RowsEvent([...this.rows, BLANK_ROW], this.rows.length));
  };

  /** Enter in a field does what the button says, as in any form. */
  readonly #keys = (event: KeyboardEvent): void => {
    const inText = event.composedPath()[0] instanceof HTMLInputElement;
    if (event.key !== 'Enter' || event.isComposing || !inText || !this.form.ready || this.busy) return;
    event.preventDefault();
    this.dispatchEvent(new RemoveEvent());
  };
}

function lengthOf(section: Section): string {
  return formatTimecode(section.out - section.in);
}
