import * as l10n from '@vscode/l10n';
import type { ReactiveControllerHost } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { acceptable, acceptPauses, openPauses } from './ghosts.js';
import { isSliver, type TimelineView } from './timeline-geometry.js';
import { renderGhost } from './timeline-sections.js';

/** What the ghosts need of the timeline they are on. */
export interface GhostTimeline extends ReactiveControllerHost {
  readonly rows: readonly TypedSection[];
  /** Takes up rows that the person changed by accepting. */
  changeRows(rows: readonly TypedSection[], chosen: number | undefined): void;
  seek(time: Microseconds): void;
  /** Brings a time into view. */
  reveal(time: Microseconds): void;
  /** Puts the keyboard on the ghost that the Tab key comes to, or on the playhead when there is none. */
  focusGhost(): void;
  ghostHasFocus(): boolean;
}

/** The pauses that can be accepted, one by one or all at once, by mouse and by keyboard. */
export class PauseGhosts {
  readonly #timeline: GhostTimeline;
  #open: readonly Section[] = [];
  /** The one that the keyboard came to last. */
  #current: Section | undefined;
  /** All were accepted at once, and nothing was changed since. */
  #accepted:
    | { readonly before: readonly TypedSection[]; readonly after: readonly TypedSection[]; readonly count: number }
    | undefined;
  #said = '';

  constructor(timeline: GhostTimeline) {
    this.#timeline = timeline;
  }

  /** In order. */
  get open(): readonly Section[] {
    return this.#open;
  }

  /** How many were accepted all at once, as long as that can be taken back. */
  get accepted(): number {
    return this.#accepted?.after === this.#timeline.rows ? this.#accepted.count : 0;
  }

  /** What a screen reader is told of the last step. */
  get said(): string {
    return this.#said;
  }

  /** @param taken marked and removed sections */
  update(pauses: readonly Section[], taken: readonly Section[]): void {
    this.#open = openPauses(pauses, taken);
  }

  /** Those that are wide enough to be pressed, and the one that the Tab key comes to. */
  render(view: TimelineView): unknown {
    const shown = this.#open.flatMap((pause, index) => {
      const seen = pause.out > view.start && pause.in < view.end;
      return seen ? [{ pause, index, wide: !isSliver(view, pause) }] : [];
    });
    const stop = shown.find(({ pause }) => same(pause, this.#current)) ?? shown.find(({ wide }) => wide) ?? shown[0];
    return repeat(
      shown.filter((ghost) => ghost.wide || ghost === stop),
      ({ pause }) => pause.in,
      (ghost) => {
        const { pause, index } = ghost;
        const accept = (): void => this.#accept(pause);
        return renderGhost(view, { pause, index, of: this.#open.length, tabStop: ghost === stop, accept });
      },
    );
  }

  acceptAll(): void {
    const before = this.#timeline.rows;
    const pauses = acceptable(this.#open, before);
    const { rows } = acceptPauses(before, pauses);
    this.#accepted = { before, after: rows, count: pauses.length };
    const { length } = pauses;
    this.#say(length === 1 ? l10n.t('1 pause marked.') : l10n.t('{0} pauses marked.', length));
    this.#timeline.changeRows(rows, undefined);
  }

  takeBack(): void {
    if (!this.#accepted) return;
    this.#say(l10n.t('The pauses are no longer marked.'));
    this.#timeline.changeRows(this.#accepted.before, undefined);
  }

  /** Arrow keys on a ghost go to the next one. @returns whether the key was for it */
  key(event: KeyboardEvent): boolean {
    const index = (event.target as HTMLElement).dataset['ghost'];
    if (index === undefined) return false;
    const places: Record<string, number> = {
      ArrowLeft: Number(index) - 1,
      ArrowRight: Number(index) + 1,
      Home: 0,
      End: this.#open.length - 1,
    };
    const next = places[event.key];
    if (next === undefined) return false;
    event.preventDefault();
    event.stopPropagation();
    const ghost = this.#open[next];
    if (ghost) this.#goTo(ghost);
    return true;
  }

  #accept(pause: Section): void {
    const timeline = this.#timeline;
    if (acceptable([pause], timeline.rows).length === 0) {
      this.#say(l10n.t('No more sections can be marked.'));
      return;
    }
    const index = this.#open.findIndex((other) => same(other, pause));
    const next = this.#open[index + 1] ?? this.#open[index - 1];
    const left = this.#open.length - 1;
    const byKeyboard = timeline.ghostHasFocus();
    this.#say(acceptedWords(left));
    const { rows, chosen } = acceptPauses(timeline.rows, [pause]);
    timeline.changeRows(rows, chosen);
    this.#current = next;
    // The keyboard goes on to the next pause, or to where it can go on from.
    if (byKeyboard) timeline.focusGhost();
  }

  #goTo(ghost: Section): void {
    this.#current = ghost;
    this.#timeline.seek(ghost.in);
    this.#timeline.reveal(ghost.in);
    this.#timeline.requestUpdate();
    this.#timeline.focusGhost();
  }

  #say(words: string): void {
    this.#said = words;
    this.#timeline.requestUpdate();
  }
}

function same(a: Section, b: Section | undefined): boolean {
  return a.in === b?.in && a.out === b.out;
}

function acceptedWords(left: number): string {
  if (left === 0) return l10n.t('Pause marked. No more pauses.');
  return left === 1 ? l10n.t('Pause marked. 1 pause left.') : l10n.t('Pause marked. {0} pauses left.', left);
}
