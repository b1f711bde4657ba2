import { repeat } from 'lit/directives/repeat.js';
import type { Section } from '../src/timeline/sections.js';
import { fromSeconds, type Microseconds } from '../src/timeline/timecode.js';
import type { MarkedTimeline } from './marked-timeline.js';
import { RowsEvent } from './panel-events.js';
import { stepFrames } from './preview-skip.js';
import { dragTo, type DragStart } from './timeline-drag.js';
import { isSliver, type TimelineView } from './timeline-geometry.js';
import { renderMarked } from './timeline-sections.js';

/** What the keyboard on marked sections needs of the timeline they are on. */
export interface StopsTimeline extends MarkedTimeline {
  /** Puts the keyboard on the section of a row, or on the playhead when there is none. */
  focusSection(row: number | undefined): void;
}

/** The keyboard on marked sections: the Tab key comes to one of them, arrow keys go from one to the next. */
export class MarkedStops {
  readonly #timeline: StopsTimeline;
  #presses = 0;

  constructor(timeline: StopsTimeline) {
    this.#timeline = timeline;
  }

  /** Rows of the sections in order of time. */
  get ordered(): number[] {
    const { sections } = this.#timeline;
    const rows = sections.flatMap((section, row) => (section ? [row] : []));
    return rows.sort((a, b) => (sections[a]?.in ?? 0) - (sections[b]?.in ?? 0));
  }

  /** The row that the Tab key comes to: the chosen one, or else the first in view, or else the first. */
  #stop(ordered: readonly number[]): number | undefined {
    const { sections, chosen, window } = this.#timeline;
    if (chosen !== undefined && sections[chosen]) return chosen;
    const { start, end } = window.view;
    const seen = ordered.find((row) => {
      const section = sections[row];
      return section !== undefined && section.out > start && section.in < end;
    });
    return seen ?? ordered[0];
  }

  /** The sections that are wide enough to be pressed, and the one that the Tab key comes to. */
  render(view: TimelineView): unknown {
    const { playback, sections, chosen } = this.#timeline;
    const { ordered } = this;
    const stop = this.#stop(ordered);
    const shown = ordered.flatMap((row) => {
      const section = sections[row];
      if (!section) return [];
      const seen = section.out > view.start && section.in < view.end && !isSliver(view, section);
      return seen || row === stop ? [{ row, section }] : [];
    });
    const shared = { of: ordered.length, duration: playback.duration ?? 0 };
    // Each keeps its element while the window moves, and with it the keyboard.
    return repeat(
      shown,
      ({ row }) => row,
      ({ row, section }) =>
        renderMarked(view, { ...shared, section, row, chosen: row === chosen, tabStop: row === stop }),
    );
  }

  /** To be called when the keyboard comes to a section or to one of its edges. */
  focused(target: HTMLElement): void {
    const row = rowOf(target);
    const section = row === undefined ? undefined : this.#timeline.sections[row];
    if (row === undefined || !section) return;
    this.#timeline.window.reveal(section[edgeOf(target) ?? 'in']);
    if (row !== this.#timeline.chosen) {
      this.#timeline.dispatchEvent(new RowsEvent(this.#timeline.rows, row, false));
    }
  }

  /** @returns whether the key was for a section or an edge */
  key(event: KeyboardEvent): boolean {
    const target = event.target as HTMLElement;
    const row = rowOf(target);
    const section = row === undefined ? undefined : this.#timeline.sections[row];
    if (row === undefined || !section || event.ctrlKey || event.metaKey) return false;
    const edge = edgeOf(target);
    const done = edge ? this.#keyOnEdge(event, row, section[edge], edge) : this.#keyOnSection(event, row, section);
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
    return done;
  }

  #keyOnEdge(event: KeyboardEvent, row: number, from: Microseconds, edge: 'in' | 'out'): boolean {
    const way = wayOf(event);
    if (way === undefined || event.altKey) return false;
    this.#drag({ kind: 'edge', row, edge }, this.#stepped(from, way, event.shiftKey), event.repeat);
    return true;
  }

  #keyOnSection(event: KeyboardEvent, row: number, section: Section): boolean {
    const way = wayOf(event);
    if (way !== undefined && event.altKey) {
      const to = this.#stepped(section.in, way, event.shiftKey);
      this.#drag({ kind: 'move', row, grabbed: section.in }, to, event.repeat);
      return true;
    }
    if (event.altKey || event.shiftKey) return false;
    const { ordered } = this;
    const place = ordered.indexOf(row);
    if (event.key === 'Delete' || event.key === 'Backspace') {
      const next = ordered[place + 1] ?? ordered[place - 1];
      const rows = this.#timeline.rows.toSpliced(row, 1);
      const moved = next === undefined || next < row ? next : next - 1;
      this.#timeline.dispatchEvent(new RowsEvent(rows, moved));
      this.#timeline.focusSection(moved);
      return true;
    }
    const places: Record<string, number> = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      Home: 0,
      End: ordered.length - 1,
    };
    const to = places[event.key];
    if (to === undefined) return false;
    const next = ordered[to];
    const found = next === undefined ? undefined : this.#timeline.sections[next];
    if (found) {
      this.#timeline.playback.seek(found.in);
      this.#timeline.dispatchEvent(new RowsEvent(this.#timeline.rows, next, false));
      this.#timeline.focusSection(next);
    }
    return true;
  }

  #stepped(from: Microseconds, way: 1 | -1, bySeconds: boolean): Microseconds {
    if (bySeconds) return from + way * fromSeconds(1);
    // The fields round down to milliseconds: from the frame that the point stands for.
    return stepFrames(from + 500, way, this.#timeline.frameRate);
  }

  /** @param held the key repeats because it is held down: all of that is one step to undo */
  #drag(start: DragStart, to: Microseconds, held: boolean): void {
    const { rows, sections, removed, playback } = this.#timeline;
    const { duration } = playback;
    if (duration === undefined) return;
    const result = dragTo(start, to, { rows, sections, removed, duration });
    playback.seek(result.show);
    if (result.row !== undefined) this.#timeline.window.reveal(result.show);
    if (!held) this.#presses += 1;
    this.#timeline.dispatchEvent(new RowsEvent(result.rows, result.row, true, `press ${this.#presses}`));
  }
}

function rowOf(target: HTMLElement): number | undefined {
  const row = target.dataset['row'];
  return row === undefined ? undefined : Number(row);
}

function edgeOf({ dataset }: HTMLElement): 'in' | 'out' | undefined {
  const edge = dataset['edge'];
  return edge === 'in' || edge === 'out' ? edge : undefined;
}

function wayOf({ key }: KeyboardEvent): 1 | -1 | undefined {
  return key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : undefined;
}
