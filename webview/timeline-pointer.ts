import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import type { MarkedTimeline } from './marked-timeline.js';
import { RowsEvent } from './panel-events.js';
import { frameStart } from './preview-skip.js';
import { nearestPoint, snapPoints, type SnapPoint } from './snapping.js';
import { dragTo, type DragScene, type DragStart } from './timeline-drag.js';
import { spanOf, timeAt } from './timeline-geometry.js';

/** What the pointer needs of the timeline it is on. */
export interface PointerTimeline extends MarkedTimeline {
  readonly pauses: readonly Section[];
  readonly keyframes: readonly Microseconds[];
  /** Of the area, in pixels of the page. */
  left(): number;
  focusPlayhead(): void;
  requestUpdate(): void;
}

interface Drag {
  readonly start: DragStart;
  readonly scene: DragScene;
  readonly points: readonly SnapPoint[];
  readonly x: number;
  /** It went down on a pause that was found, which a click accepts. */
  readonly onPause: boolean;
  /** Where the pointer is now, and whether the person asks for no snapping. */
  at: { readonly x: number; readonly free: boolean };
  moved: boolean;
}

/** Pixels. */
const DRAG_BEGINS = 3;
const SNAP = 6;
/** Share of the way beyond the edge that the window follows in each picture of the screen. */
const FOLLOW = 0.12;

/** Painting, moving and resizing sections, moving the playhead, and panning, by a pointer. */
export class TimelinePointer {
  readonly #timeline: PointerTimeline;
  #drag: Drag | undefined;
  #panFrom: number | undefined;
  #follow: number | undefined;
  #held: SnapPoint | undefined;

  constructor(timeline: PointerTimeline) {
    this.#timeline = timeline;
  }

  get dragging(): boolean {
    return this.#drag !== undefined;
  }

  /** What the drag holds on to now. */
  get held(): SnapPoint | undefined {
    return this.#held;
  }

  timeAt(clientX: number): Microseconds {
    const { window, playback } = this.#timeline;
    const time = timeAt(window.view, clientX - this.#timeline.left());
    return Math.min(Math.max(0, time), playback.duration ?? 0);
  }

  readonly down = (event: PointerEvent): void => {
    const { playback, rows, sections, removed } = this.#timeline;
    const { duration } = playback;
    const target = event.target as HTMLElement;
    if (duration === undefined || this.#drag) return;
    const place = event.currentTarget as HTMLElement;
    const pause = target.closest('.pause');
    if (event.button === 1) {
      this.#panFrom = event.clientX;
      place.setPointerCapture(event.pointerId);
      return;
    }
    if (event.button !== 0) return;
    const time = this.timeAt(event.clientX);
    const start = this.#startAt(target, time, place.classList.contains('ruler'));
    const row = 'row' in start ? start.row : undefined;
    const points = snapPoints({
      duration,
      removed,
      pauses: this.#timeline.pauses,
      marked: sections.filter((section, index): section is Section => section !== undefined && index !== row),
      playhead: start.kind === 'scrub' ? undefined : playback.time,
    });
    const drag: Drag = {
      start,
      scene: { rows, sections, removed, duration },
      points,
      x: event.clientX,
      onPause: pause !== null,
      at: { x: event.clientX, free: event.altKey },
      moved: false,
    };
    const { to } = this.#aim(drag, time);
    this.#drag = start.kind === 'paint' ? { ...drag, start: { kind: 'paint', anchor: to } } : drag;
    // What has captured the pointer is what gets the click: the pause, as long as nothing is painted.
    if (pause) {
      pause.setPointerCapture(event.pointerId);
      return;
    }
    place.setPointerCapture(event.pointerId);
    if (start.kind === 'scrub') playback.seek(to);
    if (start.kind === 'edge') target.focus({ preventScroll: true });
    else this.#timeline.focusPlayhead();
    if (row !== undefined) this.#changeRows(rows, row, false);
  };

  readonly move = (event: PointerEvent): void => {
    if (this.#panFrom !== undefined) {
      const { window } = this.#timeline;
      window.pan(spanOf(window.view, this.#panFrom - event.clientX));
      this.#panFrom = event.clientX;
      return;
    }
    const drag = this.#drag;
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < DRAG_BEGINS)) return;
    if (drag.onPause && !drag.moved) {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      this.#timeline.focusPlayhead();
    }
    drag.moved = true;
    drag.at = { x: event.clientX, free: event.altKey };
    this.#dragOn(drag);
    this.#followPointer();
  };

  readonly up = (event: PointerEvent): void => {
    const drag = this.#end();
    if (!drag) return;
    const { playback, frameRate, rows, chosen } = this.#timeline;
    if (!drag.moved) {
      if (drag.onPause) return;
      if (drag.start.kind !== 'edge') playback.seek(frameStart(this.timeAt(event.clientX), frameRate));
      // A click beside the marks lets go of the chosen one: the next in point begins a new section.
      if (drag.start.kind === 'paint') this.#changeRows(rows, undefined, false);
    } else if (drag.start.kind !== 'scrub') this.#changeRows(rows, chosen);
  };

  readonly cancel = (): void => {
    const drag = this.#end();
    if (drag && drag.start.kind !== 'scrub') this.#changeRows(drag.scene.rows, this.#timeline.chosen, false);
  };

  #startAt(target: HTMLElement, time: Microseconds, onRuler: boolean): DragStart {
    const pressed = target.closest<HTMLElement>('[data-row]')?.dataset['row'];
    const row = pressed === undefined ? this.#sliverAt(time) : Number(pressed);
    const { edge } = target.dataset;
    if (onRuler) return { kind: 'scrub' };
    if (edge === 'in' || edge === 'out') return { kind: 'edge', row, edge };
    return row < 0 || target.closest('.pause') ? { kind: 'paint', anchor: time } : { kind: 'move', row, grabbed: time };
  }

  /** The row of a section that is only drawn: a click takes it up, and then it can be dragged. */
  #sliverAt(time: Microseconds): number {
    const near = spanOf(this.#timeline.window.view, 1.5);
    return this.#timeline.sections.findIndex(
      (section) => section && time >= section.in - near && time <= section.out + near,
    );
  }

  #dragOn(drag: Drag): void {
    const { start } = drag;
    const aim = this.#aim(drag, this.timeAt(drag.at.x));
    this.#held = aim.held;
    const result = dragTo(start, aim.to, drag.scene);
    this.#timeline.playback.seek(result.show);
    if (start.kind !== 'scrub') this.#changeRows(result.rows, result.row ?? this.#timeline.chosen, false);
    this.#timeline.requestUpdate();
  }

  /** Where the pointer means: at what is near, or else at the start of a frame. */
  #aim({ start, scene, points, at }: Drag, time: Microseconds): { to: Microseconds; held: SnapPoint | undefined } {
    const { window, keyframes, frameRate } = this.#timeline;
    const tolerance = spanOf(window.view, SNAP);
    const near = (edge: Microseconds): SnapPoint | undefined =>
      at.free ? undefined : nearestPoint(edge, points, keyframes, tolerance);
    const section = start.kind === 'move' ? scene.sections[start.row] : undefined;
    if (start.kind !== 'move' || !section) {
      const held = near(time);
      return { to: held?.time ?? frameStart(time, frameRate), held };
    }
    // Of a section that is moved, the edge that is nearer to something holds on to it.
    const shift = time - start.grabbed;
    const [best] = [section.in + shift, section.out + shift]
      .flatMap((edge) => {
        const held = near(edge);
        return held ? [{ held, by: held.time - edge }] : [];
      })
      .sort((a, b) => Math.abs(a.by) - Math.abs(b.by));
    if (best) return { to: time + best.by, held: best.held };
    return { to: time + frameStart(section.in + shift, frameRate) - (section.in + shift), held: undefined };
  }

  /** A drag beyond the edge takes the window along, as long as the pointer stays there. */
  #followPointer(): void {
    if (this.#follow !== undefined) return;
    const step = (): void => {
      this.#follow = undefined;
      const drag = this.#drag;
      if (!drag) return;
      const { window } = this.#timeline;
      const x = drag.at.x - this.#timeline.left();
      const beyond = x < 0 ? x : Math.max(0, x - window.width);
      if (beyond === 0 || !window.pan(spanOf(window.view, beyond * FOLLOW))) return;
      this.#dragOn(drag);
      this.#followPointer();
    };
    this.#follow = requestAnimationFrame(step);
  }

  #end(): Drag | undefined {
    const drag = this.#drag;
    this.#drag = undefined;
    this.#panFrom = undefined;
    this.#held = undefined;
    if (this.#follow !== undefined) cancelAnimationFrame(this.#follow);
    this.#follow = undefined;
    if (drag) this.#timeline.requestUpdate();
    return drag;
  }

  #changeRows(rows: readonly TypedSection[], chosen: number | undefined, settled = true): void {
    this.#timeline.dispatchEvent(new RowsEvent(rows, chosen, settled));
  }
}
